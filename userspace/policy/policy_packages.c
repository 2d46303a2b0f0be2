/* SPDX-License-Identifier: GPL-2.0-only */
/* Which installed packages a [Deny] names. */
#include <ctype.h>
#include <fnmatch.h>
#include <string.h>

#include "policy_packages.h"
#include "policy_reader.h"

#define KEY_ID_DIGITS	   16
#define FINGERPRINT_DIGITS 40

/* ---- values ---------------------------------------------------------------------------------- */

static const char *check_pattern(const char *text)
{
	size_t named = 0;

	for (; *text; text++)
		named += !!isalnum((unsigned char)*text);
	if (named > 1)
		return NULL;
	return "fits nearly every package: name the vendor's";
}

static const char *check_name(const char *text)
{
	if (strpbrk(text, " \t/,"))
		return "is no pattern of one package's name: write one line for each";
	return check_pattern(text);
}

/*
 * gpg(1) writes a fingerprint in groups of four. The key's id is its end: librpm says no more of
 * who signed a package.
 */
static const char *take_key(char id[KEY_ID_DIGITS + 1], const char *text)
{
	char digits[FINGERPRINT_DIGITS + 1];
	size_t n = 0;

	text += !strncmp(text, "0x", 2) ? 2 : 0;
	for (; *text && n < FINGERPRINT_DIGITS + 1; text++)
		if (isxdigit((unsigned char)*text))
			digits[n++] = tolower((unsigned char)*text);
		else if (*text != ' ')
			break;
	if (*text || (n != KEY_ID_DIGITS && n != FINGERPRINT_DIGITS))
		return "write the 40 hexadecimal digits of the key's fingerprint, or the 16 of its "
		       "id: gpg --show-keys shows them";
	memcpy(id, digits + n - KEY_ID_DIGITS, KEY_ID_DIGITS);
	id[KEY_ID_DIGITS] = 0;
	return NULL;
}

/* ---- into the section ------------------------------------------------------------------------ */

static void add(struct reader *r, enum package_by by, const char *text)
{
	struct section *s = r->section;
	struct package_pattern *v = policy_grow(r, s->packages, s->package_count, sizeof(*v));

	if (!v)
		return;
	s->packages = v;
	v += s->package_count;
	*v = (struct package_pattern){.by = by, .text = policy_copy(r, text), .line = r->line};
	s->package_count += !!v->text;
}

void policy_add_package(struct reader *r, const char *key, enum package_by by, const char *value)
{
	char id[KEY_ID_DIGITS + 1];
	const char *wrong;

	if (by == PACKAGE_BY_KEY)
		wrong = take_key(id, value);
	else
		wrong = by == PACKAGE_BY_NAME ? check_name(value) : check_pattern(value);
	if (wrong)
		policy_error(r, "%s=%.128s: %s", key, value, wrong);
	else
		add(r, by, by == PACKAGE_BY_KEY ? id : value);
}

/* ---- what they fit --------------------------------------------------------------------------- */

static bool fits(const char *pattern, const char *text, int flags)
{
	return text && !fnmatch(pattern, text, flags);
}

static bool pattern_fits(const struct package_pattern *pattern, const struct package *p)
{
	switch (pattern->by) {
	case PACKAGE_BY_NAME:
		return fits(pattern->text, p->name, 0);
	case PACKAGE_BY_MAINTAINER:
		return fits(pattern->text, p->maintainer, FNM_CASEFOLD);
	case PACKAGE_BY_VENDOR:
		return fits(pattern->text, p->vendor, FNM_CASEFOLD);
	case PACKAGE_BY_KEY:
		return p->key && !strcmp(pattern->text, p->key);
	}
	return false;
}

const struct package_pattern *policy_find_package(const struct section *s, const struct package *p)
{
	size_t i;

	for (i = 0; i < s->package_count; i++)
		if (pattern_fits(&s->packages[i], p))
			return &s->packages[i];
	return NULL;
}

bool policy_names_packages(const struct policy *p)
{
	size_t i;

	for (i = 0; i < p->section_count; i++)
		if (p->sections[i]->package_count)
			return true;
	return false;
}
