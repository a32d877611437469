/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netdb.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "config.h"
#include "meter.h"
#include "process/ledger.h"
#include "conf/printconf.h"
#include "os/sandbox.h"
#include "search.h"
#include "show.h"

enum show_result
show_one(struct show_out *out, uint32_t type, const void *data, size_t len)
{
	out->type = type;
	out->data = data;
	out->len = len;
	return SHOW_ROW;
}

/* Records built for all collectors. */
static uint64_t
records_built(const struct export *export)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < export_collectors(export); i++)
		sum += export_counters(export, i)->built;
	return sum;
}

static uint32_t
source_of(const struct meter *m)
{
	return meter_reads_table(m) ? CTL_SOURCE_TABLE : CTL_SOURCE_PFSYNC;
}

enum show_result
show_status(struct meter *m, struct show *show, struct show_out *out)
{
	const struct ledger *l = m->ledger;
	struct ctl_status *s = &out->u.status;

	if (show->row > 0)
		return SHOW_END;
	meter_note_drops(m, clock_wall_ms());
	memset(s, 0, sizeof(*s));
	strlcpy(s->version, PFLOWD_VERSION, sizeof(s->version));
	strlcpy(s->sandbox, sandbox_name(), sizeof(s->sandbox));
	if (!m->source.facts.own_clock)
		strlcpy(s->interface, m->conf->interface, sizeof(s->interface));
	strlcpy(s->absent, m->absent, sizeof(s->absent));
	strlcpy(s->error, l->error, sizeof(s->error));
	strlcpy(s->condition, m->condition, sizeof(s->condition));
	s->now = clock_wall_ms();
	s->started = l->started;
	s->engine_started = m->started;
	s->reloaded = l->reloaded;
	s->error_time = l->error_time;
	s->drop_time = l->drop_time;
	s->engines = l->engines;
	s->engines_replaced = l->replaced;
	s->engines_died = l->died;
	s->clients = m->clients;
	s->records = records_built(m->export);
	s->buffer = m->buffer;
	s->listening = m->source.capture != NULL;
	s->pfsync_version = l->pfsync_version;
	s->verbose = m->conf->verbose > 0;
	s->source = source_of(m);
	s->mild = m->mild != 0;
	s->replay = m->source.facts.own_clock != 0;
	return show_one(out, MSG_CTL_STATUS, s, sizeof(*s));
}

enum show_result
show_counters(struct meter *m, struct show *show, struct show_out *out)
{
	struct ctl_counters *c = &out->u.counters;

	if (show->row > 0)
		return SHOW_END;
	memset(c, 0, sizeof(*c));
	meter_counters(m, &c->counters);
	c->source = source_of(m);
	return show_one(out, MSG_CTL_COUNTERS, c, sizeof(*c));
}

