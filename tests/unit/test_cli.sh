#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The command line without a kernel or a daemon: usage, refusals, dry runs, the
# event table. test_cli.sh [BUILD]

interdict=$(realpath "${1:-build}/interdict") || exit 1
here=$(dirname "$(realpath "$0")") || exit 1
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
until=--until=2100-01-31 reason=--reason=forensics by=--approved-by=ciso@example.org
expect 2 "allow what?" allow "$until" "$reason" "$by"
expect 2 "every exception has one: --until" allow "$reason" "$by" $A
expect 2 "every exception has one: --reason" allow "$until" "$by" $A
expect 2 "every exception has one: --approved-by" allow "$until" "$reason" $A
expect 2 "has passed" allow --until 2020-01-31 "$reason" "$by" $A
expect 2 "is no date" allow --until soon "$reason" "$by" $A
expect 2 "not after the beginning" allow "$until" --from 2100-01-31 "$reason" "$by" $A
expect 2 "control characters" allow "$until" --reason "$(printf 'a\nDigest=x')" "$by" $A
expect 2 "control characters" allow "$until" --reason "" "$by" $A
expect 2 "begins or ends in a space" allow "$until" "$reason" --approved-by " ciso" $A
expect 2 "32 hexadecimal digits" allow "$until" "$reason" "$by" d41d8cd98f00b204e9800998ecf8427e
expect 2 "remove what?" remove
expect 2 "--policy is not for it" rollback --dry-run --policy .
expect 2 "takes no argument" rollback 7
expect 2 "where to?" bundle --key k x.policy
expect 2 "who signs it?" bundle -o x.bundle x.policy
expect 2 "of what?" bundle -o x.bundle --key k
expect 2 "-o needs a value" bundle -o
expect 2 "--version 0: a number from 1" bundle -o x --key k --version 0 x.policy
expect 2 "--id US: an Id is" bundle -o x --key k --id US x.policy
expect 2 "is no date" bundle -o x --key k --date soon x.policy
expect 2 "--trusted-key goes with --verify" bundle -o x --key k --trusted-key p x.policy
expect 2 "takes --trusted-key and --json only" bundle --verify --key k x.bundle
expect 2 "which bundle? Name one" bundle --verify
expect 2 "no option -o" reload -o x
expect 2 "a number from 1" events --last 0
expect 2 "no such user" events --uid nobody-of-that-name
expect 2 "no such user" events --uid 4294967296
expect 2 "write denied, monitored" events --kind denied,
expect 2 "write denied, monitored" events --kind unknown
expect 2 "write exec, exec-check" events --hook open
expect 2 "write table, csv or json" events --format xml
expect 2 "--since soon: no time" events --since soon
expect 2 "--until -2: no time" events --until -2
expect 2 "--until is not after --since" events --since today --until yesterday
expect 2 "leave --last out" events --sum --last 3
expect 2 "leave --follow out" events --sum --follow
expect 2 "leave --raw out" events --sum --raw
expect 2 "--follow one file" events --follow --file a --file b
expect 2 "a thousand bytes at most" events --path "/$(printf '%01030d' 0)"
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
commands="status events push deny allow remove rollback bundle reload digest import explain identify vendors scan
doctor report disable enable unload"
for command in $commands; do
	expect 0 "Examples:" "$command" --help
done
# shellcheck disable=SC2086 # words
[ "$("$interdict" --help | sed -n 's/^  \([a-z]\+\)  .*/\1/p')" = "$(printf '%s\n' $commands)" ] ||
	fail "interdict --help: other commands"
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

# ---- bundles

