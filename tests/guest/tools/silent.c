/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file system whose server falls silent, and those who wait for it:
 *
 *	silent serve DIR FILE TOLD   mount it on DIR, until it is unmounted or aborted
 *	silent crowd DIR N           run the names below N, or map them to be run, by turns,
 *				     each in a process of its own; print how they ended
 *
 * Each of the names 0, 1, 2 … is a file of its own, as long as FILE and with its first page. What
 * lies behind that is asked for in vain, but TOLD gets a byte more.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE	      4096
#define REQUEST_MAX   (64 << 10)
#define FIRST_NODE    2 /* of name 0; 1 is the root */
#define MINOR	      31
#define FOREVER	      1000000 /* seconds */
#define IN_BACKGROUND 10000   /* requests that the kernel passes on at a time, of all readers */

#define REFUSED 77

static int device, file, told;
static struct stat file_stat;

static int failed(const char *what)
{
	perror(what);
	return 1;
}

/* ---- the server ---------------------------------------------------------------------------- */

static void answer(const struct fuse_in_header *in, int error, const void *bytes, size_t len)
{
	static char reply[sizeof(struct fuse_out_header) + PAGE];
	struct fuse_out_header out = {sizeof(out) + len, -error, in->unique};

	memcpy(reply, &out, sizeof(out));
	if (len)
		memcpy(reply + sizeof(out), bytes, len);
	if (write(device, reply, out.len) < 0 && errno != ENOENT)
		perror("silent: answer");
}

static struct fuse_attr attributes(__u64 node)
{
	struct fuse_attr attr = {.ino = node, .nlink = 1, .blksize = PAGE};

	attr.mode = node == FUSE_ROOT_ID ? S_IFDIR | 0755 : S_IFREG | 0755;
	if (node != FUSE_ROOT_ID)
		attr.size = file_stat.st_size;
	return attr;
}

static void on_init(const struct fuse_in_header *in)
{
	struct fuse_init_out out = {
		.major = FUSE_KERNEL_VERSION,
		.minor = MINOR,
		.flags = FUSE_ASYNC_READ,
		.max_background = IN_BACKGROUND,
		.congestion_threshold = IN_BACKGROUND,
		.max_write = PAGE,
		.time_gran = 1,
	};

	answer(in, 0, &out, sizeof(out));
}

static void on_lookup(const struct fuse_in_header *in, const char *name)
{
	struct fuse_entry_out out = {.entry_valid = FOREVER, .attr_valid = FOREVER};
	char *end;

	out.nodeid = FIRST_NODE + strtoull(name, &end, 10);
	out.attr = attributes(out.nodeid);
	if (end == name || *end)
		answer(in, ENOENT, NULL, 0);
	else
		answer(in, 0, &out, sizeof(out));
}

static void on_getattr(const struct fuse_in_header *in)
{
	struct fuse_attr_out out = {.attr_valid = FOREVER, .attr = attributes(in->nodeid)};

	answer(in, 0, &out, sizeof(out));
}

static void on_read(const struct fuse_in_header *in, const struct fuse_read_in *read)
{
	char bytes[PAGE];
	ssize_t got;

	if (read->offset) {
		if (write(told, "", 1) != 1)
			perror("silent: told");
		return;
	}
	got = pread(file, bytes, sizeof(bytes), 0);
	answer(in, got < 0 ? EIO : 0, bytes, got < 0 ? 0 : got);
}

static void handle(const struct fuse_in_header *in)
{
	const void *argument = in + 1;
	struct fuse_open_out opened = {};

	switch (in->opcode) {
	case FUSE_INIT:
		on_init(in);
		break;
	case FUSE_LOOKUP:
		on_lookup(in, argument);
		break;
	case FUSE_GETATTR:
		on_getattr(in);
		break;
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		answer(in, 0, &opened, sizeof(opened));
		break;
	case FUSE_READ:
		on_read(in, argument);
		break;
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
		answer(in, 0, NULL, 0);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		answer(in, ENOSYS, NULL, 0);
	}
}

/* Until it is unmounted or aborted. */
static int serve(const char *directory)
{
	static char request[REQUEST_MAX] __attribute__((aligned(8)));
	char options[128];
	ssize_t got;

	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other,max_read=%d", device, PAGE);
	if (mount("silent", directory, "fuse", 0, options))
		return failed("mount");
	for (;;) {
		got = read(device, request, sizeof(request));
		if (got >= (ssize_t)sizeof(struct fuse_in_header))
			handle((void *)request);
		else if (errno == ENODEV)
			return 0;
		else if (errno != EINTR && errno != EAGAIN && errno != ENOENT)
			return failed("read");
	}
}

/* ---- the crowd ----------------------------------------------------------------------------- */

static int try_one(const char *directory, int number)
{
	char path[256];
	char *arguments[] = {path, NULL}, *environment[] = {NULL};
	int fd;

	snprintf(path, sizeof(path), "%s/%d", directory, number);
	if (number % 2) {
		fd = open(path, O_RDONLY);
		if (mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) != MAP_FAILED)
			return 0;
	} else {
		execve(path, arguments, environment);
	}
	return errno == EPERM ? REFUSED : 1;
}

static int crowd(const char *directory, int count)
{
	int number, status, refused = 0, errors = 0, killed = 0, ran = 0;

	for (number = 0; number < count; number++) {
		pid_t pid = fork();

		if (pid < 0)
			return failed("fork");
		if (!pid)
			_exit(try_one(directory, number));
	}
	while (wait(&status) > 0) {
		if (WIFSIGNALED(status))
			killed++;
		else if (WEXITSTATUS(status) == REFUSED)
			refused++;
		else if (WEXITSTATUS(status) == 1)
			errors++;
		else
			ran++;
	}
	printf("%d refused, %d errors, %d killed, %d ran\n", refused, errors, killed, ran);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "crowd"))
		return crowd(argv[2], atoi(argv[3]));
	if (argc != 5 || strcmp(argv[1], "serve"))
		return 2;
	device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	file = open(argv[3], O_RDONLY | O_CLOEXEC);
	told = open(argv[4], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (device < 0 || file < 0 || told < 0 || fstat(file, &file_stat))
		return failed("open");
	return serve(argv[2]);
}
