/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Whether a socket's path leads where nobody else can put another file in its
 * place, so that its group and mode may be set, and it be removed, by its path.
 */

#ifndef SOCKETDIR_H
#define SOCKETDIR_H

#include <stddef.h>

/*
 * Check the directories of an absolute path, and what links in it lead to: all
 * must belong to root or to this user, and be writable by nobody else unless
 * sticky.  Returns -1 after writing to why which is not, and what to do.
 */
int socketdir_check(const char *path, char *why, size_t whylen);

#endif
