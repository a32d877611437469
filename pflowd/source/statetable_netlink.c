/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * States as messages of netlink (RFC 3549, 2.2): attributes in any order, of
 * which later kernels may send more.  One that is too short is as one that is
 * missing.
 */

#include <string.h>

#include "decode.h"
#include "statetable.h"
#include "statetable_layout.h"

/* An attribute, or a message: data without its header. */
struct attribute {
	unsigned int type;
	struct bytes data;
};

/* Take what is padded to NL_ALIGN bytes, but for the last. */
static const uint8_t *
take_aligned(struct bytes *b, size_t len)
{
	size_t padded = (len + NL_ALIGN - 1) / NL_ALIGN * NL_ALIGN;

	return bytes_take(b, padded <= b->left ? padded : len);
}

/* The next attribute.  0: no more, or the rest is none. */
static int
next_attribute(const struct statetable *t, struct bytes *from,
    struct attribute *a)
{
	const uint8_t *p = from->data;
	size_t len;

	if (from->left < NLA_HEADER)
		return 0;
	len = statetable_u16(t, p);
	if (len < NLA_HEADER || take_aligned(from, len) == NULL)
		return 0;
	a->type = statetable_u16(t, p + 2) & ~(unsigned int)NLA_NESTED;
	a->data = (struct bytes){ p + NLA_HEADER, len - NLA_HEADER };
	return 1;
}

/* Numbers in the kernel's order, and where they go. */
#define NUMBER(member)                                 \
	{                                              \
		sizeof(((struct flow *)NULL)->member), \
		    offsetof(struct flow, member)      \
	}
static const struct number {
	uint8_t size; /* 0: not a number */
	uint8_t at;
} numbers[NL_ATTRIBUTES] = {
	[NL_CREATOR] = NUMBER(creator),
	[NL_RULE] = NUMBER(rule),
	[NL_AGE] = NUMBER(age),
	[NL_EXPIRE] = NUMBER(expires),
	[NL_PACKETS0] = NUMBER(packets[0]),
	[NL_PACKETS1] = NUMBER(packets[1]),
	[NL_BYTES0] = NUMBER(bytes[0]),
	[NL_BYTES1] = NUMBER(bytes[1]),
	[NL_AF] = NUMBER(lan.family),
	[NL_PROTO] = NUMBER(proto),
	[NL_DIRECTION] = NUMBER(direction),
	[NL_TIMEOUT] = NUMBER(timeout),
};

_Static_assert(sizeof(struct flow) <= UINT8_MAX, "struct number");

#define BIT(type) (UINT32_C(1) << (type))

/* A state without one of these is refused. */
#define REQUIRED                                                               \
	(BIT(NL_ID) | BIT(NL_CREATOR) | BIT(NL_KEY_WIRE) | BIT(NL_KEY_STACK) | \
	    BIT(NL_AGE) | BIT(NL_EXPIRE) | BIT(NL_PACKETS0) |                  \
	    BIT(NL_PACKETS1) | BIT(NL_BYTES0) | BIT(NL_BYTES1) | BIT(NL_AF) |  \
	    BIT(NL_PROTO) | BIT(NL_DIRECTION) | BIT(NL_TIMEOUT))

/* 0: too short for the number. */
static int
read_number(const struct statetable *t, const struct attribute *a,
    struct flow *f)
{
	const struct number *of = &numbers[a->type];
	uint8_t *to = (uint8_t *)f + of->at;
	uint64_t v64;
	uint32_t v32;

	if (a->data.left < of->size)
		return 0;
	switch (of->size) {
	case 1:
		*to = a->data.data[0];
		break;
	case 4:
		v32 = statetable_u32(t, a->data.data);
		memcpy(to, &v32, sizeof(v32));
		break;
	case 8:
		v64 = statetable_u64(t, a->data.data);
		memcpy(to, &v64, sizeof(v64));
		break;
	}
	return 1;
}

/* IPv4 addresses have 4 bytes. */
static int
read_address(const struct attribute *a, uint8_t addr[16])
{
	if (a->data.left != 4 && a->data.left != 16)
		return 0;
	memset(addr, 0, 16);
	memcpy(addr, a->data.data, a->data.left);
	return 1;
}

static int
read_port(const struct attribute *a, uint16_t *port)
{
	if (a->data.left < sizeof(*port))
		return 0;
	*port = get_be16(a->data.data);
	return 1;
}

static int
read_ifname(const struct attribute *a, char name[FLOW_IFNAME])
{
	size_t len = a->data.left < FLOW_IFNAME ? a->data.left :
						  FLOW_IFNAME - 1;

	memset(name, 0, FLOW_IFNAME);
	memcpy(name, a->data.data, strnlen((const char *)a->data.data, len));
	return 1;
}

