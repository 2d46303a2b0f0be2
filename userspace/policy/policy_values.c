/* SPDX-License-Identifier: GPL-2.0-only */
/* What a value in a policy file may be: Ids, numbers, dates, digests. */
#include <errno.h>
#include <string.h>

#include "moment.h"
#include "policy_reader.h"

#define DIGEST_PREFIX "sha256:"

/* ---- Ids and numbers ----------------------------------------------------------------------- */

bool policy_is_id(const char *text)
{
	size_t len = strlen(text);

	return len && len < RULE_NAME_LEN && !strchr("._-", *text) &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._-") == len;
}

char *policy_take_id(struct reader *r, const char *value)
{
	if (policy_is_id(value))
		return policy_copy(r, value);
	policy_error(r,
		     "Id=%.64s: an Id is at most %d of a-z, 0-9, '.', '_', '-', and begins with "
		     "a letter or digit: correct it",
		     value, RULE_NAME_LEN - 1);
	return NULL;
}

bool policy_take_number(uint64_t *number, const char *s)
{
	uint64_t digit;

	if (!*s)
		return false;
	for (*number = 0; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		digit = *s - '0';
		if (*number > (UINT64_MAX - digit) / 10)
			return false;
		*number = *number * 10 + digit;
	}
	return true;
}

bool policy_take_span(uint32_t *seconds, const char *text, uint32_t max)
{
	size_t digits = strspn(text, "0123456789");
	const char *unit = text + digits;
	char number[16] = "";
	uint64_t n, each = 1;

	if (digits >= sizeof(number))
		return false;
	memcpy(number, text, digits);
	if (!strcmp(unit, "m"))
		each = 60;
	else if (!strcmp(unit, "h"))
		each = 3600;
	else if (*unit && strcmp(unit, "s"))
		return false;
	if (!policy_take_number(&n, number) || n > max / each)
		return false;
	*seconds = n * each;
	return true;
}

/* ---- dates --------------------------------------------------------------------------------- */

bool policy_take_time(struct reader *r, uint64_t *ns, const char *value)
{
	if (!moment_of_date(ns, value))
		return true;
	policy_error(r, "%.64s is no date: write 2024-09-29, or 2024-09-29 18:00:30, in UTC",
		     value);
	return false;
}

void policy_take_until(struct reader *r, uint64_t *until, const char *value, const char *then)
{
	uint64_t ns;

	if (!policy_take_time(r, &ns, value))
		return;
	if (!ns)
		policy_error(r, "Until=%.64s lies before every clock: write a later date", value);
	else if (ns <= r->now)
		diag_warning(r->d, r->file->path, r->line, "Until=%s has passed: %s", value, then);
	*until = ns;
}

/* ---- digests ------------------------------------------------------------------------------- */

static bool take_size(struct reader *r, uint64_t *size, const char *text)
{
	*size = SIZE_UNKNOWN;
	if (!*text || (policy_take_number(size, text) && *size && *size <= INT64_MAX))
		return true;
	policy_error(r, "%.64s is no size that a listed file has: write its bytes, or nothing",
		     text);
	return false;
}

bool policy_take_digest(struct reader *r, struct digest *digest, const char *value)
{
	char hex[2 * FINGERPRINT_LEN + 1] = "";
	size_t prefix = strlen(DIGEST_PREFIX), len;

	if (strncmp(value, DIGEST_PREFIX, prefix)) {
		policy_error(r, "a digest is written " DIGEST_PREFIX "DIGEST or " DIGEST_PREFIX
				"DIGEST SIZE: correct it");
		return false;
	}
	value += prefix;
	len = strcspn(value, " \t");
	if (len < sizeof(hex))
		memcpy(hex, value, len);
	if (digest_parse(digest->value, hex)) {
		policy_error(r,
			     "what follows " DIGEST_PREFIX " (%zu characters) is not the %d "
			     "hexadecimal digits of a SHA-256: correct it",
			     len, 2 * FINGERPRINT_LEN);
		return false;
	}
	value += len;
	return take_size(r, &digest->size, value + strspn(value, " \t"));
}
