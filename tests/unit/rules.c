/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <arpa/inet.h>

#include "rules.h"

void
set_host(struct rule_host *h, const char *addr, unsigned int bits)
{
	memset(h, 0, sizeof(*h));
	h->kind = RULE_NET;
	h->family = strchr(addr, ':') != NULL ? 6 : 4;
	h->bits = (uint8_t)bits;
	assert_int_equal(inet_pton(h->family == 6 ? AF_INET6 : AF_INET, addr,
			     h->addr),
	    1);
}
