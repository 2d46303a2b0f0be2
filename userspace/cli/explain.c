/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict explain: what would happen with a file, and why. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/explain.h"
#include "cli/options.h"
#include "cli/output.h"
#include "clock.h"
#include "file.h"
#include "machine/build.h"
#include "machine/machine_conf.h"
#include "progress.h"
#include "running/modules.h"

struct answers {
	struct explain *x;
	json_t *json; /* an array, or NULL */
	size_t done, unread, denied;
	struct progress progress;
};

static int help(void)
{
	puts("Usage: interdict explain [OPTION]... FILE...\n"
	     "       interdict explain [OPTION]... --module NAME\n"
	     "       interdict explain [OPTION]... --packages\n\n"
	     "Say what would happen if a file were run, mapped or loaded here, and why: what\n"
	     "identifies it, every rule that names it and where that stands, which one decides, "
	     "and\n"
	     "the one command that would change it. The policy files are read, and decided upon\n"
	     "as the kernel does; interdictd is not needed.\n\n"
	     "      --module NAME  the driver that modprobe would load by this name; may be "
	     "repeated\n"
	     "      --packages     read names of packages' files from standard input, as apt "
	     "gives\n"
	     "                     them; say, and record, only which would be refused\n"
	     "      --policy DIR   the policy files in DIR instead of this machine's\n"
	     "      --json         print one JSON object: {policy, machine, files}\n"
	     "  -h, --help         this text\n\n"
	     "Exit status: 0 all would be allowed, 1 one or more would be denied, 2 usage,\n"
	     "3 some could not be read, 4 none could, or the policy is in error.\n\n"
	     "Examples:\n"
	     "  interdict explain /opt/kaspersky/kesl/bin/kesl-control\n"
	     "  interdict explain --policy ./new-policy /usr/bin/*\n"
	     "  interdict explain --module kav4fs_oas\n"
	     "  interdict explain --json FILE | jq -r '.files[].rules[] | select(.decides).id'");
	return EXIT_YES;
}

/* ---- the policy and the machine -------------------------------------------------------------- */

/* --policy stands for all of them. */
static struct places places_of(const struct explain *x)
{
	return x->dir ? (struct places){.dirs = {NULL, x->dir}} : machine_places();
}

static int read_policy(struct explain *x)
{
	struct places places = places_of(x);
	int err = build_unguarded(&x->image, &x->policy, &places, &x->d);

	if (err && !x->d.errors)
		diag_error(&x->d, NULL, 0, "%s", strerror(-err));
	x->x.policy = &x->policy;
	x->x.image = &x->image;
	return err;
}

/* Why nothing is refused now: as the kernel has it, or, where nothing is loaded, as it would. */
static unsigned int leniency_of(const struct condition *machine, const struct machine_conf *conf)
{
	if (machine->state.loaded && machine->state.control.ceiling == MODE_MONITOR)
		return EVENT_CEILING;
	if (machine->state.loaded)
		return machine->disablement.until ? EVENT_DISABLED : 0;
	return conf->mode == MODE_MONITOR ? EVENT_CEILING : 0;
}

static void read_machine(struct explain *x)
{
	struct condition *machine = &x->machine;
	const struct kernel_state *state = &machine->state;
	struct machine_conf conf;

	condition_read(machine);
	machine_conf_read(&conf, CONF_FILE, NULL);
	ability_read(&x->x.able,
		     state->loaded ? state->control.capabilities : kernel_capabilities());
	x->x.leniency = leniency_of(machine, &conf);
	x->bundles_only = !x->dir && conf.bundles_only;
	x->exceptions_local = !x->bundles_only || conf.local_exceptions;
	machine_conf_free(&conf);
	/* Rules begin and end by a clock that is never set back (bpf/verdict.h). */
	x->x.now = clock_ns(CLOCK_TAI);
	if (state->loaded && state->control.clock > x->x.now)
		x->x.now = state->control.clock;
	x->differs = !x->dir && state->loaded &&
		     memcmp(state->header.digest, image_header(&x->image)->digest,
			    sizeof(state->header.digest)) != 0;
}

/* ---- answers --------------------------------------------------------------------------------- */

static void answer(struct answers *a, struct explained *f, int err)
{
	const char *name = f->path ? f->path : f->module;

	if (err == -EBUSY)
		diag_error(&a->x->d, name, 0, "changed while it was read: try again");
	else if (err)
		file_complain(&a->x->d, name, err);
	else if (a->json)
		json_array_append_new(a->json, explain_json(a->x, f));
	else
		explain_text(a->x, f);
	a->done += !err;
	a->unread += !!err;
	a->denied += !err && explain_denies(&f->e);
	explanation_free(&f->e);
	progress_add(&a->progress, 1);
}

static void answer_file(struct answers *a, const char *path)
{
	struct explained f = {.path = path};

	answer(a, &f, explain_file(&f.e, &a->x->x, path));
}

