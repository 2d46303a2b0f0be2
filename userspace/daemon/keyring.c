/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <openssl/pem.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "file.h"
#include "image/image.h"
#include "kernel/kmod.h"
#include "keyring.h"

static void fill(const struct certificate *v, size_t n, struct diag *d)
{
	int err = kmod_trust(v, n, d);

	if (err && err != -ENOENT)
		diag_warning(d, KMOD_DIR, 0, "its keyring cannot be filled: %s", strerror(-err));
}

void keyring_fill(const struct policy *policy, struct diag *d)
{
	fill(policy->certificates, policy->certificate_count, d);
}

static bool write_pem(BIO *text, const struct certificate *c)
{
	return !c->der || PEM_write_bio(text, PEM_STRING_X509, "", c->der, c->len) > 0;
}

static int write_file(const struct policy *policy, BIO *text)
{
	char *bytes;
	long len;
	size_t i;

	for (i = 0; i < policy->certificate_count; i++)
		if (!write_pem(text, &policy->certificates[i]))
			return -ENOMEM;
	len = BIO_get_mem_data(text, &bytes);
	return file_write(CERTIFICATES_FILE, bytes, len, 0600);
}

void keyring_remember(const struct policy *policy, struct diag *d)
{
	BIO *text;
	int err;

	if (!policy->certificate_count) {
		unlink(CERTIFICATES_FILE);
		return;
	}
	text = BIO_new(BIO_s_mem());
	err = text ? write_file(policy, text) : -ENOMEM;
	BIO_free(text);
	if (err)
		diag_warning(d, CERTIFICATES_FILE, 0,
			     "cannot be written: %s: at the next boot, rules by certificate hold "
			     "from when the policy files were read",
			     strerror(-err));
}

/* Where there are none, none are left of before. */
static void keep_as(const char *from, const char *to)
{
	if (file_link(from, to) == -ENOENT)
		unlink(to);
}

void keyring_confirm(void)
{
	keep_as(CERTIFICATES_FILE, CONFIRMED_CERTIFICATES_FILE);
}

void keyring_put_back(void)
{
	keep_as(CONFIRMED_CERTIFICATES_FILE, CERTIFICATES_FILE);
}

void keyring_restore(const struct image_header *header, struct diag *d)
{
	struct certificates kept = {};
	const char *wrong;

	if (header->trust && certificates_read(&kept, CERTIFICATES_FILE, false, &wrong))
		return;
	if (image_trust(kept.v, kept.n) == header->trust)
		fill(kept.v, kept.n, d);
	certificates_free(&kept);
}
