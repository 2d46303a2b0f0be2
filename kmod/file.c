// SPDX-License-Identifier: GPL-2.0-only
/* Files: to read from, and the inode behind one. */
#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "compat.h"
#include "interdict.h"

/* As IMA does; and it refuses O_DIRECT, though what was opened so can be mapped to run. */
static struct file *source_reopen(struct file *file)
{
	return dentry_open(&file->f_path, O_RDONLY | O_LARGEFILE | __FMODE_NONOTIFY, file->f_cred);
}

struct file *source_open(struct file *file)
{
	if (!file)
		return ERR_PTR(-EBADF);
	/* In file_open. Opened anew, it would come to that hook again, and so without end. */
	if (!(file->f_mode & FMODE_OPENED))
		return ERR_PTR(-EOPNOTSUPP);
	if (!S_ISREG(file_inode(file)->i_mode))
		return ERR_PTR(-EINVAL);
	if (!(file->f_mode & FMODE_READ) || file->f_flags & O_DIRECT)
		file = source_reopen(file);
	else
		get_file(file);
	if (IS_ERR(file))
		return file;
	if (!(file->f_mode & FMODE_CAN_READ) || !file->f_op->read_iter || file->f_op->read) {
		fput(file);
		return ERR_PTR(-EOPNOTSUPP);
	}
	return file;
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
		if (!got)
			break;
		done += got;
	}
	return done;
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

/* In layers of layers: d_real does not look into an upper layer, which may be an overlay too. */
static struct dentry *data_dentry(struct dentry *dentry)
{
	int depth;

	for (depth = 0; depth <= FILESYSTEM_MAX_STACK_DEPTH; depth++)
		dentry = data_layer(dentry);
	return dentry;
}

__bpf_kfunc struct inode *interdict_real_inode(struct file *file)
{
	struct inode *inode;

	if (!file)
		return NULL;
	inode = file_inode(file);
	/* Others than regular files may have another inode than their dentry, and have no layers.
	 */
	if (S_ISREG(inode->i_mode))
		inode = d_inode(data_dentry(file->f_path.dentry)) ?: inode;
	ihold(inode);
	return inode;
}

__bpf_kfunc void interdict_inode_put(struct inode *inode)
{
	iput(inode);
}