openssl genpkey -algorithm ed25519 -out k.pem 2> /dev/null
openssl pkey -in k.pem -pubout -out k.pub
openssl genpkey -algorithm ed25519 2> /dev/null | openssl pkey -pubout -out other.pub
expect 4 "x.policy: has no Version=" bundle -o b.bundle --key k.pem x.policy
[ ! -e b.bundle ] || fail "a bundle was written"
expect 0 "x, version 3: 2 files," bundle -o b.bundle --key k.pem --version 3 x.policy
mkdir whole && cp x.policy x.digests whole && cp b.bundle again.bundle
expect 0 "x, version 3" bundle -o b.bundle --key k.pem --version 3 --policy whole
cmp -s b.bundle again.bundle || fail "the same input, other bytes"
expect 0 "trusted: k.pub" bundle --verify b.bundle --trusted-key other.pub --trusted-key k.pub
expect 0 '"verified": true' bundle --verify b.bundle --trusted-key k.pub --json
expect 1 "signed by a key that is not trusted here" bundle --verify b.bundle --trusted-key other.pub
expect 1 '"verified": false' bundle --verify b.bundle --trusted-key other.pub --json
expect 3 "is whole, and nothing says" bundle --verify b.bundle
expect 4 "does not exist" bundle --verify none.bundle --trusted-key k.pub
expect 4 "does not exist" bundle --verify b.bundle --trusted-key none.pub
expect 1 "is no bundle" bundle --verify x.policy --trusted-key k.pub
cp x.policy none.bundle
expect 4 "is no bundle" push --dry-run none.bundle
rm none.bundle
expect 2 "policy files or bundles" push --dry-run x.policy b.bundle
expect 2 "a bundle has its own" push --dry-run --policy base b.bundle
expect 4 "has the Id x of b.bundle" push --dry-run b.bundle again.bundle
head -c 3000 b.bundle > cut.bundle
expect 1 "is cut off" bundle --verify cut.bundle --trusted-key k.pub
# What others make of it: tar and openssl.
tar xf b.bundle || fail "tar does not extract"
openssl pkeyutl -verify -pubin -inkey k.pub -rawin -in interdict-bundle.manifest \
	-sigfile interdict-bundle.signature > out 2> err || fail "openssl does not verify"
[ "$(tar tf b.bundle | wc -l)" = 4 ] || fail "tar lists other files"
(SOURCE_DATE_EPOCH=1790000000 "$interdict" bundle -o dated.bundle --key k.pem --version 3 x.policy) > out
grep -q 'of 2026-09-21T14:13:20Z' out || fail "SOURCE_DATE_EPOCH"
policy y "DigestList=x.digests" > lists/x2.policy
sed -i 's/^Id=y$/&\nVersion=9/' lists/x2.policy
cp x.policy lists/
expect 4 "have several Ids" bundle -o c.bundle --key k.pem lists/x2.policy lists/x.policy
expect 4 "has Version=9, above --version 3" bundle -o c.bundle --key k.pem --version 3 --id z lists/x2.policy
expect 0 "z, version 9" bundle -o c.bundle --key k.pem --id z lists/x2.policy lists/x.policy
expect 4 "z.policy:8: unknown key Digset=" bundle -o c.bundle --key k.pem --version 1 z.policy
expect 4 "holds no private key" bundle -o c.bundle --key k.pub --version 1 x.policy
expect 4 "cannot be written" bundle -o none/c.bundle --key k.pem --version 1 x.policy

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

# ---- allow

allow() {
	status=$1 words=$2
	shift 2
	expect "$status" "$words" allow "$until" "$reason" "$by" --dry-run --policy base "$@"
}
allow 0 "rule allow/sha256:" program
allow 0 '"allows": 1' --json program ./program
allow 0 '"allows": 2' --json program $A:7
allow 0 '"allow/sha256:44aef3025d9c"' --json $A
allow 4 "does not exist" none
allow 4 "is empty" e.policy
printf '[Allow]\nUntil=2100-01-31\nReason=forensics\nApprovedBy=ciso@example.org\nDigest=sha256:%s 7\n' \
	$A > base/90-local.policy
allow 0 "nothing changed" $A
allow 0 "nothing changed" $A:7
allow 0 '"changed": false' --json $A:7
allow 0 '"allows": 2' --json $A:8
allow 0 '"allows": 2' --json $A $B
allow 0 '"allows": 2' --json --from 2030-01-01 $A
expect 0 '"allows": 0' remove allow/sha256:44aef3025d9c --dry-run --json --policy base
expect 0 '"policies": 1' remove allow/sha256:44aef3025d9c --dry-run --json --policy base
rm base/90-local.policy

# ---- [Match]

policy m "Digest=sha256:$A 5" | sed '1i [Match]\nTag=nobody-has-this' > m.policy
expect 0 "0 rules" push --dry-run --policy bare-match m.policy
expect 0 "m.policy is not for this machine: Tag=nobody-has-this does not hold" \
	push --dry-run --policy bare-match m.policy
expect 0 '"mismatch": "Tag=nobody-has-this"' push --dry-run --json --policy bare-match m.policy
sed 's/^Tag=.*/Host=*/' m.policy > here.policy
expect 0 "1 rule, 1 digest" push --dry-run --policy bare-match here.policy
sed 's/^Digest=.*/Digest=x/' m.policy > wrong.policy
expect 4 "wrong.policy:10: a digest is written" push --dry-run --policy bare-match wrong.policy
cp m.policy base
expect 0 '"policies": 1' remove evil/sha256:44aef3025d9c --dry-run --json --policy base
rm base/m.policy

