/* SPDX-License-Identifier: GPL-2.0-only */
/* The keys of a policy file: where each belongs, what its value may be, and where it goes. */
#include <string.h>

#include "policy_reader.h"
#include "suggest.h"

struct key {
	enum block block;
	const char *name;
	void (*set)(struct reader *r, const char *value);
	bool repeats;
	const char *example;	    /* of a key that no section of its kind can do without */
	enum fingerprint_kind kind; /* that it names, instead of set() */
};

static const char *const block_names[BLOCKS] = {
	[BLOCK_POLICY] = "Policy", [BLOCK_MATCH] = "Match", [BLOCK_VENDOR] = "Vendor",
	[BLOCK_DENY] = "Deny",	   [BLOCK_ALLOW] = "Allow",
};

const char *policy_block_name(enum block block)
{
	return block_names[block];
}

/* ---- [Policy] ------------------------------------------------------------------------------ */

static void set_policy_id(struct reader *r, const char *value)
{
	r->file->id = policy_take_id(r, value);
}

static void set_version(struct reader *r, const char *value)
{
	if (!policy_take_number(&r->file->version, value))
		policy_error(r, "Version=%.64s: a version is a whole number: correct it", value);
}

static void set_owner(struct reader *r, const char *value)
{
	r->file->owner = policy_copy(r, value);
}

/* ---- [Deny] and [Allow] -------------------------------------------------------------------- */

static void set_vendor(struct reader *r, const char *value)
{
	struct vendor_use *v = policy_grow(r, r->uses, r->use_count, sizeof(*v));

	if (!v)
		return;
	r->uses = v;
	r->section->vendor = policy_copy(r, value);
	if (r->section->vendor)
		v[r->use_count++] = (struct vendor_use){r->section, r->line};
}

static void set_mode(struct reader *r, const char *value)
{
	if (!strcmp(value, "enforce"))
		r->section->mode = MODE_ENFORCE;
	else if (!strcmp(value, "monitor"))
		r->section->mode = MODE_MONITOR;
	else
		policy_error(r, "Mode=%.64s: write enforce or monitor", value);
}

static void set_signature(struct reader *r, const char *value)
{
	if (policy_parse_signature(&r->section->signature, value))
		policy_error(r, "SignatureState=%.64s: write claimed, valid, verified or invalid",
			     value);
}

static void set_from(struct reader *r, const char *value)
{
	policy_take_time(r, &r->section->from, value);
}

static void set_until(struct reader *r, const char *value)
{
	policy_take_until(r, &r->section->until, value, "the section does nothing: remove it");
}

static void set_reason(struct reader *r, const char *value)
{
	r->section->reason = policy_copy(r, value);
}

static void set_approved_by(struct reader *r, const char *value)
{
	r->section->approved_by = policy_copy(r, value);
}

static void add_package(struct reader *r, const char *value)
{
	policy_add_package(r, "Package", PACKAGE_BY_NAME, value);
}

static void add_package_maintainer(struct reader *r, const char *value)
{
	policy_add_package(r, "PackageMaintainer", PACKAGE_BY_MAINTAINER, value);
}

static void add_package_vendor(struct reader *r, const char *value)
{
	policy_add_package(r, "PackageVendor", PACKAGE_BY_VENDOR, value);
}

static void add_package_key(struct reader *r, const char *value)
{
	policy_add_package(r, "PackageKey", PACKAGE_BY_KEY, value);
}

/* ---- the table ----------------------------------------------------------------------------- */

/* clang-format off */
#define NAMES(name, kind) {BLOCK_DENY, name, NULL, true, NULL, kind}

