/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libFuzzer: record_read() on any bytes takes what jansson takes, and finds what jansson finds. It
 * alone refuses a field that is there twice, and every NUL.
 *
 *	clang -g -O1 -fsanitize=fuzzer,address,undefined …
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "log/record.h"

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static json_t *find(json_t *object, const char *path)
{
	char name[64];
	size_t len;

	for (; object && *path; path += len + (path[len] == '.')) {
		len = strcspn(path, ".");
		CHECK(len < sizeof(name));
		memcpy(name, path, len);
		name[len] = 0;
		object = json_object_get(object, name);
	}
	return json_is_array(object) ? json_array_get(object, 0) : object;
}

static void check_string(const struct record_value *v, const char *text)
{
	char *plain = malloc(v->len + 1);

	CHECK(plain && v->string);
	CHECK(record_text(plain, v) == strlen(text) && !strcmp(plain, text));
	CHECK(record_is(v, text) || v->len > 1023);
	free(plain);
}

static void check_value(const struct record_value *v, json_t *value)
{
	switch (value ? json_typeof(value) : JSON_NULL) {
	case JSON_STRING:
		check_string(v, json_string_value(value));
		break;
	case JSON_INTEGER:
		CHECK(v->at && !v->string);
		CHECK(strtoll(v->at, NULL, 10) == json_integer_value(value));
		if (json_integer_value(value) >= 0 && *v->at != '-')
			CHECK(record_number(v) == (uint64_t)json_integer_value(value));
		break;
	case JSON_REAL:
		CHECK(v->at && !v->string && strtod(v->at, NULL) == json_real_value(value));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		CHECK(v->at && !v->string && (*v->at == 't') == json_is_true(value));
		break;
	default: /* null, or what no field of ours can be */
		CHECK(!v->at);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	/* Of exactly the bytes that there are: reading more is found by the sanitizer. */
	char *line = malloc(len ? len : 1);
	json_t *object, *unique;
	struct record r;
	unsigned int i;

	CHECK(line);
	memcpy(line, data, len);
	/* jansson passes over a NUL behind a number; JSON knows none. */
	if (memchr(data, 0, len)) {
		CHECK(record_read(&r, line, len));
		free(line);
		return 0;
	}
	object = json_loadb(line, len, 0, NULL);
	unique = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	if (record_read(&r, line, len)) {
		CHECK(!json_is_object(unique));
	} else {
		CHECK(json_is_object(object));
		for (i = 0; i < RECORD_FIELDS; i++)
			check_value(&r.v[i], find(object, record_name(i)));
	}
	json_decref(object);
	json_decref(unique);
	free(line);
	return 0;
}
