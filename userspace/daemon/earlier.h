/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What ran before the rule that names it came: no hook sees it any more. It is found, and recorded.
 */
#ifndef INTERDICT_EARLIER_H
#define INTERDICT_EARLIER_H

struct daemon;
struct earlier;

/** earlier_new() - what is needed to look. Return: NULL without memory. */
struct earlier *earlier_new(struct daemon *daemon);
/**
 * earlier_look() - look at all processes, and record those that execute or have mapped what the
 * image in force names, by its content.
 *
 * Done in a child process. A process and a file are recorded once, until the process has ended. One
 * look at a time: what is asked for meanwhile begins when it ends. Who is to be ended is handed to
 * the ender. NULL is allowed.
 */
void earlier_look(struct earlier *e);
/** earlier_look_for_more() - likewise if the last look has found more than it could hold. */
void earlier_look_for_more(struct earlier *e);
/** earlier_free() - let go. NULL is allowed. */
void earlier_free(struct earlier *e);

#endif
