/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "conf.h"
#include "daemon.h"
#include "methods.h"
#include "server.h"

#define REQUEST_MAX	(64 * 1024)
#define CONNECTIONS_MAX 16
#define ANSWER_TIMEOUT	5 /* seconds: who does not read his answer is not waited for */

struct connection {
	struct daemon *daemon;
	sd_event_source *source;
	int fd;
	struct actor peer;
	size_t len;
	char request[REQUEST_MAX];
};

static unsigned int connections;

static void hang_up(struct connection *c)
{
	sd_event_source_disable_unref(c->source);
	close(c->fd);
	free(c);
	connections--;
}

static bool peer_is_root(struct actor *peer, int fd)
{
	return !actor_of_peer(peer, fd) && !peer->uid;
}

/* Write an answer and its NUL. False: the peer is gone or does not read. */
static bool send_answer(int fd, json_t *answer)
{
	char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
	size_t left = text ? strlen(text) + 1 : 0;
	const char *at = text;
	ssize_t put;

	while (left) {
		put = send(fd, at, left, MSG_NOSIGNAL);
		if (put <= 0)
			break;
		at += put;
		left -= put;
	}
	free(text);
	json_decref(answer);
	return text && !left;
}

static json_t *ask(struct connection *c, const char *method, json_t *parameters)
{
	c->daemon->caller = c->peer;
	return methods_call(c->daemon, method, parameters);
}

static json_t *answer_request(struct connection *c)
{
	json_t *request = json_loads(c->request, JSON_REJECT_DUPLICATES, NULL), *answer;
	const char *method = json_string_value(json_object_get(request, "method"));

	if (!method)
		answer =
			json_pack("{s:s, s:{s:s}}", "error", "org.varlink.service.InvalidParameter",
				  "parameters", "parameter", "method");
	else
		answer = ask(c, method, json_object_get(request, "parameters"));
	json_decref(request);
	return answer;
}

/* Answer every whole request that has arrived. False: hang up. */
static bool answer_all(struct connection *c)
{
	char *end;
	size_t used;

	while ((end = memchr(c->request, 0, c->len))) {
		if (!send_answer(c->fd, answer_request(c)))
			return false;
		used = end + 1 - c->request;
		memmove(c->request, end + 1, c->len - used);
		c->len -= used;
	}
	return c->len < REQUEST_MAX;
}

static int on_request(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct connection *c = userdata;
	ssize_t got = recv(fd, c->request + c->len, REQUEST_MAX - c->len, MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got > 0) {
		c->len += got;
		if (answer_all(c))
			return 0;
	}
	hang_up(c);
	return 0;
}

static int on_connection(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct timeval patience = {.tv_sec = ANSWER_TIMEOUT};
	struct actor actor;
	struct connection *c;
	int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

	if (peer < 0)
		return 0;
	c = connections < CONNECTIONS_MAX && peer_is_root(&actor, peer) ? calloc(1, sizeof(*c))
									: NULL;
	if (!c) {
		close(peer);
		return 0;
	}
	c->daemon = userdata;
	c->fd = peer;
	c->peer = actor;
	setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	connections++;
	if (sd_event_add_io(c->daemon->loop, &c->source, peer, EPOLLIN, on_request, c) < 0)
		hang_up(c);
	return 0;
}

int server_open(sd_event *loop, struct daemon *daemon)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = CONTROL_SOCKET};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), err;
	mode_t mask;

	if (fd < 0)
		return -errno;
	/* The lock says that no other interdictd listens: what is there was left behind. */
	unlink(CONTROL_SOCKET);
	mask = umask(0177);
	err = bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 16) ? -errno : 0;
	umask(mask);
	if (!err)
		err = sd_event_add_io(loop, NULL, fd, EPOLLIN, on_connection, daemon);
	if (err < 0)
		close(fd);
	return err < 0 ? err : 0;
}