/* Write an address with its port; nothing if there is none. */
static void
address_text(const struct sockaddr_storage *ss, char *to, size_t size)
{
	char host[NI_MAXHOST], port[NI_MAXSERV];
	socklen_t len = ss->ss_family == AF_INET6 ?
	    sizeof(struct sockaddr_in6) :
	    sizeof(struct sockaddr_in);

	if (ss->ss_family == 0 ||
	    getnameinfo((const struct sockaddr *)ss, len, host, sizeof(host),
		port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return;
	snprintf(to, size, ss->ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s",
	    host, port);
}

/* UDP says nothing of a collector that was never sent to. */
static uint32_t
collector_state(const struct export_status *s,
    const struct collector_counters *c)
{
	if (!s->state.up)
		return CTL_DOWN;
	return c->datagrams == 0 ? CTL_UNKNOWN : CTL_UP;
}

enum show_result
show_collector(struct meter *m, struct show *show, struct show_out *out)
{
	struct ctl_collector *c = &out->u.collector;
	struct export_status s;

	if (show->row >= export_collectors(m->export))
		return SHOW_END;
	export_status(m->export, show->row, &s);
	memset(c, 0, sizeof(*c));
	strlcpy(c->name, s.name, sizeof(c->name));
	strlcpy(c->protocol, s.protocol, sizeof(c->protocol));
	address_text(s.addr, c->address, sizeof(c->address));
	if (s.state.error != 0)
		strlcpy(c->error, strerror(s.state.error), sizeof(c->error));
	c->error_time = s.state.error_time;
	c->since = s.state.since;
	c->state = collector_state(&s, export_counters(m->export, show->row));
	c->records_queued = s.queued;
	c->datagrams_queued = s.waiting;
	c->octets_queued = s.octets;
	c->rate = s.rate;
	c->engine_id = s.domain == 0 ? s.engine_id : UINT32_MAX;
	c->domain = s.domain;
	c->counters = *export_counters(m->export, show->row);
	return show_one(out, MSG_CTL_COLLECTOR, c, sizeof(*c));
}

/* True if pflowd.conf sets the index of an interface. */
static int
is_fixed(const struct ifindex *t, const char *name)
{
	unsigned int i;

	for (i = 0; i < t->n; i++)
		if (strcmp(t->entries[i].name, name) == 0)
			return t->entries[i].fixed != 0;
	return 0;
}

enum show_result
show_interface(struct meter *m, struct show *show, struct show_out *out)
{
	struct ctl_interface *c = &out->u.interface;
	const struct ledger_interface *i;

	if (show->row == LEDGER_INTERFACES ||
	    m->ledger->interfaces[show->row].name[0] == '\0')
		return SHOW_END;
	i = &m->ledger->interfaces[show->row];
	memset(c, 0, sizeof(*c));
	strlcpy(c->name, i->name, sizeof(c->name));
	c->states = i->states;
	c->records = i->records;
	c->index = ifindex_find(&m->conf->interfaces, c->name);
	if (c->index == 0)
		c->set_by = CTL_SET_NONE;
	else if (is_fixed(&m->conf->interfaces, c->name))
		c->set_by = CTL_SET_CONF;
	return show_one(out, MSG_CTL_INTERFACE, c, sizeof(*c));
}

/* Find the list of a row, and the rule's number in it; NULL: no such row. */
static const struct rule_list *
find_rule(const struct conf *conf, unsigned int row, unsigned int *number,
    const char **collector)
{
	unsigned int i;

	*collector = "";
	*number = row;
	if (row < conf->filter.n)
		return &conf->filter;
	*number -= conf->filter.n;
	for (i = 0; i < conf->ncollectors; i++) {
		*collector = conf->collectors[i].name;
		if (*number < conf->filters[i].n)
			return &conf->filters[i];
		*number -= conf->filters[i].n;
	}
	return NULL;
}

enum show_result
show_rule(struct meter *m, struct show *show, struct show_out *out)
{
	struct ctl_rule *c = &out->u.rule;
	const struct rule_list *list;
	const char *collector;
	char text[RULE_TEXT];
	unsigned int number;

	list = find_rule(m->conf, show->row, &number, &collector);
	if (list == NULL)
		return SHOW_END;
	memset(c, 0, sizeof(*c));
	strlcpy(c->collector, collector, sizeof(c->collector));
	strlcpy(c->text, rule_text(&list->rules[number], text),
	    sizeof(c->text));
	c->number = number;
	c->states = m->ledger->rule_hits[show->row];
	return show_one(out, MSG_CTL_RULE, c, sizeof(*c));
}

static void
add_line(void *arg, const char *line)
{
	FILE *file = arg;

	fwrite(line, 1, strlen(line) + 1, file);
}

/* Print the configuration into a new text.  -1: out of memory. */
static int
print_config(const struct meter *m, struct show_text *text)
{
	struct record_policy policy = m->conf->policy;
	FILE *file;
	int failed;

	if ((file = open_memstream(&text->lines, &text->len)) == NULL)
		return -1;
	source_timeouts(&m->source, &policy);
	printconf(m->conf, add_line, file);
	printconf_timeouts(&policy, add_line, file);
	failed = ferror(file);
	return fclose(file) == 0 && !failed ? 0 : -1;
}

/* Drop a reference; the last one frees the text. */
static void
text_release(struct show_text *text)
{
	if (text == NULL || --text->readers > 0)
		return;
	if (*text->shared == text)
		*text->shared = NULL;
	free(text->lines);
	free(text);
}

/*
 * Text of the configuration in force, with a new reference; NULL: out of
 * memory.
 */
static struct show_text *
text_get(struct meter *m)
{
	struct show_text *text = m->text;

	if (text != NULL && text->generation == m->conf->generation) {
		text->readers++;
		return text;
	}
	if ((text = calloc(1, sizeof(*text))) == NULL)
		return NULL;
	text->shared = &m->text;
	text->readers = 1;
	text->generation = m->conf->generation;
	if (print_config(m, text) == -1) {
		text_release(text);
		return NULL;
	}
	m->text = text;
	return text;
}

/*
 * Shows the configuration as it was at the request, even if another is loaded
 * meanwhile.
 */
enum show_result
show_config(struct meter *m, struct show *show, struct show_out *out)
{
	const char *line;

	if (show->text == NULL && (show->text = text_get(m)) == NULL)
		return SHOW_FAILED;
	line = show->text->lines + show->at;
	if (show->row > 0 && show->last != show->row) {
		show->at += strlen(line) + 1;
		show->last = show->row;
		line = show->text->lines + show->at;
	}
	if (show->at >= show->text->len)
		return SHOW_END;
	return show_one(out, MSG_CTL_LINE, line, strlen(line));
}

/* The send errors that mean that a collector cannot be reached. */
static uint64_t
errors_of(const struct collector_counters *c)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < SEND_ERRORS; i++)
		sum += i != SEND_TOO_BIG ? c->errors[i] : 0;
	return sum;
}

