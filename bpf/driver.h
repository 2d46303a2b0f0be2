/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Drivers. They are judged by the bytes that are loaded: the kernel shows those in hooks that can
 * neither sleep nor ask for a path, so that the path, the state of the signature and what is inside
 * of a packed driver are found out in the hook before, on the file, and are bound to the bytes by
 * their digest.
 */
#ifndef INTERDICT_BPF_DRIVER_H
#define INTERDICT_BPF_DRIVER_H

#include "identify.h"
#include "names.h"
#include "report.h"
#include "verdict.h"

static __always_inline int is_driver_file(__u32 id)
{
	if (id == bpf_core_enum_value(enum kernel_read_file_id, READING_MODULE))
		return 1;
	return bpf_core_enum_value_exists(enum kernel_read_file_id___7,
					  READING_MODULE_COMPRESSED) &&
	       id == bpf_core_enum_value(enum kernel_read_file_id___7, READING_MODULE_COMPRESSED);
}

static __always_inline int is_driver_data(__u32 id)
{
	return id == bpf_core_enum_value(enum kernel_load_data_id, LOADING_MODULE);
}

/* What rules ask of a driver's inside. */
static __always_inline __u32 driver_kinds(const struct image_header *header)
{
	return header->kinds & KINDS_EXAMINED;
}

/* What is looked for once one is looked into: its name, too, for the record. */
static __always_inline __u32 driver_wants(const struct image_header *header)
{
	return driver_kinds(header) | KIND_BIT(FINGERPRINT_MODULE_NAME);
}

/* ---- before it is read --------------------------------------------------------------------- */

static __always_inline void add_digest(struct examination *x)
{
	add_fingerprint(x, FINGERPRINT_SHA256, x->digest);
	x->identity.taken |= KIND_BIT(FINGERPRINT_SHA256);
}

/* Longer than what clang copies by itself. */
static __always_inline void copy_identity(struct identity *to, const struct identity *from)
{
	bpf_probe_read_kernel(to, sizeof(*to), from);
}

/* Remember what was found in the file's bytes, for those with this digest. */
static __always_inline void bind_driver(struct driver *d, const struct examination *x)
{
	copy_identity(&d->identity, &x->identity);
	__builtin_memcpy(d->module, x->module, sizeof(d->module));
	d->bound = 1;
}

/* A driver that the kernel would unpack: look inside, with the module. 0, or why that was not
 * possible, a negative errno. */
static __always_inline long examine_packed(struct examination *x, struct file *file,
					   const struct image_header *header)
{
	struct interdict_buffer *plain;
	__s32 why = 0;
	long error;

	plain = interdict_file_unpack(file, &why);
	if (!plain)
		return why ? why : -EIO;
	error = digest_bytes(x, plain->address, plain->len);
	if (!error)
		add_digest(x);
	examine_unpacked(x, plain, driver_wants(header));
	interdict_buffer_put(plain);
	return error;
}

/* By how a file begins, in the bytes' order: xz, gzip, zstd. */
static __always_inline int is_packed(__u64 head)
{
	return (head & 0xffffffffff) == 0x5a587a37fd || (head & 0xffff) == 0x8b1f ||
	       (head & 0xffffffff) == 0xfd2fb528;
}

/* What verifying and unpacking find; both need the file, and the module. 0, or why it is not
 * known, a negative errno. */
static __always_inline long prepare_identity(struct examination *x, struct driver *d,
					     struct file *file, const struct image_header *header)
{
	struct interdict_range whole = {.len = INTERDICT_TO_END};
	__u64 head = 0;
	long error;
	int packed;

	error = interdict_file_read(file, 0, &head, sizeof(head));
	if (error < 0)
		return error;
	packed = is_packed(head);
	if (!packed && !driver_kinds(header))
		return 0;
	error = interdict_file_digest(file, &whole, sizeof(whole), d->digest, sizeof(d->digest));
	if (error)
		return error;
	if (packed)
		error = examine_packed(x, file, header);
	else
		examine_file(x, file, content_size(file), driver_wants(header));
	if (!error && x->identity.fault == FAULT_READ)
		error = -EIO;
	if (!error)
		bind_driver(d, x);
	return error;
}

/* The entry of this task, empty; NULL when there is no place. */
static __always_inline struct driver *new_driver(void)
{
	__u64 task = bpf_get_current_pid_tgid();
	struct driver *zeros = only_element(&no_driver);

	if (!zeros || bpf_map_update_elem(&drivers, &task, zeros, BPF_ANY))
		return NULL;
	return bpf_map_lookup_elem(&drivers, &task);
}

static __noinline int prepare_driver(struct file *file)
{
	image_t *image = only_element(&policy);
	const struct image_header *header = image ? image_line(image, 0) : NULL;
	struct driver *d = new_driver();
	struct place place;
	long len;

	if (!d || !header)
		return 0;
	len = bpf_d_path(&file->f_path, d->path, sizeof(d->path));
	d->path_len = len > 0 ? len : 0;
	if (!(capabilities & CAN_KMOD))
		return 0;
	place = begin_scratch(file->f_inode->i_sb->s_magic);
	d->error = place.x ? prepare_identity(place.x, d, file, header) : -ENOMEM;
	end_scratch(&place);
	return 0;
}

