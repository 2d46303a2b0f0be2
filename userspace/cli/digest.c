/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict digest: packages, archives, directories, files → a digest list. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/output.h"
#include "collect.h"
#include "file.h"

/* A path takes at most half a line: each byte may have to be escaped. */
#define PATH_LISTED ((DIGESTS_LINE_MAX - 128) / 2)

#define GO_ON (-1)

struct listed {
	struct component component;
	bool again; /* its digest is in the list already */
};

struct listing {
	struct collect collect;
	struct diag d;
	struct digests excluded; /* sorted */
	struct listed *v;	 /* in the order of the inputs, then of the paths */
	size_t n, capacity;
	size_t digests;		       /* without those listed again */
	size_t left_out;	       /* components that @excluded names */
	size_t inputs[COLLECT_INPUTS]; /* by enum collect_input */
	size_t empty, failed;	       /* inputs without a component; inputs not taken */
	const char *output;	       /* a file, or NULL: stdout */
	bool json;
};

static int help(void)
{
	puts("Usage: interdict digest [OPTION]... FILE|DIRECTORY|PACKAGE|ARCHIVE...\n\n"
	     "Find the programs, libraries, scripts, drivers and PE images in files, in\n"
	     "directories, in .deb packages (with their maintainer scripts) and .rpm packages,\n"
	     "and in .tar, .tar.* and .zip archives, by content and not by name, and write a\n"
	     "digest list of them.\n\n"
	     "  -o, --output FILE   write the list to FILE, whole or not at all\n"
	     "      --exclude LIST  leave the digests of this list out (may be repeated)\n"
	     "      --json          write an array of {sha256, size, path, kind} instead\n"
	     "  -h, --help          this text\n\n"
	     "Exit status: 0 done; 2 usage; 3 the list was written, but something named on\n"
	     "stderr could not be read or opened, or holds nothing; 4 nothing was written.\n\n"
	     "Examples:\n"
	     "  interdict digest -o kaspersky.digests kesl_12.1.0-1274_amd64.deb klnagent64*.deb\n"
	     "  interdict digest /opt/kaspersky /var/opt/kaspersky > kaspersky.digests\n"
	     "  interdict digest --exclude stock.digests -o vendor.digests vendor.tar.gz\n"
	     "  interdict digest --json vendor.rpm | jq -r '.[].path'");
	return EXIT_YES;
}

/* ---- collecting ---------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	return memcmp(((const struct digest *)a)->value, ((const struct digest *)b)->value,
		      FINGERPRINT_LEN);
}

static int reserve(struct listing *l)
{
	size_t capacity = l->capacity ? 2 * l->capacity : 256;
	struct listed *v;

	if (l->n < l->capacity)
		return 0;
	v = reallocarray(l->v, capacity, sizeof(*v));
	if (!v)
		return -ENOMEM;
	l->v = v;
	l->capacity = capacity;
	return 0;
}

static int take(void *context, const struct component *component)
{
	struct listing *l = context;
	struct listed *listed;

	if (l->excluded.n && bsearch(&component->digest, l->excluded.v, l->excluded.n,
				     sizeof(*l->excluded.v), by_value)) {
		l->left_out++;
		return 0;
	}
	if (reserve(l))
		return -ENOMEM;
	listed = &l->v[l->n];
	*listed = (struct listed){.component = *component};
	listed->component.path = strdup(component->path);
	if (!listed->component.path)
		return -ENOMEM;
	l->n++;
	return 0;
}

static void end_input(void *context, const char *path, int rc)
{
	struct listing *l = context;

	if (!rc)
		l->inputs[l->collect.input]++;
	else if (rc == -ENODATA)
		l->empty++;
	else
		l->failed++;
}

static int by_digest(const void *a, const void *b)
{
	const struct listed *x = *(struct listed *const *)a, *y = *(struct listed *const *)b;
	int order = by_value(&x->component.digest, &y->component.digest);

	return order ? order : (x > y) - (x < y);
}

/* Of components with one digest, the first is listed. */
static int mark_again(struct listing *l)
{
	struct listed **sorted = calloc(l->n, sizeof(struct listed *));
	size_t i;

	if (!sorted)
		return -ENOMEM;
	for (i = 0; i < l->n; i++)
		sorted[i] = &l->v[i];
	qsort(sorted, l->n, sizeof(struct listed *), by_digest);
	for (i = 1; i < l->n; i++)
		sorted[i]->again =
			!by_value(&sorted[i - 1]->component.digest, &sorted[i]->component.digest);
	free(sorted);
	for (i = 0; i < l->n; i++)
		l->digests += !l->v[i].again;
	return 0;
}

