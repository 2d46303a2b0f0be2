/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/condition.h"
#include "cli/decides.h"
#include "cli/options.h"
#include "cli/output.h"
#include "control.h"
#include "kmod.h"

enum state { STATE_OK, STATE_WEAK, STATE_MISSING };

static const char *const state_words[] = {"ok", "weak", "missing"};

static int help(void)
{
	puts("Usage: interdict doctor [--test] [--json]\n\n"
	     "Say what enforcement needs and whether it is there; for what is missing, the exact\n"
	     "command or boot parameter that mends it.\n\n"
	     "  --test   prove it: run a program that is always denied, and one of its size that\n"
	     "           is not; needs root and interdictd\n"
	     "  --json   print one JSON object\n"
	     "  --help   this text\n\n"
	     "Exit status: 0 all is well, 1 something is weaker than it could be, 2 usage,\n"
	     "4 this machine cannot enforce.\n\n"
	     "Examples:\n"
	     "  interdict doctor --test\n"
	     "  interdict doctor --json | jq -r '.checks[] | select(.state != \"ok\").remedy'");
	return EXIT_YES;
}

static void add(json_t *checks, enum state state, const char *name, const char *found,
		const char *remedy)
{
	json_array_append_new(checks,
			      json_pack("{s:s, s:s, s:s, s:s}", "name", name, "state",
					state_words[state], "found", found, "remedy", remedy));
}

static void add_requirements(json_t *checks, const struct condition *c)
{
	const struct requirement *r;

	for (r = c->requirements; r < c->requirements + c->requirement_count; r++)
		add(checks, r->met ? STATE_OK : STATE_MISSING, r->name, r->found, r->remedy);
}

static void add_enforcement(json_t *checks, const struct condition *c)
{
	bool on = c->enforcement == ENFORCEMENT_ON;

	/* What keeps it off is above, with its remedy. */
	if (!on && condition_first_unmet(c))
		add(checks, STATE_MISSING, "enforcement", condition_word(c->enforcement),
		    "mend what is missing above");
	else
		add(checks, on ? STATE_OK : STATE_WEAK, "enforcement",
		    condition_word(c->enforcement), c->why);
}

static void add_daemon(json_t *checks, const struct condition *c)
{
	if (condition_is_last_good(c))
		add(checks, STATE_WEAK, "interdictd", CONDITION_LAST_GOOD, "interdict reload");
	else if (condition_write_failures(c))
		add(checks, STATE_WEAK, "interdictd", CONDITION_WRITE_FAILED,
		    "make room in, or correct, " LOG_DIR);
	else if (c->daemon)
		add(checks, STATE_OK, "interdictd", "answers", "");
	else if (c->daemon_error == -EACCES)
		add(checks, STATE_WEAK, "interdictd", "only root may ask it", "run this as root");
	else
		add(checks, STATE_WEAK, "interdictd", "does not answer: events are not written",
		    "systemctl start interdictd");
}

static void add_unsized(json_t *checks, const struct condition *c)
{
	json_t *lists, *list;
	char found[8192];
	size_t i, used;

	if (!c->state.header.unsized) {
		add(checks, STATE_OK, "sizes of listed digests", "all known", "");
		return;
	}
	used = snprintf(found, sizeof(found),
			"%u unknown, so that every file is hashed:", c->state.header.unsized);
	lists = condition_unsized();
	json_array_foreach(lists, i, list) if (used < sizeof(found) / 2) used +=
		snprintf(found + used, sizeof(found) - used, " %s",
			 json_string_value(json_object_get(list, "file")));
	json_decref(lists);
	add(checks, STATE_WEAK, "sizes of listed digests", found,
	    "make the lists with: interdict digest FILE...");
}

