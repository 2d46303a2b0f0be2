/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <string.h>

#include "cli/checkup.h"
#include "cli/checkup_requirements.h"

/* What enforcement lacks without it. */
static const struct requirement_meaning meanings[] = {
	{REQUIREMENT_PRIVILEGE, "what is in the kernel cannot be looked at, or changed"},
	{"bpffs at /sys/fs/bpf", "nothing can be enforced: what is loaded is pinned there"},
	{"securityfs at /sys/kernel/security", "whether BPF programs are asked cannot be told"},
	{"vmlinux BTF", "nothing can be enforced: no program fits this kernel without it"},
	{"BPF LSM programs", "nothing can be enforced: this kernel asks no BPF program"},
	{"bpf_ima_file_hash", "nothing can be enforced by digest: no program may read a file here"},
	{"kernel.ftrace_enabled",
	 "everything is let through, and nothing says so: the hooks look attached"},
	{},
};

/* ---- interdict.ko ---------------------------------------------------------------------------- */

static void add_absent(json_t *checks, const struct facts *f)
{
	static const char name[] = "interdict.ko", remedy[] = DECIDES_REMEDY_KMOD;
	static const char means[] = "signatures are not checked: a rule on verified or valid "
				    "signers does not fire";

	if (!f->kmod_file)
		check_add(checks, CHECK_WEAK, name, "not loaded: signatures are not checked", means,
			  remedy);
	else if (f->signed_only && f->kmod_unsigned)
		check_add(checks, CHECK_WEAK, name,
			  "not loaded: it is not signed, and this kernel loads only what is",
			  "signatures are not checked: the kernel refuses the module as it is",
			  "sign it by a key that mokutil --import has enrolled (dkms does, with "
			  "mok_signing_key), then: modprobe interdict && systemctl restart "
			  "interdictd");
	else
		check_add(checks, CHECK_WEAK, name, "not loaded, though it is installed", means,
			  "modprobe interdict && systemctl restart interdictd; dmesg says what it "
			  "complains of");
}

static void add_module(json_t *checks, const struct facts *f)
{
	static const char name[] = "interdict.ko";

	if (decides(f->condition).checked)
		check_add(checks, CHECK_OK, name, "in use", "", "");
	else if (f->kmod == KMOD_PRESENT)
		check_add(checks, CHECK_WEAK, name, "loaded, and not in use",
			  "signatures are not checked: the program was loaded without it",
			  "systemctl restart interdictd; if that does not help, its log says why");
	else if (f->kmod == KMOD_NO_BTF)
		check_add(checks, CHECK_WEAK, name, "loaded without BTF: it cannot be called",
			  "signatures are not checked: the kernel has registered none of its "
			  "functions",
			  "rmmod interdict, and build it with kmod/Makefile");
	else
		add_absent(checks, f);
}

/* What a kernel cannot do by itself. */
static void add_decides(json_t *checks, const struct facts *f)
{
	struct decides d = decides(f->condition);
	char found[128];

	if (!d.signers)
		check_add(checks, CHECK_WEAK, "signers of programs and libraries",
			  "cannot be told: this kernel lets no BPF program read a file",
			  "a rule by signer, build-id or authentihash fires for drivers alone",
			  DECIDES_REMEDY_KMOD);
	if (!*f->packing) {
		check_add(checks, CHECK_OK, "packed drivers",
			  "modprobe unpacks them, and what it hands over is seen", "", "");
	} else if (d.unpacked) {
		snprintf(found, sizeof(found), "the kernel unpacks .%s, and what is in it is seen",
			 f->packing);
		check_add(checks, CHECK_OK, "packed drivers", found, "", "");
	} else {
		snprintf(found, sizeof(found),
			 "the kernel unpacks .%s itself, and they are seen packed only",
			 f->packing);
		check_add(checks, CHECK_WEAK, "packed drivers", found,
			  "a rule on what is in one does not fire: a listed driver, packed anew, "
			  "is loaded",
			  DECIDES_REMEDY_KMOD);
	}
}

void checkup_kernel(json_t *checks, const struct facts *f)
{
	checkup_requirements(checks, f->condition, meanings);
	if (!f->condition->state.loaded)
		return;
	add_module(checks, f);
	add_decides(checks, f);
}
