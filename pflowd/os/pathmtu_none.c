/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "pathmtu.h"

uint16_t
pathmtu_ask(int fd)
{
	(void)fd;
	return 0;
}
