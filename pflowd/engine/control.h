/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Clients of the control sockets: their requests (common/ctl.h), answered by
 * connection, each client with a bounded queue and one request under way.
 */

#ifndef CONTROL_H
#define CONTROL_H

#include <stdint.h>

#include "conf/conf.h"

struct control;
struct meter;

/* Requests that the engine or replay must handle; id identifies the client. */
struct control_hooks {
	void (*reload)(void *arg, uint32_t id);
	void (*verbose)(void *arg, int verbose);
	void (*stop)(void *arg);
	void *arg;
};

/*
 * The hooks are copied; the meter must outlive the control.  NULL and errno if
 * out of memory.
 */
struct control *control_new(struct meter *, const struct control_hooks *);

/* Close all sockets and connections.  NULL is allowed. */
void control_free(struct control *);

/*
 * Listen on these sockets, whose descriptors it takes over, instead of the
 * previous ones.  Clients stay connected.
 */
void control_listen(struct control *, struct conf_socket *, unsigned int n);

/* Answer a reload by its id: one line of text, and the end. */
void control_reload_line(struct control *, uint32_t id, const char *text,
    size_t len);
void control_reload_done(struct control *, uint32_t id, int failed,
    const char *text);

#endif
