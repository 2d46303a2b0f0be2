// SPDX-License-Identifier: GPL-2.0-only
/* interdict.ko: the kfuncs that interdict's BPF program has where this module is loaded. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bpf.h>
#include <linux/module.h>

#include "compat.h"
#include "interdict.h"

BTF_KFUNCS_START(interdict_kfuncs)
BTF_ID_FLAGS(func, interdict_file_read, KF_SLEEPABLE | KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, interdict_file_digest, KF_SLEEPABLE | KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, interdict_buffer_digest, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, interdict_verify_file, KF_SLEEPABLE | KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, interdict_file_unpack, KF_ACQUIRE | KF_RET_NULL | KF_SLEEPABLE | KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, interdict_buffer_put, KF_RELEASE | KF_SLEEPABLE)
BTF_ID_FLAGS(func, interdict_verify_buffer, KF_SLEEPABLE | KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, interdict_real_inode, KF_ACQUIRE | KF_RET_NULL | KF_SLEEPABLE | KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, interdict_inode_put, KF_RELEASE | KF_SLEEPABLE)
BTF_KFUNCS_END(interdict_kfuncs)

static const struct btf_kfunc_id_set kfuncs = {
	.owner = THIS_MODULE,
	.set = &interdict_kfuncs,
};

/*
 * Without BTF or its ids the kernel loads a module, says that it registered its kfuncs, and has
 * registered none. The barrier: to the compiler the set is all zeros.
 */
static bool kfuncs_resolved(void)
{
	const struct btf_id_set8 *set = &interdict_kfuncs;
	u32 i;

	OPTIMIZER_HIDE_VAR(set);
	for (i = 0; i < set->cnt; i++) {
		if (!set->pairs[i].id)
			return false;
	}
	return set->cnt;
}

static bool has_btf(void)
{
#ifdef CONFIG_DEBUG_INFO_BTF_MODULES
	return THIS_MODULE->btf_data_size && kfuncs_resolved();
#else
	return false;
#endif
}

/* Only programs that decide about access may call: a tracer could be anywhere, under any lock. */
static int register_kfuncs(void)
{
	if (!has_btf()) {
		pr_err("no BTF in this file, or none in this kernel's modules: build it with "
		       "kmod/Makefile\n");
		return -ENOEXEC;
	}
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_LSM, &kfuncs);
}

static int __init interdict_init(void)
{
	int err;

	err = digest_init();
	if (err)
		return err;
	err = keyring_init();
	if (err)
		goto out_digest;
	err = register_kfuncs();
	if (err)
		goto out_keyring;
	pr_info("sha256 by %s\n", digest_driver());
	return 0;

out_keyring:
	keyring_exit();
out_digest:
	digest_exit();
	return err;
}

/* Every program that calls a kfunc holds the module: none is left when this runs. */
static void __exit interdict_exit(void)
{
	keyring_exit();
	digest_exit();
}

module_init(interdict_init);
module_exit(interdict_exit);

MODULE_DESCRIPTION("Reading, digesting and verifying of files for interdict's BPF program");
MODULE_VERSION(INTERDICT_VERSION);
MODULE_ALIAS("interdict-kfuncs");
MODULE_LICENSE("GPL");
