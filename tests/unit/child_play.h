/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The children of child_test.c.  HOW in the environment is which one to play.
 */

#ifndef CHILD_PLAY_H
#define CHILD_PLAY_H

#define HOW "CHILD_TEST"
#define WORDS 300 /* of one that talks a lot: more than a socket has */

/* Play one of them.  Returns its exit status. */
int play(const char *how);

#endif
