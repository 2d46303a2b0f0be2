/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "boot_parameter.h"
#include "file.h"

#define BLANKS	    " \t\n"
#define GRUB_FILE   "/etc/default/grub"
#define KERNEL_FILE "/etc/kernel/cmdline"
/* Says in UTF-16 which boot loader has started this. */
#define LOADER_INFO "/sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"

/* ---- words ----------------------------------------------------------------------------------- */

/* Where the word at @word ends: behind a blank in quotes it goes on. */
static size_t word_len(const char *word)
{
	bool quoted = false;
	size_t len;

	for (len = 0; word[len]; len++) {
		if (word[len] == '"')
			quoted = !quoted;
		else if (!quoted && strchr(BLANKS, word[len]))
			break;
	}
	return len;
}

static const char *next_word(const char *word)
{
	word += word_len(word);
	return word + strspn(word, BLANKS);
}

bool boot_parameter(const char *line, const char *key, char *value)
{
	const char *word = line + strspn(line, BLANKS);
	size_t len = strlen(key);

	for (; *word; word = next_word(word)) {
		if (strncmp(word, key, len) != 0)
			continue;
		snprintf(value, BOOT_LINE_LEN, "%.*s", (int)(word_len(word) - len), word + len);
		return true;
	}
	return false;
}

/* Append a word. Return: whether it had room. */
static bool append(char *to, const char *word, size_t len)
{
	size_t used = strlen(to);

	if (used + len + 2 > BOOT_LINE_LEN)
		return false;
	if (used)
		to[used++] = ' ';
	memcpy(to + used, word, len);
	to[used + len] = 0;
	return true;
}

static bool is_same_key(const char *word, const char *set)
{
	return !strncmp(word, set, strcspn(set, "=") + 1);
}

bool boot_parameter_set(char *to, const char *line, const char *set)
{
	const char *word = line + strspn(line, BLANKS);
	bool fits = true;

	*to = 0;
	for (; *word; word = next_word(word))
		if (!is_same_key(word, set))
			fits &= append(to, word, word_len(word));
	fits &= append(to, set, strlen(set));
	if (!fits)
		*to = 0;
	return fits;
}

/* ---- lsm= ------------------------------------------------------------------------------------ */

static bool list_has(const char *list, const char *name, size_t len)
{
	size_t n;

	for (; *list; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		if (n == len && !strncmp(list, name, n))
			return true;
	}
	return false;
}

static void add_lsm(char *set, const char *name, size_t len)
{
	size_t used = strlen(set);

	snprintf(set + used, BOOT_LINE_LEN - used, "%.*s,", (int)len, name);
}

void boot_lsm_list(char *set, const char *active, const char *listed)
{
	static const char fixed[] = "capability,ima,evm,bpf";
	size_t len;

	strcpy(set, "lsm=");
	for (; *active; active += len + (active[len] == ',')) {
		len = strcspn(active, ",");
		if (len && len < BOOT_LINE_LEN - 64 - strlen(set) && !list_has(fixed, active, len))
			add_lsm(set, active, len);
	}
	if (listed && list_has(listed, "integrity", 9) && !list_has(set + 4, "integrity", 9))
		add_lsm(set, "integrity", 9);
	strcat(set, "bpf");
}

/* ---- boot loaders ---------------------------------------------------------------------------- */

static bool exists(const char *root, const char *name)
{
	char path[BOOT_LINE_LEN];

	snprintf(path, sizeof(path), "%s%s", root, name);
	return !access(path, F_OK);
}

/* The whole of a small file; "" when it cannot be read. Return: its bytes. */
static size_t read_text(char *text, size_t size, const char *root, const char *name)
{
	char path[BOOT_LINE_LEN];
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "%s%s", root, name);
	fd = file_open(path);
	if (fd >= 0) {
		n = file_read(fd, text, size - 1);
		close(fd);
	}
	n = n > 0 ? n : 0;
	text[n] = 0;
	return n;
}

static bool is_systemd_boot(const char *root)
{
	char text[512], name[sizeof(text)];
	size_t n = read_text(text, sizeof(text), root, LOADER_INFO), i, len = 0;

	for (i = 0; i < n; i++)
		if (text[i] > ' ')
			name[len++] = text[i];
	name[len] = 0;
	return strstr(name, "systemd-boot");
}

enum boot_loader boot_loader_at(const char *root)
{
	if (is_systemd_boot(root))
		return BOOT_SYSTEMD;
	if (exists(root, "/usr/sbin/update-grub") || exists(root, "/sbin/update-grub"))
		return BOOT_UPDATE_GRUB;
	if (exists(root, "/usr/sbin/grubby") || exists(root, "/usr/bin/grubby"))
		return BOOT_GRUBBY;
	if (exists(root, KERNEL_FILE))
		return BOOT_SYSTEMD;
	if (exists(root, GRUB_FILE))
		return BOOT_GRUB;
	return exists(root, "/boot/loader/entries") || exists(root, "/efi/loader/entries")
		       ? BOOT_SYSTEMD
		       : BOOT_UNKNOWN;
}

/* ---- GRUB ------------------------------------------------------------------------------------ */

