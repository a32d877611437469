/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What precedes the pfsync header in a captured frame: nothing on a pfsync(4)
 * interface, or an IP header (OpenBSD 7.4 and later); on the wire a link-layer
 * header and an IP header of protocol 240.
 */

#ifndef LINK_LAYER_H
#define LINK_LAYER_H

#include "common/bytes.h"
#include "common/counters.h"

enum link_layer {
	LINK_PFSYNC,	/* pfsync, with or without an IP header */
	LINK_IP,	/* IP, with or without an address family in front */
	LINK_ETHERNET,	/* with or without VLAN tags */
	LINK_LINUX_SLL, /* Linux's device "any" */
	LINK_LINUX_SLL2,
	LINK_STATES, /* a recording of the state table: chunk.h */
	LINK_UNKNOWN
};

/* The link layer of a link type of pcap-linktype(7), or of a BSD's DLT_*. */
enum link_layer link_layer_of(int type);

/*
 * Reduce a frame to the pfsync message in it.  PFSYNC_DECODED: done.  Otherwise
 * the reason to refuse the frame, of which an unknown part was consumed.
 */
enum pfsync_verdict link_layer_strip(enum link_layer, struct bytes *);

#endif
