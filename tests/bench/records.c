/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * usage: records COUNT [SPAN]
 *
 * Print COUNT records as interdictd writes them: by the same code. Their times are the last SPAN
 * seconds, in order, but for a few that are late. Vendors, users, hooks and paths are drawn from a
 * few, some of them hostile; the same COUNT draws the same. A hundredth of the records are of
 * repeats.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/additions.h"
#include "audit/ecs.h"
#include "audit/location.h"
#include "clock.h"
#include "interdict/abi.h"

#define SECOND 1000000000ULL

static uint64_t state = 0x1d1c7;

/* splitmix64 */
static uint64_t next_random(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static unsigned int below(unsigned int limit)
{
	return next_random() % limit;
}

/* ---- what is drawn from ---------------------------------------------------------------------- */

static const char *const vendors[] = {"kaspersky", "evil", "acme", "example-av", "initech"};
static const uint32_t users[] = {0, 0, 0, 1000, 1001, 1002, 33, 998, 65534, 4000000000u};
static const char *const commands[] = {"bash", "sh", "systemd", "kesl", "-bash", "python3", "=1+1"};
static const char *const paths[] = {
	"/opt/%s/kesl/bin/kesl",
	"/opt/%s/kesl/libexec/kesl-supervisor",
	"/var/opt/%s/kesl/install_12.1.0.1508/opt/kaspersky/kesl/shared/lib/libkave.so.1.7.5",
	"/home/alice/Downloads/%s-installer.run",
	"/usr/lib/%s/plugins/engine.ppl",
	"/tmp/.mount_%s/usr/bin/agent",
	"/srv/%s/\xff\xfe/bad-utf8",
	"/tmp/%s\n{\"event\":{\"action\":\"forged\"}}",
	"/tmp/%s/\033[2J\033[31m\302\233 1;1H",
	"/tmp/%s/<script>alert(1)</script>\"',;=x",
	"/tmp/%s/back\\slash\\x41",
	"/tmp/%s/\xe6\xbc\xa2\xe5\xad\x97/e\xcc\x81\xe2\x80\xae"
	"fdp.exe",
};

static const char *const groups[] = {
	"/system.slice/ssh.service",
	"/user.slice/user-1000.slice/session-3.scope",
	"/system.slice/"
	"docker-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope",
	"/kubepods.slice/kubepods-pod0a1b2c3d_0011_2233_4455_66778899aabb.slice/"
	"cri-containerd-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope",
};

#define DRAW(from) ((from)[below(sizeof(from) / sizeof((from)[0]))])

/* Where it ran, and who called it. */
static void draw_place(struct event *e, uint64_t time)
{
	unsigned int i, n = 1 + below(ANCESTORS);

	for (i = 0; i < n; i++) {
		e->ancestors[i].pid = i + 1 < n ? 1000 + below(30000) : 1;
		e->ancestors[i].start_time = time - (1000 + below(1000)) * SECOND;
		strcpy(e->ancestors[i].comm, DRAW(commands));
	}
	if (below(2))
		snprintf(e->terminal, sizeof(e->terminal), "pts%u", below(20));
	e->pid_namespace = 4026531836;
	e->mount_namespace = 4026531841 + below(5);
	e->user_namespace = 4026531837;
	e->network_namespace = 4026531840;
	location_set(&e->executable, below(40) ? "/usr/bin/bash" : "/usr/bin/\xff\033[m odd");
	location_set(&e->directory, below(40) ? "/root" : "/home/alice/\n=cmd|' /C calc'!A0");
	location_set(&e->control_group, DRAW(groups));
}

static void draw(struct event *e, uint64_t sequence, uint64_t time)
{
	unsigned int i = below(100);

	*e = (struct event){.sequence = sequence, .epoch = 0x5eed, .time = time, .generation = 4};
	e->hook = i < 60 ? HOOK_EXEC : i < 90 ? HOOK_MMAP : i < 97 ? HOOK_MPROTECT : HOOK_DRIVER;
	e->reason = REASON_RULE;
	if (below(10))
		e->flags |= EVENT_DENIED;
	else if (below(2))
		e->flags |= EVENT_CEILING;
	strcpy(e->vendor, DRAW(vendors));
	strcpy(e->policy, "us-2024");
	e->rule_version = 7;
	e->matched.kind = below(5) ? FINGERPRINT_SHA256 : FINGERPRINT_SIGNER_CERT;
	memset(e->matched.value, (int)below(50) + 1, FINGERPRINT_LEN);
	e->inode = 1000000 + below(100000);
	e->size = 10000 + below(1000000);
	e->device = 8 << 20 | 1;
	e->filesystem = 0xef53;
	e->file_mode = 0100755;
	e->start_time = time - below(1000) * SECOND;
	e->cgroup = 4000 + below(100);
	e->pid = e->tid = 1000 + below(30000);
	e->uid = e->gid = DRAW(users);
	e->login_uid = below(2) ? e->uid : 4294967295u;
	e->session = below(2) ? below(500) : 4294967295u;
	strcpy(e->comm, DRAW(commands));
	draw_place(e, time);
	if (e->hook == HOOK_DRIVER)
		strcpy(e->module, "kav4fs_oas");
	/* Most are what anybody would expect. */
	i = below(20) ? below(6) : below(sizeof(paths) / sizeof(paths[0]));
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	e->path_len = snprintf(e->path, sizeof(e->path), paths[i], e->vendor) + 1;
}

/* What interdictd finds out besides. */
static const struct additions *draw_additions(const struct event *e)
{
	static struct additions a;
	static char user[] = "alice", login[] = "alice", program[] = "/usr/lib/systemd/systemd";
	static char arguments[] = "sh -c \"echo '\xff\t<b>'\"";

	if (!below(4))
		return NULL;
	a = (struct additions){.arguments = arguments};
	a.ancestor_executables[0] = below(2) ? program : NULL;
	a.user = below(2) ? user : NULL;
	a.login = e->login_uid != 4294967295u && below(2) ? login : NULL;
	return &a;
}

static int print(const struct event *e)
{
	struct repeats r = {
		.count = 2 + below(500),
		.first = e->time - 30 * SECOND,
		.last = e->time,
		.first_sequence = e->sequence,
		.last_sequence = e->sequence,
		.repeats_of = e->sequence - 1,
		.window = 60 * SECOND,
	};
	json_t *record = ecs_record(e, below(100) ? NULL : &r, draw_additions(e));
	char *text = json_dumps(record, JSON_COMPACT | JSON_PRESERVE_ORDER);

	if (!text)
		return 1;
	puts(text);
	free(text);
	json_decref(record);
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 0, i;
	uint64_t span = (argc > 2 ? strtoull(argv[2], NULL, 10) : 30 * 86400) * SECOND;
	/* Before the boot, too: the clock goes round, and so does what is counted from it. */
	uint64_t begin = clock_ns(CLOCK_BOOTTIME) - span, late;
	struct event e;

	if (!count) {
		fputs("usage: records COUNT [SPAN]\n", stderr);
		return 2;
	}
	for (i = 0; i < count; i++) {
		late = below(50) ? 0 : below(60) * SECOND;
		draw(&e, i + 1, begin + span / count * i - late);
		if (print(&e))
			return 4;
	}
	return fflush(stdout) ? 4 : 0;
}
