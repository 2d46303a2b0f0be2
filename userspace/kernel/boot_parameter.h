/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's command line: what is on it, and where this machine's boot loader takes it from. */
#ifndef INTERDICT_BOOT_PARAMETER_H
#define INTERDICT_BOOT_PARAMETER_H

#include <stdbool.h>
#include <stddef.h>

/* Room for a command line, and for what is said of one. */
#define BOOT_LINE_LEN	4096
#define BOOT_REMEDY_LEN (BOOT_LINE_LEN + 512)

enum boot_loader {
	BOOT_UNKNOWN,
	BOOT_UPDATE_GRUB, /* Debian: /etc/default/grub and update-grub */
	BOOT_GRUBBY,	  /* Fedora and its like: each entry has its own line, grubby edits them */
	BOOT_GRUB,	  /* /etc/default/grub and grub-mkconfig */
	BOOT_SYSTEMD,	  /* systemd-boot: /etc/kernel/cmdline and kernel-install */
};

/**
 * boot_parameter() - the value of a parameter on a command line.
 * @line: its words are set apart by blanks; what is between double quotes is one word
 * @key: with its equals sign: "lsm="
 * @value: BOOT_LINE_LEN bytes: of the first of several
 *
 * Return: whether it is there.
 */
bool boot_parameter(const char *line, const char *key, char *value);
/**
 * boot_parameter_set() - a command line with a parameter set.
 * @to: BOOT_LINE_LEN bytes: @line without that parameter, and @set behind the rest
 * @set: "lsm=yama,bpf"
 *
 * Return: false when it is too long; then @to is empty.
 */
bool boot_parameter_set(char *to, const char *line, const char *set);
/**
 * boot_lsm_list() - lsm= as it must read for BPF programs to be asked.
 * @set: BOOT_LINE_LEN bytes: "lsm=", what is active in its order, and bpf
 * @active: as in /sys/kernel/security/lsm. `capability`, `ima` and `evm` are left out: those are
 *	always there
 * @listed: what lsm= says, or CONFIG_LSM; NULL: not known. `integrity` shows in it alone, and
 *	where it is left out a kernel before 6.9 may panic
 */
void boot_lsm_list(char *set, const char *active, const char *listed);
/** boot_loader_at() - what starts a machine whose files lie below @root; "" for this one. */
enum boot_loader boot_loader_at(const char *root);
/**
 * boot_remedy() - how that machine takes a parameter: the line as it must read, and the command.
 * @remedy: @size bytes
 * @cmdline: what runs now was started with
 * @set: "ima_hash=sha256"
 */
void boot_remedy(char *remedy, size_t size, const char *root, const char *cmdline, const char *set);

#endif
