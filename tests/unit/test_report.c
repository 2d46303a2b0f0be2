/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The report: that it counts what the log says, names what is not covered, says "none found" only
 * when a scan says so, and that neither a log nor another machine's report can say more than text.
 */
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "scratch.h"

#include "audit/ecs.h"
#include "clock.h"
#include "file.h"
#include "report/node.h"
#include "report/report.h"

#define SECOND 1000000000ULL
#define DAY    (24L * 60 * 60)

/* ---- a machine ------------------------------------------------------------------------------- */

struct machine {
	struct census census;
	struct report_input in;
	struct policy policy;
};

static void begin(struct machine *m)
{
	*m = (struct machine){};
	m->in.now = 1795000000;
	m->in.until = m->in.now;
	m->in.since = m->in.now - 30 * DAY;
	m->in.census = &m->census;
	m->in.policy = &m->policy;
	m->in.has_log = true;
	m->in.host = json_pack("{s:s, s:s, s:s, s:s, s:s}", "hostname", "unit", "id", "00", "os",
			       "Debian", "kernel", "6.1", "architecture", "x86_64");
	m->in.status = json_pack("{s:s, s:b, s:{s:b, s:b, s:b}, s:{}}", "enforcement", "enforcing",
				 "loaded", 1, "decides", "signers", 1, "signatures_checked", 1,
				 "unpacked_drivers", 1, "daemon");
	m->census.since = m->in.since;
	m->census.until = m->in.until;
	m->census.now = m->in.now;
	m->census.machine = "00";
	census_begin(&m->census);
}

static void end(struct machine *m)
{
	census_free(&m->census);
	policy_free(&m->policy);
	json_decref(m->in.host);
	json_decref(m->in.status);
	json_decref(m->in.scan);
}

static void take(struct machine *m, json_t *record)
{
	char *line = json_dumps(record, JSON_COMPACT);

	census_line(&m->census, line, strlen(line));
	free(line);
	json_decref(record);
}

/* Since boot, of a time since 1970: what the kernel would have said. */
static uint64_t boot_time(time_t when)
{
	return clock_ns(CLOCK_BOOTTIME) - (clock_ns(CLOCK_REALTIME) - (uint64_t)when * SECOND) +
	       SECOND / 2;
}

static void deny(struct machine *m, const char *vendor, const char *path, time_t when, int repeats,
		 bool denied)
{
	struct event e = {.sequence = 5,
			  .epoch = 7,
			  .time = boot_time(when),
			  .hook = HOOK_EXEC,
			  .reason = REASON_RULE,
			  .flags = denied ? EVENT_DENIED : 0,
			  .matched = {.kind = FINGERPRINT_SHA256},
			  .uid = 1000,
			  .policy = "unit"};
	struct repeats r = {.count = repeats, .first = e.time, .last = e.time, .window = SECOND};
	json_t *record;

	strcpy(e.vendor, vendor);
	strcpy(e.path, path);
	record = ecs_record(&e, repeats ? &r : NULL, NULL);
	json_object_set_new(json_object_get(record, "host"), "id", json_string("00"));
	take(m, record);
}

static void change(struct machine *m, const char *action, time_t when, time_t until)
{
	json_t *record = json_pack("{s:o, s:{s:s, s:s, s:s}, s:{s:s}, s:{s:s}}", "@timestamp",
				   node_time(when), "event", "dataset", "interdict.change",
				   "action", action, "reason", "asked for", "user", "id", "0",
				   "interdict", "reason", "ticket");

	if (until)
		json_object_set_new(json_object_get(record, "interdict"), "until",
				    node_time(until));
	take(m, record);
}

static json_t *make(struct machine *m)
{
	json_t *model;

	census_end(&m->census);
	model = report_make(&m->in);
	assert_non_null(model);
	return model;
}

static bool has_gap(json_t *model, const char *id)
{
	json_t *gap;
	size_t i;

	json_array_foreach(json_object_get(model, "gaps"), i, gap)
	{
		if (!strcmp(node_text(gap, "id"), id))
			return true;
	}
	return false;
}

static char *draw(json_t *model, void (*view)(FILE *out, json_t *model))
{
	char *text = NULL, *copy;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	view(out, model);
	fclose(out);
	copy = strdup(text);
	free(text);
	return copy;
}

