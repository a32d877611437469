/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What was reported is written in one step, though it is of two entries, and of
 * sums: first into a journal, which is in the tracked memory, too; then it is
 * made.  An engine that takes over makes the last commit again.  So whenever
 * one dies, a commit was made, or nothing of it was.
 *
 * The journal has two places, which are used in turn: one of them is always
 * whole.
 */

#include <sys/types.h>
#include <sys/mman.h>

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "common/bytes.h"
#include "os/memory.h"
#include "track_local.h"

_Static_assert(sizeof(struct journal) <= TRACK_HEADER, "room");
_Static_assert(offsetof(struct commit, check) % 8 == 0, "words");

struct journal *
commit_open(int memory)
{
	void *p;

	if (memory != -1 && memory_grow(memory, 0, TRACK_HEADER) == -1)
		return NULL;
	p = mmap(NULL, TRACK_HEADER, PROT_READ | PROT_WRITE,
	    memory == -1 ? MAP_PRIVATE | MAP_ANON : MAP_SHARED, memory, 0);
	return p == MAP_FAILED ? NULL : p;
}

void
commit_close(struct journal *j)
{
	if (j != NULL)
		munmap(j, TRACK_HEADER);
}

static uint64_t
check(const struct commit *c)
{
	const uint8_t *p = (const uint8_t *)c;
	uint64_t h = 1;
	size_t i;

	for (i = 0; i < offsetof(struct commit, check); i += 8)
		h = mix(h, get_host64(p + i));
	return h;
}

void
commit_begin(const struct track *t, const struct entry *e, struct change *c)
{
	memset(c, 0, sizeof(*c));
	c->number = e->number;
	c->twin = e->twin;
	c->base = *table_base(&t->table, e->number);
}

/* Made again, it must not undo that a packet came since. */
static void
make(const struct change *c, struct entry *e, struct fixed *x, struct base *b)
{
	uint64_t first = b->first;

	e->twin = c->twin;
	*b = c->base;
	if (b->first < first)
		b->first = first;
	x->check = c->check;
}

/* The compiler must not move one part into another. */
static void
part(void)
{
	atomic_signal_fence(memory_order_seq_cst);
}

void
commit(struct track *t, struct change *change, unsigned int n)
{
	struct commit *c =
	    &t->table.segments.journal->commits[++t->sequence % 2];
	struct table *table = &t->table;
	unsigned int i;

	part();
	memset(c, 0, sizeof(*c));
	c->sequence = t->sequence;
	c->octets = t->counts.octets;
	c->changes = n;
	for (i = 0; i < n; i++) {
		change[i].check = entry_check_fixed(table_fixed(table,
							change[i].number),
		    &change[i].base, change[i].twin);
		c->change[i] = change[i];
	}
	c->check = check(c);
	part();
	for (i = 0; i < n; i++)
		make(&change[i], table_entry(table, change[i].number),
		    table_fixed(table, change[i].number),
		    table_base(table, change[i].number));
	part();
}

static int
sound(const struct commit *c)
{
	return c->sequence > 0 && c->changes <= CHANGES && c->check == check(c);
}

int
commit_last(int before, struct commit *last)
{
	struct journal j;
	const struct commit *a = &j.commits[0], *b = &j.commits[1];

	if (track_read(before, 0, &j, sizeof(j)) == -1 ||
	    (!sound(a) && !sound(b)))
		return -1;
	if (!sound(b) || (sound(a) && a->sequence > b->sequence))
		*last = *a;
	else
		*last = *b;
	return 0;
}

void
commit_again(const struct commit *last, uint32_t number, struct entry *e,
    struct fixed *x, struct base *b)
{
	unsigned int i;

	for (i = 0; i < last->changes; i++)
		if (last->change[i].number == number)
			make(&last->change[i], e, x, b);
}
