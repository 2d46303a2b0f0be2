/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/apply.h"
#include "cli/argument.h"
#include "cli/cli.h"
#include "cli/local.h"
#include "file.h"
#include "image/image.h"
#include "policy/policy_reader.h"

#define NAMES 256 /* and a fingerprint_kind: an option that names one of this kind */

static const struct option options[] = {
	{"vendor", required_argument, NULL, 'v'},
	{"name", required_argument, NULL, 'N'},
	{"list", required_argument, NULL, 'l'},
	{"build-id", required_argument, NULL, NAMES + FINGERPRINT_BUILD_ID},
	{"authentihash", required_argument, NULL, NAMES + FINGERPRINT_AUTHENTIHASH},
	{"signed-digest", required_argument, NULL, NAMES + FINGERPRINT_SIGNED_DIGEST},
	{"signer-cert", required_argument, NULL, NAMES + FINGERPRINT_SIGNER_CERT},
	{"signer-key", required_argument, NULL, NAMES + FINGERPRINT_SIGNER_KEY},
	{"signer-key-id", required_argument, NULL, NAMES + FINGERPRINT_SIGNER_KEY_ID},
	{"signer-serial", required_argument, NULL, NAMES + FINGERPRINT_SIGNER_SERIAL},
	{"signer-org", required_argument, NULL, NAMES + FINGERPRINT_SIGNER_ORG},
	{"signature-state", required_argument, NULL, 'S'},
	{"path", required_argument, NULL, NAMES + FINGERPRINT_PATH},
	{"module", required_argument, NULL, NAMES + FINGERPRINT_MODULE_NAME},
	{"catalog", required_argument, NULL, 'c'},
	{"monitor", no_argument, NULL, 'm'},
	{"from", required_argument, NULL, 'F'},
	{"until", required_argument, NULL, 'U'},
	APPLY_OPTIONS,
};

static int help(void)
{
	puts("Usage: interdict deny --vendor VENDOR [OPTION]... [DIGEST[:SIZE] | FILE]...\n"
	     "       interdict deny --vendor VENDOR [OPTION]...\n\n"
	     "Deny what has one of these SHA-256 digests, or what an option names: add it "
	     "to\n" LOCAL_POLICY ", and put that in force. A FILE is read for its digest and\n"
	     "size. A digest without its size costs: every file that runs must then be read to\n"
	     "tell.\n\n"
	     "Where nothing is named, what the catalog knows of the vendor ('interdict vendors')\n"
	     "is put in force, and where each of its rules can fire is said.\n\n"
	     "  --vendor VENDOR     whose it is: an Id of a-z, 0-9, '.', '_', '-'\n"
	     "  --name NAME         the vendor's name, when no policy describes it yet\n"
	     "  --list FILE         deny the digests of a list (sha256sum's lines, or those of\n"
	     "                      'interdict digest', which name sizes); may be repeated\n"
	     "  --build-id HEX      deny what has this build-id\n"
	     "  --authentihash sha256:DIGEST, --signed-digest sha256:DIGEST\n"
	     "                      deny this content of a PE image, of a signed driver\n"
	     "  --signer-cert FILE|sha256:DIGEST, --signer-key FILE|sha256:DIGEST,\n"
	     "  --signer-key-id HEX, --signer-serial sha256:DIGEST, --signer-org NAME\n"
	     "                      deny what this certificate, key or organization signed\n"
	     "  --signature-state STATE\n"
	     "                      of the signers: only signatures that are claimed, valid,\n"
	     "                      verified or invalid\n"
	     "  --path PREFIX       deny what lies below a directory, /opt/kaspersky/, or one of\n"
	     "                      that name anywhere, '*/KVRT2024_Data/'\n"
	     "  --module NAME       deny the driver of this name\n"
	     "                      (each of these but --signature-state may be repeated)\n"
	     "  --catalog DIR       the catalog in DIR instead of " CATALOG_DIR "\n"
	     "  --monitor           record only, and let it run\n"
	     "  --from DATE         record only before DATE (2024-09-29, UTC)\n"
	     "  --until DATE        no longer from DATE on\n" APPLY_HELP "\n"
	     "Exit status: 0 in force, or was already; 2 usage; 4 refused: nothing changed.\n\n"
	     "Examples:\n"
	     "  interdict deny --vendor kaspersky --dry-run\n"
	     "  interdict deny --vendor kaspersky --name 'Kaspersky Lab' /opt/kaspersky/bin/*\n"
	     "  interdict deny --vendor kaspersky --list kesl-12.digests --from 2024-09-29\n"
	     "  interdict deny --vendor kaspersky --signer-org 'AO Kaspersky Lab'\n"
	     "  interdict deny --vendor kaspersky --path /opt/kaspersky/\n"
	     "  interdict digest kesl_12.0.deb > kesl.digests && \\\n"
	     "    interdict deny --vendor kaspersky --list kesl.digests --dry-run");
	return EXIT_YES;
}

