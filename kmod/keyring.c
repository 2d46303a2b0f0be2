// SPDX-License-Identifier: GPL-2.0-only
/*
 * The keyring with the certificates that a signature may chain to. Its serial is the parameter
 * `keyring` in sysfs; add_key(2) with it adds, keyctl_clear empties.
 */
#include <linux/cred.h>
#include <linux/key.h>
#include <linux/moduleparam.h>

#include "interdict.h"

/*
 * Root alone, by the owner's bits, reads, adds and clears. Nobody may link it to a keyring of his,
 * change its owner or these bits. Possession is what the kernel's own search comes with, on behalf
 * of whoever runs; without linking nobody else gets it, and it only allows the search.
 */
#define PERMISSIONS (KEY_POS_SEARCH | KEY_USR_VIEW | KEY_USR_READ | KEY_USR_WRITE | KEY_USR_SEARCH)

static struct key *keyring;

int keyring_init(void)
{
	struct key *key;

	key = keyring_alloc("interdict", GLOBAL_ROOT_UID, GLOBAL_ROOT_GID, current_cred(),
			    PERMISSIONS, KEY_ALLOC_NOT_IN_QUOTA, NULL, NULL);
	if (IS_ERR(key))
		return PTR_ERR(key);
	WRITE_ONCE(keyring, key);
	return 0;
}

void keyring_exit(void)
{
	key_put(keyring);
}

struct key *keyring_get(void)
{
	return keyring;
}

/* The loader has no say in it. */
static int refuse(const char *value, const struct kernel_param *param)
{
	return -EPERM;
}

static int show_serial(char *text, const struct kernel_param *param)
{
	struct key *key = READ_ONCE(keyring);

	return sprintf(text, "%d\n", key ? key_serial(key) : 0);
}

static const struct kernel_param_ops serial_ops = {
	.set = refuse,
	.get = show_serial,
};

module_param_cb(keyring, &serial_ops, NULL, 0444);
MODULE_PARM_DESC(keyring, "serial of the keyring for certificates (read-only)");
