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
 * Cut a datagram into two, as near to the middle as its records allow. `first`
 * gets the templates and the records before the cut, `rest` keeps the others.
 * Both are complete datagrams, and the sequence of rest follows that of first.
 * If the sequence counts datagrams, the caller must call recut_move() for those
 * behind.  -1: it has only one record and cannot be cut.
 */
int recut(const struct protocol *, struct sendqueue_datagram *first,
    struct sendqueue_datagram *rest);

/* Increment the sequence of a datagram. */
void recut_move(struct sendqueue_datagram *);

#endif
