/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * For the tests of rules.
 */

#ifndef RULES_H
#define RULES_H

#include "unit.h"

#include "pflowd/flow/rule.h"

/* The net of an address as text, of so many bits; what is beyond them stays. */
void set_host(struct rule_host *, const char *addr, unsigned int bits);

#endif
