/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "audit/change.h"
#include "boot.h"
#include "canary_watch.h"
#include "conf.h"
#include "disable.h"
#include "earlier.h"
#include "ender.h"
#include "enforce.h"
#include "excepted.h"
#include "follow.h"
#include "heartbeats.h"
#include "kernel/kernel.h"
#include "loaded.h"
#include "machine.h"
#include "machine/off.h"
#include "serve.h"
#include "server.h"
#include "watchdog.h"

#define LOCK_FILE    RUN_DIR "/lock"
#define LOCK_TRIES   20
#define LOCK_WAIT_US 50000
/* Who reads one file for longer, in a hook, is not waited for. */
#define ENDED_KEPT_US (60 * 1000000)

static int give_up(struct diag *d)
{
	diag_print(d, PROGRAM);
	diag_free(d);
	return EXIT_FAILED;
}

/* ---- before anything is loaded ------------------------------------------------------------- */

int serve_check(void)
{
	struct requirement needs[REQUIREMENTS_MAX];
	size_t n = kernel_requirements(needs), i;
	int err = 0;

	for (i = 0; i < n; i++) {
		if (needs[i].met)
			continue;
		fprintf(stderr, PROGRAM ": %s: %s: %s\n", needs[i].name, needs[i].found,
			needs[i].remedy);
		err = -ENOTSUP;
	}
	return err;
}

static int make_directory(const char *path, mode_t mode, struct diag *d)
{
	if (!mkdir(path, mode) || errno == EEXIST)
		return 0;
	diag_error(d, path, 0, "cannot be made: %s", strerror(errno));
	return -errno;
}

static int make_directories(struct diag *d)
{
	if (make_directory(RUN_DIR, 0755, d) || make_directory(STATE_DIR, 0700, d) ||
	    make_directory(LOG_DIR, 0750, d))
		return -EIO;
	return 0;
}

/* One interdictd a machine; the lock goes with the process, and with the child that one that was
 * killed has just begun: that is waited for. */
static int take_lock(struct diag *d)
{
	int fd = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600), i;

	if (fd < 0) {
		diag_error(d, LOCK_FILE, 0, "cannot be opened: %s", strerror(errno));
		return -errno;
	}
	for (i = 0; i < LOCK_TRIES; i++) {
		if (!flock(fd, LOCK_EX | LOCK_NB))
			return 0;
		usleep(LOCK_WAIT_US);
	}
	diag_error(d, LOCK_FILE, 0, "another interdictd is running: `interdict status` shows it");
	close(fd);
	return -EBUSY;
}

/* ---- the loop ------------------------------------------------------------------------------ */

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	struct daemon *daemon = userdata;

	events_reopen(daemon->events);
	return 0;
}

static int add_signal(sd_event *loop, int signal, sd_event_signal_handler_t handler, void *userdata)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return sd_event_add_signal(loop, NULL, signal, handler, userdata);
}

static int on_ended(sd_event_source *source, uint64_t usec, void *userdata)
{
	kernel_forget_ended(0);
	return 0;
}

/* What was replaced, now or before the last kill, is freed late: kernel_remove_links() says why. */
static int watch_ended(sd_event *loop)
{
	return sd_event_add_time_relative(loop, NULL, CLOCK_MONOTONIC, ENDED_KEPT_US, 0, on_ended,
					  NULL);
}

static int prepare_loop(struct daemon *daemon)
{
	struct log_conf conf;
	int err = events_watch(daemon->events, daemon->loop);

	machine_log_conf(&conf);
	events_configure(daemon->events, &conf);
	if (err >= 0)
		err = sinks_watch(daemon->sinks, daemon->loop);
	if (err >= 0)
		err = watch_ended(daemon->loop);
	if (err >= 0)
		err = add_signal(daemon->loop, SIGTERM, NULL, NULL);
	if (err >= 0)
		err = add_signal(daemon->loop, SIGINT, NULL, NULL);
	if (err >= 0)
		err = add_signal(daemon->loop, SIGHUP, on_hangup, daemon);
	if (err >= 0)
		err = server_open(daemon->loop, daemon);
	if (err >= 0)
		err = disable_watch(daemon);
	if (err >= 0)
		err = machine_watch(daemon);
	if (err >= 0)
		err = excepted_begin(daemon);
	if (err >= 0)
		err = heartbeats_begin(daemon, conf.heartbeat_hours);
	if (err >= 0)
		err = ender_begin(daemon);
	if (err >= 0) {
		daemon->earlier = earlier_new(daemon);
		daemon->loaded = loaded_new(daemon);
		follow_begin(daemon);
	}
	if (err >= 0)
		err = watchdog_begin(daemon->loop);
	return err < 0 ? err : 0;
}

