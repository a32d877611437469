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

#include "process/ledger.h"
#include "sendqueue.h"
#include "common/clock.h"
#include "common/log.h"
#include "pace.h"
#include "os/send.h"

/* Wait after ENOBUFS: the system does not signal when it has buffers again. */
#define NOBUFS_WAIT_US 5000

/* A socket that accepts nothing for this time is stuck. */
#define STUCK_US (5 * 1000000ULL)

/* After this time without an error, a collector counts as working again. */
#define RECOVERED_US (10 * 1000000ULL)

/* Time to send the queue of a collector that was removed. */
#define RETIRE_SECONDS 2

/* Time between two reports of datagrams that are too large. */
#define NARROW_US 1000000

/* Most times that a datagram of 30 records and templates can be halved. */
#define CUTS 8

/* Slots beyond SENDQUEUE_QUEUE: the datagram being written, and halves. */
#define SLOTS (SENDQUEUE_QUEUE + 1 + CUTS)

/*
 * The queue is a ring.  It restarts at slot 0 whenever it is empty, so that
 * slots that were never needed stay untouched memory.
 */
struct sendqueue {
	char *name;
	int fd;
	struct event *writable;
	struct event *timer;
	int paused; /* writable or timer is pending */
	unsigned int head;
	unsigned int count;
	uint64_t records;     /* in the queue */
	uint64_t bytes;	      /* likewise */
	unsigned int singles; /* sends left to do one by one, to get an errno */
	struct send_mode mode; /* of the socket */
	int retried;	       /* sending the first datagram failed once */
	uint64_t last_error;   /* monotonic us, as the next two */
	uint64_t narrow_us;    /* last report of a datagram too large */
	uint64_t stuck_since;  /* the socket accepts nothing; 0: it does */
	struct pace pace;
	struct collector_counters *counters;
	struct collector_health *health;
	sendqueue_room_cb *room;
	sendqueue_down_cb *down;
	sendqueue_cut_cb *cut;
	void *cut_arg;
	void *arg;
	struct event_base *base;
	struct event *deadline; /* set if retired */
	sendqueue_gone_cb *gone;
	void *gone_arg;
	struct sendqueue_datagram queue[SLOTS];
};

static enum send_error
send_error(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return SEND_REFUSED;
	case EHOSTUNREACH:
	case EHOSTDOWN:
		return SEND_NO_HOST;
	case ENETUNREACH:
	case ENETDOWN:
		return SEND_NO_NET;
	case EACCES:
	case EPERM:
		return SEND_DENIED;
	case EMSGSIZE:
		return SEND_TOO_BIG;
	}
	return SEND_OTHER;
}

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct sendqueue *c = arg;

	(void)fd;
	(void)what;
	c->gone(c->gone_arg, c);
}

static void
end_by(struct sendqueue *c, time_t seconds)
{
	struct timeval tv = { seconds, 0 };

	event_add(c->deadline, &tv);
}

static void
unpause(struct sendqueue *c)
{
	c->paused = 0;
	event_del(c->writable);
	event_del(c->timer);
}

static void
on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct sendqueue *c = arg;

	(void)fd;
	(void)what;
	unpause(c);
	sendqueue_send(c);
	if (c->deadline != NULL && c->count == 0)
		end_by(c, 0);
	if (c->room != NULL)
		c->room(c->arg);
}

struct sendqueue *
sendqueue_new(struct event_base *base, const struct sendqueue_setup *setup)
{
	struct sendqueue *c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return NULL;
	c->base = base;
	c->fd = -1;
	c->counters = setup->counters;
	c->health = setup->health;
	c->room = setup->room;
	c->down = setup->down;
	c->cut = setup->cut;
	c->cut_arg = setup->cut_arg;
	c->arg = setup->arg;
	c->last_error = clock_us(); /* if failing: not recovered yet */
	if (!c->health->failing)
		c->health->since = clock_wall_ms();
	pace_init(&c->pace, setup->rate);
	c->name = strdup(setup->name);
	c->timer = event_new(base, -1, 0, on_ready, c);
	c->writable = event_new(base, -1, 0, on_ready, c);
	if (c->name == NULL || c->timer == NULL || c->writable == NULL) {
		sendqueue_free(c);
		errno = ENOMEM;
		return NULL;
	}
	if (setup->fd != -1)
		sendqueue_socket(c, setup->fd);
	return c;
}

void
sendqueue_free(struct sendqueue *c)
{
	if (c->writable != NULL)
		event_free(c->writable);
	if (c->fd != -1)
		close(c->fd);
	if (c->timer != NULL)
		event_free(c->timer);
	if (c->deadline != NULL)
		event_free(c->deadline);
	free(c->name);
	free(c);
}

