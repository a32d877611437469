/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <unistd.h>

#include "setids.h"

int
set_gids(gid_t gid)
{
	return setresgid(gid, gid, gid);
}

int
set_uids(uid_t uid)
{
	return setresuid(uid, uid, uid);
}
