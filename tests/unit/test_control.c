/* SPDX-License-Identifier: GPL-2.0-only */
#include "scratch.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "machine/control.h"

static struct diag diag;
static json_t *reply;
static pid_t server;
static char call[4096]; /* what the server was sent */

static int listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/* Answer one call with @answer in pieces, and echo it into a file. */
static void serve(const char *answer, size_t len)
{
	int listener = listen_at(scratch_path("control")), fd, log;
	char c = 1;
	size_t i, piece;

	server = fork();
	if (server) {
		close(listener);
		return;
	}
	log = open(scratch_path("call"), O_WRONLY | O_CREAT, 0600);
	fd = accept(listener, NULL, NULL);
	while (read(fd, &c, 1) == 1 && c)
		if (write(log, &c, 1) != 1)
			_exit(1);
	for (i = 0; i < len; i += piece) {
		piece = len - i < 100000 ? len - i : 100000;
		if (send(fd, answer + i, piece, MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}

static int ask(const char *method, json_t *parameters)
{
	int err = control_call_at(scratch_path("control"), method, parameters, &reply, &diag), fd;
	ssize_t n;

	waitpid(server, NULL, 0);
	fd = open(scratch_path("call"), O_RDONLY);
	n = read(fd, call, sizeof(call) - 1);
	call[n > 0 ? n : 0] = 0;
	close(fd);
	return err;
}

static int teardown(void **state)
{
	json_decref(reply);
	reply = NULL;
	diag_free(&diag);
	return scratch_teardown(state);
}

#define ANSWER(text) serve(text, sizeof(text))

static void test_reply(void **state)
{
	ANSWER("{\"parameters\":{\"generation\":7}}");
	assert_int_equal(ask("Reload", json_pack("{s:b}", "force", 1)), 0);
	assert_string_equal(call, "{\"method\":\"org.interdict.Reload\","
				  "\"parameters\":{\"force\":true}}");
	assert_int_equal(json_integer_value(json_object_get(reply, "generation")), 7);
}

static void test_no_parameters(void **state)
{
	ANSWER("{}");
	assert_int_equal(ask("Status", NULL), 0);
	assert_string_equal(call, "{\"method\":\"org.interdict.Status\"}");
	assert_true(json_is_object(reply));
}

static void test_refused(void **state)
{
	ANSWER("{\"error\":\"org.interdict.Refused\",\"parameters\":{\"diagnoses\":"
	       "[\"warning: w\",\"error: x.policy:3: bad\",5]}}");
	assert_int_equal(ask("Reload", NULL), -EREMOTEIO);
	assert_int_equal(diag.kept, 2);
	diag_expect(&diag, 0, DIAG_WARNING, NULL, 0, "w", NULL);
	diag_expect(&diag, 1, DIAG_ERROR, "x.policy", 3, "bad", NULL);
	assert_null(reply);
}

static void test_other_errors(void **state)
{
	ANSWER("{\"error\":\"org.varlink.service.MethodNotFound\"}");
	assert_int_equal(ask("Reload", NULL), -EREMOTEIO);
	diag_expect(&diag, 0, DIAG_ERROR, scratch_path("control"), 0, "MethodNotFound", NULL);
	unlink(scratch_path("control"));
	ANSWER("{\"error\":\"org.varlink.service.PermissionDenied\"}");
	assert_int_equal(ask("Reload", NULL), -EACCES);
	diag_expect(&diag, 1, DIAG_ERROR, scratch_path("control"), 0, "root", NULL);
}

static void test_nonsense(void **state)
{
	static const char *const answers[] = {"", "{", "[]", "\"x\"", "\xff\xfe"};
	size_t i;

	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		serve(answers[i], strlen(answers[i]) + 1);
		assert_int_equal(ask("Reload", NULL), -EPROTO);
		unlink(scratch_path("control"));
		unlink(scratch_path("call"));
	}
	/* hung up before the NUL */
	serve("{}", 2);
	assert_int_equal(ask("Reload", NULL), -EPROTO);
	assert_int_equal(diag.errors, i + 1);
}

static void test_large(void **state)
{
	size_t len = 10 << 20;
	char *text = malloc(len + 64);
	int head = sprintf(text, "{\"parameters\":{\"x\":\"");

	memset(text + head, 'a', len);
	strcpy(text + head + len, "\"}}");
	serve(text, head + len + 4);
	assert_int_equal(ask("Reload", NULL), 0);
	assert_int_equal(json_string_length(json_object_get(reply, "x")), len);
	free(text);
}

static void test_too_large(void **state)
{
	size_t len = 20 << 20;
	char *text = malloc(len);

	memset(text, 'a', len);
	serve(text, len);
	assert_int_equal(ask("Reload", NULL), -EPROTO);
	free(text);
}

static void test_nobody(void **state)
{
	assert_int_equal(control_call_at(scratch_path("none"), "Status", NULL, &reply, &diag),
			 -ECONNREFUSED);
	diag_expect(&diag, 0, DIAG_ERROR, scratch_path("none"), 0, "systemctl start interdictd",
		    NULL);
	assert_int_equal(control_call_at(scratch_path("none"), "Status", NULL, &reply, NULL),
			 -ECONNREFUSED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_reply),	 TEST(test_no_parameters), TEST(test_refused),
		TEST(test_other_errors), TEST(test_nonsense),	   TEST(test_large),
		TEST(test_too_large),	 TEST(test_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
