/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The parent of a live engine: it has root, and sees neither packets nor what
 * clients say.
 */

#ifndef PARENT_H
#define PARENT_H

#include "conf.h"

/*
 * Start an engine on conf's interface and watch it until it ends or a signal
 * says so.  conf is freed.  Returns an exit status.
 */
int parent_main(struct conf *);

#endif