static int run(struct daemon *daemon, struct diag *d)
{
	int err = sd_event_default(&daemon->loop);

	if (err >= 0)
		err = prepare_loop(daemon);
	if (err < 0) {
		diag_error(d, NULL, 0, "cannot listen: %s", strerror(-err));
		return give_up(d);
	}
	diag_print(d, PROGRAM);
	diag_free(d);
	fprintf(stderr, PROGRAM ": generation %llu in force\n",
		(unsigned long long)daemon->applied.header.generation);
	sd_notifyf(0, "READY=1\nSTATUS=generation %llu in force",
		   (unsigned long long)daemon->applied.header.generation);
	earlier_look(daemon->earlier);
	loaded_look(daemon->loaded);
	kernel_forget_btf();
	err = sd_event_loop(daemon->loop);
	sd_notify(0, "STOPPING=1");
	enforce_record(daemon, CHANGE_STOP, &daemon->applied.header);
	return err < 0 ? EXIT_FAILED : EXIT_YES;
}

/* ---- nothing ------------------------------------------------------------------------------- */

/* Once a boot: a machine that denies nothing since it was told so is told from one that is silent.
 */
static void record_off(void)
{
	struct jsonl log = {.fd = -1};
	struct log_conf conf;
	struct sinks *sinks;

	machine_log_conf(&conf);
	sinks = sinks_open(&conf);
	if (mkdir(LOG_DIR, 0750) && errno != EEXIST)
		fprintf(stderr, PROGRAM ": " LOG_DIR ": cannot be made: %s\n", strerror(errno));
	jsonl_open(&log, EVENTS_FILE);
	change_write(&log, sinks, &(struct change){.action = CHANGE_OFF, .reason = off_reason()});
	jsonl_close(&log);
	sinks_close(sinks);
}

/* The administrator said so before anything ran: nothing is put in force, nothing that is there is
 * lifted. */
int serve_nothing(void)
{
	fprintf(stderr, PROGRAM ": nothing is put in force: %s\n", off_reason());
	if (!access(PIN_DIR, F_OK))
		fprintf(stderr, PROGRAM ": what is in force already stays: `interdict unload` "
					"lifts it\n");
	if (!off_read_note())
		record_off();
	off_note();
	boot_note(off_reason());
	sd_notifyf(0, "READY=1\nSTATUS=nothing is put in force: %s", off_reason());
	return EXIT_YES;
}

/* ---- the whole ----------------------------------------------------------------------------- */

int serve(unsigned int fold, bool boot)
{
	struct daemon daemon = {.program = {.policy = -1}, .fold = fold, .boot = boot};
	struct log_conf conf;
	struct diag d = {};
	int status;

	if (off_reason())
		return serve_nothing();
	if (serve_check())
		return EXIT_FAILED;
	if (make_directories(&d) || take_lock(&d))
		return give_up(&d);
	off_remove_note();
	canary_remember(&daemon.canary);
	daemon.canary.tell = heartbeats_of_canary;
	daemon.canary.context = &daemon;
	machine_log_conf(&conf);
	daemon.sinks = sinks_open(&conf);
	if (enforce_on_record(&daemon, &d)) {
		boot_note("interdictd has failed: journalctl -u interdictd says why");
		status = give_up(&d);
	} else
		status = run(&daemon, &d);
	follow_end(&daemon);
	earlier_free(daemon.earlier);
	loaded_free(daemon.loaded);
	ender_end(&daemon);
	canary_end(&daemon.canary);
	metrics_end(&daemon);
	heartbeats_end(&daemon);
	excepted_end(&daemon);
	events_close(daemon.events);
	sinks_close(daemon.sinks);
	program_close(&daemon.program);
	kernel_forget_btf();
	applied_free(&daemon.applied);
	sd_event_unref(daemon.loop);
	return status;
}
