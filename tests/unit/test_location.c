/* SPDX-License-Identifier: GPL-2.0-only */
/* Locations as the kernel writes them, and what control groups say of whom they belong to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/location.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void expect_path(const struct location *l, const char *path)
{
	char *got = location_path(l);

	if (path)
		assert_string_equal(got, path);
	else
		assert_null(got);
	free(got);
}

/* What the kernel writes, innermost first. */
static void names_become_a_path(void **state)
{
	struct location l = {.whole = 1};

	expect_path(&l, "/");
	memcpy(l.names, "env\0bin\0usr", 12);
	l.len = 12;
	expect_path(&l, "/usr/bin/env");
	l.whole = 0;
	expect_path(&l, "…/usr/bin/env");
	l.len = 0;
	expect_path(&l, NULL);
}

/* Bytes that mean nothing, of a ring that anything was in before. */
static void a_length_beyond_is_nothing(void **state)
{
	struct location l = {.len = LOCATION_LEN + 1};

	memset(l.names, 'x', sizeof(l.names));
	expect_path(&l, NULL);
	l.len = LOCATION_LEN;
	l.names[LOCATION_LEN - 1] = 0;
	free(location_path(&l));
}

static void a_path_goes_there_and_back(void **state)
{
	static const char *const paths[] = {"/", "/a", "/usr/bin/env",
					    "/with space/new\nline/\xff"};
	struct location l;
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		location_set(&l, paths[i]);
		expect_path(&l, paths[i]);
	}
}

static void a_long_path_keeps_its_end(void **state)
{
	char path[3 * LOCATION_LEN] = "", *got;
	struct location l;

	while (strlen(path) < 2 * LOCATION_LEN)
		strcat(path, "/directory");
	strcat(path, "/end");
	location_set(&l, path);
	got = location_path(&l);
	assert_false(l.whole);
	assert_string_equal(got + strlen(got) - 14, "/directory/end");
	free(got);
}

static void expect_group(const char *path, const char *unit, const char *container, const char *pod)
{
	struct control_group g;

	control_group_read(&g, path);
	assert_string_equal(g.unit, unit);
	assert_string_equal(g.container, container);
	assert_string_equal(g.pod, pod);
}

static void units(void **state)
{
	expect_group("/", "", "", "");
	expect_group("/system.slice/ssh.service", "ssh.service", "", "");
	expect_group("/user.slice/user-1000.slice/session-3.scope", "session-3.scope", "", "");
	expect_group("/user.slice/user-1000.slice/user@1000.service/app.slice/x.scope",
		     "user@1000.service", "", "");
	expect_group("/machine.slice/machine-web.scope/payload", "machine-web.scope", "web", "");
}

static void containers(void **state)
{
	expect_group("/system.slice/docker-" HEX64 ".scope", "docker-" HEX64 ".scope", HEX64, "");
	expect_group("/docker/" HEX64, "", HEX64, "");
	expect_group("/machine.slice/libpod-" HEX64 ".scope/container", "libpod-" HEX64 ".scope",
		     HEX64, "");
	expect_group("/lxc.payload.web/system.slice/cron.service", "cron.service", "web", "");
	/* 31 digits are no id. */
	expect_group("/0123456789abcdef0123456789abcde", "", "", "");
}

static void pods(void **state)
{
	expect_group("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-"
		     "pod01234567_89ab_cdef_0123_456789abcdef.slice/cri-containerd-" HEX64 ".scope",
		     "cri-containerd-" HEX64 ".scope", HEX64,
		     "01234567-89ab-cdef-0123-456789abcdef");
	expect_group("/kubepods/besteffort/pod01234567-89ab-cdef-0123-456789abcdef/" HEX64, "",
		     HEX64, "01234567-89ab-cdef-0123-456789abcdef");
	/* A static pod. */
	expect_group("/kubepods/burstable/pod0123456789abcdef0123456789abcdef/" HEX64, "", HEX64,
		     "0123456789abcdef0123456789abcdef");
	expect_group("/podman.slice/pod", "", "", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_become_a_path),
		cmocka_unit_test(a_length_beyond_is_nothing),
		cmocka_unit_test(a_path_goes_there_and_back),
		cmocka_unit_test(a_long_path_keeps_its_end),
		cmocka_unit_test(units),
		cmocka_unit_test(containers),
		cmocka_unit_test(pods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