/* ---- counting -------------------------------------------------------------------------------- */

static void test_numbers(void **state)
{
	struct machine m;
	json_t *model, *days;

	begin(&m);
	deny(&m, "acme", "/opt/a", m.in.since - 2, 0, true); /* before the period */
	deny(&m, "acme", "/opt/a", m.in.since, 0, true);
	deny(&m, "acme", "/opt/a", m.in.since + DAY, 12, true);
	deny(&m, "acme", "/opt/b", m.in.since + DAY, 0, true);
	deny(&m, "evil", "/opt/c", m.in.since + 2 * DAY, 0, false);
	deny(&m, "evil", "/opt/c", m.in.until, 0, true); /* behind it */
	model = make(&m);
	assert_int_equal(node_number(model, "summary.denied"), 14);
	assert_int_equal(node_number(model, "summary.recorded"), 1);
	assert_int_equal(node_number(model, "summary.distinct"), 2);
	assert_int_equal(node_number(model, "denials.records"), 4);
	assert_int_equal(node_number(model, "log.records"), 6);
	assert_int_equal(node_number(model, "denials.by_vendor.keys"), 2);
	days = node_at(model, "denials.by_day");
	assert_int_equal(json_array_size(days), 31);
	assert_int_equal(node_number(json_array_get(days, 0), "denied"), 1);
	assert_int_equal(node_number(json_array_get(days, 1), "denied"), 13);
	assert_int_equal(node_number(json_array_get(days, 2), "recorded"), 1);
	json_decref(model);
	end(&m);
}

static void test_broken_lines(void **state)
{
	static const char *const lines[] = {"",
					    "{",
					    "[1]",
					    "null",
					    "{\"a\":1,\"a\":2}",
					    "{\"a\":\"\\u0000\"}",
					    "{\"a\":\"\xff\"}"};
	struct machine m;
	json_t *model;
	size_t i;

	begin(&m);
	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		census_line(&m.census, lines[i], strlen(lines[i]));
	assert_int_equal(m.census.broken, i);
	take(&m, json_pack("{s:s}", "@timestamp", "2026-11-22 07:00:00Z"));
	take(&m, json_pack("{s:s}", "@timestamp", "2026-11-22T07:00:00+01:00"));
	assert_int_equal(m.census.untimed, 2);
	/* What is of another type is nothing. */
	take(&m, json_pack("{s:s, s:[], s:i}", "@timestamp", "2026-11-22T07:00:00Z", "event",
			   "interdict", 4));
	take(&m,
	     json_pack("{s:s, s:{s:s, s:[]}, s:{s:{s:s}, s:i}, s:{s:i}}", "@timestamp",
		       "2026-11-10T07:00:00Z", "event", "dataset", "interdict.denial", "outcome",
		       "interdict", "repeated", "count", "7", "vendor", 8, "file", "path", 9));
	assert_int_equal(m.census.recorded, 1);
	model = make(&m);
	assert_true(has_gap(model, "log-broken"));
	json_decref(model);
	end(&m);
}

/* Rotated, packed, cut: oldest first, each once. */
static void test_log_files(void **state)
{
	static const char line[] =
		"{\"@timestamp\":\"2026-11-10T07:00:00Z\",\"event\":{\"dataset\":"
		"\"interdict.denial\",\"outcome\":\"failure\"},\"host\":{\"id\":"
		"\"other\"}}\n";
	struct diag d = {};
	struct machine m;
	char text[1024], command[256];

	begin(&m);
	assert_int_equal(census_log(&m.census, scratch_path("log"), &d), -ENOENT);
	snprintf(text, sizeof(text), "%s%s{\"torn", line, line);
	scratch_text("log.2", line);
	snprintf(command, sizeof(command), "gzip %s", scratch_path("log.2"));
	assert_int_equal(system(command), 0);
	scratch_text("log.1", line);
	scratch_text("log", text);
	scratch_text("log.bak", line);
	scratch_text("log.1x", line);
	assert_int_equal(census_log(&m.census, scratch_path("log"), &d), 0);
	assert_int_equal(m.census.records, 4);
	assert_int_equal(m.census.denied, 4);
	assert_int_equal(m.census.foreign, 4);
	assert_int_equal(m.census.unfinished, 1);
	assert_int_equal(m.census.broken, 0);
	assert_int_equal(json_array_size(m.census.files), 3);
	assert_string_equal(node_text(json_array_get(m.census.files, 2), "path"),
			    scratch_path("log"));
	diag_free(&d);
	end(&m);
}