# ---- what a dry run tells

mkdir before
policy p "Digest=sha256:$A 5" > before/p.policy
policy p "Digest=sha256:$B 6" > p.policy
expect 0 "against the policy files: 1 rule more, 1 less, 0 changed" \
	push --dry-run --policy before p.policy
expect 0 "+ evil/sha256:3851d26f781d" push --dry-run --policy before p.policy
expect 0 "- evil/sha256:44aef3025d9c" push --dry-run --policy before p.policy
policy p "Mode=monitor" "Digest=sha256:$A 5" > p.policy
expect 0 "~ evil/sha256:44aef3025d9c" push --dry-run --policy before p.policy
policy p "Digest=sha256:$A 5" '[Deny]' Vendor=evil "Digest=sha256:$A 5" > p.policy
expect 0 "p.policy:9: names evil/sha256:44aef3025d9c, and p.policy:6 says the same" \
	push --dry-run --policy before p.policy
expect 0 "90-local.policy:6: 1 of the 1 digests of its Digest= lines have no size" \
	deny --vendor evil --dry-run --policy none-yet $A

cp "$(command -v sleep)" runs && echo runs >> runs && chmod +x runs
./runs 60 &
runs=$!
cp runs lies
ln lies lies-too
for _ in 1 2 3 4 5 6 7 8 9; do
	[ "$(readlink /proc/$runs/exe)" = "$work/runs" ] && break
	sleep 0.2
done
deny_runs() {
	words=$1
	shift
	expect 0 "$words" deny --vendor evil --dry-run --policy before "$@"
}
deny_runs "denied: $work/runs, by evil/sha256:" runs
grep -q "process $runs (runs)" out || fail "no process $runs"
deny_runs '"verdict": "denied"' runs --json
grep -q "\"pid\": $runs" out || fail "no pid $runs"
deny_runs "recorded: $work/runs" runs --monitor
deny_runs "recorded: $work/runs" runs --from 2090-01-01
deny_runs "files: none that the policy names" runs
deny_runs "denied: $work/lies-too, by" runs --scan "$work"
deny_runs "files: not looked at" "$(sha256sum runs | cut -d' ' -f1)"
deny_runs "denied: $work/lies, by" "$(sha256sum runs | cut -d' ' -f1)" --scan "$work"
expect 2 "--scan goes with --dry-run" deny --vendor evil --scan . runs
# What lies below a listed directory is looked for there; beside it only where one is told to look.
mkdir -p here/deep there
cp lies here/deep/lies
cp lies there/lies
ln -s "$work/here" there/link
path=$(realpath here)
deny_runs "denied: $path/deep/lies, by evil/path:" --path "$path/"
! grep -q there/lies out || fail "a neighbour is named"
deny_runs "files: 1 file that the policy names" --path "$path/" --scan "$path" --scan there/link
deny_runs "denied: there/../here/deep/lies, by evil/path:" --path '*/here/' --scan there/../here
deny_runs "files: none that the policy names" --path '*/here/'
deny_runs "files: none that the policy names" --path "$path/none/"
deny_runs '"files_skipped": false' --path "$path/" --json
deny_runs "programs elsewhere were not looked at" --path "$path/" \
	"$(sha256sum runs | cut -d' ' -f1)"
deny_runs "denied: $work/runs, by evil/path:" --path "$(realpath .)"
grep -q "process $runs (runs)" out || fail "no process $runs by path"
mv runs elsewhere && rm elsewhere
deny_runs "denied: $work/elsewhere (deleted), by" lies
kill $runs
deny_runs "running: nothing that the policy names" lies

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
grep -q "no such rule" err && fail "what goes with another is said to be missing"
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

# ---- digest

# contains FILE WORDS / lacks FILE WORDS
contains() {
	grep -qF -- "$2" "$1" || fail "$1 has no '$2'"
}
lacks() {
	! grep -qF -- "$2" "$1" || fail "$1 has '$2'"
}

