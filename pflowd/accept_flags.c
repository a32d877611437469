/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Flags come with the client: a confined process may set none later.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <stddef.h>

#include "accept.h"

int
accept_client(int listener)
{
	return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
