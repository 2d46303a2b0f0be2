/* SPDX-License-Identifier: GPL-2.0-only */
/* One canary, run to its end. */
#ifndef INTERDICT_CANARY_RUN_H
#define INTERDICT_CANARY_RUN_H

/* What came of one try: 0: it was let through; an errno: refused; CANARY_FAILED: it began. */
#define CANARY_FAILED (-1)

/** canary_run_one() - run the program or script @path, and wait for it. Return: see above. */
int canary_run_one(const char *path);

#endif
