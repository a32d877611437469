/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Real, effective and saved ids at once: setids_res.c or setids_re.c, as
 * configure finds setresuid(2).
 */

#ifndef SETIDS_H
#define SETIDS_H

#include <sys/types.h>

/* Set ids permanently; -1 and errno. */
int set_gids(gid_t);
int set_uids(uid_t);

#endif
