/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * BSD: bpf(4), with BIOCLOCK and BIOCSETWF.
 */

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <net/bpf.h>
#include <net/if.h>

#include "capture_os.h"

/* The write filter rejects all frames. */
int
capture_os_lock(int fd)
{
	struct bpf_insn nothing[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	struct bpf_program program = { 1, nothing };

	if (ioctl(fd, BIOCSETWF, &program) == -1)
		return -1;
	return ioctl(fd, BIOCLOCK);
}
