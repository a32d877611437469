/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Collectors that have no socket yet, or whose name may have another address by
 * now: resolved in the background, at regular times, and with growing pauses
 * while that fails.
 */

#ifndef RESOLVER_H
#define RESOLVER_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stddef.h>

struct child_list;
struct conf;
struct event_base;
struct resolver;

/*
 * Called with a collector's address when it is resolved or checked again; it
 * may be unchanged.  The callee makes sure that a socket exists, with the
 * source that the system would choose now (local addresses or routes may have
 * changed).  An address of NULL means that its interface does not exist, so the
 * collector has no address.  Returns 0, or -1 with the reason in why; then it
 * is called again after a pause.
 */
typedef int resolver_found_cb(void *arg, unsigned int collector,
    const struct sockaddr_storage *, socklen_t, char *why, size_t whylen);

/* NULL and errno if out of memory. */
struct resolver *resolver_new(struct event_base *, struct child_list *,
    resolver_found_cb *, void *arg);
void resolver_free(struct resolver *);

/*
 * Resolve the collectors of a configuration, which must stay valid until the
 * next call; NULL: no collectors.  A lookup of the previous call goes on if its
 * name is still wanted.
 */
void resolver_begin(struct resolver *, const struct conf *);

/* Check the sockets of all collectors whose address is known. */
void resolver_check(struct resolver *);

/*
 * Check a collector that does not answer, or whose path MTU shrank: its address
 * or the route to it may have changed.
 */
void resolver_retry(struct resolver *, unsigned int collector);

#endif
