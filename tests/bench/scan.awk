# SPDX-License-Identifier: GPL-2.0-only
# usage: awk -f scan.awk TIMES: lines "NAME SECONDS", of each name the least counts.
# Exit status: 1 when a limit is not kept, or was not measured.

!($1 in least) || $2 < least[$1] { least[$1] = $2 }

function ratio(a, b) {
	return a in least && b in least && least[b] > 0 ? least[a] / least[b] : ""
}

function row(name, title) {
	printf "  %-58s%12s\n", title, name in least ? sprintf("%.2f", least[name]) : "-"
}

function limit(title, measured, bound, at_most,   kept) {
	kept = measured != "" && (at_most ? measured <= bound : measured >= bound)
	missed += !kept
	printf "  %-58s%12s%12s  %s\n", title, measured == "" ? "-" : sprintf("%.2f", measured),
		(at_most ? "<= " : ">= ") bound, measured == "" ? "NOT MEASURED" : kept ? "ok" : "MISSED"
}

END {
	printf "\n  %-58s%12s\n", "", "seconds"
	row("find", "find -size +1000000G: a bare walk")
	row("vendor", "scan, 2,000 digests with sizes")
	row("signers", "scan, 100 signers")
	row("many", "scan, 100,000 digests, sizes of real ELF files")
	row("hashdeep", "hashdeep -m, the same")
	row("clamscan", "clamscan, the same")
	row("unsized", "scan, 2,000 digests without sizes")
	row("sha256sum", "sha256sum, all CPUs")
	printf "\n  %-58s%12s%12s\n", "Limits", "measured", ""
	limit("2,000 digests to the bare walk", ratio("vendor", "find"), 1.3, 1)
	limit("signers to the bare walk", ratio("signers", "find"), 6, 1)
	limit("100,000 digests: times as fast as hashdeep", ratio("hashdeep", "many"), 8, 0)
	limit("100,000 digests: times as fast as clamscan", ratio("clamscan", "many"), 8, 0)
	limit("without sizes: rate to that of sha256sum", ratio("sha256sum", "unsized"), 0.9, 0)
	exit missed > 0
}
