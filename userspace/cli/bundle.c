/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict bundle: policy files and a key → a signed bundle. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bundle/trust.h"
#include "cli/apply.h"
#include "cli/bundling.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/put.h"
#include "moment.h"
#include "policy/policy_reader.h"

#define NS_PER_S 1000000000ULL
/* Of which no stage begins with anything. */
#define NOWHERE "/nonexistent"

static int help(void)
{
	puts("Usage: interdict bundle -o FILE --key KEY [OPTION]... FILE.policy...\n"
	     "       interdict bundle -o FILE --key KEY [OPTION]... --policy DIR\n"
	     "       interdict bundle --verify FILE [--trusted-key FILE]... [--json]\n\n"
	     "Make one signed file of policy files and of the digest lists and certificates that\n"
	     "they name (which lie beside them), for machines that take nothing else; or verify\n"
	     "such a bundle. The same input gives the same bytes.\n\n"
	     "  -o, --output FILE       write the bundle to FILE, whole or not at all\n"
	     "      --key FILE          sign with this private key, PEM: Ed25519, RSA or EC\n"
	     "      --certificate FILE  put in its certificates, PEM or DER: that of the key, "
	     "then\n"
	     "                          those that lead to a trusted one\n"
	     "      --policy DIR        take all policy files of a directory\n"
	     "      --id ID             its Id; without it, that of the policy, if it is one\n"
	     "      --version N         its version; without it, the highest of the policies\n"
	     "      --date DATE         no machine's time is before this (2024-09-29 18:00, UTC);\n"
	     "                          without it, $SOURCE_DATE_EPOCH, or none\n"
	     "      --verify            verify a bundle\n"
	     "      --trusted-key FILE  by this public key or certificate (may be repeated);\n"
	     "                          without it, by those of " CONF_FILE "\n"
	     "      --json              print one JSON object\n"
	     "  -h, --help              this text\n\n"
	     "Exit status: 0 made, or verified; 1 not verified; 2 usage; 3 whole, but there is no\n"
	     "key to verify it by; 4 failed.\n\n"
	     "Examples:\n"
	     "  openssl genpkey -algorithm ed25519 -out fleet.key\n"
	     "  openssl pkey -in fleet.key -pubout -out fleet.pem\n"
	     "  interdict bundle -o us-2024.bundle --key fleet.key us-2024.policy\n"
	     "  interdict bundle --verify us-2024.bundle --trusted-key fleet.pem");
	return EXIT_YES;
}

/* ---- what goes in ---------------------------------------------------------------------------- */

static int is_policy_name(const struct dirent *entry)
{
	return policy_is_file_name(entry->d_name);
}

static void put_one(struct apply *a, const char *path)
{
	if (!put_check(a, path))
		put_policy(a, path);
}

static void put_dir(struct apply *a, const char *dir)
{
	struct dirent **found;
	int n = scandir(dir, &found, is_policy_name, alphasort), i;
	char *path;

	if (n < 0)
		diag_error(&a->d, dir, 0, "cannot be listed: %s", strerror(errno));
	if (!n)
		diag_error(&a->d, dir, 0, "has no policy file (*" POLICY_SUFFIX ")");
	for (i = 0; i < n; i++) {
		if (asprintf(&path, "%s/%s", dir, found[i]->d_name) >= 0) {
			put_one(a, path);
			free(path);
		}
		free(found[i]);
	}
	if (n >= 0)
		free(found);
}

/* Checked by the reader that the machines have, and by itself: what else is there is another
 * machine's. */
static int read_policy(struct apply *a)
{
	const char *const dirs[POLICY_DIRS] = {a->stage.dir};
	int err = policy_read(&a->policy, dirs, &a->d);

	if (!err && !a->policy.file_count) {
		diag_error(&a->d, NULL, 0, "there is no policy in these files");
		err = -EINVAL;
	}
	return err;
}

