/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Systems that cannot lock a capture's filter: NetBSD before 10.
 */

#include "capture_os.h"

int
capture_os_lock(int fd)
{
	(void)fd;
	return 0;
}
