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
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "audit/change.h"
#include "boot.h"
#include "canary_watch.h"
#include "conf.h"
#include "confirmed.h"
#include "daemon.h"
#include "disable.h"
#include "earlier.h"
#include "ender.h"
#include "excepted.h"
#include "follow.h"
#include "heartbeats.h"
#include "kernel.h"
#include "kmod.h"
#include "loaded.h"
#include "machine.h"
#include "off.h"
#include "revision.h"
#include "server.h"

#define PROGRAM	     "interdictd"
#define LOCK_FILE    RUN_DIR "/lock"
#define LOCK_TRIES   20
#define LOCK_WAIT_US 50000
#define FOLD_MAX     86400
#define WAIT_MAX     3600
/* Who reads one file for longer, in a hook, is not waited for. */
#define ENDED_KEPT_US (60 * 1000000)

static const char help[] =
	"usage: interdictd [--boot] [--check | --fold N] | --off | --wait N | --confirm | --help "
	"|\n"
	"                  --version\n"
	"\n"
	"Puts the policy of /etc/interdict/policy.d in force and writes down what it denies. Runs "
	"in\n"
	"the foreground and speaks sd_notify. Ends on SIGTERM; what it has put in force stays, "
	"until\n"
	"`interdict unload`. SIGHUP opens the log again.\n"
	"\n"
	"  -b, --boot     a machine starts: count that, and after two boots that nobody has\n"
	"                 confirmed fall back to the policy before\n"
	"  -C, --confirm  tell the interdictd that runs that the boot has reached its target\n"
	"  -w, --wait N   wait until it has a policy in force, at most N seconds\n"
	"  -f, --fold N   how many seconds repeats of a denial are counted before one record is\n"
	"                 written for them: 60; 0: each is written\n"
	"  -c, --check    only ask whether this machine has what enforcement needs\n"
	"  -o, --off      only write down that nothing is put in force, if interdict=off or the\n"
	"                 credential interdict.off says so\n"
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

/* ---- before anything is loaded ------------------------------------------------------------- */

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

/* ---- into the kernel ----------------------------------------------------------------------- */

static int open_events(struct daemon *daemon, struct diag *d)
{
	daemon->events = events_open(&daemon->program, daemon->fold, daemon->sinks);
	if (daemon->events)
		return 0;
	diag_error(d, NULL, 0, "the event ring cannot be read: %s", strerror(errno));
	return -EIO;
}

/* A program of ours is there already: take it over, and prove that it still denies. */
static int adopt(struct daemon *daemon, struct diag *d)
{
	int err = open_events(daemon, d);

	boot_note(NULL);
	machine_apply(&daemon->program, d);
	if (!err)
		events_adopt_ledgers(daemon->events);
	if (!err)
		err = apply_at_start(&daemon->program, &daemon->applied, d);
	if (!err)
		err = canary_prove(daemon, d);
	return err;
}

/* What another build has reported and nobody has written down yet. */
static void drain(const struct daemon *daemon, int ring)
{
	events_close(events_open_replaced(ring, daemon->fold, daemon->sinks));
	if (ring >= 0)
		close(ring);
}

/*
 * What was replaced, or has not come so far, ends here: its links, then its events, then the rest.
 */
static void end_replaced(const struct daemon *daemon)
{
	drain(daemon, program_release_replaced());
	program_forget_replaced();
}

/* Load and attach, and prove that it denies: with the canary alone, so that what is enforced is
 * still what was. */
static int load_and_prove(struct daemon *daemon, struct diag *d)
{
	int err = program_load(&daemon->program, d);

	if (!err)
		machine_apply(&daemon->program, d);
	if (!err)
		err = apply_nothing(&daemon->program, d);
	if (!err)
		err = program_attach(&daemon->program, d);
	if (!err)
		err = open_events(daemon, d);
	if (!err)
		err = canary_prove(daemon, d);
	return err;
}

/* The image in force goes on; only one that this program cannot read is compiled anew before. */
static int take_the_place(struct daemon *daemon, struct diag *d)
{
	int err = program_share_image(&daemon->program);

	if (err && err != -ENOENT)
		err = apply_at_start(&daemon->program, &daemon->applied, d);
	else
		err = 0;
	if (!err)
		err = program_commit(&daemon->program, d);
	return err;
}

/* What held last goes first: to compile what the directories say may take long, and a boot waits.
 */
static int apply_early(struct daemon *daemon, struct diag *d)
{
	int err;

	if (apply_before(&daemon->program))
		boot_note(NULL);
	err = apply_at_start(&daemon->program, &daemon->applied, d);
	/* Of another policy than the one that boots have failed with, all is enforced. */
	machine_apply(&daemon->program, d);
	return err;
}

/* What was written and not yet counted when interdictd was killed is the log's last record: so the
 * ring that is replaced is read before anything else is written, and once more when it has ended.
 */