expect 2 "of what?" digest
expect 2 "needs a value" digest --package
expect 2 "did you mean --shared" digest --sharde program
expect 4 "no package no-such-package-* is installed" digest --package 'no-such-package-*'
expect 4 "no program, library, script or driver inside" digest --shared x.txt
mkdir -p vendor/opt/vendor/lib vendor/opt/vendor/bin
printf '#!/bin/sh\necho vendor %s\n' "$$" > vendor/opt/vendor/bin/scanner
printf '#!/bin/sh\necho other %s\n' "$$" > vendor/opt/vendor/bin/other
expect 0 "from 1 input" digest vendor
mv out vendor.digests
contains vendor.digests "  vendor/opt/vendor/bin/scanner"
grep scanner vendor.digests > stock.digests
expect 0 "left out: --exclude names it" digest --exclude stock.digests -o list vendor
contains err "; left out: 1 component"
contains err "warning: vendor/opt/vendor/bin/scanner: left out"
contains list "# left out: "
contains list "  vendor/opt/vendor/bin/other"
expect 0 "/other" digest --exclude list vendor/opt/vendor/bin/scanner vendor --json
lacks out "bin/other\""
expect 4 "all that was found is left out" digest --exclude vendor.digests vendor
tar cf deep.tar -C vendor opt
for _ in 1 2 3 4; do
	tar cf next.tar deep.tar stock.digests && mv next.tar deep.tar
done
cp -r vendor mixed && cp deep.tar mixed && tar czf cut.tar.gz vendor && head -c 60 cut.tar.gz > mixed/cut.tar.gz
expect 3 "to a depth of 4: unpack what holds the others (1)" digest --shared -o list mixed
contains err "mixed/cut.tar.gz: damaged or cut short"
contains list "# incomplete: 1 file not read, 1 archive inside not opened"

# A vendor that ships the distribution's own library, as a package and as a directory.
library=$(dpkg -L libssl3 libssl3t64 2> /dev/null | grep '/libcrypto\.so' | head -n 1)
if [ "$library" ]; then
	owner=$(dpkg -S "$library" | sed 's/[:,].*//')
	cp "$library" vendor/opt/vendor/lib/libcrypto.so.3
	mkdir vendor/DEBIAN
	printf 'Package: vendor\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: x\n' \
		> vendor/DEBIAN/control
	dpkg-deb --root-owner-group -b vendor vendor.deb > log
	rm -r vendor/DEBIAN
	sum=$(sha256sum < "$library" | cut -c 1-64)
	for input in vendor vendor.deb; do
		expect 0 "lib/libcrypto.so.3: left out: the package $owner owns it too" digest -o list $input
		contains err "2 digests of 2 scripts"
		contains list "# left out: $sum"
		! grep -q "^$sum" list || fail "$library is in the list of $input"
		# To be left out is not to be overlooked.
		expect 0 "3 digests" digest --shared -o list $input
		grep -q "^$sum" list || fail "$library is not in the list of $input"
		expect 0 "$sum" digest --package "$owner" $input
		lacks err "left out"
	done
	# What was named itself is not another's.
	expect 0 "$sum" digest "$library"
	expect 0 " from 1 installed package" digest --package "$owner" -o list
	contains list "$library"
else
	echo "skipped: a vendor that ships libcrypto: needs libssl3, installed by dpkg"
fi
# Whose package it is: by a policy, else by the catalog; nobody's is nobody's.
mkdir -p published/policy published/catalog published/empty published/tree/DEBIAN published/tree/opt/x
printf 'Package: evil-agent\nVersion: 1.0\nArchitecture: all\nMaintainer: E <e@example.org>\nDescription: x\n' \
	> published/tree/DEBIAN/control
printf '#!/bin/sh\necho agent %s\n' "$$" > published/tree/opt/x/agent
if dpkg-deb --root-owner-group -Zgzip -b published/tree published/agent.deb > out 2>&1; then
	sha256sum published/agent.deb | tee published/catalog/c.digests > published/policy/p.digests
	policy published 'PackageDigestList=p.digests' > published/policy/p.policy
	printf '[Vendor]\nId=evil\nName=Evil Corp\nVersion=1\n[Facts]\nSource=x\nEvidence=published\nPackageDigestList=c.digests\n' \
		> published/catalog/evil.vendor
	id=evil/sha256:$(cut -c -12 published/policy/p.digests)
	published() {
		words=$1 policy=$2 catalog=$3
		shift 3
		expect 0 "$words" digest --shared --policy "published/$policy" --catalog "published/$catalog" "$@" \
			published/agent.deb
	}
	published "note: published/agent.deb: is a package of evil (evil): rule $id (published/policy/p.policy:6, list p.digests)" \
		policy catalog -o list
	! grep -q note list || fail "a note is in the list"
	published "is a package of Evil Corp (evil): the catalog lists it (published/catalog/evil.vendor, list c.digests), and no policy: interdict deny --vendor evil" \
		empty catalog -o list
	published "\"rule\": \"$id\"" policy catalog --json
	published '"rule": null' empty catalog --json
	published '"name": "Evil Corp"' empty catalog --json
	published '"path": "published/agent.deb:opt/x/agent"' empty empty --json
	lacks out '"package"'
	lacks err note:
	rm published/catalog/c.digests
	expect 3 "c.digests" digest --shared --policy published/empty --catalog published/catalog -o list published/agent.deb
