/* SPDX-License-Identifier: GPL-2.0-only */
/* Escapes of JSON strings: what the reader of records and that of their values share. */
#ifndef INTERDICT_RECORD_ESCAPE_H
#define INTERDICT_RECORD_ESCAPE_H

#include <stddef.h>
#include <stdint.h>

/**
 * record_take_code() - read XXXX, or XXXX\uXXXX, behind a \u.
 * Return: the bytes that this takes; 0: it is no character.
 */
size_t record_take_code(uint32_t *code, const char *s, const char *end);

#endif
