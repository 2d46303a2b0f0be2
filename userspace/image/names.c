// SPDX-License-Identifier: GPL-2.0-only
#include "names.h"

#include <stdint.h>

#define ANYWHERE "*/"

/* ---- prefixes -------------------------------------------------------------------------------- */

/* What is wrong with one directory, of @len bytes. */
static const char *check_directory(const char *name, size_t len)
{
	if (!len)
		return "has two slashes in a row: write one";
	if ((len == 1 && *name == '.') || (len == 2 && !memcmp(name, "..", 2)))
		return "has a directory . or .. in it: write the path without";
	if (len > NAME_BYTES_MAX)
		return "has a directory of more than 63 bytes: end it before that one";
	if (memchr(name, '*', len))
		return "has an asterisk where none can be: only */ at the beginning stands for any "
		       "directories";
	return NULL;
}

static const char *check_count(const struct path_prefix *p)
{
	if (!p->n)
		return "names every file: name a directory";
	if (p->anchored && p->n > NAMES_DEPTH)
		return "has more than 8 directories: end it sooner, or begin it with */";
	if (!p->anchored && p->n > NAMES_FLOATING)
		return "has more than 4 directories behind */: leave out the first or last ones";
	return NULL;
}

/* The tag begins with the number of directories: so they are counted first. */
static const char *read_directories(struct path_prefix *p, const char *text, bool digest)
{
	struct name_walk w;
	const char *wrong;
	size_t len;

	for (p->n = 0; *text; text += len + (text[len] == '/'), p->n++) {
		len = strcspn(text, "/");
		wrong = check_directory(text, len);
		if (wrong)
			return wrong;
		p->len = len;
		if (digest)
			name_tag_add(&p->tag, name_hash(&w, (uintptr_t)text, len));
	}
	return check_count(p);
}

const char *names_parse(struct path_prefix *p, const char *text)
{
	size_t anywhere = strlen(ANYWHERE);
	const char *wrong;

	*p = (struct path_prefix){.anchored = *text == '/'};
	if (!p->anchored && strncmp(text, ANYWHERE, anywhere))
		return "begins neither with / nor with */: write the whole path, or */ and the "
		       "directories' names";
	text += p->anchored ? 1 : anywhere;
	wrong = read_directories(p, text, false);
	if (wrong)
		return wrong;
	p->tag = name_tag_begin(p->n, p->anchored);
	return read_directories(p, text, true);
}

void names_add(struct image_names *names, const struct path_prefix *p)
{
	if (p->anchored) {
		names->anchored |= 1ULL << p->len;
		names->depths |= 1u << (p->n - 1);
	} else {
		names->floating |= 1ULL << p->len;
		names->lengths |= 1u << (p->n - 1);
	}
}

/* ---- paths ----------------------------------------------------------------------------------- */

void names_of_path(struct name_walk *w, image_t *image, const char *path)
{
	const char *end = strrchr(path, '/'), *name;

	w->listed = image_header(image)->names;
	w->noted = 0;
	name_climb_begin(w);
	for (; end && end > path; end = name - 1) {
		for (name = end; name > path && name[-1] != '/'; name--)
			;
		if (name == path)
			return; /* it was not absolute */
		if (end > name)
			name_directory(w, (uintptr_t)name, end - name);
	}
	if (end)
		name_top(w);
}

struct fingerprint names_fingerprint(const struct name_walk *w, unsigned int i)
{
	struct fingerprint f = {.kind = FINGERPRINT_PATH};

	memcpy(f.value, &w->tags[i % NAMES_NOTED], sizeof(struct tag));
	return f;
}

struct fingerprint names_evaluate(struct verdict *v, image_t *image, const char *path, uint64_t now)
{
	struct fingerprint room = {}, matched = {};
	struct name_verdict name;
	struct name_walk w;

	if (!(image_header(image)->kinds & KIND_BIT(FINGERPRINT_PATH)))
		return matched;
	names_of_path(&w, image, path);
	name = name_judge(image, image_header(image), &w, &room, now);
	verdict_add_name(v, name.rule, name.strength);
	if (v->fingerprint != FINGERPRINT_OF_NAME)
		return matched;
	matched.kind = FINGERPRINT_PATH;
	memcpy(matched.value, image_rule(image, v->rule)->value, FINGERPRINT_LEN);
	return matched;
}
