/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The Open Cybersecurity Schema Framework, 1.8 (https://schema.ocsf.io): a record of the log in its
 * words, and a sink that keeps a copy of the log in them (sink_ocsf; Format=ocsf).
 *
 * It is a second file beside the log, and not another form of the log: the log is the evidence,
 * whose lines are chained, and which `interdict events` and the report read; a record of OCSF may
 * hold no members of ours but below `unmapped`, so that a chain would make it invalid to whoever
 * checks it. Each record names its line of the log: metadata.uid is its event.id.
 *
 *   denial of a program        Process Activity, Launch (100701)
 *   denial of a library        Module Activity, Load (100501)
 *   denial of a driver         Kernel Extension Activity, Load (100201)
 *   what runs and is ended     Process Activity, Terminate (100702), Other (100799)
 *   refused installation       Application Lifecycle, Install (600201)
 *   start, stop                Application Lifecycle, Start (600203), Stop (600204)
 *   any other change           Device Config State Change, Log (501901)
 *   heartbeat and other states Device Config State, Log (500201)
 *
 * all with the profile security_control but for the last two, and what is ended.
 */
#ifndef INTERDICT_OCSF_H
#define INTERDICT_OCSF_H

#include <jansson.h>

#define OCSF_VERSION "1.8.0"

/**
 * ocsf_record() - a record in OCSF's words.
 * @record: as in the log
 *
 * What the schema has no place for is below `unmapped`, under its name in the log.
 *
 * Return: a new object, or NULL without memory.
 */
json_t *ocsf_record(const json_t *record);

#endif
