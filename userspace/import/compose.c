/* SPDX-License-Identifier: GPL-2.0-only */
#include "import/compose.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "file.h"
#include "progress.h"
#include "text.h"

/* So many digests of a section that is not the first are no reason for another list. */
#define FEW 100

#define NS_PER_S 1000000000ULL

/* The files, before they take their places. */
struct drafts {
	struct file_draft *v;
	size_t n;
};

/* One section: entries of one window. */
struct part {
	const struct gathered *v;
	size_t n;
	size_t digests; /* which come first */
};

/* ---- drafts ---------------------------------------------------------------------------------- */

static int complain(struct compose *c, const char *path, int err)
{
	if (err == -EISDIR || err == -ENOTSUP)
		diag_error(c->d, path, 0, "is no regular file: name another");
	else if (err)
		diag_error(c->d, path, 0, "cannot be written: %s", strerror(-err));
	return err;
}

/* A new file takes the place of what is there: not so of a device, or a link to elsewhere. */
static int check_place(const char *path)
{
	struct stat st;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : -errno;
	return S_ISREG(st.st_mode) ? 0 : -ENOTSUP;
}

static int add_draft(struct drafts *drafts, char *path, struct file_draft **draft)
{
	struct file_draft *v = reallocarray(drafts->v, drafts->n + 1, sizeof(*v));
	int err;

	if (!v)
		return -ENOMEM;
	drafts->v = v;
	err = check_place(path);
	if (!err)
		err = file_draft(&v[drafts->n], path);
	if (!err)
		*draft = &v[drafts->n++];
	return err;
}

static void drop_drafts(struct drafts *drafts)
{
	while (drafts->n)
		file_drop(&drafts->v[--drafts->n]);
	free(drafts->v);
}

