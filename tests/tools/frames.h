/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * pfsync frames as bytes, and captures of them on stdout.  Layouts are those
 * of each system's net/if_pfsync.h and net/pfvar.h; nothing is shared with the
 * program that reads them.
 */

#ifndef FRAMES_H
#define FRAMES_H

#include <err.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define FRAME_MAX 65000
#define STATE_MAX 240

struct host {
	uint8_t addr[16];
	uint16_t port;
};

struct state {
	uint64_t id;
	uint64_t packets[2];
	uint64_t bytes[2];
	struct host lan, gwy, ext;
	uint8_t rt[16];
	char ifname[16];
	uint32_t rule, creator, age, expire;
	uint8_t direction, proto, af, timeout, level[2];
	int translated; /* gwy was given */
};

/* The frame that is being filled, and what is to be wrong with it. */
struct frame {
	int open;
	unsigned int version, action, states;
	int count; /* in its header; -1: the number of states */
	size_t cut, trailing;
	int ip;
	uint64_t time; /* microseconds */
	size_t len;
	uint8_t data[FRAME_MAX];
};

static int raw_output;	   /* -r: a length in front instead of pcap's headers */
static int wire_link = -1; /* -L: in IP in frames of this link type */
static unsigned int wire_tags;		   /* of VLANs, in Ethernet */
static size_t wire_snap = FRAME_MAX + 100; /* bytes captured */
static uint64_t last_time = 1700000000000000;

static inline void
put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void
put32(uint8_t *p, uint32_t v)
{
	put16(p, (uint16_t)(v >> 16));
	put16(p + 2, (uint16_t)v);
}

static inline void
put64(uint8_t *p, uint64_t v)
{
	put32(p, (uint32_t)(v >> 32));
	put32(p + 4, (uint32_t)v);
}

static inline void
write_le32(uint32_t v)
{
	putchar((int)(v & 255));
	putchar((int)(v >> 8 & 255));
	putchar((int)(v >> 16 & 255));
	putchar((int)(v >> 24));
}

static inline void
write_file_header(uint32_t link)
{
	write_le32(0xa1b2c3d4);
	write_le32(4 << 16 | 2);
	write_le32(0);
	write_le32(0);
	write_le32(65535);
	write_le32(link);
}

static inline void
write_frame(const uint8_t *data, size_t len, uint64_t time)
{
	size_t captured = len < wire_snap ? len : wire_snap;
	uint8_t be[4];

	if (raw_output) {
		put32(be, (uint32_t)captured);
		fwrite(be, 1, sizeof(be), stdout);
	} else {
		write_le32((uint32_t)(time / 1000000));
		write_le32((uint32_t)(time % 1000000));
		write_le32((uint32_t)captured);
		write_le32((uint32_t)len);
	}
	fwrite(data, 1, captured, stdout);
}

/* The header of IPv4 or IPv6 of protocol 240; returns its length. */
static inline size_t
put_ip(uint8_t *p, int version, size_t len)
{
	size_t header = version == 4 ? 20 : 40;

	memset(p, 0, header);
	p[0] = version == 4 ? 0x45 : 0x60;
	if (version == 4) {
		put16(p + 2, (uint16_t)(header + len));
		p[8] = 255;
		p[9] = 240;
	} else {
		put16(p + 4, (uint16_t)len);
		p[6] = 240;
		p[7] = 255;
	}
	return header;
}

/* The link-layer header before an IPv4 packet; returns its length. */
static inline size_t
put_link(uint8_t *p)
{
	static const uint8_t ends[12] = { 1, 0, 0x5e, 0, 0, 240, 2, 0, 0, 0, 0,
		1 };
	size_t len = 12;
	unsigned int i;

	memset(p, 0, 32);
	switch (wire_link) {
	case 0:
		p[0] = 2; /* little-endian */
		return 4;
	case 108:
		p[3] = 2;
		return 4;
	case 1:
		memcpy(p, ends, sizeof(ends));
		for (i = 0; i < wire_tags; i++, len += 4) {
			put16(p + len, i + 1 < wire_tags ? 0x88a8 : 0x8100);
			put16(p + len + 2, (uint16_t)(100 + i));
		}
		put16(p + len, 0x0800);
		return len + 2;
	case 113:
		put16(p + 14, 0x0800);
		return 16;
	case 276:
		put16(p, 0x0800);
		return 20;
	}
	return 0;
}

