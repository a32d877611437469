/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The process that asks the kernel for pf's state table, and writes the answers
 * as chunks: to the engine, a dump each time it asks, or into a recording.  It
 * decodes nothing.  It is a process of its own as a kernel may keep it waiting,
 * and as OpenBSD does not let a pledged one ask.
 */

#ifndef DUMPER_CHILD_H
#define DUMPER_CHILD_H

/* Run the child.  Returns an exit status. */
int dumper_child_main(void);

#endif
