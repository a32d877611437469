/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * pfsync frames of versions 2, 3 and 4 (OpenBSD 3.5 to 4.4, FreeBSD 5.3 to 8,
 * NetBSD): a header, then `count` records of one action.  Layouts are those of
 * struct pfsync_header and struct pfsync_state in each system's
 * net/if_pfsync.h and net/pfvar.h.
 */

#ifndef PFSYNC_H
#define PFSYNC_H

#include <stddef.h>
#include <stdint.h>

#include "common/bytes.h"
#include "common/counters.h"
#include "flow/flow.h"
#include "link_layer.h"

#define PFSYNC_LATEST 6 /* latest version of any system */

/* Field offsets in one version's state record, see pfsync_layout.h. */
struct pfsync_layout;

/*
 * A frame whose states are being read.  It points into the caller's packet and
 * owns no memory.  version is set if a header was found, clr_* only after
 * PFSYNC_CLR.
 */
struct pfsync_frame {
	const struct pfsync_layout *layout;
	struct bytes states;	  /* records not read yet */
	unsigned int states_left; /* whole records in states */
	unsigned int announced;	  /* the count field */
	unsigned int cut;	  /* announced states that are missing */
	size_t trailing;	  /* bytes after the last record */
	uint8_t version;
	char clr_ifname[FLOW_IFNAME]; /* empty: all interfaces */
	uint32_t clr_creator;
};

/* Check a captured frame and prepare to read its deletions. */
enum pfsync_verdict pfsync_open(struct pfsync_frame *, enum link_layer,
    const uint8_t *data, size_t len);

/* Read up to n of the states left.  Returns how many were read. */
unsigned int pfsync_read(struct pfsync_frame *, struct flow *, unsigned int n);

/* The name of a verdict in counters. */
const char *pfsync_verdict_name(enum pfsync_verdict);

/* Between pfsync.c and pfsync_state.c: */

/* The layout of a version.  NULL: version not supported. */
const struct pfsync_layout *pfsync_layout(uint8_t version);

/* Decode n records. */
void pfsync_states(const struct pfsync_layout *, const uint8_t *records,
    struct flow *, unsigned int n);

/*
 * Why nothing can be exported of this version of pfsync, whichever frames come;
 * NULL: its frames can be decoded, or it is unknown.
 */
const char *pfsync_undecodable(unsigned int version);

#endif
