/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <inttypes.h>
#include <string.h>
#include <syslog.h>

#include "common/log.h"
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
	LOGGED_WIDE = 1 << 7,
	LOGGED_SNAPPED = 1 << 8,
	LOGGED_LINK = 1 << 9,
	LOGGED_FRAGMENT = 1 << 10
};

/* True only on the first call for each kind of warning. */
static int
is_first(struct log_once *l, unsigned int kind)
{
	if (l->logged & kind)
		return 0;
	l->logged |= kind;
	return 1;
}

/* That of a kernel is shown while it lasts, so it is not the last error. */
static void
log_version(struct log_once *l, unsigned int version)
{
	static const unsigned int kinds[] = { [1] = LOGGED_VERSION_1,
		[5] = LOGGED_VERSION_5,
		[6] = LOGGED_VERSION_6 };
	const char *why = pfsync_undecodable(version);

	if (why != NULL && is_first(l, kinds[version]))
		log_line(LOG_WARNING, why);
	if (why == NULL && is_first(l, LOGGED_VERSION_OTHER))
		log_warnx("frame with unknown pfsync version %u: is this a "
			  "pfsync interface or capture?",
		    version);
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
log_clear(struct log_once *l, const struct pfsync_frame *frame, uint64_t now)
{
	char name[FLOW_IFNAME];
	const char *where = printable(frame->clr_ifname, name);

	if (l->cleared != 0 && now - l->cleared < MINUTE_MS)
		return;
	l->cleared = now;
	log_warnx(
	    "pf states%s%s were cleared (pfctl -F states): their counters are "
	    "lost",
	    where[0] != '\0' ? " on " : "", where);
}

void
log_once_frame(struct log_once *l, const struct pfsync_frame *frame,
    enum pfsync_verdict verdict, uint64_t now)
{
	switch (verdict) {
	case PFSYNC_VERSION:
		log_version(l, frame->version);
		break;
	case PFSYNC_CLR:
		log_clear(l, frame, now);
		break;
	case PFSYNC_DECODED:
		if (frame->cut > 0 && is_first(l, LOGGED_CUT))
			log_warnx(
			    "frame announces %u states, but %u are missing "
			    "from it",
			    frame->announced, frame->cut);
		break;
	case PFSYNC_FRAGMENT:
		if (is_first(l, LOGGED_FRAGMENT))
			log_warnx(
			    "IP fragments of pfsync are counted, not decoded: "
			    "lower the MTU of the pfsync interface");
		break;
	default:
		break;
	}
}

void
log_once_snapped(struct log_once *l, size_t len, size_t whole)
{
	if (is_first(l, LOGGED_SNAPPED))
		log_warnx(
		    "the capture has only %zu of %zu bytes of a frame, whose "
		    "states are lost: capture with tcpdump -s 0",
		    len, whole);
}

void
log_once_link(struct log_once *l)
{
	if (is_first(l, LOGGED_LINK))
		log_warnx(
		    "frames are pfsync, although the link type of the capture "
		    "is another: use -y pfsync");
}

void
log_once_inexpressible(struct log_once *l, const struct flow *f)
{
	if (flow_family(f) == 6 && is_first(l, LOGGED_INET6))
		log_warnx(
		    "NetFlow v5 cannot carry IPv6: netflow5 collectors will "
		    "not get IPv6 states (use protocol netflow9 or ipfix)");
	if (flow_family(f) != 6 && is_first(l, LOGGED_WIDE))
		log_warnx("NetFlow v5 cannot carry a state of %" PRIu64
			  " and %" PRIu64 " bytes in %" PRIu64 " and %" PRIu64
			  " packets: netflow5 collectors will not get it (use "
			  "protocol netflow9 or ipfix)",
		    f->bytes[0], f->bytes[1], f->packets[0], f->packets[1]);
}
