/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict digest: packages, archives, directories, files → a digest list. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/digest.h"
#include "cli/options.h"

#define GO_ON (-1)

static int help(void)
{
	puts("Usage: interdict digest [OPTION]... [FILE|DIRECTORY|PACKAGE|ARCHIVE|IMAGE]...\n\n"
	     "Find the programs, libraries, scripts, drivers and PE images in files, in\n"
	     "directories, in .deb packages (with their maintainer scripts) and .rpm packages,\n"
	     "in .tar, .tar.* and .zip archives, in container images (OCI layouts, and what\n"
	     "`docker save` writes) and in installed packages, by content and not by name, also\n"
	     "in archives inside these, and write a digest list of them. What another installed\n"
	     "package owns too is left out and named.\n\n"
	     "  -o, --output FILE   write the list to FILE, whole or not at all\n"
	     "      --package NAME  read the files of this installed package (a pattern like\n"
	     "                      'kesl*'; may be repeated)\n"
	     "      --exclude LIST  leave the digests of this list out (may be repeated)\n"
	     "      --shared        list what other installed packages own, too\n"
	     "      --policy DIR    the policy files in DIR instead of this machine's, and\n"
	     "      --catalog DIR   the catalog in DIR instead of " CATALOG_DIR ":\n"
	     "                      they say which .deb or .rpm a vendor has published\n"
	     "      --json          write an array of {sha256, size, path, kind} instead\n"
	     "  -h, --help          this text\n\n"
	     "Exit status: 0 done; 2 usage; 3 the list was written, but something named on\n"
	     "stderr could not be read or opened, or holds nothing; 4 nothing was written.\n\n"
	     "Examples:\n"
	     "  interdict digest -o kaspersky.digests kesl_12.1.0-1274_amd64.deb klnagent64*.deb\n"
	     "  interdict digest /opt/kaspersky /var/opt/kaspersky > kaspersky.digests\n"
	     "  interdict digest --exclude stock.digests -o vendor.digests vendor.tar.gz\n"
	     "  interdict digest --package 'kesl*' --package klnagent64 -o kaspersky.digests\n"
	     "  docker save -o image.tar vendor/scanner; interdict digest -o list image.tar\n"
	     "  interdict digest --json vendor.rpm | jq -r '.[].path'");
	return EXIT_YES;
}

/* ---- collecting ---------------------------------------------------------------------------- */

static bool is_incomplete(const struct listing *l)
{
	return l->collect.unread || l->collect.unopened || l->empty || l->unsure;
}

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

int digest_leave_out(struct listing *l, struct listed *listed, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vasprintf(&listed->left_out, fmt, args);
	va_end(args);
	if (n < 0) {
		listed->left_out = NULL;
		return -ENOMEM;
	}
	l->left_out++;
	diag_warning(&l->d, listed->component.path, 0, "left out: %s", listed->left_out);
	return 0;
}

