/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>

#include "common/bytes.h"
#include "options_data.h"
#include "template.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* Template ids, away from those of flow records. */
enum {
	STATISTICS = 512,
	METERING,
	EXPORTING,
	INTERFACE
};

/* IANA names of information elements. */
enum {
	EXPORTED_OCTET_TOTAL_COUNT = 40,
	EXPORTED_MESSAGE_TOTAL_COUNT = 41,
	EXPORTED_FLOW_RECORD_TOTAL_COUNT = 42,
	INTERFACE_NAME = 82,
	OBSERVED_FLOW_TOTAL_COUNT = 163,
	IGNORED_PACKET_TOTAL_COUNT = 164,
	NOT_SENT_FLOW_TOTAL_COUNT = 166
};

#define SCOPE 4 /* bytes of the scope in a record */
#define NAME (SCOPE + FLOW_IFNAME)

/* Bytes of the sets of templates, and of all records but names. */
#define TEMPLATES_SIZE (28 + 28 + 20 + 20)
#define RECORDS_SIZE (3 * (TEMPLATE_SET + SCOPE) + 24 + 24 + 8)

/* The fields of a record after its scope. */
static const struct template_field statistics[] = {
	{ EXPORTED_MESSAGE_TOTAL_COUNT, 8 },
	{ EXPORTED_FLOW_RECORD_TOTAL_COUNT, 8 },
	{ EXPORTED_OCTET_TOTAL_COUNT, 8 },
};
static const struct template_field metering[] = {
	{ OBSERVED_FLOW_TOTAL_COUNT, 8 },
	{ NOT_SENT_FLOW_TOTAL_COUNT, 8 },
	{ IGNORED_PACKET_TOTAL_COUNT, 8 },
};
static const struct template_field exporting[] = {
	{ NOT_SENT_FLOW_TOTAL_COUNT, 8 },
};
static const struct template_field interface[] = {
	{ INTERFACE_NAME, FLOW_IFNAME },
};

size_t
options_data_size(unsigned int set)
{
	return set == INTERFACE ? NAME : 0;
}

unsigned int
options_data_fit(const struct options_data *o, size_t max_len)
{
	size_t n = (max_len - TEMPLATES_SIZE - RECORDS_SIZE - TEMPLATE_SET) /
	    NAME;

	return n < o->n - o->names_sent ? (unsigned int)n :
					  o->n - o->names_sent;
}

static uint8_t *
put_set(uint8_t *p, uint16_t id, size_t len)
{
	put_be16(p, id);
	put_be16(p + 2, (uint16_t)(TEMPLATE_SET + len));
	return p + TEMPLATE_SET;
}

/*
 * Write a set with one template and two bytes of padding: nfacctd 1.7.7 does
 * not find a second template in a set.
 */
static uint8_t *
put_template(uint8_t *p, const struct options_data_form *form, uint16_t id,
    uint16_t scope, const struct template_field *f, size_t n)
{
	p = put_set(p, form->set, 10 + 4 * n + 2);
	put_be16(p, id);
	put_be16(p + 2, (uint16_t)(form->in_bytes ? 4 : n + 1));
	put_be16(p + 4, (uint16_t)(form->in_bytes ? 4 * n : 1));
	put_be16(p + 6, scope);
	put_be16(p + 8, SCOPE);
	for (p += 10; n > 0; n--, f++, p += 4) {
		put_be16(p, f->element);
		put_be16(p + 2, f->size);
	}
	put_be16(p, 0);
	return p + 2;
}

static uint8_t *
put_templates(uint8_t *p, const struct options_data_form *form)
{
	p = put_template(p, form, STATISTICS, form->domain, statistics,
	    LENGTH(statistics));
	p = put_template(p, form, METERING, form->metering, metering,
	    LENGTH(metering));
	p = put_template(p, form, EXPORTING, form->exporting, exporting,
	    LENGTH(exporting));
	return put_template(p, form, INTERFACE, form->interface, interface,
	    LENGTH(interface));
}

/* Write a set with one record: the scope and n counters. */
static uint8_t *
put_numbers(uint8_t *p, uint16_t id, uint32_t scope, const uint64_t *number,
    size_t n)
{
	p = put_set(p, id, SCOPE + 8 * n);
	put_be32(p, scope);
	for (p += SCOPE; n > 0; n--, p += 8)
		put_be64(p, *number++);
	return p;
}

static uint8_t *
put_records(uint8_t *p, uint32_t domain, const struct options_data *o)
{
	const uint64_t sent[] = { o->datagrams, o->records, o->octets };
	const uint64_t metered[] = { o->states, o->states_lost,
		o->frames_lost };

	p = put_numbers(p, STATISTICS, domain, sent, LENGTH(sent));
	p = put_numbers(p, METERING, domain, metered, LENGTH(metered));
	return put_numbers(p, EXPORTING, domain, &o->records_lost, 1);
}

static uint8_t *
put_names(uint8_t *p, const struct options_data_name *name, unsigned int n)
{
	p = put_set(p, INTERFACE, n * NAME);
	for (; n > 0; n--, name++, p += NAME) {
		put_be32(p, name->index);
		memcpy(p + SCOPE, name->name, FLOW_IFNAME);
	}
	return p;
}

size_t
options_data_put(uint8_t *start, const struct options_data_form *form,
    uint32_t domain, struct options_data *o, unsigned int n)
{
	uint8_t *p;

	p = put_templates(start, form);
	p = put_records(p, domain, o);
	if (n > 0)
		p = put_names(p, &o->names[o->names_sent], n);
	o->names_sent += n;
	return (size_t)(p - start);
}
