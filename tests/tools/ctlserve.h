/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Between ctlserve.c and ctlserve_rows.c, which has the rows that are shown.
 */

#ifndef CTLSERVE_H
#define CTLSERVE_H

#include <stddef.h>
#include <stdint.h>

#include "common/ctl.h"
#include "common/msg.h"

#define T0 UINT64_C(1700000000007) /* 2023-11-14T22:13:20.007Z */

enum mode {
	PLAIN,
	EMPTY,	 /* of a pflowd that has just started */
	HOSTILE, /* texts without an end, numbers without sense */
	REFUSE,	 /* every request */
	FULL,	 /* every client, before it asks */
	HANGUP,	 /* after the first row */
	CUT,	 /* in the middle of a message */
	NEWER,	 /* a version of the protocol */
	OLDER,	 /* the same */
	GARBAGE, /* bytes of another protocol */
	SIZE,	 /* rows that are too short */
	TYPE,	 /* rows of another kind */
	ID,	 /* rows of another request */
	NOROW,	 /* ends without any row */
	TABLE,	 /* it reads the state table, and all works */
	WELL,	 /* of a pflowd that has no problem */
	WARN,	 /* it has logged a warning a minute ago */
	DROPS	 /* and dropped something */
};

struct server {
	struct msg_conn conn;
	enum mode mode;
	uint32_t id; /* of the request */
};

/* A text, a number and a row as the mode wants them. */
void text(const struct server *, char *to, size_t size, const char *plain);
uint64_t value(const struct server *, uint64_t plain);
void row(struct server *, uint32_t type, const void *data, size_t len);

void status(struct server *);
void counters(struct server *);
void sources(struct server *);
void collectors(struct server *);
void interfaces(struct server *);
void rules(struct server *);
void config(struct server *);

#endif
