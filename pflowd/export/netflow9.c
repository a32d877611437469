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
#define OWN 8

static const struct template_own own = {
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
begin(uint8_t *p, const struct domain *domain, uint64_t time,
    unsigned int records, unsigned int templates)
{
	put_be16(p, 9);
	put_be16(p + 2, (uint16_t)(records + template_count(templates)));
	put_be32(p + 4, PROTOCOL_UPTIME);
	put_be32(p + 8, (uint32_t)next_second(time));
	put_be32(p + 12, domain->sequence);
	put_be32(p + 16, domain->id);
	return HEADER +
	    template_put(p + HEADER, TEMPLATE_FLOWSET, &own, templates);
}

static size_t
add(uint8_t *datagram, unsigned int kind, const struct run *run, uint64_t time)
{
	uint32_t boot = (uint32_t)(next_second(time) * 1000) - PROTOCOL_UPTIME;
	size_t len, size = netflow9.record[kind];
	uint8_t *p = datagram + TEMPLATE_SET + template_own_at(kind);
	const struct record_times *t = run->times, *end = t + run->n;

	len = template_set(datagram, kind, run->data, run->len);
	for (; t < end; t++, p += size) {
		put_be32(p, (uint32_t)t->start - boot);
		put_be32(p + 4, (uint32_t)t->end - boot);
	}
	return len;
}

ALWAYS_INLINE static void
put(uint8_t *p, unsigned int kind, const struct record *r)
{
	template_put_records(p, kind, r, OWN);
}

static void
write_batch(struct encoded *w, const struct batch *b, int biflow)
{
	encode_fill(w, &netflow9, b, biflow);
}

static void
finish(uint8_t *datagram, size_t len, struct domain *domain,
    unsigned int records)
{
	(void)datagram;
	(void)len;
	(void)records;
	domain->sequence++;
}

static size_t
options(uint8_t *datagram, size_t room, struct domain *domain, uint64_t time,
    struct options_data *data)
{
	unsigned int names = options_data_fit(data, room - HEADER);
	unsigned int records = OPTIONS_DATA_RECORDS + names;
	size_t len;

	len = begin(datagram, domain, time, records + OPTIONS_DATA_TEMPLATES,
	    0);
	len += options_data_put(datagram + len, &form, domain->id, data, names);
	finish(datagram, len, domain, records);
	return len;
}

const struct protocol netflow9 = {
	.header = HEADER + TEMPLATE_SET,
	.set = TEMPLATE_SET + TEMPLATE_PAD,
	.record = { TEMPLATE_RECORDS(OWN) },
	.template = { TEMPLATE_SIZES },
	.inet6 = 1,
	.by_datagram = 1,
	.counter = UINT64_MAX,
	.index = UINT32_MAX,
	.span = PROTOCOL_UPTIME - 1000,
	.kind = template_kind,
	.put = put,
	.write = write_batch,
	.begin = begin,
	.add = add,
	.finish = finish,
	.options = options,
};