/* ---- writing ------------------------------------------------------------------------------- */

static size_t all_inputs(const struct listing *l)
{
	size_t i, n = 0;

	for (i = 0; i < COLLECT_INPUTS; i++)
		n += l->inputs[i];
	return n;
}

static bool is_incomplete(const struct listing *l)
{
	return l->collect.unread || l->collect.unopened || l->empty;
}

static void write_list(const struct listing *l, FILE *out)
{
	size_t i, inputs = all_inputs(l);
	char path[PATH_LISTED], unread[COUNT_LEN], unopened[COUNT_LEN];

	fprintf(out, "# interdict digest list: %zu digest%s from %zu input%s\n", l->digests,
		l->digests == 1 ? "" : "s", inputs, inputs == 1 ? "" : "s");
	if (l->collect.unread || l->collect.unopened)
		fprintf(out, "# incomplete: %s not read, %s inside not opened\n",
			output_count(unread, l->collect.unread, "file", "files"),
			output_count(unopened, l->collect.unopened, "archive", "archives"));
	for (i = 0; i < l->n; i++) {
		if (l->v[i].again)
			continue;
		snprintf(path, sizeof(path), "%s", l->v[i].component.path);
		digests_write_line(out, &l->v[i].component.digest, path);
	}
}

/* JSON is UTF-8, a path need not be. */
static json_t *component_json(const struct component *component)
{
	char hex[2 * FINGERPRINT_LEN + 1];

	digest_format(hex, component->digest.value);
	return json_pack("{s:s, s:I, s:o, s:s}", "sha256", hex, "size",
			 (json_int_t)component->digest.size, "path", output_text(component->path),
			 "kind", component_name(component));
}

static int write_json(const struct listing *l, FILE *out)
{
	json_t *array = json_array();
	int err = 0;
	size_t i;

	for (i = 0; !err && i < l->n; i++)
		if (!l->v[i].again)
			err = json_array_append_new(array, component_json(&l->v[i].component));
	if (!err)
		err = json_dumpf(array, out, JSON_INDENT(2)) || fputc('\n', out) == EOF;
	json_decref(array);
	return err ? -ENOMEM : 0;
}

/* A terminal obeys what a path holds. */
static void show(char *text)
{
	char *line = text, *end;

	for (; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		cli_print_escaped(line);
		putchar('\n');
	}
}

/* file_write() replaces what is there by a new file: not so a device, nor a link to a list. */
static int write_file(struct listing *l, const char *text, size_t len)
{
	char *target = realpath(l->output, NULL);
	struct stat st;
	int err;

	if (target && (stat(target, &st) || !S_ISREG(st.st_mode))) {
		diag_error(&l->d, l->output, 0, "is no regular file: name another");
		free(target);
		return -ENOTSUP;
	}
	err = file_write(target ? target : l->output, text, len, 0644);
	free(target);
	if (err)
		diag_error(&l->d, l->output, 0, "cannot be written: %s", strerror(-err));
	return err;
}

static int put(struct listing *l, char *text, size_t len)
{
	if (l->output)
		return write_file(l, text, len);
	if (isatty(STDOUT_FILENO))
		show(text);
	else
		fwrite(text, 1, len, stdout);
	return 0;
}

static int write_out(struct listing *l)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	int err = out ? 0 : -ENOMEM;

	if (!err && l->json)
		err = write_json(l, out);
	else if (!err)
		write_list(l, out);
	if (out && (ferror(out) | fclose(out)) && !err)
		err = -ENOMEM;
	if (err)
		diag_error(&l->d, NULL, 0, "not enough memory for the list");
	else
		err = put(l, text, len);
	free(text);
	return err;
}

/* ---- the summary --------------------------------------------------------------------------- */

static const char *add_count(FILE *out, const char *before, size_t n, const char *one,
			     const char *many)
{
	char count[COUNT_LEN];

	if (!n)
		return before;
	fprintf(out, "%s%s", before, output_count(count, n, one, many));
	return ", ";
}