static const struct key keys[] = {
	{BLOCK_POLICY, "Id",          set_policy_id,           false, NULL},
	{BLOCK_POLICY, "Version",     set_version,             false, NULL},
	{BLOCK_POLICY, "Owner",       set_owner,               false, NULL},
	{BLOCK_MATCH,  "Host",        policy_match_host,       true,  NULL},
	{BLOCK_MATCH,  "Tag",         policy_match_tag,        true,  NULL},
	{BLOCK_MATCH,  "MachineId",   policy_match_machine,    true,  NULL},
	{BLOCK_VENDOR, "Id",          policy_set_vendor_id,    false, "kaspersky"},
	{BLOCK_VENDOR, "Name",        policy_set_vendor_name,  false, NULL},
	{BLOCK_VENDOR, "LegalEntity", policy_add_legal_entity, true,  NULL},
	{BLOCK_VENDOR, "Reference",   policy_add_reference,    true,  NULL},
	{BLOCK_VENDOR, "From",        policy_set_vendor_from,  false, NULL},
	{BLOCK_VENDOR, "Until",       policy_set_vendor_until, false, NULL},
	{BLOCK_VENDOR, "OnRunning",   policy_set_on_running,   false, NULL},
	{BLOCK_VENDOR, "OnRunningGrace", policy_set_grace,     false, NULL},
	{BLOCK_DENY,   "Vendor",      set_vendor,              false, "kaspersky"},
	{BLOCK_DENY,   "Mode",        set_mode,                false, NULL},
	{BLOCK_DENY,   "From",        set_from,                false, NULL},
	{BLOCK_DENY,   "Until",       set_until,               false, NULL},
	{BLOCK_DENY,   "Digest",      policy_add_digest,       true,  NULL},
	{BLOCK_DENY,   "DigestList",  policy_add_list,         true,  NULL},
	{BLOCK_DENY,   "PackageDigestList", policy_add_package_list, true,  NULL},
	NAMES("BuildId",            FINGERPRINT_BUILD_ID),
	NAMES("AuthentiHash",       FINGERPRINT_AUTHENTIHASH),
	NAMES("SignedDigest",       FINGERPRINT_SIGNED_DIGEST),
	NAMES("SignerCertificate",  FINGERPRINT_SIGNER_CERT),
	NAMES("SignerKey",          FINGERPRINT_SIGNER_KEY),
	NAMES("SignerKeyId",        FINGERPRINT_SIGNER_KEY_ID),
	NAMES("SignerSerial",       FINGERPRINT_SIGNER_SERIAL),
	NAMES("SignerOrganization", FINGERPRINT_SIGNER_ORG),
	NAMES("PathPrefix",         FINGERPRINT_PATH),
	NAMES("ModuleName",         FINGERPRINT_MODULE_NAME),
	{BLOCK_DENY,   "SignatureState", set_signature,        false, NULL},
	{BLOCK_DENY,   "Package",     add_package,             true,  NULL},
	{BLOCK_DENY,   "PackageMaintainer", add_package_maintainer, true,  NULL},
	{BLOCK_DENY,   "PackageVendor", add_package_vendor,    true,  NULL},
	{BLOCK_DENY,   "PackageKey",  add_package_key,         true,  NULL},
	{BLOCK_ALLOW,  "Digest",      policy_add_digest,       true,  "sha256:DIGEST"},
	{BLOCK_ALLOW,  "From",        set_from,                false, NULL},
	{BLOCK_ALLOW,  "Until",       set_until,               false, "2025-01-31"},
	{BLOCK_ALLOW,  "Reason",      set_reason,              false, "forensics, ticket 4711"},
	{BLOCK_ALLOW,  "ApprovedBy",  set_approved_by,         false, "ciso@example.org"},
};
/* clang-format on */

#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))
_Static_assert(KEY_COUNT <= KEYS_MAX, "reader.seen");

static const struct key *find_key(enum block block, const char *name)
{
	const struct key *key;

	for (key = keys; key < keys + KEY_COUNT; key++)
		if ((block == key->block || block == BLOCK_NONE) && !strcmp(key->name, name))
			return key;
	return NULL;
}

const char *policy_kind_key(unsigned int kind)
{
	const struct key *key;

	for (key = keys; key < keys + KEY_COUNT; key++)
		if (key->kind && key->kind == kind)
			return key->name;
	return NULL;
}

static const struct key *nearest_key(enum block block, const char *name)
{
	const struct key *key, *nearest = NULL;
	unsigned int edits, best = SUGGEST_NONE;

	for (key = keys; key < keys + KEY_COUNT; key++) {
		if (key->block != block)
			continue;
		edits = suggest_distance(name, key->name);
		if (edits < best) {
			best = edits;
			nearest = key;
		}
	}
	return nearest;
}

