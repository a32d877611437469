/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What a process gives up once everything is open and root is dropped: one of
 * sandbox_pledge.c, sandbox_capsicum.c, sandbox_seccomp.c and sandbox_none.c,
 * as configure finds them.  None of it can be taken back.
 */

#ifndef SANDBOX_H
#define SANDBOX_H

#include "statedump.h"

/* Name of the sandbox: "pledge", "capsicum", "seccomp" or "none". */
const char *sandbox_name(void);

/* The functions below return 0, or -1 and errno. */

/*
 * A child calls this after its last change of user: where the system can do so,
 * it then ends the child when the parent ends.  Elsewhere, the child must exit
 * by itself.
 */
int sandbox_end_with_parent(void);

/*
 * Confine an engine or a replay.  It may read, write and receive on open
 * descriptors, and accept on open sockets.  It may not open, connect, start or
 * signal anything, send to any address but that of a connected socket, or pass
 * on descriptors. capture is the descriptor of the live capture, from then on
 * read-only, or -1.
 */
int sandbox_engine(int capture);

/*
 * Confine a dumper: it may ask pf by these descriptors (-1: none) for what
 * statedump.h says, and change nothing there; read from and write to open
 * descriptors, and sleep.
 */
int sandbox_dumper(const int pf[STATEDUMP_FDS]);

/*
 * Confine the parent, which is root, and must be able to do everything the
 * engine must not.
 */
int sandbox_parent(void);

/*
 * Allow the network and files that getaddrinfo(3) needs, without writing files.
 */
int sandbox_resolver(void);

/*
 * The parent restricts a socket, with all its flags set, before passing it to
 * an engine: only sending, accepting and receiving remain possible.
 */
int sandbox_socket(int fd);

#endif