/* ---- arguments ------------------------------------------------------------------------------- */

static const char *option_of(enum fingerprint_kind kind)
{
	const struct option *o;

	for (o = options; o->name; o++)
		if (o->val == NAMES + (int)kind)
			return o->name;
	return "";
}

static int check_name(const char *command, const struct denial_name *name)
{
	const char *option = option_of(name->kind), *wrong, *slash;
	struct fingerprint f;

	if (policy_kind_has_files(name->kind) && policy_is_file(name->text)) {
		slash = strrchr(name->text, '/');
		wrong = policy_check_file_name(slash ? slash + 1 : name->text);
	} else if (!argument_fits_policy(name->text)) {
		return cli_usage(command,
				 "--%s: is empty or too long, or has control characters "
				 "in it, or ends in a backslash",
				 option);
	} else {
		wrong = policy_parse_fingerprint(&f, name->kind, name->text);
	}
	return wrong ? cli_usage(command, "--%s %s: %s", option, name->text, wrong) : EXIT_YES;
}

static int check_names(const char *command, struct denial *x)
{
	bool signers = false;
	size_t i;
	int status = EXIT_YES;

	for (i = 0; i < x->name_count && !status; i++) {
		status = check_name(command, &x->names[i]);
		signers |= !!(KINDS_SIGNER & KIND_BIT(x->names[i].kind));
	}
	if (status || !x->signature_text)
		return status;
	if (policy_parse_signature(&x->signature, x->signature_text))
		return cli_usage(command,
				 "--signature-state %s: write claimed, valid, verified or invalid",
				 x->signature_text);
	if (!signers)
		return cli_usage(command, "--signature-state: whose signature? Name a signer: "
					  "--signer-org 'AO Kaspersky Lab'");
	return EXIT_YES;
}

static int name_certificates(struct denial_name *name, const struct certificates *found)
{
	size_t i;

	name->v = calloc(found->n, CERTIFICATE_FINGERPRINTS * sizeof(*name->v));
	if (!name->v)
		return -ENOMEM;
	for (i = 0; i < found->n; i++)
		name->n += certificate_fingerprints(name->v + name->n, &found->v[i], name->kind);
	return 0;
}

static int take_certificates(struct apply *a, struct denial_name *name)
{
	bool keys = name->kind == FINGERPRINT_SIGNER_KEY;
	struct certificates found = {};
	const char *wrong;
	int err = certificates_read(&found, name->text, keys, &wrong);

	if (err == -EBADMSG)
		diag_error(&a->d, name->text, 0, "%s", wrong);
	else if (err)
		file_complain(&a->d, name->text, err);
	else
		err = name_certificates(name, &found);
	certificates_free(&found);
	return err;
}

static int take_name(struct apply *a, struct denial_name *name)
{
	if (policy_kind_has_files(name->kind) && policy_is_file(name->text))
		return take_certificates(a, name);
	name->v = calloc(1, sizeof(*name->v));
	if (!name->v)
		return -ENOMEM;
	name->n = 1;
	return policy_parse_fingerprint(name->v, name->kind, name->text) ? -EINVAL : 0;
}