static void refuse_unknown(struct reader *r, const char *name)
{
	const struct key *elsewhere = find_key(BLOCK_NONE, name);
	const struct key *near = nearest_key(r->block, name);

	if (elsewhere && r->block == BLOCK_ALLOW &&
	    (elsewhere->kind || !strncmp(name, "Package", strlen("Package"))))
		policy_error(r,
			     "%s= in [Allow]: an exception is by full digest only: name each file "
			     "by Digest=",
			     name);
	else if (elsewhere)
		policy_error(r, "%s= belongs in [%s], not in [%s]: move or remove it", name,
			     block_names[elsewhere->block], block_names[r->block]);
	else if (near)
		policy_error(r, "unknown key %.64s= in [%s]: did you mean %s=?", name,
			     block_names[r->block], near->name);
	else
		policy_error(r, "unknown key %.64s= in [%s]: remove the line (interdict.policy(5))",
			     name, block_names[r->block]);
}

void policy_take_key(struct reader *r, const char *name, const char *value)
{
	const struct key *key = find_key(r->block, name);
	unsigned long *seen;

	if (!key) {
		refuse_unknown(r, name);
		return;
	}
	seen = &r->seen[key - keys];
	if (*seen && !key->repeats) {
		policy_error(r, "%s= for the second time, the first is in line %lu: keep one", name,
			     *seen);
		return;
	}
	*seen = r->line;
	if (key->kind)
		policy_add_name(r, key->name, key->kind, value);
	else
		key->set(r, value);
}

/* ---- the end of a section ------------------------------------------------------------------ */

static bool has_key(const struct reader *r, const char *name)
{
	return r->seen[find_key(r->block, name) - keys];
}

static void check_required(struct reader *r)
{
	const struct key *key;

	for (key = keys; key < keys + KEY_COUNT; key++)
		if (key->block == r->block && key->example && !r->seen[key - keys])
			diag_error(r->d, r->file->path, r->header,
				   "[%s] without %s=: add a line like %s=%s", block_names[r->block],
				   key->name, key->name, key->example);
}

/* Whether the section has a key that names one of @kinds. */
static bool has_kind(const struct reader *r, __u32 kinds)
{
	size_t i;

	for (i = 0; i < KEY_COUNT; i++)
		if (keys[i].kind && r->seen[i] && kinds & KIND_BIT(keys[i].kind))
			return true;
	return false;
}

static bool names_packages(const struct reader *r)
{
	return has_key(r, "Package") || has_key(r, "PackageMaintainer") ||
	       has_key(r, "PackageVendor") || has_key(r, "PackageKey");
}

static void check_deny(struct reader *r)
{
	unsigned long state = r->seen[find_key(BLOCK_DENY, "SignatureState") - keys];

	if (!has_key(r, "Digest") && !has_key(r, "DigestList") &&
	    !has_key(r, "PackageDigestList") && !has_kind(r, UINT32_MAX) && !names_packages(r))
		diag_error(
			r->d, r->file->path, r->header,
			"[Deny] without anything to deny: add Digest= or DigestList=, or another "
			"key that names files");
	if (state && !has_kind(r, KINDS_SIGNER))
		diag_error(
			r->d, r->file->path, state,
			"SignatureState= says what a signer's signature must be, and there is no "
			"signer here: add Signer...=, or remove the line");
}

void policy_check_keys(struct reader *r)
{
	const struct section *s = r->section;

	if (r->block == BLOCK_NONE || r->block == BLOCK_UNKNOWN)
		return;
	check_required(r);
	if (r->block == BLOCK_DENY)
		check_deny(r);
	if (r->block == BLOCK_MATCH && !has_key(r, "Host") && !has_key(r, "Tag") &&
	    !has_key(r, "MachineId"))
		diag_error(r->d, r->file->path, r->header,
			   "[Match] without Host=, Tag= or MachineId=: add one, or remove it");
	if (s)
		policy_check_window(r->d, s);
}
