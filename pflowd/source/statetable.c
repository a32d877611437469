/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The arrays of states, of DIOCGETSTATES and DIOCGETSTATESV2.  Systems differ
 * in offsets and byte orders only, so one table is enough.
 */

#include <netinet/in.h>
#include <string.h>

#include "common/cold.h"
#include "flow/anomaly.h"
#include "decode.h"
#include "statetable.h"
#include "statetable_layout.h"

/* Numbers of more than a byte: in network order, or in the kernel's. */
enum order {
	NETWORK,
	KERNEL,
	KERNEL_WORDS /* 64 bits as two words, the high one first */
};

/* Offsets; of hosts, as in pfsync_layout.h. */
struct layout {
	uint16_t record; /* bytes */
	uint16_t id;
	uint16_t ifname;
	uint16_t orig_ifname; /* of the first packet; 0: no such field */
	uint16_t lan_addr;
	uint16_t lan_port;
	uint16_t gwy_addr;
	uint16_t gwy_port;
	uint16_t ext_addr;
	uint16_t ext_port;
	uint16_t wire_af; /* 0: as the state's */
	uint16_t stack_af;
	uint16_t peers;
	uint16_t rt_addr;
	uint16_t rule;
	uint16_t age; /* followed by the rest of the timeout */
	uint16_t packets;
	uint16_t bytes;
	uint16_t creator;
	uint16_t af; /* followed by protocol and direction */
	uint16_t timeout;
	uint8_t integers; /* enum order */
	uint8_t counters;
	uint8_t freebsd;
	uint8_t icmp; /* ports of ICMP have id and type */
};

/* What FreeBSD's and DragonFly's have in common with version 4 of pfsync. */
#define AS_PFSYNC                                                   \
	.id = AT_ID, .ifname = AT_IFNAME, .peers = AT_PEER,         \
	.rt_addr = AT_RT_ADDR, .rule = AT_RULE, .age = AT_CREATION, \
	.packets = AT_COUNTERS, .bytes = AT_COUNTERS + 16,          \
	.creator = V3_CREATOR, .af = V3_CREATOR + TAIL_AF

#define KEYS                                              \
	.lan_addr = V4_LAN_ADDR, .lan_port = V4_LAN_PORT, \
	.gwy_addr = V4_GWY_ADDR, .gwy_port = V4_GWY_PORT, \
	.ext_addr = V4_EXT_ADDR, .ext_port = V4_EXT_PORT

#define HOSTS                                             \
	.lan_addr = V3_LAN_ADDR, .lan_port = V3_LAN_PORT, \
	.gwy_addr = V3_GWY_ADDR, .gwy_port = V3_GWY_PORT, \
	.ext_addr = V3_EXT_ADDR, .ext_port = V3_EXT_PORT

static const struct layout layouts[STATETABLE_NETLINK] = {
	[STATETABLE_OPENBSD] = { .record = OPENBSD_RECORD,
	    .id = AT_ID,
	    .ifname = AT_IFNAME,
	    .lan_addr = OPENBSD_LAN_ADDR,
	    .lan_port = OPENBSD_LAN_PORT,
	    .gwy_addr = V4_GWY_ADDR,
	    .gwy_port = V4_GWY_PORT,
	    .ext_addr = V4_EXT_ADDR,
	    .ext_port = V4_EXT_PORT,
	    .wire_af = OPENBSD_WIRE_AF,
	    .stack_af = OPENBSD_STACK_AF,
	    .peers = OPENBSD_PEERS,
	    .rt_addr = OPENBSD_RT_ADDR,
	    .rule = OPENBSD_RULE,
	    .age = OPENBSD_CREATION,
	    .packets = OPENBSD_PACKETS,
	    .bytes = OPENBSD_BYTES,
	    .creator = OPENBSD_CREATOR,
	    .af = OPENBSD_AF,
	    .timeout = OPENBSD_TIMEOUT,
	    .icmp = 1 },
	[STATETABLE_NETBSD] = { .record = NETBSD_RECORD,
	    AS_PFSYNC,
	    HOSTS,
	    .timeout = NETBSD_TIMEOUT,
	    .integers = KERNEL,
	    .counters = KERNEL_WORDS },
	[STATETABLE_DRAGONFLY] = { .record = NETBSD_RECORD,
	    AS_PFSYNC,
	    KEYS,
	    .timeout = NETBSD_TIMEOUT },
	[STATETABLE_FREEBSD] = { .record = FREEBSD_RECORD,
	    AS_PFSYNC,
	    KEYS,
	    .timeout = FREEBSD_TIMEOUT,
	    .freebsd = 1,
	    .icmp = 1 },
	[STATETABLE_FREEBSD_V2] = { .record = EXPORT_RECORD,
	    .id = EXPORT_ID,
	    .ifname = EXPORT_IFNAME,
	    .orig_ifname = EXPORT_ORIG_IFNAME,
	    .lan_addr = EXPORT_LAN_ADDR,
	    .lan_port = EXPORT_LAN_PORT,
	    .gwy_addr = EXPORT_GWY_ADDR,
	    .gwy_port = EXPORT_GWY_PORT,
	    .ext_addr = EXPORT_EXT_ADDR,
	    .ext_port = EXPORT_EXT_PORT,
	    .peers = EXPORT_PEERS,
	    .rt_addr = EXPORT_RT_ADDR,
	    .rule = EXPORT_RULE,
	    .age = EXPORT_CREATION,
	    .packets = EXPORT_PACKETS,
	    .bytes = EXPORT_BYTES,
	    .creator = EXPORT_CREATOR,
	    .af = EXPORT_AF,
	    .timeout = EXPORT_TIMEOUT,
	    .counters = KERNEL,
	    .freebsd = 1,
	    .icmp = 1 },
};

