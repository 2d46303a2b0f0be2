/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>

#include "cli/trusted.h"
#include "machine/machine_conf.h"

static int add_keys(struct trust *trust, const char *const *paths, size_t n, struct diag *d)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < n; i++)
		err = trust_add(trust, paths[i], d);
	return err;
}

int trusted_read(struct trust *trust, const char *const *paths, size_t n, struct diag *d)
{
	struct machine_conf conf;
	int err;

	if (n)
		return add_keys(trust, paths, n, d);
	err = machine_conf_read(&conf, CONF_FILE, d);
	if (err != -ENOMEM)
		err = add_keys(trust, (const char *const *)conf.trusted_keys.v, conf.trusted_keys.n,
			       d);
	machine_conf_free(&conf);
	return err;
}
