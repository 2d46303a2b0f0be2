/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What takes long says between its steps that it goes on, so that who watches can tell it from what
 * hangs. Nobody watches a command.
 */
#ifndef INTERDICT_ALIVE_H
#define INTERDICT_ALIVE_H

/** alive_tell() - from now on @tell is called by alive(), by any thread; NULL: nobody is told. */
void alive_tell(void (*tell)(void));
/** alive() - another step is done. It costs little. */
void alive(void);

#endif
