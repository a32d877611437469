/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Cisco NetFlow version 5: a header of 24 bytes and up to 30 records of 48.
 */

#include <string.h>

#include "common/bytes.h"
#include "exporter.h"

#define HEADER 24
#define RECORD 48

static size_t
begin(uint8_t *p, struct stream *stream, uint64_t time, unsigned int records,
    unsigned int templates)
{
	(void)templates;
	put_be16(p, 5);
	put_be16(p + 2, (uint16_t)records);
	put_be32(p + 4, EXPORTER_UPTIME);
	put_be32(p + 8, (uint32_t)(time / 1000));
	put_be32(p + 12, (uint32_t)(time % 1000) * 1000000);
	put_be32(p + 16, stream->sequence);
	p[20] = 0; /* engine type */
	p[21] = (uint8_t)stream->domain;
	put_be16(p + 22, 0); /* not sampled */
	return HEADER;
}

static size_t
add(uint8_t *datagram, size_t len, struct stream *stream, unsigned int kind,
    const struct record *r, uint64_t time)
{
	uint8_t *p = datagram + len;

	(void)stream;
	(void)kind;
	memcpy(p, r->src, 4);
	memcpy(p + 4, r->dst, 4);
	memcpy(p + 8, r->nexthop, 4);
	put_be16(p + 12, (uint16_t)r->input);
	put_be16(p + 14, (uint16_t)r->output);
	put_be32(p + 16, (uint32_t)r->packets);
	put_be32(p + 20, (uint32_t)r->octets);
	put_be32(p + 24, (uint32_t)(EXPORTER_UPTIME - (time - r->start)));
	put_be32(p + 28, (uint32_t)(EXPORTER_UPTIME - (time - r->end)));
	put_be16(p + 32, r->sport);
	put_be16(p + 34, r->dport);
	p[36] = 0;
	p[37] = r->tcp_flags;
	p[38] = r->proto;
	memset(p + 39, 0, RECORD - 39); /* tos, AS, masks: pf has none */
	return RECORD;
}

static size_t
finish(uint8_t *datagram, size_t len, struct stream *stream,
    unsigned int records)
{
	(void)datagram;
	(void)len;
	stream->sequence += records;
	return 0;
}

const struct exporter netflow5 = {
	.name = "netflow5",
	.header = HEADER,
	.record = { RECORD },
	.records = 30,
	.counter = UINT32_MAX,
	.index = UINT16_MAX,
	.span = EXPORTER_UPTIME,
	.begin = begin,
	.add = add,
	.finish = finish,
};
