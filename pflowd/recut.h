/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A finished datagram, larger than its path takes, made into two.
 */

#ifndef RECUT_H
#define RECUT_H

struct sendqueue_datagram;
struct protocol;

/*
 * Cut a datagram in halves, as near as its records allow: `first` gets the
 * templates and the records in front, `rest` keeps the others.  Both are
 * complete, and the sequence of the second follows that of the first.  Where
 * the sequence counts datagrams, those behind are for the caller to move on
 * (recut_move()).  -1: it has one record, and cannot be cut.
 */
int recut(const struct protocol *, struct sendqueue_datagram *first,
    struct sendqueue_datagram *rest);

/* Move on the sequence of a datagram by one. */
void recut_move(struct sendqueue_datagram *);

#endif
