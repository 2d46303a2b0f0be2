/* SPDX-License-Identifier: GPL-2.0-only */
#include "checkpoint.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-id128.h>

#include "audit/ecs.h"
#include "clock.h"

#define HEX_MAX	      (2 * CHECKPOINT_SIGNATURE_LEN)
#define STATEMENT_MAX 1024

static const char *const actions[] = {
	[CHECKPOINT_MADE] = "checkpoint",
	[CHECKPOINT_BEGIN] = "begin",
	[CHECKPOINT_GAP] = "gap",
};

/* ---- hexadecimal ----------------------------------------------------------------------------- */

static const char *format_hex(char hex[HEX_MAX + 1], const uint8_t *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		sprintf(hex + 2 * i, "%02x", bytes[i]);
	return hex;
}

json_t *checkpoint_hex(const uint8_t *bytes, size_t len)
{
	char hex[HEX_MAX + 1];

	return json_string(format_hex(hex, bytes, len));
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_hex(uint8_t *bytes, size_t len, const json_t *object, const char *name)
{
	const char *hex = json_string_value(json_object_get(object, name));
	size_t i;

	if (!hex || strlen(hex) != 2 * len)
		return false;
	for (i = 0; i < len; i++) {
		if (digit(hex[2 * i]) < 0 || digit(hex[2 * i + 1]) < 0)
			return false;
		bytes[i] = digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]);
	}
	return true;
}

static bool take_number(uint64_t *n, const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	*n = json_integer_value(value);
	return json_is_integer(value) && json_integer_value(value) >= 0;
}

/* ---- keys and signatures --------------------------------------------------------------------- */

int checkpoint_new_key(uint8_t private_key[CHECKPOINT_KEY_LEN],
		       uint8_t public_key[CHECKPOINT_KEY_LEN])
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	size_t len = CHECKPOINT_KEY_LEN, public_len = CHECKPOINT_KEY_LEN;
	bool ok = key && EVP_PKEY_get_raw_private_key(key, private_key, &len) == 1 &&
		  EVP_PKEY_get_raw_public_key(key, public_key, &public_len) == 1;

	EVP_PKEY_free(key);
	return ok ? 0 : -EIO;
}

static size_t add_line(char text[STATEMENT_MAX], size_t at, const char *name, const uint8_t *bytes,
		       size_t len)
{
	char hex[HEX_MAX + 1];

	return at + sprintf(text + at, "%s=%s\n", name, format_hex(hex, bytes, len));
}

static size_t state(char text[STATEMENT_MAX], const struct checkpoint *c)
{
	size_t n = sprintf(text, "interdict-checkpoint-1\n");

	n = add_line(text, n, "machine", c->machine, sizeof(c->machine));
	n = add_line(text, n, "root", c->root, sizeof(c->root));
	n += sprintf(text + n, "epoch=%" PRIu64 "\n", c->epoch);
	n = add_line(text, n, "public_key", c->key, sizeof(c->key));
	n = add_line(text, n, "next_key", c->next, sizeof(c->next));
	n += sprintf(text + n, "first=%" PRIu64 "\nnumber=%" PRIu64 "\n", c->first, c->number);
	n = add_line(text, n, "head", c->head, sizeof(c->head));
	return n + sprintf(text + n, "time=%" PRIu64 "\n", c->time);
}

int checkpoint_sign(struct checkpoint *c, const uint8_t private_key[CHECKPOINT_KEY_LEN])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, private_key,
						     CHECKPOINT_KEY_LEN);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	size_t len = sizeof(c->signature), n;
	char text[STATEMENT_MAX];
	bool ok;

	n = state(text, c);
	ok = key && md && EVP_DigestSignInit(md, NULL, NULL, NULL, key) == 1 &&
	     EVP_DigestSign(md, c->signature, &len, (const uint8_t *)text, n) == 1;
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(key);
	return ok ? 0 : -EIO;
}

bool checkpoint_is_signed(const struct checkpoint *c)
{
	EVP_PKEY *key =
		EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, c->key, CHECKPOINT_KEY_LEN);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	char text[STATEMENT_MAX];
	size_t n = state(text, c);
	bool ok = key && md && EVP_DigestVerifyInit(md, NULL, NULL, NULL, key) == 1 &&
		  EVP_DigestVerify(md, c->signature, sizeof(c->signature), (const uint8_t *)text,
				   n) == 1;

	EVP_MD_CTX_free(md);
	EVP_PKEY_free(key);
	return ok;
}

/* ---- as JSON --------------------------------------------------------------------------------- */

json_t *checkpoint_json(const struct checkpoint *c)
{
	return json_pack("{s:I, s:o, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "number",
			 (json_int_t)c->number, "head", checkpoint_hex(c->head, sizeof(c->head)),
			 "first", (json_int_t)c->first, "time", (json_int_t)c->time, "epoch",
			 (json_int_t)c->epoch, "machine",
			 checkpoint_hex(c->machine, sizeof(c->machine)), "root",
			 checkpoint_hex(c->root, sizeof(c->root)), "public_key",
			 checkpoint_hex(c->key, sizeof(c->key)), "next_key",
			 checkpoint_hex(c->next, sizeof(c->next)), "signature",
			 checkpoint_hex(c->signature, sizeof(c->signature)));
}

bool checkpoint_from_json(struct checkpoint *c, const json_t *object)
{
	*c = (struct checkpoint){};
	return take_number(&c->number, object, "number") &&
	       take_number(&c->first, object, "first") && take_number(&c->time, object, "time") &&
	       take_number(&c->epoch, object, "epoch") &&
	       take_hex(c->head, sizeof(c->head), object, "head") &&
	       take_hex(c->machine, sizeof(c->machine), object, "machine") &&
	       take_hex(c->root, sizeof(c->root), object, "root") &&
	       take_hex(c->key, sizeof(c->key), object, "public_key") &&
	       take_hex(c->next, sizeof(c->next), object, "next_key") &&
	       take_hex(c->signature, sizeof(c->signature), object, "signature");
}

static json_t *event_part(enum checkpoint_action action, const char *reason)
{
	sd_id128_t id = SD_ID128_NULL;

	sd_id128_randomize(&id);
	return json_pack("{s:s, s:[s], s:[s], s:s, s:s, s:s, s:s, s:s, s:o}", "kind", "state",
			 "category", "configuration", "type", "info", "action", actions[action],
			 "outcome", "success", "reason", reason, "dataset", CHECKPOINT_DATASET,
			 "provider", "interdict", "id",
			 json_sprintf(SD_ID128_FORMAT_STR, SD_ID128_FORMAT_VAL(id)));
}

json_t *checkpoint_record(enum checkpoint_action action, json_t *own, const char *reason)
{
	return json_pack("{s:o, s:{s:s}, s:o, s:o, s:{s:s, s:o}}", "@timestamp",
			 ecs_timestamp(clock_ns(CLOCK_BOOTTIME)), "ecs", "version", ECS_VERSION,
			 "event", event_part(action, reason), "host", ecs_host(), "interdict",
			 "schema", ECS_SCHEMA, "checkpoint", own);
}
