/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a file is, by its content: never by its name or its mode. In one pass, with its digest.
 *
 * The bytes are taken for hostile: no length or offset in them is trusted, nothing beyond the first
 * CONTENT_HEAD bytes is looked at but for a name that every driver must contain, and what a packed
 * driver unpacks to is bounded.
 */
#ifndef INTERDICT_CONTENT_H
#define INTERDICT_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "digests.h"
#include "interdict/kfuncs.h"

enum content_kind {
	CONTENT_OTHER = 0,
	CONTENT_PROGRAM,       /* ELF: ET_EXEC, or ET_DYN that names an interpreter */
	CONTENT_LIBRARY,       /* ELF: any other ET_DYN; a static-pie program looks the same */
	CONTENT_SCRIPT,	       /* begins with #! and an interpreter */
	CONTENT_PE,	       /* MZ, PE: a program for UEFI or Windows, a .NET assembly */
	CONTENT_DRIVER,	       /* ELF: ET_REL in which the kernel finds a module */
	CONTENT_DRIVER_PACKED, /* gzip, xz or zstd of a driver */
	CONTENT_PACKAGE,       /* .deb or .rpm: holds components, is none */
	CONTENT_ARCHIVE,       /* tar, zip or bzip2; gzip, xz or zstd of what may hold components */
	/* What the first bytes leave open; content_read() settles it. */
	CONTENT_RELOCATABLE, /* ELF: ET_REL: a driver, or an object file */
	CONTENT_PACKED,	     /* gzip, xz or zstd: of a driver, or of anything */
};

/* As many first bytes as any kind but a driver is told by. */
#define CONTENT_HEAD 4096

/**
 * content_classify() - what a file is, as far as its first bytes tell.
 * @head: the first CONTENT_HEAD bytes; all there are, if the file is shorter
 * @len: how many these are
 */
enum content_kind content_classify(const void *head, size_t len);

/** content_name() - a kind in the words of messages and JSON: "program", "pe-image", … */
const char *content_name(enum content_kind kind);

/** content_is_component() - whether the kernel runs, maps or loads such a file. */
static inline bool content_is_component(enum content_kind kind)
{
	return kind >= CONTENT_PROGRAM && kind <= CONTENT_DRIVER_PACKED;
}

/** content_is_archive() - whether such a file is no component, and may hold some. */
static inline bool content_is_archive(enum content_kind kind)
{
	return kind == CONTENT_PACKAGE || kind == CONTENT_ARCHIVE;
}

#define CONTENT_MD5_LEN 16

/* It proves nothing: dpkg's lists have no other, and say by it what is worth a closer look. */
struct content_md5 {
	bool known; /* it was asked for, and this OpenSSL has it (one of FIPS has not) */
	uint8_t value[CONTENT_MD5_LEN];
};

struct content {
	enum content_kind kind;
	struct digest digest; /* of the bytes as they are */
	struct digest plain;  /* of a packed driver: of what the kernel gets from modprobe */
	struct content_md5 md5, plain_md5; /* of the same bytes */
	bool broken; /* a packed driver, or object file, that breaks off: there is no `plain` */
};

/* What a packed driver unpacks to. Zeroed by the caller, who frees `v`. */
struct content_plain {
	uint8_t *v; /* NULL: it is no packed driver, it breaks off, or it is too large to be kept */
	size_t n, capacity;
};

/* A larger one is digested, and not kept: the kernel module unpacks no more either. */
#define CONTENT_PLAIN_MAX INTERDICT_CONTENT_MAX

/* Where bytes come from. */
struct content_source {
	/* The next bytes, valid until the next call: their count, 0 at the end, or an error. */
	ssize_t (*next)(void *context, const void **data);
	void *context;
	bool md5;	    /* take the MD5, too, of what the digest is taken of */
	uint64_t *unpacked; /* NULL, or where the bytes are added that a packed driver gives */
	struct content_plain *plain; /* NULL, or where these bytes are kept … */
	uint64_t plain_max;	     /* … if they are no more; 0: CONTENT_PLAIN_MAX */
	/*
	 * NULL, or the windows that are open (window.h). What asks for too much is not
	 * unpacked, as if it broke off, but the error is -EOVERFLOW; nor is what is packed twice
	 * in a row in the same way.
	 */
	uint64_t *windows;
	bool no_driver; /* what unpacks to a driver is passed over */
	/*
	 * NULL, or who takes what is packed, is no driver and may be or hold a component: @inside
	 * gives the unpacked bytes from the first on, and -EBADMSG where these break off. An error
	 * it returns is content_read()'s. The kind is then CONTENT_ARCHIVE all the same.
	 */
	int (*take)(void *context, const struct content_source *inside);
};

/* A source whose first bytes are looked at before they are taken. Zeroed but for @source. */
struct content_peek {
	const struct content_source *source;
	size_t len, rest_len;
	const uint8_t *rest; /* what came together with the head's last byte */
	int error;	     /* what the source gave */
	bool begun;	     /* the head was given */
	uint8_t head[CONTENT_HEAD];
};

/**
 * content_peek() - fill @head with the first bytes, @len of them, before any are taken.
 * Return: 0, or the source's error.
 */
int content_peek(struct content_peek *p);
/** content_peek_next() - the source's bytes, from the first on; `next` of another source. */
ssize_t content_peek_next(void *peek, const void **data);

/**
 * content_read() - classify and digest what a source gives.
 * @c: filled; of what is no component, only the kind, unless @all
 * @source: read to its end, or, unless @all, until it is sure to hold no component
 * @all: take the digest whatever it is
 *
 * Return: 0; -ENOMEM; or the source's error.
 */
int content_read(struct content *c, const struct content_source *source, bool all);
/**
 * content_read_fd() - likewise, of what @fd reads from where it stands.
 * Return: 0, -ENOMEM, or what read(2) gives.
 */
int content_read_fd(struct content *c, int fd, bool all);
/** content_read_fd_md5() - content_read_fd() of what may be a component, with its MD5. */
int content_read_fd_md5(struct content *c, int fd);
/** content_read_fd_plain() - likewise of any file, and keep what a packed driver unpacks to. */
int content_read_fd_plain(struct content *c, struct content_plain *plain, int fd);

#endif