/*
 * The value of a shell's assignment in @text, the last of them; empty where there is none. Return:
 * false when it is one that cannot be written down again as it is: continued, or quoted inside.
 */
static bool assignment(char *value, const char *text, const char *name)
{
	size_t len = strlen(name) + 1, end;
	char prefix[64], quote[2];
	bool plain = true;
	const char *line;

	*value = 0;
	snprintf(prefix, sizeof(prefix), "%s=", name);
	for (line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, prefix, len) != 0)
			continue;
		line += len;
		quote[0] = *line == '"' || *line == '\'' ? *line : 0;
		quote[1] = 0;
		line += !!*quote;
		end = strcspn(line, *quote ? quote : BLANKS);
		plain = end < BOOT_LINE_LEN && !memchr(line, '\n', end) &&
			!memchr(line, '\\', end) && !memchr(line, '"', end);
		snprintf(value, BOOT_LINE_LEN, "%.*s", plain ? (int)end : 0, line);
	}
	return plain;
}

/* Which variable of /etc/default/grub is to have it: the one that has an old value. */
static const char *grub_variable(char *value, bool *plain, const char *text, const char *key)
{
	static const char *const names[] = {"GRUB_CMDLINE_LINUX_DEFAULT", "GRUB_CMDLINE_LINUX"};
	char old[BOOT_LINE_LEN];

	*plain = assignment(value, text, names[0]);
	if (boot_parameter(value, key, old))
		return names[0];
	*plain = assignment(value, text, names[1]);
	return names[1];
}

static void grub_remedy(char *remedy, size_t size, const char *root, const char *cmdline,
			const char *set, const char *command)
{
	char value[BOOT_LINE_LEN], line[BOOT_LINE_LEN], old[BOOT_LINE_LEN];
	char text[16384] = "", key[64];
	const char *name, *elsewhere = "";
	bool plain;

	snprintf(key, sizeof(key), "%.*s", (int)(strcspn(set, "=") + 1), set);
	read_text(text, sizeof(text), root, GRUB_FILE);
	name = grub_variable(value, &plain, text, key);
	/* It came from somewhere. */
	if (boot_parameter(cmdline, key, old) && !boot_parameter(value, key, old))
		elsewhere = " (and take the old value out of " GRUB_FILE ".d, or where else it is)";
	if (!plain || !boot_parameter_set(line, value, set))
		snprintf(remedy, size, "in " GRUB_FILE ", add %s to %s%s, then: %s && reboot", set,
			 name, elsewhere, command);
	else
		snprintf(remedy, size, "in " GRUB_FILE ": %s=\"%s\"%s, then: %s && reboot", name,
			 line, elsewhere, command);
}

/* ---- systemd-boot ---------------------------------------------------------------------------- */

/* What the boot loader has added by itself. */
static void drop_loaders_words(char *to, const char *line)
{
	const char *word = line + strspn(line, BLANKS);

	*to = 0;
	for (; *word; word = next_word(word))
		if (strncmp(word, "BOOT_IMAGE=", 11) != 0 && strncmp(word, "initrd=", 7) != 0)
			append(to, word, word_len(word));
}

/* kernel-install without this file takes what the running kernel was started with. */
static void systemd_remedy(char *remedy, size_t size, const char *root, const char *cmdline,
			   const char *set)
{
	char now[BOOT_LINE_LEN], line[BOOT_LINE_LEN], kernel[256];
	struct utsname name = {};

	uname(&name);
	if (!exists(root, "/usr/bin/kernel-install") && !exists(root, "/bin/kernel-install")) {
		snprintf(remedy, size,
			 "add %s to the `options` line of the entry in loader/entries that "
			 "`bootctl list` calls selected, in place of an old value, and reboot",
			 set);
		return;
	}
	if (!read_text(now, sizeof(now), root, KERNEL_FILE))
		drop_loaders_words(now, cmdline);
	if (!boot_parameter_set(line, now, set))
		snprintf(line, sizeof(line), "… %s", set);
	snprintf(kernel, sizeof(kernel), "/boot/vmlinuz-%s", name.release);
	if (!exists(root, kernel))
		snprintf(kernel, sizeof(kernel), "/lib/modules/%s/vmlinuz", name.release);
	snprintf(remedy, size, "in " KERNEL_FILE ": %s, then: kernel-install add %s %s && reboot",
		 line, name.release, kernel);
}

void boot_remedy(char *remedy, size_t size, const char *root, const char *cmdline, const char *set)
{
	switch (boot_loader_at(root)) {
	case BOOT_UPDATE_GRUB:
		grub_remedy(remedy, size, root, cmdline, set, "update-grub");
		break;
	case BOOT_GRUB:
		grub_remedy(remedy, size, root, cmdline, set,
			    "grub-mkconfig -o /boot/grub/grub.cfg");
		break;
	case BOOT_GRUBBY:
		snprintf(remedy, size, "grubby --update-kernel=ALL --args=%s && reboot", set);
		break;
	case BOOT_SYSTEMD:
		systemd_remedy(remedy, size, root, cmdline, set);
		break;
	case BOOT_UNKNOWN:
		snprintf(remedy, size,
			 "add %s to the kernel's command line in the boot loader, in place of an "
			 "old value, and reboot",
			 set);
		break;
	}
}
