// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel's own SHA-256 costs, for `make bench`: nothing that is installed. Writing a
 * number of bytes to the parameter `digest` digests as many of one buffer; reading it gives the
 * nanoseconds that this took, and the driver.
 */
#include <crypto/hash.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>

#define DIGEST_LEN 32

static struct crypto_shash *sha256;
static u64 taken;

static int take_time(const u8 *bytes, unsigned int len)
{
	u8 digest[DIGEST_LEN];
	u64 begin = ktime_get_ns();
	int err = crypto_shash_tfm_digest(sha256, bytes, len, digest);

	taken = ktime_get_ns() - begin;
	return err;
}

static int digest_set(const char *text, const struct kernel_param *parameter)
{
	unsigned int len;
	u8 *bytes;
	int err = kstrtouint(text, 0, &len);

	if (err)
		return err;
	if (!sha256) /* on insmod's command line */
		return -EAGAIN;
	bytes = kvzalloc(len, GFP_KERNEL);
	if (!bytes)
		return -ENOMEM;
	err = take_time(bytes, len);
	kvfree(bytes);
	return err;
}

static int digest_get(char *text, const struct kernel_param *parameter)
{
	return sysfs_emit(text, "%llu %s\n", taken, crypto_shash_driver_name(sha256));
}

static const struct kernel_param_ops digest_ops = {
	.set = digest_set,
	.get = digest_get,
};

module_param_cb(digest, &digest_ops, NULL, 0600);

static int __init shash_init(void)
{
	sha256 = crypto_alloc_shash("sha256", 0, 0);
	return PTR_ERR_OR_ZERO(sha256);
}

static void __exit shash_exit(void)
{
	crypto_free_shash(sha256);
}

module_init(shash_init);
module_exit(shash_exit);

MODULE_DESCRIPTION("The kernel's own SHA-256, timed for interdict's bench");
MODULE_LICENSE("GPL");
