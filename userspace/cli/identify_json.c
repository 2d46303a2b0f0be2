/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict identify --json. JSON is UTF-8; paths and what signatures say need not be. */
#include "cli/identify.h"
#include "cli/output.h"
#include "identity/signature.h"
#include "image/image.h"

static json_t *text_json(const char *text)
{
	return text && *text ? output_text(text) : json_null();
}

static json_t *fingerprint_json(const struct fingerprint *f)
{
	char hex[FINGERPRINT_HEX];
	json_t *o =
		json_pack("{s:s, s:s}", "kind", kind_name(f->kind), "value", identify_hex(hex, f));

	if (identify_is_signer(f))
		json_object_set_new(o, "signature", json_string(signature_name(f->signature)));
	return o;
}

static json_t *fingerprints_json(const struct identity *identity)
{
	const struct fingerprint *f;
	json_t *array = json_array();

	for (f = identity->fingerprints; f < identity->fingerprints + identity->count; f++)
		json_array_append_new(array, fingerprint_json(f));
	return array;
}

static json_t *signer_json(const struct signer *s)
{
	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o}", "name", text_json(s->name), "state",
			 signature_name(s->state), "issuer", text_json(s->issuer), "serial",
			 text_json(s->serial), "key_id", text_json(s->key_id), "organization",
			 text_json(s->organization));
}

/* The first signer stands beside the state, since most files have one; and all in a list. */
static json_t *signature_json(const struct examined *e)
{
	const struct signer *first = e->signers;
	json_t *signers = json_array();
	size_t i;

	for (i = 0; i < e->signer_count; i++)
		json_array_append_new(signers, signer_json(&e->signers[i]));
	return json_pack("{s:s, s:i, s:o, s:o, s:o, s:o, s:o}", "state",
			 signature_name(e->identity.signature), "count", e->identity.signatures,
			 "signer", text_json(first->name), "issuer", text_json(first->issuer),
			 "serial", text_json(first->serial), "fault",
			 text_json(fault_text(e->identity.fault)), "signers", signers);
}

static void add_examined(json_t *o, const struct examined *e)
{
	json_object_set_new(o, "size", json_integer((json_int_t)e->identity.stamp.size));
	json_object_set_new(o, "fingerprints", fingerprints_json(&e->identity));
	if (*e->module)
		json_object_set_new(o, "module", output_text(e->module));
	if (e->identity.taken & KINDS_SIGNER)
		json_object_set_new(o, "signature", signature_json(e));
}

json_t *identify_json(const struct subject *s)
{
	json_t *o = json_pack("{s:o, s:s}", "path", output_text(s->path), "kind",
			      content_name(s->known.content.kind));
	json_t *unpacked;

	add_examined(o, &s->known.file);
	if (s->known.plain.identity.count) {
		unpacked = json_object();
		add_examined(unpacked, &s->known.plain);
		json_object_set_new(o, "unpacked", unpacked);
	}
	return o;
}
