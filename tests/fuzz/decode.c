/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "decode.h"
#include "fuzz.h"

#define PAD_MAX 3
#define ENTERPRISE 0x8000

static void
must_be_zeros(struct bytes b)
{
	while (b.left > 0)
		MUST(*bytes_take(&b, 1) == 0);
}

static uint16_t
take16(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 2);

	MUST(p != NULL);
	return get_be16(p);
}

static uint32_t
take32(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 4);

	MUST(p != NULL);
	return get_be32(p);
}

const uint8_t *
decode_find(const struct decode_record *r, uint32_t enterprise,
    uint16_t element, size_t *size)
{
	unsigned int i;

	for (i = 0; i < r->template->n; i++)
		if (r->template->fields[i].element == element &&
		    r->template->fields[i].enterprise == enterprise) {
			*size = r->size[i];
			return r->data[i];
		}
	return NULL;
}

uint64_t
decode_number(const struct decode_record *r, uint32_t enterprise,
    uint16_t element)
{
	size_t size;
	const uint8_t *p = decode_find(r, enterprise, element, &size);
	uint64_t v = 0;

	MUST(p != NULL && size >= 1 && size <= 8);
	while (size-- > 0)
		v = v << 8 | *p++;
	return v;
}

static struct decode_template *
find_template(struct decoder *d, uint16_t id)
{
	unsigned int i;

	for (i = 0; i < DECODE_TEMPLATES; i++)
		if (d->templates[i].id == id)
			return &d->templates[i];
	return NULL;
}

/* None changes: it is new, or the same as before. */
static void
keep_template(struct decoder *d, const struct decode_template *t)
{
	struct decode_template *old = find_template(d, t->id);

	if (old == NULL) {
		old = find_template(d, 0);
		MUST(old != NULL);
		*old = *t;
	}
	MUST(memcmp(old, t, sizeof(*t)) == 0);
}

static struct decode_field
take_field(const struct decoder *d, struct bytes *b)
{
	struct decode_field f;

	memset(&f, 0, sizeof(f));
	f.element = take16(b);
	f.size = take16(b);
	if (d->version == 10 && f.element & ENTERPRISE) {
		f.element &= ENTERPRISE - 1;
		f.enterprise = take32(b);
	}
	MUST(f.size > 0 && (f.size != UINT16_MAX || d->version == 10));
	return f;
}

static void
take_template(struct decoder *d, struct bytes *b, int options)
{
	struct decode_template t;
	unsigned int i;

	memset(&t, 0, sizeof(t));
	t.id = take16(b);
	t.options = options;
	t.n = take16(b);
	if (options && d->version == 9) {
		/* RFC 3954, 6.1: the bytes of scopes, and of the others. */
		MUST(t.n % 4 == 0);
		t.scopes = t.n / 4;
		t.n = t.scopes + take16(b) / 4;
	} else if (options) {
		t.scopes = take16(b);
		MUST(t.scopes > 0);
	}
	MUST(t.id >= 256 && t.n > 0 && t.n <= DECODE_FIELDS);
	MUST(t.scopes <= t.n);
	for (i = 0; i < t.n; i++)
		t.fields[i] = take_field(d, b);
	keep_template(d, &t);
	d->items++;
	d->untold = 0;
}

static void
take_templates(struct decoder *d, struct bytes *b, int options)
{
	while (b->left > PAD_MAX)
		take_template(d, b, options);
	must_be_zeros(*b);
}

/* The least that a record has. */
static size_t
least(const struct decode_template *t)
{
	size_t size = 0;
	unsigned int i;

	for (i = 0; i < t->n; i++)
		size += t->fields[i].size == UINT16_MAX ? 1 : t->fields[i].size;
	return size;
}

static size_t
field_size(const struct decode_field *f, struct bytes *b)
{
	const uint8_t *p;

	if (f->size != UINT16_MAX)
		return f->size;
	p = bytes_take(b, 1);
	MUST(p != NULL);
	return *p < 255 ? *p : take16(b);
}

static void
take_data(const struct decode_template *t, struct bytes *b,
    struct decode_record *r)
{
	unsigned int i;

	r->template = t;
	for (i = 0; i < t->n; i++) {
		r->size[i] = field_size(&t->fields[i], b);
		r->data[i] = bytes_take(b, r->size[i]);
		MUST(r->data[i] != NULL);
	}
}

/* SysUptime is the header's time less the boot's. */
static void
set_times(const struct decoder *d, struct decode_record *r)
{
	r->version = d->version;
	r->time = d->time;
	if (d->version == 10) {
		r->start = decode_number(r, 0, FLOW_START_MILLISECONDS);
		r->end = decode_number(r, 0, FLOW_END_MILLISECONDS);
		return;
	}
	r->start = d->time - d->uptime +
	    decode_number(r, 0, FLOW_START_SYS_UP_TIME);
	r->end = d->time - d->uptime +
	    decode_number(r, 0, FLOW_END_SYS_UP_TIME);
}