/* By its file, where there is one; else by its name alone. */
static void answer_module(struct answers *a, const char *name)
{
	char *path = modules_find(name);
	struct explained f = {.path = path, .module = name};
	int err;

	if (path)
		err = explain_file(&f.e, &a->x->x, path);
	else
		err = explain_module_name(&f.e, &a->x->x, name);
	answer(a, &f, err);
	free(path);
}

static json_t *policy_json(const struct explain *x)
{
	char hex[2 * FINGERPRINT_LEN + 1];
	bool known = !x->dir && x->machine.state.loaded;

	digest_format(hex, image_header(&x->image)->digest);
	return json_pack("{s:s, s:o}", "digest", hex, "in_force",
			 known ? json_boolean(!x->differs) : json_null());
}

static json_t *machine_json(const struct explain *x)
{
	return json_pack("{s:s, s:o}", "enforcement", condition_word(x->machine.enforcement), "why",
			 *x->machine.why ? output_text(x->machine.why) : json_null());
}

static int finish(struct answers *a)
{
	int status = EXIT_YES;

	progress_end(&a->progress);
	if (a->json)
		status = output_json(json_pack("{s:o, s:o, s:o}", "policy", policy_json(a->x),
					       "machine", machine_json(a->x), "files", a->json));
	else
		explain_text_machine(a->x);
	diag_print(&a->x->d, PROGRAM);
	if (status)
		return status;
	if (a->unread)
		return a->done ? EXIT_INCOMPLETE : EXIT_FAILED;
	return a->denied ? EXIT_NO : EXIT_YES;
}

/* Where no rule is about packages, nothing is compiled and nothing read. */
static int packages(struct explain *x)
{
	struct places places = places_of(x);
	bool asked;

	machine_policy_look(&x->policy, &places);
	asked = explain_asks_for_packages(&x->policy);
	policy_free(&x->policy);
	if (!asked)
		return EXIT_YES;
	if (read_policy(x))
		return cli_failed(&x->d);
	read_machine(x);
	return explain_packages(x, stdin);
}

static int explain(struct explain *x, bool json, char **modules, char **paths, size_t count)
{
	struct answers a = {.x = x};

	if (read_policy(x))
		return cli_failed(&x->d);
	read_machine(x);
	if (json)
		a.json = json_array();
	progress_start(&a.progress, "explaining", count);
	for (; *modules; modules++)
		answer_module(&a, *modules);
	for (; *paths; paths++)
		answer_file(&a, *paths);
	return finish(&a);
}

static void end(struct explain *x)
{
	condition_free(&x->machine);
	image_free(&x->image);
	policy_free(&x->policy);
	diag_free(&x->d);
}

/* ---- the command line ------------------------------------------------------------------------ */

struct asked {
	bool json, packages;
	char **modules; /* as many as there are, and a NULL */
};

static int check_module(const char *command, const char *name)
{
	struct fingerprint f;
	const char *wrong = policy_parse_fingerprint(&f, FINGERPRINT_MODULE_NAME, name);

	return wrong ? cli_usage(command, "--module %s: %s", name, wrong) : EXIT_YES;
}

static int parse(int argc, char **argv, struct explain *x, struct asked *asked)
{
	static const struct option options[] = {
		{"module", required_argument, NULL, 'm'}, {"packages", no_argument, NULL, 'p'},
		{"policy", required_argument, NULL, 'P'}, {"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},	  {NULL, 0, NULL, 0},
	};
	size_t count = 0;
	int option;

	while ((option = options_next(argc, argv, options)) != -1) {
		if (option == 'h')
			return OPTIONS_HELP;
		if (option == '?' || (option == 'm' && check_module(argv[0], optarg)))
			return EXIT_USAGE;
		asked->json |= option == 'j';
		asked->packages |= option == 'p';
		if (option == 'm')
			asked->modules[count++] = optarg;
		if (option == 'P')
			x->dir = optarg;
	}
	if (asked->packages && (count || optind < argc))
		return cli_usage(argv[0], "--packages reads the names from standard input");
	if (asked->packages && asked->json)
		return cli_usage(argv[0], "--packages gives no JSON: its record is the log");
	if (optind == argc && !count && !asked->packages)
		return cli_usage(argv[0], "which file? Name one or more, or --module NAME");
	return EXIT_YES;
}

static size_t count_of(char **v)
{
	size_t n = 0;

	while (v[n])
		n++;
	return n;
}

int explain_main(int argc, char **argv)
{
	struct asked asked = {.modules = calloc(argc + 1, sizeof(*asked.modules))};
	struct explain x = {};
	int status = asked.modules ? parse(argc, argv, &x, &asked) : EXIT_FAILED;

	if (!status && asked.packages)
		status = packages(&x);
	else if (!status)
		status = explain(&x, asked.json, asked.modules, argv + optind,
				 count_of(asked.modules) + argc - optind);
	end(&x);
	free(asked.modules);
	return status == OPTIONS_HELP ? help() : status;
}
