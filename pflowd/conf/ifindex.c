/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <net/if.h>
#include <netinet/in.h>
#include <ifaddrs.h>

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "ifindex.h"

void
ifindex_add(struct ifindex *t, const struct ifindex_entry *e)
{
	if (t->n < IFINDEX_MAX)
		t->entries[t->n++] = *e;
}

/* Add an entry; a name that is too long is ignored. */
static void
add_name(struct ifindex *t, const char *name, uint32_t index)
{
	struct ifindex_entry e = { .index = index };

	if (strlcpy(e.name, name, sizeof(e.name)) < sizeof(e.name))
		ifindex_add(t, &e);
}

/* The position of a name; t->n: not found. */
static unsigned int
position(const struct ifindex *t, const char *name)
{
	unsigned int i = 0;

	while (i < t->n && strcmp(t->entries[i].name, name) != 0)
		i++;
	return i;
}

int
ifindex_fixed(const struct ifindex *t, const char *name)
{
	unsigned int i = position(t, name);

	return i < t->n && t->entries[i].fixed;
}

int
ifindex_fix(struct ifindex *t, const char *name, uint32_t index)
{
	unsigned int i = position(t, name);

	if (i == t->n)
		add_name(t, name, index);
	if (i == t->n)
		return -1;
	t->entries[i].index = index;
	t->entries[i].fixed = 1;
	return 0;
}

/* Remove all entries that are not fixed. */
static void
forget(struct ifindex *t)
{
	unsigned int i, n = 0;

	for (i = 0; i < t->n; i++)
		if (t->entries[i].fixed)
			t->entries[n++] = t->entries[i];
	t->n = n;
}

int
ifindex_load(struct ifindex *t)
{
	struct if_nameindex *list, *i;

	if ((list = if_nameindex()) == NULL)
		return -1;
	forget(t);
	for (i = list; i->if_index != 0; i++)
		if (position(t, i->if_name) == t->n)
			add_name(t, i->if_name, i->if_index);
	if_freenameindex(list);
	return 0;
}

int
ifindex_self(struct rule_self *self)
{
	struct ifaddrs *list, *i;

	if (getifaddrs(&list) == -1)
		return -1;
	self->n = 0;
	for (i = list; i != NULL; i = i->ifa_next) {
		uint8_t addr[16] = { 0 };

		if (i->ifa_addr == NULL)
			continue;
		if (i->ifa_addr->sa_family == AF_INET) {
			memcpy(addr,
			    (const char *)i->ifa_addr +
				offsetof(struct sockaddr_in, sin_addr),
			    4);
			rule_self_add(self, 4, addr);
		} else if (i->ifa_addr->sa_family == AF_INET6) {
			memcpy(addr,
			    (const char *)i->ifa_addr +
				offsetof(struct sockaddr_in6, sin6_addr),
			    16);
			rule_self_add(self, 6, addr);
		}
	}
	freeifaddrs(list);
	return 0;
}

/* Copy the address of a sockaddr_in, whose alignment is unknown. */
static void
ipv4_bytes(const struct sockaddr *sa, uint8_t addr[4])
{
	memcpy(addr, (const char *)sa + offsetof(struct sockaddr_in, sin_addr),
	    4);
}

/* True if addr is the last address of a network of more than two addresses. */
static int
ends_network(const struct ifaddrs *i, const uint8_t addr[4])
{
	uint8_t own[4], mask[4];
	int at;

	if (i->ifa_addr == NULL || i->ifa_addr->sa_family != AF_INET ||
	    i->ifa_netmask == NULL || !(i->ifa_flags & IFF_BROADCAST))
		return 0;
	ipv4_bytes(i->ifa_addr, own);
	ipv4_bytes(i->ifa_netmask, mask);
	if (mask[3] >= 0xfe)
		return 0;
	for (at = 0; at < 4; at++)
		if (addr[at] != (uint8_t)(own[at] | ~mask[at]))
			return 0;
	return 1;
}

int
ifindex_is_broadcast(const uint8_t addr[4])
{
	struct ifaddrs *list, *i;
	int found = 0;

	if (getifaddrs(&list) == -1)
		return 0;
	for (i = list; i != NULL && !found; i = i->ifa_next)
		found = ends_network(i, addr);
	freeifaddrs(list);
	return found;
}

int
ifindex_there(const char *name, int up)
{
	struct ifreq ifr;
	int fd, there;

	if (if_nametoindex(name) == 0)
		return 0;
	if (!up)
		return 1;
	if ((fd = socket(AF_INET, SOCK_DGRAM, 0)) == -1)
		return 0;
	memset(&ifr, 0, sizeof(ifr));
	strlcpy(ifr.ifr_name, name, sizeof(ifr.ifr_name));
	there = ioctl(fd, SIOCGIFFLAGS, &ifr) == 0 &&
	    (ifr.ifr_flags & IFF_UP) != 0;
	close(fd);
	return there;
}

uint32_t
ifindex_find(const struct ifindex *t, const char *name)
{
	unsigned int i = position(t, name);

	return i < t->n ? t->entries[i].index : 0;
}
