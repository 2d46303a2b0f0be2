/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict identify: what identifies a file. */
#include <errno.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/identify.h"
#include "cli/options.h"
#include "cli/output.h"
#include "file.h"

struct identify {
	struct diag d;
	json_t *json; /* an array, or NULL */
	bool policy;
	size_t done, unread;
};

static int help(void)
{
	puts("Usage: interdict identify [--json | --policy] FILE...\n\n"
	     "Say what a file is, by its content, and what identifies it: digests, build-id, and\n"
	     "who signed it. Signatures are checked against the certificates that come with them.\n"
	     "\n"
	     "      --json    write an array of {path, kind, size, fingerprints, module, "
	     "signature,\n"
	     "                unpacked}\n"
	     "      --policy  write lines for a [Deny] section of a policy file: keep those that\n"
	     "                name what you mean, since a signer's name all that it signed\n"
	     "  -h, --help    this text\n\n"
	     "Exit status: 0 done; 2 usage; 3 some could not be read; 4 none could.\n\n"
	     "Examples:\n"
	     "  interdict identify /usr/bin/clamscan\n"
	     "  interdict identify --policy /opt/kaspersky/kesl/bin/* >> kaspersky.policy\n"
	     "  interdict identify --json x.ko.xz | jq -r '.[].unpacked.signature.signer'");
	return EXIT_YES;
}

static void say(struct identify *i, const struct subject *s)
{
	if (i->json)
		json_array_append_new(i->json, identify_json(s));
	else if (i->policy)
		identify_policy(s, &i->d);
	else
		identify_text(s);
}

static void identify_file(struct identify *i, const char *path)
{
	struct subject s = {.path = path};
	int rc = identity_of_file(&s.known, path, NULL);

	if (rc == -EBUSY)
		diag_error(&i->d, path, 0, "changed while it was read: try again");
	else if (rc)
		file_complain(&i->d, path, rc);
	if (!rc && s.known.content.broken)
		diag_warning(&i->d, path, 0, "a packed driver that breaks off");
	if (!rc)
		say(i, &s);
	i->done += !rc;
	i->unread += !!rc;
	known_free(&s.known);
}

static int identify(struct identify *i, char **paths)
{
	int status = EXIT_YES;

	for (; *paths; paths++)
		identify_file(i, *paths);
	if (i->json)
		status = output_json(i->json);
	diag_print(&i->d, PROGRAM);
	diag_free(&i->d);
	if (status || !i->unread)
		return status;
	return i->done ? EXIT_INCOMPLETE : EXIT_FAILED;
}

int identify_main(int argc, char **argv)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'},
		{"policy", no_argument, NULL, 'p'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	bool json = false, policy = false;
	int option;

	while ((option = options_next(argc, argv, options)) != -1) {
		if (option == 'h')
			return help();
		if (option == '?')
			return EXIT_USAGE;
		json |= option == 'j';
		policy |= option == 'p';
	}
	if (json && policy)
		return cli_usage(argv[0], "--json and --policy are two answers: ask for one");
	if (optind == argc)
		return cli_usage(argv[0], "which file? Name one or more");
	return identify(&(struct identify){.json = json ? json_array() : NULL, .policy = policy},
			argv + optind);
}
