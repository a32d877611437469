/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "conf.h"
#include "printconf.h"

struct printer {
	printconf_line *line;
	void *arg;
};

static void print(const struct printer *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

/* Pass a line to the callback. */
static void
print(const struct printer *p, const char *fmt, ...)
{
	char text[RULE_TEXT + 32];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	p->line(p->arg, text);
}

/* Quote every text, as a quoted word is never read as a keyword. */
static const char *
quoted(const char *text, char *buf, size_t size)
{
	size_t n = 0;

	buf[n++] = '"';
	for (; *text != '\0' && n + 3 < size; text++) {
		if (*text == '"' || *text == '\\')
			buf[n++] = '\\';
		buf[n++] = *text;
	}
	buf[n++] = '"';
	buf[n] = '\0';
	return buf;
}

/* Print the timeouts that the file sets. */
static void
print_timeouts(const struct conf *conf, const struct printer *p)
{
	int i;

	for (i = 0; i < FLOW_TIMEOUTS; i++)
		if (conf->policy.timeout_source[i] == RECORD_BY_FILE)
			print(p, "timeout %s %" PRIu32,
			    record_timeout_name((enum flow_timeout)i),
			    conf->policy.timeout[i]);
}

static void
print_source(const struct conf *conf, const struct printer *p)
{
	char name[2 * FLOW_IFNAME + 3];

	if (conf->source == CONF_PFSYNC) {
		print(p, "source pfsync");
		print(p, "interface %s%s",
		    quoted(conf->interface, name, sizeof(name)),
		    conf->pfsync_link ? " linktype pfsync" : "");
		return;
	}
	print(p, "source table");
	if (conf->interval == 0)
		print(p, "interval auto");
	else
		print(p, "interval %u", conf->interval);
	if (conf->states > 0)
		print(p, "states %u", conf->states);
	print(p, "interim %u", conf_interim(conf, 1));
}

static void
print_globals(const struct conf *conf, const struct printer *p)
{
	static const char *const views[] = { [FLOW_INSIDE] = "inside",
		[FLOW_OUTSIDE] = "outside",
		[FLOW_ORIGINAL] = "original" };
	char buf[64];
	unsigned int i;

	print_source(conf, p);
	print(p, "join %s",
	    conf_join(conf, conf->source == CONF_TABLE) ? "yes" : "no");
	print(p, "hold %u", conf->hold);
	print(p, "quiet %u", conf->quiet);
	print(p, "lookup %u", conf->lookup);
	print(p, "addresses %s", views[conf->policy.view]);
	print(p, "end %s",
	    conf->policy.end == RECORD_DELETION ? "deletion" : "last-packet");
	print_timeouts(conf, p);
	for (i = 0; i < conf->interfaces.n; i++)
		if (conf->interfaces.entries[i].fixed)
			print(p, "ifindex %s %" PRIu32,
			    quoted(conf->interfaces.entries[i].name, buf,
				sizeof(buf)),
			    conf->interfaces.entries[i].index);
	if (conf->creator_given)
		print(p, "creator 0x%08" PRIx32, conf->creator);
	else
		print(p, "creator any");
	if (conf->account_self)
		print(p, "account self");
}

static void
print_sockets(const struct conf *conf, const struct printer *p)
{
	char path[2 * CONF_PATH + 3], group[2 * CONF_GROUP + 3];
	unsigned int i;

	for (i = 0; i < conf->nsockets; i++) {
		const struct conf_socket *s = &conf->sockets[i];

		quoted(s->path, path, sizeof(path));
		quoted(s->group, group, sizeof(group));
		print(p, "socket %s%s%s%s", path,
		    s->restricted ? " restricted" : "",
		    s->group[0] != '\0' ? " group " : "",
		    s->group[0] != '\0' ? group : "");
	}
}

static void
print_rules(const struct rule_list *list, const char *indent,
    const struct printer *p)
{
	char text[RULE_TEXT];
	unsigned int i;

	for (i = 0; i < list->n; i++)
		print(p, "%s%s", indent, rule_text(&list->rules[i], text));
}

/* Print a collector with all its settings and rules. */
static void
print_collector(const struct conf_collector *c, const struct rule_list *list,
    const struct printer *p)
{
	char host[2 * CONF_HOST + 3], source[CONF_ADDRESS + 3];

	print(p, "collector %s port %u {", quoted(c->host, host, sizeof(host)),
	    c->port);
	if (c->source[0] != '\0')
		print(p, "\tsource %s",
		    strchr(c->source, '%') == NULL ?
			c->source :
			quoted(c->source, source, sizeof(source)));
	print(p, "\tprotocol %s", protocol_facts[c->protocol].name);
	if (c->domain == 0) {
		print(p, "\tengine id %u", c->engine_id);
	} else {
		print(p, "\tdomain %" PRIu32, c->domain);
		if (c->biflow)
			print(p, "\tbiflow");
		print(p, "\ttemplates %u %u", c->templates_datagrams,
		    c->templates_seconds);
	}
	print(p, "\tdscp %u", c->dscp);
	if (c->mtu > 0)
		print(p, "\tmtu %u", c->mtu);
	if (c->rate > 0)
		print(p, "\trate %u", c->rate);
	print_rules(list, "\t", p);
	print(p, "}");
}

void
printconf(const struct conf *conf, printconf_line *line, void *arg)
{
	const struct printer p = { line, arg };
	unsigned int i;

	print_globals(conf, &p);
	print_sockets(conf, &p);
	for (i = 0; i < conf->ncollectors; i++)
		print_collector(&conf->collectors[i], &conf->filters[i], &p);
	print_rules(&conf->filter, "", &p);
}

void
printconf_timeouts(const struct record_policy *r, printconf_line *line,
    void *arg)
{
	static const char *const sources[] = {
		[RECORD_BY_DEFAULT] = "pf's default",
		[RECORD_BY_PF] = "as pf has it",
	};
	const struct printer p = { line, arg };
	int i;

	for (i = 0; i < FLOW_TIMEOUTS; i++) {
		const char *name = record_timeout_name((enum flow_timeout)i);

		if (name != NULL && r->timeout_source[i] != RECORD_BY_FILE)
			print(&p, "# timeout %s %" PRIu32 ": %s", name,
			    r->timeout[i], sources[r->timeout_source[i]]);
	}
}
