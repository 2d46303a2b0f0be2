// SPDX-License-Identifier: GPL-2.0-only
/* PKCS#7 signatures, by the kernel's own code. */
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/verification.h>

#include "compat.h"
#include "interdict.h"

#define VERIFY_PATIENCE 3 /* seconds */

/*
 * What the kernel has no algorithm for has many errnos, and whoever is killed while one is loaded
 * is told that there is none.
 */
static int answer(int err)
{
	if (err && fatal_signal_pending(current))
		return -EINTR;
	switch (err) {
	case 0:
	case -ENOKEY:
	case -EKEYREJECTED:
	case -EBADMSG:
	case -EINVAL:
	case -EKEYREVOKED:
	case -EKEYEXPIRED:
	case -EINTR:
	case -ENOMEM:
	case -ETIMEDOUT:
		return err;
	}
	return -ENOPKG;
}

/*
 * Detached content takes the usage without further demands: that of modules refuses signed
 * attributes, and that would be policy.
 */
static int verify(const void *content, size_t content_len, const void *blob, size_t blob_len)
{
	enum key_being_used_for usage =
		content ? VERIFYING_UNSPECIFIED_SIGNATURE : VERIFYING_KEXEC_PE_SIGNATURE;

	return answer(verify_pkcs7_signature(content, content_len, blob, blob_len, keyring_get(),
					     usage, NULL, NULL));
}

/* -ENODATA when the file is shorter, and no memory is taken when that is plain from its size. */
static void *read_part(struct file *file, u64 at, size_t len)
{
	u64 size = i_size_read(file_inode(file));
	ssize_t got;
	void *part;

	if (at > size || len > size - at)
		return ERR_PTR(-ENODATA);
	part = kvmalloc(len, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!part)
		return ERR_PTR(-ENOMEM);
	got = source_read(file, part, len, at);
	if (got == len)
		return part;
	kvfree(part);
	return ERR_PTR(got < 0 ? got : -ENODATA);
}

static int verify_blob(struct file *file, const void *content, u64 content_len, u64 blob_at,
		       u64 blob_len)
{
	void *blob = read_part(file, blob_at, blob_len);
	int err;

	if (IS_ERR(blob))
		return PTR_ERR(blob);
	err = verify(content, content_len, blob, blob_len);
	kvfree(blob);
	return err;
}

static int verify_detached(struct file *file, u64 content_len, u64 blob_at, u64 blob_len)
{
	void *content = read_part(file, 0, content_len);
	int err;

	if (IS_ERR(content))
		return PTR_ERR(content);
	err = verify_blob(file, content, content_len, blob_at, blob_len);
	kvfree(content);
	return err;
}

static int verify_source(struct file *file, u64 content_len, u64 blob_at, u64 blob_len)
{
	struct pool *pool = pool_of(file);
	u64 claim = content_len + blob_len;
	int err;

	err = pool_claim(pool, claim, VERIFY_PATIENCE);
	if (err)
		return err;
	if (content_len)
		err = verify_detached(file, content_len, blob_at, blob_len);
	else
		err = verify_blob(file, NULL, 0, blob_at, blob_len);
	pool_release(pool, claim);
	return err;
}

__bpf_kfunc int interdict_verify_file(struct file *file, __u64 content, __u64 blob_at,
				      __u64 blob_len, __u32 what)
{
	int err;

	if (what == INTERDICT_SIGNED_PE)
		content = 0;
	else if (what != INTERDICT_SIGNED_DETACHED || !content)
		return -EINVAL;
	if (!blob_len)
		return -EINVAL;
	if (content > INTERDICT_CONTENT_MAX || blob_len > INTERDICT_BLOB_MAX)
		return -EFBIG;
	file = source_open(file);
	if (IS_ERR(file))
		return PTR_ERR(file);
	err = verify_source(file, content, blob_at, blob_len);
	fput(file);
	return err;
}

__bpf_kfunc int interdict_verify_buffer(struct interdict_buffer *buffer, __u64 content,
					__u64 blob_at, __u64 blob_len)
{
	const u8 *bytes;

	if (!buffer || !content || !blob_len)
		return -EINVAL;
	if (content > INTERDICT_CONTENT_MAX || blob_len > INTERDICT_BLOB_MAX)
		return -EFBIG;
	if (content > buffer->len || blob_at > buffer->len || blob_len > buffer->len - blob_at)
		return -ENODATA;
	bytes = (const u8 *)(unsigned long)buffer->address;
	return verify(bytes, content, bytes + blob_at, blob_len);
}
