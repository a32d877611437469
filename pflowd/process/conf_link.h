/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A configuration on its way from the parent to the engine.
 */

#ifndef CONF_LINK_H
#define CONF_LINK_H

#include <stdint.h>

#include "conf/conf.h"

struct msg;
struct msg_conn;

/* Everything outside the lists, as one message. */
struct conf_globals {
	enum conf_source source;
	char interface[FLOW_IFNAME];
	int pfsync_link;
	unsigned int interval;
	unsigned int states;
	unsigned int interim;
	int interim_given;
	int join;
	int join_given;
	int debug;
	int verbose;
	unsigned int hold;
	unsigned int quiet;
	unsigned int lookup;
	struct record_policy policy;
	int creator_given;
	uint32_t creator;
	int account_self;
	uint32_t generation;
};

/* One rule, of a collector (by index) or of the global filter. */
struct conf_rule {
	uint32_t collector; /* or CONF_COLLECTORS */
	struct rule rule;
};

/*
 * Queue a configuration on a link, with its descriptors.  -1 and errno: it does
 * not fit, or out of memory.
 */
int conf_link_put(struct msg_conn *, const struct conf *);

/* Queue interfaces and addresses only. */
int conf_link_put_host(struct msg_conn *, const struct conf *);

/*
 * Process one message of a configuration being received.  The first message
 * creates *conf, and the receiver owns the descriptors.  Returns 1 after the
 * last message; 2 after the last one of interfaces and addresses only; 0 if
 * more follow; -1 and errno if the message is not valid here, with *conf freed
 * and NULL; EMFILE: its descriptor is lost.  The caller keeps the message.
 */
int conf_link_receive(struct conf **, struct msg *);

#endif
