/* SPDX-License-Identifier: GPL-2.0-only */
/* Locations, as the kernel gives them in an event: struct location of abi.h. */
#ifndef INTERDICT_LOCATION_H
#define INTERDICT_LOCATION_H

#include "interdict/abi.h"

/**
 * location_path() - as a path: "/usr/bin/env"; "…/bin/env" where what is above is not known.
 * Return: a new string, of any bytes; NULL when nothing is known, or without memory.
 */
char *location_path(const struct location *l);
/** location_set() - what location_path() makes @path of, an absolute path; as much as has room. */
void location_set(struct location *l, const char *path);

/* What the path of a control group says. Empty: nothing of the kind. */
struct control_group {
	char unit[256];	     /* of systemd's: "ssh.service" */
	char container[256]; /* the id that its engine has given it, hexadecimal, or its name */
	char pod[64];	     /* of Kubernetes: its uid */
};

/**
 * control_group_read() - who a control group belongs to.
 * @path: below the root of the hierarchy, as location_path() gives it
 *
 * Names: systemd.unit(5); the cgroup drivers "systemd" and "cgroupfs" of docker, podman, containerd
 * and CRI-O; lxc.payload.NAME of LXC; machine-NAME.scope of systemd-nspawn and libvirt.
 */
void control_group_read(struct control_group *g, const char *path);

#endif
