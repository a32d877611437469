/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Options data (RFC 3954, 6.1 and RFC 7011, 3.4.2.2): reports to a collector
 * about the exporter itself.  NetFlow version 9 and IPFIX use the same records;
 * only set ids, scopes and template headers differ.
 *
 * There are four kinds of records: export statistics, metering losses and
 * exporting losses (RFC 7011, 4.1 to 4.3), and interface names.  There is none
 * for sampling, because pflowd does not sample.
 */

#ifndef OPTIONS_DATA_H
#define OPTIONS_DATA_H

#include <stddef.h>
#include <stdint.h>

#include "flow/flow.h"

#define OPTIONS_DATA_NAMES 128
#define OPTIONS_DATA_TEMPLATES 4
#define OPTIONS_DATA_RECORDS 3 /* without interface names */

struct options_data_name {
	uint32_t index;
	char name[FLOW_IFNAME]; /* NUL padded */
};

struct options_data {
	uint64_t datagrams;	 /* sent before this one */
	uint64_t records;	 /* in them */
	uint64_t octets;	 /* in them, without IP and UDP headers */
	uint64_t states;	 /* announced by pfsync */
	uint64_t states_lost;	 /* of these, not in any record */
	uint64_t frames_lost;	 /* dropped by the kernel */
	uint64_t records_lost;	 /* encoded, but not sent */
	unsigned int n;		 /* names */
	unsigned int names_sent; /* of these */
	struct options_data_name names[OPTIONS_DATA_NAMES];
};

/* The details that differ by protocol: set id, scopes, template header. */
struct options_data_form {
	uint16_t set; /* id of sets of options templates */
	int in_bytes; /* templates have lengths of fields, not counts */
	uint16_t domain;
	uint16_t metering;
	uint16_t exporting;
	uint16_t interface;
};

/* Bytes of a record if a set with this id may hold several; 0: it has one. */
size_t options_data_size(unsigned int set);

/* Number of names not yet written that fit into max_len bytes. */
unsigned int options_data_fit(const struct options_data *, size_t max_len);

/*
 * Write the templates, the statistics and loss records with scope `domain`, and
 * the next n names.  Returns the bytes written.
 */
size_t options_data_put(uint8_t *, const struct options_data_form *,
    uint32_t domain, struct options_data *, unsigned int n);

#endif
