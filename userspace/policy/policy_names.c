/* SPDX-License-Identifier: GPL-2.0-only */
/* What a [Deny] names apart from digests of files: build-ids, signers, drivers, paths. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "hash.h"
#include "image/names.h"
#include "policy_reader.h"

#define HASH_PREFIX	  "sha256:"
#define HEX_LEN		  (2 * FINGERPRINT_LEN)
#define MODULE_NAME_CHARS (MODULE_NAME_LEN - 1)

#define NO_MEMORY "there is not enough memory: free some"

/* ---- values ---------------------------------------------------------------------------------- */

static const char *parse_hash(struct fingerprint *f, const char *text)
{
	size_t prefix = strlen(HASH_PREFIX);

	if (!strncmp(text, HASH_PREFIX, prefix) && !digest_parse(f->value, text + prefix))
		return NULL;
	return "write " HASH_PREFIX "DIGEST, with the 64 hexadecimal digits of a SHA-256";
}

/* Digits by the pair, zero padded; colons may stand between pairs, as modinfo(8) writes them. */
static const char *parse_hex(struct fingerprint *f, const char *text, bool colons)
{
	char hex[HEX_LEN + 1];
	size_t n = 0;

	memset(hex, '0', HEX_LEN);
	hex[HEX_LEN] = '\0';
	for (; *text; text++) {
		if (colons && *text == ':' && n && n % 2 == 0 && text[1] && text[1] != ':')
			continue;
		if (n == HEX_LEN)
			break;
		hex[n++] = *text;
	}
	if (!*text && n && n % 2 == 0 && !digest_parse(f->value, hex))
		return NULL;
	return "write 2 to 64 hexadecimal digits, an even number";
}

static const char *parse_organization(struct fingerprint *f, const char *text)
{
	char folded[ORGANIZATION_MAX];
	size_t len = organization_fold(folded, text, strlen(text));

	if (!len)
		return "is empty: write the organization's name as its certificates have it";
	if (len > ORGANIZATION_MAX)
		return "is longer than 128 bytes: name the signer by SignerCertificate= or "
		       "SignerKey=";
	return hash_bytes(f->value, folded, len) ? NO_MEMORY : NULL;
}

/* The kernel takes '-' and '_' for the same. */
static const char *parse_module(struct fingerprint *f, const char *text)
{
	char name[MODULE_NAME_CHARS];
	size_t len = strlen(text), i;

	if (!len || len > sizeof(name) ||
	    strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != len)
		return "a driver's name is at most 55 of A-Z, a-z, 0-9, '_', '-': write it as "
		       "lsmod(8) shows it";
	for (i = 0; i < len; i++)
		name[i] = text[i] == '-' ? '_' : text[i];
	return hash_bytes(f->value, name, len) ? NO_MEMORY : NULL;
}

static const char *parse_path(struct fingerprint *f, const char *text)
{
	struct path_prefix prefix;
	const char *wrong = names_parse(&prefix, text);

	if (!wrong)
		memcpy(f->value, &prefix.tag, sizeof(prefix.tag));
	return wrong;
}

const char *policy_parse_fingerprint(struct fingerprint *f, enum fingerprint_kind kind,
				     const char *text)
{
	*f = (struct fingerprint){.kind = kind};
	if (kind == FINGERPRINT_BUILD_ID)
		return parse_hex(f, text, false);
	if (kind == FINGERPRINT_SIGNER_KEY_ID)
		return parse_hex(f, text, true);
	if (kind == FINGERPRINT_SIGNER_ORG)
		return parse_organization(f, text);
	if (kind == FINGERPRINT_MODULE_NAME)
		return parse_module(f, text);
	if (kind == FINGERPRINT_PATH)
		return parse_path(f, text);
	return parse_hash(f, text);
}

int policy_parse_signature(enum signature_state *state, const char *text)
{
	static const char *const words[SIGNATURE_STATES] = {
		[SIGNATURE_INVALID] = "invalid",
		[SIGNATURE_CLAIMED] = "claimed",
		[SIGNATURE_VALID] = "valid",
		[SIGNATURE_VERIFIED] = "verified",
	};
	int i;

	for (i = SIGNATURE_NONE + 1; i < SIGNATURE_STATES; i++) {
		if (strcmp(text, words[i]))
			continue;
		*state = i;
		return 0;
	}
	return -EINVAL;
}

/* ---- files ----------------------------------------------------------------------------------- */

bool policy_kind_has_files(unsigned int kind)
{
	return kind == FINGERPRINT_SIGNER_CERT || kind == FINGERPRINT_SIGNER_KEY;
}