static void test_overlong_line(void **state)
{
	size_t len = CENSUS_LINE_MAX + 3;
	char *text = malloc(len + 1);
	struct diag d = {};
	struct machine m;

	begin(&m);
	memset(text, 'x', len);
	text[len - 1] = '\n';
	scratch_write("log", text, len);
	assert_int_equal(census_log(&m.census, scratch_path("log"), &d), 0);
	assert_int_equal(m.census.broken, 1);
	assert_int_equal(m.census.unfinished, 0);
	free(text);
	end(&m);
}

/* ---- since when, and when not ---------------------------------------------------------------- */

static void test_pauses(void **state)
{
	struct machine m;
	json_t *model, *pauses;
	time_t at;

	begin(&m);
	at = m.in.since;
	change(&m, "load", at + 1 * DAY, 0);
	change(&m, "disable", at + 2 * DAY, at + 2 * DAY + 3600);
	change(&m, "enable", at + 2 * DAY + 60, 0);
	change(&m, "disable", at + 3 * DAY, at + 3 * DAY + 3600); /* nobody wrote that it ran out */
	deny(&m, "acme", "/opt/a", at + 4 * DAY, 0, true);
	model = make(&m);
	pauses = json_object_get(model, "pauses");
	assert_int_equal(json_array_size(pauses), 2);
	assert_int_equal(node_parse_time(node_text(json_array_get(pauses, 0), "to")),
			 at + 2 * DAY + 60);
	assert_int_equal(node_parse_time(node_text(json_array_get(pauses, 1), "to")),
			 at + 3 * DAY + 3600);
	assert_int_equal(node_parse_time(node_text(model, "summary.since")), at + 4 * DAY);
	assert_string_equal(node_text(model, "summary.since_by"), "something was denied");
	assert_true(has_gap(model, "pause"));
	json_decref(model);
	end(&m);
}

static void test_no_pause(void **state)
{
	struct machine m;
	json_t *model;

	begin(&m);
	change(&m, "load", m.in.since - DAY, 0);
	change(&m, "load", m.in.since + DAY, 0); /* another boot */
	model = make(&m);
	assert_false(has_gap(model, "pause"));
	assert_false(has_gap(model, "log-begins"));
	assert_int_equal(node_parse_time(node_text(model, "summary.since")), m.in.since - DAY);
	json_decref(model);
	json_object_set_new(m.in.status, "enforcement", json_string("monitor"));
	model = make(&m);
	assert_true(json_is_null(node_at(model, "summary.since")));
	assert_true(has_gap(model, "monitor"));
	json_decref(model);
	end(&m);
}

static void test_heartbeats(void **state)
{
	struct machine m;
	json_t *model;
	int i;

	begin(&m);
	for (i = 0; i < 30; i++)
		if (i != 7)
			take(&m, json_pack("{s:o, s:{s:s}, s:{s:b, s:{s:b}}}", "@timestamp",
					   node_time(m.in.since + i * DAY), "event", "dataset",
					   "interdict.heartbeat", "interdict", "enforcing", i != 9,
					   "canary", "denied", 1));
	model = make(&m);
	assert_true(has_gap(model, "silent-days"));
	assert_true(has_gap(model, "heartbeats-off"));
	assert_false(has_gap(model, "no-heartbeats"));
	assert_false(has_gap(model, "canary"));
	assert_int_equal(m.census.heartbeats, 29);
	json_decref(model);
	end(&m);
}

/* ---- what is not covered --------------------------------------------------------------------- */

