/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * interdictd: puts the policy in force and writes down what it denies. It runs in the foreground.
 *
 * It is not on any verdict's path: what it pins stays in force when it ends, however it ends, and
 * the next start takes it over.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "canary.h"
#include "conf.h"
#include "daemon.h"
#include "disable.h"
#include "kernel.h"
#include "kmod.h"
#include "loaded.h"
#include "machine.h"
#include "off.h"
#include "server.h"

#define PROGRAM	  "interdictd"
#define LOCK_FILE RUN_DIR "/lock"

static const char help[] =
	"usage: interdictd [--check] [--help] [--version]\n"
	"\n"
	"Puts the policy of /etc/interdict/policy.d in force and writes down what it denies. Runs "
	"in\n"
	"the foreground and speaks sd_notify. Ends on SIGTERM; what it has put in force stays, "
	"until\n"
	"`interdict unload`. SIGHUP opens the log again.\n"
	"\n"
	"  -c, --check    only ask whether this machine has what enforcement needs\n"
	"  -h, --help     print this help\n"
	"  -V, --version  print the version\n"
	"\n"
	"Exit status: 0 ended as asked, 2 usage, 4 failed (one line says why).\n"
	"\n"
	"Examples:\n"
	"  interdictd --check\n"
	"  systemctl start interdictd\n";

static int give_up(struct diag *d)
{
	diag_print(d, PROGRAM);
	diag_free(d);
	return EXIT_FAILED;
}

/* ---- before anything is loaded ------------------------------------------------------------------
 */

static int check_requirements(void)
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

/* One interdictd a machine; the lock goes with the process. */
static int take_lock(struct diag *d)
{
	int fd = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0) {
		diag_error(d, LOCK_FILE, 0, "cannot be opened: %s", strerror(errno));
		return -errno;
	}
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return 0;
	diag_error(d, LOCK_FILE, 0, "another interdictd is running: `interdict status` shows it");
	close(fd);
	return -EBUSY;
}

/* ---- into the kernel
 * ------------------------------------------------------------------------------ */

static int open_events(struct daemon *daemon, struct diag *d)
{
	daemon->events = events_open(&daemon->program);
	if (daemon->events)
		return 0;
	diag_error(d, NULL, 0, "the event ring cannot be read: %s", strerror(errno));
	return -EIO;
}

/* A program of ours is there already: take it over, and prove that it still denies. */
static int adopt(struct daemon *daemon, struct diag *d)
{
	int err = open_events(daemon, d);

	machine_apply(&daemon->program, d);
	if (!err)
		err = apply_at_start(&daemon->program, &daemon->applied, d);
	if (!err)
		err = canary_try(daemon->events, d);
	return err;
}

/* What another build has reported and nobody has written down yet. */
static void drain_replaced(int ring)
{
	struct program old = {.events = ring};
	struct events *events = ring < 0 ? NULL : events_open(&old);

	if (events)
		events_close(events);
	if (ring >= 0)
		close(ring);
}

/* Load, give it the policy, attach, prove, and only then put it in the place of what was there. */
static int load(struct daemon *daemon, struct diag *d)
{
	int replaced = program_open_events();
	int err = program_load(&daemon->program, d);

	if (!err)
		machine_apply(&daemon->program, d);
	if (!err)
		err = apply_at_start(&daemon->program, &daemon->applied, d);
	if (!err)
		err = program_attach(&daemon->program, d);
	if (!err)
		err = open_events(daemon, d);
	if (!err)
		err = canary_try(daemon->events, d);
	if (!err)
		err = program_commit(&daemon->program, d);
	drain_replaced(replaced);
	daemon->fresh = true;
	return err;
}

static int enforce(struct daemon *daemon, struct diag *d)
{
	int err;

	kmod_load(d);
	err = program_adopt(&daemon->program);
	if (!err)
		return adopt(daemon, d);
	if (err != -ENOENT && err != -ESTALE) {
		diag_error(d, PIN_DIR, 0, "what is pinned cannot be read: %s", strerror(-err));
		return err;
	}
	return load(daemon, d);
}

/* ---- the loop
 * ------------------------------------------------------------------------------------- */

static int on_events(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct daemon *daemon = userdata;

	events_drain(daemon->events);
	return 0;
}

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

static int prepare_loop(struct daemon *daemon)
{
	int err = sd_event_add_io(daemon->loop, NULL, events_fd(daemon->events), EPOLLIN, on_events,
				  daemon);

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
		err = sd_event_set_watchdog(daemon->loop, 1);
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
	if (daemon->fresh)
		loaded_watch(daemon);
	err = sd_event_loop(daemon->loop);
	sd_notify(0, "STOPPING=1");
	return err < 0 ? EXIT_FAILED : EXIT_YES;
}

/* The administrator said so before anything ran: nothing is put in force, nothing that is there is
 * lifted. */
static int stay_off(void)
{
	fprintf(stderr, PROGRAM ": nothing is put in force: %s\n", off_reason());
	if (!access(PIN_DIR, F_OK))
		fprintf(stderr, PROGRAM ": what is in force already stays: `interdict unload` "
					"lifts it\n");
	off_note();
	sd_notifyf(0, "READY=1\nSTATUS=nothing is put in force: %s", off_reason());
	return EXIT_YES;
}

static int serve(void)
{
	struct daemon daemon = {.program = {.policy = -1}};
	struct diag d = {};
	int status;

	if (off_reason())
		return stay_off();
	if (check_requirements())
		return EXIT_FAILED;
	if (make_directories(&d) || take_lock(&d))
		return give_up(&d);
	off_remove_note();
	if (enforce(&daemon, &d))
		status = give_up(&d);
	else
		status = run(&daemon, &d);
	if (daemon.events)
		events_close(daemon.events);
	program_close(&daemon.program);
	json_decref(daemon.applied.policies);
	sd_event_unref(daemon.loop);
	return status;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"check", no_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{},
	};

	switch (getopt_long(argc, argv, "chV", options, NULL)) {
	case 'c':
		return check_requirements() ? EXIT_FAILED : EXIT_YES;
	case 'h':
		fputs(help, stdout);
		return EXIT_YES;
	case 'V':
		puts(PROGRAM " " VERSION);
		return EXIT_YES;
	case -1:
		break;
	default:
		return EXIT_USAGE;
	}
	if (optind == argc)
		return serve();
	fprintf(stderr, PROGRAM ": unexpected argument `%s`: see interdictd --help\n",
		argv[optind]);
	return EXIT_USAGE;
}
