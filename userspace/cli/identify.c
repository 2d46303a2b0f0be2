/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict identify: what identifies a file. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/output.h"
#include "file.h"
#include "identity.h"
#include "image.h"

struct subject {
	const char *path;
	struct identity identity;
	struct content content;
};

struct identify {
	struct diag d;
	json_t *json; /* an array, or NULL */
	bool policy;
	size_t done, unread;
};

static int help(void)
{
	puts("Usage: interdict identify [--json | --policy] FILE...\n\n"
	     "Say what a file is, by its content, and what identifies it. Signatures are not\n"
	     "examined in this version.\n\n"
	     "      --json    write an array of {path, kind, size, fingerprints, unpacked}\n"
	     "      --policy  write lines for a [Deny] section of a policy file\n"
	     "  -h, --help    this text\n\n"
	     "Exit status: 0 done; 2 usage; 3 some could not be read; 4 none could.\n\n"
	     "Examples:\n"
	     "  interdict identify /usr/bin/clamscan\n"
	     "  interdict identify --policy /opt/kaspersky/kesl/bin/* >> kaspersky.policy\n"
	     "  interdict identify --json x.ko.xz | jq -r '.[].unpacked.fingerprints[].value'");
	return EXIT_YES;
}

/* ---- text ---------------------------------------------------------------------------------- */

static void print_text(const struct subject *s)
{
	char hex[2 * FINGERPRINT_LEN + 1], size[COUNT_LEN];
	const struct fingerprint *f;

	cli_print_escaped(s->path);
	printf("\n  kind         %s\n  size         %s\n", content_name(s->content.kind),
	       output_count(size, s->content.digest.size, "byte", "bytes"));
	for (f = s->identity.fingerprints; f < s->identity.fingerprints + s->identity.count; f++) {
		digest_format(hex, f->value);
		printf("  fingerprint  %s:%s\n", kind_name(f->kind), hex);
	}
	if (s->content.kind != CONTENT_DRIVER_PACKED || s->content.broken)
		return;
	digest_format(hex, s->content.plain.value);
	printf("  unpacked     %s:%s, %s\n", kind_name(FINGERPRINT_SHA256), hex,
	       output_count(size, s->content.plain.size, "byte", "bytes"));
}

/* ---- policy lines -------------------------------------------------------------------------- */

static void print_policy_line(const struct digest *digest)
{
	char hex[2 * FINGERPRINT_LEN + 1];

	digest_format(hex, digest->value);
	printf("Digest=sha256:%s %" PRIu64 "\n", hex, digest->size);
}

/* The comment says what the lines are of; what is packed is denied as it is, and unpacked. */
static void print_policy(struct identify *i, const struct subject *s)
{
	if (!s->content.digest.size) {
		diag_warning(&i->d, s->path, 0, "is empty, as others are: no rule can name it");
		return;
	}
	printf("# %s: ", content_name(s->content.kind));
	cli_print_escaped(s->path);
	putchar('\n');
	print_policy_line(&s->content.digest);
	if (s->content.kind == CONTENT_DRIVER_PACKED && !s->content.broken)
		print_policy_line(&s->content.plain);
}

/* ---- JSON ---------------------------------------------------------------------------------- */

/* JSON is UTF-8, a path need not be. */
static json_t *fingerprint_json(unsigned int kind, const uint8_t value[FINGERPRINT_LEN])
{
	char hex[2 * FINGERPRINT_LEN + 1];

	digest_format(hex, value);
	return json_pack("{s:s, s:s}", "kind", kind_name(kind), "value", hex);
}

static json_t *unpacked_json(const struct content *content)
{
	if (content->kind != CONTENT_DRIVER_PACKED || content->broken)
		return NULL;
	return json_pack("{s:I, s:[o]}", "size", (json_int_t)content->plain.size, "fingerprints",
			 fingerprint_json(FINGERPRINT_SHA256, content->plain.value));
}

static void add_json(json_t *array, const struct subject *s)
{
	json_t *fingerprints = json_array();
	size_t i;

	for (i = 0; i < s->identity.count; i++)
		json_array_append_new(fingerprints,
				      fingerprint_json(s->identity.fingerprints[i].kind,
						       s->identity.fingerprints[i].value));
	json_array_append_new(array,
			      json_pack("{s:o, s:s, s:I, s:o, s:o*}", "path", output_text(s->path),
					"kind", content_name(s->content.kind), "size",
					(json_int_t)s->content.digest.size, "fingerprints",
					fingerprints, "unpacked", unpacked_json(&s->content)));
}

/* ---- the command --------------------------------------------------------------------------- */

static void identify_file(struct identify *i, const char *path)
{
	struct subject s = {.path = path};
	int rc = identity_of_file(&s.identity, &s.content, path);

	if (rc == -EBUSY)
		diag_error(&i->d, path, 0, "changed while it was read: try again");
	else if (rc)
		file_complain(&i->d, path, rc);
	if (rc) {
		i->unread++;
		return;
	}
	i->done++;
	if (s.content.broken)
		diag_warning(&i->d, path, 0, "a packed driver that breaks off");
	if (i->json)
		add_json(i->json, &s);
	else if (i->policy)
		print_policy(i, &s);
	else
		print_text(&s);
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