static void test_gaps_of_status(void **state)
{
	static const struct {
		const char *member, *json, *gap;
	} cases[] = {
		{"enforcement", "\"not enforced\"", "not-enforced"},
		{"enforcement", "\"partial\"", "not-enforced"},
		{"enforcement", "\"disabled\"", "disabled"},
		{"enforcement", "\"unknown\"", "unknown"},
		{"enforcement", "7", "unknown"},
		{"decides", "{\"signers\":false}", "signers"},
		{"decides", "{\"signers\":true}", "signatures"},
		{"decides", "{\"signers\":true}", "packed-drivers"},
		{"hooks", "{\"exec\":false}", "hook"},
		{"daemon", "null", "daemon"},
		{"daemon", "{\"last_good\":true}", "last-good"},
		{"events", "{\"lost\":1}", "lost"},
		{"events", "{\"write_failed\":1}", "write-failed"},
		{"files_changed", "true", "files-changed"},
		{"unsized", "[1]", "unsized"},
		{"packages", "{\"suspended\":1}", "suspended"},
		{"packages", "{\"containers\":1}", "containers"},
		{"packages", "{\"unread\":1}", "packages"},
	};
	struct machine m;
	json_t *model;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		begin(&m);
		model = make(&m);
		assert_false(has_gap(model, cases[i].gap));
		json_decref(model);
		json_object_set_new(m.in.status, cases[i].member,
				    json_loads(cases[i].json, JSON_DECODE_ANY, NULL));
		model = make(&m);
		if (!has_gap(model, cases[i].gap))
			fail_msg("no gap %s of %s", cases[i].gap, cases[i].json);
		json_decref(model);
		end(&m);
	}
}

static const char policy_text[] =
	"[Vendor]\nId=acme\nName=Acme\nLegalEntity=Acme AG\nReference=R\n"
	"[Vendor]\nId=late\n[Vendor]\nId=soft\n"
	"[Deny]\nVendor=acme\nPathPrefix=/opt/acme/\nPackage=acme\n"
	"[Deny]\nVendor=late\nFrom=2099-01-01\nPathPrefix=/opt/late/\n"
	"[Deny]\nVendor=soft\nMode=monitor\nPathPrefix=/opt/soft/\n"
	"[Allow]\nDigest=sha256:44aef3025d9c440a87effa684169057d4a50d31dca9cc1"
	"e2e1d91a2cd42f6160\nUntil=2099-01-01\nReason=why\nApprovedBy=who\n";

static void test_vendors(void **state)
{
	const char *dirs[POLICY_DIRS] = {scratch_dir};
	struct machine m;
	struct diag d = {};
	json_t *model, *vendors, *x;

	begin(&m);
	scratch_text("a.policy", policy_text);
	assert_int_equal(policy_read(&m.policy, dirs, &d), 0);
	deny(&m, "acme", "/opt/a", m.in.since + DAY, 0, true);
	model = make(&m);
	vendors = json_object_get(model, "vendors");
	assert_int_equal(json_array_size(vendors), 3);
	x = json_array_get(vendors, 0);
	assert_string_equal(node_text(x, "entities"), "Acme AG");
	assert_string_equal(node_text(x, "mode"), "enforce");
	assert_int_equal(node_number(x, "rules.path"), 1);
	assert_int_equal(node_number(x, "rules.package"), 1);
	assert_int_equal(node_number(x, "denied"), 1);
	assert_string_equal(node_text(json_array_get(vendors, 1), "mode"), "waiting");
	assert_string_equal(node_text(json_array_get(vendors, 2), "mode"), "monitor");
	assert_int_equal(node_number(model, "summary.vendors"), 1);
	x = json_array_get(json_object_get(model, "exceptions"), 0);
	assert_string_equal(node_text(x, "approved_by"), "who");
	assert_string_equal(node_text(x, "state"), "in force");
	assert_true(has_gap(model, "exceptions"));
	json_decref(model);
	diag_free(&d);
	end(&m);
}

/* ---- the scan -------------------------------------------------------------------------------- */

static const char scan_text[] =
	"{\"time\":\"2026-11-10T07:00:00Z\",\"policy_digest\":\"\",\"methods\":[\"digest\"],"
	"\"filesystems\":{\"read\":[\"/\"],\"skipped\":[]},\"files\":7,\"findings\":[],"
	"\"complete\":true}";