static int add_files(struct manifest *m, struct apply *a, const char *output)
{
	const struct policy_file *file;
	size_t i, k;
	int err = 0;

	for (i = 0; !err && i < a->policy.file_count; i++) {
		file = a->policy.files[i];
		err = manifest_add(m, output, file->name, &a->d);
		/* Two policies may use one list. */
		for (k = 0; !err && k < file->lists.n; k++)
			if (!manifest_find(m, file->lists.v[k]))
				err = manifest_add(m, output, file->lists.v[k], &a->d);
	}
	return err;
}

/* ---- what it says of itself ------------------------------------------------------------------ */

static int set_id(struct manifest *m, const struct bundle_options *o, struct apply *a)
{
	const char *id = o->id ? o->id : a->policy.files[0]->id;
	size_t i;

	for (i = 1; !o->id && i < a->policy.file_count; i++) {
		if (!strcmp(id, a->policy.files[i]->id))
			continue;
		diag_error(&a->d, o->output, 0,
			   "the policies have several Ids: name that of the bundle: --id %s", id);
		return -EINVAL;
	}
	strncpy(m->id, id, RULE_NAME_LEN - 1);
	return 0;
}

static int set_version(struct manifest *m, const struct bundle_options *o, struct apply *a)
{
	const struct policy_file *file, *highest = a->policy.files[0];
	size_t i;

	for (i = 0; i < a->policy.file_count; i++) {
		file = a->policy.files[i];
		if (file->version > highest->version)
			highest = file;
	}
	m->version = highest->version;
	if (o->version)
		policy_take_number(&m->version, o->version);
	if (m->version < highest->version)
		diag_error(&a->d, highest->path, 0,
			   "has Version=%" PRIu64 ", above --version %" PRIu64 ": raise that",
			   highest->version, m->version);
	else if (!m->version)
		diag_error(&a->d, highest->path, 0,
			   "has no Version= under [Policy]: add it, or --version 1");
	else if (m->version > INT64_MAX)
		diag_error(&a->d, highest->path, 0, "has a Version= of 2^63 or more: lower it");
	return a->d.errors ? -EINVAL : 0;
}

/* Whole seconds. */
static int set_date(struct manifest *m, const struct bundle_options *o, struct diag *d)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");

	if (o->date)
		return moment_of_date(&m->date, o->date);
	if (!epoch || !*epoch)
		return 0;
	if (policy_take_number(&m->date, epoch) && m->date < UINT64_MAX / NS_PER_S) {
		m->date *= NS_PER_S;
		return 0;
	}
	diag_error(d, NULL, 0, "SOURCE_DATE_EPOCH=%.64s: is no number of seconds: correct it",
		   epoch);
	return -EINVAL;
}

/* ---- making ---------------------------------------------------------------------------------- */

static int write_bundle(struct manifest *m, const struct bundle_options *o, struct apply *a)
{
	struct signer signer;
	int err = signer_read(&signer, o->key, o->certificate, &a->d);

	if (!err)
		err = bundle_write(m, a->stage.dir, &signer, o->output, &a->d);
	signer_free(&signer);
	return err;
}

static int make_of(struct manifest *m, const struct bundle_options *o, struct apply *a)
{
	int err = read_policy(a);

	if (!err)
		err = set_id(m, o, a);
	if (!err)
		err = set_version(m, o, a);
	if (!err)
		err = set_date(m, o, &a->d);
	if (!err)
		err = add_files(m, a, o->output);
	return err ? err : write_bundle(m, o, a);
}

static int make(const struct bundle_options *o, char **paths)
{
	/* Rehearsed: the stage is a directory of our own, and nothing comes of it. */
	struct apply a = {.dry_run = true, .base = NOWHERE, .json = o->json};
	struct manifest m = {};
	int status = EXIT_YES;

	if (apply_begin(&a))
		return apply_failed(&a, EXIT_FAILED);
	if (o->policy)
		put_dir(&a, o->policy);
	for (; *paths; paths++)
		put_one(&a, *paths);
	if (a.d.errors || make_of(&m, o, &a))
		status = apply_failed(&a, EXIT_FAILED);
	else
		status = bundle_say(o, &m, NULL, EXIT_YES, &a.d);
	manifest_free(&m);
	apply_end(&a);
	return status;
}

