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
 * Called with a collector's address when it is resolved or checked again; it
 * may be unchanged.  The callee makes sure that a socket exists, with the
 * source that the system would choose now (local addresses or routes may have
 * changed).  An address of NULL means that its interface does not exist, so the
 * collector has no address.  Returns 0, or -1 with the reason in why; then it
 * is called again after a pause.
 */
typedef int lookup_found_cb(void *arg, unsigned int collector,
    const struct sockaddr_storage *, socklen_t, char *why, size_t whylen);

/* NULL and errno if out of memory. */
struct lookup *lookup_new(struct event_base *, lookup_found_cb *, void *arg);
void lookup_free(struct lookup *);

/*
 * Look up the collectors of a configuration, which must stay valid until the
 * next call; NULL: no collectors.  Ends the children of the previous call.
 */
void lookup_begin(struct lookup *, const struct conf *);

/* Check the sockets of all collectors whose address is known. */
void lookup_look(struct lookup *);

/*
 * Check a collector that does not answer, or whose path MTU shrank: its address
 * or the route to it may have changed.
 */
void lookup_again(struct lookup *, unsigned int collector);

/* The caller has reaped a child: send it no more signals. */
void lookup_reaped(struct lookup *, pid_t);

#endif