static void test_scan_is_whole(void **state)
{
	static const char *const needed[] = {"time", "methods", "filesystems", "findings",
					     "complete"};
	struct diag d = {};
	json_t *scan, *other;
	char *text;
	size_t i;

	assert_int_equal(report_read_scan(&scan, scratch_path("none"), &d), -ENOENT);
	assert_int_equal(report_read_scan(&scan, scratch_text("scan", scan_text), &d), 0);
	for (i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
		other = json_deep_copy(scan);
		json_object_del(other, needed[i]);
		text = json_dumps(other, 0);
		json_decref(other);
		assert_int_equal(report_read_scan(&other, scratch_text("less", text), &d),
				 -EBADMSG);
		assert_null(other);
		free(text);
	}
	json_decref(scan);
	diag_free(&d);
}

static void test_none_found_is_said_by_a_scan(void **state)
{
	struct diag d = {};
	struct machine m;
	json_t *model;
	char *page;

	begin(&m);
	model = make(&m);
	page = draw(model, report_html);
	assert_true(has_gap(model, "no-scan"));
	assert_null(strstr(page, "None found"));
	assert_string_equal(node_text(model, "summary.scan"), "none on record");
	free(page);
	json_decref(model);
	assert_int_equal(report_read_scan(&m.in.scan, scratch_text("scan", scan_text), &d), 0);
	model = make(&m);
	page = draw(model, report_html);
	assert_false(has_gap(model, "no-scan"));
	assert_non_null(strstr(page, "None found"));
	free(page);
	json_decref(model);
	json_object_set_new(m.in.scan, "complete", json_false());
	model = make(&m);
	assert_true(has_gap(model, "scan-incomplete"));
	assert_non_null(strstr(node_text(model, "summary.scan"), "not complete"));
	json_decref(model);
	end(&m);
}

/* What a scan counts alone was found, too. */
static void test_counted_alone(void **state)
{
	struct diag d = {};
	struct machine m;
	json_t *model;
	char *page;

	begin(&m);
	assert_int_equal(report_read_scan(&m.in.scan, scratch_text("scan", scan_text), &d), 0);
	json_object_set_new(m.in.scan, "findings",
			    json_pack("[{s:s, s:i}, {s:s}]", "path", "/srv/x", "names_more", 1900,
				      "path", "/srv/y"));
	json_object_set_new(m.in.scan, "findings_more", json_integer(4));
	model = make(&m);
	assert_non_null(strstr(node_text(model, "summary.scan"), "1,906 findings"));
	page = draw(model, report_html);
	assert_non_null(strstr(page, "1,900 more names"));
	assert_non_null(strstr(page, "4 more were found"));
	free(page);
	json_decref(model);
	end(&m);
}

/* ---- hostile text ---------------------------------------------------------------------------- */

static void test_hostile_text(void **state)
{
	static const char path[] = "/tmp/<script>alert(1)</script>\"'&\033[2J\r\n\xe2\x80\xae"
				   "fdp\xe2\x80\x8b\x7f\xc2\x9b\xff";
	struct machine m;
	const char *c, *at;
	int scripts = 0;
	json_t *model;
	char *page, *csv;

	begin(&m);
	deny(&m, "acme", path, m.in.since + DAY, 0, true);
	m.in.title = "</title><script>alert(2)</script>";
	model = make(&m);
	page = draw(model, report_html);
	for (at = page; (at = strstr(at, "<script")); at++)
		scripts++;
	assert_int_equal(scripts, 1); /* the document */
	at = strstr(page, "id=\"interdict-report\">");
	assert_null(strpbrk(strchr(at, '>') + 1, "&\033\r"));
	for (c = page; c < at; c++)
		assert_true((unsigned char)*c >= 0x20 || *c == '\n');
	assert_null(strstr(page, "\x7f</"));
	assert_non_null(strstr(page, "&lt;script&gt;"));
	assert_non_null(strstr(page, "<span class=esc>U+202E</span>"));
	assert_non_null(strstr(page, "<span class=esc>U+200B</span>"));
	assert_non_null(strstr(page, "<span class=esc>\\x1b</span>"));
	csv = draw(model, report_csv);
	assert_null(strpbrk(csv, "\033\x7f"));
	free(page);
	free(csv);
	json_decref(model);
	end(&m);
}

