/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/ecs.h"
#include "audit/exception.h"
#include "file.h"
#include "hash.h"
#include "image/image.h"

static int compare(const void *a, const void *b)
{
	const struct exception *x = a, *y = b;

	return strcmp(x->key, y->key);
}

/* ---- of a policy ------------------------------------------------------------------------------
 */

static json_t *until_text(uint64_t ns)
{
	time_t seconds = ns / 1000000000ULL;
	char text[32] = "";
	struct tm tm;

	if (gmtime_r(&seconds, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(text);
}

static json_t *describe(const struct section *s)
{
	json_t *digests = json_array();
	char hex[2 * FINGERPRINT_LEN + 1];
	const struct digests *list;
	size_t i, k, count = 0;

	for (i = 0; i < s->list_count; i++) {
		list = &s->lists[i].digests;
		for (k = 0; k < list->n; k++) {
			if (count++ >= EXCEPTION_DIGESTS)
				continue;
			digest_format(hex, list->v[k].value);
			json_array_append_new(digests, json_string(hex));
		}
	}
	return json_pack("{s:o, s:o, s:I, s:o, s:o, s:o}", "policy",
			 ecs_text(s->file->id, SIZE_MAX), "digests", digests, "count",
			 (json_int_t)count, "until", until_text(s->until), "approved_by",
			 ecs_text(s->approved_by ? s->approved_by : "", SIZE_MAX), "reason",
			 ecs_text(s->reason ? s->reason : "", SIZE_MAX));
}

/* Of all digests, also those that are only counted. */
static int make_key(struct exception *x, const struct section *s)
{
	uint8_t sum[FINGERPRINT_LEN] = {}, next[FINGERPRINT_LEN];
	char *text = json_dumps(x->text, JSON_COMPACT);
	size_t i;
	int err = text ? hash_bytes(sum, text, strlen(text)) : -ENOMEM;

	for (i = 0; !err && i < s->list_count; i++) {
		err = hash_two(next, sum, sizeof(sum), s->lists[i].digests.v,
			       s->lists[i].digests.n * sizeof(*s->lists[i].digests.v));
		memcpy(sum, next, sizeof(sum));
	}
	digest_format(x->key, sum);
	free(text);
	return err;
}

int exceptions_of(struct exceptions *e, const struct policy *policy)
{
	struct exception *x;
	size_t i;

	*e = (struct exceptions){.v = calloc(policy->section_count + 1, sizeof(*e->v))};
	if (!e->v)
		return -ENOMEM;
	for (i = 0; i < policy->section_count; i++) {
		if (policy->sections[i]->effect != RULE_ALLOW)
			continue;
		x = &e->v[e->n++];
		x->until = policy->sections[i]->until;
		x->text = describe(policy->sections[i]);
		if (!x->text || make_key(x, policy->sections[i]))
			return -ENOMEM;
	}
	qsort(e->v, e->n, sizeof(*e->v), compare);
	return 0;
}

void exceptions_free(struct exceptions *e)
{
	size_t i;

	for (i = 0; i < e->n; i++)
		json_decref(e->v[i].text);
	free(e->v);
	memset(e, 0, sizeof(*e));
}

/* ---- on the disk ------------------------------------------------------------------------------
 */

static int take(struct exception *x, json_t *one)
{
	const char *key = json_string_value(json_object_get(one, "key"));
	json_t *text = json_object_get(one, "text");

	if (!key || strlen(key) >= sizeof(x->key) || !json_is_object(text))
		return -EBADMSG;
	strcpy(x->key, key);
	x->until = json_integer_value(json_object_get(one, "until"));
	x->expired = json_is_true(json_object_get(one, "expired"));
	x->text = json_incref(text);
	return 0;
}

static int take_all(struct exceptions *e, json_t *all)
{
	size_t i;
	int err = 0;

	if (!json_is_array(all))
		return -EBADMSG;
	e->v = calloc(json_array_size(all) + 1, sizeof(*e->v));
	if (!e->v)
		return -ENOMEM;
	for (i = 0; !err && i < json_array_size(all); i++) {
		err = take(&e->v[i], json_array_get(all, i));
		e->n += !err;
	}
	qsort(e->v, e->n, sizeof(*e->v), compare);
	return err;
}

int exceptions_read(struct exceptions *e, const char *path)
{
	char *text;
	json_t *all;
	int err = file_read_whole(path, &text, NULL);

	memset(e, 0, sizeof(*e));
	if (err)
		return err == -ENOENT ? 0 : err;
	all = json_loads(text, 0, NULL);
	free(text);
	err = take_all(e, all);
	json_decref(all);
	if (err)
		exceptions_free(e);
	return err;
}

int exceptions_save(const struct exceptions *e, const char *path)
{
	json_t *all = json_array();
	char *text;
	size_t i;
	int err;

	for (i = 0; i < e->n; i++)
		json_array_append_new(all, json_pack("{s:s, s:I, s:b, s:O}", "key", e->v[i].key,
						     "until", (json_int_t)e->v[i].until, "expired",
						     e->v[i].expired, "text", e->v[i].text));
	text = json_dumps(all, JSON_COMPACT);
	json_decref(all);
	err = text ? file_write(path, text, strlen(text), 0600) : -ENOMEM;
	free(text);
	return err;
}

/* ---- what has come, and what is over ----------------------------------------------------------
 */

static const struct exception *find(const struct exceptions *e, const char *key)
{
	struct exception x = {};

	strcpy(x.key, key);
	return e->n ? bsearch(&x, e->v, e->n, sizeof(x), compare) : NULL;
}

void exceptions_update(struct exceptions *known, struct exceptions *now, uint64_t time,
		       exception_tell *tell, void *context)
{
	const struct exception *before;
	struct exception *x;
	size_t i;

	for (i = 0; i < now->n; i++) {
		x = &now->v[i];
		before = find(known, x->key);
		x->expired = before ? before->expired : x->until <= time;
		if (!before && !x->expired)
			tell(context, x, false);
	}
	exceptions_free(known);
	*known = *now;
	memset(now, 0, sizeof(*now));
}

bool exceptions_expire(struct exceptions *known, uint64_t time, exception_tell *tell, void *context)
{
	bool told = false;
	size_t i;

	for (i = 0; i < known->n; i++) {
		if (known->v[i].expired || known->v[i].until > time)
			continue;
		known->v[i].expired = told = true;
		tell(context, &known->v[i], true);
	}
	return told;
}

uint64_t exceptions_next(const struct exceptions *known)
{
	uint64_t next = 0;
	size_t i;

	for (i = 0; i < known->n; i++)
		if (!known->v[i].expired && (!next || known->v[i].until < next))
			next = known->v[i].until;
	return next;
}
