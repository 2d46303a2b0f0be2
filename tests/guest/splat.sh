# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a kernel's log must not have, for who boots one.

# Text that a healthy kernel never logs. A user program's fault reads "general
# protection fault ip:", the kernel's has a comma or a colon.
readonly SPLAT='BUG:|BUG [^ ]+ \(|kernel BUG at|WARNING:|Oops|\[#[0-9]+\]|general protection fault[,:]|[Kk]ernel panic|PANIC:|KASAN|KCSAN|UBSAN|KFENCE|scheduling while atomic|INFO: rcu|detected (expedited )?stall|kthread starved|blocked for more than|soft lockup|hard LOCKUP|possible (circular|recursive|irq|deadlock)|suspicious RCU|lock held when returning|nable to handle kernel|Bad page|bad unlock|refcount_t:|double fault|list_(add|del) corruption|kmemleak: [0-9]+ new|Busy inodes after unmount'

# bits of /proc/sys/kernel/tainted: bad page 5, die 7, warning 9, soft lockup 14
readonly SPLAT_TAINT=$((1 << 5 | 1 << 7 | 1 << 9 | 1 << 14))

# The first such line, with its number. The command line names our parameters.
splat_in() {
	local lines
	lines=$(grep -a -n -E "$SPLAT" "$1" | sed '/ommand line: /d') || true
	[ -n "$lines" ] && echo "${lines%%$'\n'*}"
}