/* A pfsync message, with the headers that it has on the wire. */
static inline void
write_packet(const uint8_t *data, size_t len, uint64_t time)
{
	static uint8_t frame[FRAME_MAX + 100];
	size_t at;

	if (wire_link == -1) {
		write_frame(data, len, time);
		return;
	}
	at = put_link(frame);
	at += put_ip(frame + at, wire_link == 229 ? 6 : 4, len);
	memcpy(frame + at, data, len);
	for (len += at; wire_link == 1 && len < 60;)
		frame[len++] = 0xee; /* padding */
	write_frame(frame, len, time);
}

static inline void
put_hosts(uint8_t *p, unsigned int version, const struct state *s)
{
	if (version < 4) {
		memcpy(p + 24, s->lan.addr, 16);
		put16(p + 40, s->lan.port);
		memcpy(p + 48, s->gwy.addr, 16);
		put16(p + 64, s->gwy.port);
		memcpy(p + 72, s->ext.addr, 16);
		put16(p + 88, s->ext.port);
		return;
	}
	memcpy(p + 24, s->ext.addr, 16); /* wire key */
	memcpy(p + 40, s->gwy.addr, 16);
	put16(p + 56, s->ext.port);
	put16(p + 58, s->gwy.port);
	memcpy(p + 60, s->ext.addr, 16); /* stack key */
	memcpy(p + 76, s->lan.addr, 16);
	put16(p + 92, s->ext.port);
	put16(p + 94, s->lan.port);
}

static inline uint8_t *
put_counters(uint8_t *p, unsigned int version, const struct state *s)
{
	const uint64_t v[4] = { s->packets[0], s->packets[1], s->bytes[0],
		s->bytes[1] };
	int i;

	for (i = 0; i < 4; i++) {
		if (version == 2)
			put32(p, (uint32_t)v[i]);
		else
			put64(p, v[i]);
		p += version == 2 ? 4 : 8;
	}
	return p;
}

/* Returns the record's length. */
static inline size_t
put_state(uint8_t *p, unsigned int version, const struct state *s)
{
	size_t len = version == 2 ? 224 : 240;
	uint8_t *tail;

	memset(p, 0, len);
	put64(p, s->id);
	memcpy(p + 8, s->ifname, 16);
	put_hosts(p, version, s);
	p[120] = s->level[0];
	p[152] = s->level[1];
	memcpy(p + 160, s->rt, 16);
	put32(p + 176, s->rule);
	put32(p + 180, UINT32_MAX);
	put32(p + 188, s->age);
	put32(p + 192, s->expire);
	tail = put_counters(p + 196, version, s);
	put32(tail, s->creator);
	tail[4] = s->af;
	tail[5] = s->proto;
	tail[6] = s->direction;
	tail[9] = s->timeout;
	return len;
}

static inline void
open_frame(struct frame *f, unsigned int version)
{
	memset(f, 0, offsetof(struct frame, data));
	f->open = 1;
	f->version = version;
	f->action = 3;
	f->count = -1;
	f->time = last_time;
}

static inline void
start_data(struct frame *f)
{
	f->len = f->version == 2 ? 4 : 20;
	memset(f->data, 0, f->len);
}

static inline void
add_state(struct frame *f, const struct state *s)
{
	if (f->len + STATE_MAX > sizeof(f->data))
		errx(1, "too many states in a frame");
	f->len += put_state(f->data + f->len, f->version, s);
	f->states++;
}

/* IPv4 or IPv6 of protocol 240 in front. */
static inline void
write_with_ip(const struct frame *f, size_t len)
{
	static uint8_t packet[FRAME_MAX + 40];
	size_t header = put_ip(packet, f->ip, len);

	memcpy(packet + header, f->data, len);
	write_frame(packet, header + len, f->time);
}

static inline void
close_frame(struct frame *f)
{
	size_t len;

	if (!f->open)
		return;
	f->open = 0;
	f->data[0] = (uint8_t)f->version;
	f->data[2] = (uint8_t)f->action;
	f->data[3] = (uint8_t)(f->count >= 0 ? f->count : (int)f->states);
	memset(f->data + f->len, 0xee, f->trailing);
	len = f->len + f->trailing - f->cut;
	if (f->ip != 0)
		write_with_ip(f, len);
	else
		write_packet(f->data, len, f->time);
}

#endif