static void test_formulas(void **state)
{
	struct machine m;
	json_t *model;
	char *csv;

	begin(&m);
	deny(&m, "acme", "=1+1", m.in.since + DAY, 0, true);
	deny(&m, "acme", "say \"hi\", you", m.in.since + DAY, 0, true);
	model = make(&m);
	csv = draw(model, report_csv);
	assert_non_null(strstr(csv, "\"denials by file\",\"'=1+1\",\"denied\",1\r\n"));
	assert_non_null(strstr(csv, "\"say \"\"hi\"\", you\""));
	free(csv);
	json_decref(model);
	end(&m);
}

/* ---- signatures ------------------------------------------------------------------------------ */

static void make_key(const char *name, struct signer *signer, struct trust *trust)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	struct diag d = {};
	char public[128];
	FILE *f;

	snprintf(public, sizeof(public), "%s.pub", name);
	f = fopen(scratch_path(name), "we");
	assert_true(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL));
	fclose(f);
	f = fopen(scratch_path(public), "we");
	assert_true(PEM_write_PUBKEY(f, key));
	fclose(f);
	EVP_PKEY_free(key);
	assert_int_equal(signer_read(signer, scratch_path(name), NULL, &d), 0);
	assert_int_equal(trust_add(trust, scratch_path(public), &d), 0);
}

static void test_canonical(void **state)
{
	json_t *value = json_pack("{s:s, s:{s:i, s:i}, s:i}", "b", "\033\x7f\\u001B\"\n\xc3\xa9",
				  "a", "z", 1, "y", 2, "signature", 3);
	size_t len;
	char *text = report_canonical(value, &len);

	/* RFC 8785, 3.2.2.2 */
	assert_string_equal(
		text, "{\"a\":{\"y\":2,\"z\":1},\"b\":\"\\u001b\x7f\\\\u001B\\\"\\n\xc3\xa9\"}");
	assert_int_equal(len, strlen(text));
	free(text);
	json_decref(value);
}

/* Every number and text of a signed report, changed one by one. */
static size_t change_each(json_t *model, json_t *value, const struct trust *trust)
{
	const struct certificate *by;
	struct diag d = {};
	const char *name;
	json_t *member, *kept;
	size_t n = 0;
	void *next;

	json_object_foreach_safe(value, next, name, member)
	{
		if (value == model && !strcmp(name, "signature"))
			continue;
		n += change_each(model, member, trust);
		kept = json_incref(member);
		json_object_set_new(value, name, json_string("changed"));
		assert_int_equal(report_verify(model, "x", trust, &by, &d), -EKEYREJECTED);
		json_object_set_new(value, name, kept);
		n++;
	}
	diag_free(&d);
	return n;
}

static void test_signature(void **state)
{
	struct trust trust = {}, other_trust = {}, none = {};
	const struct certificate *by;
	struct signer signer, other;
	struct diag d = {};
	struct machine m;
	json_t *model;

	make_key("key", &signer, &trust);
	make_key("other", &other, &other_trust);
	begin(&m);
	deny(&m, "acme", "/opt/\033", m.in.since + DAY, 0, true);
	model = make(&m);
	assert_int_equal(report_verify(model, "x", &trust, &by, &d), -ENODATA);
	assert_int_equal(report_sign(model, &signer, &d), 0);
	assert_int_equal(report_verify(model, "x", &trust, &by, &d), 0);
	assert_string_equal(by->file, "key.pub");
	assert_int_equal(report_verify(model, "x", &other_trust, &by, &d), -ENOKEY);
	assert_int_equal(report_verify(model, "x", &none, &by, &d), 0);
	assert_null(by);
	assert_true(change_each(model, model, &trust) > 80);
	assert_int_equal(report_verify(model, "x", &trust, &by, &d), 0);
	json_object_set_new(json_object_get(model, "signature"), "value", json_string("AAAA"));
	assert_int_equal(report_verify(model, "x", &trust, &by, &d), -EKEYREJECTED);
	json_object_set_new(json_object_get(model, "signature"), "value", json_string("=A=A"));
	assert_int_equal(report_verify(model, "x", &trust, &by, &d), -EBADMSG);
	diag_free(&d);
	json_decref(model);
	end(&m);
	signer_free(&signer);
	signer_free(&other);
	trust_free(&trust);
	trust_free(&other_trust);
}

