/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A FUSE file system of one file, "file", served by a child. What is answered is up to the
 * technique: it gives a function that is asked at each read. Beside it "through" may lie, which is
 * passed on to another file without asking the server.
 */
#ifndef BYPASS_FUSE_H
#define BYPASS_FUSE_H

#include <linux/fuse.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#include "technique.h"

#define FUSE_FILE	 2 /* its node */
#define FUSE_THROUGH	 3 /* that of the other */
#define FUSE_REQUEST_MAX (256 << 10)
#define FUSE_REPLY_MAX	 (128 << 10)

/* Since Linux 6.9: younger than the headers may be. */
#define FUSE_INIT_EXTENDED  (1U << 30)
#define FUSE_PASSES_THROUGH (1U << 5) /* of the second word of flags */
#define FOPEN_THROUGH	    (1U << 7)

struct fuse_backing {
	__s32 fd;
	__u32 flags;
	__u64 reserved;
};

#define FUSE_OPEN_BACKING _IOW(229, 1, struct fuse_backing)

struct fuse_server {
	int device;
	pid_t pid;
	int backing;	    /* descriptor of what "through" is passed on to; 0: there is none */
	size_t size;	    /* that the file says it has */
	__u32 open_flags;   /* FOPEN_* */
	__u64 attr_seconds; /* for how long its size may be believed */
	/* The bytes from which a read is answered; may wait. In the server's process. */
	struct bytes (*content)(const struct fuse_read_in *read);
};

static inline void fuse_answer(const struct fuse_server *s, const struct fuse_in_header *in,
			       int error, const void *bytes, size_t len)
{
	static char reply[sizeof(struct fuse_out_header) + FUSE_REPLY_MAX];
	struct fuse_out_header out = {sizeof(out) + len, -error, in->unique};

	memcpy(reply, &out, sizeof(out));
	if (len)
		memcpy(reply + sizeof(out), bytes, len);
	if (write(s->device, reply, out.len) < 0 && errno != ENOENT)
		perror("fuse: answer");
}

static inline struct fuse_attr fuse_attributes(const struct fuse_server *s, __u64 node)
{
	struct fuse_attr attr = {.ino = node, .nlink = 1, .blksize = 4096};

	attr.mode = node == FUSE_ROOT_ID ? S_IFDIR | 0755 : S_IFREG | 0755;
	if (node != FUSE_ROOT_ID)
		attr.size = s->size;
	return attr;
}

static inline void fuse_init(const struct fuse_server *s, const struct fuse_in_header *in)
{
	struct fuse_init_out out = {
		.major = FUSE_KERNEL_VERSION,
		.minor = 31,
		.max_background = 100,
		.congestion_threshold = 100,
		.max_write = 4096,
		.time_gran = 1,
	};

	if (s->backing) {
		out.minor = FUSE_KERNEL_MINOR_VERSION;
		out.flags = FUSE_INIT_EXTENDED;
		out.flags2 = FUSE_PASSES_THROUGH;
		out.unused[0] = 1; /* how deep file systems may be stacked */
	}
	fuse_answer(s, in, 0, &out, sizeof(out));
}

static inline void fuse_lookup(const struct fuse_server *s, const struct fuse_in_header *in,
			       const char *name)
{
	struct fuse_entry_out out = {.entry_valid = 1000, .attr_valid = s->attr_seconds};

	out.nodeid = strcmp(name, "through") ? FUSE_FILE : FUSE_THROUGH;
	out.attr = fuse_attributes(s, out.nodeid);
	if (out.nodeid == FUSE_FILE && strcmp(name, "file"))
		fuse_answer(s, in, ENOENT, NULL, 0);
	else
		fuse_answer(s, in, 0, &out, sizeof(out));
}

static inline void fuse_getattr(const struct fuse_server *s, const struct fuse_in_header *in)
{
	struct fuse_attr_out out = {.attr_valid = s->attr_seconds};

	out.attr = fuse_attributes(s, in->nodeid);
	fuse_answer(s, in, 0, &out, sizeof(out));
}

