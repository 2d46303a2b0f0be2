/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A bill of materials of what was found, CycloneDX 1.6 (ECMA-424): this machine, with a component a
 * finding, in the order of the findings. What CycloneDX has no name for is a property.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/scanning.h"

#define SCHEMA "http://cyclonedx.org/schema/bom-1.6.schema.json"

/* ---- properties ------------------------------------------------------------------------------ */

/* @name is without "interdict:"; nothing for NULL. */
static void property(json_t *to, const char *name, const char *value)
{
	if (value && *value)
		json_array_append_new(to, json_pack("{s:o, s:o}", "name",
						    json_sprintf("interdict:%s", name), "value",
						    output_text(value)));
}

static void number(json_t *to, const char *name, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, n);
	property(to, name, text);
}

static json_t *properties_of(const struct finding *f)
{
	char text[2 * FINGERPRINT_LEN + 64], hex[2 * FINGERPRINT_LEN + 1];
	json_t *all = json_array();

	property(all, "rule", f->rule);
	digest_format(hex, f->matched.value);
	snprintf(text, sizeof(text), "%s:%s", kind_name(f->matched.kind), hex);
	property(all, "matched", text);
	property(all, "vendor", f->vendor);
	property(all, "policy", f->policy);
	number(all, "policy-version", f->version);
	property(all, "place", finding_place_name(f->place));
	property(all, "verdict", finding_effect_name(f->effect));
	property(all, "kind", content_name(f->kind));
	property(all, "package", f->package);
	property(all, "package-architecture", f->package_architecture);
	if (f->place == FINDING_RUNNING)
		number(all, "process-id", (uint64_t)f->pid);
	if (f->deleted)
		property(all, "deleted", "yes");
	if (result_has_size(f))
		number(all, "size", f->size);
	if (f->names_more)
		number(all, "names-more", f->names_more);
	return all;
}

/* ---- a component ----------------------------------------------------------------------------- */

static const char *type_of(enum content_kind kind)
{
	switch (kind) {
	case CONTENT_PROGRAM:
	case CONTENT_SCRIPT:
	case CONTENT_PE:
		return "application";
	case CONTENT_LIBRARY:
		return "library";
	case CONTENT_DRIVER:
	case CONTENT_DRIVER_PACKED:
		return "device-driver";
	default:
		return "file";
	}
}

static json_t *name_of(const char *path)
{
	const char *last = strrchr(path, '/');

	last = last ? last + 1 : path;
	return output_text(*last ? last : path);
}

static json_t *component_of(const struct scan *s, const struct finding *f, size_t number)
{
	char *path = result_path(f), hex[2 * FINGERPRINT_LEN + 1];
	json_t *o;

	if (!path)
		return NULL;
	o = json_pack("{s:s, s:o, s:o, s:{s:o}, s:{s:[{s:o}]}, s:o}", "type", type_of(f->kind),
		      "bom-ref", json_sprintf("finding-%zu", number), "name", name_of(path),
		      "supplier", "name", output_text(result_vendor(s, f)), "evidence",
		      "occurrences", "location", output_text(path), "properties", properties_of(f));
	if (f->package_version)
		json_object_set_new(o, "version", output_text(f->package_version));
	if (f->digested) {
		digest_format(hex, f->digest.value);
		json_object_set_new(o, "hashes",
				    json_pack("[{s:s, s:s}]", "alg", "SHA-256", "content", hex));
	}
	free(path);
	return o;
}

/* ---- the bill -------------------------------------------------------------------------------- */

static json_t *machine_of(void)
{
	char hostname[256] = "", id[SD_ID128_STRING_MAX];
	json_t *o = json_object(), *all;
	sd_id128_t machine;

	gethostname(hostname, sizeof(hostname) - 1);
	json_object_set_new(o, "type", json_string("device"));
	json_object_set_new(o, "bom-ref", json_string("machine"));
	json_object_set_new(o, "name", output_text(*hostname ? hostname : "localhost"));
	if (!sd_id128_get_machine(&machine)) {
		all = json_array();
		property(all, "machine-id", sd_id128_to_string(machine, id));
		json_object_set_new(o, "properties", all);
	}
	return o;
}

static json_t *metadata_of(const struct scanning *s)
{
	char time[32], hex[2 * FINGERPRINT_LEN + 1];
	json_t *all = json_array();

	result_time(time, s->scan.ended);
	digest_format(hex, image_header(&s->image)->digest);
	property(all, "policy-digest", hex);
	property(all, "complete", scan_is_complete(&s->scan) ? "yes" : "no");
	return json_pack("{s:s, s:{s:[{s:s, s:s, s:s}]}, s:o, s:o}", "timestamp", time, "tools",
			 "components", "type", "application", "name", "interdict", "version",
			 VERSION, "component", machine_of(), "properties", all);
}

static json_t *serial_number(void)
{
	sd_id128_t id = SD_ID128_NULL;

	sd_id128_randomize(&id);
	return json_sprintf("urn:uuid:" SD_ID128_UUID_FORMAT_STR, SD_ID128_FORMAT_VAL(id));
}

json_t *scan_cyclonedx(const struct scanning *s)
{
	json_t *components = json_array();
	size_t i;

	for (i = 0; i < s->scan.findings.n; i++)
		if (json_array_append_new(components,
					  component_of(&s->scan, &s->scan.findings.v[i], i + 1))) {
			json_decref(components);
			return NULL;
		}
	return json_pack("{s:s, s:s, s:s, s:o, s:i, s:o, s:o, s:[{s:s, s:[s]}]}", "$schema", SCHEMA,
			 "bomFormat", "CycloneDX", "specVersion", "1.6", "serialNumber",
			 serial_number(), "version", 1, "metadata", metadata_of(s), "components",
			 components, "compositions", "aggregate",
			 scan_is_complete(&s->scan) ? "complete" : "incomplete", "assemblies",
			 "machine");
}
