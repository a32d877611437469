/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Sockets at the loopback: sinks, where datagrams arrive, and those that send
 * to them.  Whoever opens one closes it.
 */

#ifndef SINK_H
#define SINK_H

#include "unit.h"

#include "pflowd/conf/conf.h"

int sink_open(void);

/* A socket that sends to the sink, and does not wait. */
int sink_sender(int sink);

/* Make the sink this collector: socket and address. */
void sink_collector(int sink, struct conf_collector *);

/* A sink of its own for this collector. */
int sink_for(struct conf_collector *);

#endif
