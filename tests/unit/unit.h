/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * cmocka, and what it wants included before it.  Beside the tests are the
 * fixtures that they share, in unit.a.
 */

#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* In the initializer of a struct flow: the family of all its hosts. */
#define FAMILY(n) .lan.family = (n), .gwy.family = (n), .ext.family = (n)

#define RUN(tests) cmocka_run_group_tests(tests, NULL, NULL)

/*
 * A copy that ends where its memory does, for the sanitizer to see what is
 * read beyond it.
 */
uint8_t *exact_copy(const uint8_t *data, size_t len);

#endif