/*
 * The time of a test record.  A replay that waits for its first frame has no
 * clock yet.
 */
static uint64_t
test_time(const struct meter *m)
{
	uint64_t now = meter_clock(m);

	return now != 0 ? now : clock_wall_ms();
}

/* Send a test record; errors of earlier datagrams are counted before it. */
static void
start_test(struct meter *m, unsigned int i, struct show_test *t)
{
	const struct collector_counters *c = export_counters(m->export, i);
	uint64_t dropped;

	export_probe(m->export, i);
	t->errors = errors_of(c);
	dropped = c->dropped;
	export_test(m->export, i, test_time(m));
	t->dropped = c->dropped != dropped;
}

/* True if a collector has this name with port or this host; "": true. */
static int
has_name(const struct conf_collector *c, const char *name)
{
	return name[0] == '\0' || strcasecmp(c->name, name) == 0 ||
	    strcasecmp(c->host, name) == 0;
}

int
show_test(struct meter *m, struct show *show, const char *name)
{
	const struct conf *conf = m->conf;
	struct show_test *t;
	unsigned int i;

	show->tests = calloc(conf->ncollectors + 1, sizeof(*show->tests));
	if (show->tests == NULL)
		return -1;
	for (i = 0; i < conf->ncollectors; i++) {
		t = &show->tests[i];
		if (!has_name(&conf->collectors[i], name))
			continue;
		strlcpy(t->name, conf->collectors[i].name, sizeof(t->name));
		start_test(m, i, t);
		show->ntests = i + 1;
	}
	return show->ntests > 0 ? 0 : -1;
}

/* True if a reload gave the collector's place to another one. */
static int
has_moved(const struct meter *m, unsigned int i, const struct show_test *t)
{
	return i >= m->conf->ncollectors ||
	    strcmp(m->conf->collectors[i].name, t->name) != 0;
}

/*
 * Write the result of a test, as far as known.  Returns -1 if the record was
 * not delivered.
 */
static int
test_result(struct meter *m, unsigned int i, const struct show_test *t,
    char *result, size_t size)
{
	struct export_status s;

	if (has_moved(m, i, t)) {
		snprintf(result, size, "reloaded meanwhile: test again");
		return -1;
	}
	export_probe(m->export, i);
	export_status(m->export, i, &s);
	if (s.addr->ss_family == 0) {
		strlcpy(result, CTL_NO_SOCKET, size);
		return -1;
	}
	if (t->dropped) {
		snprintf(result, size, "not sent: the queue is full");
		return -1;
	}
	if (errors_of(export_counters(m->export, i)) != t->errors) {
		snprintf(result, size, "%s%s",
		    s.state.error == ECONNREFUSED ? "refused: " : "failed: ",
		    strerror(s.state.error));
		return -1;
	}
	if (s.waiting > 0)
		snprintf(result, size, "queued: %u datagrams waiting",
		    s.waiting);
	else
		snprintf(result, size, "sent, nothing came back");
	return 0;
}

enum show_result
show_tested(struct meter *m, struct show *show, struct show_out *out)
{
	struct ctl_tested *c = &out->u.tested;
	const struct show_test *t;

	while (show->row < show->ntests &&
	    show->tests[show->row].name[0] == '\0')
		show->row++;
	if (show->row == show->ntests)
		return SHOW_END;
	t = &show->tests[show->row];
	memset(c, 0, sizeof(*c));
	strlcpy(c->collector, t->name, sizeof(c->collector));
	if (test_result(m, show->row, t, c->result, sizeof(c->result)) == -1)
		c->failed = 1;
	return show_one(out, MSG_CTL_TESTED, c, sizeof(*c));
}

enum show_result
show_states(struct meter *m, struct show *show, struct show_out *out)
{
	(void)m;
	if (show->row >= show->found->n)
		return SHOW_END;
	return show_one(out, MSG_CTL_FLOW, &show->found->states[show->row].flow,
	    sizeof(struct ctl_flow));
}

void
show_free(struct show *show)
{
	text_release(show->text);
	free(show->tests);
	found_release(show->found);
	memset(show, 0, sizeof(*show));
}
