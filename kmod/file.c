// SPDX-License-Identifier: GPL-2.0-only
/* Files: to read from, and the inode behind one. */
#include <linux/file.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "compat.h"
#include "interdict.h"

/* What is mapped when @file is mapped: under an overlay, of overlays too, the layer's file. */
static struct file *mapped_file(struct file *file)
{
	int depth;

	for (depth = 0; depth <= FILESYSTEM_MAX_STACK_DEPTH; depth++) {
		if (file_inode(file)->i_sb->s_magic != OVERLAYFS_SUPER_MAGIC)
			break;
		file = opened_layer(file);
	}
	return file;
}

/*
 * As IMA does; and it refuses O_DIRECT, though what was opened so can be mapped to run. @layer is
 * what @file maps: another one, copied up since, would not do.
 */
static struct file *source_reopen(struct file *file, struct file *layer)
{
	struct file *again, *mapped;

	again = dentry_open(&file->f_path, O_RDONLY | O_LARGEFILE | __FMODE_NONOTIFY, file->f_cred);
	if (IS_ERR(again))
		return again;
	mapped = mapped_file(again);
	if (file_inode(mapped) == file_inode(layer))
		get_file(mapped);
	else
		mapped = ERR_PTR(-ESTALE);
	fput(again);
	return mapped;
}

struct file *source_open(struct file *file)
{
	struct file *layer;

	if (!file)
		return ERR_PTR(-EBADF);
	/* In file_open. Opened anew, it would come to that hook again, and so without end. */
	if (!(file->f_mode & FMODE_OPENED))
		return ERR_PTR(-EOPNOTSUPP);
	if (!S_ISREG(file_inode(file)->i_mode))
		return ERR_PTR(-EINVAL);
	layer = mapped_file(file);
	if (!(layer->f_mode & FMODE_READ) || layer->f_flags & O_DIRECT)
		layer = source_reopen(file, layer);
	else
		get_file(layer);
	if (IS_ERR(layer))
		return layer;
	if (!(layer->f_mode & FMODE_CAN_READ) || !layer->f_op->read_iter || layer->f_op->read) {
		fput(layer);
		return ERR_PTR(-EOPNOTSUPP);
	}
	return layer;
}

static ssize_t read_once(struct file *file, void *to, size_t len, loff_t at)
{
	struct kvec vec = {.iov_base = to, .iov_len = len};
	struct kiocb kiocb;
	struct iov_iter iter;

	if (fatal_signal_pending(current))
		return -EINTR;
	init_sync_kiocb(&kiocb, file);
	kiocb.ki_pos = at;
	iov_iter_kvec(&iter, ITER_DEST, &vec, 1, len);
	return file->f_op->read_iter(&kiocb, &iter);
}

/* Files without a size, as in procfs, end where a read gives nothing. */
static bool at_end(struct file *file, u64 at)
{
	u64 size = i_size_read(file_inode(file));

	return size && at >= size;
}

ssize_t source_read(struct file *file, void *to, size_t len, u64 at)
{
	size_t done = 0;

	len = min_t(size_t, len, MAX_RW_COUNT);
	if (at > (u64)MAX_LFS_FILESIZE - len)
		return 0;
	while (done < len) {
		ssize_t got = read_once(file, to + done, len - done, at + done);

		if (got < 0)
			return got;
		done += got;
		if (!got || at_end(file, at + done))
			break;
	}
	return done;
}

/*
 * Whether read(2) would give what is in the page cache, and ask nobody before. Of what other file
 * systems have there a server may say that it is old (networks, FUSE, 9p), or they keep it in
 * another place (overlayfs).
 */
static bool pages_are_the_file(const struct inode *inode)
{
	switch (inode->i_sb->s_magic) {
	case EXT4_SUPER_MAGIC: /* ext2 and ext3 too */
	case XFS_SUPER_MAGIC:
	case BTRFS_SUPER_MAGIC:
	case F2FS_SUPER_MAGIC:
	case SQUASHFS_MAGIC:
	case EROFS_SUPER_MAGIC_V1:
	case TMPFS_MAGIC:
		return true;
	default:
		return false;
	}
}

/* One that is marked for readahead is left to read(2), which then reads ahead. */
static bool is_at_hand(struct folio *folio)
{
	if (!folio_test_uptodate(folio) || folio_test_readahead(folio))
		return false;
	return !folio_test_hwpoison(folio) &&
	       !(folio_test_large(folio) && folio_test_has_hwpoisoned(folio));
}

/*
 * It is never read in here: that would need the lock against truncation and punched holes, which is
 * not the same on every file system. With DAX there are no folios.
 */
struct folio *source_folio(struct file *file, u64 at)
{
	struct folio *folio;

	if (!pages_are_the_file(file_inode(file)))
		return NULL;
	folio = filemap_get_folio(file->f_mapping, at >> PAGE_SHIFT);
	if (IS_ERR_OR_NULL(folio))
		return NULL;
	if (is_at_hand(folio))
		return folio;
	folio_put(folio);
	return NULL;
}

void *source_chunk(size_t *size)
{
	void *chunk = kvmalloc(*size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);

	while (!chunk && *size > PAGE_SIZE) {
		*size /= 2;
		chunk = kvmalloc(*size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	}
	return chunk;
}

__bpf_kfunc int interdict_file_read(struct file *file, __u64 at, void *dst, __u32 dst__sz)
{
	ssize_t got;

	file = source_open(file);
	if (IS_ERR(file))
		return PTR_ERR(file);
	got = source_read(file, dst, dst__sz, at);
	fput(file);
	return got;
}

__bpf_kfunc struct inode *interdict_real_inode(struct file *file)
{
	struct inode *inode;

	if (!file)
		return NULL;
	inode = file_inode(file);
	/* Others than regular files have no layers; what is not open yet has none yet. */
	if (S_ISREG(inode->i_mode) && file->f_mode & FMODE_OPENED)
		inode = file_inode(mapped_file(file));
	ihold(inode);
	return inode;
}

__bpf_kfunc void interdict_inode_put(struct inode *inode)
{
	iput(inode);
}
