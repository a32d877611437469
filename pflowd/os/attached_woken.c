/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * OpenBSD: bpf(4) wakes the reader when the interface is destroyed.  pledge(2)
 * does not allow to check the descriptor.
 */

#include "capture_os.h"

int
capture_os_attached(int fd, const char *interface)
{
	(void)fd;
	(void)interface;
	return 1;
}
