/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files of a log: LOG, and before it LOG.1, LOG.2, … the older the higher. Whoever renames or
 * lists them holds the log's lock (jsonl.h). Killed at any point, all files are there, in order,
 * though a number between them may be free.
 */
#ifndef INTERDICT_ROTATE_H
#define INTERDICT_ROTATE_H

#include <stdint.h>
#include <stdio.h>

#define ROTATE_KEEP_MAX 999

/**
 * rotate_list() - which rotated files of a log there are.
 * @path: of the log
 * @numbers: those after the dot, ascending, which is from the youngest on
 * Return: how many, or what opendir(3) gives.
 */
int rotate_list(const char *path, unsigned int numbers[ROTATE_KEEP_MAX]);
/** rotate_name() - the path of a rotated file; 0 is the log itself. */
void rotate_name(char *name, size_t len, const char *path, unsigned int number);
/**
 * rotate_shift() - make LOG into LOG.1, and so on.
 * @keep: how many rotated files may be there afterwards, 1 or more: older ones are removed
 * Return: 0, or what rename(2) gives: then no record is lost.
 */
int rotate_shift(const char *path, unsigned int keep);
/**
 * rotate_first() - the number of the oldest record that is there.
 * @keep: how many rotated files count, the youngest ones
 * Return: 0: there is none.
 */
uint64_t rotate_first(const char *path, unsigned int keep);

#endif
