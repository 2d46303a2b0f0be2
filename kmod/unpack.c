// SPDX-License-Identifier: GPL-2.0-only
/* Compressed kernel modules, unpacked as the kernel unpacks them: the first stream, no more. */
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/xz.h>
#include <linux/zlib.h>
#include <linux/zstd.h>

#include "compat.h"
#include "interdict.h"

#define INPUT_CHUNK    (64 << 10)
#define DICTIONARY_MAX ((u32)INTERDICT_CONTENT_MAX)
#define PAGES_MAX      (INTERDICT_CONTENT_MAX / PAGE_SIZE)

/* Seconds. At boot hundreds of drivers come at once, one waits for the other, and what could not be
 * unpacked may be refused. */
#define UNPACK_PATIENCE 60

/* What a caller holds: the public part, and how it is freed. */
struct unpacked {
	struct interdict_buffer buffer;
	struct page **pages;
	size_t count;
	struct pool *pool;
	size_t claimed;
};

/* One unpacking: windows of input and output that a decoder moves on in. */
struct unpacker {
	struct file *file;
	u64 at; /* where the input after @in begins */
	u8 *in;
	size_t in_size, in_pos, in_len;
	u8 *page;
	size_t page_pos;
	struct unpacked *out;
	void *state, *workspace;
	z_stream zlib;
};

/**
 * struct decoder - a format.
 * @magic: how a file begins
 * @magic_len: its length
 * @open: get ready; -ENOMEM, -EFBIG, -EBADMSG
 * @step: decode from the input to the output window: 1 to go on, 0 at the stream's end, -EFBIG,
 *	-ENOMEM, -EOPNOTSUPP, -EBADMSG
 * @close: free what @open got, also after it failed
 */
struct decoder {
	u8 magic[6];
	u8 magic_len;
	int (*open)(struct unpacker *u);
	int (*step)(struct unpacker *u);
	void (*close)(struct unpacker *u);
};

#if IS_ENABLED(CONFIG_XZ_DEC)
static int xz_open(struct unpacker *u)
{
	u->state = xz_dec_init(XZ_DYNALLOC, DICTIONARY_MAX);
	return u->state ? 0 : -ENOMEM;
}

static int xz_error(enum xz_ret status)
{
	switch (status) {
	case XZ_STREAM_END:
		return 0;
	case XZ_OK:
		return 1;
	case XZ_MEM_ERROR:
		return -ENOMEM;
	case XZ_MEMLIMIT_ERROR:
		return -EFBIG;
	case XZ_UNSUPPORTED_CHECK:
	case XZ_OPTIONS_ERROR:
		return -EOPNOTSUPP;
	default:
		return -EBADMSG;
	}
}

static int xz_step(struct unpacker *u)
{
	struct xz_buf window = {
		.in = u->in,
		.in_pos = u->in_pos,
		.in_size = u->in_len,
		.out = u->page,
		.out_pos = u->page_pos,
		.out_size = PAGE_SIZE,
	};
	enum xz_ret status = xz_dec_run(u->state, &window);

	u->in_pos = window.in_pos;
	u->page_pos = window.out_pos;
	return xz_error(status);
}

static void xz_close(struct unpacker *u)
{
	xz_dec_end(u->state);
}
#endif

#if IS_ENABLED(CONFIG_ZLIB_INFLATE)
#define GZIP_HEADER 10
#define GZIP_NAME   0x08

/*
 * The kernel's zlib knows bare streams only. Of what may come before one, the kernel's own reading
 * of modules knows a name, and takes all else for the stream: so it is here, or another stream
 * would be looked into than is loaded. Returns 0 when the header is not whole.
 */
static size_t gzip_header(const u8 *in, size_t len)
{
	const u8 *end;

	if (len < GZIP_HEADER)
		return 0;
	if (!(in[3] & GZIP_NAME))
		return GZIP_HEADER;
	end = memchr(in + GZIP_HEADER, 0, len - GZIP_HEADER);
	return end ? end + 1 - in : 0;
}

