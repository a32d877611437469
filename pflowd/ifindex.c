/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <net/if.h>

#include <string.h>

#include "ifindex.h"

void
ifindex_add(struct ifindex *t, const char *name, uint32_t index)
{
	struct ifindex_entry *e = &t->entries[t->n];

	if (t->n == IFINDEX_MAX || strlen(name) >= sizeof(e->name))
		return;
	memset(e, 0, sizeof(*e));
	strcpy(e->name, name);
	e->index = index;
	t->n++;
}

int
ifindex_load(struct ifindex *t)
{
	struct if_nameindex *list, *i;

	if ((list = if_nameindex()) == NULL)
		return -1;
	t->n = t->last = 0;
	for (i = list; i->if_index != 0; i++)
		ifindex_add(t, i->if_name, i->if_index);
	if_freenameindex(list);
	return 0;
}

uint32_t
ifindex_find(struct ifindex *t, const char *name)
{
	unsigned int i;

	if (t->last < t->n && strcmp(t->entries[t->last].name, name) == 0)
		return t->entries[t->last].index;
	for (i = 0; i < t->n; i++) {
		if (strcmp(t->entries[i].name, name) == 0) {
			t->last = i;
			return t->entries[i].index;
		}
	}
	return 0;
}
