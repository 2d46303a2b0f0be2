/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libFuzzer: a report of anybody. What begins with '{"schema"' is one, to be shown and merged; all
 * else is a log, of which one is made. Whatever it says, a page has one script, which is data, no
 * control character, and is what its document comes to.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/node.h"
#include "report/report.h"

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)
#define NOW 1795000000

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static char dir[] = "/tmp/interdict-fuzz-XXXXXX", path[64], page_path[64];

static void remove_dir(void)
{
	unlink(path);
	unlink(page_path);
	rmdir(dir);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	CHECK(mkdtemp(dir));
	atexit(remove_dir);
	snprintf(path, sizeof(path), "%s/a.json", dir);
	snprintf(page_path, sizeof(page_path), "%s/page", dir);
	return 0;
}

static void write_file(const char *to, const void *data, size_t len)
{
	FILE *f = fopen(to, "we");

	CHECK(f && fwrite(data, 1, len, f) == len && !fclose(f));
}

static char *draw(json_t *model, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	report_html(out, model);
	fclose(out);
	return text;
}

static void check_csv(json_t *model)
{
	char *text = NULL, *c;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	report_csv(out, model);
	fclose(out);
	for (c = text; *c; c++)
		CHECK((unsigned char)*c >= 0x20 || *c == '\r' || *c == '\n');
	free(text);
}

static void check_page(json_t *model)
{
	size_t len, kept_len, again_len;
	char *text = draw(model, &len), *c, *document, *kept, *again;
	struct diag d = {};
	json_t *read;

	document = strstr(text, "<script");
	CHECK(document && !strstr(document + 1, "<script"));
	for (c = text; *c; c++)
		CHECK((unsigned char)*c >= 0x20 || *c == '\n');
	write_file(page_path, text, len);
	if (!report_load(&read, &kept, &kept_len, page_path, &d)) {
		again = draw(read, &again_len);
		CHECK(kept && again_len == len && !memcmp(again, text, len));
		free(again);
	}
	json_decref(read);
	free(kept);
	diag_free(&d);
	free(text);
	check_csv(model);
}

static void check_report(const uint8_t *data, size_t len)
{
	struct fleet_input in = {.now = NOW, .max_age = 48 * 3600, .dir = dir};
	const struct certificate *by;
	const struct trust none = {};
	struct diag d = {};
	json_t *model, *fleet;
	size_t page_len;
	char *page;

	write_file(path, data, len);
	if (!report_load(&model, &page, &page_len, path, &d)) {
		check_page(model);
		report_verify(model, path, &none, &by, &d);
	}
	free(page);
	json_decref(model);
	CHECK(!report_merge(&fleet, &in, &d));
	check_page(fleet);
	json_decref(fleet);
	diag_free(&d);
}

static void check_log(const uint8_t *data, size_t len)
{
	struct census t = {.since = NOW - 86400L * 30, .until = NOW, .now = NOW, .machine = "a"};
	struct report_input in = {
		.since = t.since, .until = t.until, .now = NOW, .census = &t, .has_log = true};
	struct diag d = {};
	json_t *model;

	write_file(path, data, len);
	census_begin(&t);
	CHECK(!census_log(&t, path, &d));
	census_end(&t);
	CHECK(t.denied >= 0 && t.recorded >= 0);
	in.host = json_object();
	model = report_make(&in);
	CHECK(model);
	check_page(model);
	json_decref(model);
	json_decref(in.host);
	census_free(&t);
	diag_free(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char begin[] = "{\"schema\"";

	if (len > sizeof(begin) && !memcmp(data, begin, sizeof(begin) - 1))
		check_report(data, len);
	else
		check_log(data, len);
	return 0;
}