static int gzip_open(struct unpacker *u)
{
	u->in_pos = gzip_header(u->in, u->in_len);
	if (!u->in_pos)
		return -EBADMSG;
	u->workspace = kvmalloc(zlib_inflate_workspacesize(), GFP_KERNEL);
	if (!u->workspace)
		return -ENOMEM;
	u->zlib.workspace = u->workspace;
	return zlib_inflateInit2(&u->zlib, -MAX_WBITS) == Z_OK ? 0 : -EBADMSG;
}

static int gzip_step(struct unpacker *u)
{
	int status;

	u->zlib.next_in = u->in + u->in_pos;
	u->zlib.avail_in = u->in_len - u->in_pos;
	u->zlib.next_out = u->page + u->page_pos;
	u->zlib.avail_out = PAGE_SIZE - u->page_pos;
	status = zlib_inflate(&u->zlib, 0);
	u->in_pos = u->in_len - u->zlib.avail_in;
	u->page_pos = PAGE_SIZE - u->zlib.avail_out;
	if (status == Z_STREAM_END)
		return 0;
	/* Z_BUF_ERROR: nothing to do, which the caller finds out too. */
	return status == Z_OK || status == Z_BUF_ERROR ? 1 : -EBADMSG;
}

static void gzip_close(struct unpacker *u)
{
	kvfree(u->workspace);
}
#endif

#if IS_ENABLED(CONFIG_ZSTD_DECOMPRESS)
static int zstd_open(struct unpacker *u)
{
	zstd_frame_header header;
	size_t size;

	if (zstd_get_frame_header(&header, u->in, u->in_len))
		return -EBADMSG;
	if (header.windowSize > DICTIONARY_MAX)
		return -EFBIG;
	size = zstd_dstream_workspace_bound(header.windowSize);
	u->workspace = kvmalloc(size, GFP_KERNEL | __GFP_NOWARN);
	if (!u->workspace)
		return -ENOMEM;
	u->state = zstd_init_dstream(header.windowSize, u->workspace, size);
	return u->state ? 0 : -ENOMEM;
}

static int zstd_step(struct unpacker *u)
{
	zstd_in_buffer in = {.src = u->in, .pos = u->in_pos, .size = u->in_len};
	zstd_out_buffer out = {.dst = u->page, .pos = u->page_pos, .size = PAGE_SIZE};
	size_t left = zstd_decompress_stream(u->state, &out, &in);

	if (zstd_is_error(left))
		return -EBADMSG;
	u->in_pos = in.pos;
	u->page_pos = out.pos;
	return left != 0;
}

static void zstd_close(struct unpacker *u)
{
	kvfree(u->workspace);
}
#endif

static const struct decoder decoders[] = {
#if IS_ENABLED(CONFIG_XZ_DEC)
	{{0xfd, '7', 'z', 'X', 'Z', 0}, 6, xz_open, xz_step, xz_close},
#endif
#if IS_ENABLED(CONFIG_ZLIB_INFLATE)
	{{0x1f, 0x8b, 8}, 3, gzip_open, gzip_step, gzip_close},
#endif
#if IS_ENABLED(CONFIG_ZSTD_DECOMPRESS)
	{{0x28, 0xb5, 0x2f, 0xfd}, 4, zstd_open, zstd_step, zstd_close},
#endif
};

static const struct decoder *decoder_of(const struct unpacker *u)
{
	const struct decoder *decoder;

	for (decoder = decoders; decoder < decoders + ARRAY_SIZE(decoders); decoder++) {
		if (u->in_len >= decoder->magic_len &&
		    !memcmp(u->in, decoder->magic, decoder->magic_len))
			return decoder;
	}
	return NULL;
}

static int more_input(struct unpacker *u)
{
	ssize_t got;

	if (u->in_pos < u->in_len)
		return 0;
	got = source_read(u->file, u->in, u->in_size, u->at);
	if (got < 0)
		return got;
	u->at += got;
	u->in_pos = 0;
	u->in_len = got;
	return 0;
}

static int more_output(struct unpacker *u)
{
	struct unpacked *out = u->out;
	struct page *page;

	if (u->page && u->page_pos < PAGE_SIZE)
		return 0;
	if (out->count == PAGES_MAX)
		return -EFBIG;
	page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!page)
		return -ENOMEM;
	out->pages[out->count++] = page;
	u->page = page_address(page);
	u->page_pos = 0;
	return 0;
}

