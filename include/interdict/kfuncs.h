/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What kmod/interdict.ko supplies to the BPF program: reading, digesting, unpacking and verifying,
 * of files and of kernel buffers. It holds no policy and no parser of ours. Lengths and addresses
 * are hostile: whoever calls may pass any.
 *
 * All offsets and lengths are in bytes. What returns an int returns a negative errno on failure.
 * Files are read as IMA reads them: without fanotify events and through the page cache. What was
 * opened O_WRONLY or O_DIRECT is opened anew for it; on 7.x fanotify sees that opening.
 *
 * Linux 6.1 does not check that a `struct file *` may still be used: there, pass only what a hook
 * was called with or a member of it (bprm->file, vma->vm_file). No hook that runs with the inode
 * locked may call what reads a file.
 *
 * A BPF program includes this after its kernel's types and bpf_helpers.h. `struct file` and `struct
 * inode` must be defined there, and used: libbpf refuses a mere declaration. The functions are
 * weak, so that the program loads without the module where every call is dead code: behind a
 * constant in .rodata, since 6.1 cannot take their address.
 */
#ifndef INTERDICT_KFUNCS_H
#define INTERDICT_KFUNCS_H

#include <linux/types.h>

#ifdef __bpf__
#define INTERDICT_KFUNC extern __attribute__((weak, section(".ksyms")))
#else
#define INTERDICT_KFUNC
#endif

struct file;
struct inode;

/* A part of a file, from @at; INTERDICT_TO_END: as far as the file goes. */
struct interdict_range {
	__u64 at;
	__u64 len;
};

#define INTERDICT_TO_END     (~0ULL)
#define INTERDICT_RANGES_MAX 8
#define INTERDICT_DIGEST_LEN 32 /* SHA-256 */

/* The longest content that a signature is verified over, and the longest that is unpacked. */
#define INTERDICT_CONTENT_MAX (256ULL << 20)
/* The longest PKCS#7 blob. */
#define INTERDICT_BLOB_MAX (64ULL << 10)

/* What a PKCS#7 blob signs. */
enum interdict_signed {
	INTERDICT_SIGNED_DETACHED = 0, /* the first @content bytes, as in a module */
	INTERDICT_SIGNED_PE = 1,       /* what it carries itself: Authenticode's indirect data */
};

/**
 * struct interdict_buffer - what a compressed file holds, in kernel memory.
 * @address: where it begins; good for bpf_probe_read_kernel and interdict_buffer_digest
 * @len: how long it is
 */
struct interdict_buffer {
	__u64 address;
	__u64 len;
};

/**
 * interdict_file_read() - read a part of a file. May sleep.
 * @file: a regular file
 * @at: where to begin; at or after its end nothing is read
 * @dst: receives the bytes
 * @dst__sz: how many at most
 *
 * Return: the bytes read, fewer than @dst__sz only at the end of the file; -EBADF without a file;
 * -EINVAL when it is not regular; -EOPNOTSUPP when its file system cannot be read from here,
 * or in the hook file_open, where it is not open yet; -ESTALE when an overlay's file has to be
 * opened anew and was copied up since; -EINTR when a fatal signal is pending; what opening it anew
 * gives, where its mode asks for that (-EACCES, -ENFILE, -ENOMEM, what another security module
 * says); and what its file system gives (-EIO; -ESTALE; -EISDIR).
 */
INTERDICT_KFUNC int interdict_file_read(struct file *file, __u64 at, void *dst, __u32 dst__sz);

/**
 * interdict_file_digest() - take the SHA-256 of parts of a file. May sleep, and take long.
 * @file: a regular file
 * @ranges: the parts, in the order in which they are digested
 * @ranges__sz: their size in all, a multiple of sizeof(*@ranges); at most INTERDICT_RANGES_MAX
 * @digest: receives it; undefined on failure
 * @digest__sz: INTERDICT_DIGEST_LEN
 *
 * The file's size is taken once, at the beginning: what is appended meanwhile is not read. A file
 * without a size, as in procfs, is empty. INTERDICT_TO_END from after the end adds nothing.
 *
 * Return: 0; -EINVAL for a wrong size or too many parts; -ENODATA when the file ends inside a part
 * that is not INTERDICT_TO_END; -ENOMEM; or what interdict_file_read() gives.
 */
INTERDICT_KFUNC int interdict_file_digest(struct file *file, const struct interdict_range *ranges,
					  __u32 ranges__sz, __u8 *digest, __u32 digest__sz);

/**
 * interdict_buffer_digest() - take the SHA-256 of kernel memory. Never sleeps.
 * @address: where it begins
 * @len: how long it is; at most INTERDICT_CONTENT_MAX
 * @digest: receives it; undefined on failure
 * @digest__sz: INTERDICT_DIGEST_LEN
 *
 * Return: 0; -EINVAL for another size of @digest; -EFBIG when @len is too long; -EFAULT when there
 * is no readable kernel memory, or not so much.
 */
INTERDICT_KFUNC int interdict_buffer_digest(__u64 address, __u64 len, __u8 *digest,
					    __u32 digest__sz);

/**
 * interdict_verify_file() - check a PKCS#7 signature that a file carries. May sleep, and take long.
 * @file: a regular file
 * @content: for INTERDICT_SIGNED_DETACHED: how many bytes at its beginning are signed
 * @blob_at: where the PKCS#7 message begins
 * @blob_len: how long it is, without padding
 * @what: what it signs: enum interdict_signed
 *
 * Of a PE file only the message itself is verified: that the digest in it is the file's is for the
 * caller to check. The keys are those in this module's keyring, and no others.
 *
 * What may be held in memory at a time is bounded, apart for root, for other users, and for file
 * systems that may be slow forever (FUSE, and what a user mounted). Beyond it a caller waits.
 *
 * Return: 0 when it is right and chains to a certificate of the keyring. From the kernel's PKCS#7
 * code: -ENOKEY when it does not chain to one: with the signer's certificate in the message the
 * signature fits that one, without it (modules), or where the signer is named by key id, nothing is
 * known of it; -EKEYREJECTED when the signature or the digest does not fit, the message is of
 * another type than @what, or a certificate is blacklisted or revoked; -EBADMSG when it is
 * malformed, or detached and yet with content; -EINVAL when what the key makes of the signature is
 * nothing; -ENOPKG when an algorithm is not there; -EKEYREVOKED or -EKEYEXPIRED when the keyring
 * was revoked or a key has expired. -EINVAL for another @what, no blob or no content; -EFBIG when
 * one is longer than its maximum.
 *
 * All others say nothing of the signature: -ENODATA when the file ends before; -EBUSY when memory
 * stayed taken; -ENOMEM; -ETIMEDOUT when an algorithm was not loaded in time; -EINTR when a fatal
 * signal is pending; or what interdict_file_read() gives.
 */
INTERDICT_KFUNC int interdict_verify_file(struct file *file, __u64 content, __u64 blob_at,
					  __u64 blob_len, __u32 what);

/**
 * interdict_file_unpack() - unpack a compressed kernel module. May sleep, and take long.
 * @file: a regular file that begins with the magic of xz, gzip or zstd
 * @error: receives 0, or why there is no result
 *
 * As the kernel does, it takes the first stream and nothing behind it.
 *
 * @error is -EOPNOTSUPP when it is compressed in no way that this kernel has, or not at all; -EFBIG
 * when it, or the dictionary that it asks for (256 MiB), is too long; -EBADMSG when it is damaged
 * or ends early; -EBUSY, -ENOMEM, as above; or what interdict_file_read() gives.
 *
 * Return: the result, which interdict_buffer_put() must take back; or NULL.
 */
INTERDICT_KFUNC struct interdict_buffer *interdict_file_unpack(struct file *file, __s32 *error);

/**
 * interdict_buffer_put() - free a result of interdict_file_unpack(). May sleep.
 * @buffer: the result
 */
INTERDICT_KFUNC void interdict_buffer_put(struct interdict_buffer *buffer);

/**
 * interdict_verify_buffer() - check a module's signature in an unpacked buffer. May sleep.
 * @buffer: from interdict_file_unpack()
 * @content: how many bytes at its beginning are signed
 * @blob_at: where the PKCS#7 message begins
 * @blob_len: how long it is, without padding
 *
 * Return: as interdict_verify_file() does of INTERDICT_SIGNED_DETACHED.
 */
INTERDICT_KFUNC int interdict_verify_buffer(struct interdict_buffer *buffer, __u64 content,
					    __u64 blob_at, __u64 blob_len);

/**
 * interdict_real_inode() - the inode whose content is mapped when a file is. May sleep.
 * @file: a file
 *
 * Under overlayfs that is the inode of the layer that the file was opened with, also where only the
 * metadata was copied up; else the file's own. Who opened it before a copy-up still has the lower.
 * Every function here reads the same.
 *
 * Return: the inode, which interdict_inode_put() must take back; NULL when there is none.
 */
INTERDICT_KFUNC struct inode *interdict_real_inode(struct file *file);

/**
 * interdict_inode_put() - drop a result of interdict_real_inode(). May sleep.
 * @inode: the inode
 */
INTERDICT_KFUNC void interdict_inode_put(struct inode *inode);

#endif
