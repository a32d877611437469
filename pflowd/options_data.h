/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Options data (RFC 3954, 6.1 and RFC 7011, 3.4.2.2): what a collector is told
 * of the exporter itself.  NetFlow version 9 and IPFIX write the same records,
 * but for the numbers in front of their templates.
 *
 * Four kinds of them, the first three as RFC 7011, 4.1 to 4.3 recommend: what
 * was exported, what metering lost, what exporting lost, and the names of
 * interfaces.  There is none on sampling: nothing is sampled.
 */

#ifndef OPTIONS_DATA_H
#define OPTIONS_DATA_H

#include <stddef.h>
#include <stdint.h>

#include "flow.h"

#define OPTIONS_DATA_NAMES 128
#define OPTIONS_DATA_TEMPLATES 4
#define OPTIONS_DATA_RECORDS 3 /* beside those of names */

struct options_data_name {
	uint32_t index;
	char name[FLOW_IFNAME]; /* NUL padded */
};

struct options_data {
	uint64_t datagrams;    /* to this collector, before this one */
	uint64_t records;      /* in them */
	uint64_t octets;       /* of them, without IP and UDP headers */
	uint64_t states;       /* that were announced */
	uint64_t states_lost;  /* of them, in no record */
	uint64_t frames_lost;  /* that the kernel had no room for */
	uint64_t records_lost; /* that were built, and not sent */
	unsigned int n;	       /* names */
	unsigned int told;     /* of them, by now */
	struct options_data_name names[OPTIONS_DATA_NAMES];
};

/* What a protocol has of its own: numbers of sets and scopes. */
struct options_data_form {
	uint16_t set; /* that of options templates */
	int in_bytes; /* templates tell bytes of fields, not their number */
	uint16_t domain;
	uint16_t metering;
	uint16_t exporting;
	uint16_t interface;
};

/* Bytes of a record of a set of many; 0: that of others has one. */
size_t options_data_size(unsigned int set);

/* How many of the names that are not told yet fit into so many bytes. */
unsigned int options_data_fit(const struct options_data *, size_t room);

/*
 * Write the templates, the records of what was exported and lost, whose scope
 * is `domain`, and n more names.  Returns the bytes.
 */
size_t options_data_put(uint8_t *, const struct options_data_form *,
    uint32_t domain, struct options_data *, unsigned int n);

#endif
