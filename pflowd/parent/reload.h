/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A configuration that is ready to be handed to the engine: parsed, checked
 * against the one in force, its sockets open.  At the start and at a reload
 * alike.
 */

#ifndef RELOAD_H
#define RELOAD_H

#include "conf/conf.h"
#include "conf/lex.h"
#include "conf/cmdline.h"

/*
 * Create the configuration that follows old, which is not changed; NULL: none.
 * Collectors whose names are not resolved yet have no socket.  Returns NULL
 * after reporting every error.
 */
struct conf *reload_conf(const struct cmdline *, const struct conf *old,
    lex_error_cb *, void *arg);

/*
 * True if only a new engine can apply the configuration: it has another source
 * or interface, or another group or mode of a control socket.
 */
int reload_needs_root(const struct conf *, const struct conf *old);

/*
 * Replace all sockets of the configuration in force after an engine died.  It
 * may have been compromised, and have shut sockets down or cleared their flags.
 * A collector whose socket cannot be opened has none.
 */
void reload_renew(struct conf *);

/*
 * Free a configuration that was replaced, and remove the control sockets that
 * `now` does not have.
 */
void reload_free(struct conf *old, const struct conf *now);

#endif
