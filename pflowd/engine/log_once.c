/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <inttypes.h>
#include <string.h>

#include "common/log.h"
#include "meter.h"
#include "log_once.h"

/* Clears are logged at most once in this time; a counter has all of them. */
#define MINUTE_MS 60000

enum {
	LOGGED_VERSION_1 = 1 << 0,
	LOGGED_VERSION_5 = 1 << 1,
	LOGGED_VERSION_6 = 1 << 2,
	LOGGED_VERSION_OTHER = 1 << 3,
	LOGGED_CUT = 1 << 5,
	LOGGED_INET6 = 1 << 6,
	LOGGED_WIDE = 1 << 7
};

/* True only on the first call for each kind of warning. */
static int
first(struct meter *e, unsigned int what)
{
	if (e->logged & what)
		return 0;
	e->logged |= what;
	return 1;
}

static void
log_once_version(struct meter *e)
{
	switch (e->frame.version) {
	case 1:
		if (first(e, LOGGED_VERSION_1))
			log_warnx("pfsync version 1 (OpenBSD 3.3 and 3.4): its "
				  "layout is each kernel's own and cannot be "
				  "read");
		break;
	case 5:
		if (first(e, LOGGED_VERSION_5))
			log_warnx("pfsync version 5 (FreeBSD 9 and later, "
				  "OpenBSD 4.5): its deletions carry no "
				  "counters, so there is nothing to account: "
				  "use pflow(4) or softflowd there");
		break;
	case 6:
		if (first(e, LOGGED_VERSION_6))
			log_warnx("pfsync version 6 (OpenBSD 4.9 and later): "
				  "its deletions carry no counters, so there "
				  "is nothing to account: use pflow(4) there");
		break;
	default:
		if (first(e, LOGGED_VERSION_OTHER))
			log_warnx("a frame begins with %u, which is no "
				  "version of pfsync: is this a pfsync "
				  "interface or capture?",
			    e->frame.version);
	}
}

/* The name is from the network: replace bytes that could control a terminal. */
static const char *
printable(const char *name, char to[FLOW_IFNAME])
{
	char *c;

	strlcpy(to, name, FLOW_IFNAME);
	for (c = to; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~')
			*c = '?';
	return to;
}

static void
log_once_clear(struct meter *e)
{
	char name[FLOW_IFNAME];
	const char *where = printable(e->frame.clr_ifname, name);

	if (e->clear_logged != 0 && e->now - e->clear_logged < MINUTE_MS)
		return;
	e->clear_logged = e->now;
	log_warnx("pf's states%s%s were cleared (pfctl -F): their "
		  "counters are lost",
	    where[0] != '\0' ? " on " : "", where);
}

void
log_once_frame(struct meter *e, enum pfsync_verdict verdict)
{
	switch (verdict) {
	case PFSYNC_VERSION:
		log_once_version(e);
		break;
	case PFSYNC_CLR:
		log_once_clear(e);
		break;
	case PFSYNC_DECODED:
		if (e->frame.cut > 0 && first(e, LOGGED_CUT))
			log_warnx("a frame of %u states was cut %u short: was "
				  "it captured with too small a snapshot "
				  "length?",
			    e->frame.announced, e->frame.cut);
		break;
	default:
		break;
	}
}

void
log_once_inexpressible(struct meter *e, const struct flow *f)
{
	if (f->family == 6 && first(e, LOGGED_INET6))
		log_warnx("IPv6 states cannot be said in NetFlow version 5: "
			  "they are counted, not exported (netflow9 "
			  "and ipfix can)");
	if (f->family != 6 && first(e, LOGGED_WIDE))
		log_warnx("a state of %" PRIu64 " and %" PRIu64 " bytes in "
			  "%" PRIu64 " and %" PRIu64 " packets cannot be "
			  "said in NetFlow version 5: it is counted, not "
			  "exported",
		    f->bytes[0], f->bytes[1], f->packets[0], f->packets[1]);
}
