/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * pflowd -w: the dumper writes dumps of pf's state table into a file, without
 * an engine.
 */

#ifndef RECORDER_H
#define RECORDER_H

struct cmdline;

/* Run it.  Returns an exit status. */
int recorder_main(const struct cmdline *);

#endif