static int put_drafts(struct compose *c, struct drafts *drafts)
{
	size_t i;
	int err;

	for (i = 0; i < drafts->n; i++) {
		err = file_put(&drafts->v[i]);
		if (err)
			return complain(c, drafts->v[i].path, err);
	}
	return 0;
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* The path of the @n-th list, from 1; kept in c->lists. */
static char *name_list(struct compose *c, size_t n)
{
	int stem = (int)(strlen(c->path) - strlen(POLICY_SUFFIX)), rc;
	char **v = reallocarray(c->lists.v, c->lists.n + 1, sizeof(*v)), *path;

	if (!v)
		return NULL;
	c->lists.v = v;
	if (n == 1)
		rc = asprintf(&path, "%.*s.digests", stem, c->path);
	else
		rc = asprintf(&path, "%.*s-%zu.digests", stem, c->path, n);
	if (rc < 0)
		return NULL;
	v[c->lists.n++] = path;
	return path;
}

static void write_digests(const struct gather *g, const struct part *part, FILE *out)
{
	struct progress progress;
	struct digest digest;
	size_t i;

	progress_start(&progress, "writing", part->digests);
	fprintf(out, "# interdict import: %zu digest%s\n", part->digests,
		part->digests == 1 ? "" : "s");
	for (i = 0; i < part->digests; i++) {
		memcpy(digest.value, part->v[i].value, sizeof(digest.value));
		digest.size = part->v[i].size;
		digests_write_line(out, &digest, gather_name(g, &part->v[i]));
		progress_add(&progress, 1);
	}
	progress_end(&progress);
}

static int write_list(struct compose *c, const struct gather *g, const struct part *part,
		      struct drafts *drafts)
{
	char *path = name_list(c, c->lists.n + 1);
	struct file_draft *draft;
	int err = path ? add_draft(drafts, path, &draft) : -ENOMEM;

	if (!err) {
		write_digests(g, part, draft->out);
		err = file_finish(draft, 0644);
	}
	return complain(c, path ? path : c->path, err);
}

/* ---- the policy ------------------------------------------------------------------------------ */

static void write_date(FILE *out, const char *key, uint64_t ns)
{
	time_t seconds = (time_t)(ns / NS_PER_S);
	char text[32];
	struct tm tm;

	if (!ns || !gmtime_r(&seconds, &tm))
		return;
	strftime(text, sizeof(text), seconds % (24 * 60 * 60) ? "%F %T" : "%F", &tm);
	fprintf(out, "%s=%s\n", key, text);
}

/* Names may be anybody's: in a comment they are one line of text. */
static void write_name(FILE *out, const char *name)
{
	char *text = name ? text_escape(name) : NULL;

	if (text)
		fprintf(out, "# %s\n", text);
	free(text);
}

/* The name of many is written once. */
static void write_inline(const struct gather *g, const struct part *part, bool digests, FILE *out)
{
	const char *name, *last = NULL;
	char hex[2 * FINGERPRINT_LEN + 1];
	size_t i;

	for (i = digests ? 0 : part->digests; i < part->n; i++) {
		name = gather_name(g, &part->v[i]);
		if (name && (!last || strcmp(name, last) != 0))
			write_name(out, name);
		last = name;
		digest_format(hex, part->v[i].value);
		fprintf(out, "%s=sha256:%s",
			part->v[i].kind == FINGERPRINT_SHA256 ? "Digest"
							      : policy_kind_key(part->v[i].kind),
			hex);
		if (part->v[i].size != SIZE_UNKNOWN)
			fprintf(out, " %" PRIu64, part->v[i].size);
		fputc('\n', out);
	}
}

static int write_section(struct compose *c, const struct gather *g, const struct part *part,
			 struct drafts *drafts, FILE *out)
{
	const struct window *window = &g->windows[part->v[0].window];
	bool listed = c->path && part->digests && (!c->lists.n || part->digests > FEW);
	int err = 0;

	fprintf(out, "\n[Deny]\nVendor=%s\n", c->vendor);
	if (c->mode == MODE_MONITOR)
		fputs("Mode=monitor\n", out);
	write_date(out, "From", window->from);
	write_date(out, "Until", window->until);
	if (listed) {
		err = write_list(c, g, part, drafts);
		if (!err)
			fprintf(out, "DigestList=%s\n", basename(c->lists.v[c->lists.n - 1]));
	}
	write_inline(g, part, !listed, out);
	return err;
}

/* The entries from the @begin-th on that are of its window. */
static struct part next_part(struct compose *c, const struct gather *g, size_t begin)
{
	struct part part = {.v = g->v + begin};

	for (; begin + part.n < g->n && part.v[part.n].window == part.v[0].window; part.n++) {
		if (part.v[part.n].kind != FINGERPRINT_SHA256) {
			c->authentihashes++;
			continue;
		}
		part.digests++;
		c->unsized += part.v[part.n].size == SIZE_UNKNOWN;
	}
	c->sections++;
	c->digests += part.digests;
	return part;
}

static int write_policy(struct compose *c, const struct gather *g, struct drafts *drafts, FILE *out)
{
	struct part part;
	size_t i;
	int err = 0;

	fprintf(out, "%s[Policy]\nId=%s\n\n[Vendor]\nId=%s\n", c->origin, c->id, c->vendor);
	if (c->name)
		fprintf(out, "Name=%s\n", c->name);
	for (i = 0; i < g->n && !err; i += part.n) {
		part = next_part(c, g, i);
		err = write_section(c, g, &part, drafts, out);
		if (!err && ftell(out) > POLICY_FILE_MAX) {
			diag_error(
				c->d, c->path, 0,
				"%zu sections, each with dates of its own, and %zu authentihashes "
				"are more than a policy file holds: import in parts, or give "
				"--from and --until",
				c->sections, c->authentihashes);
			err = -EFBIG;
		}
	}
	return err;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static int check_inline(struct compose *c, const struct gather *g)
{
	if (c->path || g->n <= COMPOSE_INLINE_MAX)
		return 0;
	diag_error(c->d, NULL, 0,
		   "%zu digests are too many for standard output: write a list beside the policy: "
		   "-o NAME.policy",
		   g->n);
	return -EFBIG;
}

static int put(struct compose *c, const char *text, size_t len, struct drafts *drafts)
{
	struct file_draft *draft;
	int err;

	if (!c->path) {
		fwrite(text, 1, len, stdout);
		return 0;
	}
	err = add_draft(drafts, (char *)c->path, &draft);
	if (!err) {
		fwrite(text, 1, len, draft->out);
		err = file_finish(draft, 0644);
	}
	return err ? complain(c, c->path, err) : put_drafts(c, drafts);
}

int compose(struct compose *c, const struct gather *g)
{
	struct drafts drafts = {};
	char *text = NULL;
	size_t len;
	FILE *out;
	int err = check_inline(c, g);

	if (err)
		return err;
	out = open_memstream(&text, &len);
	if (!out)
		return -ENOMEM;
	err = write_policy(c, g, &drafts, out);
	if (fclose(out) && !err)
		err = complain(c, c->path, -ENOMEM);
	if (!err)
		err = put(c, text, len, &drafts);
	drop_drafts(&drafts);
	free(text);
	return err;
}

void compose_free(struct compose *c)
{
	while (c->lists.n)
		free(c->lists.v[--c->lists.n]);
	free(c->lists.v);
	c->lists = (struct strings){};
}
