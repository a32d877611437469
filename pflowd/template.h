/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What NetFlow version 9 (RFC 3954) and IPFIX (RFC 7011) have in common:
 * datagrams of sets, templates that say what is in a record, and the records,
 * which differ in how they tell the time.
 *
 * There is one template for each kind of record: IPv4 or IPv6, as it is or with
 * its translated addresses and ports, of one direction or (RFC 5103) of both.
 * Its id never changes its layout.
 */

#ifndef TEMPLATE_H
#define TEMPLATE_H

#include <stddef.h>
#include <stdint.h>

#include "record.h"

/* What a kind is made of, as bits. */
enum {
	TEMPLATE_INET6 = 1,
	TEMPLATE_NAT = 2,
	TEMPLATE_BOTH = 4,
	TEMPLATE_KINDS = 8
};

#define TEMPLATE_FIRST 256 /* the id of the first kind's */

/* Bytes of a set's header and of the zeros at its end, at most. */
#define TEMPLATE_SET 4
#define TEMPLATE_PAD 3

/* Bytes of the template of each kind of one direction, and of both. */
#define TEMPLATE_SIZES 68, 68, 84, 84
#define TEMPLATE_SIZES_BOTH 120, 120, 136, 136

/* Bytes of a record likewise, those of the protocol's own fields given. */
#define TEMPLATE_RECORDS(own) 49 + (own), 73 + (own), 61 + (own), 109 + (own)
#define TEMPLATE_RECORDS_BOTH(own) \
	76 + (own), 100 + (own), 88 + (own), 136 + (own)

/* One field of a template (RFC 7011, 3.2): what it is, and its bytes. */
struct template_field {
	uint16_t element;
	uint16_t size;
};

/* Fields that the protocols have differently. */
struct template_own {
	struct template_field start;
	struct template_field end;
};

/* How many kinds there are among these, a bit for each. */
unsigned int template_count(unsigned int kinds);

/*
 * A set, with this id, of the templates of these kinds, a bit for each; none
 * if there are none.  Returns its bytes.
 */
size_t template_put(uint8_t *, uint16_t set_id, const struct template_own *,
    unsigned int kinds);

/*
 * A set of len bytes of records of this kind, which may be in it already.
 * Returns its bytes.
 */
size_t template_set(uint8_t *, unsigned int kind, const uint8_t *records,
    size_t len);

#endif
