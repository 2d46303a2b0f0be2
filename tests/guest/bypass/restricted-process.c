/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A process that has restricted itself (no_new_privs, a seccomp filter, a landlock domain) is
 * denied as any other, and loses nothing.
 *
 * expect: denied
 */
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include "technique.h"

static void filter_calls(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = {1, &allow};

	must(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), "seccomp");
}

/* What it handles is allowed nowhere: no directory may be made. */
static void enter_landlock(void)
{
	struct landlock_ruleset_attr attr = {.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_DIR};
	int fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

	if (fd < 0)
		missing("landlock in this kernel");
	must(!syscall(SYS_landlock_restrict_self, fd, 0), "landlock_restrict_self");
}

int main(void)
{
	place(content("PROGRAM"), "program");
	place(content("LIBRARY"), "library");
	must(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	filter_calls();
	enter_landlock();
	start("program");
	use("library");
	return 0;
}
