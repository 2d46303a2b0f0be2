/* SPDX-License-Identifier: GPL-2.0-only */
/* What /proc says of a process: proc(5). */
#ifndef INTERDICT_PROCESS_H
#define INTERDICT_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct process {
	pid_t parent;
	uint64_t start_time; /* ns since boot, in whole ticks of the clock */
	bool kernel;	     /* it is a thread of the kernel */
};

/** process_read() - its parent and start. Return: false when it has ended. */
bool process_read(struct process *p, pid_t pid);
/**
 * process_is() - whether @pid still is the process that began at @start_time, ns since boot as the
 * kernel has it: numbers are given anew.
 */
bool process_is(pid_t pid, uint64_t start_time);
/** process_is_below() - whether @pid is @above, or one that it has begun, or one of theirs. */
bool process_is_below(pid_t pid, pid_t above);
/** process_line() - the first line of one of its files; the empty string when it has ended. */
void process_line(char *line, size_t len, pid_t pid, const char *file);
/** process_number() - a number that is all of one of its files, or @otherwise. */
uint32_t process_number(pid_t pid, const char *file, uint32_t otherwise);
/** process_link() - where one of its links leads: a new string, or NULL. */
char *process_link(pid_t pid, const char *link);
/**
 * process_arguments() - its command line: what it claims, a blank between arguments.
 * Return: a new string of 4 kB at most, or NULL: it has none, or has ended.
 */
char *process_arguments(pid_t pid);

#endif