fi

# ---- explain

mkdir rules
policy r "Digest=sha256:$(sha256sum < program | cut -d' ' -f1) 3000" 'ModuleName=kav4fs_oas' \
	> rules/r.policy
echo other > other
expect 2 "which file?" explain
expect 2 "--packages reads" explain --packages program
expect 2 "at most 55" explain --module x.ko
expect 1 "program: denied" explain --policy rules program
expect 1 "rules/r.policy:8" explain --policy rules program
expect 1 "interdict allow --until" explain --policy rules program
expect 0 "other: allowed, no rule in force names it" explain --policy rules other
expect 0 "interdict deny --vendor VENDOR other" explain --policy rules other
expect 1 '"verdict": "deny"' explain --policy rules --json other program
expect 1 '"line": 8' explain --policy rules --json program
expect 1 "driver kav4fs-oas: denied" explain --policy rules --module kav4fs-oas
expect 1 "interdict remove evil/module-name:" explain --policy rules --module kav4fs-oas
expect 0 "allowed" explain --policy rules --module nothing
expect 3 "none: does not exist" explain --policy rules program none
expect 4 "none: does not exist" explain --policy rules none
expect 4 "f.policy: is no regular file" explain --policy rules f.policy
cp other "it's \$x"
expect 0 "deny --vendor VENDOR 'it'\\''s \$x'" explain --policy rules "it's \$x"

mkdir -p paths listed/opt beside
real=$(realpath listed)
policy p "PathPrefix=$real/" > paths/p.policy
cp other listed/opt/other
cp other beside/other
: > listed/empty
ln -s "$real/opt/other" beside/link
expect 1 "listed/opt/other: denied" explain --policy paths listed/opt/other
expect 1 "paths/p.policy:8 ($real/)" explain --policy paths listed/opt/other
expect 1 "decided by evil/path:" explain --policy paths listed/opt/other
expect 1 "interdict allow --until" explain --policy paths listed/opt/other
expect 1 "beside/link: denied" explain --policy paths beside/link
expect 1 '"kind": "path"' explain --policy paths --json beside/link
expect 1 '"line": 8' explain --policy paths --json beside/link
expect 1 "\"real_path\": \"$real/opt/other\"" explain --policy paths --json beside/link
# Nothing runs a package from where it lies: to apt its path is nothing.
printf '!<arch>\ndebian-binary   ' > listed/x.deb
echo "$A" > paths/p.digests
policy r 'PackageDigestList=p.digests' > paths/r.policy
expect 1 "listed/x.deb: denied" explain --policy paths listed/x.deb
echo listed/x.deb | "$interdict" explain --policy paths --packages > out 2> err ||
	fail "a package is refused by its path"
rm paths/r.policy paths/p.digests
# A package that is not installed is named by what it says of itself.
mkdir -p agent/DEBIAN
printf 'Package: evil-agent\nVersion: 1.0\nArchitecture: all\nMaintainer: E <e@example.org>\nDescription: x\n' \
	> agent/DEBIAN/control
if dpkg-deb --root-owner-group -Zgzip -b agent agent.deb > out 2>&1; then
	policy r 'Package=no-other' 'Package=evil-*' > paths/r.policy
	expect 1 "agent.deb: denied, apt refuses to install it" explain --policy paths agent.deb
	expect 1 "decided by evil/package:evil-*: denies" explain --policy paths agent.deb
	expect 1 "paths/r.policy:9 (evil-*)" explain --policy paths agent.deb
	expect 1 '"id": "evil/package:evil-*"' explain --policy paths --json agent.deb
	expect 1 '"line": 9' explain --policy paths --json agent.deb
	expect 1 "to change  interdict allow --until" explain --policy paths agent.deb
	policy r 'Package=evil-agents' > paths/r.policy
	expect 0 "agent.deb: allowed, no rule in force names it" explain --policy paths agent.deb
	rm paths/r.policy
