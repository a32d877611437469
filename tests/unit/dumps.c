/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "dumps.h"

#include <netinet/in.h>

#include <unistd.h>

#include "pflowd/source/statetable.h"
#include "pflowd/source/statetable_layout.h"
#include "pflowd/source/recording.h"

#define NOW UINT64_C(1700000000000)

static void
put(struct dumps *d, const void *data, size_t len)
{
	if (len > 0)
		assert_int_equal(fwrite(data, 1, len, d->file), len);
}

void
dumps_init(struct dumps *d)
{
	uint8_t h[RECORDING_HEADER];

	memset(d, 0, sizeof(*d));
	d->file = tmpfile();
	assert_non_null(d->file);
	d->chunk.layout = STATETABLE_OPENBSD;
	d->chunk.wall = NOW;
	recording_header(h);
	put(d, h, sizeof(h));
}

void
dumps_put(struct dumps *d, enum chunk_kind kind, const void *data, size_t len)
{
	uint8_t packet[RECORDING_PACKET], header[CHUNK_HEADER];
	struct chunk *c = &d->chunk;

	if (kind == CHUNK_BEGIN) {
		c->dump++;
		c->part = 0;
	}
	c->kind = kind;
	c->data = (struct bytes){ data, len };
	chunk_write(c, header);
	recording_packet(packet, c->wall, sizeof(header) + len);
	put(d, packet, sizeof(packet));
	put(d, header, sizeof(header));
	put(d, data, len);
	c->part++;
}

void
dumps_numbers(struct dumps *d, enum chunk_kind kind, const uint64_t *numbers,
    size_t n)
{
	uint8_t data[64];
	size_t i;

	assert_true(n * 8 <= sizeof(data));
	for (i = 0; i < n; i++)
		put_be64(data + i * 8, numbers[i]);
	dumps_put(d, kind, data, n * 8);
}

void
dumps_state(struct dumps *d, unsigned int id, uint64_t octets)
{
	uint8_t r[DUMPS_RECORD] = { 0 };

	r[OPENBSD_WIRE_AF] = r[OPENBSD_STACK_AF] = r[OPENBSD_AF] = 2;
	r[OPENBSD_AF + 1] = IPPROTO_UDP;
	r[OPENBSD_AF + 2] = FLOW_IN;
	r[OPENBSD_TIMEOUT] = 6;
	put_be64(r + OPENBSD_PACKETS, 1);
	put_be64(r + OPENBSD_BYTES, octets);
	put_be64(r + AT_ID, id);
	put_be16(r + V4_EXT_PORT, (uint16_t)id);
	dumps_put(d, CHUNK_STATES, r, sizeof(r));
}

void
dumps_states(struct dumps *d, unsigned int n, uint64_t octets)
{
	unsigned int i;

	for (i = 1; i <= n; i++)
		dumps_state(d, i, octets);
}

struct capture *
dumps_open(struct dumps *d)
{
	struct capture *capture;
	char why[256];

	assert_int_equal(fseek(d->file, 0, SEEK_SET), 0);
	capture = capture_open_fd(dup(fileno(d->file)), "dumps", 0, why,
	    sizeof(why));
	assert_non_null(capture);
	fclose(d->file);
	return capture;
}
