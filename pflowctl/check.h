/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The verdict for monitoring systems: one line on standard output, and an exit
 * status of 0 for well, 1 for a warning, 2 for critical.
 */

#ifndef CHECK_H
#define CHECK_H

#include "output.h"

/* From now on, an error of this program is critical: it prints that and exits.
 */
void check_errors(int json);

/* Judge the status and the collectors.  Prints, and returns the exit status. */
int check_answer(const struct answer *, int json);

#endif
