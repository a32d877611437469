/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The engine over a live interface: a process that the parent starts, and that
 * has given up root before it reads a packet.
 */

#ifndef ENGINE_H
#define ENGINE_H

/* Run the engine process, from its link to its end.  Returns an exit status. */
int engine_main(void);

#endif
