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
 * Check the directories of an absolute path, following links: each must belong
 * to root or to this user, and must not be writable by others unless sticky.
 * Returns -1, with the offending directory and the remedy in why.
 */
int socketdir_check(const char *path, char *why, size_t whylen);

#endif
