# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For the suites: signatures, appended as drivers have them. KEYS is the directory that `keys` made.

# be32 NUMBER: four bytes
be32() {
	local hex
	printf -v hex '%08x' "$1"
	printf '%b' "\\x${hex:0:2}\\x${hex:2:2}\\x${hex:4:2}\\x${hex:6:2}"
}

# append BLOB FILE: FILE, with BLOB as its signature
append() {
	cat "$2" "$1"
	printf '\0\0\2\0\0\0\0\0'
	be32 "$(stat -c %s "$1")"
	printf '~Module signature appended~\n'
}

# blob KEY FILE [OPTION…]: the signature of FILE by KEY, with its certificate
blob() {
	openssl cms -sign -binary -outform DER -noattr -md sha256 -nosmimecap \
		-signer "$KEYS/$1.pem" -inkey "$KEYS/$1.key" -in "$2" "${@:3}"
}

# signed KEY FILE TO [OPTION…]: sign FILE with an appended signature
signed() {
	blob "$1" "$2" "${@:4}" > /run/blob || return
	append /run/blob "$2" > "$3.new"
	chmod 755 "$3.new"
	mv "$3.new" "$3"
}

# signature_len FILE: of its appended signature, all that is appended
signature_len() {
	local len
	len=$(tail -c 32 "$1" | head -c 4 | od -An -tx1 | tr -d ' \n')
	echo $((16#$len + 40))
}

# stripped FILE: without its appended signature
stripped() {
	head -c -"$(signature_len "$1")" "$1"
}
