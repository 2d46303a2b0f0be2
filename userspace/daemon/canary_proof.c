/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "canary.h"
#include "canary_proof.h"
#include "child.h"
#include "conf.h"
#include "daemon.h"
#include "file.h"

#define PATIENCE_S 3

/* ---- the child ------------------------------------------------------------------------------- */

struct child {
	pid_t pid; /* 0: there is none */
	int fd;
};

/* Whoever is killed takes it along. */
static void __attribute__((noreturn)) serve(int fd, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	_exit(canary_ways_serve(fd) ? 1 : 0);
}

static bool begin(struct child *c)
{
	pid_t parent = getpid();
	int ends[2];

	if (c->pid)
		return true;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return false;
	c->pid = fork();
	if (!c->pid) {
		close(ends[0]);
		serve(ends[1], parent);
	}
	close(ends[1]);
	c->fd = ends[0];
	if (c->pid > 0)
		return true;
	close(c->fd);
	c->pid = 0;
	return false;
}

static void end(struct child *c)
{
	if (!c->pid)
		return;
	close(c->fd);
	child_end(c->pid);
	c->pid = 0;
}

static bool ask(struct child *c, unsigned char index, struct tried *tried)
{
	struct pollfd answer = {.events = POLLIN};

	if (!begin(c))
		return false;
	answer.fd = c->fd;
	if (send(c->fd, &index, 1, MSG_NOSIGNAL) == 1 && poll(&answer, 1, PATIENCE_S * 1000) == 1 &&
	    file_read(c->fd, tried, sizeof(*tried)) == sizeof(*tried))
		return true;
	end(c);
	return false;
}

/* ---- what there is --------------------------------------------------------------------------- */

static void read_line(char *line, size_t size, const char *path)
{
	int fd = file_open(path);
	ssize_t n = fd < 0 ? 0 : file_read(fd, line, size - 1);

	line[n > 0 ? n : 0] = 0;
	if (fd >= 0)
		close(fd);
}

static void look_around(struct surroundings *s)
{
	char line[128];

	*s = (struct surroundings){};
	peers_read(&s->peers, "");
	if (kept_at(&s->place, "/proc/self/mountinfo", LIBEXECDIR "/interdict"))
		strcpy(s->place.type, "nothing");
	read_line(line, sizeof(line), "/proc/sys/kernel/modules_disabled");
	s->no_drivers = *line == '1';
	read_line(line, sizeof(line), "/sys/module/module/parameters/sig_enforce");
	s->signed_only = *line == 'Y';
	read_line(line, sizeof(line), "/sys/kernel/security/lockdown");
	s->signed_only |= strstr(line, "[integrity]") || strstr(line, "[confidentiality]");
}

/* ---- one by one ------------------------------------------------------------------------------ */

static json_t *try_way(struct daemon *daemon, struct child *c, size_t index, struct surroundings *s)
{
	const struct way *way = &canary_ways[index];
	unsigned long long before;
	struct tried tried = {};
	bool counted = false;
	int turn;

	/* A flood may have filled the ring, where our own record found no room. */
	for (turn = 0; turn < CANARY_TURNS && !counted; turn++) {
		events_drain(daemon->events);
		before = events_canaries(daemon->events, way->hook);
		if (!ask(c, index, &tried))
			return canary_proof_no_answer(way, PATIENCE_S);
		events_drain(daemon->events);
		counted = events_canaries(daemon->events, way->hook) != before;
		if (tried.denied != EPERM)
			break;
	}
	s->noexec = tried.unlifted;
	s->mmap_denies |= way->hook == HOOK_MMAP && counted;
	return canary_proof_judge(way, &tried, counted, s);
}

json_t *canary_proof(struct daemon *daemon)
{
	struct surroundings s;
	struct child child = {};
	json_t *ways = json_array(), *said;
	size_t i;

	look_around(&s);
	for (i = 0; i < canary_way_count; i++) {
		said = canary_proof_judge(&canary_ways[i], NULL, false, &s);
		json_array_append_new(ways, said ? said : try_way(daemon, &child, i, &s));
	}
	end(&child);
	return ways;
}
