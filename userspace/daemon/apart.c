/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alive.h"
#include "apart.h"

struct apart {
	sd_event_source *source;
	int alive;  /* a pipe that nobody writes to: it ends with the child */
	int result; /* a memfd */
	pid_t pid;
	void (*done)(void *userdata, const char *result, size_t len);
	void *userdata;
};

static int reap(const struct apart *a)
{
	int status;

	while (waitpid(a->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void release(struct apart *a)
{
	sd_event_source_disable_unref(a->source);
	if (a->alive >= 0)
		close(a->alive);
	if (a->result >= 0)
		close(a->result);
	free(a);
}

static void hand_over(struct apart *a, int status)
{
	void *result;
	struct stat st;

	if (status || fstat(a->result, &st)) {
		a->done(a->userdata, NULL, 0);
		return;
	}
	if (!st.st_size) {
		a->done(a->userdata, "", 0);
		return;
	}
	result = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, a->result, 0);
	a->done(a->userdata, result == MAP_FAILED ? NULL : result,
		result == MAP_FAILED ? 0 : st.st_size);
	if (result != MAP_FAILED)
		munmap(result, st.st_size);
}

static int on_end(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct apart *a = userdata;

	hand_over(a, reap(a));
	release(a);
	return 0;
}

/* Whoever is killed takes it along, and its descriptors: the next interdictd waits for those. */
static void __attribute__((noreturn))
run(int result, pid_t parent, int (*work)(FILE *out, void *userdata), void *userdata)
{
	FILE *out;
	int err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	/* The service manager takes no word of anybody but the main process. */
	alive_tell(NULL);
	out = fdopen(result, "w");
	err = out ? work(out, userdata) : -ENOMEM;
	if (out && fflush(out))
		err = -errno;
	_exit(err ? 1 : 0);
}

static int begin(struct apart *a, sd_event *loop, int (*work)(FILE *out, void *userdata))
{
	pid_t parent = getpid();
	int ends[2];

	a->result = memfd_create("interdictd", MFD_CLOEXEC);
	if (a->result < 0 || pipe2(ends, O_CLOEXEC))
		return -errno;
	a->alive = ends[0];
	a->pid = fork();
	if (!a->pid)
		run(a->result, parent, work, a->userdata);
	close(ends[1]);
	if (a->pid < 0)
		return -errno;
	return sd_event_add_io(loop, &a->source, a->alive, EPOLLIN, on_end, a);
}

struct apart *apart_begin(sd_event *loop, int (*work)(FILE *out, void *userdata),
			  void (*done)(void *userdata, const char *result, size_t len),
			  void *userdata)
{
	struct apart *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	*a = (struct apart){.alive = -1, .result = -1, .done = done, .userdata = userdata};
	if (begin(a, loop, work) >= 0)
		return a;
	apart_cancel(a);
	return NULL;
}

void apart_cancel(struct apart *a)
{
	if (!a)
		return;
	if (a->pid > 0) {
		kill(a->pid, SIGKILL);
		reap(a);
	}
	release(a);
}