/* Two hosts: all of their addresses and ports must be there. */
static int
read_key(const struct statetable *t, const struct attribute *key,
    struct flow_host *host0, struct flow_host *host1)
{
	struct bytes from = key->data;
	struct attribute a;
	int n = 0;

	while (next_attribute(t, &from, &a))
		switch (a.type) {
		case NL_KEY_ADDR0:
			n += read_address(&a, host0->addr);
			break;
		case NL_KEY_ADDR1:
			n += read_address(&a, host1->addr);
			break;
		case NL_KEY_PORT0:
			n += read_port(&a, &host0->port);
			break;
		case NL_KEY_PORT1:
			n += read_port(&a, &host1->port);
			break;
		}
	return n == 4;
}

static int
read_peer(const struct statetable *t, const struct attribute *peer,
    uint8_t *state)
{
	struct bytes from = peer->data;
	struct attribute a;

	while (next_attribute(t, &from, &a))
		if (a.type == NL_PEER_STATE && a.data.left >= sizeof(*state))
			*state = a.data.data[0];
	return 1;
}

/*
 * 0: the attribute is not one that is read, or has another size.  As in
 * pfsync_layout.h, the wire's key has ext and gwy, the stack's has lan.
 */
static int
read_attribute(const struct statetable *t, const struct attribute *a,
    struct flow *f, char orig_ifname[FLOW_IFNAME])
{
	struct flow_host unused;

	switch (a->type) {
	case NL_ID:
		if (a->data.left < sizeof(f->id))
			return 0;
		f->id = get_be64(a->data.data);
		return 1;
	case NL_IFNAME:
		return read_ifname(a, f->ifname);
	case NL_ORIG_IFNAME:
		return read_ifname(a, orig_ifname);
	case NL_KEY_WIRE:
		return read_key(t, a, &f->ext, &f->gwy);
	case NL_KEY_STACK:
		return read_key(t, a, &unused, &f->lan);
	case NL_PEER_SRC:
		return read_peer(t, a, &f->tcp_state[0]);
	case NL_PEER_DST:
		return read_peer(t, a, &f->tcp_state[1]);
	case NL_RT_ADDR:
		return read_address(a, f->rt_addr);
	}
	return a->type < NL_ATTRIBUTES && numbers[a->type].size > 0 &&
	    read_number(t, a, f);
}

/* -1: the message is not a whole state. */
static int
read_state(const struct statetable *t, struct bytes *from, struct flow *f)
{
	char orig_ifname[FLOW_IFNAME] = "";
	struct attribute a;
	uint32_t seen = 0;

	memset(f, 0, sizeof(*f));
	f->rule = UINT32_MAX;
	while (next_attribute(t, from, &a))
		if (read_attribute(t, &a, f, orig_ifname))
			seen |= BIT(a.type);
	if ((seen & REQUIRED) != REQUIRED)
		return -1;
	flow_set_family(f, decode_families[f->lan.family]);
	if (!flow_bound(f) && orig_ifname[0] != '\0')
		memcpy(f->ifname, orig_ifname, sizeof(f->ifname));
	f->timeout = statetable_freebsd_timeout(f->proto, f->timeout);
	statetable_complete(f, 1);
	return 0;
}

/* The next message's data behind its header.  0: no more. */
static int
next_message(struct statetable *t, struct attribute *m)
{
	const uint8_t *p = t->unread.data;
	size_t len;

	if (t->done || t->unread.left < NL_HEADER)
		return 0;
	len = statetable_u32(t, p);
	if (len < NL_HEADER || take_aligned(&t->unread, len) == NULL)
		return 0;
	m->type = statetable_u16(t, p + NL_TYPE);
	m->data = (struct bytes){ p + NL_HEADER, len - NL_HEADER };
	return 1;
}

/* The end of a dump, or an error, which has the same place. */
static void
end(struct statetable *t, const struct attribute *m)
{
	t->done = 1;
	if (m->data.left >= 4)
		t->error = (int)statetable_u32(t, m->data.data);
}

unsigned int
statetable_netlink(struct statetable *t, struct flow *f, unsigned int n)
{
	struct attribute m;
	unsigned int i = 0;

	while (i < n && next_message(t, &m)) {
		if (m.type == NL_TYPE_DONE || m.type == NL_TYPE_ERROR)
			end(t, &m);
		else if (m.type >= NL_TYPE_MIN &&
		    bytes_take(&m.data, GENL_HEADER) != NULL &&
		    read_state(t, &m.data, f) == 0) {
			f++;
			i++;
		} else
			t->refused++;
	}
	return i;
}