fi
# No exception can name a file of no bytes; and a rule that others' files have is theirs.
expect 1 "to change  its removal where it stands" explain --policy paths listed/empty
expect 0 "beside/other: allowed, no rule in force names it" explain --policy paths beside/other
library=$(dpkg -L libcmocka0 2> out | grep '/libcmocka\.so\.' | tail -n 1)
if [ -n "$library" ]; then
	policy q 'ModuleName=kav4fs_oas' 'Package=no-such-package' 'Package=libcmocka0*' > paths/q.policy
	expect 1 "$library: denied" explain --policy paths "$library"
	expect 1 "paths/q.policy:10 (libcmocka0*)" explain --policy paths "$library"
	expect 1 "to change  interdict allow --until" explain --policy paths "$library"
	# What the proposed removal takes away is that line, and not a Package= beside it.
	change=$("$interdict" explain --policy paths --module kav4fs_oas 2> err |
		sed -n 's/.*to change  interdict remove //p')
	expect 0 '"evil/module-name:' remove "$change" --dry-run --json --policy paths
	grep -A1 '"rules_removed"' out | grep -q '"count": 1,' || fail "more is removed"
	rm paths/q.policy
else
	echo "skipped: explain of a package's file: needs libcmocka0, installed by dpkg"
fi
sed -i "7a Mode=monitor" paths/p.policy
expect 0 "interdict deny --vendor evil listed/opt/other" explain --policy paths listed/opt/other
cat >> paths/p.policy <<- END
	[Allow]
	Digest=sha256:$(sha256sum < other | cut -d' ' -f1) $(stat -c %s other)
	Until=2090-01-01
	Reason=r
	ApprovedBy=b
END
expect 0 "decided by allow/sha256:" explain --policy paths listed/opt/other
expect 0 "interdict remove allow/sha256:" explain --policy paths listed/opt/other

echo broken >> rules/r.policy
expect 4 "rules/r.policy:10: " explain --policy rules program
rm "it's \$x"

# ---- vendors

catalog=$here/../../packaging/vendors
expect 0 "Kaspersky Lab: " vendors --catalog "$catalog"
expect 0 "89 FR 52434" vendors --catalog "$catalog" kaspersky
expect 0 '"evidence": "secondary"' vendors --catalog "$catalog" --json KASPERSKY
expect 1 "no vendor evil" vendors --catalog "$catalog" evil
expect 0 "no vendor is described" vendors --catalog bare
expect 2 "does not describe evil" deny --vendor evil --catalog "$catalog" --dry-run
expect 0 "would be in force: 1 rule" deny --vendor kaspersky --catalog "$catalog" --dry-run \
	--policy bare
expect 0 "in a scan only:" deny --vendor kaspersky --catalog "$catalog" --dry-run --policy bare
expect 0 "ModuleName=redirfs" deny --vendor kaspersky --catalog "$catalog" --dry-run --policy bare
expect 0 '"fires": "scan"' deny --vendor kaspersky --catalog "$catalog" --dry-run --json \
	--policy bare
expect 2 "is no date" deny --vendor kaspersky --catalog "$catalog" --from soon
mkdir taken
policy t "Digest=sha256:$A" > taken/80-vendor-kaspersky.policy
expect 4 "was not made by this command" deny --vendor kaspersky --catalog "$catalog" --dry-run \
	--policy taken
# ---- import

expect 2 "import what?" import --vendor evil
expect 2 "whose is it?" import x.digests
expect 2 "did you mean stix?" import --vendor evil --format stx x.digests
expect 2 "write enforce or monitor" import --vendor evil --mode audit x.digests
expect 2 "a policy's name ends in .policy" import --vendor evil -o x x.digests
expect 2 "cannot be the policy's Id" import --vendor evil -o X.policy x.digests
expect 2 "--json: the policy goes to standard output" import --vendor evil --json x.digests
expect 2 "is no date" import --vendor evil --until soon x.digests
expect 4 "none.json: does not exist" import --vendor evil none.json
expect 4 "f.policy: is no regular file" import --vendor evil f.policy
expect 4 "in no format that is known here" import --vendor evil one.pem
mkdir imported
echo "900150983cd24fb0d6963f7d28e17f72  a" > sums
expect 4 "1 MD5 digest: an MD5 can be forged" import --vendor evil -o imported/m.policy sums
expect 4 '"reason": "md5"' import --vendor evil --json -o imported/m.policy sums
[ -z "$(ls imported)" ] || fail "import wrote a policy of nothing"
expect 0 "Digest=sha256:$A 1048576" import --vendor evil x.digests
printf '%s:1048576:Unix.Evil\n%s:6:Unix.Evil-2\n' $A $B > evil.hsb
expect 3 "Mode=monitor" import --vendor evil --mode monitor sums evil.hsb
expect 0 "2 digests in 1 section: imported/feed.policy" import --vendor evil --name 'Evil, Inc.' \
	--from 2030-01-01 -o imported/feed.policy x.digests evil.hsb
