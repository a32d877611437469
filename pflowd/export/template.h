/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The parts that NetFlow version 9 (RFC 3954) and IPFIX (RFC 7011) share: sets,
 * templates, and records, which differ only in the encoding of timestamps.
 *
 * There is a template for IPv4 and IPv6, without and with translated addresses
 * and ports, of one direction and of a biflow (RFC 5103).  The layout of a
 * template id never changes while pflowd runs.
 */

#ifndef TEMPLATE_H
#define TEMPLATE_H

#include <stddef.h>
#include <stdint.h>

#include "template_fields.h"

/* A template is a combination of these bits. */
enum {
	TEMPLATE_INET6 = 1,
	TEMPLATE_NAT = 2,
	TEMPLATE_BIFLOW = 4,
	TEMPLATES = 8
};

#define TEMPLATE_FIRST 256 /* id of template 0 */

/* Bytes of a set's header, and the most padding at its end. */
#define TEMPLATE_SET 4
#define TEMPLATE_PAD 3

/* A field specifier (RFC 7011, 3.2): information element, length in bytes. */
struct template_field {
	uint16_t element;
	uint16_t size;
};

/* The fields that differ between the protocols: start and end of the flow. */
struct template_times {
	struct template_field start;
	struct template_field end;
};

/*
 * Bytes of a record of a template without its times, and of the template
 * itself, by the lists of template_fields.h.
 */
#define TEMPLATE_BYTES(element, size, value) +(size)
#define TEMPLATE_SPECIFIER(element, size, value) \
	+((element)&TEMPLATE_REVERSE ? 8 : 4)
#define TEMPLATE_SUM(t, of)                                                  \
	((0 TEMPLATE_COMMON_FIELDS(of)) +                                    \
	    ((t)&TEMPLATE_INET6 ? (0 TEMPLATE_IPV6_FIELDS(of)) :             \
				  (0 TEMPLATE_IPV4_FIELDS(of))) +            \
	    (!((t)&TEMPLATE_NAT) ?                                           \
		    0 :                                                      \
		    (t)&TEMPLATE_INET6 ?                                     \
		    (0 TEMPLATE_NAT6_FIELDS(of) TEMPLATE_NAPT_FIELDS(of)) :  \
		    (0 TEMPLATE_NAT4_FIELDS(of) TEMPLATE_NAPT_FIELDS(of))) + \
	    ((t)&TEMPLATE_BIFLOW ? (0 TEMPLATE_REVERSE_FIELDS(of)) : 0))
#define TEMPLATE_RECORD(t) TEMPLATE_SUM(t, TEMPLATE_BYTES)
#define TEMPLATE_SIZE(t) (4 + 2 * 4 + TEMPLATE_SUM(t, TEMPLATE_SPECIFIER))

/* The same for the templates without biflows, or all; times: their bytes. */
#define TEMPLATE_RECORDS(times)                                     \
	TEMPLATE_RECORD(0) + (times), TEMPLATE_RECORD(1) + (times), \
	    TEMPLATE_RECORD(2) + (times), TEMPLATE_RECORD(3) + (times)
#define TEMPLATE_RECORDS_BIFLOW(times)                              \
	TEMPLATE_RECORD(4) + (times), TEMPLATE_RECORD(5) + (times), \
	    TEMPLATE_RECORD(6) + (times), TEMPLATE_RECORD(7) + (times)
#define TEMPLATE_SIZES \
	TEMPLATE_SIZE(0), TEMPLATE_SIZE(1), TEMPLATE_SIZE(2), TEMPLATE_SIZE(3)
#define TEMPLATE_SIZES_BIFLOW \
	TEMPLATE_SIZE(4), TEMPLATE_SIZE(5), TEMPLATE_SIZE(6), TEMPLATE_SIZE(7)

/*
 * Assert that the smallest records of a datagram are not too many, and the
 * largest of a state not too long.  header: bytes of the message's header.
 */
#define TEMPLATE_ASSERT(header, times)                                         \
	_Static_assert((SENDQUEUE_DATAGRAM - (header)) /                       \
		    (TEMPLATE_RECORD(0) + (times)) <=                          \
		PROTOCOL_RECORDS,                                              \
	    "records in a datagram");                                          \
	_Static_assert(2 * (TEMPLATE_RECORD(3) + (times)) <= PROTOCOL_STATE && \
		TEMPLATE_RECORD(7) + (times) <= PROTOCOL_STATE,                \
	    "records of a state")

/* Bytes of a record before its times. */
#define TEMPLATE_TIMES_AT(t)                                      \
	((0 TEMPLATE_COMMON_FIELDS(TEMPLATE_BYTES)) +             \
	    ((t)&TEMPLATE_BIFLOW ?                                \
		    (0 TEMPLATE_REVERSE_FIELDS(TEMPLATE_BYTES)) : \
		    0))

/* Count the templates in a bit mask. */
unsigned int template_count(unsigned int templates);

/*
 * Write a set with this id and these templates (a bit mask).  Writes nothing if
 * the mask is 0.  Returns the bytes written.
 */
size_t template_put(uint8_t *, uint16_t set_id, const struct template_times *,
    unsigned int templates);

/*
 * Write a data set with len bytes of records of this template.  Returns the
 * bytes of the set.
 */
size_t template_put_set(uint8_t *, unsigned int template,
    const uint8_t *records, size_t len);

#endif
