/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "conf.h"
#include "control.h"

#define TIMEOUT_SECONDS 60
#define QUICK_SECONDS	5 /* whoever has another way does not wait for who hangs */
#define REPLY_MAX	(16 << 20)
#define REPLY_FIRST	4096

static int cannot_connect(const char *socket, struct diag *d)
{
	if (errno == EACCES || errno == EPERM) {
		diag_error(d, socket, 0, "only root may ask interdictd: run this as root");
		return -EACCES;
	}
	diag_error(d, socket, 0, "interdictd does not answer (%s): systemctl start interdictd",
		   strerror(errno));
	return -ECONNREFUSED;
}

static int connect_to(const char *path, int seconds, struct diag *d)
{
	struct timeval timeout = {.tv_sec = seconds};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return cannot_connect(path, d);
	}
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return cannot_connect(path, d);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return fd;
	close(fd);
	return cannot_connect(path, d);
}

static int protocol_error(const char *socket, const char *what, struct diag *d)
{
	diag_error(d, socket, 0, "interdictd %s: journalctl -u interdictd may say why", what);
	return -EPROTO;
}

static int lost(const char *socket, struct diag *d)
{
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return protocol_error(socket, "does not answer in time", d);
	return protocol_error(socket, "hung up", d);
}

/* The call with its NUL. */
static char *format_call(const char *method, json_t *parameters, size_t *len)
{
	json_t *call = json_pack("{s:s+, s:o*}", "method", CONTROL_INTERFACE ".", method,
				 "parameters", parameters);
	char *text = json_dumps(call, JSON_COMPACT);

	json_decref(call);
	*len = text ? strlen(text) + 1 : 0;
	return text;
}

static int send_call(int fd, const char *socket, const char *text, size_t len, struct diag *d)
{
	ssize_t n;

	for (; len; text += n, len -= n) {
		n = send(fd, text, len, MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR)
			return lost(socket, d);
		if (n < 0)
			n = 0;
	}
	return 0;
}

static bool grow(char **buffer, size_t *capacity)
{
	size_t wanted = *capacity ? 2 * *capacity : REPLY_FIRST;
	char *bigger = realloc(*buffer, wanted);

	if (!bigger)
		return false;
	*buffer = bigger;
	*capacity = wanted;
	return true;
}

/* Read to the NUL that ends the reply. */
static int receive_reply(int fd, const char *socket, char **reply, struct diag *d)
{
	size_t len = 0, capacity = 0;
	ssize_t n;

	for (;;) {
		if (len == capacity && !grow(reply, &capacity))
			return -ENOMEM;
		n = recv(fd, *reply + len, capacity - len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? lost(socket, d) : protocol_error(socket, "hung up", d);
		if (memchr(*reply + len, 0, n))
			return 0;
		len += n;
		if (len > REPLY_MAX)
			return protocol_error(socket, "answers more than 16 MiB", d);
	}
}

/* "error: …" and "warning: …" lines become diagnoses again. */
static void take_diagnoses(json_t *parameters, struct diag *d)
{
	static const char warning[] = "warning: ", error[] = "error: ";
	const char *line;
	json_t *value;
	size_t i;

	json_array_foreach(json_object_get(parameters, "diagnoses"), i, value)
	{
		line = json_string_value(value);
		if (!line)
			continue;
		if (!strncmp(line, warning, strlen(warning)))
			diag_warning(d, NULL, 0, "%s", line + strlen(warning));
		else if (!strncmp(line, error, strlen(error)))
			diag_error(d, NULL, 0, "%s", line + strlen(error));
		else
			diag_error(d, NULL, 0, "%s", line);
	}
}

static int take_error(const char *socket, const char *error, json_t *parameters, struct diag *d)
{
	size_t before = d ? d->errors : 0;

	take_diagnoses(parameters, d);
	if (!strcmp(error, "org.varlink.service.PermissionDenied")) {
		diag_error(d, socket, 0, "only root may ask interdictd: run this as root");
		return -EACCES;
	}
	if (d && d->errors == before)
		diag_error(d, socket, 0, "interdictd answers %s", error);
	return -EREMOTEIO;
}

static int parse_reply(const char *socket, const char *text, json_t **reply, struct diag *d)
{
	json_t *root = json_loads(text, 0, NULL), *parameters, *error;
	int err = 0;

	if (!json_is_object(root)) {
		json_decref(root);
		return protocol_error(socket, "answers what is no JSON object", d);
	}
	parameters = json_object_get(root, "parameters");
	error = json_object_get(root, "error");
	if (error)
		err = take_error(socket, json_is_string(error) ? json_string_value(error) : "?",
				 parameters, d);
	else
		*reply = json_is_object(parameters) ? json_incref(parameters) : json_object();
	json_decref(root);
	return err;
}

static int patience(const char *method)
{
	static const char *const quick[] = {"Status", "Disable", "Enable"};
	size_t i;

	for (i = 0; i < sizeof(quick) / sizeof(quick[0]); i++)
		if (!strcmp(method, quick[i]))
			return QUICK_SECONDS;
	return TIMEOUT_SECONDS;
}

int control_call_at(const char *socket, const char *method, json_t *parameters, json_t **reply,
		    struct diag *d)
{
	char *text = NULL, *answer = NULL;
	size_t len;
	int fd = -1, err;

	*reply = NULL;
	text = format_call(method, parameters, &len);
	if (!text)
		return -ENOMEM;
	fd = err = connect_to(socket, patience(method), d);
	if (fd < 0)
		goto out;
	err = send_call(fd, socket, text, len, d);
	if (err)
		goto out;
	err = receive_reply(fd, socket, &answer, d);
	if (err)
		goto out;
	err = parse_reply(socket, answer, reply, d);
out:
	if (fd >= 0)
		close(fd);
	free(answer);
	free(text);
	return err;
}

int control_call(const char *method, json_t *parameters, json_t **reply, struct diag *d)
{
	return control_call_at(CONTROL_SOCKET, method, parameters, reply, d);
}