static int load(struct daemon *daemon, struct diag *d)
{
	int err;

	drain(daemon, kernel_open_pin(PIN_EVENTS));
	err = load_and_prove(daemon, d);
	if (!err)
		err = take_the_place(daemon, d);
	if (err)
		return err;
	end_replaced(daemon);
	events_adopt_ledgers(daemon->events);
	daemon->fresh = true;
	if (!daemon->applied.header.magic)
		err = apply_early(daemon, d);
	boot_note(NULL);
	/* Not even an earlier policy is to be had: do not seem to enforce. */
	if (err)
		kernel_unload();
	return err;
}

static int enforce(struct daemon *daemon, struct diag *d)
{
	int err;

	end_replaced(daemon);
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

/* Who has begun or ended what is on record, with what was in force before. */
static void record(struct daemon *daemon, const char *action, const struct image_header *before)
{
	events_change(daemon->events, &(struct change){.action = action,
						       .before = before,
						       .after = &daemon->applied.header});
}

static int enforce_on_record(struct daemon *daemon, struct diag *d)
{
	struct fallen fallen = {};
	struct kernel_state before;
	int err;

	if (kernel_read_state(&before) || !before.loaded) {
		memset(&before.header, 0, sizeof(before.header));
		if (daemon->boot && !boot_is_over())
			confirmed_begin(&fallen, d);
	}
	err = enforce(daemon, d);
	if (err)
		return err;
	confirmed_record(daemon, &fallen);
	record(daemon, CHANGE_START, &before.header);
	record(daemon, daemon->fresh ? CHANGE_LOAD : CHANGE_ADOPT, &before.header);
	if (daemon->applied.last_good)
		events_change(daemon->events, &(struct change){.action = CHANGE_REFUSED,
							       .before = &before.header,
							       .after = &daemon->applied.header,
							       .diagnoses = d});
	return 0;
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
	earlier_look(daemon->earlier);
	loaded_look(daemon->loaded);
	kernel_forget_btf();
	err = sd_event_loop(daemon->loop);
	sd_notify(0, "STOPPING=1");
	record(daemon, CHANGE_STOP, &daemon->applied.header);
	return err < 0 ? EXIT_FAILED : EXIT_YES;
}

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
static int stay_off(void)
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

static int serve(unsigned int fold, bool boot)
{
	struct daemon daemon = {.program = {.policy = -1}, .fold = fold, .boot = boot};
	struct log_conf conf;
	struct diag d = {};
	int status;

	if (off_reason())
		return stay_off();
	if (check_requirements())
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

/* Return: false when it is no number of seconds up to @most. */
static bool parse_seconds(unsigned int *seconds, const char *option, const char *text,
			  unsigned long most)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || n > most) {
		fprintf(stderr, PROGRAM ": --%s %s: a number of seconds from 0 to %lu\n", option,
			text, most);
		return false;
	}
	*seconds = n;
	return true;
}

static int wait_for_policy(const char *seconds)
{
	unsigned int n;

	if (!parse_seconds(&n, "wait", seconds, WAIT_MAX))
		return EXIT_USAGE;
	boot_wait(n);
	return EXIT_YES;
}

/* A boot does not wait for what cannot be. */
static int check_machine(bool boot)
{
	if (!check_requirements())
		return EXIT_YES;
	if (boot)
		boot_note("this machine cannot enforce one: journalctl -u interdictd says why");
	return EXIT_FAILED;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"boot", no_argument, NULL, 'b'},
		{"confirm", no_argument, NULL, 'C'},
		{"wait", required_argument, NULL, 'w'},
		{"fold", required_argument, NULL, 'f'},
		{"check", no_argument, NULL, 'c'},
		{"off", no_argument, NULL, 'o'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{},
	};
	unsigned int fold = EVENTS_FOLD;
	bool boot = false, check = false;
	int option;

	while ((option = getopt_long(argc, argv, "bCw:f:cohV", options, NULL)) != -1) {
		switch (option) {
		case 'b':
			boot = true;
			continue;
		case 'f':
			if (parse_seconds(&fold, "fold", optarg, FOLD_MAX))
				continue;
			return EXIT_USAGE;
		case 'C':
			return boot_confirm();
		case 'w':
			return wait_for_policy(optarg);
		case 'c':
			check = true;
			continue;
		case 'o':
			return off_reason() ? stay_off() : EXIT_YES;
		case 'h':
			fputs(help, stdout);
			return EXIT_YES;
		case 'V':
			puts(*REVISION ? PROGRAM " " VERSION " (" REVISION ")"
				       : PROGRAM " " VERSION);
			return EXIT_YES;
		default:
			return EXIT_USAGE;
		}
	}
	if (optind == argc)
		return check ? check_machine(boot) : serve(fold, boot);
	fprintf(stderr, PROGRAM ": unexpected argument `%s`: see interdictd --help\n",
		argv[optind]);
	return EXIT_USAGE;
}
