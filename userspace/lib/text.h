/* SPDX-License-Identifier: GPL-2.0-only */
/* Text from anybody. */
#ifndef INTERDICT_TEXT_H
#define INTERDICT_TEXT_H

#include <stddef.h>

/**
 * text_to_utf8() - turn any bytes into valid UTF-8 that can be turned back.
 * @bytes: @len bytes of anything
 *
 * What is not UTF-8 (overlong forms, surrogates and U+0000 included) becomes \xNN, and a backslash
 * becomes \\.
 *
 * Return: a new string, or NULL without memory.
 */
char *text_to_utf8(const char *bytes, size_t len);
/**
 * text_escape() - make one line of hostile text, that no terminal obeys.
 *
 * Control characters, what turns the direction of text and what is not UTF-8 become \xNN.
 *
 * Return: a new string, or NULL without memory.
 */
char *text_escape(const char *text);

#endif
