// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bounds on the memory that callers hold while a signature is verified or a module unpacked, since
 * every user can have that done, to as many files at once as he starts tasks. There are three
 * pools, so that users cannot hold up root, nor slow file systems anybody else.
 */
#include <linux/atomic.h>
#include <linux/cred.h>
#include <linux/magic.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>
#include <linux/wait.h>

#include "interdict.h"

struct pool {
	atomic_long_t held;
	wait_queue_head_t wait;
};

#define POOL(name)                                                                                 \
	static struct pool name = {                                                                \
		.wait = __WAIT_QUEUE_HEAD_INITIALIZER(name.wait),                                  \
	}

POOL(root_pool);
POOL(user_pool);
POOL(slow_pool);

/* A user answers the reads, and need not ever. */
static bool may_never_answer(const struct super_block *sb)
{
	return sb->s_magic == FUSE_SUPER_MAGIC || sb->s_user_ns != &init_user_ns;
}

struct pool *pool_of(struct file *file)
{
	if (may_never_answer(file_inode(file)->i_sb))
		return &slow_pool;
	return uid_eq(current_uid(), GLOBAL_ROOT_UID) ? &root_pool : &user_pool;
}

static bool pool_try(struct pool *pool, long size)
{
	long held = atomic_long_read(&pool->held);

	do {
		if (held && held + size > (long)INTERDICT_CONTENT_MAX)
			return false;
	} while (!atomic_long_try_cmpxchg(&pool->held, &held, held + size));
	return true;
}

int pool_claim(struct pool *pool, size_t size, unsigned int seconds)
{
	long left = wait_event_killable_timeout(pool->wait, pool_try(pool, size), seconds * HZ);

	if (left < 0)
		return -EINTR;
	return left ? 0 : -EBUSY;
}

void pool_release(struct pool *pool, size_t size)
{
	atomic_long_sub(size, &pool->held);
	wake_up_all(&pool->wait);
}
