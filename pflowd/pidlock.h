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
 * Open it, empty or left behind, and lock it for as long as this process lives.
 * Returns its descriptor, or -1 after logging why there is none.
 */
int pidlock_open(void);

/* Write this process's id into it. */
void pidlock_write(int fd);

/* Remove it if its name still is this file's.  -1: there is none. */
void pidlock_remove(int fd);

#endif
