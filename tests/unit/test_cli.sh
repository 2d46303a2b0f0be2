#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The command line without a kernel or a daemon: usage, refusals, dry runs, the
# event table. test_cli.sh [INTERDICT]

interdict=$(realpath "${1:-build/interdict}") || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0
A=44aef3025d9c440a87effa684169057d4a50d31dca9cc1e2e1d91a2cd42f6160
B=3851d26f781d2586d425f4251f36ca248ae207b4e27a84d418a7a99836d5df8d

fail() {
	echo "FAILED: $*" >&2
	sed 's/^/    /' out err >&2
	failures=$((failures + 1))
}

# expect STATUS 'WORDS IN OUTPUT' COMMAND...
expect() {
	status=$1 words=$2
	shift 2
	"$interdict" "$@" > out 2> err
	got=$?
	[ $got = "$status" ] || fail "interdict $* → $got, not $status"
	grep -qF -- "$words" out err || fail "interdict $*: no '$words'"
}

policy() {
	printf '[Policy]\nId=%s\n[Vendor]\nId=evil\n\n[Deny]\nVendor=evil\n' "$1"
	shift
	printf '%s\n' "$@"
}

# ---- usage

expect 2 "which command?"
expect 2 "did you mean 'status'" statsu
expect 2 "did you mean --dry-run" push --dryrun x
expect 2 "needs a value" deny --vendor
expect 2 "takes no value" status --json=1
expect 2 "no option -x" status -x
expect 2 "which policy?" push
expect 2 "--policy goes with --dry-run" reload --policy .
expect 2 "whose is it?" deny $A
expect 2 "deny what?" deny --vendor evil
expect 2 "is reserved" deny --vendor allow $A
expect 2 "is no date" deny --vendor evil --from 2024-02-30 $A
expect 2 "not after the beginning" deny --vendor evil --from 2030-01-01 --until 2029-01-01 $A
expect 2 "32 hexadecimal digits" deny --vendor evil d41d8cd98f00b204e9800998ecf8427e
expect 2 "a size is a number" deny --vendor evil $A:0
expect 2 "write 2 to 64 hexadecimal digits" deny --vendor evil --build-id abc
expect 2 "--authentihash $A: write sha256:DIGEST" deny --vendor evil --authentihash $A
expect 2 "--signed-digest x: write sha256:DIGEST" deny --vendor evil --signed-digest x
expect 2 "--signer-serial x: write sha256:DIGEST" deny --vendor evil --signer-serial x
expect 2 "2 to 64 hexadecimal digits" deny --vendor evil --signer-key-id 5:5
expect 2 "neither sha256:DIGEST nor a file" deny --vendor evil --signer-cert $A
expect 2 "ends in .pem, .der, .crt or .cer" deny --vendor evil --signer-key ./key
expect 2 "longer than 128 bytes" deny --vendor evil --signer-org "$(printf '%0129d' 0)"
expect 2 "is empty or too long" deny --vendor evil --signer-org ""
expect 2 "ends in a backslash" deny --vendor evil --signer-org "a\\"
expect 2 "at most 55" deny --vendor evil --module x.ko
expect 2 "begins neither with / nor with" deny --vendor evil --path opt/evil
expect 2 "names every file" deny --vendor evil --path /
expect 2 "write claimed, valid, verified or invalid" \
	deny --vendor evil --signer-org Evil --signature-state none
expect 2 "whose signature?" deny --vendor evil --build-id abcd --signature-state valid
expect 2 "remove what?" remove
expect 2 "a number from 1" events --last 0
expect 2 "for how long?" disable --reason x
expect 2 "why? --reason" disable --for 1h
expect 2 "needs a value" disable --for
expect 2 "write a time like 90s" disable --for soon --reason x
expect 2 "write a time like 90s" disable --for 60 --reason x
expect 2 "from 1min to 24h" disable --for 59s --reason x
expect 2 "from 1min to 24h" disable --for 25h --reason x
expect 2 "it is empty" disable --for 1h --reason ''
expect 2 "without control characters" disable --for 1h --reason "$(printf 'a\tb')"
expect 2 "longer than 200 bytes" disable --for 1h --reason "$(printf '%0201d' 0)"
expect 2 "takes no argument" disable --for 1h --reason two words
expect 2 "did you mean --reason" disable --for 1h --reson x
expect 2 "takes no argument" enable now
expect 2 "did you mean 'disable'" disabel
for command in status events push deny remove reload digest identify doctor disable enable unload; do
	expect 0 "Examples:" $command --help
