/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * NetFlow version 9 (RFC 3954): a header of 20 bytes, and FlowSets.
 *
 * The header has the time in full seconds, and the SysUptime (ms) of that
 * second.  Records have their times as SysUptime.  The header's time is rounded
 * up and its SysUptime is the same constant as in version 5, so that no record
 * ends after the header's time and records are exact to the millisecond.
 */

#include "common/bytes.h"
#include "protocol.h"
#include "options_data.h"
#include "template.h"
#include "template_record.h"
#include "encode.h"

#define HEADER 20
#define TEMPLATE_FLOWSET 0
#define TIMES 8

TEMPLATE_ASSERT(HEADER, TIMES);

static const struct template_times times = {
	.start = { 22, 4 }, /* FIRST_SWITCHED */
	.end = { 21, 4 },   /* LAST_SWITCHED */
};

static const struct options_data_form form = {
	.set = 1,
	.in_bytes = 1,
	.domain = 1, /* all of these: System */
	.metering = 1,
	.exporting = 1,
	.interface = 2, /* Interface */
};

static uint64_t
next_second(uint64_t time)
{
	return (time + 999) / 1000;
}

static size_t
begin_message(uint8_t *p, const struct domain *domain, uint64_t time,
    unsigned int records, unsigned int templates)
{
	put_be16(p, 9);
	put_be16(p + 2, (uint16_t)(records + template_count(templates)));
	put_be32(p + 4, PROTOCOL_UPTIME);
	put_be32(p + 8, (uint32_t)next_second(time));
	put_be32(p + 12, domain->sequence);
	put_be32(p + 16, domain->id);
	return HEADER +
	    template_put(p + HEADER, TEMPLATE_FLOWSET, &times, templates);
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
	(void)biflow;
	encode_batch(e, &netflow9, b, 0, template_of_record, put_record);
}

static size_t
put_set(uint8_t *datagram, unsigned int template, const struct set *set,
    uint64_t time)
{
	uint32_t boot = (uint32_t)(next_second(time) * 1000) - PROTOCOL_UPTIME;
	const struct record_times *t = set->times, *end = t + set->n;
	size_t len, size = netflow9.record[template];
	uint8_t *p = datagram + TEMPLATE_SET + TEMPLATE_TIMES_AT(template);

	len = template_put_set(datagram, template, set->data, set->n * size);
	for (; t < end; t++, p += size) {
		put_be32(p, (uint32_t)t->start - boot);
		put_be32(p + 4, (uint32_t)t->end - boot);
	}
	return len;
}

static void
end_message(uint8_t *datagram, size_t len, struct domain *domain,
    unsigned int records)
{
	(void)datagram;
	(void)len;
	(void)records;
	domain->sequence++;
}

static size_t
put_options(uint8_t *datagram, size_t max_len, struct domain *domain,
    uint64_t time, struct options_data *data)
{
	unsigned int names = options_data_fit(data, max_len - HEADER);
	unsigned int records = OPTIONS_DATA_RECORDS + names;
	size_t len;

	len = begin_message(datagram, domain, time,
	    records + OPTIONS_DATA_TEMPLATES, 0);
	len += options_data_put(datagram + len, &form, domain->id, data, names);
	end_message(datagram, len, domain, records);
	return len;
}

const struct protocol netflow9 = {
	.header = HEADER + TEMPLATE_SET,
	.set = TEMPLATE_SET + TEMPLATE_PAD,
	.record = { TEMPLATE_RECORDS(TIMES) },
	.template = { TEMPLATE_SIZES },
	.inet6 = 1,
	.by_datagram = 1,
	.counter = UINT64_MAX,
	.index = UINT32_MAX,
	.span = PROTOCOL_UPTIME - 1000,
	.template_of = template_of_record,
	.put_record = put_record,
	.encode = encode,
	.begin_message = begin_message,
	.put_set = put_set,
	.end_message = end_message,
	.put_options = put_options,
};
