/* SPDX-License-Identifier: GPL-2.0-only */
/* The file of metrics, written from time to time: for node_exporter, or for anybody. */
#ifndef INTERDICT_METRICS_FILE_H
#define INTERDICT_METRICS_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

struct daemon;

#define METRICS_SECONDS 15

struct metrics_file {
	char *path; /* NULL: none is written */
	sd_event_source *timer;
	uint64_t failures; /* times that it could not be written */
	bool failing;	   /* the last time */
};

/**
 * metrics_watch() - write metrics to @path now, and every METRICS_SECONDS.
 * @path: ends in .prom; where another one was written before, that goes
 *
 * A file that cannot be written is told of once, counted, and tried again.
 *
 * Return: 0, or -errno.
 */
int metrics_watch(struct daemon *daemon, const char *path);
/** metrics_end() - write them once more, as they are at the end. */
void metrics_end(struct daemon *daemon);

#endif
