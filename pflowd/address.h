/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Addresses of hosts: as text, as bytes, and as the system's sockaddr.
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
 * fe80::1%em0), into bytes in network order; the scope is left out.  Returns 4,
 * 6, or 0 for any other text.
 */
int address_parse(const char *text, uint8_t addr[ADDRESS_BYTES]);

/* The same of a sockaddr; 0 for other families. */
int address_bytes(const struct sockaddr_storage *, uint8_t addr[ADDRESS_BYTES]);

/*
 * Why nothing can be sent to an address, whatever the network: it is
 * unspecified, or the limited broadcast address, also when mapped to IPv6.
 * NULL: nothing is wrong with it.
 */
const char *address_wrong(int family, const uint8_t addr[ADDRESS_BYTES]);

/* Whether it can be the address of a host: it is also no multicast group. */
int address_is_host(int family, const uint8_t addr[ADDRESS_BYTES]);

/* Whether it is an IPv6 address that has a meaning on one link alone. */
int address_is_link_local(int family, const uint8_t addr[ADDRESS_BYTES]);

/*
 * Whether a text that is no address looks like one to inet_aton(3), which takes
 * 10.1, 010.0.0.1 and 0x7f.1: its last label is a number.  No name is like
 * that.
 */
int address_is_number(const char *text);

#endif
