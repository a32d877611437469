/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * IPFIX (RFC 7011): a message header of 16 bytes, and sets.
 */

#include "common/bytes.h"
#include "protocol.h"
#include "options_data.h"
#include "template.h"
#include "template_record.h"
#include "encode.h"

#define HEADER 16
#define TEMPLATE_SET_ID 2
#define TIMES 16

TEMPLATE_ASSERT(HEADER, TIMES);

static const struct template_times times = {
	.start = { 152, 8 }, /* flowStartMilliseconds */
	.end = { 153, 8 },   /* flowEndMilliseconds */
};

static const struct options_data_form form = {
	.set = 3,
	.domain = 149,	  /* observationDomainId */
	.metering = 143,  /* meteringProcessId */
	.exporting = 144, /* exportingProcessId */
	.interface = 10,  /* ingressInterface */
};

/* end_message() writes the length of the message. */
static size_t
begin_message(uint8_t *p, const struct domain *domain, uint64_t time,
    unsigned int records, unsigned int templates)
{
	(void)records;
	put_be16(p, 10);
	put_be32(p + 4, (uint32_t)(time / 1000));
	put_be32(p + 8, domain->sequence);
	put_be32(p + 12, domain->id);
	return HEADER +
	    template_put(p + HEADER, TEMPLATE_SET_ID, &times, templates);
}

ALWAYS_INLINE static void
put_record(uint8_t *p, unsigned int template, const struct record *r,
    enum flow_end from)
{
	template_put_record(p, template, r, from, TIMES);
}

static void
encode(struct encoded *e, const struct batch *b, int biflow)
{
	if (biflow)
		encode_batch(e, &ipfix, b, 1, template_of_record, put_record);
	else
		encode_batch(e, &ipfix, b, 0, template_of_record, put_record);
}

static size_t
put_set(uint8_t *datagram, unsigned int template, const struct set *set,
    uint64_t time)
{
	const struct record_times *t = set->times, *end = t + set->n;
	size_t len, size = ipfix.record[template];
	uint8_t *p = datagram + TEMPLATE_SET + TEMPLATE_TIMES_AT(template);

	(void)time;
	len = template_put_set(datagram, template, set->data, set->n * size);
	for (; t < end; t++, p += size) {
		put_be64(p, t->start);
		put_be64(p + 8, t->end);
	}
	return len;
}

static void
end_message(uint8_t *datagram, size_t len, struct domain *domain,
    unsigned int records)
{
	put_be16(datagram + 2, (uint16_t)len);
	domain->sequence += records;
}

/*
 * Options data is about the whole exporter, so it is sent in domain 0 (RFC
 * 7011, 3.1).  It has its own sequence, because nfdump 1.7 counts only flow
 * records.
 */
static size_t
put_options(uint8_t *datagram, size_t max_len, struct domain *domain,
    uint64_t time, struct options_data *data)
{
	struct domain all = { .sequence = domain->options };
	unsigned int names = options_data_fit(data, max_len - HEADER);
	unsigned int records = OPTIONS_DATA_RECORDS + names;
	size_t len;

	len = begin_message(datagram, &all, time, records, 0);
	len += options_data_put(datagram + len, &form, domain->id, data, names);
	end_message(datagram, len, &all, records);
	domain->options = all.sequence;
	return len;
}

const struct protocol ipfix = {
	.header = HEADER + TEMPLATE_SET,
	.set = TEMPLATE_SET + TEMPLATE_PAD,
	.record = { TEMPLATE_RECORDS(TIMES), TEMPLATE_RECORDS_BIFLOW(TIMES) },
	.template = { TEMPLATE_SIZES, TEMPLATE_SIZES_BIFLOW },
	.inet6 = 1,
	.counter = UINT64_MAX,
	.index = UINT32_MAX,
	.span = UINT64_MAX,
	.template_of = template_of_record,
	.put_record = put_record,
	.encode = encode,
	.begin_message = begin_message,
	.put_set = put_set,
	.end_message = end_message,
	.put_options = put_options,
};
