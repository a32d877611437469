/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <netinet/in.h>
#include <string.h>

#include "flow.h"

const uint16_t flow_ports[256] = {
	[6] = UINT16_MAX,   /* TCP */
	[17] = UINT16_MAX,  /* UDP */
	[33] = UINT16_MAX,  /* DCCP */
	[132] = UINT16_MAX, /* SCTP */
	[136] = UINT16_MAX, /* UDP-Lite */
};

int
flow_bound(const struct flow *f)
{
	return f->ifname[0] != '\0' && strcmp(f->ifname, "all") != 0 &&
	    strcmp(f->ifname, "self") != 0;
}

/* Requests, and what answers them: IANA's ICMP type numbers. */
static const struct {
	uint8_t proto;
	uint8_t request;
	uint8_t answer;
} icmp_answers[] = {
	{ IPPROTO_ICMP, 8, 0 },	      /* echo */
	{ IPPROTO_ICMP, 13, 14 },     /* timestamp */
	{ IPPROTO_ICMP, 15, 16 },     /* information */
	{ IPPROTO_ICMP, 17, 18 },     /* address mask */
	{ IPPROTO_ICMPV6, 128, 129 }, /* echo */
	{ IPPROTO_ICMPV6, 133, 134 }, /* router */
	{ IPPROTO_ICMPV6, 135, 136 }, /* neighbor */
};

uint16_t
flow_icmp(const struct flow *f, enum flow_end from)
{
	size_t i;

	if (f->icmp == 0 || from == FLOW_INITIATOR)
		return f->icmp;
	for (i = 0; i < sizeof(icmp_answers) / sizeof(icmp_answers[0]); i++)
		if (icmp_answers[i].proto == f->proto &&
		    icmp_answers[i].request == f->icmp >> 8)
			return (uint16_t)(icmp_answers[i].answer << 8);
	return 0;
}
