/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The sockets that a configuration asks for, opened by whoever may open them
 * and used by the engine.
 */

#ifndef SOCKETS_H
#define SOCKETS_H

#include <stddef.h>

#include "conf/conf.h"

enum sockets_result {
	SOCKETS_OPEN,
	SOCKETS_LATER,	   /* retry: no route, or no such source yet */
	SOCKETS_NO_SOURCE, /* retry: not a source of this host */
	SOCKETS_WRONG	   /* permanent: retrying will not help */
};

/*
 * Open the socket of a collector whose address is known: bound to its source,
 * with its dscp, connected and non-blocking.  Also sets path_mtu.  Unless the
 * result is SOCKETS_OPEN, why has the reason.
 */
enum sockets_result sockets_collector(struct conf_collector *, char *why,
    size_t whylen);

/*
 * The same for one more socket than before: SOCKETS_LATER if that leaves too
 * few descriptors for everything else.
 */
enum sockets_result sockets_another(struct conf_collector *, char *why,
    size_t whylen);

/*
 * True if two sockets of sockets_collector() are bound to the same address,
 * with any ports.  A socket keeps the address it was bound to at first.
 */
int sockets_same_source(int fd, int other);

/* The address a socket is bound to, as text without port; or "?". */
#define SOCKETS_TEXT 64
const char *sockets_source(int fd, char text[SOCKETS_TEXT]);

/* Set the dscp, the only option that may change on an open socket. */
void sockets_adjust(const struct conf_collector *);

/*
 * Listen on a control socket's path, with mode 0660, or 0666 if restricted.
 * Returns -1, with the reason and the remedy in why.
 */
int sockets_control(struct conf_socket *, char *why, size_t whylen);

/* True if the path does not exist any more. */
int sockets_gone(const struct conf_socket *);

/* Remove the path, if it is still the socket that was created. */
void sockets_remove(const struct conf_socket *);

#endif
