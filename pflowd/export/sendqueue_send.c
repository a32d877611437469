/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Send the datagrams of a queue, and account for what the kernel says.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <event2/event.h>

#include <errno.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "process/ledger.h"
#include "sendqueue_local.h"

/* Wait after ENOBUFS: the system does not signal when it has buffers again. */
#define NOBUFS_WAIT_US 5000

/* A socket that accepts nothing for this time is stuck. */
#define STUCK_US (5 * 1000000ULL)

/* After this time without an error, a collector counts as working again. */
#define RECOVERED_US (10 * 1000000ULL)

/* Time between two reports of datagrams that are too large. */
#define NARROW_US 1000000

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

/*
 * The error of a datagram comes back after it was sent.  So a failing collector
 * works again only if no error came back since the first datagram after the
 * last error, for a while.
 */
static void
note_works(struct sendqueue *q)
{
	if (q->works_since == 0)
		q->works_since = clock_us();
	if (clock_us() - q->works_since <= RECOVERED_US)
		return;
	q->health->failing = 0;
	q->health->since = clock_wall_ms();
	log_info("collector %s: works again", q->name);
	log_settled("collector %s: ", q->name);
}

static void
note_sent(struct sendqueue *q, unsigned int n)
{
	q->stuck_since = 0;
	if (q->counters->datagrams == 0 && n > 0 && !q->health->failing)
		q->health->since = clock_wall_ms(); /* no longer unknown */
	while (n-- > 0) {
		const struct sendqueue_datagram *d = sendqueue_pop(q);

		q->counters->sent += d->records;
		q->counters->octets_sent += d->octets;
		q->counters->bytes += d->len;
		q->counters->datagrams++;
	}
	if (q->health->failing)
		note_works(q);
}

/* Report a smaller path MTU.  The collector does not count as failing. */
static void
note_narrow(struct sendqueue *q)
{
	uint64_t now = clock_us();

	if (!q->health->narrow)
		log_warnx(
		    "collector %s: %s: path MTU is smaller than assumed; set "
		    "mtu in pflowd.conf if records are lost",
		    q->name, strerror(EMSGSIZE));
	q->health->narrow = 1;
	if (now - q->narrow_us < NARROW_US)
		return;
	q->narrow_us = now;
	if (q->down != NULL)
		q->down(q->arg, q);
}

static void
count_error(struct sendqueue *q, int error)
{
	q->counters->errors[send_error(error)]++;
	q->health->error = error;
	q->health->error_time = clock_wall_ms();
	if (error == EMSGSIZE) {
		note_narrow(q);
		return;
	}
	q->works_since = 0;
	if (q->health->failing)
		return;
	q->health->failing = 1;
	q->health->since = q->health->error_time;
	if (q->down != NULL)
		q->down(q->arg, q);
	log_warnx("collector %s: %s; is it running and reachable?", q->name,
	    strerror(error));
}

/* Divide the first datagram into two; -1: not possible. */
static int
cut_head(struct sendqueue *q)
{
	unsigned int before = q->head == 0 ? SENDQUEUE_SLOTS - 1 : q->head - 1;
	struct sendqueue_datagram *first = &q->queue[before],
				  *rest = sendqueue_slot(q, 0);
	size_t len = rest->len;

	if (q->cut == NULL || q->count == SENDQUEUE_SLOTS - 1 ||
	    q->cut(q->cut_arg, q, first, rest) == -1)
		return -1;
	q->head = before;
	q->count++;
	q->bytes += first->len + rest->len - len;
	q->retried = 0;
	return 0;
}

static void
count_failed(struct sendqueue *q, int error)
{
	const struct sendqueue_datagram *d = sendqueue_pop(q);

	q->counters->failed[send_error(error)] += d->records;
	q->counters->octets_failed += d->octets;
}

/*
 * An error on a connected UDP socket is mostly about an earlier datagram, so
 * the current one is sent once more.
 */
static void
note_error(struct sendqueue *q, int error)
{
	count_error(q, error);
	if (!q->retried)
		q->retried = 1;
	else if (error != EMSGSIZE || cut_head(q) == -1)
		count_failed(q, error);
}

void
sendqueue_probe(struct sendqueue *q)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (q->fd != -1 &&
	    getsockopt(q->fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 &&
	    error != 0)
		count_error(q, error);
}

static void
note_stuck(struct sendqueue *q)
{
	if (q->stuck_since == 0)
		q->stuck_since = clock_us();
}

static void
pause_until_writable(struct sendqueue *q)
{
	note_stuck(q);
	q->paused = event_add(q->writable, NULL) == 0;
}

static void
pause_for(struct sendqueue *q, uint64_t us)
{
	struct timeval tv;

	tv.tv_sec = (time_t)(us / 1000000);
	tv.tv_usec = (suseconds_t)(us % 1000000);
	q->paused = event_add(q->timer, &tv) == 0;
}

/* The number of datagrams for the next system call. */
static unsigned int
batch_size(const struct sendqueue *q, unsigned int limit)
{
	unsigned int n = q->count;

	if (q->singles > 0 || q->retried)
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
send_head(struct sendqueue *q, unsigned int n)
{
	struct iovec iov[SEND_BATCH];
	unsigned int i;
	int sent;

	for (i = 0; i < n; i++) {
		struct sendqueue_datagram *d = sendqueue_slot(q, i);

		iov[i].iov_base = d->data;
		iov[i].iov_len = d->len;
	}
	sent = send_datagrams(q->fd, iov, n, &q->mode);
	if (sent > 0 && q->singles > 0)
		q->singles--;
	if (sent > 0 && (unsigned int)sent < n)
		q->singles = SEND_BATCH;
	return sent;
}

/* Handle errno of a failed send: pause, or count the error and continue. */
static void
handle_error(struct sendqueue *q)
{
	switch (errno) {
	case EINTR:
		break;
	case EAGAIN:
		pause_until_writable(q);
		break;
	case ENOBUFS:
		note_stuck(q);
		pause_for(q, NOBUFS_WAIT_US);
		break;
	default:
		q->singles = 0;
		note_error(q, errno);
	}
}

void
sendqueue_send(struct sendqueue *q)
{
	uint64_t now = 0;
	unsigned int may;
	int sent;

	while (q->count > 0 && !q->paused && q->fd != -1) {
		if (q->pace.rate > 0)
			now = clock_us();
		if ((may = pace_allows(&q->pace, now)) == 0) {
			pause_for(q, pace_wait(&q->pace, now));
			return;
		}
		if ((sent = send_head(q, batch_size(q, may))) == -1) {
			handle_error(q);
			continue;
		}
		pace_spend(&q->pace, (unsigned int)sent);
		note_sent(q, (unsigned int)sent);
	}
}

int
sendqueue_stuck(const struct sendqueue *q)
{
	return q->stuck_since != 0 && clock_us() - q->stuck_since > STUCK_US;
}