bool policy_is_file(const char *text)
{
	return strncmp(text, HASH_PREFIX, strlen(HASH_PREFIX)) != 0;
}

const char *policy_check_file_name(const char *name)
{
	static const char *const suffixes[] = {".pem", ".der", ".crt", ".cer"};
	size_t len = strlen(name), i;

	if (strchr(name, '/') || *name == '.')
		return "a certificate lies beside its policy: write its file's name only";
	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (len > strlen(suffixes[i]) &&
		    !strcmp(name + len - strlen(suffixes[i]), suffixes[i]))
			return NULL;
	return "neither " HASH_PREFIX "DIGEST nor a file whose name ends in .pem, .der, .crt or "
	       ".cer: correct it";
}

/* ---- into the section ------------------------------------------------------------------------ */

static void add(struct reader *r, const struct fingerprint *f, const char *text)
{
	struct section *s = r->section;
	struct named_fingerprint *v = policy_grow(r, s->named, s->named_count, sizeof(*v));

	if (!v)
		return;
	s->named = v;
	v += s->named_count;
	*v = (struct named_fingerprint){.f = *f, .text = policy_copy(r, text), .line = r->line};
	s->named_count += !!v->text;
}

/* Takes what @c holds. */
static void keep_certificate(struct reader *r, struct certificate *c)
{
	struct policy *p = r->policy;
	struct certificate *v = policy_grow(r, p->certificates, p->certificate_count, sizeof(*v));

	if (!v)
		return;
	p->certificates = v;
	v[p->certificate_count++] = *c;
	*c = (struct certificate){};
}

static void add_certificates(struct reader *r, struct certificates *found,
			     enum fingerprint_kind kind, const char *name)
{
	struct fingerprint f[CERTIFICATE_FINGERPRINTS];
	size_t i, k, n;

	for (i = 0; i < found->n; i++) {
		n = certificate_fingerprints(f, &found->v[i], kind);
		for (k = 0; k < n; k++)
			add(r, &f[k], name);
		/* What is for other machines only is not trusted here. */
		if (found->v[i].der && !r->file->mismatch)
			keep_certificate(r, &found->v[i]);
	}
}

static void read_certificates(struct reader *r, const char *key, enum fingerprint_kind kind,
			      const char *path, const char *name)
{
	bool keys = kind == FINGERPRINT_SIGNER_KEY;
	struct certificates found = {};
	const char *wrong;
	int err = certificates_read(&found, path, keys, &wrong);

	if (err == -ENOENT)
		policy_error(r, "%s=%.255s: no such file beside the policy: put it there", key,
			     name);
	else if (err == -EBADMSG)
		policy_error(r, "%s=%.255s: the file %s", key, name, wrong);
	else if (err == -ENOMEM)
		r->no_memory = true;
	else if (err)
		file_complain(r->d, path, err);
	add_certificates(r, &found, kind, name);
	certificates_free(&found);
}

static void add_file(struct reader *r, const char *key, enum fingerprint_kind kind,
		     const char *name)
{
	const char *wrong = policy_check_file_name(name);
	char *path;

	if (wrong) {
		policy_error(r, "%s=%.255s: %s", key, name, wrong);
		return;
	}
	path = policy_beside(r, name);
	if (!path)
		return;
	policy_add_file(r, name);
	read_certificates(r, key, kind, path, name);
	free(path);
}

/* The kernel knows directories by where they are, whatever links lead there. */
static void warn_of_links(struct reader *r, const char *value)
{
	char *real = *value == '/' ? realpath(value, NULL) : NULL;
	size_t len = real ? strlen(real) : 0;

	if (real && (strncmp(real, value, len) || strspn(value + len, "/") != strlen(value + len)))
		diag_warning(r->d, r->file->path, r->line,
			     "PathPrefix=%.255s leads through a link, and names nothing: write "
			     "%.255s/",
			     value, real);
	free(real);
}

void policy_add_name(struct reader *r, const char *key, enum fingerprint_kind kind,
		     const char *value)
{
	struct fingerprint f;
	const char *wrong;

	if (policy_kind_has_files(kind) && policy_is_file(value)) {
		add_file(r, key, kind, value);
		return;
	}
	wrong = policy_parse_fingerprint(&f, kind, value);
	if (wrong)
		policy_error(r, "%s=%.128s: %s", key, value, wrong);
	else
		add(r, &f, value);
	if (!wrong && kind == FINGERPRINT_PATH)
		warn_of_links(r, value);
}
