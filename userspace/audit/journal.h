/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The journal, as a sink (sink_journal). It speaks systemd's native protocol
 * (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/) itself, since sd_journal_sendv(3) may wait: its
 * datagram socket is a blocking one (seen with strace, systemd 252), so that a journald that is
 * stopped, or behind, holds up whoever writes to it once its queue is full
 * (net.unix.max_dgram_qlen: 512 with systemd, the kernel's own default is 10); and where there is
 * no journald it drops the record and gives 0.
 */
#ifndef INTERDICT_JOURNAL_H
#define INTERDICT_JOURNAL_H

#include "audit/sink.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

#endif
