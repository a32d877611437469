/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/ctl.h"
#include "common/flowjson.h"
#include "common/flowline.h"
#include "flowprint.h"
#include "record.h"

/* Bytes that a writable pipe accepts at once (PIPE_BUF). */
#define WRITE 512

/* Longest wait for the reader, if lossy. */
#define PATIENCE_MS 20

_Static_assert(FLOWJSON >= FLOWLINE, "a line of either kind");
_Static_assert(sizeof(((struct ctl_flow *)NULL)->ifname) == FLOW_IFNAME,
    "ifname");

/* Some kernels have ICMP's id in one of both states only. */
static void
set_twin(const struct flow *f, const struct flow *twin, struct ctl_flow *c)
{
	const struct flow_host *nat = flow_translated(twin) ? &twin->gwy :
							      &f->ext;

	c->joined = 1;
	memcpy(c->nat, nat->addr, sizeof(c->nat));
	c->nat_port = nat->port;
	memcpy(c->out_ifname, twin->ifname, sizeof(c->out_ifname));
}

/* An unknown family or direction becomes 0. */
void
flowprint_state(const struct flow *f, const struct flow *twin, uint64_t time,
    struct ctl_flow *c)
{
	memset(c, 0, sizeof(*c));
	c->id = f->id;
	c->time = time;
	memcpy(c->packets, f->packets, sizeof(c->packets));
	memcpy(c->bytes, f->bytes, sizeof(c->bytes));
	memcpy(c->lan, f->lan.addr, sizeof(c->lan));
	memcpy(c->gwy, f->gwy.addr, sizeof(c->gwy));
	memcpy(c->ext, f->ext.addr, sizeof(c->ext));
	memcpy(c->ifname, f->ifname, sizeof(c->ifname));
	c->lan_port = f->lan.port;
	c->gwy_port = f->gwy.port;
	c->ext_port = f->ext.port;
	c->family = f->anomalies & FLOW_BAD_FAMILY ? 0 : flow_family(f);
	c->proto = f->proto;
	c->age = f->age;
	c->rule = f->rule;
	c->creator = f->creator;
	c->direction = f->anomalies & FLOW_BAD_DIRECTION ? 0 : f->direction;
	c->tcp_state[0] = f->tcp_state[FLOW_INITIATOR];
	c->tcp_state[1] = f->tcp_state[FLOW_RESPONDER];
	c->version = f->version;
	c->label = f->label;
	if (twin != NULL)
		set_twin(f, twin, c);
}

void
flowprint_report(const struct report *r, uint64_t time, struct ctl_flow *c)
{
	flowprint_state(r->flow, r->twin, time, c);
	memcpy(c->packets, r->packets, sizeof(c->packets));
	memcpy(c->bytes, r->bytes, sizeof(c->bytes));
	c->why = r->ending == REPORT_INTERIM ? CTL_WHY_INTERIM : CTL_WHY_END;
}

/*
 * True if a write of WRITE bytes will not block.  Waits PATIENCE_MS for a
 * reader that has not been scheduled yet.  After a timeout, does not wait again
 * until the reader reads.
 */
static int
is_writable(struct flowprint *p)
{
	struct pollfd pfd = { .fd = STDOUT_FILENO, .events = POLLOUT };

	p->stuck = poll(&pfd, 1, p->stuck ? 0 : PATIENCE_MS) != 1;
	return !p->stuck;
}

/*
 * Write the buffer; if lossy, as far as the reader reads.  A signal ends the
 * wait for the reader, so that pflowd can exit.
 */
static void
write_out(struct flowprint *p)
{
	size_t at = 0, part;
	ssize_t n;

	while (at < p->used && p->error == 0) {
		if (p->lossy && !is_writable(p))
			break;
		part = p->used - at;
		if (p->lossy && part > WRITE)
			part = WRITE;
		if ((n = write(STDOUT_FILENO, p->buffer + at, part)) == -1)
			p->error = errno;
		else
			at += (size_t)n;
	}
	p->used -= at;
	memmove(p->buffer, p->buffer + at, p->used);
}

static int
add_line(struct flowprint *p, const char *text)
{
	size_t len = strlen(text);

	if (sizeof(p->buffer) - p->used < len + 1)
		write_out(p);
	if (p->error != 0 || sizeof(p->buffer) - p->used < len + 1)
		return -1;
	memcpy(p->buffer + p->used, text, len);
	p->buffer[p->used + len] = '\n';
	p->used += len + 1;
	return 0;
}

/* Print how many flows were dropped since the last line.  -1: dropped, too. */
static int
add_lost(struct flowprint *p)
{
	char text[FLOWJSON];

	if (p->lost == 0)
		return 0;
	if (p->json)
		flowjson_lost(p->lost, text);
	else
		flowline_lost(p->lost, text);
	if (add_line(p, text) == -1)
		return -1;
	p->lost = 0;
	return 0;
}

void
flowprint(struct flowprint *p, const struct report *r, uint64_t time)
{
	struct ctl_flow c;
	char text[FLOWJSON];

	flowprint_report(r, time, &c);
	if (p->json)
		flowjson(&c, text);
	else
		flowline(&c, text);
	if (add_lost(p) == -1 || add_line(p, text) == -1)
		p->lost++;
}

int
flowprint_flush(struct flowprint *p)
{
	write_out(p);
	errno = p->error;
	return p->error == 0 ? 0 : -1;
}