static inline void fuse_read(const struct fuse_server *s, const struct fuse_in_header *in,
			     const struct fuse_read_in *read)
{
	struct bytes b = s->content(read);
	size_t left = read->offset < b.len ? b.len - read->offset : 0;

	fuse_answer(s, in, 0, b.at + read->offset, left < read->size ? left : read->size);
}

/* An id of what it is passed on to comes where older headers have padding. */
static inline void fuse_open_through(const struct fuse_server *s, const struct fuse_in_header *in)
{
	struct fuse_open_out opened = {.open_flags = FOPEN_THROUGH | FOPEN_NOFLUSH};
	struct fuse_backing backing = {.fd = s->backing};
	int id = ioctl(s->device, FUSE_OPEN_BACKING, &backing);

	if (id < 0)
		fuse_answer(s, in, errno, NULL, 0);
	memcpy((char *)&opened + offsetof(struct fuse_open_out, open_flags) + 4, &id, sizeof(id));
	if (id >= 0)
		fuse_answer(s, in, 0, &opened, sizeof(opened));
}

static inline void fuse_handle(const struct fuse_server *s, const struct fuse_in_header *in)
{
	struct fuse_open_out opened = {.open_flags = s->open_flags | FOPEN_NOFLUSH};

	if (in->opcode == FUSE_INIT)
		fuse_init(s, in);
	else if (in->opcode == FUSE_LOOKUP)
		fuse_lookup(s, in, (const char *)(in + 1));
	else if (in->opcode == FUSE_GETATTR)
		fuse_getattr(s, in);
	else if (in->opcode == FUSE_OPEN && in->nodeid == FUSE_THROUGH)
		fuse_open_through(s, in);
	else if (in->opcode == FUSE_OPEN || in->opcode == FUSE_OPENDIR)
		fuse_answer(s, in, 0, &opened, sizeof(opened));
	else if (in->opcode == FUSE_READ)
		fuse_read(s, in, (const void *)(in + 1));
	else if (in->opcode == FUSE_RELEASE || in->opcode == FUSE_RELEASEDIR)
		fuse_answer(s, in, 0, NULL, 0);
	else if (in->opcode != FUSE_FORGET && in->opcode != FUSE_BATCH_FORGET &&
		 in->opcode != FUSE_INTERRUPT)
		fuse_answer(s, in, ENOSYS, NULL, 0);
}

/* Until it is unmounted. */
static inline void fuse_serve(const struct fuse_server *s)
{
	static char request[FUSE_REQUEST_MAX] __attribute__((aligned(8)));
	ssize_t got;

	for (;;) {
		got = read(s->device, request, sizeof(request));
		if (got >= (ssize_t)sizeof(struct fuse_in_header))
			fuse_handle(s, (void *)request);
		else if (errno != EINTR && errno != EAGAIN && errno != ENOENT)
			_exit(0);
	}
}

/* Mount it on the new directory "fuse". */
static inline void fuse_start(struct fuse_server *s)
{
	char options[80];

	if (access("/dev/fuse", F_OK) && system("modprobe -q fuse"))
		missing("FUSE in this kernel");
	s->device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	must(s->device >= 0, "/dev/fuse");
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other",
		 s->device);
	must(!mkdir("fuse", 0755) && !mount("bypass", "fuse", "fuse", 0, options), "mount");
	s->pid = begin_child();
	if (!s->pid)
		fuse_serve(s);
}

static inline void fuse_end(struct fuse_server *s)
{
	umount2("fuse", MNT_DETACH);
	close(s->device);
	kill(s->pid, SIGKILL);
	wait_for(s->pid);
}

/* The kernel shall forget what it has of the file's pages. */
static inline void fuse_invalidate(const struct fuse_server *s)
{
	struct {
		struct fuse_out_header head;
		struct fuse_notify_inval_inode_out what;
	} note = {
		.head = {.len = sizeof(note), .error = FUSE_NOTIFY_INVAL_INODE},
		.what = {.ino = FUSE_FILE},
	};

	must(write(s->device, &note, sizeof(note)) == sizeof(note), "FUSE_NOTIFY_INVAL_INODE");
}

#endif
