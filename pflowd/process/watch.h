/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What an event loop waits for: a time, a descriptor or a signal.  The callback
 * gets its argument only.
 */

#ifndef WATCH_H
#define WATCH_H

#include <stdint.h>

struct event_base;
struct watch;

typedef void watch_cb(void *arg);

/*
 * Each returns NULL if out of memory.  A descriptor stays the caller's, and
 * must not be closed before watch_free().
 */

/* Call once, after the time that watch_ms() sets. */
struct watch *watch_timer(struct event_base *, watch_cb *, void *arg);

/* Call whenever fd is readable, from now on. */
struct watch *watch_readable(struct event_base *, int fd, watch_cb *,
    void *arg);

/* Call once when fd is writable, after watch_on(). */
struct watch *watch_writable(struct event_base *, int fd, watch_cb *,
    void *arg);

/* Call at each signal, from now on. */
struct watch *watch_signal(struct event_base *, int signo, watch_cb *,
    void *arg);

/* Set a timer, in milliseconds from now; it replaces the time set before. */
void watch_ms(struct watch *, uint64_t ms);

/* True if a timer is set. */
int watch_is_set(const struct watch *);

/* Start and stop waiting.  Stopping a timer clears its time. */
void watch_on(struct watch *);
void watch_off(struct watch *);

/* NULL is ignored. */
void watch_free(struct watch *);

#endif