/* The page can be read again, and is drawn the same. */
static void test_page_is_its_document(void **state)
{
	struct diag d = {};
	struct machine m;
	json_t *model, *again;
	char *page, *kept, *drawn;
	size_t len;

	begin(&m);
	deny(&m, "acme", "/opt/</script>&", m.in.since + DAY, 0, true);
	model = make(&m);
	page = draw(model, report_html);
	assert_int_equal(report_load(&again, &kept, &len, scratch_text("r.html", page), &d), 0);
	assert_true(json_equal(model, again));
	drawn = draw(again, report_html);
	assert_string_equal(drawn, page);
	free(drawn);
	free(kept);
	free(page);
	json_decref(again);
	json_decref(model);
	end(&m);
}

/* ---- a fleet --------------------------------------------------------------------------------- */

static void write_report(const char *file, const char *host, const char *what, time_t when)
{
	char text[512], time[TIME_LEN];

	node_format_time(time, when);
	snprintf(text, sizeof(text),
		 "{\"schema\":\"" REPORT_SCHEMA
		 "\",\"generated\":\"%s\",\"host\":{\"hostname\":\"%s\","
		 "\"id\":\"0123456789abcdef0123456789abcde%c\"},\"summary\":{\"state\":\"%s\","
		 "\"denied\":"
		 "5},\"vendors\":[{\"id\":\"acme\",\"mode\":\"enforce\",\"denied\":5}],\"gaps\":[{"
		 "\"id\":"
		 "\"g\",\"text\":\"t\"},{\"id\":\"g\",\"text\":\"t\"}]}",
		 time, host, host[0], what);
	scratch_text(file, text);
}

static const char *class_of(json_t *model, const char *host)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(model, "hosts"), i, row)
	{
		if (!strcmp(node_text(row, "host"), host))
			return node_text(row, "class");
	}
	return "missing";
}

static void test_fleet(void **state)
{
	struct fleet_input in = {.now = 1795000000, .max_age = 48 * 3600, .dir = scratch_dir};
	struct diag d = {};
	json_t *model;
	char *page;

	write_report("a.json", "a", "enforcing", in.now);
	write_report("a-earlier.json", "A", "not enforced", in.now - 3600);
	write_report("b.json", "b", "monitor", in.now - 47 * 3600);
	write_report("c.json", "c", "not enforced", in.now);
	write_report("d.json", "d", "enforcing", in.now - 50 * 3600);
	write_report("e.json", "e", "enforcing", in.now);
	write_report("u.json", "u", "enforcing", in.now);
	write_report("f.json", "f", "enforcing", in.now + 2 * DAY);
	scratch_text("broken.json", "{");
	in.expect = scratch_text("hosts", "# all\nA\nb # the second\r\n\nc\nd\nghost\n"
					  "0123456789abcdef0123456789abcdee\n");
	assert_int_equal(report_merge(&model, &in, &d), 0);
	assert_string_equal(class_of(model, "a"), "enforcing");
	assert_string_equal(class_of(model, "b"), "monitoring");
	assert_string_equal(class_of(model, "c"), "incapable");
	assert_string_equal(class_of(model, "d"), "silent");
	assert_string_equal(class_of(model, "ghost"), "silent");
	assert_string_equal(class_of(model, "f"), "missing");
	assert_int_equal(node_number(model, "counts.expected"), 6);
	assert_int_equal(node_number(model, "counts.unexpected"), 1);
	assert_int_equal(node_number(model, "counts.invalid"), 2);
	assert_int_equal(node_number(model, "counts.superseded"), 1);
	assert_int_equal(node_number(model, "denials.denied"), 25);
	assert_int_equal(node_number(json_array_get(json_object_get(model, "gaps"), 0), "hosts"),
			 5);
	page = draw(model, report_html);
	assert_non_null(strstr(page, "3 of 7 machines enforce"));
	free(page);
	json_decref(model);
	diag_free(&d);
}

static bool is_invalid(json_t *model, const char *file)
{
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(model, "invalid"), i, one)
	{
		if (!strcmp(node_text(one, "file"), file))
			return true;
	}
	return false;
}

