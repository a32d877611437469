/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The parts that NetFlow version 9 (RFC 3954) and IPFIX (RFC 7011) share: sets,
 * templates, and records, which differ only in the encoding of timestamps.
 *
 * Each kind of record has one template: IPv4 or IPv6, without or with
 * translated addresses and ports, one direction or a biflow (RFC 5103).  The
 * layout of a template id never changes.
 */

#ifndef TEMPLATE_H
#define TEMPLATE_H

#include <stddef.h>
#include <stdint.h>

#include "flow/record.h"

/* A kind of record is a combination of these bits. */
enum {
	TEMPLATE_INET6 = 1,
	TEMPLATE_NAT = 2,
	TEMPLATE_BOTH = 4,
	TEMPLATE_KINDS = 8
};

#define TEMPLATE_FIRST 256 /* template id of kind 0 */

/* Bytes of a set's header, and the most padding at its end. */
#define TEMPLATE_SET 4
#define TEMPLATE_PAD 3

/* Bytes of a template, by kind: of one direction, and of biflows. */
#define TEMPLATE_SIZES 68, 68, 84, 84
#define TEMPLATE_SIZES_BOTH 120, 120, 136, 136

/* Bytes of a record, by kind; own: bytes of the protocol's own fields. */
#define TEMPLATE_RECORDS(own) 49 + (own), 73 + (own), 61 + (own), 109 + (own)
#define TEMPLATE_RECORDS_BOTH(own) \
	76 + (own), 100 + (own), 88 + (own), 136 + (own)

/* A field specifier (RFC 7011, 3.2): information element, length in bytes. */
struct template_field {
	uint16_t element;
	uint16_t size;
};

/* The fields that differ between the protocols: start and end of the flow. */
struct template_own {
	struct template_field start;
	struct template_field end;
};

/* Count the kinds in a bit mask. */
unsigned int template_count(unsigned int kinds);

/*
 * Write a set with this id and the templates of these kinds (a bit mask).
 * Writes nothing if the mask is 0.  Returns the bytes written.
 */
size_t template_put(uint8_t *, uint16_t set_id, const struct template_own *,
    unsigned int kinds);

/*
 * Write a data set with len bytes of records of this kind; the records may
 * already be in place.  Returns the bytes of the set.
 */
size_t template_set(uint8_t *, unsigned int kind, const uint8_t *records,
    size_t len);

#endif
