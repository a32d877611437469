/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The fields of flow records in NetFlow version 9 (RFC 3954) and IPFIX (RFC
 * 7011), in their order.  Each list makes a template (template.c), its size
 * and the size of a record (template.h), and the writer (template_record.h).
 *
 * FIELD(element, size, value): the information element, its size (1, 2, 4 or 8
 * bytes), and its value, an integer expression.  ADDRESS(element, size, host):
 * the first bytes of a host's address.  Values and hosts may use
 *
 *	r, f		the record, and its flow
 *	from		the end that sends the packets
 *	src, dst	the hosts
 *	post_src, post_dst	the hosts across the firewall
 *
 * A value that is not known (f->rule is UINT32_MAX then) is written as it is.
 */

#ifndef TEMPLATE_FIELDS_H
#define TEMPLATE_FIELDS_H

/* IANA names of information elements.  Those below 128 are also NetFlow 9's. */
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
	SOURCE_IPV6_ADDRESS = 27,
	DESTINATION_IPV6_ADDRESS = 28,
	IP_VERSION = 60,
	FLOW_DIRECTION = 61,
	FLOW_END_REASON = 136,
	FLOW_ID = 148,
	POST_NAT_SOURCE_IPV4_ADDRESS = 225,
	POST_NAT_DESTINATION_IPV4_ADDRESS = 226,
	POST_NAPT_SOURCE_TRANSPORT_PORT = 227,
	POST_NAPT_DESTINATION_TRANSPORT_PORT = 228,
	BIFLOW_DIRECTION = 239,
	POST_NAT_SOURCE_IPV6_ADDRESS = 281,
	POST_NAT_DESTINATION_IPV6_ADDRESS = 282
};

/*
 * Enterprise bit of an element number (RFC 7011, 3.2).  Here it marks a reverse
 * element, whose enterprise number is always TEMPLATE_REVERSE_PEN (RFC 5103,
 * 6.1).
 */
#define TEMPLATE_REVERSE 0x8000
#define TEMPLATE_REVERSE_PEN 29305

#define TEMPLATE_BY_INITIATOR 1 /* biflowDirection (RFC 5103, 6.3) */

/*
 * Only in biflows: all but addresses and ports, which are just swapped.  They
 * come first, for collectors that read reverse elements as plain ones (nfdump
 * 1.7.1, except counters): the initiator's fields come later and overwrite
 * them.
 */
#define TEMPLATE_REVERSE_FIELDS(FIELD)                                         \
	FIELD(BIFLOW_DIRECTION, 1, TEMPLATE_BY_INITIATOR)                      \
	FIELD(TEMPLATE_REVERSE | FLOW_DIRECTION, 1, record_egress(r, !from))   \
	FIELD(TEMPLATE_REVERSE | TCP_CONTROL_BITS, 1, r->tcp_flags[!from])     \
	FIELD(TEMPLATE_REVERSE | OCTET_DELTA_COUNT, 8, r->bytes[!from])        \
	FIELD(TEMPLATE_REVERSE | PACKET_DELTA_COUNT, 8, r->packets[!from])     \
	FIELD(TEMPLATE_REVERSE | INGRESS_INTERFACE, 4, record_input(r, !from)) \
	FIELD(TEMPLATE_REVERSE | EGRESS_INTERFACE, 4, record_output(r, !from))

/*
 * tcpControlBits has one byte of the two possible (RFC 7125): pflowd has no
 * flags for the other byte, and nfacctd 1.7.7 reads only the first of two.
 */
#define TEMPLATE_COMMON_FIELDS(FIELD)                                 \
	FIELD(FLOW_ID, 8, f->id)                                      \
	FIELD(OCTET_DELTA_COUNT, 8, r->bytes[from])                   \
	FIELD(PACKET_DELTA_COUNT, 8, r->packets[from])                \
	FIELD(INGRESS_INTERFACE, 4, record_input(r, from))            \
	FIELD(EGRESS_INTERFACE, 4, record_output(r, from))            \
	FIELD(SOURCE_TRANSPORT_PORT, 2, record_port(r, src))          \
	FIELD(DESTINATION_TRANSPORT_PORT, 2, record_port_to(r, from)) \
	FIELD(PROTOCOL_IDENTIFIER, 1, f->proto)                       \
	FIELD(IP_VERSION, 1, record_family(r))                        \
	FIELD(FLOW_DIRECTION, 1, record_egress(r, from))              \
	FIELD(FLOW_END_REASON, 1, record_reason(r))                   \
	FIELD(TCP_CONTROL_BITS, 1, r->tcp_flags[from])

/* Here each protocol writes the times, in its own encoding. */

#define TEMPLATE_IPV4_FIELDS(ADDRESS)        \
	ADDRESS(SOURCE_IPV4_ADDRESS, 4, src) \
	ADDRESS(DESTINATION_IPV4_ADDRESS, 4, dst)

#define TEMPLATE_IPV6_FIELDS(ADDRESS)         \
	ADDRESS(SOURCE_IPV6_ADDRESS, 16, src) \
	ADDRESS(DESTINATION_IPV6_ADDRESS, 16, dst)

#define TEMPLATE_NAT4_FIELDS(ADDRESS)                      \
	ADDRESS(POST_NAT_SOURCE_IPV4_ADDRESS, 4, post_src) \
	ADDRESS(POST_NAT_DESTINATION_IPV4_ADDRESS, 4, post_dst)

#define TEMPLATE_NAT6_FIELDS(ADDRESS)                       \
	ADDRESS(POST_NAT_SOURCE_IPV6_ADDRESS, 16, post_src) \
	ADDRESS(POST_NAT_DESTINATION_IPV6_ADDRESS, 16, post_dst)

#define TEMPLATE_NAPT_FIELDS(FIELD)                                         \
	FIELD(POST_NAPT_SOURCE_TRANSPORT_PORT, 2, record_port(r, post_src)) \
	FIELD(POST_NAPT_DESTINATION_TRANSPORT_PORT, 2, record_port(r, post_dst))

#endif
