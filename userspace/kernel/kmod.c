/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "digests.h"
#include "file.h"
#include "hash.h"
#include "kmod.h"

#define KEYRING_PARAMETER KMOD_DIR "/parameters/keyring"
#define KEYS_MAX	  4096
#define DESCRIPTION_LEN	  (10 + 2 * FINGERPRINT_LEN + 1) /* "interdict:" and a digest */

enum kmod_state kmod_state(void)
{
	if (access(KMOD_DIR "/initstate", F_OK))
		return KMOD_ABSENT;
	return access(KMOD_BTF, F_OK) ? KMOD_NO_BTF : KMOD_PRESENT;
}

/* ---- modprobe ------------------------------------------------------------------------------ */

/* Run it with its complaints in @text. Return: its exit status, or a negative errno. */
static int run_modprobe(const char *const argv[], char *text, size_t size)
{
	static const char *const environment[] = {"PATH=/usr/sbin:/sbin:/usr/bin:/bin", "LC_ALL=C",
						  NULL};
	posix_spawn_file_actions_t actions;
	int pipes[2], err, status = 0;
	ssize_t n;
	pid_t pid;

	*text = 0;
	if (pipe2(pipes, O_CLOEXEC))
		return -errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], STDERR_FILENO);
	err = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv,
			   (char *const *)environment);
	posix_spawn_file_actions_destroy(&actions);
	close(pipes[1]);
	n = err ? 0 : file_read(pipes[0], text, size - 1);
	text[n > 0 ? n : 0] = 0;
	text[strcspn(text, "\n")] = 0;
	close(pipes[0]);
	if (err)
		return -err;
	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

/* What modprobe's complaint comes down to, and what to do. */
static void explain_refusal(struct diag *d, const char *said)
{
	struct utsname name = {};

	uname(&name);
	if (strstr(said, "Exec format error") || strstr(said, "Invalid module format"))
		diag_warning(
			d, "interdict.ko", 0,
			"is for another kernel than %s, or has no BTF (dmesg says which): build "
			"it anew, or install interdict-dkms",
			name.release);
	else if (strstr(said, "Key was rejected") || strstr(said, "Required key") ||
		 strstr(said, "Operation not permitted"))
		diag_warning(d, "interdict.ko", 0,
			     "is not signed by a key that this machine trusts: sign it, and enrol "
			     "the key with mokutil --import");
	else
		diag_warning(d, "interdict.ko", 0, "does not load: %s",
			     *said ? said : "modprobe does not say why");
}

/* Whether one is installed for the kernel that runs. */
static bool is_installed(void)
{
	static const char *const ask[] = {"modprobe", "-n", "-q", "interdict", NULL};
	char said[512];

	return run_modprobe(ask, said, sizeof(said)) == 0;
}

enum kmod_state kmod_load(struct diag *d)
{
	static const char *const load[] = {"modprobe", "interdict", NULL};
	enum kmod_state state = kmod_state();
	char said[512];

	if (state == KMOD_ABSENT && is_installed() && run_modprobe(load, said, sizeof(said)))
		explain_refusal(d, said);
	state = kmod_state();
	if (state == KMOD_NO_BTF)
		diag_warning(d, "interdict.ko", 0,
			     "is loaded without BTF, so that none of it can be called: rmmod "
			     "interdict, and build it with kmod/Makefile");
	return state;
}

/* ---- the keyring --------------------------------------------------------------------------- */

static long keyring(void)
{
	char *text;
	long serial;
	int err = file_read_whole(KEYRING_PARAMETER, &text, NULL);

	if (err)
		return err;
	serial = strtol(text, NULL, 10);
	free(text);
	return serial ? serial : -ENOENT;
}

static int describe(char description[DESCRIPTION_LEN], const struct certificate *c)
{
	char hex[2 * FINGERPRINT_LEN + 1];
	uint8_t digest[FINGERPRINT_LEN];
	int err = hash_bytes(digest, c->der, c->len);

	if (err)
		return err;
	digest_format(hex, digest);
	snprintf(description, DESCRIPTION_LEN, "interdict:%s", hex);
	return 0;
}

/* Whether the key @serial is of one of the certificates. */
static bool is_named(long serial, const struct certificate *certificates, size_t n)
{
	char description[DESCRIPTION_LEN], found[512] = "";
	size_t i;

	if (syscall(SYS_keyctl, KEYCTL_DESCRIBE, serial, found, sizeof(found) - 1) < 0)
		return false;
	for (i = 0; i < n; i++)
		if (!describe(description, &certificates[i]) && strstr(found, description))
			return true;
	return false;
}

static int forget_others(long ring, const struct certificate *certificates, size_t n)
{
	int32_t *keys = calloc(KEYS_MAX, sizeof(*keys));
	long len, i;

	if (!keys)
		return -ENOMEM;
	len = syscall(SYS_keyctl, KEYCTL_READ, ring, keys, KEYS_MAX * sizeof(*keys));
	for (i = 0; i < len / (long)sizeof(*keys) && i < KEYS_MAX; i++)
		if (!is_named(keys[i], certificates, n))
			syscall(SYS_keyctl, KEYCTL_UNLINK, (long)keys[i], ring);
	free(keys);
	return len < 0 ? -errno : 0;
}

int kmod_trust(const struct certificate *certificates, size_t n, struct diag *d)
{
	char description[DESCRIPTION_LEN];
	long ring = keyring();
	size_t i;

	if (ring < 0)
		return ring;
	for (i = 0; i < n; i++) {
		if (describe(description, &certificates[i]))
			return -ENOMEM;
		if (syscall(SYS_add_key, "asymmetric", description, certificates[i].der,
			    certificates[i].len, ring) < 0)
			diag_warning(d, certificates[i].file, 0,
				     "the kernel does not take this certificate (%s): what it "
				     "signed stays `valid` or `claimed`",
				     strerror(errno));
	}
	return forget_others(ring, certificates, n);
}
