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

/* What there is: "pledge", "capsicum", "seccomp" or "none". */
const char *sandbox_name(void);

/* All of these: 0, or -1 and errno. */

/*
 * A child, after its last change of user: when its parent has ended the system
 * ends it, where the system can.  Elsewhere it is left to the child to go.
 */
int sandbox_end_with_parent(void);

/*
 * From here on what is open is read, written, accepted and received, and
 * nothing is opened, connected, started or signalled; nothing is sent but where
 * it is connected to, and no descriptor is passed on.  capture is that of the
 * live capture, which is read only, or -1.  A replay is one, too.
 */
int sandbox_engine(int capture);

/* Root: it still has to do all that the engine must not. */
int sandbox_parent(void);

/* The network and the files that getaddrinfo(3) wants, and nothing to write. */
int sandbox_resolver(void);

/*
 * The parent, of a socket that it is about to hand to an engine, with all its
 * flags set: it serves for sending, accepting and receiving alone.
 */
int sandbox_socket(int fd);

#endif
