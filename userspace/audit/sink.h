/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where records go beside the log: the journal, Linux audit, a copy of the log in OCSF's words.
 *
 * Each sink is on its own. Handing it a record never waits and never fails: what it does not take
 * stays in its backlog, in order, and is tried again until it does. The backlog has bounds; what
 * falls out of it, oldest first, is counted, and when the sink takes records again the first thing
 * it gets is one that says how many it missed. The log, which is the evidence, has them all.
 *
 * A sink that nobody has listened to so far (no journald, no auditd) is idle and not failing: the
 * last records wait for it, in case that it only comes later in the boot, and nothing is counted.
 */
#ifndef INTERDICT_SINK_H
#define INTERDICT_SINK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "audit/notice.h"
#include "machine/machine_conf.h"

/* One fails, is back, or missed some. */
#define MESSAGE_SINK_ID "1871d548eac14555846319a03cf23b44"

#define SINK_KEPT	1024	  /* records that wait for a sink */
#define SINK_KEPT_BYTES (4 << 20) /* at most */

/* ---- for who has records ----------------------------------------------------------------------
 */

struct sinks;

/**
 * sinks_open() - make the sinks ready; nothing is sent yet.
 * @conf: which there are
 *
 * Return: NULL without memory. All other functions take NULL for "there are none".
 */
struct sinks *sinks_open(const struct log_conf *conf);
/** sinks_configure() - turn sinks on and off; what waits for one that is turned off is dropped. */
void sinks_configure(struct sinks *s, const struct log_conf *conf);
/** sinks_place() - let the sink of this name write to @path, which the caller keeps: for tests. */
void sinks_place(struct sinks *s, const char *name, const char *path);
/**
 * sinks_watch() - from now on try again from @loop what could not be written. Without it, that is
 * done when the next record comes, and by sinks_flush().
 * Return: 0, or what sd_event_add_time(3) gives.
 */
int sinks_watch(struct sinks *s, sd_event *loop);
/** sinks_write() - hand a record to every sink. */
void sinks_write(struct sinks *s, const struct notice *n);
/**
 * sinks_log() - tell the others once when the log itself begins to fail, and when it is back.
 * @path: of the log
 * @err: what jsonl_write() gave for the record before: 0 or a negative errno
 */
void sinks_log(struct sinks *s, const char *path, int err);
/** sinks_flush() - wait up to @patience milliseconds until nothing waits any more. */
void sinks_flush(struct sinks *s, unsigned int patience);
/**
 * sinks_status() - as status has them.
 *
 * Return: a new array of {"name","state","why","written","waiting","missed"}. state is "off" (by
 * interdict.conf), "idle" (nobody has listened so far), "writing" or "failing"; why is there of the
 * last. NULL without memory.
 */
json_t *sinks_status(const struct sinks *s);
/** sinks_close() - sinks_flush() for a second, and let go. */
void sinks_close(struct sinks *s);

/* ---- for a sink -------------------------------------------------------------------------------
 */

/* A record in a sink's own words. */
struct sink_item {
	struct sink_item *next;
	unsigned int type; /* the sink's own */
	bool result;	   /* likewise */
	uint64_t tells;	   /* it says that so many were missed; 0: it is a record */
	size_t len;	   /* of data, which a NUL follows */
	char data[];
};

/** sink_item() - a new item that holds a copy of @len bytes; NULL without memory. */
struct sink_item *sink_item(const void *data, size_t len);

struct sink;

struct sink_type {
	const char *name;
	bool speaks; /* it says itself on standard error when it fails */
	/** make - put a notice in the sink's words; NULL: without memory. */
	struct sink_item *(*make)(const struct notice *n);
	/**
	 * send - hand an item over, without waiting.
	 *
	 * Return: 0; -EINPROGRESS: sink_done() will be called; -ENOTCONN: nobody is there to take
	 * it; -EMSGSIZE: it can never be sent; or any other negative errno: try again later.
	 */
	int (*send)(struct sink *s, const struct sink_item *item);
	/** ready - what `fd` waits for has come: it may call sink_done(). */
	void (*ready)(struct sink *s);
	/** close - let go of everything; send() may be called again. */
	void (*close)(struct sink *s);
};

enum sink_state { SINK_OFF, SINK_IDLE, SINK_WRITING, SINK_FAILING };

struct sink {
	const struct sink_type *type;
	struct sinks *owner;
	enum sink_state state;
	int error;			/* of SINK_FAILING, a negative errno */
	struct sink_item *first, **end; /* the backlog */
	size_t waiting, bytes;		/* in it, with what is in flight */
	struct sink_item *current;	/* in flight: send() said -EINPROGRESS */
	bool turning;
	uint64_t written, missed;
	uint64_t untold;	   /* of missed: the sink has not been told yet */
	uint64_t retry, delay;	   /* when to try again, and how long that was put off, us */
	uint64_t since;		   /* when current was sent, us */
	uint64_t refused;	   /* since when nothing was taken, us; 0: the last one was */
	sd_event_source *timer;	   /* NULL: not in a loop */
	sd_event_source *listener; /* of fd, likewise */
	int fd;			   /* of the sink's own; -1: there is none */
	unsigned int events;	   /* of fd, that ready() is called for; 0: none */
	uint64_t told;		   /* when it was last told that it missed some, us */
	/* the sink's own */
	const char *path; /* where it writes to; NULL: where it always does */
	unsigned int mode;
	int pid;
	void *own;
};

/** sink_done() - the item in flight was taken (0), or not (what send() may return). */
void sink_done(struct sink *s, int err);
/** sink_again() - it may take records again: try now. */
void sink_again(struct sink *s);
/** sink_listen() - call ready() when s->fd has one of these @events, EPOLLIN or EPOLLOUT. */
void sink_listen(struct sink *s, unsigned int events);
/** sink_ignore() - do not any more. */
void sink_ignore(struct sink *s);
/** sink_close() - likewise, and close s->fd. */
void sink_close(struct sink *s);

extern const struct sink_type sink_journal, sink_audit, sink_ocsf;

#endif