/* A decoder that gets input and room, and uses neither, has come to the end of a cut file. */
static int one_step(struct unpacker *u, const struct decoder *decoder)
{
	size_t in_pos, page_pos;
	int more;

	more = more_input(u) ?: more_output(u);
	if (more)
		return more;
	in_pos = u->in_pos;
	page_pos = u->page_pos;
	more = decoder->step(u);
	if (more > 0 && u->in_pos == in_pos && u->page_pos == page_pos)
		return -EBADMSG;
	return more;
}

static int decode(struct unpacker *u, const struct decoder *decoder)
{
	int more;

	more = decoder->open(u);
	if (!more) {
		do {
			more = fatal_signal_pending(current) ? -EINTR : one_step(u, decoder);
			cond_resched();
		} while (more > 0);
	}
	decoder->close(u);
	return more;
}

static int decode_known(struct unpacker *u)
{
	const struct decoder *decoder;
	int err;

	err = more_input(u);
	if (err)
		return err;
	decoder = decoder_of(u);
	if (!decoder)
		return -EOPNOTSUPP;
	err = decode(u, decoder);
	if (!err)
		u->out->buffer.len = (u->out->count - 1) * PAGE_SIZE + u->page_pos;
	return err;
}

static int unpack_into(struct unpacked *out, struct file *file)
{
	struct unpacker u = {.file = file, .out = out, .in_size = INPUT_CHUNK};
	int err;

	u.in = source_chunk(&u.in_size);
	if (!u.in)
		return -ENOMEM;
	err = decode_known(&u);
	kvfree(u.in);
	return err;
}

static void unpacked_free(struct unpacked *out)
{
	vunmap((void *)(unsigned long)out->buffer.address);
	while (out->count)
		__free_page(out->pages[--out->count]);
	kvfree(out->pages);
	pool_release(out->pool, out->claimed);
	kfree(out);
}

static int unpacked_fill(struct unpacked *out, struct file *file)
{
	void *address;
	int err;

	out->pages = kvcalloc(PAGES_MAX, sizeof(*out->pages), GFP_KERNEL_ACCOUNT);
	if (!out->pages)
		return -ENOMEM;
	err = unpack_into(out, file);
	if (err)
		return err;
	address = vmap(out->pages, out->count, VM_MAP, PAGE_KERNEL_RO);
	if (!address)
		return -ENOMEM;
	out->buffer.address = (unsigned long)address;
	return 0;
}

/* The whole pool is claimed while nobody knows how much it will be. */
static struct unpacked *unpack(struct file *file)
{
	struct pool *pool = pool_of(file);
	struct unpacked *out;
	int err;

	err = pool_claim(pool, INTERDICT_CONTENT_MAX, UNPACK_PATIENCE);
	if (err)
		return ERR_PTR(err);
	out = kzalloc(sizeof(*out), GFP_KERNEL_ACCOUNT);
	if (!out) {
		pool_release(pool, INTERDICT_CONTENT_MAX);
		return ERR_PTR(-ENOMEM);
	}
	out->pool = pool;
	out->claimed = INTERDICT_CONTENT_MAX;
	err = unpacked_fill(out, file);
	if (err) {
		unpacked_free(out);
		return ERR_PTR(err);
	}
	out->claimed = out->count * PAGE_SIZE;
	pool_release(pool, INTERDICT_CONTENT_MAX - out->claimed);
	return out;
}

__bpf_kfunc struct interdict_buffer *interdict_file_unpack(struct file *file, __s32 *error)
{
	struct unpacked *out;

	file = source_open(file);
	if (IS_ERR(file)) {
		*error = PTR_ERR(file);
		return NULL;
	}
	out = unpack(file);
	fput(file);
	*error = PTR_ERR_OR_ZERO(out);
	return *error ? NULL : &out->buffer;
}

__bpf_kfunc void interdict_buffer_put(struct interdict_buffer *buffer)
{
	unpacked_free(container_of(buffer, struct unpacked, buffer));
}
