/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>

#include <stddef.h>
#include <string.h>

#include "address.h"

#define HEX "0123456789abcdefABCDEF"
#define DIGITS "0123456789"
#define TEXT 256

int
address_parse(const char *text, uint8_t addr[ADDRESS_BYTES])
{
	char plain[TEXT];
	size_t len = strcspn(text, "%");

	memset(addr, 0, ADDRESS_BYTES);
	if (inet_pton(AF_INET, text, addr) == 1)
		return 4;
	if (len >= sizeof(plain) || (text[len] == '%' && text[len + 1] == '\0'))
		return 0;
	memcpy(plain, text, len);
	plain[len] = '\0';
	return inet_pton(AF_INET6, plain, addr) == 1 ? 6 : 0;
}

int
address_bytes(const struct sockaddr_storage *ss, uint8_t addr[ADDRESS_BYTES])
{
	const char *p = (const char *)ss;

	memset(addr, 0, ADDRESS_BYTES);
	if (ss->ss_family == AF_INET) {
		memcpy(addr, p + offsetof(struct sockaddr_in, sin_addr), 4);
		return 4;
	}
	if (ss->ss_family == AF_INET6) {
		memcpy(addr, p + offsetof(struct sockaddr_in6, sin6_addr), 16);
		return 6;
	}
	return 0;
}

static uint32_t
scope_of(const struct sockaddr_storage *ss)
{
	struct sockaddr_in6 in6;

	if (ss->ss_family != AF_INET6)
		return 0;
	memcpy(&in6, ss, sizeof(in6));
	return in6.sin6_scope_id;
}

int
address_same(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	uint8_t addr_a[ADDRESS_BYTES], addr_b[ADDRESS_BYTES];

	return address_bytes(a, addr_a) == address_bytes(b, addr_b) &&
	    memcmp(addr_a, addr_b, sizeof(addr_a)) == 0 &&
	    scope_of(a) == scope_of(b);
}

/* RFC 4291, 2.5.5.2: an IPv4 address in the last four bytes. */
static int
is_mapped(const uint8_t addr[ADDRESS_BYTES])
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return memcmp(addr, prefix, sizeof(prefix)) == 0;
}

/* True if each byte is this one. */
static int
is_all(const uint8_t *addr, size_t len, uint8_t byte)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (addr[i] != byte)
			return 0;
	return 1;
}

const char *
address_wrong(int family, const uint8_t addr[ADDRESS_BYTES])
{
	size_t len = family == 4 ? 4 : ADDRESS_BYTES;

	if (family == 6 && is_mapped(addr)) {
		addr += 12;
		len = 4;
	}
	if (is_all(addr, len, 0))
		return "unspecified address: use the collector's address";
	if (len == 4 && is_all(addr, len, 0xff))
		return ADDRESS_BROADCAST;
	return NULL;
}

/* RFC 5771: 224/4; RFC 4291, 2.7: ff00::/8. */
int
address_is_host(int family, const uint8_t addr[ADDRESS_BYTES])
{
	if (address_wrong(family, addr) != NULL)
		return 0;
	return family == 4 ? (addr[0] & 0xf0) != 0xe0 : addr[0] != 0xff;
}

/* RFC 4291, 2.5.6: fe80::/10. */
int
address_is_link_local(int family, const uint8_t addr[ADDRESS_BYTES])
{
	return family == 6 && addr[0] == 0xfe && (addr[1] & 0xc0) == 0x80;
}

int
address_is_number(const char *text)
{
	size_t len = strlen(text), label;

	if (len > 0 && text[len - 1] == '.')
		len--;
	for (label = len; label > 0 && text[label - 1] != '.'; label--)
		continue;
	text += label;
	len -= label;
	if (len >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		return strspn(text + 2, HEX) >= len - 2;
	return len > 0 && strspn(text, DIGITS) >= len;
}
