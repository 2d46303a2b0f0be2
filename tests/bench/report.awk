# SPDX-License-Identifier: GPL-2.0-only
#
# The tables of `make bench` out of its figures, and whether they keep to their limits: exit
# status 1 when one does not. Lines of input:
#
#	GUEST STATE NAME TIME              interdict, fapolicyd, signers-kmod, signers-bare, names, denials:
#	                                   of guest-…
#	GUEST calls… HOOK VERIFIED CALLS TIME
#	interdict woken TIMES
#	denials daemon COUNT TIME          of so many folded events, what interdictd took for all
#	interdict driver NAME              that the kernel's own SHA-256 was by
#	programs KERNEL kmod|bare HOOK VERIFIED CALLS TIME
#	                                   of guest-programs, with the kernel module and without
#	kernel KERNEL                      that the times are of
#	share COUNT MOVED UNMOVED FILES    files whose size is listed
#	list NAME DIGESTS SIZES BYTES READ COMPILE CHECK COPY PEAK    of compile
#	trust ENTRIES CPU ELAPSED KIB      of fapolicyd-trust
#	push CPU ELAPSED                   seconds
#	package CPU ELAPSED INSTALLED      likewise of rules by package, and how many are installed
#	digest core|all CPU ELAPSED CPU ELAPSED CORES      seconds, of sha256sum and of interdict digest

$1 == "kernel" { kernel = $2; next }
$1 == "programs" { see_program($2 " " $3, $4, $5); next }
$1 == "share" { share[$2] = $3; unmoved[$2] = $4; files = $5; next }
$1 == "list" { bytes[$2] = $5 / $3; sizes[$2] = $4; see_list($2); next }
$1 == "trust" { trusted[++trusts] = $2; trust_cpu[trusts] = $3; trust_size[trusts] = $5 * 1024; next }
$1 == "push" { push_cpu = $2; push_elapsed = $3; next }
$1 == "package" { package_elapsed = $3; installed = $4; next }
$1 == "digest" && $2 == "core" { core = $5 / $3; core_rate = 300 / $5; next }
$1 == "digest" { all = $6 / $4; all_rate = 300 / $6; cores = $7; next }
$2 == "woken" { woken = $3; next }
$2 == "daemon" { handled = $4 / $3; next }
$2 == "driver" { sha256 = $3; next }
$2 ~ /^calls/ { calls[$1, $2, $3] = $5; next }
{ times[$1, $2, $3, ++count[$1, $2, $3]] = $4 }

function see_list(name) {
	steps[name] = $6 " + " $7 " + " $8 " + " $9
	whole[name] = ($6 + $7 + $8 + $9) / 1000
	swap[name] = ($8 + $9) / 1000
	peak[name] = $10 / 1024
}

# Columns and rows of the verifier's table, in the order in which they come.
function see_program(machine, hook, followed) {
	if (!(machine in column))
		machines[column[machine] = ++columns] = machine
	if (!(hook in line))
		hooks[line[hook] = ++lines] = hook
	verified[machine, hook] = followed
}

# ---- figures ----------------------------------------------------------------------------------------

function sort(v, n,   i, j, x) {
	for (i = 2; i <= n; i++) {
		x = v[i]
		for (j = i - 1; j >= 1 && v[j] > x; j--)
			v[j + 1] = v[j]
		v[j + 1] = x
	}
}

# What @state adds to @name (what `nothing` takes): sets median and the quartiles low and high.
# Return: of how many pairs.
function added(guest, state, name,   n, i, v, base) {
	n = count[guest, state, name]
	base = state ~ /^only-/ ? "only-none" : "nothing"
	for (i = 1; i <= n; i++) {
		v[i] = times[guest, state, name, i]
		if (state != "nothing")
			v[i] -= times[guest, base, name, i]
	}
	sort(v, n)
	low = v[int((n + 3) / 4)]
	median = v[int((n + 1) / 2)]
	high = v[int((3 * n + 1) / 4)]
	return n
}

# The median, "" without figures.
function added_median(guest, state, name) {
	return added(guest, state, name) ? median : ""
}

# The most that interdict adds, of all policies.
function worst(name,   i, most) {
	most = ""
	for (i = 2; i <= 4; i++)
		if (added("interdict", state[i], name) && (most == "" || median > most))
			most = median
	return most
}

# ---- as text ----------------------------------------------------------------------------------------

function number(x,   s) {
	if (x == "")
		return "-"
	if (x >= 1000000000)
		return number(x / 1000000) " M"
	if (x >= 10000000)
		return sprintf("%.1f M", x / 1000000)
	s = sprintf("%.0f", x < 0 ? -x : x)
	while (match(s, /^[0-9]+[0-9][0-9][0-9]/))
		s = substr(s, 1, RLENGTH - 3) "," substr(s, RLENGTH - 2)
	return (x <= -0.5 ? "-" : "") s
}

