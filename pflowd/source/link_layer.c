/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <stddef.h>

#include "chunk.h"
#include "link_layer.h"
#include "pfsync.h"
#include "pfsync_layout.h"

/* IEEE 802.1Q and 802.1ad, and what switches used before the latter. */
#define ETHER_ADDRESSES 12
#define ETHER_VLAN 0x8100
#define ETHER_QINQ 0x88a8
#define ETHER_QINQ_OLD 0x9100
#define VLAN_TAG 4
#define VLAN_TAGS 4 /* at most */

/* LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2: header, offset of the type. */
#define SLL_HEADER 16
#define SLL_TYPE 14
#define SLL2_HEADER 20
#define SLL2_TYPE 0

#define ETHER_IP4 0x0800
#define ETHER_IP6 0x86dd
#define IP4_HEADER 20
#define IP4_FRAGMENT 0x3fff /* more fragments, offset */
#define IP6_HEADER 40
#define IP6_FRAGMENT 0xfff9 /* offset, more fragments */
#define IP6_EXTENSIONS 8    /* headers at most */
enum {
	IP6_HOP_BY_HOP = 0,
	IP6_ROUTING = 43,
	IP6_FRAGMENTED = 44,
	IP6_DESTINATION = 60
};

/*
 * Several numbers of a link type are those of different systems.  On OpenBSD 12
 * is LOOP, elsewhere RAW: LINK_IP reads both.
 */
static const struct {
	int type;
	enum link_layer layer;
} layers[] = {
	{ 246, LINK_PFSYNC },
	{ 18, LINK_PFSYNC },  /* OpenBSD, NetBSD */
	{ 121, LINK_PFSYNC }, /* FreeBSD */
	{ 0, LINK_IP },	      /* NULL */
	{ 108, LINK_IP },     /* LOOP */
	{ 12, LINK_IP },      /* RAW, or LOOP */
	{ 14, LINK_IP },      /* RAW on OpenBSD */
	{ 101, LINK_IP },     /* RAW */
	{ 228, LINK_IP },     /* IPV4 */
	{ 229, LINK_IP },     /* IPV6 */
	{ 1, LINK_ETHERNET },
	{ 113, LINK_LINUX_SLL },
	{ 276, LINK_LINUX_SLL2 },
	{ CHUNK_LINKTYPE, LINK_STATES },
};

enum link_layer
link_layer_of(int type)
{
	size_t i;

	for (i = 0; i < sizeof(layers) / sizeof(layers[0]); i++)
		if (layers[i].type == type)
			return layers[i].layer;
	return LINK_UNKNOWN;
}

/* The length in an IP header limits the frame, which may have a trailer. */
static void
limit(struct bytes *b, size_t len)
{
	if (b->left > len)
		b->left = len;
}

static enum pfsync_verdict
strip_ip4(struct bytes *b)
{
	const uint8_t *ip = b->data;
	size_t header, total;

	if (b->left < IP4_HEADER)
		return PFSYNC_SHORT;
	if (ip[9] != PFSYNC_PROTOCOL)
		return PFSYNC_FOREIGN;
	header = (size_t)(ip[0] & 15) * 4;
	total = get_be16(ip + 2);
	if (header < IP4_HEADER || total < header)
		return PFSYNC_LENGTH;
	if (get_be16(ip + 6) & IP4_FRAGMENT)
		return PFSYNC_FRAGMENT;
	limit(b, total);
	return bytes_take(b, header) == NULL ? PFSYNC_SHORT : PFSYNC_DECODED;
}

