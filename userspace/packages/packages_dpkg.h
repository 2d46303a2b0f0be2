/* SPDX-License-Identifier: GPL-2.0-only */
/* dpkg's files: what the readers of its status and its lists share. */
#ifndef INTERDICT_PACKAGES_DPKG_H
#define INTERDICT_PACKAGES_DPKG_H

#include "packages_reader.h"

#define DPKG_NAME_LEN 128

/** dpkg_next_line() - without its end, or NULL; @text moves on. A NUL byte ends all. */
char *dpkg_next_line(char **text);
/** dpkg_is_name() - whether it may become part of a file's name. */
bool dpkg_is_name(const char *text);
/** dpkg_take_md5() - read an MD5 of @len digits. Return: whether it is one. */
bool dpkg_take_md5(uint8_t md5[CONTENT_MD5_LEN], const char *text, size_t len);

#endif