#define SCTP_OPEN 8 /* SCTP_STATE_OPEN */

static const char *const names[STATETABLE_LAYOUTS] = {
	[STATETABLE_OPENBSD] = "OpenBSD",
	[STATETABLE_NETBSD] = "NetBSD",
	[STATETABLE_DRAGONFLY] = "DragonFly",
	[STATETABLE_FREEBSD] = "FreeBSD, version 1",
	[STATETABLE_FREEBSD_V2] = "FreeBSD, version 2",
	[STATETABLE_NETLINK] = "FreeBSD, netlink",
};

const char *
statetable_name(unsigned int layout)
{
	return layout < STATETABLE_LAYOUTS ? names[layout] : NULL;
}

int
statetable_open(struct statetable *t, unsigned int layout, int big_endian,
    const uint8_t *data, size_t len)
{
	memset(t, 0, sizeof(*t));
	if (statetable_name(layout) == NULL)
		return -1;
	t->layout = layout;
	t->big_endian = big_endian;
	t->unread = (struct bytes){ data, len };
	if (layout == STATETABLE_FREEBSD_V2 && len >= EXPORT_RECORD &&
	    statetable_u64(t, data) != EXPORT_VERSION)
		return -1;
	return 0;
}

ALWAYS_INLINE static uint32_t
read_integer(const struct statetable *t, const struct layout *l,
    const uint8_t *p)
{
	return l->integers == NETWORK ? get_be32(p) : statetable_u32(t, p);
}

ALWAYS_INLINE static uint64_t
read_counter(const struct statetable *t, const struct layout *l,
    const uint8_t *p)
{
	if (l->counters == KERNEL)
		return statetable_u64(t, p);
	if (l->counters == KERNEL_WORDS)
		return (uint64_t)statetable_u32(t, p) << 32 |
		    statetable_u32(t, p + 4);
	return get_be64(p);
}

/* A floating state has the interface of its first packet, if it is known. */
ALWAYS_INLINE static void
read_interface(struct flow *f, const struct layout *l, const uint8_t *r)
{
	decode_name(f->ifname, r + l->ifname);
	if (l->orig_ifname != 0 && !flow_bound(f) && r[l->orig_ifname] != 0)
		decode_name(f->ifname, r + l->orig_ifname);
}

ALWAYS_INLINE static void
read_hosts(struct flow *f, const struct layout *l, const uint8_t *r)
{
	uint8_t af = r[l->af];
	uint8_t wire = l->wire_af == 0 ? af : r[l->wire_af];
	uint8_t stack = l->stack_af == 0 ? af : r[l->stack_af];

	decode_host(&f->lan, r + l->lan_addr, r + l->lan_port);
	decode_host(&f->gwy, r + l->gwy_addr, r + l->gwy_port);
	decode_host(&f->ext, r + l->ext_addr, r + l->ext_port);
	f->lan.family = decode_families[stack];
	f->gwy.family = f->ext.family = decode_families[wire];
}

/* An index of FreeBSD's as one of SCTP's timeouts; UNKNOWN: it is another. */
static uint8_t
sctp_timeout(unsigned int index)
{
	if (index < FREEBSD_SCTP_FIRST || index > FREEBSD_SCTP_CLOSED)
		return FLOW_TIMEOUT_UNKNOWN;
	return (uint8_t)(index - FREEBSD_SCTP_FIRST + FLOW_SCTP_FIRST);
}

/*
 * Since FreeBSD 14, which has timeouts of SCTP, a state to be purged has
 * another index.  The older index is one of SCTP's now, so the protocol
 * decides.
 */
uint8_t
statetable_freebsd_timeout(uint8_t proto, uint8_t timeout)
{
	if (timeout == FREEBSD_PURGE)
		return FLOW_PURGE;
	if (proto == FLOW_SCTP && timeout >= FREEBSD_SCTP_FIRST)
		return sctp_timeout(timeout);
	return timeout <= FLOW_PURGE ? timeout : FLOW_TIMEOUT_UNKNOWN;
}