done
expect 0 "Examples:" help deny
expect 0 "interdict " --version

# ---- push

mkdir base lists
policy x "DigestList=x.digests" > x.policy
echo "$A 1048576  opt/x" > x.digests
expect 0 "1 rule, 1 digest from 1 policy" push --dry-run --policy base x.policy
expect 0 '"fingerprints": 1' push --dry-run --policy base --json x.policy
expect 4 "is a digest list and not a policy" push --dry-run --policy base x.digests
expect 4 "does not exist" push --dry-run --policy base none.policy
mkfifo f.policy && mkdir d.policy && : > e.policy && cp x.policy x.txt
expect 4 "f.policy: is no regular file" push --dry-run --policy base f.policy
expect 4 "d.policy: is a directory" push --dry-run --policy base d.policy
expect 4 "e.policy: is empty" push --dry-run --policy base e.policy
expect 4 "ends in .policy" push --dry-run --policy base x.txt
cp x.policy lists/y.policy
expect 4 "lists/y.policy:8: the list x.digests is not beside" \
	push --dry-run --policy base lists/y.policy
echo "$B 5  other" > lists/x.digests
expect 4 "would take the place of" push --dry-run --policy base x.policy lists/y.policy
expect 2 "two files of the name" push --dry-run --policy base x.policy ./x.policy
policy z "Digset=sha256:$A" > z.policy
expect 4 "z.policy:8: unknown key Digset=" push --dry-run --policy base z.policy
expect 4 '"changed": false' push --dry-run --policy base --json z.policy
[ -z "$(ls -A base)" ] || fail "a dry run wrote into base"

# ---- the guard

libc=$(ldd /bin/sh | sed -n 's/.*=> \(.*libc\.so[^ ]*\).*/\1/p')
if [ "$libc" ]; then
	expect 4 "which this machine needs" deny --vendor evil --dry-run --policy base "$libc"
	expect 0 "warning: forced:" deny --vendor evil --dry-run --force --policy base "$libc"
	expect 0 "interdict itself stays usable" \
		deny --vendor evil --dry-run --force --policy base "$libc"
	expect 0 "would be in force" deny --vendor evil --dry-run --monitor --policy base "$libc"
fi

# ---- deny

head -c 3000 /dev/urandom > program
expect 0 "rule evil/sha256:" deny --vendor evil --name 'Evil, Inc.' --dry-run --policy base program
expect 0 '"unsized": 0' deny --vendor evil --dry-run --json --policy base program
expect 0 '"unsized": 1' deny --vendor evil --dry-run --json --policy base "sha256:$A"
expect 0 '"evil/sha256:44aef3025d9c"' deny --vendor evil --dry-run --json --policy base $A:7
expect 0 '"fingerprints": 1' deny --vendor evil --dry-run --json --policy base program ./program
expect 4 "is empty" deny --vendor evil --dry-run --policy base /dev/null e.policy
expect 4 "no SHA-256 digest" deny --vendor evil --dry-run --policy base --list x.policy
cp x.policy x.digests base
expect 0 "nothing changed" deny --vendor evil --dry-run --policy base $A:1048576
expect 0 "nothing changed" deny --vendor evil --dry-run --policy base --list x.digests
expect 0 '"denies": 2' deny --vendor evil --monitor --dry-run --json --policy base $A
expect 0 '"evil-x.digests"' deny --vendor evil --dry-run --json --policy base --list lists/x.digests
printf '[Deny]\nVendor=evil\nDigest=sha256:%s\n' $B > base/90-local.policy
expect 0 '"denies": 2' deny --vendor evil --dry-run --json --policy base $A:9
expect 0 '"policies": 1' remove evil/sha256:$B --dry-run --json --policy base
rm base/90-local.policy

# ---- remove