static void
take_records(struct decoder *d, struct bytes *b, uint16_t id)
{
	const struct decode_template *t = find_template(d, id);
	struct decode_record r;
	unsigned int n;

	MUST(id >= 256 && t != NULL);
	for (n = 0; b->left >= least(t); n++) {
		memset(&r, 0, sizeof(r));
		take_data(t, b, &r);
		d->data++;
		d->items++;
		d->told += t->options != 0;
		if (t->options)
			continue;
		set_times(d, &r);
		d->cb(d->arg, &r);
	}
	MUST(n > 0 && b->left <= PAD_MAX);
	must_be_zeros(*b);
}

static void
take_sets(struct decoder *d, struct bytes *b)
{
	const unsigned int templates = d->version == 9 ? 0 : 2;

	while (b->left > 0) {
		struct bytes set;
		uint16_t id = take16(b);
		uint16_t len = take16(b);

		MUST(len > 4 && len % 4 == 0);
		set.left = len - 4U;
		set.data = bytes_take(b, set.left);
		MUST(set.data != NULL);
		if (id == templates || id == templates + 1)
			take_templates(d, &set, id != templates);
		else
			take_records(d, &set, id);
	}
}

static void
take_netflow9(struct decoder *d, struct bytes *b)
{
	unsigned int count = take16(b);

	d->uptime = take32(b);
	d->time = take32(b) * UINT64_C(1000);
	MUST(take32(b) == d->sequence++);
	MUST(take32(b) == d->domain);
	take_sets(d, b);
	MUST(d->items == count);
}

/* Options data are said of all that is exported: domain 0 (RFC 7011, 3.1). */
static void
take_ipfix(struct decoder *d, struct bytes *b)
{
	size_t len = b->left + 2;
	uint32_t sequence, domain;

	MUST(take16(b) == len);
	d->time = take32(b) * UINT64_C(1000);
	sequence = take32(b);
	domain = take32(b);
	MUST(domain == d->domain || domain == 0);
	MUST(sequence == (domain == 0 ? d->options : d->sequence));
	take_sets(d, b);
	MUST(d->told == (domain == 0 ? d->data : 0));
	if (domain == 0)
		d->options += d->data;
	else
		d->sequence += d->data;
}

/* What a record of version 5 has, by the others' elements; 0: zeros. */
static const struct decode_template netflow5 = {
	.n = 15,
	.fields = { { SOURCE_IPV4_ADDRESS, 4, 0 },
	    { DESTINATION_IPV4_ADDRESS, 4, 0 },
	    { IP_NEXT_HOP_IPV4_ADDRESS, 4, 0 }, { INGRESS_INTERFACE, 2, 0 },
	    { EGRESS_INTERFACE, 2, 0 }, { PACKET_DELTA_COUNT, 4, 0 },
	    { OCTET_DELTA_COUNT, 4, 0 }, { FLOW_START_SYS_UP_TIME, 4, 0 },
	    { FLOW_END_SYS_UP_TIME, 4, 0 }, { SOURCE_TRANSPORT_PORT, 2, 0 },
	    { DESTINATION_TRANSPORT_PORT, 2, 0 }, { 0, 1, 0 },
	    { TCP_CONTROL_BITS, 1, 0 }, { PROTOCOL_IDENTIFIER, 1, 0 },
	    { 0, 9, 0 } },
};

static void
take_netflow5(struct decoder *d, struct bytes *b)
{
	unsigned int i, count = take16(b);
	struct decode_record r;
	uint32_t ns;

	MUST(count >= 1 && count <= 30 && b->left == 20 + 48 * count);
	d->uptime = take32(b);
	d->time = take32(b) * UINT64_C(1000);
	ns = take32(b);
	MUST(ns < 1000000000 && ns % 1000000 == 0);
	d->time += ns / 1000000;
	MUST(take32(b) == d->sequence);
	MUST(take16(b) == d->domain && take16(b) == 0);
	d->sequence += count;
	for (i = 0; i < count; i++) {
		memset(&r, 0, sizeof(r));
		take_data(&netflow5, b, &r);
		must_be_zeros((struct bytes){ r.data[11], r.size[11] });
		must_be_zeros((struct bytes){ r.data[14], r.size[14] });
		set_times(d, &r);
		d->cb(d->arg, &r);
	}
}

void
decode(struct decoder *d, const uint8_t *datagram, size_t len)
{
	struct bytes b = { datagram, len };

	d->items = d->data = d->told = 0;
	d->untold++;
	d->version = take16(&b);
	if (d->version == 5)
		take_netflow5(d, &b);
	else if (d->version == 9)
		take_netflow9(d, &b);
	else if (d->version == 10)
		take_ipfix(d, &b);
	else
		MUST(!"a version that is known");
	MUST(b.left == 0);
}
