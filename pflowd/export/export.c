/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <string.h>

#include "common/bytes.h"
#include "export.h"
#include "protocol.h"
#include "process/ledger.h"
#include "session.h"

_Static_assert(EXPORT_ROOM < SENDQUEUE_QUEUE, "a source that goes on");

/* Port of a test record (RFC 863). */
#define DISCARD 9

int
export_ignored(struct export *x, const struct flow *f)
{
	return session_ignores(x, &x->conf->filter, x->ledger->rule_hits, f);
}

void
export_batch(struct export *x, struct batch *b, uint64_t now)
{
	unsigned int i;

	x->batch = b;
	x->encoded.protocol = NULL;
	for (i = 0; i < b->n; i++)
		b->result[i] = EXPORT_IGNORED;
	for (i = 0; i < x->n; i++) {
		x->sessions[i]->next = 0;
		session_batch(x, x->sessions[i], now);
	}
}

int
export_busy(const struct export *x)
{
	return x->splitting > 0;
}

void
export_more(struct export *x, uint64_t now)
{
	unsigned int i;

	for (i = 0; i < x->n; i++)
		if (x->sessions[i]->nsplits > 0)
			session_split_some(x, x->sessions[i], now);
}

void
export_finish(struct export *x, uint64_t now)
{
	unsigned int i;

	for (i = 0; i < x->n; i++)
		session_finish(x, x->sessions[i], now);
}

/*
 * Close datagrams as of their due time, however late the call is; close them at
 * once if the clock was set back.
 */
static void
close_held(struct export *x, uint64_t now)
{
	unsigned int i;

	x->due = UINT64_MAX;
	for (i = 0; i < x->n; i++) {
		struct session *s = x->sessions[i];
		uint64_t due = s->opened + x->hold;

		if (s->records == 0)
			continue;
		if (now >= due)
			session_close(s, due);
		else if (now < s->opened)
			session_close(s, now);
		else if (due < x->due)
			x->due = due;
	}
}

void
export_clock(struct export *x, uint64_t now)
{
	if (now >= x->due || now < x->clock)
		close_held(x, now);
	x->clock = now;
}

uint64_t
export_due(const struct export *x)
{
	return x->due;
}

void
export_close(struct export *x, uint64_t now)
{
	unsigned int i;

	for (i = 0; i < x->n; i++)
		if (x->sessions[i]->records > 0)
			session_close(x->sessions[i], now);
	x->due = UINT64_MAX;
}

void
export_send(struct export *x)
{
	unsigned int i;

	for (i = 0; i < x->n; i++)
		sendqueue_send(x->sessions[i]->queue);
}

int
export_full(const struct export *x)
{
	unsigned int i;

	for (i = 0; i < x->n; i++) {
		const struct sendqueue *c = x->sessions[i]->queue;

		if (sendqueue_waiting(c) > SENDQUEUE_QUEUE - EXPORT_ROOM &&
		    !sendqueue_stuck(c))
			return 1;
	}
	return 0;
}

int
export_unsent(const struct export *x)
{
	unsigned int i;

	for (i = 0; i < x->n; i++)
		if (session_unsent(x->sessions[i]))
			return 1;
	return retired_unsent(x);
}

void
export_abandon(struct export *x)
{
	unsigned int i;

	for (i = 0; i < x->n; i++)
		sendqueue_abandon(x->sessions[i]->queue);
	retired_abandon(x);
}

static int
same_address(const struct sockaddr_storage *ss, const struct flow_host *h)
{
	if (ss->ss_family == AF_INET)
		return memcmp(&((const struct sockaddr_in *)ss)->sin_addr,
			   h->addr, 4) == 0;
	return memcmp(&((const struct sockaddr_in6 *)ss)->sin6_addr, h->addr,
		   16) == 0;
}

static int
same_port(const struct sockaddr_storage *ss, const struct flow_host *h)
{
	const uint8_t *port = ss->ss_family == AF_INET ?
	    (const uint8_t *)&((const struct sockaddr_in *)ss)->sin_port :
	    (const uint8_t *)&((const struct sockaddr_in6 *)ss)->sin6_port;

	return get_be16(port) == h->port;
}

static int
is_between(const struct flow *f, const struct sockaddr_storage *local,
    const struct sockaddr_storage *peer)
{
	int family = flow_family(f) == 6 ? AF_INET6 : AF_INET;

	return peer->ss_family == family && same_port(peer, &f->ext) &&
	    same_address(peer, &f->ext) && same_address(local, &f->lan);
}

/*
 * Match local address, collector address and collector port; ignore the local
 * port, which differs for each engine.
 */
int
export_own(const struct export *x, const struct flow *f)
{
	unsigned int i;

	if (f->proto != IPPROTO_UDP || f->direction != FLOW_OUT)
		return 0;
	for (i = 0; i < x->n; i++) {
		const struct session *s = x->sessions[i];

		if (is_between(f, &s->local, &s->peer) ||
		    is_between(f, &s->local_before, &s->peer_before))
			return 1;
	}
	return 0;
}

void
export_test(struct export *x, unsigned int i, uint64_t now)
{
	static const struct flow test = {
		.ext = { { 192, 0, 2, 1 }, DISCARD, 4 },
		.lan = { { 198, 51, 100, 1 }, DISCARD, 4 },
		.gwy = { { 198, 51, 100, 1 }, DISCARD, 4 },
		.proto = IPPROTO_UDP,
		.direction = FLOW_IN,
	};
	const struct report report = {
		.flow = &test,
		.packets = { 1 },
		.bytes = { 64 },
		.times = { now, now },
	};
	struct session *s = x->sessions[i];
	struct record r;

	record_make(&r, &report, FLOW_INSIDE, 0);
	session_record(x, s, &r, FLOW_INITIATOR, now);
	s->counters->tests++;
	if (s->records > 0)
		session_close(s, now);
	sendqueue_send(s->queue);
}

void
export_probe(struct export *x, unsigned int i)
{
	sendqueue_probe(x->sessions[i]->queue);
}
