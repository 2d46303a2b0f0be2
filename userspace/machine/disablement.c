/* SPDX-License-Identifier: GPL-2.0-only */
#include <bpf/bpf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "disablement.h"
#include "file.h"
#include "interdict/abi.h"
#include "kernel/kernel.h"
#include "moment.h"
#include "utf8.h"

#define NS_PER_S 1000000000ULL

/* ---- what was asked for ---------------------------------------------------------------------- */

int disablement_parse_span(uint64_t *ns, const char *text)
{
	uint64_t seconds;
	int err = moment_parse_span(&seconds, text);

	if (err)
		return err;
	if (seconds < DISABLED_LEAST / NS_PER_S || seconds > DISABLED_MOST / NS_PER_S)
		return -ERANGE;
	*ns = seconds * NS_PER_S;
	return 0;
}

const char *disablement_check_reason(const char *reason)
{
	size_t left = strlen(reason), n;
	uint32_t code;

	if (left == strspn(reason, " "))
		return "it is empty: say why, for who reads the record";
	if (left > DISABLED_REASON_MAX)
		return "it is longer than 200 bytes: say it shorter";
	for (; left; reason += n, left -= n) {
		n = utf8_decode(&code, reason, left);
		if (!n || utf8_is_control(code))
			return "it is no line of text: write UTF-8 without control characters";
	}
	return NULL;
}

/* ---- in the kernel --------------------------------------------------------------------------- */

/* Of the program that is pinned in @dir. */
static int write_control(const char *dir, uint64_t until)
{
	int fd = kernel_open_pin_in(dir, PIN_CONTROL), err;
	struct control control;

	if (fd < 0)
		return fd;
	err = kernel_read_value(fd, &control, sizeof(control));
	control.disabled_until = until;
	if (!err)
		err = kernel_write_value(fd, &control, sizeof(control));
	close(fd);
	return err;
}

/* Two programs decide while one takes the other's place, or where that was cut short. */
static int write_kernel(uint64_t until)
{
	int err = write_control(PIN_DIR, until);

	write_control(PIN_DIR_NEW, until);
	return err;
}

/* ---- the note -------------------------------------------------------------------------------- */

void disablement_format_end(char text[32], const struct disablement *x)
{
	uint64_t now = clock_ns(CLOCK_BOOTTIME);
	time_t end = (clock_ns(CLOCK_REALTIME) - now + x->until) / NS_PER_S;
	struct tm tm;

	gmtime_r(&end, &tm);
	strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

const char *disablement_describe(char text[DISABLEMENT_TEXT_LEN], const struct disablement *x)
{
	char end[32], who[48] = "";

	disablement_format_end(end, x);
	if (*x->reason && x->by.login_uid == LOGIN_UID_UNSET)
		snprintf(who, sizeof(who), " by uid %u, without a login", x->by.uid);
	else if (*x->reason)
		snprintf(who, sizeof(who), " by login uid %" PRIu32, x->by.login_uid);
	snprintf(text, DISABLEMENT_TEXT_LEN, "until %s%s%s%s", end, who, *x->reason ? ": " : "",
		 x->reason);
	return text;
}

static int write_motd(const struct disablement *x)
{
	char text[DISABLEMENT_TEXT_LEN], line[DISABLEMENT_TEXT_LEN + 64];
	int len = snprintf(line, sizeof(line), "interdict: enforcement is disabled %s\n",
			   disablement_describe(text, x));

	if (mkdir("/run/motd.d", 0755) && errno != EEXIST)
		return -errno;
	return file_write(DISABLED_MOTD, line, len, 0644);
}

static int write_note(const struct disablement *x)
{
	json_t *note =
		json_pack("{s:I, s:i, s:I, s:I, s:s, s:s}", "until", (json_int_t)x->until, "pid",
			  (int)x->by.pid, "uid", (json_int_t)x->by.uid, "login_uid",
			  (json_int_t)x->by.login_uid, "name", x->by.name, "reason", x->reason);
	char *text = json_dumps(note, JSON_COMPACT);
	int err = -ENOMEM;

	if (text)
		err = mkdir(RUN_DIR, 0755) && errno != EEXIST ? -errno : 0;
	if (!err)
		err = file_write(DISABLED_NOTE, text, strlen(text), 0600);
	free(text);
	json_decref(note);
	return err;
}

static void take_text(char *to, size_t size, json_t *note, const char *key)
{
	const char *text = json_string_value(json_object_get(note, key));

	snprintf(to, size, "%s", text ? text : "");
}

static int64_t integer(json_t *note, const char *key)
{
	return json_integer_value(json_object_get(note, key));
}

bool disablement_read_note(struct disablement *x)
{
	char *text = NULL;
	json_t *note;

	*x = (struct disablement){.by = {.login_uid = LOGIN_UID_UNSET}};
	if (file_read_whole(DISABLED_NOTE, &text, NULL))
		return false;
	note = json_loads(text, 0, NULL);
	free(text);
	if (!json_is_object(note)) {
		json_decref(note);
		return false;
	}
	x->until = integer(note, "until");
	x->by.pid = integer(note, "pid");
	x->by.uid = integer(note, "uid");
	x->by.login_uid = integer(note, "login_uid");
	take_text(x->by.name, sizeof(x->by.name), note, "name");
	take_text(x->reason, sizeof(x->reason), note, "reason");
	json_decref(note);
	return true;
}

void disablement_remove_note(void)
{
	unlink(DISABLED_NOTE);
	unlink(DISABLED_MOTD);
}

/* ---- outside --------------------------------------------------------------------------------- */

int disablement_begin(const struct disablement *x, struct diag *d)
{
	int err = write_kernel(x->until), noted;

	if (err)
		return err;
	noted = write_note(x);
	if (noted)
		diag_warning(d, DISABLED_NOTE, 0, "cannot be written: %s", strerror(-noted));
	noted = write_motd(x);
	if (noted)
		diag_warning(d, DISABLED_MOTD, 0,
			     "cannot be written, so login does not show it: %s", strerror(-noted));
	return 0;
}

int disablement_end(void)
{
	int err = write_kernel(0);

	if (!err)
		disablement_remove_note();
	return err;
}

bool disablement_read(struct disablement *x, uint64_t until)
{
	bool noted = disablement_read_note(x) && x->until == until;

	if (!noted)
		*x = (struct disablement){.by = {.login_uid = LOGIN_UID_UNSET}};
	x->until = until;
	return until > clock_ns(CLOCK_BOOTTIME);
}