grep -q "^$A 1048576  opt/x$" imported/feed.digests || fail "import: no list"
grep -q "^From=2030-01-01$" imported/feed.policy || fail "import: no date"
expect 0 "1 rule, 2 digests from 1 policy" push --dry-run --policy bare imported/feed.policy
expect 3 '"imported/feed.digests"' import --vendor evil --json -o imported/feed.policy sums evil.hsb
printf 'hash,size\n%s,7\n' $A > table.csv
expect 4 "1 hash, 2 size" import --vendor evil table.csv
expect 0 "Digest=sha256:$A 7" import --vendor evil --column hash table.csv
cp imported/feed.policy import.before
expect 4 "one.pem" import --vendor evil -o imported/feed.policy evil.hsb one.pem
cmp -s import.before imported/feed.policy || fail "a failed import changed the policy"
mkdir imported/dir.policy
expect 4 "imported/dir.policy: is no regular file" \
	import --vendor evil -o imported/dir.policy evil.hsb
[ "$(ls imported)" = "$(printf 'dir.policy\nfeed.digests\nfeed.policy')" ] ||
	fail "a failed import left something"
seq 10001 | awk '{ h = sprintf("%08x", $1); print h h h h h h h h }' > many
expect 4 "10001 digests are too many for standard output" import --vendor evil many
expect 0 "10,001 digests in 1 section" import --vendor evil -o imported/many.policy many
expect 0 "10,001 digests from 1 policy" push --dry-run --policy bare imported/many.policy

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

# A log of which each record names the one before it.
expect 0 "Examples:" events --verify --help
expect 2 "64 hexadecimal digits" events --verify --key 12 --file log
expect 2 "takes no argument" events --verify log
expect 2 "no option --vendor" events --verify --vendor v
expect 4 "cannot be read: No such file" events --verify --file none
write_chain() {
	previous=$(printf %064d 0)
	for number in 1 2 3; do
		line="{\"@timestamp\":\"2026-11-21T22:45:0${number}Z\",\"interdict\":{\"vendor\":\"acme\","
		line="$line\"log\":{\"number\":$number,\"previous\":\"$previous\"}}}"
		echo "$line"
		previous=$(printf %s "$line" | sha256sum | cut -d' ' -f1)
	done
}
write_chain > chained
expect 3 "not all is vouched for" events --verify --file chained
expect 3 "3 records in 1 file, 1 to 3, 2026-11-21T22:45:01Z to 2026-11-21T22:45:03Z" \
	events --verify --file chained
expect 3 '"untouched": true' events --verify --file chained --json
sed '1s/acme/evil/' chained > changed
expect 1 "changed:1: record 1 was changed" events --verify --file changed
sed '2s/acme/evil/' chained > changed
expect 1 "changed:2: one of records 2 to 3 was changed" events --verify --file changed
sed 2d chained > removed
expect 1 "removed:2: record 2 is missing before this one" events --verify --file removed
sed -n '1{p;d};2{h;d};3{p;g;p}' chained > moved
expect 1 "moved:2: record 3 is not where it was written" events --verify --file moved
{ cat chained; printf 'x\033[31m\n'; } > garbage
expect 1 "garbage:4: record 3 is the last one, and what is no record was appended" \
	events --verify --file garbage
expect 1 '"kind": "garbage"' events --verify --file garbage --json
"$interdict" events --verify --file chained --json > /dev/full 2> err &&
	fail "--verify does not notice a full disk"

# Rotated before, packed or not, and another machine's.
mkdir old
event 1 oldest > old/log.2
event 2 older > old/log.1
event 3 newest > old/log
gzip old/log.2
expect 0 oldest events --file old/log --file folded
[ "$(grep -o '/tmp/[a-z]*' out | tr -d '\n')" = /tmp/oldest/tmp/older/tmp/newest/tmp/three/tmp/four ] ||
	fail "rotated logs are not read in their order"
rm old/log
expect 0 older events --file old/log --last 1
[ "$(wc -l < out)" = 2 ] || fail "--last 1 of a log that is there as .1 alone"