/* ---- the command line ------------------------------------------------------------------------ */

static int check_values(const char *command, const struct bundle_options *o)
{
	uint64_t number;

	if (o->id && !policy_is_id(o->id))
		return cli_usage(command,
				 "--id %s: an Id is at most %d of a-z, 0-9, '.', '_', '-', and "
				 "begins with a letter or digit",
				 o->id, RULE_NAME_LEN - 1);
	if (o->version &&
	    (!policy_take_number(&number, o->version) || !number || number > INT64_MAX))
		return cli_usage(command, "--version %s: a number from 1", o->version);
	if (o->date && moment_of_date(&number, o->date))
		return cli_usage(command,
				 "--date %s is no date: write 2024-09-29, or '2024-09-29 18:00', "
				 "in UTC",
				 o->date);
	return EXIT_YES;
}

static int check_verify(const char *command, const struct bundle_options *o, int n)
{
	if (o->output || o->key || o->certificate || o->policy || o->id || o->version || o->date)
		return cli_usage(command, "--verify takes --trusted-key and --json only");
	if (n != 1)
		return cli_usage(command, "which bundle? Name one");
	return EXIT_YES;
}

static int check_make(const char *command, const struct bundle_options *o, int n)
{
	if (o->trusted_count)
		return cli_usage(command, "--trusted-key goes with --verify");
	if (!o->output)
		return cli_usage(command, "where to? Name the bundle: -o us-2024.bundle");
	if (!o->key)
		return cli_usage(command, "who signs it? Name a private key: --key fleet.key");
	if (!n && !o->policy)
		return cli_usage(command, "of what? Name policy files, or --policy DIR");
	return check_values(command, o);
}

static void take_trusted(struct bundle_options *o, const char *path)
{
	const char **v = reallocarray(o->trusted, o->trusted_count + 1, sizeof(*v));

	if (!v)
		abort();
	o->trusted = v;
	v[o->trusted_count++] = path;
}

static void take_option(struct bundle_options *o, int option)
{
	const char **const values[] = {
		['o'] = &o->output,  ['k'] = &o->key,  ['c'] = &o->certificate, ['i'] = &o->id,
		['n'] = &o->version, ['d'] = &o->date, ['P'] = &o->policy,
	};

	if (option == 't')
		take_trusted(o, optarg);
	else if (option == 'j')
		o->json = true;
	else if (option == 'v')
		o->verify = true;
	else
		*values[option] = optarg;
}

static int run(struct bundle_options *o, int argc, char **argv)
{
	int n = argc - optind;
	int status = o->verify ? check_verify(argv[0], o, n) : check_make(argv[0], o, n);

	if (status)
		return status;
	return o->verify ? bundle_verify(o, argv[optind]) : make(o, argv + optind);
}

int bundle_main(int argc, char **argv)
{
	static const struct option options[] = {
		{"output", required_argument, NULL, 'o'},
		{"key", required_argument, NULL, 'k'},
		{"certificate", required_argument, NULL, 'c'},
		{"policy", required_argument, NULL, 'P'},
		{"id", required_argument, NULL, 'i'},
		{"version", required_argument, NULL, 'n'},
		{"date", required_argument, NULL, 'd'},
		{"verify", no_argument, NULL, 'v'},
		{"trusted-key", required_argument, NULL, 't'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{},
	};
	struct bundle_options o = {};
	int option, status = EXIT_YES;

	while (!status && (option = options_next(argc, argv, options)) != -1) {
		if (option == 'h')
			status = OPTIONS_HELP;
		else if (option == '?')
			status = EXIT_USAGE;
		else
			take_option(&o, option);
	}
	if (status == OPTIONS_HELP)
		status = help();
	else if (!status)
		status = run(&o, argc, argv);
	free(o.trusted);
	return status;
}
