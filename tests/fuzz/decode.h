/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A collector that believes nothing: NetFlow version 5 as Cisco has it, version
 * 9 by RFC 3954, IPFIX by RFC 7011.  What they do not allow ends the program,
 * and so does a sequence with a gap.  Which fields a record has is what its
 * template says; those of version 5 are given the elements of the others.
 */

#ifndef DECODE_H
#define DECODE_H

#include <stddef.h>
#include <stdint.h>

#define DECODE_FIELDS 64    /* of a template */
#define DECODE_TEMPLATES 32 /* of a stream */

/* Elements by their names in IANA's registry. */
enum {
	OCTET_DELTA_COUNT = 1,
	PACKET_DELTA_COUNT = 2,
	PROTOCOL_IDENTIFIER = 4,
	TCP_CONTROL_BITS = 6,
	SOURCE_TRANSPORT_PORT = 7,
	SOURCE_IPV4_ADDRESS = 8,
	INGRESS_INTERFACE = 10,
	DESTINATION_TRANSPORT_PORT = 11,
	DESTINATION_IPV4_ADDRESS = 12,
	EGRESS_INTERFACE = 14,
	IP_NEXT_HOP_IPV4_ADDRESS = 15,
	FLOW_END_SYS_UP_TIME = 21,
	FLOW_START_SYS_UP_TIME = 22,
	SOURCE_IPV6_ADDRESS = 27,
	DESTINATION_IPV6_ADDRESS = 28,
	IP_VERSION = 60,
	FLOW_DIRECTION = 61,
	FLOW_END_REASON = 136,
	FLOW_ID = 148,
	FLOW_START_MILLISECONDS = 152,
	FLOW_END_MILLISECONDS = 153,
	POST_NAT_SOURCE_IPV4_ADDRESS = 225,
	POST_NAT_DESTINATION_IPV4_ADDRESS = 226,
	POST_NAPT_SOURCE_TRANSPORT_PORT = 227,
	POST_NAPT_DESTINATION_TRANSPORT_PORT = 228,
	BIFLOW_DIRECTION = 239,
	POST_NAT_SOURCE_IPV6_ADDRESS = 281,
	POST_NAT_DESTINATION_IPV6_ADDRESS = 282
};

/* RFC 5103: the same element of the other direction. */
#define DECODE_REVERSE 29305

struct decode_field {
	uint16_t element;
	uint16_t size; /* UINT16_MAX: each record says (RFC 7011, 7) */
	uint32_t enterprise;
};

struct decode_template {
	uint16_t id; /* 0: free */
	int options;
	unsigned int scopes; /* fields of the options' scope: the first */
	unsigned int n;
	struct decode_field fields[DECODE_FIELDS];
};

/* A record.  It points into the datagram. */
struct decode_record {
	unsigned int version;
	uint64_t time;	/* of the header, in ms since the epoch */
	uint64_t start; /* likewise */
	uint64_t end;
	const struct decode_template *template;
	const uint8_t *data[DECODE_FIELDS];
	size_t size[DECODE_FIELDS];
};

/* Takes a record that is not of options. */
typedef void decode_record_cb(void *arg, const struct decode_record *);

/* A stream; zeroed to begin with. */
struct decoder {
	decode_record_cb *cb;
	void *arg;
	uint32_t domain; /* that each datagram must have */
	uint32_t sequence;
	uint32_t options; /* likewise, of IPFIX's domain 0 */
	uint64_t time;	  /* of the header, and SysUptime there, in ms */
	uint32_t uptime;
	unsigned int version;
	unsigned int items;  /* of the datagram: records, of all kinds */
	unsigned int data;   /* records of them that are no templates */
	unsigned int told;   /* of these, of options */
	unsigned int untold; /* datagrams in a row that had no template */
	struct decode_template templates[DECODE_TEMPLATES];
};

void decode(struct decoder *, const uint8_t *datagram, size_t len);

/* Where an element is, its *size and bytes; NULL: the record has it not. */
const uint8_t *decode_find(const struct decode_record *, uint32_t enterprise,
    uint16_t element, size_t *size);

/* An element as a number, which it must have. */
uint64_t decode_number(const struct decode_record *, uint32_t enterprise,
    uint16_t element);

#endif
