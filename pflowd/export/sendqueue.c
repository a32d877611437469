/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <event2/event.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "process/ledger.h"
#include "sendqueue_local.h"

/* Time to send the queue of a collector that was removed. */
#define RETIRE_SECONDS 2

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct sendqueue *q = arg;

	(void)fd;
	(void)what;
	q->gone(q->gone_arg, q);
}

static void
end_by(struct sendqueue *q, time_t seconds)
{
	struct timeval tv = { seconds, 0 };

	event_add(q->deadline, &tv);
}

static void
unpause(struct sendqueue *q)
{
	q->paused = 0;
	event_del(q->writable);
	event_del(q->timer);
}

static void
on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct sendqueue *q = arg;

	(void)fd;
	(void)what;
	unpause(q);
	sendqueue_send(q);
	if (q->deadline != NULL && q->count == 0)
		end_by(q, 0);
	if (q->on_writable != NULL)
		q->on_writable(q->arg);
}

struct sendqueue *
sendqueue_new(struct event_base *base, const struct sendqueue_setup *setup)
{
	struct sendqueue *q;

	if ((q = calloc(1, sizeof(*q))) == NULL)
		return NULL;
	q->base = base;
	q->fd = -1;
	q->counters = setup->counters;
	q->health = setup->health;
	q->on_writable = setup->writable;
	q->down = setup->down;
	q->cut = setup->cut;
	q->cut_arg = setup->cut_arg;
	q->arg = setup->arg;
	if (!q->health->failing)
		q->health->since = clock_wall_ms();
	pace_init(&q->pace, setup->rate);
	q->name = strdup(setup->name);
	q->timer = event_new(base, -1, 0, on_ready, q);
	q->writable = event_new(base, -1, 0, on_ready, q);
	if (q->name == NULL || q->timer == NULL || q->writable == NULL) {
		sendqueue_free(q);
		errno = ENOMEM;
		return NULL;
	}
	if (setup->fd != -1)
		sendqueue_socket(q, setup->fd);
	return q;
}

void
sendqueue_free(struct sendqueue *q)
{
	if (q->writable != NULL)
		event_free(q->writable);
	if (q->fd != -1)
		close(q->fd);
	if (q->timer != NULL)
		event_free(q->timer);
	if (q->deadline != NULL)
		event_free(q->deadline);
	free(q->name);
	free(q);
}

void
sendqueue_withdraw(struct sendqueue *q)
{
	unpause(q);
	if (q->fd != -1) {
		close(q->fd);
		q->health->since = clock_wall_ms();
	}
	q->fd = -1;
}

void
sendqueue_socket(struct sendqueue *q, int fd)
{
	unpause(q);
	event_assign(q->writable, q->base, fd, EV_WRITE, on_ready, q);
	if (q->fd != -1)
		close(q->fd);
	q->fd = fd;
	q->retried = 0;
	send_begin(&q->mode, fd);
	q->stuck_since = 0;
	if (q->health->failing == 0)
		q->health->since = clock_wall_ms();
	if (q->count > 0)
		sendqueue_send(q);
}

void
sendqueue_retire(struct sendqueue *q, sendqueue_gone_cb *gone, void *arg)
{
	q->on_writable = NULL;
	q->down = NULL;
	q->gone = gone;
	q->gone_arg = arg;
	q->deadline = event_new(q->base, -1, 0, on_deadline, q);
	if (q->deadline == NULL) {
		gone(arg, q);
		return;
	}
	end_by(q, RETIRE_SECONDS);
	sendqueue_send(q);
	if (q->count == 0)
		end_by(q, 0);
}

void
sendqueue_rate(struct sendqueue *q, unsigned int rate)
{
	if (q->pace.rate != rate)
		pace_init(&q->pace, rate);
}

void
sendqueue_state(const struct sendqueue *q, struct sendqueue_state *s)
{
	s->up = q->fd != -1 && !q->health->failing;
	s->error = q->health->error;
	s->since = q->health->since;
	s->error_time = q->health->error_time;
}

uint8_t *
sendqueue_buffer(struct sendqueue *q)
{
	if (q->count == 0)
		q->head = 0;
	return sendqueue_slot(q, q->count)->data;
}

void
sendqueue_push(struct sendqueue *q, size_t len, unsigned int records,
    uint64_t octets)
{
	struct sendqueue_datagram *d = sendqueue_slot(q, q->count);

	if (q->count >= SENDQUEUE_QUEUE) {
		q->counters->dropped += records;
		q->counters->octets_dropped += octets;
		return;
	}
	d->len = (uint16_t)len;
	d->records = (uint16_t)records;
	d->octets = octets;
	q->records += records;
	q->octets += octets;
	q->bytes += len;
	if (++q->count >= SEND_BATCH && !q->paused)
		sendqueue_send(q);
}

void
sendqueue_abandon(struct sendqueue *q)
{
	const struct sendqueue_datagram *d;

	while (q->count > 0) {
		d = sendqueue_pop(q);
		q->counters->dropped += d->records;
		q->counters->octets_dropped += d->octets;
	}
}

struct sendqueue_datagram *
sendqueue_behind(struct sendqueue *q, unsigned int i)
{
	return i + 1 < q->count ? sendqueue_slot(q, i + 1) : NULL;
}

unsigned int
sendqueue_waiting(const struct sendqueue *q)
{
	return q->count;
}

uint64_t
sendqueue_queued(const struct sendqueue *q)
{
	return q->records;
}

uint64_t
sendqueue_octets(const struct sendqueue *q)
{
	return q->octets;
}

uint64_t
sendqueue_bytes(const struct sendqueue *q)
{
	return q->bytes;
}

const char *
sendqueue_name(const struct sendqueue *q)
{
	return q->name;
}
