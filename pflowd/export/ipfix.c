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
#define OWN 16

static const struct template_own own = {
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

/* finish() writes the length of the message. */
static size_t
begin(uint8_t *p, const struct domain *domain, uint64_t time,
    unsigned int records, unsigned int templates)
{
	(void)records;
	put_be16(p, 10);
	put_be32(p + 4, (uint32_t)(time / 1000));
	put_be32(p + 8, domain->sequence);
	put_be32(p + 12, domain->id);
	return HEADER +
	    template_put(p + HEADER, TEMPLATE_SET_ID, &own, templates);
}

static size_t
add(uint8_t *datagram, unsigned int kind, const struct run *run, uint64_t time)
{
	size_t len, size = ipfix.record[kind];
	uint8_t *p = datagram + TEMPLATE_SET + template_own_at(kind);
	const struct record_times *t = run->times, *end = t + run->n;

	(void)time;
	len = template_set(datagram, kind, run->data, run->len);
	for (; t < end; t++, p += size) {
		put_be64(p, t->start);
		put_be64(p + 8, t->end);
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
	if (biflow)
		encode_fill(w, &ipfix, b, 1);
	else
		encode_fill(w, &ipfix, b, 0);
}

static void
finish(uint8_t *datagram, size_t len, struct domain *domain,
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
options(uint8_t *datagram, size_t room, struct domain *domain, uint64_t time,
    struct options_data *data)
{
	struct domain all = { .sequence = domain->options };
	unsigned int names = options_data_fit(data, room - HEADER);
	unsigned int records = OPTIONS_DATA_RECORDS + names;
	size_t len;

	len = begin(datagram, &all, time, records, 0);
	len += options_data_put(datagram + len, &form, domain->id, data, names);
	finish(datagram, len, &all, records);
	domain->options = all.sequence;
	return len;
}

const struct protocol ipfix = {
	.header = HEADER + TEMPLATE_SET,
	.set = TEMPLATE_SET + TEMPLATE_PAD,
	.record = { TEMPLATE_RECORDS(OWN), TEMPLATE_RECORDS_BOTH(OWN) },
	.template = { TEMPLATE_SIZES, TEMPLATE_SIZES_BOTH },
	.inet6 = 1,
	.biflow = 1,
	.counter = UINT64_MAX,
	.index = UINT32_MAX,
	.span = UINT64_MAX,
	.kind = template_kind,
	.put = put,
	.write = write_batch,
	.begin = begin,
	.add = add,
	.finish = finish,
	.options = options,
};
