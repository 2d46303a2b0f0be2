// SPDX-License-Identifier: GPL-2.0-only
/* SHA-256 of files and of kernel memory. */
#include <crypto/hash.h>
#include <linux/file.h>
#include <linux/highmem.h>
#include <linux/kmod.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/percpu.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "interdict.h"

/* Little enough to stay in a CPU's cache, and for a thousand tasks that a slow server holds up. */
#define FILE_CHUNK   (64 << 10)
#define BUFFER_CHUNK 4096

struct bounce {
	u8 bytes[BUFFER_CHUNK];
};

static struct crypto_shash *sha256;
static struct bounce __percpu *bounces;

/*
 * The fastest driver that is loaded is taken, and what the CPU has instructions for may not be. Its
 * absence is no error.
 */
int digest_init(void)
{
	int err;

	request_module("crypto-sha256");
	bounces = alloc_percpu(struct bounce);
	if (!bounces)
		return -ENOMEM;
	sha256 = crypto_alloc_shash("sha256", 0, 0);
	if (!IS_ERR(sha256))
		return 0;
	err = PTR_ERR(sha256);
	free_percpu(bounces);
	return err;
}

void digest_exit(void)
{
	crypto_free_shash(sha256);
	free_percpu(bounces);
}

const char *digest_driver(void)
{
	return crypto_shash_driver_name(sha256);
}

/* A digest that is being taken of a file. */
struct hashing {
	struct shash_desc *desc;
	struct file *file;
	void *chunk; /* what is not in memory is read into it; NULL until something is not */
	size_t chunk_size;
};

/* By the page, since SHA-256 in vector registers is not preempted before it returns. */
static int digest_folio(struct shash_desc *desc, struct folio *folio, size_t offset, size_t len)
{
	int err = 0;

	while (len && !err) {
		size_t part = min_t(size_t, len, PAGE_SIZE - offset_in_page(offset));
		void *bytes = kmap_local_folio(folio, offset);

		err = crypto_shash_update(desc, bytes, part);
		kunmap_local(bytes);
		offset += part;
		len -= part;
	}
	return err;
}

/*
 * Digest, without copying, what the folio at @at has of the file before @end: returns how much, 0
 * where nothing is in memory. The size is asked once the folio is there: its bytes behind the end
 * are not the file's.
 */
static s64 digest_in_place(const struct hashing *h, u64 at, u64 end)
{
	struct folio *folio = source_folio(h->file, at);
	u64 len = 0;
	int err = 0;

	if (!folio)
		return 0;
	end = min_t(u64, end, i_size_read(file_inode(h->file)));
	if (at < end) {
		size_t offset = offset_in_folio(folio, at);

		len = min_t(u64, end - at, folio_size(folio) - offset);
		err = digest_folio(h->desc, folio, offset, len);
	}
	folio_put(folio);
	return err ?: len;
}

/* Read a chunk, and digest that: returns how much, 0 at the end of the file. */
static s64 digest_chunk(struct hashing *h, u64 at, u64 end)
{
	ssize_t got;
	int err;

	if (!h->chunk)
		h->chunk = source_chunk(&h->chunk_size);
	if (!h->chunk)
		return -ENOMEM;
	got = source_read(h->file, h->chunk, min_t(u64, end - at, h->chunk_size), at);
	if (got <= 0)
		return got;
	err = crypto_shash_update(h->desc, h->chunk, got);
	return err ?: got;
}

/* From @at up to @end, and to the end of the file if that comes first: returns how much. */
static s64 digest_bytes(struct hashing *h, u64 at, u64 end)
{
	u64 from = at;

	while (at < end) {
		s64 got = fatal_signal_pending(current) ? -EINTR : digest_in_place(h, at, end);

		if (!got)
			got = digest_chunk(h, at, end);
		if (got < 0)
			return got;
		if (!got)
			break;
		at += got;
		cond_resched();
	}
	return at - from;
}

static int digest_part(struct hashing *h, u64 size, const struct interdict_range *range)
{
	u64 end = size;
	s64 got;

	if (range->len != INTERDICT_TO_END &&
	    (check_add_overflow(range->at, range->len, &end) || end > size))
		return -ENODATA;
	if (range->at >= end)
		return 0;
	got = digest_bytes(h, range->at, end);
	if (got < 0)
		return got;
	/* It was truncated meanwhile. */
	return range->len == INTERDICT_TO_END || got == range->len ? 0 : -ENODATA;
}

static int digest_ranges(struct file *file, const struct interdict_range *ranges, u32 count,
			 u8 *digest)
{
	SHASH_DESC_ON_STACK(desc, sha256);
	u64 size = i_size_read(file_inode(file));
	struct hashing h = {
		.desc = desc,
		.file = file,
		.chunk_size = clamp_t(u64, size, 1, FILE_CHUNK),
	};
	int err;
	u32 i;

	desc->tfm = sha256;
	err = crypto_shash_init(desc);
	for (i = 0; i < count && !err; i++)
		err = digest_part(&h, size, &ranges[i]);
	if (!err)
		err = crypto_shash_final(desc, digest);
	kvfree(h.chunk);
	return err;
}

__bpf_kfunc int interdict_file_digest(struct file *file, const struct interdict_range *ranges,
				      __u32 ranges__sz, __u8 *digest, __u32 digest__sz)
{
	int err;

	if (!ranges__sz || ranges__sz % sizeof(*ranges) ||
	    ranges__sz / sizeof(*ranges) > INTERDICT_RANGES_MAX ||
	    digest__sz != INTERDICT_DIGEST_LEN)
		return -EINVAL;
	file = source_open(file);
	if (IS_ERR(file))
		return PTR_ERR(file);
	err = digest_ranges(file, ranges, ranges__sz / sizeof(*ranges), digest);
	fput(file);
	return err;
}

/* Copied before it is read: hashing would not survive an address that is not there. */
static int digest_memory(struct shash_desc *desc, u64 address, size_t len)
{
	struct bounce *bounce = get_cpu_ptr(bounces);
	int err;

	if (copy_from_kernel_nofault(bounce->bytes, (void *)(unsigned long)address, len))
		err = -EFAULT;
	else
		err = crypto_shash_update(desc, bounce->bytes, len);
	put_cpu_ptr(bounces);
	return err;
}

__bpf_kfunc int interdict_buffer_digest(__u64 address, __u64 len, __u8 *digest, __u32 digest__sz)
{
	SHASH_DESC_ON_STACK(desc, sha256);
	size_t part;
	int err;

	if (digest__sz != INTERDICT_DIGEST_LEN)
		return -EINVAL;
	if (len > INTERDICT_CONTENT_MAX)
		return -EFBIG;
	desc->tfm = sha256;
	err = crypto_shash_init(desc);
	for (; len && !err; address += part, len -= part) {
		part = min_t(u64, len, BUFFER_CHUNK);
		err = digest_memory(desc, address, part);
	}
	return err ?: crypto_shash_final(desc, digest);
}
