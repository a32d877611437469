/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Where there is no setresuid(2), as on NetBSD: set*id(2), called by root,
 * sets the saved id too.
 */

#include <unistd.h>

#include "setids.h"

int
set_gids(gid_t gid)
{
	return setgid(gid);
}

int
set_uids(uid_t uid)
{
	return setuid(uid);
}