/* Consume an extension header of at least 8 bytes; *next: what follows it. */
static enum pfsync_verdict
strip_extension(struct bytes *b, uint8_t *next)
{
	const uint8_t *h = bytes_take(b, 8);
	uint8_t type = *next;

	if (h == NULL)
		return PFSYNC_SHORT;
	*next = h[0];
	if (type != IP6_FRAGMENTED)
		return bytes_take(b, h[1] * (size_t)8) == NULL ? PFSYNC_SHORT :
								 PFSYNC_DECODED;
	if ((get_be16(h + 2) & IP6_FRAGMENT) == 0)
		return PFSYNC_DECODED;
	return *next == PFSYNC_PROTOCOL ? PFSYNC_FRAGMENT : PFSYNC_FOREIGN;
}

static enum pfsync_verdict
strip_ip6(struct bytes *b)
{
	const uint8_t *ip = bytes_take(b, IP6_HEADER);
	enum pfsync_verdict verdict = PFSYNC_DECODED;
	unsigned int i;
	uint8_t next;

	if (ip == NULL)
		return PFSYNC_SHORT;
	limit(b, get_be16(ip + 4));
	next = ip[6];
	for (i = 0; i < IP6_EXTENSIONS && verdict == PFSYNC_DECODED; i++)
		switch (next) {
		case PFSYNC_PROTOCOL:
			return PFSYNC_DECODED;
		case IP6_HOP_BY_HOP:
		case IP6_ROUTING:
		case IP6_FRAGMENTED:
		case IP6_DESTINATION:
			verdict = strip_extension(b, &next);
			break;
		default:
			return PFSYNC_FOREIGN;
		}
	return verdict == PFSYNC_DECODED ? PFSYNC_FOREIGN : verdict;
}

static unsigned int
ip_version(const struct bytes *b)
{
	return b->left > 0 ? b->data[0] >> 4 : 0;
}

static enum pfsync_verdict
strip_ip(struct bytes *b)
{
	switch (ip_version(b)) {
	case 4:
		return strip_ip4(b);
	case 6:
		return strip_ip6(b);
	}
	return PFSYNC_FOREIGN;
}

/* The first byte of a family, in any byte order, is no IP version. */
static enum pfsync_verdict
strip_family(struct bytes *b)
{
	if (ip_version(b) < 4 && bytes_take(b, 4) == NULL)
		return PFSYNC_SHORT;
	return strip_ip(b);
}

/* What follows an Ethernet type: VLAN tags end with another type. */
static enum pfsync_verdict
strip_type(struct bytes *b, unsigned int type)
{
	const uint8_t *tag;
	unsigned int i;

	for (i = 0; i < VLAN_TAGS; i++) {
		if (type != ETHER_VLAN && type != ETHER_QINQ &&
		    type != ETHER_QINQ_OLD)
			break;
		if ((tag = bytes_take(b, VLAN_TAG)) == NULL)
			return PFSYNC_SHORT;
		type = get_be16(tag + 2);
	}
	if (type != ETHER_IP4 && type != ETHER_IP6)
		return PFSYNC_FOREIGN;
	return strip_ip(b);
}

/* A header of this length, with an Ethernet type at this offset. */
static enum pfsync_verdict
strip_typed(struct bytes *b, size_t header, size_t type)
{
	const uint8_t *h = bytes_take(b, header);

	return h == NULL ? PFSYNC_SHORT : strip_type(b, get_be16(h + type));
}

enum pfsync_verdict
link_layer_strip(enum link_layer layer, struct bytes *b)
{
	switch (layer) {
	case LINK_PFSYNC:
		return ip_version(b) == 4 || ip_version(b) == 6 ?
		    strip_ip(b) :
		    PFSYNC_DECODED;
	case LINK_IP:
		return strip_family(b);
	case LINK_ETHERNET:
		return strip_typed(b, ETHER_ADDRESSES + 2, ETHER_ADDRESSES);
	case LINK_LINUX_SLL:
		return strip_typed(b, SLL_HEADER, SLL_TYPE);
	case LINK_LINUX_SLL2:
		return strip_typed(b, SLL2_HEADER, SLL2_TYPE);
	case LINK_STATES:
	case LINK_UNKNOWN:
		break;
	}
	return PFSYNC_FOREIGN;
}
