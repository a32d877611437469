/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The file that has the daemon's process id, and the lock by which a second
 * daemon sees the first.  Its mode is 0600: who can open a file can lock it,
 * and nobody but root is to stop a start.
 */

#ifndef PIDLOCK_H
#define PIDLOCK_H

/*
 * Open the pidfile, new or left behind, and lock it for the life of this
 * process.  Returns its descriptor, or -1 after logging the reason.
 */
int pidlock_open(void);

/* Write this process's id into the pidfile. */
void pidlock_write(int fd);

/* Remove the pidfile if the path still names this file.  -1: none. */
void pidlock_remove(int fd);

#endif