function cell(guest, state, name,   n) {
	n = added(guest, state, name)
	if (!n)
		return "-"
	if (state == "nothing" || n == 1)
		return number(median)
	return number(median) " (" number(low) ".." number(high) ")"
}

# How many times as much fapolicyd adds.
function ratio(name,   peer, ours) {
	peer = added_median("fapolicyd", "fapolicyd", name)
	ours = worst(name)
	return peer == "" || ours <= 0 || peer <= 0 ? "-" : sprintf("%.0f", peer / ours)
}

function row(name, title) {
	printf "%-36s%9s%24s%24s%25s%28s%7s\n", title, cell("interdict", "nothing", name),
		cell("interdict", "empty", name), cell("interdict", "1000", name),
		cell("interdict", "1000000", name), cell("fapolicyd", "fapolicyd", name), ratio(name)
}

function print_times() {
	printf "Instructions added on kernel %s, kmod loaded: medians (quartiles) of %d or more interleaved pairs;\n", kernel,
		count["interdict", "nothing", "open"]
	print "fapolicyd: Debian's, with one rule that allows everything; the last column divides by our worst.\n"
	printf "%-36s%9s%24s%24s%25s%28s%7s\n", "", "nothing", "empty policy", "1,000 digests",
		"1,000,000 digests", "fapolicyd", "ratio"
	row("exec-warm-small", "exec, warm, 0.7 MB")
	row("exec-warm-large", "exec, warm, 50 MB")
	row("exec-first-small", "exec, first, 0.7 MB, no candidate")
	row("exec-first-large", "exec, first, 50 MB, no candidate")
	row("candidate-warm", "exec, warm, 0.7 MB, candidate")
	row("candidate-first-small", "exec, first, 0.7 MB, candidate")
	row("candidate-first-large", "exec, first, 50 MB, candidate")
	row("map-warm", "mmap(PROT_EXEC), warm")
	row("candidate-map-warm", "mmap(PROT_EXEC), warm, candidate")
	row("load-first", "open, mmap(PROT_EXEC), first")
	row("anonymous", "mmap, anonymous")
	row("open", "open(2)")
	printf "interdictd was woken %d times meanwhile.\n\n", woken
}

function called(when, hook) {
	return calls["interdict", when, hook]
}

function print_hook(hook,   calls_of_ten) {
	calls_of_ten = called("calls12", hook) - 2 * called("calls2", hook) + called("calls0", hook)
	printf "  %-12s%12s%8s\n", hook, number(added_median("interdict", "only-" hook,
		"exec-warm-small")), calls_of_ten / 10
}

function print_hooks(   i) {
	print "A warm exec hook by hook:\n"
	printf "  %-12s%12s%8s\n", "", "adds", "calls"
	for (i = 1; i <= lines; i++)
		if (count["interdict", "only-" hooks[i], "exec-warm-small"])
			print_hook(hooks[i])
	print ""
}

# The most that the verifier follows on one machine, and in which program: sets heaviest.
function followed_most(machine,   i, most) {
	most = ""
	for (i = 1; i <= lines; i++)
		if ((machine, hooks[i]) in verified && verified[machine, hooks[i]] > most + 0) {
			most = verified[machine, hooks[i]]
			heaviest = hooks[i]
		}
	return most
}

function followed(machine, hook) {
	return (machine, hook) in verified ? number(verified[machine, hook]) : "-"
}

function print_verified(   i, j) {
	print "Instructions that the verifier follows (of 1,000,000), with the kernel module and without:\n"
	printf "  %-14s", ""
	for (j = 1; j <= columns; j++)
		printf "%11s", machines[j]
	print ""
	for (i = 1; i <= lines; i++) {
		printf "  %-14s", hooks[i]
		for (j = 1; j <= columns; j++)
			printf "%11s", followed(machines[j], hooks[i])
		print ""
	}
	print ""
}

function signer_row(name, title) {
	printf "  %-48s%28s%28s\n", title, cell("signers-kmod", "signers", name),
		cell("signers-bare", "signers", name)
}

function print_signers() {
	print "Added by 100 rules by signer, of which none matches, to what is not signed:\n"
	printf "  %-48s%28s%28s\n", "", "kernel " kernel ", kmod", "kernel 7.3, without"
	signer_row("exec-warm", "exec, warm, 0.7 MB")
	signer_row("exec-first", "exec, first, 0.7 MB")
	signer_row("exec-cold", "exec, first, 0.7 MB, its end not in memory")
	signer_row("exec-young", "exec, first, 0.7 MB, changed in the last minute")
	signer_row("map-warm", "mmap(PROT_EXEC), warm")
	signer_row("map-first", "mmap(PROT_EXEC), first")
	print ""
}

