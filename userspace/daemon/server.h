/* SPDX-License-Identifier: GPL-2.0-only */
/* The control socket, from the daemon's side: Varlink's wire format, root only. */
#ifndef INTERDICT_SERVER_H
#define INTERDICT_SERVER_H

#include <systemd/sd-event.h>

struct daemon;

/**
 * server_open() - listen on CONTROL_SOCKET.
 * Return: 0, or what socket(2), bind(2) and listen(2) give.
 */
int server_open(sd_event *loop, struct daemon *daemon);

#endif