void
sendqueue_withdraw(struct sendqueue *c)
{
	unpause(c);
	if (c->fd != -1) {
		close(c->fd);
		c->health->since = clock_wall_ms();
	}
	c->fd = -1;
}

void
sendqueue_socket(struct sendqueue *c, int fd)
{
	unpause(c);
	event_assign(c->writable, c->base, fd, EV_WRITE, on_ready, c);
	if (c->fd != -1)
		close(c->fd);
	c->fd = fd;
	c->retried = 0;
	send_begin(&c->mode, fd);
	c->stuck_since = 0;
	if (c->health->failing == 0)
		c->health->since = clock_wall_ms();
	if (c->count > 0)
		sendqueue_send(c);
}

void
sendqueue_retire(struct sendqueue *c, sendqueue_gone_cb *gone, void *arg)
{
	c->room = NULL;
	c->down = NULL;
	c->gone = gone;
	c->gone_arg = arg;
	c->deadline = event_new(c->base, -1, 0, on_deadline, c);
	if (c->deadline == NULL) {
		gone(arg, c);
		return;
	}
	end_by(c, RETIRE_SECONDS);
	sendqueue_send(c);
	if (c->count == 0)
		end_by(c, 0);
}

void
sendqueue_rate(struct sendqueue *c, unsigned int rate)
{
	if (c->pace.rate != rate)
		pace_init(&c->pace, rate);
}

void
sendqueue_state(const struct sendqueue *c, struct sendqueue_state *s)
{
	s->up = c->fd != -1 && !c->health->failing;
	s->error = c->health->error;
	s->since = c->health->since;
	s->error_time = c->health->error_time;
}

static struct sendqueue_datagram *
slot(struct sendqueue *c, unsigned int i)
{
	unsigned int at = c->head + i;

	return &c->queue[at < SLOTS ? at : at - SLOTS];
}

uint8_t *
sendqueue_buffer(struct sendqueue *c)
{
	if (c->count == 0)
		c->head = 0;
	return slot(c, c->count)->data;
}

void
sendqueue_push(struct sendqueue *c, size_t len, unsigned int records)
{
	struct sendqueue_datagram *d = slot(c, c->count);

	if (c->count >= SENDQUEUE_QUEUE) {
		c->counters->dropped += records;
		return;
	}
	d->len = (uint16_t)len;
	d->records = (uint16_t)records;
	c->records += records;
	c->bytes += len;
	if (++c->count >= SEND_BATCH && !c->paused)
		sendqueue_send(c);
}

/* Remove and return the first datagram. */
static const struct sendqueue_datagram *
pop(struct sendqueue *c)
{
	const struct sendqueue_datagram *d = slot(c, 0);

	c->records -= d->records;
	c->bytes -= d->len;
	c->retried = 0;
	c->count--;
	c->head = c->head == SLOTS - 1 ? 0 : c->head + 1;
	return d;
}

static void
note_sent(struct sendqueue *c, unsigned int n)
{
	c->stuck_since = 0;
	while (n-- > 0) {
		const struct sendqueue_datagram *d = pop(c);

		c->counters->sent += d->records;
		c->counters->bytes += d->len;
		c->counters->datagrams++;
	}
	if (c->health->failing && clock_us() - c->last_error > RECOVERED_US) {
		c->health->failing = 0;
		c->health->since = clock_wall_ms();
		log_info("collector %s: works again", c->name);
	}
}

/* Report a smaller path MTU.  The collector does not count as failing. */
static void
note_narrow(struct sendqueue *c)
{
	uint64_t now = clock_us();

	if (!c->health->narrow)
		log_warnx(
		    "collector %s: %s: path MTU is smaller than assumed; set "
		    "mtu in pflowd.conf if records are lost",
		    c->name, strerror(EMSGSIZE));
	c->health->narrow = 1;
	if (now - c->narrow_us < NARROW_US)
		return;
	c->narrow_us = now;
	if (c->down != NULL)
		c->down(c->arg, c);
}

static void
count_error(struct sendqueue *c, int error)
{
	c->counters->errors[send_error(error)]++;
	c->health->error = error;
	c->health->error_time = clock_wall_ms();
	if (error == EMSGSIZE) {
		note_narrow(c);
		return;
	}
	c->last_error = clock_us();
	if (c->health->failing)
		return;
	c->health->failing = 1;
	c->health->since = c->health->error_time;
	if (c->down != NULL)
		c->down(c->arg, c);
	log_warnx("collector %s: %s; is it running and reachable?", c->name,
	    strerror(error));
}