function name_row(name, title) {
	printf "  %-48s%28s\n", title, cell("names", "paths", name)
}

function print_names() {
	print "Added by five rules by path, of which none matches, without the kernel module:\n"
	name_row("exec-warm", "exec, warm, 0.7 MB")
	name_row("exec-usual", "exec, warm, 0.7 MB, in a directory as deep as most")
	name_row("map-usual", "mmap(PROT_EXEC), likewise")
	name_row("map-alike", "mmap(PROT_EXEC), names as long as listed ones")
	name_row("map-bound", "mmap(PROT_EXEC), through a bind mount")
	print ""
}

function print_denials() {
	print "Added by a denial, with its event, to an exec that fails with EACCES:\n"
	printf "  %-48s%28s\n", "exec, 0.7 MB, listed", cell("denials", "denied", "refusals")
	printf "  %-48s%28s\n\n", "and behind it, in interdictd, folded", number(handled)
}

# How many times as much as the kernel's own SHA-256 of as many bytes; "" without figures.
function hashing(size,   own, ours) {
	own = added_median("interdict", "shash", size)
	ours = added_median("interdict", "1000", "candidate-first-" size)
	return own == "" || ours == "" ? "" : ours / own
}

function print_hashing() {
	printf "A candidate is digested; the kernel's own SHA-256 (%s) of as many bytes in one buffer:\n\n", sha256
	printf "  %-12s%14s%14s\n", "", "candidate", "bare"
	printf "  %-12s%14s%14s\n", "768 KiB", number(added_median("interdict", "1000",
		"candidate-first-small")), number(added_median("interdict", "shash", "small"))
	printf "  %-12s%14s%14s\n\n", "50 MB", number(added_median("interdict", "1000",
		"candidate-first-large")), number(added_median("interdict", "shash", "large"))
}

function print_shares(   i) {
	printf "Candidates, by size, among the %s ELF files below /usr here; a list of other builds (a list\n",
		number(files)
	print "whose sizes were taken from these very files):\n"
	for (i = 3; i <= 4; i++)
		printf "  %9s digests %6.1f %% (%.1f %%)\n", number(state[i]), 100 * share[state[i]],
			100 * unmoved[state[i]]
	print ""
}

# What a million take is told from how the time grew.
function print_trust(   i, power) {
	for (i = 1; i <= trusts; i++)
		printf "  fapolicyd\047s trust database, %s entries    %.1f s, %.0f bytes an entry\n",
			number(trusted[i]), trust_cpu[i], trust_size[i] / trusted[i]
	if (trusts < 2 || trust_cpu[1] <= 0)
		return
	power = log(trust_cpu[trusts] / trust_cpu[1]) / log(trusted[trusts] / trusted[1])
	printf "  (growing with the power of %.1f: a million would take it %s s)\n", power,
		number(trust_cpu[trusts] * (1000000 / trusted[trusts]) ^ power)
}

function print_userspace() {
	print "Lists of digests on this machine, in ms of CPU time: read + compiled + checked + copied, as for a"
	print "swap, into fresh memory:\n"
	printf "  %-36s%28s%12s\n", "", "", "peak, MiB"
	printf "  %-36s%28s%12.0f\n", "1,000,000 digests", steps["drawn"], peak["drawn"]
	printf "  %-36s%28s%12.0f\n", "1,000,000, each of another size", steps["distinct"], peak["distinct"]
	printf "  %-36s%28s%12.0f\n", "10,000,000, each of another size", steps["10000000"], peak["10000000"]
	print_trust()
	printf "  interdict push --dry-run            %.2f s of CPU time, %.2f s\n", push_cpu, push_elapsed
	printf "  likewise with rules by package        %.2f s; %s are installed here\n", package_elapsed,
		number(installed)
	printf "  image, %s different sizes      %.2f bytes a digest\n", number(sizes["drawn"]), bytes["drawn"]
	printf "  image, %s different sizes      %.2f bytes a digest\n\n", number(sizes["distinct"]), bytes["distinct"]
	printf "interdict digest of 300 MB of programs: %d MB/s by one core, %d MB/s by %d\n\n", core_rate, all_rate, cores
}

# ---- limits -----------------------------------------------------------------------------------------

function limit(title, measured, most, format) {
	if (measured == "") {
		missed++
		printf "  %-58s%12s%12s  NOT MEASURED\n", title, "-", most
		return
	}
	missed += (measured > most)
	printf "  %-58s%12s%12s  %s\n", title, sprintf(format, measured), most,
		(measured > most ? "EXCEEDED" : "ok")
}

function look_up(name,   few, many) {
	few = added_median("interdict", "1000", name)
	many = added_median("interdict", "1000000", name)
	return few == "" || many == "" ? "" : many - few
}