static int take(void *context, const struct component *component)
{
	struct listing *l = context;
	struct listed *listed;

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

static int leave_out_excluded(struct listing *l)
{
	size_t i;
	int rc = 0;

	if (!l->excluded.n)
		return 0;
	qsort(l->excluded.v, l->excluded.n, sizeof(*l->excluded.v), by_value);
	for (i = 0; !rc && i < l->n; i++)
		if (bsearch(&l->v[i].component.digest, l->excluded.v, l->excluded.n,
			    sizeof(*l->excluded.v), by_value))
			rc = digest_leave_out(l, &l->v[i], "--exclude names it");
	return rc;
}

/* Return: 0, or -ENOMEM. */
static int add_text(char ***v, size_t *n, const char *text)
{
	char **larger = reallocarray(*v, *n + 1, sizeof(*larger));

	if (!larger)
		return -ENOMEM;
	*v = larger;
	larger[*n] = strdup(text);
	if (!larger[*n])
		return -ENOMEM;
	++*n;
	return 0;
}

static int take_package(void *context, const char *name)
{
	struct listing *l = context;

	return add_text(&l->names, &l->names_n, name);
}

struct collect_item *digest_add_item(struct listing *l, const char *path)
{
	struct collect_item *v = reallocarray(l->items, l->items_n + 1, sizeof(*v));

	if (!v)
		return NULL;
	l->items = v;
	v[l->items_n] = (struct collect_item){.path = path};
	return &v[l->items_n++];
}

static void end_input(void *context, const struct collect_item *item, int rc)
{
	struct listing *l = context;
	size_t first = l->ended;

	l->ended = l->n;
	if (l->collect.input == COLLECT_PACKAGE && (!rc || rc == -ENODATA) &&
	    digest_add_package_file(l, item->path, first))
		rc = -ENOMEM;
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
		l->digests += !l->v[i].again && !l->v[i].left_out;
	return 0;
}

/* ---- the command --------------------------------------------------------------------------- */

/* What is not listed, and why. */
static int leave_out(struct listing *l)
{
	int rc = leave_out_excluded(l);

	if (!rc && l->packages && !l->shared)
		rc = digest_leave_out_shared(l);
	if (!rc && l->n && l->left_out == l->n) {
		diag_error(&l->d, NULL, 0, "all that was found is left out: nothing to list");
		rc = -ENODATA;
	}
	return rc;
}

static int read_inputs(struct listing *l, char **inputs)
{
	int rc = 0;

	if (l->patterns_n || !l->shared)
		rc = digest_open_packages(l);
	if (!rc)
		rc = digest_add_packages(l);
	for (; !rc && *inputs; inputs++)
		rc = digest_add_item(l, *inputs) ? 0 : -ENOMEM;
	if (!rc)
		rc = collect_all(&l->collect, l->items, l->items_n);
	if (!rc && !l->n && !l->failed && !l->empty)
		diag_error(&l->d, NULL, 0,
			   "no program, library, script or driver in these packages");
	return rc ? rc : l->failed || !l->n ? -ENODATA : 0;
}

static int make_list(struct listing *l, char **inputs)
{
	int rc = read_inputs(l, inputs);

	if (!rc)
		rc = leave_out(l);
	if (!rc)
		rc = mark_again(l);
	if (rc == -ENOMEM)
		diag_error(&l->d, NULL, 0, "not enough memory");
	if (!rc)
		digest_find_published(l);
	if (rc || digest_write(l))
		return cli_failed(&l->d);
	diag_print(&l->d, PROGRAM);
	digest_print_published(l);
	if (l->output)
		digest_summarize(l);
	return is_incomplete(l) ? EXIT_INCOMPLETE : EXIT_YES;
}

static void free_texts(char **v, size_t n)
{
	while (n)
		free(v[--n]);
	free(v);
}

static void free_listing(struct listing *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		free(l->v[i].component.path);
		free(l->v[i].left_out);
	}
	free(l->v);
	for (i = 0; i < l->items_n; i++)
		free_texts(l->items[i].files, l->items[i].files_n);
	free(l->items);
	free_texts(l->patterns, l->patterns_n);
	free_texts(l->names, l->names_n);
	packages_close(l->packages);
	free(l->read);
	published_free(&l->published);
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
	case 'p':
		return add_text(&l->patterns, &l->patterns_n, optarg) ? EXIT_FAILED : GO_ON;
	case 'P':
		l->policy = optarg;
		return GO_ON;
	case 'c':
		l->catalog = optarg;
		return GO_ON;
	case 's':
		l->shared = true;
		return GO_ON;
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
		{"package", required_argument, NULL, 'p'},
		{"exclude", required_argument, NULL, 'x'},
		{"shared", no_argument, NULL, 's'},
		{"policy", required_argument, NULL, 'P'},
		{"catalog", required_argument, NULL, 'c'},
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
	struct listing l = {.catalog = CATALOG_DIR};
	int status;

	l.collect = (struct collect){
		.found = take,
		.package = take_package,
		.ended = end_input,
		.context = &l,
		.progress = true,
		.d = &l.d,
	};
	status = take_options(&l, argc, argv);
	if (status == GO_ON && optind == argc && !l.patterns_n)
		status = cli_usage(argv[0], "of what? Name packages, directories or files");
	else if (status == GO_ON)
		status = make_list(&l, argv + optind);
	free_listing(&l);
	return status;
}
