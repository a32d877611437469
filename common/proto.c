/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "proto.h"

/* IANA's numbers.  The BSDs call 112 carp. */
static const struct {
	uint8_t number;
	const char *name;
} protos[] = {
	{ 1, "icmp" },
	{ 2, "igmp" },
	{ 4, "ipencap" },
	{ 6, "tcp" },
	{ 17, "udp" },
	{ 33, "dccp" },
	{ 41, "ipv6" },
	{ 47, "gre" },
	{ 50, "esp" },
	{ 51, "ah" },
	{ 58, "ipv6-icmp" },
	{ 89, "ospf" },
	{ 97, "etherip" },
	{ 103, "pim" },
	{ 112, "carp" },
	{ 132, "sctp" },
	{ 136, "udplite" },
	{ 240, "pfsync" },
};
#define PROTOS (sizeof(protos) / sizeof(protos[0]))

const char *
proto_name(uint8_t proto, char buf[PROTO_NAME])
{
	size_t i;

	for (i = 0; i < PROTOS; i++)
		if (protos[i].number == proto)
			return protos[i].name;
	snprintf(buf, PROTO_NAME, "%u", proto);
	return buf;
}

int
proto_number(const char *name)
{
	const struct protoent *p;
	const char *error;
	long long number;
	size_t i;

	for (i = 0; i < PROTOS; i++)
		if (strcmp(protos[i].name, name) == 0)
			return protos[i].number;
	number = strtonum(name, 0, 255, &error);
	if (error == NULL)
		return (int)number;
	p = getprotobyname(name);
	return p != NULL && p->p_proto <= 255 ? p->p_proto : -1;
}

/* s_port has network order, in the first bytes of a number of the host. */
int
proto_port(const char *name)
{
	const struct servent *s;
	const char *error;
	uint16_t network;
	uint8_t bytes[sizeof(network)];
	long long number = strtonum(name, 0, 65535, &error);

	if (error == NULL)
		return (int)number;
	if ((s = getservbyname(name, NULL)) == NULL)
		return -1;
	network = (uint16_t)s->s_port;
	memcpy(bytes, &network, sizeof(bytes));
	return get_be16(bytes);
}
