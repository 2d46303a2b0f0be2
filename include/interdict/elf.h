/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ELF (gABI): the build-id among its notes, and the name of a driver. Programs and libraries have
 * notes in program headers, drivers in sections. Little-endian files of both classes.
 */
#ifndef INTERDICT_ELF_H
#define INTERDICT_ELF_H

#include "sha256.h"

enum elf_state {
	ELF_HEADER,
	ELF_SEGMENTS,	  /* program headers, as many as the window holds */
	ELF_NAMES,	  /* the header of the section that holds the names of sections */
	ELF_SECTION,	  /* one section header */
	ELF_SECTION_NAME, /* its name */
	ELF_NOTE,	  /* one note */
	ELF_MODULE,	  /* struct module, as a driver's file has it */
	ELF_DONE,	  /* for whoever comes next */
};

#define ELF_REL		  1
#define ELF_SEGMENT_NOTE  4
#define ELF_SECTION_NOTE  7
#define ELF_NOTE_BUILD_ID 3
#define ELF_SECTIONS_MAX  512	/* of a program, that are looked at */
#define ELF_UNNAMED	  ~0ULL /* whatever they are called */

PARSE_INLINE int elf_is64(const struct examination *x)
{
	return x->is_elf == 64;
}

/* A word of the class's size. */
PARSE_INLINE __u64 elf_word(const struct examination *x, __u32 at64, __u32 at32)
{
	return elf_is64(x) ? le64_at(x, at64) : le32_at(x, at32);
}

PARSE_INLINE int elf_done(struct examination *x)
{
	x->state = ELF_DONE;
	return 1;
}

PARSE_INLINE int elf_wants(const struct examination *x, __u32 kind)
{
	return x->want & KIND_BIT(kind);
}

/* Go's linker leaves the build-id out of the program headers: then the sections are looked at. */
PARSE_GLOBAL int elf_sections(struct examination *x)
{
	if (!x)
		return 1;
	if (!x->sections.len || !elf_wants(x, FINGERPRINT_BUILD_ID))
		return elf_done(x);
	x->index = 0;
	x->entry = x->sections.at;
	x->count = x->sections.len < ELF_SECTIONS_MAX ? x->sections.len : ELF_SECTIONS_MAX;
	x->end = elf_is64(x) ? 64 : 40;
	x->names = ELF_UNNAMED;
	x->sections.len = 0;
	return ask_window(x, PARSER_ELF, ELF_SECTION, x->entry);
}

/* On to the next header, or to the end of them. */
PARSE_INLINE int elf_next(struct examination *x)
{
	__u32 state = x->names ? ELF_SECTION : ELF_SEGMENTS;

	if (x->index >= x->count)
		return elf_sections(x);
	return ask_window(x, PARSER_ELF, state, x->entry + x->index * x->end);
}

PARSE_INLINE int elf_header(struct examination *x)
{
	__u32 names = le16_at(x, elf_is64(x) ? 62 : 50);

	x->index = 0;
	x->sections.at = elf_word(x, 40, 32);
	x->sections.len = le16_at(x, elf_is64(x) ? 60 : 48);
	if (le16_at(x, 16) != ELF_REL) {
		x->entry = elf_word(x, 32, 28);
		x->end = elf_is64(x) ? 56 : 32;
		x->count = le16_at(x, elf_is64(x) ? 56 : 44);
		return elf_wants(x, FINGERPRINT_BUILD_ID) ? elf_next(x) : elf_done(x);
	}
	if (!elf_wants(x, FINGERPRINT_MODULE_NAME))
		return elf_sections(x);
	x->entry = x->sections.at;
	x->end = elf_is64(x) ? 64 : 40;
	x->count = x->sections.len;
	x->sections.len = 0;
	return ask_window(x, PARSER_ELF, ELF_NAMES, x->entry + names * x->end);
}

PARSE_INLINE int elf_begin_note(struct examination *x, __u64 at, __u64 len, __u64 align)
{
	x->note.at = at;
	x->note.len = len;
	x->nested_end = align == 8 ? 8 : 4;
	return ask_window(x, PARSER_ELF, ELF_NOTE, at);
}

/* Return: which header in the window is of a note, or how many there are. */
PARSE_GLOBAL int elf_find_note(struct examination *x)
{
	__u32 i, whole;

	if (!x || x->got < 0)
		return 0;
	whole = elf_is64(x) ? x->got / 56u : x->got / 32u;
	for (i = 0; i < WINDOW_LEN / 32; i++) {
		if (i >= whole)
			return whole;
		if (le32_at(x, i * (elf_is64(x) ? 56 : 32)) == ELF_SEGMENT_NOTE)
			return i;
	}
	return whole;
}

PARSE_INLINE int elf_segments(struct examination *x)
{
	__u32 whole = x->got > 0 ? (elf_is64(x) ? x->got / 56u : x->got / 32u) : 0;
	__u32 i = elf_find_note(x);
	__u32 at = i * (elf_is64(x) ? 56 : 32);

	if (!whole)
		return elf_done(x);
	x->index += i;
	if (i >= whole || x->index >= x->count)
		return elf_next(x);
	x->index++;
	return elf_begin_note(x, elf_word(x, at + 8, at + 4), elf_word(x, at + 32, at + 16),
			      elf_word(x, at + 48, at + 28));
}

