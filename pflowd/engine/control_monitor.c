/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "common/ctl.h"
#include "control_local.h"
#include "flow/flowprint.h"
#include "meter.h"

/*
 * Flows that may wait for a client: twice what a step of 10 ms through a table
 * of a million states gives, and what a turn of the event loop does.
 */
#define FLOWS 4096

void
control_stop_monitor(struct client *k)
{
	if (k->monitors && --k->control->monitors == 0)
		k->control->meter->watch = NULL;
	k->monitors = 0;
}

int
control_queue_lost(struct client *k)
{
	struct ctl_lost lost = { k->lost };

	if (k->lost == 0)
		return 0;
	if (control_queue_row(k, MSG_CTL_LOST, &lost, sizeof(lost)) == -1)
		return -1;
	k->lost = 0;
	return 0;
}

static void
queue_flow(struct client *k, const struct ctl_flow *flow)
{
	if (control_queue_lost(k) == -1 ||
	    control_queue_row(k, MSG_CTL_FLOW, flow, sizeof(*flow)) == -1)
		k->lost++;
}

void
control_end_monitor(struct client *k)
{
	struct ctl_lost lost = { k->lost };

	control_stop_monitor(k);
	k->ending = 1;
	if (k->lost > 0 &&
	    control_queue(k, MSG_CTL_LOST, &lost, sizeof(lost)) == -1)
		control_hang_up(k);
	k->lost = 0;
	control_end_reply(k, 0, "");
}

/* The meter's watch: send a flow to each client that monitors. */
static void
on_flow(void *arg, const struct report *r, uint64_t time)
{
	struct control *c = arg;
	struct ctl_flow flow;
	struct client *k;

	flowprint_report(r, time, &flow);
	LIST_FOREACH(k, &c->clients, entry)
		if (k->monitors)
			queue_flow(k, &flow);
}

void
control_start_monitor(struct client *k, const struct msg *msg)
{
	struct control *c = k->control;

	(void)msg;
	if (control_queue_row(k, MSG_CTL_BEGUN, NULL, 0) == -1) {
		control_end_reply(k, 1, "pflowd is too busy: try again");
		return;
	}
	k->conn.limit = FLOWS * (MSG_HEADER + sizeof(struct ctl_flow));
	k->monitors = 1;
	c->monitors++;
	c->meter->watch = on_flow;
	c->meter->watch_arg = c;
}
