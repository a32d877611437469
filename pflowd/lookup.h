/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Collectors that have no socket yet, or whose name may have another address by
 * now: looked up in the background, at regular times, and with growing pauses
 * while that fails.
 */

#ifndef LOOKUP_H
#define LOOKUP_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stddef.h>

struct conf;
struct conf_collector;
struct event_base;
struct lookup;

/*
 * A collector's address is known, and may be the one that was known before: see
 * that there is a socket for it, of the source that the system would choose now
 * (an own address or a route may have changed).  NULL: its interface is not
 * there, so it has none.  Returns 0, or -1 after writing to why what is wrong,
 * to be called again after a pause.
 */
typedef int lookup_found_cb(void *arg, unsigned int collector,
    const struct sockaddr_storage *, socklen_t, char *why, size_t whylen);

/* NULL and errno when there is no memory. */
struct lookup *lookup_new(struct event_base *, lookup_found_cb *, void *arg);
void lookup_free(struct lookup *);

/*
 * Look after the collectors of a configuration, which stays until the next
 * call; NULL: of none.  Ends the children of before.
 */
void lookup_begin(struct lookup *, const struct conf *);

/* Look at the sockets of all collectors whose address is known. */
void lookup_look(struct lookup *);

/*
 * A collector does not answer, or its path has become narrow: has it another
 * address, or this host another route to it?
 */
void lookup_again(struct lookup *, unsigned int collector);

/* A child of the caller's was waited for: no signal goes to it any more. */
void lookup_reaped(struct lookup *, pid_t);

#endif
