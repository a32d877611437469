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

#include "conf.h"
#include "lex.h"
#include "options.h"

/*
 * Make the configuration that is to follow old (NULL: there is none), which
 * stays as it is.  Collectors whose names are not resolved yet have no socket.
 * NULL after every error was told.
 */
struct conf *reload_conf(const struct options *, const struct conf *old,
    lex_error_cb *, void *arg);

/*
 * Give the configuration in force new sockets, after the end of an engine that
 * may have been an attacker's: what it shut down, or cleared the flags of, is
 * not the next one's.  A collector whose socket cannot be made has none.
 */
void reload_renew(struct conf *);

/* Free the configuration that was followed, with the paths that now has not. */
void reload_free(struct conf *old, const struct conf *now);

#endif