/* A packed driver is there twice, and counts as one. */
static size_t count(const struct listing *l, enum content_kind kind, bool maintainer)
{
	size_t i, n = 0;

	for (i = 0; i < l->n; i++)
		n += l->v[i].component.maintainer == maintainer &&
		     (maintainer || l->v[i].component.kind == kind);
	return n;
}

/* "134 digests of 96 programs, 20 libraries, 18 scripts from 5 packages" */
static void summarize(const struct listing *l)
{
	const char *next;

	add_count(stderr, "", l->digests, "digest", "digests");
	next = add_count(stderr, " of ", count(l, CONTENT_PROGRAM, false), "program", "programs");
	next = add_count(stderr, next, count(l, CONTENT_LIBRARY, false), "library", "libraries");
	next = add_count(stderr, next, count(l, CONTENT_SCRIPT, false), "script", "scripts");
	next = add_count(stderr, next, count(l, CONTENT_OTHER, true), "maintainer script",
			 "maintainer scripts");
	next = add_count(stderr, next, count(l, CONTENT_DRIVER, false), "driver", "drivers");
	add_count(stderr, next, count(l, CONTENT_PE, false), "PE image", "PE images");
	next = add_count(stderr, " from ", l->inputs[COLLECT_PACKAGE], "package", "packages");
	next = add_count(stderr, next, l->inputs[COLLECT_CONTAINER], "container image", "container images");
	next = add_count(stderr, next, l->inputs[COLLECT_ARCHIVE], "archive", "archives");
	next = add_count(stderr, next, l->inputs[COLLECT_DIRECTORY], "directory", "directories");
	add_count(stderr, next, l->inputs[COLLECT_FILE], "file", "files");
	add_count(stderr, "; left out: ", l->left_out, "component", "components");
	fputc('\n', stderr);
}

/* ---- the command --------------------------------------------------------------------------- */

static int make_list(struct listing *l, char **inputs)
{
	if (l->excluded.n)
		qsort(l->excluded.v, l->excluded.n, sizeof(*l->excluded.v), by_value);
	if (collect_all(&l->collect, inputs) || l->failed)
		return cli_failed(&l->d);
	if (!l->n && l->left_out)
		diag_error(&l->d, NULL, 0, "all that was found is excluded: nothing is left");
	if (!l->n || mark_again(l) || write_out(l))
		return cli_failed(&l->d);
	diag_print(&l->d, PROGRAM);
	if (l->output)
		summarize(l);
	return is_incomplete(l) ? EXIT_INCOMPLETE : EXIT_YES;
}

static void free_listing(struct listing *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->v[i].component.path);
	free(l->v);
	digests_free(&l->excluded);
	diag_free(&l->d);
}

/* Return: an exit status, or GO_ON. */
static int take_option(struct listing *l, int option)
{
	switch (option) {
	case 'o':
		l->output = optarg;
		return GO_ON;
	case 'x':
		return digests_read(&l->excluded, optarg, &l->d) ? cli_failed(&l->d) : GO_ON;
	case 'j':
		l->json = true;
		return GO_ON;
	case 'h':
		return help();
	}
	return EXIT_USAGE;
}

static int take_options(struct listing *l, int argc, char **argv)
{
	static const struct option options[] = {
		{"output", required_argument, NULL, 'o'},
		{"exclude", required_argument, NULL, 'x'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	static char output[] = "--output";
	int option, i, status = GO_ON;

	/* options_next() knows no short option but -h. */
	for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "-o"))
			argv[i] = output;
	while (status == GO_ON && (option = options_next(argc, argv, options)) != -1)
		status = take_option(l, option);
	return status;
}

int digest_main(int argc, char **argv)
{
	struct listing l = {};
	int status;

	l.collect = (struct collect){
		.found = take, .ended = end_input, .context = &l, .progress = true, .d = &l.d};
	status = take_options(&l, argc, argv);
	if (status == GO_ON && optind == argc)
		status = cli_usage(argv[0], "of what? Name packages, directories or files");
	else if (status == GO_ON)
		status = make_list(&l, argv + optind);
	free_listing(&l);
	return status;
}
