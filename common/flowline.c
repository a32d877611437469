/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "flowline.h"
#include "proto.h"

_Static_assert(FLOWLINE_ADDRESS >= INET6_ADDRSTRLEN, "FLOWLINE_ADDRESS");

#define DIRECTION_IN 1
#define DIRECTION_OUT 2
#define LABEL_EXACT 1 /* of a state that was seen to expire */

/* A line being written.  What does not fit is cut off. */
struct line {
	char *text;
	size_t len;
};

static void append(struct line *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

static void
append(struct line *l, const char *fmt, ...)
{
	size_t room = FLOWLINE - l->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->text + l->len, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		l->len += (size_t)n < room ? (size_t)n : room - 1;
}

int
flowline_sensible(const struct ctl_flow *f)
{
	return (f->family == 4 || f->family == 6) &&
	    (f->direction == DIRECTION_IN || f->direction == DIRECTION_OUT);
}

const char *
flowline_state(const struct ctl_flow *f, uint8_t state,
    char buf[FLOWLINE_STATE])
{
	static const char *const tcp[] = { "CLOSED", "LISTEN", "SYN_SENT",
		"SYN_RCVD", "ESTABLISHED", "CLOSE_WAIT", "FIN_WAIT_1",
		"CLOSING", "LAST_ACK", "FIN_WAIT_2", "TIME_WAIT", "PROXY_SRC",
		"PROXY_DST" };
	static const char *const other[] = { "NO_TRAFFIC", "SINGLE",
		"MULTIPLE" };
	const char *const *names = f->proto == IPPROTO_TCP ? tcp : other;
	size_t n = f->proto == IPPROTO_TCP ? sizeof(tcp) / sizeof(tcp[0]) :
					     sizeof(other) / sizeof(other[0]);

	if (state < n)
		snprintf(buf, FLOWLINE_STATE, "%s", names[state]);
	else
		snprintf(buf, FLOWLINE_STATE, "%u", state);
	return buf;
}

const char *
flowline_label(const struct ctl_flow *f)
{
	static const char *const labels[] = { "final", "exact", "perhaps cut",
		"cut", "alive", "interim" };

	return f->label < sizeof(labels) / sizeof(labels[0]) ?
	    labels[f->label] :
	    NULL;
}

const char *
flowline_address(const struct ctl_flow *f, const uint8_t addr[16],
    char buf[FLOWLINE_ADDRESS])
{
	buf[0] = '\0';
	inet_ntop(f->family == 6 ? AF_INET6 : AF_INET, addr, buf,
	    FLOWLINE_ADDRESS);
	return buf;
}

const char *
flowline_time(uint64_t time, char buf[FLOWLINE_TIME])
{
	time_t seconds = (time_t)(time / 1000);
	struct tm tm;
	size_t len = 0;

	if (gmtime_r(&seconds, &tm) != NULL)
		len = strftime(buf, FLOWLINE_TIME, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + len, FLOWLINE_TIME - len, ".%03uZ",
	    (unsigned int)(time % 1000));
	return buf;
}

/* pfctl writes IPv4 with :port and IPv6 with [port], and no port that is 0. */
static void
append_host(struct line *l, const struct ctl_flow *f, const uint8_t addr[16],
    uint16_t port)
{
	char text[FLOWLINE_ADDRESS];

	append(l, "%s", flowline_address(f, addr, text));
	if (port != 0)
		append(l, f->family == 6 ? "[%u]" : ":%u", port);
}

int
flowline_translated(const struct ctl_flow *f)
{
	return f->lan_port != f->gwy_port ||
	    memcmp(f->lan, f->gwy, f->family == 4 ? 4 : 16) != 0;
}

int
flowline_translated_out(const struct ctl_flow *f)
{
	return f->joined &&
	    (f->ext_port != f->nat_port ||
		memcmp(f->ext, f->nat, f->family == 4 ? 4 : 16) != 0);
}

/* Of a pair: both hosts, each followed by its address across the firewall. */
static void
append_joined(struct line *l, const struct ctl_flow *f)
{
	append_host(l, f, f->ext, f->ext_port);
	if (flowline_translated_out(f)) {
		append(l, " (");
		append_host(l, f, f->nat, f->nat_port);
		append(l, ")");
	}
	append(l, " -> ");
	append_host(l, f, f->lan, f->lan_port);
	if (flowline_translated(f)) {
		append(l, " (");
		append_host(l, f, f->gwy, f->gwy_port);
		append(l, ")");
	}
}

/* The host behind the firewall first; an arrow from the initiator. */
static void
append_hosts(struct line *l, const struct ctl_flow *f)
{
	const char *arrow = f->direction == DIRECTION_OUT ? " -> " : " <- ";

	if (f->joined) {
		append_joined(l, f);
		return;
	}
	append_host(l, f, f->lan, f->lan_port);
	if (flowline_translated(f)) {
		append(l, "%s", arrow);
		append_host(l, f, f->gwy, f->gwy_port);
	}
	append(l, "%s", arrow);
	append_host(l, f, f->ext, f->ext_port);
}

/* The states, in the order of the hosts. */
static void
append_states(struct line *l, const struct ctl_flow *f)
{
	int first = f->direction == DIRECTION_OUT || f->joined ? 0 : 1;
	char a[FLOWLINE_STATE], b[FLOWLINE_STATE];

	append(l, "%s:%s", flowline_state(f, f->tcp_state[first], a),
	    flowline_state(f, f->tcp_state[!first], b));
}

/* The name is from the network: replace bytes that could control a terminal. */
static void
append_ifname(struct line *l, const char name[16])
{
	size_t i;

	for (i = 0; i < 16 && name[i] != '\0'; i++)
		append(l, "%c",
		    name[i] > ' ' && name[i] <= '~' ? name[i] : '?');
	if (i == 0)
		append(l, "-");
}

/* Of a pair both, unless they are the same, as of states that float. */
static void
append_interfaces(struct line *l, const struct ctl_flow *f)
{
	append_ifname(l, f->ifname);
	if (!f->joined || strncmp(f->ifname, f->out_ifname, 16) == 0)
		return;
	append(l, "->");
	append_ifname(l, f->out_ifname);
}

const char *
flowline(const struct ctl_flow *f, char buf[FLOWLINE])
{
	struct line l = { buf, 0 };
	char time[FLOWLINE_TIME], proto[PROTO_NAME];

	append(&l, "%s ", flowline_time(f->time, time));
	append_interfaces(&l, f);
	append(&l, " %s ", proto_name(f->proto, proto));
	if (flowline_sensible(f)) {
		append_hosts(&l, f);
		append(&l, " ");
		append_states(&l, f);
	} else {
		append(&l, "(direction or address family unknown)");
	}
	append(&l,
	    " age %02u:%02u:%02u, %" PRIu64 ":%" PRIu64 " pkts, %" PRIu64
	    ":%" PRIu64 " bytes",
	    f->age / 3600, f->age / 60 % 60, f->age % 60, f->packets[0],
	    f->packets[1], f->bytes[0], f->bytes[1]);
	if (f->rate > 0)
		append(&l, ", %u bytes/s", f->rate);
	if (f->rule != UINT32_MAX)
		append(&l, ", rule %u", f->rule);
	if (f->joined)
		append(&l, ", joined");
	if (f->label > LABEL_EXACT && flowline_label(f) != NULL)
		append(&l, ", %s", flowline_label(f));
	return buf;
}

const char *
flowline_lost(uint64_t flows, char buf[FLOWLINE])
{
	snprintf(buf, FLOWLINE,
	    "(%" PRIu64 " flows not shown: reader is too slow)", flows);
	return buf;
}