/* What is weaker without the module, if it is; a kernel can do some of it by itself. */
static void add_module(json_t *checks, const struct condition *c)
{
	struct decides d = decides(c);

	if (d.checked) {
		add(checks, STATE_OK, "interdict.ko", "in use", "");
		return;
	}
	if (kmod_state() == KMOD_PRESENT)
		add(checks, STATE_WEAK, "interdict.ko", "loaded, and not in use",
		    "systemctl restart interdictd; if that does not help, its log says why");
	else if (kmod_state() == KMOD_NO_BTF)
		add(checks, STATE_WEAK, "interdict.ko", "loaded without BTF: it cannot be called",
		    "rmmod interdict, and build it with kmod/Makefile");
	else
		add(checks, STATE_WEAK, "interdict.ko", "not loaded: signatures are not checked",
		    DECIDES_REMEDY_KMOD);
	if (!d.signers)
		add(checks, STATE_WEAK, "signers of programs and libraries",
		    "cannot be told: this kernel lets no BPF program read a file",
		    DECIDES_REMEDY_KMOD);
	if (!d.unpacked)
		add(checks, STATE_WEAK, "drivers that the kernel unpacks",
		    "are seen packed only: a rule on what is in them does not fire",
		    DECIDES_REMEDY_KMOD);
}

static void add_losses(json_t *checks, const struct condition *c)
{
	char found[64];

	snprintf(found, sizeof(found), "%" PRIu64 " lost", (uint64_t)c->state.counters.lost_ring);
	if (c->state.counters.lost_ring)
		add(checks, STATE_WEAK, "events", found,
		    "none was let through; journalctl -u interdictd may say why it was slow");
	else
		add(checks, STATE_OK, "events", "none lost", "");
}

/* That hooks are attached proves nothing: the canary must be denied, and by us. */
static void add_test(json_t *checks)
{
	json_t *reply = NULL;
	struct diag d = {};

	if (control_call("Test", NULL, &reply, &d))
		add(checks, STATE_MISSING, "canary", d.kept ? d.lines[0].text : "not tried",
		    "mend what is missing above, then: systemctl restart interdictd");
	else
		add(checks, STATE_OK, "canary", "denied, and its control ran", "");
	json_decref(reply);
	diag_free(&d);
}

static json_t *check_all(const struct condition *c, bool test)
{
	json_t *checks = json_array();

	add_requirements(checks, c);
	add_enforcement(checks, c);
	add_daemon(checks, c);
	if (test)
		add_test(checks);
	if (c->state.loaded) {
		add_module(checks, c);
		add_unsized(checks, c);
		add_losses(checks, c);
	}
	return checks;
}

static enum state state_of(json_t *check)
{
	const char *word = json_string_value(json_object_get(check, "state"));
	enum state state = STATE_MISSING;

	while (state > STATE_OK && strcmp(state_words[state], word))
		state--;
	return state;
}

static enum state worst_of(json_t *checks)
{
	enum state worst = STATE_OK;
	json_t *check;
	size_t i;

	json_array_foreach(checks, i, check) if (state_of(check) > worst) worst = state_of(check);
	return worst;
}

static void print_text(json_t *checks)
{
	static const enum colour colours[] = {COLOUR_GREEN, COLOUR_YELLOW, COLOUR_RED};
	const char *remedy;
	enum state state;
	json_t *check;
	size_t i;

	json_array_foreach(checks, i, check)
	{
		state = state_of(check);
		output_coloured(colours[state], state_words[state]);
		printf("%*s%s: ", (int)(9 - strlen(state_words[state])), "",
		       json_string_value(json_object_get(check, "name")));
		cli_print_escaped(json_string_value(json_object_get(check, "found")));
		putchar('\n');
		remedy = json_string_value(json_object_get(check, "remedy"));
		if (*remedy) {
			printf("         → ");
			cli_print_escaped(remedy);
			putchar('\n');
		}
	}
}

int doctor_main(int argc, char **argv)
{
	static const struct option options[] = {{"test", no_argument, NULL, 't'},
						{"json", no_argument, NULL, 'j'},
						{"help", no_argument, NULL, 'h'},
						{}};
	static const int statuses[] = {EXIT_YES, EXIT_NO, EXIT_FAILED};
	bool json = false, test = false;
	struct condition c;
	enum state worst;
	json_t *checks;
	int option;

	while ((option = options_next(argc, argv, options)) != -1) {
		if (option == 't')
			test = true;
		else if (option == 'j')
			json = true;
		else
			return option == 'h' ? help() : EXIT_USAGE;
	}
	if (optind < argc)
		return cli_usage(argv[0], "takes no argument: %s", argv[optind]);
	condition_read(&c);
	checks = check_all(&c, test);
	worst = worst_of(checks);
	if (json)
		output_json(json_pack("{s:s, s:O}", "state", state_words[worst], "checks", checks));
	else
		print_text(checks);
	json_decref(checks);
	condition_free(&c);
	return statuses[worst];
}