/* Divide the first datagram into two; -1: not possible. */
static int
cut_head(struct sendqueue *c)
{
	unsigned int before = c->head == 0 ? SLOTS - 1 : c->head - 1;
	struct sendqueue_datagram *first = &c->queue[before],
				  *rest = slot(c, 0);
	size_t len = rest->len;

	if (c->cut == NULL || c->count == SLOTS - 1 ||
	    c->cut(c->cut_arg, c, first, rest) == -1)
		return -1;
	c->head = before;
	c->count++;
	c->bytes += first->len + rest->len - len;
	c->retried = 0;
	return 0;
}

/*
 * An error on a connected UDP socket is mostly about an earlier datagram, so
 * the current one is sent once more.
 */
static void
note_error(struct sendqueue *c, int error)
{
	count_error(c, error);
	if (!c->retried)
		c->retried = 1;
	else if (error != EMSGSIZE || cut_head(c) == -1)
		c->counters->failed[send_error(error)] += pop(c)->records;
}

void
sendqueue_probe(struct sendqueue *c)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (c->fd != -1 &&
	    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 &&
	    error != 0)
		count_error(c, error);
}

static void
note_stuck(struct sendqueue *c)
{
	if (c->stuck_since == 0)
		c->stuck_since = clock_us();
}

static void
pause_until_writable(struct sendqueue *c)
{
	note_stuck(c);
	c->paused = event_add(c->writable, NULL) == 0;
}

static void
pause_for(struct sendqueue *c, uint64_t us)
{
	struct timeval tv;

	tv.tv_sec = (time_t)(us / 1000000);
	tv.tv_usec = (suseconds_t)(us % 1000000);
	c->paused = event_add(c->timer, &tv) == 0;
}

/* The number of datagrams for the next system call. */
static unsigned int
batch_size(const struct sendqueue *c, unsigned int limit)
{
	unsigned int n = c->count;

	if (c->singles > 0 || c->retried)
		return 1;
	if (n > limit)
		n = limit;
	return n > SEND_BATCH ? SEND_BATCH : n;
}

/*
 * Send the first n datagrams.  If the kernel accepted fewer, an error stopped
 * it, but the next call may not return this error.  Sending one by one gets it.
 */
static int
send_head(struct sendqueue *c, unsigned int n)
{
	struct iovec iov[SEND_BATCH];
	unsigned int i;
	int sent;

	for (i = 0; i < n; i++) {
		struct sendqueue_datagram *d = slot(c, i);

		iov[i].iov_base = d->data;
		iov[i].iov_len = d->len;
	}
	sent = send_datagrams(c->fd, iov, n, &c->mode);
	if (sent > 0 && c->singles > 0)
		c->singles--;
	if (sent > 0 && (unsigned int)sent < n)
		c->singles = SEND_BATCH;
	return sent;
}

/* Handle errno of a failed send: pause, or count the error and continue. */
static void
handle_error(struct sendqueue *c)
{
	switch (errno) {
	case EINTR:
		break;
	case EAGAIN:
		pause_until_writable(c);
		break;
	case ENOBUFS:
		note_stuck(c);
		pause_for(c, NOBUFS_WAIT_US);
		break;
	default:
		c->singles = 0;
		note_error(c, errno);
	}
}

void
sendqueue_send(struct sendqueue *c)
{
	uint64_t now = 0;
	unsigned int may;
	int sent;

	while (c->count > 0 && !c->paused && c->fd != -1) {
		if (c->pace.rate > 0)
			now = clock_us();
		if ((may = pace_allows(&c->pace, now)) == 0) {
			pause_for(c, pace_wait(&c->pace, now));
			return;
		}
		if ((sent = send_head(c, batch_size(c, may))) == -1) {
			handle_error(c);
			continue;
		}
		pace_spend(&c->pace, (unsigned int)sent);
		note_sent(c, (unsigned int)sent);
	}
}

int
sendqueue_stuck(const struct sendqueue *c)
{
	return c->stuck_since != 0 && clock_us() - c->stuck_since > STUCK_US;
}

void
sendqueue_abandon(struct sendqueue *c)
{
	while (c->count > 0)
		c->counters->dropped += pop(c)->records;
}

struct sendqueue_datagram *
sendqueue_behind(struct sendqueue *c, unsigned int i)
{
	return i + 1 < c->count ? slot(c, i + 1) : NULL;
}

unsigned int
sendqueue_waiting(const struct sendqueue *c)
{
	return c->count;
}

uint64_t
sendqueue_queued(const struct sendqueue *c)
{
	return c->records;
}

uint64_t
sendqueue_bytes(const struct sendqueue *c)
{
	return c->bytes;
}

const char *
sendqueue_name(const struct sendqueue *c)
{
	return c->name;
}
