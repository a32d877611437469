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

static struct ifindex_entry *
entry(struct ifindex *t, const char *name)
{
	unsigned int i;

	for (i = 0; i < t->n; i++)
		if (strcmp(t->entries[i].name, name) == 0)
			return &t->entries[i];
	return NULL;
}

int
ifindex_fix(struct ifindex *t, const char *name, uint32_t index)
{
	struct ifindex_entry *e;

	if (entry(t, name) == NULL)
		ifindex_add(t, name, index);
	if ((e = entry(t, name)) == NULL)
		return -1;
	e->index = index;
	e->fixed = 1;
	return 0;
}

static void
forget(struct ifindex *t)
{
	unsigned int i, n = 0;

	for (i = 0; i < t->n; i++)
		if (t->entries[i].fixed)
			t->entries[n++] = t->entries[i];
	t->n = n;
	t->last = 0;
}

int
ifindex_load(struct ifindex *t)
{
	struct if_nameindex *list, *i;

	if ((list = if_nameindex()) == NULL)
		return -1;
	forget(t);
	for (i = list; i->if_index != 0; i++)
		if (entry(t, i->if_name) == NULL)
			ifindex_add(t, i->if_name, i->if_index);
	if_freenameindex(list);
	return 0;
}

uint32_t
ifindex_find(struct ifindex *t, const char *name)
{
	const struct ifindex_entry *e;

	if (t->last < t->n && strcmp(t->entries[t->last].name, name) == 0)
		return t->entries[t->last].index;
	if ((e = entry(t, name)) == NULL)
		return 0;
	t->last = (unsigned int)(e - t->entries);
	return e->index;
}