# Rotated, rotated twice at once, cut, and taken up again.
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
mv logs/log.1 logs/log.3
mv logs/log logs/log.2
event 5 between > logs/log.1
event 6 after > logs/log
sleep 1.5
: > logs/log
sleep 0.3
event 4 third >> logs/log
sleep 0.5
kill $follower
for name in first late second between after third; do
	grep -q "/tmp/$name$" out || fail "--follow missed $name"
done

# ---- report

mkdir -p rep/policy rep/fleet
policy audit PathPrefix=/opt/evil/ > rep/policy/a.policy
printf '{"enforcement":"enforcing","why":"","loaded":true}' > rep/status
printf '{"@timestamp":"2026-11-10T07:00:00.5Z","event":{"dataset":"interdict.denial",' > rep/log
printf '"outcome":"failure"},"interdict":{"vendor":"evil"},"file":{"path":"/x"}}\n' >> rep/log
openssl genpkey -algorithm ed25519 -out rep/key 2> err
openssl pkey -in rep/key -pubout -out rep/pem
openssl genpkey -algorithm ed25519 2> err | openssl pkey -pubout -out rep/other
export SOURCE_DATE_EPOCH=1795300000
report() {
	status=$1 words=$2
	shift 2
	expect "$status" "$words" report --log rep/log --status rep/status --policy rep/policy "$@"
}

expect 2 "html, json or csv" report --format pdf
expect 2 "write 2026-11-22" report --since yesteryear
expect 2 "ends before it begins" report --since 2026-11-22 --until 2026-11-21
expect 2 "longer than ten years" report --since 2001-01-01
expect 2 "go with --merge" report --expect hosts
expect 2 "goes with --verify or --merge" report --trusted-key rep/pem
expect 2 "write 48h or 7d" report --merge rep/fleet --max-age 48
expect 2 "do not go together" report --merge rep/fleet --verify x
expect 2 "are lines of text" report --title "$(printf 'a\033b')"
expect 4 "is not there" report --log rep/none --status rep/status --policy rep/policy
expect 4 "is not what 'interdict status --json' prints" report --status rep/log --log rep/log
expect 4 "cannot be written" report --log rep/log --status rep/status --policy rep/policy -o none/x
report 0 '"denied": 1' --json
report 0 '"denials by file","/x","denied",1' --format csv
report 0 'interdict-report-' --key rep/key
mv "$(cat out)" rep/page || fail "a page of another name"
[ "$(stat -c %a rep/page)" = 640 ] || fail "others may read the page"
"$interdict" report --log rep/log --status rep/status --policy rep/policy --json --key rep/key \
	-o rep/doc 2> err || fail "no document"
for made in page doc; do
	expect 0 "trusted: pem" report --verify rep/$made --trusted-key rep/pem
	expect 1 "not trusted here" report --verify rep/$made --trusted-key rep/other
	expect 3 "nothing says whether" report --verify rep/$made
	sed 's/"denied":\( *\)1,/"denied":\10,/' rep/$made > rep/bad
	expect 1 "does not fit" report --verify rep/bad --trusted-key rep/pem
done
sed 's|<b>1</b><span>denied|<b>0</b><span>denied|' rep/page > rep/bad
cmp -s rep/bad rep/page && fail "nothing was changed"
expect 1 "does not show what is signed" report --verify rep/bad --trusted-key rep/pem
head -c 3000 rep/page > rep/bad
expect 1 "is no JSON object" report --verify rep/bad --trusted-key rep/pem
"$interdict" report --from rep/doc -o rep/again || fail "no page of a document"
cmp rep/page rep/again || fail "the page of a document is another"
printf '{"torn\n' >> rep/log
report 3 '1 line that are no records' --json -o -
rm -r rep/policy && mkdir rep/policy && printf '[Deny]\n' > rep/policy/a.policy
report 4 'Vendor=' --json
cp rep/doc rep/fleet/a.json
jq '.host.hostname = "b" | .summary.state = "monitor"' rep/doc > rep/fleet/b.json
uname -n > rep/hosts && echo ghost >> rep/hosts
expect 0 '"unexpected": 1' report --merge rep/fleet --expect rep/hosts --json
expect 0 '"silent": 1' report --merge rep/fleet --expect rep/hosts --json
expect 3 '"invalid": 1' report --merge rep/fleet --trusted-key rep/pem --json
expect 3 'signature does not fit' report --merge rep/fleet --trusted-key rep/pem --json
expect 4 'cannot be listed' report --merge rep/none
unset SOURCE_DATE_EPOCH

[ $failures = 0 ] && echo "test_cli.sh: all passed"
exit $((failures > 0))
