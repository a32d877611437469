/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>

#include "decode5.h"

#define HEADER 24
#define RECORD 48

static uint32_t
get(const uint8_t *p, unsigned int width)
{
	uint32_t v = 0;

	while (width-- > 0)
		v = v << 8 | *p++;
	return v;
}

static void
decode_record(struct record5 *r, const uint8_t *p)
{
	r->from = p;
	r->to = p + 4;
	r->next_hop = p + 8;
	r->input = (uint16_t)get(p + 12, 2);
	r->output = (uint16_t)get(p + 14, 2);
	r->packets = get(p + 16, 4);
	r->octets = get(p + 20, 4);
	r->first = get(p + 24, 4);
	r->last = get(p + 28, 4);
	r->from_port = (uint16_t)get(p + 32, 2);
	r->to_port = (uint16_t)get(p + 34, 2);
	assert_int_equal(p[36], 0); /* padding */
	r->flags = p[37];
	r->proto = p[38];
	assert_int_equal(p[39], 0);	     /* type of service */
	assert_int_equal(get(p + 40, 4), 0); /* autonomous systems */
	assert_int_equal(get(p + 44, 4), 0); /* masks, padding */
	assert_true(r->packets > 0);
	assert_true(r->first <= r->last);
}

void
decode5(struct datagram5 *d, const uint8_t *data, size_t len)
{
	unsigned int i;

	assert_true(len >= HEADER);
	assert_int_equal(get(data, 2), 5);
	d->n = get(data + 2, 2);
	assert_true(d->n >= 1 && d->n <= DECODE5_RECORDS);
	assert_int_equal(len, HEADER + RECORD * d->n);
	d->uptime = get(data + 4, 4);
	d->time = UINT64_C(1000) * get(data + 8, 4) +
	    get(data + 12, 4) / 1000000;
	d->sequence = get(data + 16, 4);
	assert_int_equal(get(data + 20, 4), 0); /* engine, sampling */
	for (i = 0; i < d->n; i++) {
		decode_record(&d->record[i], data + HEADER + RECORD * i);
		assert_true(d->record[i].last <= d->uptime);
	}
}

int
receive5(struct datagram5 *d, int fd)
{
	static uint8_t data[65536];
	ssize_t len = recv(fd, data, sizeof(data), MSG_DONTWAIT);

	if (len == -1)
		return 0;
	decode5(d, data, (size_t)len);
	return 1;
}