uint8_t
statetable_timeout(unsigned int layout, unsigned int index)
{
	if (index < FLOW_PF_TIMEOUTS)
		return (uint8_t)index;
	return layout >= STATETABLE_FREEBSD ? sctp_timeout(index) :
					      FLOW_TIMEOUT_UNKNOWN;
}

/* The states of SCTP (netinet/sctp_constants.h) as similar ones of TCP. */
static uint8_t
sctp_state(uint8_t state)
{
	if (state == 0)
		return FLOW_TCPS_CLOSED;
	if (state < SCTP_OPEN)
		return FLOW_TCPS_SYN_SENT;
	return state == SCTP_OPEN ? FLOW_TCPS_ESTABLISHED : FLOW_TCPS_CLOSING;
}

/*
 * The type of ICMP is in the place of the responder's port, the id in that of
 * the initiator's.  FreeBSD before 14 has the id in both.
 */
static uint16_t
icmp_type(const struct flow *f)
{
	uint16_t type = flow_host(f, FLOW_INSIDE, FLOW_RESPONDER)->port;
	uint16_t id = flow_host(f, FLOW_INSIDE, FLOW_INITIATOR)->port;

	return type == id || type > UINT8_MAX ? 0 : (uint16_t)(type << 8);
}

COLD static void
complete_other(struct flow *f, int icmp)
{
	if (icmp && (f->proto == IPPROTO_ICMP || f->proto == IPPROTO_ICMPV6))
		f->icmp = icmp_type(f);
	if (f->proto == FLOW_SCTP) {
		f->tcp_state[0] = sctp_state(f->tcp_state[0]);
		f->tcp_state[1] = sctp_state(f->tcp_state[1]);
	}
}

void
statetable_complete(struct flow *f, int icmp)
{
	f->version = 0;
	f->icmp = 0;
	f->label = FLOW_ALIVE;
	if (f->proto != IPPROTO_TCP && f->proto != IPPROTO_UDP)
		complete_other(f, icmp);
	f->anomalies = flow_plain(f) ? 0 : flow_anomalies(f);
}

ALWAYS_INLINE static void
read_state(const struct statetable *t, const struct layout *l, const uint8_t *r,
    struct flow *f)
{
	const uint8_t *peers = r + l->peers + PEER_STATE;

	f->id = get_be64(r + l->id);
	f->creator = get_be32(r + l->creator);
	f->proto = r[l->af + 1];
	f->direction = r[l->af + 2];
	read_interface(f, l, r);
	read_hosts(f, l, r);
	memcpy(f->rt_addr, r + l->rt_addr, sizeof(f->rt_addr));
	f->rule = read_integer(t, l, r + l->rule);
	f->age = read_integer(t, l, r + l->age);
	f->expires = read_integer(t, l, r + l->age + 4);
	f->packets[0] = read_counter(t, l, r + l->packets);
	f->packets[1] = read_counter(t, l, r + l->packets + 8);
	f->bytes[0] = read_counter(t, l, r + l->bytes);
	f->bytes[1] = read_counter(t, l, r + l->bytes + 8);
	f->timeout = l->freebsd ?
	    statetable_freebsd_timeout(f->proto, r[l->timeout]) :
	    r[l->timeout];
	f->tcp_state[0] = peers[0];
	f->tcp_state[1] = peers[PEER_SIZE];
	statetable_complete(f, l->icmp);
}

ALWAYS_INLINE static unsigned int
read_states(struct statetable *t, const struct layout *l, struct flow *f,
    unsigned int n)
{
	const uint8_t *record;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if ((record = bytes_take(&t->unread, l->record)) == NULL)
			break;
		read_state(t, l, record, f++);
	}
	return i;
}

/* Constant layouts let the compiler use constant offsets. */
unsigned int
statetable_read(struct statetable *t, struct flow *f, unsigned int n)
{
	switch (t->layout) {
	case STATETABLE_OPENBSD:
		return read_states(t, &layouts[STATETABLE_OPENBSD], f, n);
	case STATETABLE_NETBSD:
		return read_states(t, &layouts[STATETABLE_NETBSD], f, n);
	case STATETABLE_DRAGONFLY:
		return read_states(t, &layouts[STATETABLE_DRAGONFLY], f, n);
	case STATETABLE_FREEBSD:
		return read_states(t, &layouts[STATETABLE_FREEBSD], f, n);
	case STATETABLE_FREEBSD_V2:
		return read_states(t, &layouts[STATETABLE_FREEBSD_V2], f, n);
	case STATETABLE_NETLINK:
		return statetable_netlink(t, f, n);
	case STATETABLE_LAYOUTS:
		break;
	}
	return 0;
}
