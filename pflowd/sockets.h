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

#include "conf.h"

enum sockets_result {
	SOCKETS_OPEN,
	SOCKETS_LATER,	   /* not at present: no route, no such source yet */
	SOCKETS_NO_SOURCE, /* likewise: this host does not have it */
	SOCKETS_WRONG	   /* it will not get better by itself */
};

/*
 * Open a collector's socket, whose address is known: bound to its source, with
 * its dscp, connected, non-blocking.  Its path's MTU comes with it.  Unless
 * open, why has what is wrong.
 */
enum sockets_result sockets_collector(struct conf_collector *, char *why,
    size_t whylen);

/*
 * Whether two sockets of sockets_collector() are bound to one address, whatever
 * their ports.  A socket keeps the address that it got first.
 */
int sockets_same_source(int fd, int other);

/* The address that a socket is bound to, as text without a port; or "?". */
#define SOCKETS_TEXT 64
const char *sockets_source(int fd, char text[SOCKETS_TEXT]);

/* Set what may change on a socket that is open: the dscp. */
void sockets_adjust(const struct conf_collector *);

/*
 * Listen on a control socket's path: with 0660, or 0666 if restricted.  Returns
 * -1 after writing to why what is wrong with it and what to do.
 */
int sockets_control(struct conf_socket *, char *why, size_t whylen);

/* Whether nothing has its path any more. */
int sockets_gone(const struct conf_socket *);

/* Remove its path, if it is still the socket that was made. */
void sockets_remove(const struct conf_socket *);

#endif
