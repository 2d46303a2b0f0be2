/* SPDX-License-Identifier: GPL-2.0-only */
#include <inttypes.h>
#include <stdlib.h>

#include "cli/event_formats.h"
#include "cli/scanning.h"

static const char head[] =
	"place,verdict,vendor,vendor_name,rule,matched,kind,path,sha256,size,modified,package,"
	"package_version,package_architecture,policy,policy_version,from,process_id,deleted,"
	"names_more\r\n";

static void put(FILE *out, const char *text)
{
	event_csv_cell(out, text ? text : "");
	fputc(',', out);
}

static void put_digest(FILE *out, const struct finding *f)
{
	char hex[2 * FINGERPRINT_LEN + 1] = "";

	if (f->digested)
		digest_format(hex, f->digest.value);
	put(out, hex);
}

static void put_number(FILE *out, uint64_t n, bool known)
{
	fprintf(out, known ? "%" PRIu64 "," : ",", n);
}

static void put_time(FILE *out, uint64_t ns, bool known)
{
	char text[32] = "";

	if (known)
		result_time(text, ns);
	put(out, text);
}

static void put_why(FILE *out, const struct scan *s, const struct finding *f)
{
	char hex[2 * FINGERPRINT_LEN + 1];

	put(out, finding_place_name(f->place));
	put(out, finding_effect_name(f->effect));
	put(out, f->vendor);
	put(out, result_vendor(s, f));
	put(out, f->rule);
	digest_format(hex, f->matched.value);
	fprintf(out, "%s:%s,", kind_name(f->matched.kind), hex);
}

static void put_finding(FILE *out, const struct scan *s, const struct finding *f)
{
	char *path = result_path(f);

	put_why(out, s, f);
	put(out, content_name(f->kind));
	put(out, path);
	put_digest(out, f);
	put_number(out, f->size, result_has_size(f));
	put_time(out, (uint64_t)f->modified, f->modified > 0);
	put(out, f->package);
	put(out, f->package_version);
	put(out, f->package_architecture);
	put(out, f->policy);
	put_number(out, f->version, true);
	put_time(out, f->from, f->effect == FINDING_AHEAD);
	put_number(out, (uint64_t)f->pid, f->place == FINDING_RUNNING);
	fprintf(out, "%s,%" PRIu64 "\r\n", f->deleted ? "yes" : "no", f->names_more);
	free(path);
}

void scan_csv(FILE *out, const struct scan *s)
{
	size_t i;

	fputs(head, out);
	for (i = 0; i < s->findings.n; i++)
		put_finding(out, s, &s->findings.v[i]);
}