# What costs nothing was not there.
function control(title, measured, least) {
	missed += !(measured >= least)
	printf "  %-58s%12s%12s  %s\n", title, number(measured), number(least),
		(measured >= least ? "ok" : "NOT AT WORK")
}

function print_controls() {
	printf "  %-58s%12s%12s\n", "Was it at work?", "measured", "at least"
	control("empty policy: mmap(PROT_EXEC)", added_median("interdict", "empty", "map-warm"), 100)
	control("1,000 digests: first exec of a candidate",
		added_median("interdict", "1000", "candidate-first-small"), 1000000)
	control("1,000,000 digests: first exec of a candidate",
		added_median("interdict", "1000000", "candidate-first-small"), 1000000)
	control("100 signers, kmod: first exec", added_median("signers-kmod", "signers", "exec-first"), 3000)
	control("100 signers, without: first exec",
		added_median("signers-bare", "signers", "exec-first"), 3000)
	control("rules by path: mmap(PROT_EXEC)", added_median("names", "paths", "map-usual"), 400)
	control("a denial", added_median("denials", "denied", "refusals"), 3000)
	control("fapolicyd: exec", added_median("fapolicyd", "fapolicyd", "exec-warm-small"), 10000)
	print ""
}

# A machine that is missing is not measured; each that is there is.
function limit_verified(   i) {
	if (!columns)
		limit("the verifier", "", 50000, "%d")
	for (i = 1; i <= columns; i++)
		limit("the verifier, kernel " machines[i] ": " heaviest_of(machines[i]),
			followed_most(machines[i]), 50000, "%d")
}

function heaviest_of(machine) {
	followed_most(machine)
	return heaviest
}

function print_limits() {
	printf "  %-58s%12s%12s\n", "Limits", "measured", "at most"
	limit("exec, warm, 0.7 MB", worst("exec-warm-small"), 3000, "%d")
	limit("exec, warm, 50 MB", worst("exec-warm-large"), 3000, "%d")
	limit("exec, first, no candidate, 0.7 MB", worst("exec-first-small"), 6000, "%d")
	limit("exec, first, no candidate, 50 MB", worst("exec-first-large"), 6000, "%d")
	limit("open(2)", worst("open"), 250, "%d")
	limit("mmap, anonymous", worst("anonymous"), 250, "%d")
	limit("a size among 1,000,000 digests instead of 1,000", look_up("map-warm"), 100, "%d")
	limit("size and digest among 1,000,000 instead of 1,000", look_up("candidate-map-warm"), 100, "%d")
	# Each of the six mappings asks the inode, where a list of digests with sizes asks nothing.
	limit("exec, warm, 100 signers, kmod",
		added_median("signers-kmod", "signers", "exec-warm"), 4000, "%d")
	limit("exec, first, 100 signers, kmod",
		added_median("signers-kmod", "signers", "exec-first"), 10000, "%d")
	limit("mmap(PROT_EXEC), rules by path",
		added_median("names", "paths", "map-usual"), 2500, "%d")
	limit("a denial, its event emitted", added_median("denials", "denied", "refusals"), 40000,
		"%d")
	limit("digest of a candidate to the kernel\047s own, 768 KiB", hashing("small"), 1.03, "%.3f")
	limit("digest of a candidate to the kernel\047s own, 50 MB", hashing("large"), 1.03, "%.3f")
	limit_verified()
	limit("1,000,000 digests read, checked, compiled: s of CPU time", push_cpu, 1, "%.2f")
	# interdictd waits until the database has been quiet for so long (follow.c).
	limit("a package in the database, until it is denied: s", package_elapsed + 0.15, 1, "%.2f")
	limit("1,000,000 digests read, compiled, checked, copied: s", whole["drawn"], 0.8, "%.2f")
	limit("10,000,000 digests read, compiled, checked, copied: s", whole["10000000"], 10, "%.2f")
	limit("10,000,000 digests checked and copied: s", swap["10000000"], 2, "%.2f")
	limit("10,000,000 digests: MiB at most", peak["10000000"], 1907, "%.0f")
	limit("bytes a digest, ten million, each of another size", bytes["10000000"], 32, "%.2f")
	limit("interdict digest to sha256sum, one core: CPU time", core, 1.11, "%.3f")
	limit("interdict digest to sha256sum, all cores: time", all, 1.11, "%.3f")
	limit("bytes a digest, sizes drawn", bytes["drawn"], 32, "%.2f")
	limit("bytes a digest, each of another size", bytes["distinct"], 32, "%.2f")
}

BEGIN {
	split("nothing empty 1000 1000000", state)
}

END {
	print_times()
	print_hooks()
	print_signers()
	print_names()
	print_denials()
	print_hashing()
	print_verified()
	print_shares()
	print_userspace()
	print_controls()
	print_limits()
	exit missed > 0
}
