/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <libaudit.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "audit.h"
#include "child.h"

#define STATUS_WAIT  500 /* ms */
#define STATUS_TURNS 16	 /* messages that may come before the answer */
#define CHILD_SOCKET 3

/* ---- a record ---------------------------------------------------------------------------------
 */

void audit_text(char text[AUDIT_TEXT_MAX], const struct notice *n)
{
	const struct notice_field *f;
	char value[NOTICE_TEXT_LEN], *field;
	size_t used = 0, len;

	*text = 0;
	for (f = notice_fields; f->path; f++) {
		if (!f->audit || !notice_text(value, n->record, f->path))
			continue;
		field = audit_encode_nv_string(f->audit, value, strnlen(value, AUDIT_VALUE_MAX));
		len = field ? strlen(field) : 0;
		if (len && used + len + 1 < AUDIT_TEXT_MAX)
			used += snprintf(text + used, AUDIT_TEXT_MAX - used, "%s%s",
					 used ? " " : "", field);
		free(field);
	}
}

static struct sink_item *make(const struct notice *n)
{
	char text[AUDIT_TEXT_MAX];
	struct sink_item *item;

	audit_text(text, n);
	item = sink_item(text, strlen(text));
	if (!item)
		return NULL;
	item->type = AUDIT_TRUSTED_APP;
	item->result = strcmp(notice_string(n->record, "event.outcome"), "failure") != 0;
	return item;
}

/* ---- in the child -----------------------------------------------------------------------------
 */

struct request {
	unsigned int type;
	bool result;
	bool anyone; /* also where no auditd runs */
	char text[AUDIT_TEXT_MAX];
};

#define REQUEST_HEAD offsetof(struct request, text)

/* Who was killed is a zombie until it is waited for, and not there all the same. */
static bool is_alive(pid_t pid)
{
	struct pollfd p = {.fd = syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
	bool ended;

	if (p.fd < 0)
		return false;
	ended = poll(&p, 1, 0) > 0;
	close(p.fd);
	return !ended;
}

static int read_status(int fd, struct audit_status *status)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	struct audit_reply reply;
	int i;

	if (audit_request_status(fd) <= 0)
		return -EIO;
	for (i = 0; i < STATUS_TURNS && poll(&p, 1, STATUS_WAIT) > 0; i++) {
		if (audit_get_reply(fd, &reply, GET_REPLY_NONBLOCKING, 0) <= 0)
			continue;
		if (reply.type == NLMSG_ERROR && reply.error->error)
			return reply.error->error;
		if (reply.type != AUDIT_GET)
			continue;
		*status = *reply.status;
		return 0;
	}
	return -ETIMEDOUT;
}

/*
 * The kernel notices that auditd is gone when it next has something for it, and that record is lost
 * to us; so whether its process lives is asked, too.
 */
static int check_listener(int fd, bool anyone)
{
	struct audit_status status = {};
	int err = read_status(fd, &status);

	if (err)
		return err;
	if (!status.enabled)
		return -ENOTCONN;
	return anyone || (status.pid && is_alive(status.pid)) ? 0 : -ENOTCONN;
}

static int deliver(const struct request *r)
{
	static int fd = -1;
	int err;

	if (fd < 0)
		fd = audit_open();
	/* A kernel without it. */
	if (fd < 0)
		return errno == EINVAL || errno == EPROTONOSUPPORT || errno == EAFNOSUPPORT
			       ? -ENOTCONN
			       : -errno;
	err = check_listener(fd, r->anyone);
	if (err)
		return err;
	errno = 0;
	if (audit_log_user_message(fd, r->type, r->text, NULL, NULL, NULL, r->result) > 0)
		return 0;
	return errno ? -errno : -EIO;
}

static void __attribute__((noreturn)) serve(int fd, pid_t parent)
{
	struct request r;
	ssize_t got;
	int err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "interdict-audit");
	/* None of interdictd's files: its lock must not outlive it. */
	if (getppid() != parent || dup2(fd, CHILD_SOCKET) < 0 ||
	    syscall(SYS_close_range, CHILD_SOCKET + 1, ~0U, 0))
		_exit(1);
	set_aumessage_mode(MSG_QUIET, DBG_NO);
	while ((got = recv(CHILD_SOCKET, &r, sizeof(r) - 1, 0)) > 0) {
		((char *)&r)[got] = 0;
		err = deliver(&r);
		if (send(CHILD_SOCKET, &err, sizeof(err), MSG_NOSIGNAL) != sizeof(err))
			break;
	}
	_exit(0);
}

/* ---- and outside ------------------------------------------------------------------------------
 */

static int begin(struct sink *s)
{
	pid_t parent = getpid();
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	s->pid = fork();
	if (!s->pid)
		serve(ends[1], parent);
	close(ends[1]);
	if (s->pid < 0) {
		close(ends[0]);
		s->pid = 0;
		return -EAGAIN;
	}
	s->fd = ends[0];
	sink_listen(s, EPOLLIN);
	return 0;
}

static void end(struct sink *s)
{
	sink_close(s);
	if (s->pid > 0)
		child_end(s->pid);
	s->pid = 0;
}

static int send_item(struct sink *s, const struct sink_item *item)
{
	struct request r = {
		.type = item->type,
		.result = item->result,
		.anyone = s->mode == LOG_AUDIT_YES,
	};
	int err = s->fd < 0 ? begin(s) : 0;

	if (err)
		return err;
	if (item->len >= sizeof(r.text))
		return -EMSGSIZE;
	memcpy(r.text, item->data, item->len);
	if (send(s->fd, &r, REQUEST_HEAD + item->len, MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
		return -EINPROGRESS;
	err = -errno;
	end(s);
	return err;
}

static void ready(struct sink *s)
{
	int answer;
	ssize_t got = recv(s->fd, &answer, sizeof(answer), MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got != sizeof(answer)) {
		end(s);
		answer = -EPIPE;
	}
	/* Where no auditd ever comes, no child waits for it. */
	if (answer == -ENOTCONN && s->state == SINK_IDLE)
		end(s);
	sink_done(s, answer);
}

const struct sink_type sink_audit = {
	.name = "audit",
	.make = make,
	.send = send_item,
	.ready = ready,
	.close = end,
};