policy y "Digest=sha256:$A" "DigestList=y.digests" > base/y.policy
echo "$A 5  name" > base/y.digests
echo "$B 6  name" >> base/y.digests
expect 0 '"fingerprints": 1' remove evil/sha256:44aef3025d9c --dry-run --json --policy base
expect 0 '"denies": 1' remove evil/sha256:44aef3025d9c --dry-run --json --policy base
expect 0 '"fingerprints": 0' remove evil/sha256:44aef3025d9c evil/sha256:$B --dry-run --json \
	--policy base
expect 0 '"policies": 1' remove x --dry-run --json --policy base
expect 0 '"policies": 0' remove x.policy y --dry-run --json --policy base
expect 1 "no such rule" remove evil/sha256:000000000000 --dry-run --policy base
expect 1 "no such rule" remove other/sha256:44aef3025d9c --dry-run --policy base
expect 1 "no such policy" remove evil/sha256:44aef3 --dry-run --policy base
printf '[Vendor]\nId=other\n[Deny]\nVendor=other\nDigestList=y.digests\n' > base/o.policy
expect 4 "give each its own list" remove evil/sha256:44aef3025d9c --dry-run --policy base
echo broken >> base/o.policy
expect 0 "would be in force" remove o.policy --dry-run --policy base
expect 4 "o.policy:6: " reload --dry-run --policy base

# ---- signers and other names

# The first of examples.h, and its public key.
cat > one.pem << 'EOF'
-----BEGIN CERTIFICATE-----
MIIB9TCCAZugAwIBAgIUPC2ta59Mi+aagEUbiBr5gAiIKVUwCgYIKoZIzj0EAwIw
TzELMAkGA1UEBhMCQ0gxHzAdBgNVBAoMFkV4YW1wbGUgIFNvZnR3YXJlIEx0ZC4x
HzAdBgNVBAMMFkV4YW1wbGUgY29kZSBzaWduaW5nIDEwIBcNMjYxMTIyMDIxODQ2
WhgPMjEyNjEwMjkwMjE4NDZaME8xCzAJBgNVBAYTAkNIMR8wHQYDVQQKDBZFeGFt
cGxlICBTb2Z0d2FyZSBMdGQuMR8wHQYDVQQDDBZFeGFtcGxlIGNvZGUgc2lnbmlu
ZyAxMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXq/sVf/FGK7eINfTtLLU4DNW
eLZUid7PKD2dKX1JlfsGGTWnkXD3VuZRi1e9M2CCOxlcZ4sgcYQLNy/mgVW1RaNT
MFEwHwYDVR0jBBgwFoAUVXYvB6HKnzcaN9R8Zjn+uz2dD/YwDwYDVR0TAQH/BAUw
AwEB/zAdBgNVHQ4EFgQUVXYvB6HKnzcaN9R8Zjn+uz2dD/YwCgYIKoZIzj0EAwID
SAAwRQIgeGHGiqdv0qgbkUO95+Ad0V2ummZzdtq51Y4nT3yGEa0CIQC88EbuaHAU
/gruzxL5oIMIsu0FNOeL11HQnAxkyPX2nQ==
-----END CERTIFICATE-----
EOF
cat > key.pem << 'EOF'
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXq/sVf/FGK7eINfTtLLU4DNWeLZU
id7PKD2dKX1JlfsGGTWnkXD3VuZRi1e9M2CCOxlcZ4sgcYQLNy/mgVW1RQ==
-----END PUBLIC KEY-----
EOF
C=evil/signer-cert:1c65cedd991e
I=evil/signer-key-id:55762f07a1ca
N=evil/signer-serial:3b4d34004a25
O=evil/signer-org:508b331e5aad
mkdir names bare
policy n 'SignerCertificate=one.pem' 'SignerOrganization=Example  Software LTD.' \
	'SignatureState=claimed' 'BuildId=abcdef0123456789' "Digest=sha256:$A 5" > n.policy
expect 0 "1 rule, 6 fingerprints from 1 policy" push --dry-run --policy bare n.policy
expect 0 '"signer-org"' push --dry-run --json --policy bare n.policy
cp n.policy lists/n.policy
expect 4 "lists/n.policy:8: the certificate one.pem is not beside" \
	push --dry-run --policy bare lists/n.policy
