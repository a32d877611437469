/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * BSD: bpf(4).
 */

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <net/bpf.h>
#include <net/if.h>

#include "capture_os.h"

int
capture_os_immediate(void)
{
	return 1;
}

void
capture_os_only_reader(FILE *file)
{
	(void)file;
}

int
capture_os_buffer(int fd, uint64_t *bytes)
{
	u_int size;

	if (ioctl(fd, BIOCGBLEN, &size) == -1)
		return -1;
	*bytes = size;
	return 0;
}