/* Everything that can be wrong is found before anything is written. */
static int take_arguments(struct apply *a, struct denial *x, int argc, char **argv)
{
	struct digests list;
	int status, i;
	size_t k;

	for (i = optind; i < argc; i++) {
		status = argument_digest(a, &x->digests, argv[i]);
		if (status == EXIT_USAGE)
			return status;
	}
	for (k = 0; k < x->list_count; k++) {
		list = (struct digests){};
		digests_read(&list, x->lists[k], &a->d);
		digests_free(&list);
	}
	for (k = 0; k < x->name_count; k++)
		if (take_name(a, &x->names[k]) && !a->d.errors)
			return EXIT_FAILED;
	return a->d.errors ? apply_failed(a, EXIT_FAILED) : EXIT_YES;
}

/* ---- the command ----------------------------------------------------------------------------- */

static void detail_rule(json_t *rules, const struct denial *x, const struct fingerprint *f)
{
	char id[RULE_ID_LEN];

	rule_id(id, x->vendor, f);
	json_array_append_new(rules, json_string(id));
}

static void detail_rules(struct apply *a, const struct denial *x)
{
	struct fingerprint f = {.kind = FINGERPRINT_SHA256};
	json_t *rules = json_array();
	size_t i, k;

	for (i = 0; i < x->digests.n; i++) {
		memcpy(f.value, x->digests.v[i].value, sizeof(f.value));
		detail_rule(rules, x, &f);
	}
	for (i = 0; i < x->name_count; i++)
		for (k = 0; k < x->names[i].n; k++)
			detail_rule(rules, x, &x->names[i].v[k]);
	apply_detail(a, "rules", rules);
}

static int deny(struct apply *a, const struct denial *x)
{
	bool changed;

	detail_rules(a, x);
	if (apply_begin(a) || apply_read_policy(a) || local_deny(a, x, &changed))
		return apply_failed(a, EXIT_FAILED);
	return apply_commit_rules(a, changed);
}

static bool take_option(struct denial *x, int option, const char *value)
{
	switch (option) {
	case 'v':
		x->vendor = value;
		return true;
	case 'N':
		x->name = value;
		return true;
	case 'l':
		x->lists[x->list_count++] = value;
		return true;
	case 'c':
		x->catalog = value;
		return true;
	case 'm':
		x->mode = MODE_MONITOR;
		return true;
	case 'F':
		x->from_text = value;
		return true;
	case 'U':
		x->until_text = value;
		return true;
	case 'S':
		x->signature_text = value;
		return true;
	}
	if (option < NAMES)
		return false;
	x->names[x->name_count++] = (struct denial_name){.kind = option - NAMES, .text = value};
	return true;
}

static int parse(struct apply *a, struct denial *x, int argc, char **argv)
{
	int option, status;

	while ((option = options_next(argc, argv, options)) != -1) {
		if (!take_option(x, option, optarg) && !apply_option(a, option, optarg))
			return option == 'h' ? OPTIONS_HELP : EXIT_USAGE;
	}
	status = apply_check_options(a);
	if (!status)
		status = argument_vendor(a->command, x->vendor, x->name);
	if (!status)
		status = argument_dates(a->command, &x->from, x->from_text, &x->until,
					x->until_text);
	if (!status)
		status = check_names(a->command, x);
	return status;
}

static void free_denial(struct denial *x)
{
	size_t i;

	for (i = 0; i < x->name_count; i++)
		free(x->names[i].v);
	digests_free(&x->digests);
	free(x->names);
	free(x->lists);
}

int deny_main(int argc, char **argv)
{
	struct apply a = {.command = argv[0]};
	struct denial x = {.mode = MODE_ENFORCE, .catalog = CATALOG_DIR};
	int status = EXIT_FAILED;

	x.lists = calloc(argc, sizeof(*x.lists));
	x.names = calloc(argc, sizeof(*x.names));
	if (!x.lists || !x.names)
		goto out;
	status = parse(&a, &x, argc, argv);
	if (!status && optind == argc && !x.list_count && !x.name_count) {
		status = deny_by_catalog(&a, &x);
		goto out;
	}
	if (!status)
		status = take_arguments(&a, &x, argc, argv);
	if (!status)
		status = deny(&a, &x);
out:
	free_denial(&x);
	apply_end(&a);
	return status == OPTIONS_HELP ? help() : status;
}
