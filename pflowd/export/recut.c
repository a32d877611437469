/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>

#include "common/bytes.h"
#include "protocol.h"
#include "options_data.h"
#include "recut.h"
#include "template.h"

/*
 * Header layouts by version.  The version comes first; at offset 2 is the
 * number of records (5, 9) or of bytes (10).
 */
static const struct layout {
	uint16_t version;
	size_t header;
	size_t sequence; /* offset of the sequence */
} layouts[] = { { 5, 24, 16 }, { 9, 20, 12 }, { 10, 16, 8 } };

/* A position to cut: before a record, or before a set (then at equals set). */
struct cut {
	size_t at; /* 0: none */
	size_t set;
	size_t end;	     /* end of the set's records */
	unsigned int before; /* records before the cut */
};

static const struct layout *
layout_of(const struct sendqueue_datagram *d)
{
	size_t i = 0;

	while (i + 1 < sizeof(layouts) / sizeof(layouts[0]) &&
	    layouts[i].version != get_be16(d->data))
		i++;
	return &layouts[i];
}

static void
add_sequence(struct sendqueue_datagram *d, uint32_t n)
{
	uint8_t *p = d->data + layout_of(d)->sequence;

	put_be32(p, get_be32(p) + n);
}

void
recut_move(struct sendqueue_datagram *d)
{
	add_sequence(d, 1);
}

/*
 * Prefer the last position in the first half, or else the first one after it.
 */
static void
consider(struct cut *best, size_t half, const struct cut *c)
{
	if (best->at == 0 || c->at <= half)
		*best = *c;
}

/*
 * Consider each position in len bytes of records at `start`.  Returns the
 * number of records.
 */
static unsigned int
consider_records(struct cut *best, size_t half, struct cut c, size_t start,
    size_t len, size_t size)
{
	unsigned int i,
	    n = size > 0 && size <= len ? (unsigned int)(len / size) : 1;

	c.end = n > 1 ? start + n * size : start + len;
	for (i = 1; i < n; i++) {
		c.at = start + i * size;
		c.before++;
		consider(best, half, &c);
	}
	return n;
}

/* Returns the number of records in all sets, not counting template sets. */
static unsigned int
consider_sets(const struct protocol *e, const struct sendqueue_datagram *d,
    size_t header, struct cut *best)
{
	struct cut c = { .at = header };
	unsigned int id;
	size_t len, size;

	for (; c.at < d->len; c.at += len) {
		id = get_be16(d->data + c.at);
		len = get_be16(d->data + c.at + 2);
		if (id < TEMPLATE_FIRST)
			continue;
		c.set = c.at;
		if (c.at > header)
			consider(best, d->len / 2U, &c);
		size = id < TEMPLATE_FIRST + PROTOCOL_TEMPLATES ?
		    e->record[id - TEMPLATE_FIRST] :
		    options_data_size(id);
		c.before += consider_records(best, d->len / 2U, c,
		    c.at + TEMPLATE_SET, len - TEMPLATE_SET, size);
	}
	return c.before;
}

/* Write the part before the cut, and complete its set's header. */
static void
put_first(struct sendqueue_datagram *to, const struct sendqueue_datagram *d,
    const struct cut *c)
{
	size_t set = c->set + TEMPLATE_SET;
	size_t whole = c->at > set ? c->set : c->at;

	memcpy(to->data, d->data, whole);
	if (c->at > set)
		whole += template_put_set(to->data + whole,
		    get_be16(d->data + c->set) - TEMPLATE_FIRST, d->data + set,
		    c->at - set);
	to->len = (uint16_t)whole;
}

/*
 * Write the part after the cut, behind the header, its first records in a set
 * of their own.
 */
static void
put_rest(struct sendqueue_datagram *to, const struct sendqueue_datagram *d,
    const struct cut *c, size_t header)
{
	uint8_t *p = to->data + header;
	size_t from = c->at;

	if (c->at > c->set + TEMPLATE_SET) {
		p += template_put_set(p,
		    get_be16(d->data + c->set) - TEMPLATE_FIRST,
		    d->data + c->at, c->end - c->at);
		from = c->set + get_be16(d->data + c->set + 2);
	}
	memcpy(p, d->data + from, d->len - from);
	to->len = (uint16_t)(p - to->data + d->len - from);
}

/*
 * The octets of `part` records of `all`, if each has as many: it is not worth
 * it to read them back for a datagram that is seldom cut.
 */
static uint64_t
share(uint64_t octets, unsigned int part, unsigned int all)
{
	return octets / all * part + octets % all * part / all;
}

/* Set the counts.  The records of options data datagrams are not counted. */
static void
count(struct sendqueue_datagram *first, struct sendqueue_datagram *rest,
    unsigned int before, unsigned int behind)
{
	unsigned int version = get_be16(rest->data);
	unsigned int said = get_be16(rest->data + 2);

	first->records = (uint16_t)(rest->records > 0 ? before : 0);
	rest->records = (uint16_t)(rest->records > 0 ? behind : 0);
	first->octets = share(rest->octets, before, before + behind);
	rest->octets -= first->octets;
	add_sequence(rest, version == 9 ? 1 : before);
	put_be16(first->data + 2,
	    (uint16_t)(version == 10 ? first->len : said - behind));
	put_be16(rest->data + 2,
	    (uint16_t)(version == 10 ? rest->len : behind));
}

int
recut(const struct protocol *e, struct sendqueue_datagram *first,
    struct sendqueue_datagram *rest)
{
	const struct sendqueue_datagram d = *rest;
	const struct layout *l = layout_of(&d);
	struct cut best = { 0 }, c = { 0 };
	unsigned int n;

	if (l->version == 5)
		n = consider_records(&best, d.len / 2U, c, l->header,
		    d.len - l->header, e->record[0]);
	else
		n = consider_sets(e, &d, l->header, &best);
	if (best.at == 0)
		return -1;
	if (l->version == 5)
		best.set = best.at; /* version 5 has no set headers */
	put_first(first, &d, &best);
	put_rest(rest, &d, &best, l->header);
	count(first, rest, best.before, n - best.before);
	return 0;
}
