/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "protocol.h"

const struct protocol *const protocols[PROTOCOLS] = {
#define ROW(ID, name, domain, biflow) &(name),
	PROTOCOL_LIST(ROW)
#undef ROW
};
