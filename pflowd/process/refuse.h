/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Refusing a client of a control socket, in the engine and in the parent.
 */

#ifndef REFUSE_H
#define REFUSE_H

/*
 * Send a client that was just accepted why it is not served, and close its
 * connection.  Nothing is read, and nothing blocks: the message fits into the
 * buffer of a new socket.
 */
void refuse_client(int fd, const char *why);

#endif
