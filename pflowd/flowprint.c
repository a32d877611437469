/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "flowprint.h"

#define IPPROTO_CARP_NUMBER 112

/* As /etc/protocols has them, which is out of reach in the empty directory. */
static const char *
proto_name(uint8_t proto, char *buf, size_t len)
{
	switch (proto) {
	case IPPROTO_ICMP:
		return "icmp";
	case IPPROTO_IGMP:
		return "igmp";
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_GRE:
		return "gre";
	case IPPROTO_ESP:
		return "esp";
	case IPPROTO_AH:
		return "ah";
	case IPPROTO_ICMPV6:
		return "ipv6-icmp";
	case IPPROTO_CARP_NUMBER:
		return "carp";
	}
	snprintf(buf, len, "%u", proto);
	return buf;
}

static const char *
level_name(uint8_t proto, uint8_t level, char *buf, size_t len)
{
	static const char *const tcp[] = { "CLOSED", "LISTEN", "SYN_SENT",
		"SYN_RCVD", "ESTABLISHED", "CLOSE_WAIT", "FIN_WAIT_1",
		"CLOSING", "LAST_ACK", "FIN_WAIT_2", "TIME_WAIT", "PROXY_SRC",
		"PROXY_DST" };
	static const char *const other[] = { "NO_TRAFFIC", "SINGLE",
		"MULTIPLE" };

	if (proto == IPPROTO_TCP && level < sizeof(tcp) / sizeof(tcp[0]))
		return tcp[level];
	if (proto != IPPROTO_TCP && level < sizeof(other) / sizeof(other[0]))
		return other[level];
	snprintf(buf, len, "%u", level);
	return buf;
}

/* pfctl writes IPv4 with :port and IPv6 with [port], and no port that is 0. */
static void
print_host(const struct flow *f, const struct flow_host *h)
{
	char addr[INET6_ADDRSTRLEN];

	inet_ntop(f->family == 6 ? AF_INET6 : AF_INET, h->addr, addr,
	    sizeof(addr));
	if (h->port == 0)
		printf("%s", addr);
	else if (f->family == 6)
		printf("%s[%u]", addr, h->port);
	else
		printf("%s:%u", addr, h->port);
}

/* The firewall's side first, and an arrow for who began. */
static void
print_hosts(const struct flow *f)
{
	const char *arrow = f->direction == FLOW_OUT ? " -> " : " <- ";

	print_host(f, &f->lan);
	if (flow_translated(f)) {
		printf("%s", arrow);
		print_host(f, &f->gwy);
	}
	printf("%s", arrow);
	print_host(f, &f->ext);
}

/* The levels stand in the order of the hosts. */
static void
print_levels(const struct flow *f)
{
	enum flow_end first = f->direction == FLOW_OUT ? FLOW_INITIATOR :
							 FLOW_RESPONDER;
	char a[4], b[4];

	printf("%s:%s",
	    level_name(f->proto, f->peer[first].level, a, sizeof(a)),
	    level_name(f->proto, f->peer[!first].level, b, sizeof(b)));
}

static void
print_time(uint64_t time)
{
	time_t seconds = (time_t)(time / 1000);
	struct tm tm;
	char text[32];

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	printf("%s.%03uZ", text, (unsigned int)(time % 1000));
}

/* A name is the wire's: nothing of it may move a terminal's cursor. */
static void
print_ifname(const struct flow *f)
{
	const char *p;

	for (p = f->ifname; *p != '\0'; p++)
		putchar(*p > ' ' && *p <= '~' ? *p : '?');
	if (f->ifname[0] == '\0')
		putchar('-');
}

void
flowprint(const struct flow *f, uint64_t time)
{
	char proto[4];

	print_time(time);
	putchar(' ');
	print_ifname(f);
	printf(" %s ", proto_name(f->proto, proto, sizeof(proto)));
	if (f->odd & FLOW_INEXPRESSIBLE) {
		printf("(direction or address family unknown)");
	} else {
		print_hosts(f);
		printf(" ");
		print_levels(f);
	}
	printf(" age %02u:%02u:%02u, %" PRIu64 ":%" PRIu64 " pkts, %" PRIu64
	       ":%" PRIu64 " bytes",
	    f->age / 3600, f->age / 60 % 60, f->age % 60, f->packets[0],
	    f->packets[1], f->bytes[0], f->bytes[1]);
	if (f->rule != UINT32_MAX)
		printf(", rule %u", f->rule);
	putchar('\n');
}

int
flowprint_flush(void)
{
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : -1;
}