PARSE_INLINE int elf_names(struct examination *x)
{
	if (!has(x, elf_is64(x) ? 64 : 40))
		return elf_done(x);
	x->names = elf_word(x, 24, 16);
	return x->names ? elf_next(x) : elf_done(x);
}

/* Where a section lies is kept in x->note until its name is known. */
PARSE_INLINE int elf_section(struct examination *x)
{
	__u64 align = elf_word(x, 48, 32);

	if (!has(x, elf_is64(x) ? 64 : 40))
		return elf_done(x);
	x->index++;
	x->note.at = elf_word(x, 24, 16);
	x->note.len = elf_word(x, 32, 20);
	if (le32_at(x, 4) == ELF_SECTION_NOTE && elf_wants(x, FINGERPRINT_BUILD_ID))
		return elf_begin_note(x, x->note.at, x->note.len, align);
	if (x->names == ELF_UNNAMED)
		return elf_next(x);
	return ask_window(x, PARSER_ELF, ELF_SECTION_NAME, x->names + le32_at(x, 0));
}

PARSE_INLINE int elf_section_name(struct examination *x)
{
	if (*x->module || !window_is(x, 0, ".gnu.linkonce.this_module", 26))
		return elf_next(x);
	/* enum module_state, struct list_head, and then the name, in every version */
	return ask_window(x, PARSER_ELF, ELF_MODULE, x->note.at + (elf_is64(x) ? 24 : 12));
}

/* The build-id in the window's note, of 1 to 32 bytes. */
PARSE_INLINE int elf_take_build_id(struct examination *x, __u32 len)
{
	if (!text_copy(x, 16, len))
		return 0;
	add_padded(x, FINGERPRINT_BUILD_ID, x->text, len);
	x->want &= ~KIND_BIT(FINGERPRINT_BUILD_ID);
	return 1;
}

PARSE_INLINE int elf_note(struct examination *x)
{
	__u64 name = le32_at(x, 0), desc = le32_at(x, 4), mask = x->nested_end - 1, used;

	used = (12 + name + mask) & ~mask;
	used = (used + desc + mask) & ~mask;
	if (!has(x, 16) || x->note.len < 16)
		return elf_next(x);
	if (le32_at(x, 8) == ELF_NOTE_BUILD_ID && name == 4 && window_is(x, 12, "GNU", 4) && desc &&
	    desc <= FINGERPRINT_LEN && elf_take_build_id(x, desc))
		return x->names && x->names != ELF_UNNAMED ? elf_next(x) : elf_done(x);
	if (used >= x->note.len)
		return elf_next(x);
	x->note.at += used;
	x->note.len -= used;
	return ask_window(x, PARSER_ELF, ELF_NOTE, x->note.at);
}

/* One character. Return: 1 behind the last. */
static inline long elf_name_character(__u32 turn, void *context)
{
	struct examination *x = *(struct examination **)context;
	__u32 c = byte_at(x, turn);

	if (!c || turn >= MODULE_NAME_LEN - 1)
		return 1;
	x->module[turn] = c;
	x->text[turn] = c == '-' ? '_' : c;
	x->text_len = turn + 1;
	return 0;
}

/* A driver's name as it is shown, and with - as _ in the text, as it is compared. Return: its
 * length.
 */
PARSE_GLOBAL int elf_read_name(struct examination *x)
{
	struct examination *context = x;

	if (!x || !has(x, MODULE_NAME_LEN))
		return 0;
	__builtin_memset(x->module, 0, sizeof(x->module));
	x->text_len = 0;
	parse_loop(MODULE_NAME_LEN - 1, elf_name_character, &context);
	return x->text_len;
}

PARSE_INLINE int elf_module(struct examination *x)
{
	if (elf_read_name(x)) {
		sha256_text(x);
		add_fingerprint(x, FINGERPRINT_MODULE_NAME, x->digest);
	}
	return elf_next(x);
}

/** elf_step() - take the answer to what was asked last. Return: 1 when all is found or lost. */
PARSE_GLOBAL int elf_step(struct examination *x)
{
	if (!x)
		return 1;
	if (!x->got)
		return elf_done(x);
	switch (x->state) {
	case ELF_HEADER:
		return elf_header(x);
	case ELF_SEGMENTS:
		return elf_segments(x);
	case ELF_NAMES:
		return elf_names(x);
	case ELF_SECTION:
		return elf_section(x);
	case ELF_SECTION_NAME:
		return elf_section_name(x);
	case ELF_NOTE:
		return elf_note(x);
	case ELF_MODULE:
		return elf_module(x);
	}
	return 1;
}

/* Whether the window, which begins the source, begins an ELF file that this can read. */
PARSE_INLINE int elf_begins(struct examination *x)
{
	if (!window_is(x, 0, "\177ELF", 4) || !has(x, 52) || byte_at(x, 5) != 1)
		return 0;
	x->is_elf = byte_at(x, 4) == 2 ? 64 : byte_at(x, 4) == 1 ? 32 : 0;
	return x->is_elf == 32 || (x->is_elf == 64 && has(x, 64));
}

#endif