/* ---- the bytes ----------------------------------------------------------------------------- */

static __always_inline int is_bound(const struct driver *d, const __u8 digest[FINGERPRINT_LEN])
{
	const __u64 *a = (const __u64 *)d->digest, *b = (const __u64 *)digest;

	return d->bound && a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3];
}

/* Take over what was found in the file. */
static __always_inline void take_bound(struct examination *x, const struct driver *d)
{
	copy_identity(&x->identity, &d->identity);
	__builtin_memcpy(x->module, d->module, sizeof(x->module));
}

/* Whether the kernel unpacks the bytes at @address behind this hook, and shows no other what comes
 * of it: then they are only known by what was found in the file. */
static __noinline int is_hidden(struct file *file, __u64 address)
{
	__u64 head = 0;

	if (!file || !(capabilities & CAN_KMOD) || capabilities & CAN_UNPACKED)
		return 0;
	bpf_probe_read_kernel(&head, sizeof(head), (const void *)address);
	return is_packed(head);
}

/* Why of what is hidden nothing is known: @d was displaced, or is of other bytes. */
static __always_inline long why_hidden(const struct driver *d)
{
	if (!d)
		return -ENOMEM;
	return d->error ? d->error : -ESTALE;
}

/* What the driver is, into x->identity; @d is what was found in its file, or NULL. 0, or a negative
 * errno: its bytes could not be read. */
static __always_inline long identify_driver(struct examination *x, struct driver *d,
					    const struct image_header *header, __u64 address,
					    __u64 size, int candidate, int hidden)
{
	long error = 0;

	x->module[0] = 0;
	if (candidate || (d && d->bound))
		error = digest_bytes(x, address, size);
	if (error)
		return error;
	if (d && is_bound(d, x->digest))
		take_bound(x, d);
	if (candidate)
		add_digest(x);
	if (d && is_bound(d, x->digest))
		return 0;
	if (hidden)
		return why_hidden(d);
	examine_buffer(x, address, size, driver_wants(header));
	return x->identity.fault == FAULT_READ ? -EIO : 0;
}

/* The event of a driver: with the path of its file, or from memory. @x is NULL without memory. */
static __always_inline void report_driver(image_t *image, const struct image_header *header,
					  struct finding *finding, struct examination *x,
					  const struct driver *d, struct file *file,
					  struct counters *count)
{
	struct event *e = begin_event(header, file ? file->f_inode : NULL, finding, count);

	if (!e)
		return;
	if (x) {
		describe_rule(e, image, header, finding, &x->identity);
		__builtin_memcpy(e->module, x->module, sizeof(e->module));
	}
	if (d && d->path_len) {
		bpf_probe_read_kernel(e->path, sizeof(e->path), d->path);
		e->path_len = d->path_len;
		e->flags &= ~EVENT_PATH_UNKNOWN;
	}
	bpf_ringbuf_submit(e, 0);
}

/* The verdict on what was found in a driver; @x is NULL where there was no place to look. Apart
 * from the looking, for the stack of both. -EPERM, or 0. */
static __noinline int judge_driver(image_t *image, struct finding *finding, struct examination *x,
				   const struct driver *d, struct file *file)
{
	const struct image_header *header = image_line(image, 0);
	struct counters *count = only_element(&counters);

	if (!header)
		return 0;
	if (x && !finding->error && !finding->name && is_unlisted(image, header, &x->identity))
		return 0;
	find(image, header, x && !finding->error ? &x->identity : NULL, finding);
	if (!count || !settle(image, header, finding, count))
		return 0;
	report_driver(image, header, finding, x, d, file, count);
	return finding->verdict.deny ? -EPERM : 0;
}

/* Judge the @size bytes at @address; @file is NULL for a driver from memory. Does not sleep, and
 * waits for nothing: a slot will do. */
static __noinline int decide_driver(struct file *file, __u64 address, __u64 size, __u32 hook)
{
	__u64 task = bpf_get_current_pid_tgid();
	struct driver *d = file ? bpf_map_lookup_elem(&drivers, &task) : NULL;
	image_t *image = only_element(&policy);
	const struct image_header *header = image ? image_line(image, 0) : NULL;
	__u64 name = 0;
	struct finding finding;
	struct slot *slot;
	int candidate, hidden, answer;

	if (!header)
		return 0;
	if (file && has_names(header))
		name = find_names(image, file);
	finding = begin_finding(SUBJECT(hook) | blurred(name));
	finding.error = -ENOMEM;
	finding.want = driver_kinds(header);
	candidate = image_is_candidate(image, header, size);
	hidden = is_hidden(file, address);
	if (candidate || hidden || (d && d->bound))
		finding.want |= KIND_BIT(FINGERPRINT_SHA256);
	if (!finding.want && !finding.name)
		return 0;
	slot = claim_slot();
	if (!slot)
		return judge_driver(image, &finding, NULL, d, file);
	clear_identity(&slot->x.identity);
	finding.error =
		blur(identify_driver(&slot->x, d, header, address, size, candidate, hidden));
	answer = judge_driver(image, &finding, &slot->x, d, file);
	give_back(&slot->taken);
	return answer;
}

#endif
