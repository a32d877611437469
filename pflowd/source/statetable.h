/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Answers of kernels to a dump of pf's state table, in the layout of each
 * system.  A piece of a dump has whole states: records of an array, or messages
 * of netlink.
 */

#ifndef STATETABLE_H
#define STATETABLE_H

#include <stddef.h>
#include <stdint.h>

#include "common/bytes.h"
#include "flow/flow.h"

enum statetable_layout {
	STATETABLE_OPENBSD = 1, /* DIOCGETSTATES, struct pfsync_state */
	STATETABLE_NETBSD,
	STATETABLE_DRAGONFLY,
	STATETABLE_FREEBSD,
	STATETABLE_FREEBSD_V2, /* DIOCGETSTATESV2, struct pf_state_export */
	STATETABLE_NETLINK,    /* netpfil/pf/pf_nl.h, PFNL_CMD_GETSTATES */
	STATETABLE_LAYOUTS
};

/*
 * A piece whose states are being read.  It points into the caller's memory and
 * owns none.  After statetable_read() returned 0, the members tell how it went.
 */
struct statetable {
	enum statetable_layout layout;
	int big_endian;	      /* the kernel's byte order */
	struct bytes unread;  /* in the end: what is no whole state */
	unsigned int refused; /* messages that are not a whole state */
	int done;	      /* netlink: the dump ends here ... */
	int error;	      /* ... with an errno of the kernel's system */
};

/* Its name in recordings' messages and pflowd -V.  NULL: there is none. */
const char *statetable_name(unsigned int layout);

/*
 * Prepare to read a piece, of a kernel with this byte order.  -1: the layout is
 * unknown, or its states are of a version that is.
 */
int statetable_open(struct statetable *, unsigned int layout, int big_endian,
    const uint8_t *data, size_t len);

/*
 * Decode the next states, n at most.  flow.expires is as the kernel reports it:
 * netlink's is a time of day of its own where the state has expired.  Returns
 * how many were read; 0: no more.
 */
unsigned int statetable_read(struct statetable *, struct flow *,
    unsigned int n);

/* A system's timeout index as an enum flow_timeout; not of states: UNKNOWN. */
uint8_t statetable_timeout(unsigned int layout, unsigned int index);

/* Between statetable.c and statetable_netlink.c: */

/* Numbers in the kernel's byte order. */
static inline uint16_t
statetable_u16(const struct statetable *t, const uint8_t *p)
{
	return t->big_endian ? get_be16(p) : get_le16(p);
}

static inline uint32_t
statetable_u32(const struct statetable *t, const uint8_t *p)
{
	return t->big_endian ? get_be32(p) : get_le32(p);
}

static inline uint64_t
statetable_u64(const struct statetable *t, const uint8_t *p)
{
	return t->big_endian ? get_be64(p) : get_le64(p);
}

/* FreeBSD's timeout index, as an enum flow_timeout. */
uint8_t statetable_freebsd_timeout(uint8_t proto, uint8_t timeout);

/* Set what follows from the other members; icmp: ports have id and type. */
void statetable_complete(struct flow *, int icmp);

unsigned int statetable_netlink(struct statetable *, struct flow *,
    unsigned int n);

#endif
