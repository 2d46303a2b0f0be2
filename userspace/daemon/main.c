/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * interdictd: puts the policy in force and writes down what it denies. It runs in the foreground.
 *
 * It is not on any verdict's path: what it pins stays in force when it ends, however it ends, and
 * the next start takes it over.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "boot.h"
#include "conf.h"
#include "machine/off.h"
#include "revision.h"
#include "serve.h"

#define FOLD_MAX 86400
#define WAIT_MAX 3600

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
	if (!serve_check())
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
			return off_reason() ? serve_nothing() : EXIT_YES;
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
