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

/* A state of UDP, with packets of the initiator. */
static void
make_state(uint8_t r[DUMPS_RECORD], unsigned int id, uint8_t direction,
    uint64_t octets)
{
	memset(r, 0, DUMPS_RECORD);
	r[OPENBSD_WIRE_AF] = r[OPENBSD_STACK_AF] = r[OPENBSD_AF] = 2;
	r[OPENBSD_AF + 1] = IPPROTO_UDP;
	r[OPENBSD_AF + 2] = direction;
	r[OPENBSD_TIMEOUT] = 6;
	put_be64(r + OPENBSD_PACKETS, 1);
	put_be64(r + OPENBSD_BYTES, octets);
	put_be64(r + AT_ID, id);
}

void
dumps_state(struct dumps *d, unsigned int id, uint64_t octets)
{
	uint8_t r[DUMPS_RECORD];

	make_state(r, id, FLOW_IN, octets);
	put_be16(r + V4_EXT_PORT, (uint16_t)id);
	dumps_put(d, CHUNK_STATES, r, sizeof(r));
}

static void
put_host(uint8_t *addr, uint8_t *at_port, const char *host, uint16_t port)
{
	memcpy(addr, host, 4);
	put_be16(at_port, port);
}

static void
put_back(uint8_t r[DUMPS_RECORD], uint64_t octets)
{
	put_be64(r + OPENBSD_PACKETS + 8, 1);
	put_be64(r + OPENBSD_BYTES + 8, octets);
}

void
dumps_pair(struct dumps *d, unsigned int id, uint64_t octets, uint64_t back)
{
	const char *client = "\x0a\0\0\1", *server = "\x0a\0\0\2";
	uint8_t in[DUMPS_RECORD], out[DUMPS_RECORD];
	uint16_t port = (uint16_t)id;

	make_state(in, id, FLOW_IN, octets);
	put_back(in, back - 1);
	memcpy(in + AT_IFNAME, "em0", 4);
	put_host(in + OPENBSD_LAN_ADDR, in + OPENBSD_LAN_PORT, server, 80);
	put_host(in + V4_GWY_ADDR, in + V4_GWY_PORT, server, 80);
	put_host(in + V4_EXT_ADDR, in + V4_EXT_PORT, client, port);
	dumps_put(d, CHUNK_STATES, in, sizeof(in));
	make_state(out, id + 1, FLOW_OUT, octets - 1);
	put_back(out, back);
	memcpy(out + AT_IFNAME, "em1", 4);
	put_host(out + OPENBSD_LAN_ADDR, out + OPENBSD_LAN_PORT, client, port);
	put_host(out + V4_GWY_ADDR, out + V4_GWY_PORT, "\x0a\0\0\3", 61000);
	put_host(out + V4_EXT_ADDR, out + V4_EXT_PORT, server, 80);
	dumps_put(d, CHUNK_STATES, out, sizeof(out));
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
