/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Messages from the parent: configurations, sockets, results of reloads, and
 * orders.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/msg.h"
#include "control.h"
#include "engine_local.h"
#include "process/conf_link.h"
#include "process/ledger.h"
#include "process/link.h"
#include "summary.h"

#define REFUSED "cannot receive the configuration"

/* Keep the configuration in force until the parent sends the new one again. */
static void
refuse_conf(struct engine *e, int error)
{
	conf_free(e->coming);
	e->coming = NULL;
	if (!e->refused)
		log_warnx(REFUSED ": %s; keeping the old one and retrying",
		    strerror(error));
	e->refused = error;
	engine_report(e);
}

static void
set_host(struct engine *e)
{
	struct meter *m = &e->meter;

	conf_set_host(m->conf, e->coming);
	meter_forget_interfaces(m);
	export_host(m->export);
	conf_free(e->coming);
	e->coming = NULL;
}

/*
 * Apply the received configuration in one step, with no read in between.  The
 * verbosity is ours: the parent may not know of the last change yet.
 */
static void
apply_conf(struct engine *e)
{
	struct meter *m = &e->meter;
	uint64_t now = clock_wall_ms();

	e->coming->verbose = m->conf->verbose;
	if (meter_configure(m, e->coming, now) == -1) {
		refuse_conf(e, errno);
		return;
	}
	e->coming = NULL;
	if (e->refused)
		log_settled(REFUSED);
	e->refused = 0;
	engine_report_conf(e);
	engine_table_conf(e);
	control_listen(e->control, m->conf->sockets, m->conf->nsockets);
	log_verbosity(m->conf->verbose);
	if (m->conf->generation > 0)
		m->ledger->reloaded = now;
	engine_send(e, now);
}

static void
receive_conf(struct engine *e, struct msg *msg)
{
	if (e->skipping) {
		e->skipping = msg->type != MSG_CONF_COMMIT &&
		    msg->type != MSG_HOST_COMMIT;
		return;
	}
	switch (conf_link_receive(&e->coming, msg)) {
	case 1:
		apply_conf(e);
		break;
	case 2:
		set_host(e);
		break;
	case -1:
		if (errno != ENOMEM && errno != EMFILE)
			fatalx("engine: no configuration from the parent");
		e->skipping = 1;
		refuse_conf(e, errno);
	}
}

static void
set_socket(struct engine *e, struct msg *msg)
{
	struct link_socket s;

	if (msg_payload(msg, &s, sizeof(s)) == -1 ||
	    e->refused) /* it belongs to the refused configuration */
		return;
	if (msg->fd_lost) { /* it comes with the configuration again */
		refuse_conf(e, EMFILE);
		return;
	}
	export_path(e->meter.export, s.collector, s.path_mtu);
	if (s.addrlen == 0)
		export_withdraw(e->meter.export, s.collector);
	if (msg->fd == -1)
		return;
	export_socket(e->meter.export, s.collector, msg->fd, &s.addr,
	    s.addrlen);
	msg->fd = -1;
}

static void
set_dumper(struct engine *e, struct msg *msg)
{
	if (msg->fd == -1)
		return; /* lost: the parent finds that it does not answer */
	engine_table_connect(e, msg->fd);
	msg->fd = -1;
}

static void
end_reload(struct engine *e, struct msg *msg)
{
	struct link_done d;

	if (msg_payload(msg, &d, sizeof(d)) == -1)
		return;
	if (e->refused && !d.failed) {
		d.failed = 1;
		snprintf(d.text, sizeof(d.text),
		    "%s; keeping the old configuration and retrying",
		    strerror(e->refused));
	}
	control_reload_done(e->control, msg->id, (int)d.failed, d.text);
}

static void
show_warning(struct engine *e, struct msg *msg)
{
	struct ledger *ledger = e->meter.ledger;
	struct link_warning w;

	if (msg_payload(msg, &w, sizeof(w)) == -1)
		return;
	if (w.settled)
		ledger_settle(ledger, w.text);
	else if (w.time >= ledger->error_time)
		ledger_error(ledger, w.text, w.time);
}

static void
add_reload_line(struct engine *e, struct msg *msg)
{
	control_reload_line(e->control, msg->id, (const char *)msg->data,
	    msg->len);
}

static void
log_counters(struct engine *e, struct msg *msg)
{
	(void)msg;
	summary(&e->meter, summary_to_log);
}

static void
replace(struct engine *e, struct msg *msg)
{
	(void)msg;
	e->replaced = 1;
}

static void
stop(struct engine *e, struct msg *msg)
{
	(void)msg;
	engine_stop(e);
}

/* Any other message is part of a configuration. */
static const struct {
	uint32_t type;
	void (*handle)(struct engine *, struct msg *);
} messages[] = {
	{ MSG_COLLECTOR_SOCKET, set_socket },
	{ MSG_ENGINE_DUMPER, set_dumper },
	{ MSG_RELOAD_LINE, add_reload_line },
	{ MSG_RELOAD_DONE, end_reload },
	{ MSG_PARENT_WARNING, show_warning },
	{ MSG_ENGINE_STATS, log_counters },
	{ MSG_ENGINE_REPLACE, replace },
	{ MSG_ENGINE_STOP, stop },
};
#define MESSAGES (sizeof(messages) / sizeof(messages[0]))

void
engine_dispatch(struct engine *e, struct msg *msg)
{
	size_t i = 0;

	while (i < MESSAGES && messages[i].type != msg->type)
		i++;
	if (i < MESSAGES)
		messages[i].handle(e, msg);
	else
		receive_conf(e, msg);
	msg_discard(msg);
}