/* Whoever may upload a report names its file, and no name hides it. */
static void test_fleet_files_of_any_name(void **state)
{
	struct fleet_input in = {.now = 1795000000, .max_age = 3600, .dir = scratch_dir};
	struct diag d = {};
	json_t *model;

	write_report("a\xff.json", "a.example", "enforcing", in.now);
	write_report("a\\xff.json", "b.example", "enforcing", in.now);
	write_report("earlier\xfe.json", "a.example", "enforcing", in.now - 60);
	scratch_text("bad\xff.json", "{");
	assert_int_equal(report_merge(&model, &in, &d), 0);
	assert_string_equal(class_of(model, "a.example"), "enforcing");
	assert_string_equal(class_of(model, "b.example"), "enforcing");
	assert_int_equal(node_number(model, "counts.superseded"), 1);
	assert_int_equal(node_number(model, "counts.invalid"), 1);
	assert_true(is_invalid(model, "bad\\xff.json"));
	/* The tables are of both files, each read again by its own name. */
	assert_int_equal(node_number(model, "denials.denied"), 10);
	assert_int_equal(
		node_number(json_array_get(json_object_get(model, "vendors"), 0), "denied"), 10);
	json_decref(model);
	diag_free(&d);
}

/* With keys to ask by, only what they have signed counts. */
static void test_fleet_signatures(void **state)
{
	struct trust trust = {};
	struct fleet_input in = {.now = 1795000000, .max_age = 3600, .trust = &trust};
	struct diag d = {};
	struct signer signer;
	struct machine m;
	json_t *model;
	char dir[128], *text;

	make_key("key", &signer, &trust);
	snprintf(dir, sizeof(dir), "%s/fleet", scratch_dir);
	assert_int_equal(mkdir(dir, 0700), 0);
	in.dir = dir;
	begin(&m);
	model = make(&m);
	assert_int_equal(report_sign(model, &signer, &d), 0);
	text = json_dumps(model, 0);
	scratch_text("fleet/good.json", text);
	*strstr(text, "\"unit\"") = ' ';
	json_object_set_new(json_object_get(model, "host"), "hostname", json_string("forged"));
	free(text);
	text = json_dumps(model, 0);
	scratch_text("fleet/forged.json", text);
	free(text);
	json_decref(model);
	write_report("fleet/unsigned.json", "a", "enforcing", in.now);
	assert_int_equal(report_merge(&model, &in, &d), 0);
	assert_int_equal(node_size(model, "hosts"), 1);
	assert_string_equal(class_of(model, "unit"), "enforcing");
	assert_int_equal(node_number(model, "counts.invalid"), 2);
	json_decref(model);
	diag_free(&d);
	end(&m);
	signer_free(&signer);
	trust_free(&trust);
}

static void test_dates(void **state)
{
	assert_int_equal(node_parse_time("2026-11-22T07:00:00Z"), 1795330800);
	assert_int_equal(node_parse_time("2026-11-22T07:00:00.123456Z"), 1795330800);
	assert_int_equal(node_parse_time("2026-11-22T07:00:00"), -1);
	assert_int_equal(node_parse_time("2026-11-22T07:00:00.5Zx"), -1);
	assert_int_equal(node_parse_time("2026-11-22T07:00:0 Z"), -1);
	assert_int_equal(node_parse_date("2026-11-22", 0), 1795305600);
	assert_int_equal(node_parse_date("2d", 200000), 200000 - 2 * DAY);
	assert_int_equal(node_parse_date("-2d", 200000), -1);
	assert_int_equal(node_parse_date("2", 200000), -1);
	assert_int_equal(node_parse_date("99999d", 200000), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_dates),
		TEST(test_numbers),
		TEST(test_broken_lines),
		TEST(test_log_files),
		TEST(test_overlong_line),
		TEST(test_pauses),
		TEST(test_no_pause),
		TEST(test_heartbeats),
		TEST(test_gaps_of_status),
		TEST(test_vendors),
		TEST(test_scan_is_whole),
		TEST(test_none_found_is_said_by_a_scan),
		TEST(test_counted_alone),
		TEST(test_hostile_text),
		TEST(test_formulas),
		TEST(test_canonical),
		TEST(test_signature),
		TEST(test_page_is_its_document),
		TEST(test_fleet),
		TEST(test_fleet_files_of_any_name),
		TEST(test_fleet_signatures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