printf -- '-----BEGIN PRIVATE KEY-----\n' > lists/one.pem
expect 4 "lists/one.pem: holds a private key" push --dry-run --policy bare lists/n.policy
rm lists/one.pem
mkdir lists/one.pem
expect 4 "lists/one.pem: is a directory" push --dry-run --policy bare lists/n.policy
rmdir lists/one.pem
cp key.pem lists/one.pem
expect 4 "lists/n.policy:8: SignerCertificate=one.pem: the file holds a public key" \
	push --dry-run --policy bare lists/n.policy
expect 4 "is a certificate or key and not a policy" push --dry-run --policy bare one.pem

cp n.policy one.pem names
for rule in $C $I $N $O evil/build-id:abcdef012345 evil/sha256:44aef3025d9c; do
	expect 0 "would be in force" remove "$rule" --dry-run --policy names
done
expect 0 '"fingerprints": 3' remove $I --dry-run --json --policy names
expect 0 '"fingerprints": 2' remove $C $O --dry-run --json --policy names
expect 0 '"fingerprints": 2' remove $C $I $N $O --dry-run --json --policy names
[ -s err ] && fail "what goes with another is said to be missing"
expect 0 '"policies": 1' remove $C $O evil/build-id:abcdef012345 evil/sha256:$A --dry-run --json \
	--policy names
expect 1 "no such rule" remove evil/signer-key:1c65cedd991e --dry-run --policy names
expect 1 "VENDOR/KIND:DIGITS" remove evil/signer:1c65cedd991e --dry-run --policy names
cat one.pem - > names/one.pem << 'EOF'
-----BEGIN CERTIFICATE-----
MIIB9jCCAZugAwIBAgIUUsPeavo8vLjf9jdBqCWCikrq+1wwCgYIKoZIzj0EAwIw
TzELMAkGA1UEBhMCQ0gxHzAdBgNVBAoMFkV4YW1wbGUgIFNvZnR3YXJlIEx0ZC4x
HzAdBgNVBAMMFkV4YW1wbGUgY29kZSBzaWduaW5nIDIwIBcNMjYxMTIyMDIxODQ2
WhgPMjEyNjEwMjkwMjE4NDZaME8xCzAJBgNVBAYTAkNIMR8wHQYDVQQKDBZFeGFt
cGxlICBTb2Z0d2FyZSBMdGQuMR8wHQYDVQQDDBZFeGFtcGxlIGNvZGUgc2lnbmlu
ZyAyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEG1eZrTmyul4DYdHNwZapnPZw
R7zUDxySsMRswFK/5eB7Nyguh6ZDkmgArBReqit8oeT2ltJsXUts46srOirshKNT
MFEwHwYDVR0jBBgwFoAUsk798vr7vHWCddloRPAQNPC2S1cwDwYDVR0TAQH/BAUw
AwEB/zAdBgNVHQ4EFgQUsk798vr7vHWCddloRPAQNPC2S1cwCgYIKoZIzj0EAwID
SQAwRgIhAInfY+NFet4tGhS8xRZU5BgmRNBSjkpqNws8ZtHUDtXYAiEApTI1G22M
mA/ZmZLqO1skMADw3tsrw1MNk4r7m0hWVCg=
-----END CERTIFICATE-----
EOF
expect 4 "n.policy:8: $C is one of several certificates in one.pem" \
	remove $C --dry-run --policy names
expect 0 "would be in force" remove $O --dry-run --policy names
cp one.pem names

expect 0 "rule $O" deny --vendor evil --dry-run --policy bare --signer-org 'EXAMPLE software Ltd.'
expect 0 "rule $N" deny --vendor evil --dry-run --policy bare --signer-cert one.pem
expect 0 '"fingerprints": 3' deny --vendor evil --dry-run --json --policy bare --signer-cert one.pem
expect 0 "rule evil/signer-key:1c591be1fc49" \
	deny --vendor evil --dry-run --policy bare --signer-key key.pem
