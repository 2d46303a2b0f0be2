// SPDX-License-Identifier: GPL-2.0-only
/*
 * keys add SERIAL FILE | clear SERIAL | link SERIAL | open SERIAL
 *
 * Works on the module's keyring, for keyctl(1) may not be there: add a certificate, empty it, link
 * it to this session's keyring, give everybody all rights to it. Prints errno's text.
 */
#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static long add(long keyring, const char *path)
{
	char der[8192];
	FILE *file = fopen(path, "re");
	size_t len;

	if (!file)
		return -1;
	len = fread(der, 1, sizeof(der), file);
	fclose(file);
	return syscall(SYS_add_key, "asymmetric", "test", der, len, keyring);
}

int main(int argc, char **argv)
{
	long keyring = argc > 2 ? atol(argv[2]) : 0, result;

	if (argc == 4 && !strcmp(argv[1], "add"))
		result = add(keyring, argv[3]);
	else if (argc == 3 && !strcmp(argv[1], "clear"))
		result = syscall(SYS_keyctl, KEYCTL_CLEAR, keyring);
	else if (argc == 3 && !strcmp(argv[1], "link"))
		result = syscall(SYS_keyctl, KEYCTL_LINK, keyring, KEY_SPEC_SESSION_KEYRING);
	else if (argc == 3 && !strcmp(argv[1], "open"))
		result = syscall(SYS_keyctl, KEYCTL_SETPERM, keyring, 0x3f3f3f3f);
	else
		return 2;
	if (result >= 0)
		return 0;
	printf("%s\n", strerror(errno));
	return 1;
}
