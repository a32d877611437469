/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "flowjson.h"
#include "flowline.h"
#include "proto.h"

/* An object being written.  It fits: see the test. */
struct object {
	char *text;
	size_t len;
};

static void append(struct object *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

static void
append(struct object *o, const char *fmt, ...)
{
	size_t room = FLOWJSON - o->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(o->text + o->len, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		o->len += (size_t)n < room ? (size_t)n : room - 1;
}

static void
append_key(struct object *o, const char *key)
{
	append(o, "%c\"%s\":", o->len == 0 ? '{' : ',', key);
}

static void
append_number(struct object *o, const char *key, uint64_t value)
{
	append_key(o, key);
	append(o, "%" PRIu64, value);
}

/* A number that is absent if it is this value. */
static void
append_unless(struct object *o, const char *key, uint32_t value,
    uint32_t absent)
{
	append_key(o, key);
	if (value == absent)
		append(o, "null");
	else
		append(o, "%" PRIu32, value);
}

/* A text that ends at its NUL or after size bytes; null if it is empty. */
static void
append_text(struct object *o, const char *key, const char *text, size_t size)
{
	size_t i;

	append_key(o, key);
	if (size == 0 || text[0] == '\0') {
		append(o, "null");
		return;
	}
	append(o, "\"");
	for (i = 0; i < size && text[i] != '\0'; i++) {
		if (text[i] == '"' || text[i] == '\\')
			append(o, "\\");
		append(o, "%c",
		    text[i] >= ' ' && text[i] <= '~' ? text[i] : '?');
	}
	append(o, "\"");
}

static void
append_string(struct object *o, const char *key, const char *text)
{
	append_text(o, key, text, strlen(text));
}

/* An address and its port, unless the flow has none. */
static void
append_host(struct object *o, const struct ctl_flow *f, int has,
    const char *key, const uint8_t addr[16], uint16_t port)
{
	char text[FLOWLINE_ADDRESS], port_key[16];

	append_string(o, key, has ? flowline_address(f, addr, text) : "");
	snprintf(port_key, sizeof(port_key), "%s_port", key);
	append_unless(o, port_key, has ? port : 0, 0);
}

static void
append_hosts(struct object *o, const struct ctl_flow *f)
{
	int known = f->family == 4 || f->family == 6;

	append_host(o, f, known, "lan", f->lan, f->lan_port);
	append_host(o, f, known && flowline_translated(f), "gwy", f->gwy,
	    f->gwy_port);
	append_host(o, f, known, "ext", f->ext, f->ext_port);
	append_host(o, f, known && flowline_translated_out(f), "nat", f->nat,
	    f->nat_port);
}

/* Why it is reported, and how sure that is. */
static void
append_report(struct object *o, const struct ctl_flow *f)
{
	static const char *const why[] = { "", "end", "interim" };
	const char *label = flowline_label(f);

	append_string(o, "why", f->why <= CTL_WHY_INTERIM ? why[f->why] : "");
	append_key(o, "joined");
	append(o, f->joined ? "true" : "false");
	append_string(o, "label", label != NULL ? label : "");
}

static void
append_counters(struct object *o, const char *key, const char *key_back,
    const uint64_t counters[2])
{
	append_number(o, key, counters[0]);
	append_number(o, key_back, counters[1]);
}

const char *
flowjson(const struct ctl_flow *f, char buf[FLOWJSON])
{
	static const char *const directions[] = { "", "in", "out" };
	struct object o = { buf, 0 };
	char text[FLOWLINE_TIME], creator[16], proto[PROTO_NAME];

	snprintf(creator, sizeof(creator), "0x%08" PRIx32, f->creator);
	append_string(&o, "time", flowline_time(f->time, text));
	append_number(&o, "id", f->id);
	append_string(&o, "creator", creator);
	append_unless(&o, "pfsync_version", f->version, 0);
	append_text(&o, "interface", f->ifname, sizeof(f->ifname));
	append_text(&o, "out_interface", f->out_ifname, sizeof(f->out_ifname));
	append_string(&o, "direction",
	    f->direction <= 2 ? directions[f->direction] : "");
	append_string(&o, "protocol", proto_name(f->proto, proto));
	append_hosts(&o, f);
	append_string(&o, "state", flowline_state(f, f->tcp_state[0], text));
	append_string(&o, "state_back",
	    flowline_state(f, f->tcp_state[1], text));
	append_number(&o, "age", f->age);
	append_counters(&o, "packets", "packets_back", f->packets);
	append_counters(&o, "bytes", "bytes_back", f->bytes);
	append_unless(&o, "rate", f->rate, 0);
	append_unless(&o, "rule", f->rule, UINT32_MAX);
	append_report(&o, f);
	append(&o, "}");
	return buf;
}

const char *
flowjson_lost(uint64_t flows, char buf[FLOWJSON])
{
	snprintf(buf, FLOWJSON, "{\"lost\":%" PRIu64 "}", flows);
	return buf;
}