expect 0 "1 rule, 7 fingerprints" deny --vendor evil --dry-run --policy bare --build-id abcd \
	--authentihash sha256:$A --signed-digest sha256:$A --signer-key-id 55:76 \
	--signer-serial sha256:$A --module kav4fs-oas --module kav4fs_oas --signer-key sha256:$A \
	--signature-state valid
expect 4 "does not exist" deny --vendor evil --dry-run --policy bare --signer-cert none.pem
expect 4 "holds a public key and no certificate" \
	deny --vendor evil --dry-run --policy bare --signer-cert key.pem
printf -- '-----BEGIN PRIVATE KEY-----\n' > private.pem
expect 4 "private.pem: holds a private key" \
	deny --vendor evil --dry-run --policy bare --signer-key private.pem
expect 0 "nothing changed" deny --vendor evil --dry-run --policy names --build-id ABCDEF0123456789
expect 0 "nothing changed" deny --vendor evil --dry-run --policy names --signer-cert one.pem \
	--signer-org 'example software ltd.' --signature-state claimed
expect 0 '"denies": 2' deny --vendor evil --dry-run --json --policy names --signer-cert one.pem
expect 0 '"denies": 2' deny --vendor evil --dry-run --json --policy names --signer-cert one.pem \
	--signature-state valid
[ "$(ls bare names)" = "$(printf 'bare:\n\nnames:\nn.policy\none.pem')" ] ||
	fail "a dry run wrote into its base"

# ---- events

event() {
	printf '{"@timestamp":"2026-11-21T22:45:0%s.5Z","event":{"type":["denied"],"action":"exec"' "$1"
	printf ',"code":"rule"},"rule":{"id":"evil/sha256:44aef3025d9c"},"process":{"pid":%s,' "$1"
	printf '"name":"sh"},"user":{"id":"0"},"file":{"path":"/tmp/%s"},' "$2"
	printf '"interdict":{"vendor":"evil"}}\n'
}
event 1 one > log
event 2 'two\u001b[31m\u0085' >> log
expect 0 '/tmp/two\x1b[31m\xc2\x85' events --file log
expect 0 '/tmp/one' events --file log
expect 0 '/tmp/two' events --file log --last 1
grep -q /tmp/one out && fail "--last 1 shows two"
expect 0 '/tmp/one' events --file log --rule evil/ --vendor evil
"$interdict" events --file log --vendor other > out 2> err
[ -s out ] && fail "shows another vendor's"
event 3 three | sed 's/"vendor":"evil"/&,"repeated":{"count":12345}/' > folded
event 4 four >> folded
COLUMNS=80 expect 0 'denied ×12345  evil/sha256:' events --file folded
[ "$(sed 1d out | sed 's|/tmp/.*||' | wc -L)" = 61 ] || fail "the columns behind a count: $(cat out)"
printf '{"@timestamp":"2026-11-21T22:45:03.5Z","event":{"category":["configuration"],' > changes
printf '"type":["change"],"action":"disable"},"interdict":{"until":"2026-11-21T23:45:03Z",' >> changes
printf '"reason":"ticket"}}\n' >> changes
expect 0 'change   disable' events --file changes
expect 0 'until 2026-11-21T23:45:03Z: ticket' events --file changes
printf '{"torn' >> log
expect 0 '/tmp/one' events --file log
printf '\n[1]\n' >> log
expect 3 '2 lines are no records' events --file log --json
expect 4 'cannot be read' events --file none
"$interdict" events --file log > /dev/full 2> err && fail "does not notice a full disk"

# Rotated, cut, and taken up again.
mkdir logs
timeout 20 "$interdict" events --file logs/log --follow > out 2> err &
follower=$!
sleep 0.5
event 1 first > logs/log
sleep 0.3
mv logs/log logs/log.1
event 2 late >> logs/log.1
event 3 second > logs/log
sleep 0.3
: > logs/log
sleep 0.3
event 4 third >> logs/log
sleep 0.5
kill $follower
for name in first late second third; do
	grep -q "/tmp/$name$" out || fail "--follow missed $name"
done

[ $failures = 0 ] && echo "test_cli.sh: all passed"
exit $((failures > 0))
