/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Addresses of hosts: as text, as bytes, and as sockaddr.
 */

#ifndef ADDRESS_H
#define ADDRESS_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stddef.h>
#include <stdint.h>

#define ADDRESS_BYTES 16

/*
 * Parse an IPv4 address, or an IPv6 address with or without a scope (as in
 * fe80::1%em0), into bytes in network order.  The scope is ignored.  Returns 4
 * or 6; 0: not an address.
 */
int address_parse(const char *text, uint8_t addr[ADDRESS_BYTES]);

/* As address_parse(), from a sockaddr.  Returns 0 for other families. */
int address_bytes(const struct sockaddr_storage *, uint8_t addr[ADDRESS_BYTES]);

/* True if two addresses are the same, with any ports.  The scope counts. */
int address_same(const struct sockaddr_storage *,
    const struct sockaddr_storage *);

/*
 * The reason why an address can never be a destination: it is the unspecified
 * or the limited broadcast address, also when mapped to IPv6.  NULL: it can.
 */
const char *address_wrong(int family, const uint8_t addr[ADDRESS_BYTES]);

/* True if address_wrong() accepts an address and it is not multicast. */
int address_is_host(int family, const uint8_t addr[ADDRESS_BYTES]);

/* Reasons that several readers of addresses give. */
#define ADDRESS_BROADCAST \
	"broadcast address: use the address of a host or a multicast group"
#define ADDRESS_NO_SCOPE \
	"link-local address needs an interface, as in fe80::1%em0"

/* True for an IPv6 link-local address. */
int address_is_link_local(int family, const uint8_t addr[ADDRESS_BYTES]);

/*
 * True if a text that address_parse() refuses looks like an address: its last
 * label is a number.  inet_aton(3) accepts such texts (10.1, 010.0.0.1,
 * 0x7f.1).  No host name ends with a number.
 */
int address_is_number(const char *text);

#endif
