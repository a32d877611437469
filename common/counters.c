/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>

#include "config.h"
#include "counters.h"

#define AT(member) FIELD_OF(struct counters, member)
#define CAT(member) FIELD_OF(struct collector_counters, member)
#define COUNTER FIELD_COUNTER

const struct field counter_fields[] = {
	{ "frames", "frames", COUNTER, 0, AT(frames),
	    "pfsync frames that were captured" },
	{ "frames_decoded", "decoded", COUNTER, 1, AT(verdict[PFSYNC_DECODED]),
	    "Frames of deletions that were decoded" },
	{ "frames_trailing", "with trailing bytes", COUNTER, 2, AT(trailing),
	    "Decoded frames with bytes after their last state" },
	{ "frames_short", "refused: short", COUNTER, 1,
	    AT(verdict[PFSYNC_SHORT]), "Frames shorter than their header" },
	{ "frames_version", "refused: version", COUNTER, 1,
	    AT(verdict[PFSYNC_VERSION]),
	    "Frames of a version whose deletions have no counters" },
	{ "frames_count", "refused: count", COUNTER, 1,
	    AT(verdict[PFSYNC_COUNT]), "Frames that delete no state" },
	{ "frames_length", "refused: length", COUNTER, 1,
	    AT(verdict[PFSYNC_LENGTH]),
	    "Frames in an IP packet of contradictory length" },
	{ "frames_action", "refused: action", COUNTER, 1,
	    AT(verdict[PFSYNC_ACTION]), "Frames that are no deletion" },
	{ "frames_clear", "refused: clear", COUNTER, 1, AT(verdict[PFSYNC_CLR]),
	    "Frames that told of states thrown away with their counters" },
	{ "states_announced", "states announced", COUNTER, 0, AT(announced),
	    "States that decoded frames announced" },
	{ "states_cut", "cut off by a short frame", COUNTER, 1, AT(cut),
	    "States that their frame was too short for" },
	{ "states_crashed", "lost in a crash", COUNTER, 1, AT(crashed),
	    "States that were lost when an engine died" },
	{ "states", "states seen", COUNTER, 1, AT(states),
	    "States whose end was seen" },
	{ "states_exported", "exported", COUNTER, 2, AT(exported),
	    "States in a record to at least one collector" },
	{ "states_ignored", "ignored by rule", COUNTER, 2, AT(ignored),
	    "States that rules left out" },
	{ "states_own", "own traffic", COUNTER, 2, AT(own),
	    "States of the datagrams to collectors" },
	{ "states_other_creator", "other creator", COUNTER, 2,
	    AT(other_creator), "States that another host made" },
	{ "states_no_packets", "no packets", COUNTER, 2, AT(no_packets),
	    "States without a packet" },
	{ "states_inexpressible", "not expressible", COUNTER, 2,
	    AT(inexpressible), "States that no collector's protocol can say" },
	{ "states_no_direction", "direction unknown", COUNTER, 3,
	    AT(bad_direction), "States neither in nor out" },
	{ "states_no_family", "family unknown", COUNTER, 3, AT(bad_family),
	    "States neither of IPv4 nor of IPv6" },
	{ "states_implausible_counters", "states with implausible counters",
	    COUNTER, 0, AT(bad_counters),
	    "States with bytes that no packets have" },
	{ "states_implausible_age", "states with an implausible age", COUNTER,
	    0, AT(bad_age), "States of an age that was taken for 0" },
	{ "states_unknown_timeout", "states with an unknown timeout", COUNTER,
	    0, AT(bad_timeout), "States with a timeout that pf does not have" },
	{ "states_unknown_tcp_state", "states with unknown TCP states", COUNTER,
	    0, AT(bad_tcp_state),
	    "States with TCP states that pf does not have" },
	{ "states_no_interface", "states without an interface index", COUNTER,
	    0, AT(no_interface),
	    "States whose interface or its index is not known" },
	{ "records_gone", "records left of collectors that went", COUNTER, 0,
	    AT(gone), "Records that waited for a collector when it went" },
};
const size_t counter_fields_count = sizeof(counter_fields) /
    sizeof(counter_fields[0]);

const struct field kernel_fields[] = {
	{ "kernel_received", "frames the kernel received", COUNTER, 0,
	    AT(kernel_received), "Frames that passed the kernel's filter" },
	{ "kernel_dropped", "dropped for want of room", COUNTER, 1,
	    AT(kernel_dropped), "Frames that found the kernel's buffer full" },
	{ "kernel_interface_dropped", "dropped by the interface", COUNTER, 1,
	    AT(kernel_if_dropped), "Frames that the interface dropped" },
	{ "kernel_unread", "unread when an engine died", COUNTER, 1,
	    AT(kernel_unread),
	    "Frames that nobody read between an engine's death and the next" },
};
const size_t kernel_fields_count = sizeof(kernel_fields) /
    sizeof(kernel_fields[0]);

const struct field collector_fields[] = {
	{ "states_offered", "states offered", COUNTER, 0, CAT(offered),
	    "States that the rules of the whole export" },
	{ "states_given", "given records", COUNTER, 1, CAT(given),
	    "States that records were built for" },
	{ "states_ignored", "ignored by its rules", COUNTER, 1, CAT(ignored),
	    "States that the collector's own rules left out" },
	{ "states_inet6", "not expressible: IPv6", COUNTER, 1,
	    CAT(inexpressible_inet6),
	    "IPv6 states that its protocol cannot say" },
	{ "states_wide", "not expressible: counters", COUNTER, 1,
	    CAT(inexpressible_wide), "States of counters too large to split" },
	{ "records", "records built", COUNTER, 0, CAT(built),
	    "Records that were built" },
	{ "records_tests", "of these for tests", COUNTER, 1, CAT(tests),
	    "Records that " PFLOWCTL " test had built" },
	{ "records_sent", "sent", COUNTER, 1, CAT(sent),
	    "Records that the kernel accepted" },
	{ "records_dropped", "dropped: queue full, or at the end", COUNTER, 1,
	    CAT(dropped),
	    "Records that found the queue full, or were left at the end" },
	{ "records_refused", "failed: refused", COUNTER, 1,
	    CAT(failed[SEND_REFUSED]), "Records not sent: refused" },
	{ "records_no_host", "failed: host unreachable", COUNTER, 1,
	    CAT(failed[SEND_NO_HOST]), "Records not sent: host unreachable" },
	{ "records_no_net", "failed: network unreachable", COUNTER, 1,
	    CAT(failed[SEND_NO_NET]), "Records not sent: network unreachable" },
	{ "records_denied", "failed: not permitted", COUNTER, 1,
	    CAT(failed[SEND_DENIED]), "Records not sent: not permitted" },
	{ "records_too_big", "failed: too big", COUNTER, 1,
	    CAT(failed[SEND_TOO_BIG]), "Records not sent: datagram too big" },
	{ "records_failed", "failed: other", COUNTER, 1,
	    CAT(failed[SEND_OTHER]), "Records not sent for other reasons" },
	{ "records_crashed", "lost in a crash", COUNTER, 1, CAT(crashed),
	    "Records that were lost when an engine died" },
	{ "records_clamped", "records with a time clamped", COUNTER, 0,
	    CAT(clamped), "Records of a time that the protocol cannot say" },
	{ "records_wide_index", "records with too large an interface", COUNTER,
	    0, CAT(wide_index), "Records without their interface's index" },
	{ "split", "directions split for their counters", COUNTER, 0,
	    CAT(split), "Directions of states that took several records" },
	{ "options_records", "records of options data", COUNTER, 0,
	    CAT(options), "Records of what the exporter says of itself" },
	{ "datagrams_begun", "datagrams begun", COUNTER, 0, CAT(begun),
	    "Datagrams that were begun" },
	{ "datagrams", "datagrams sent", COUNTER, 0, CAT(datagrams),
	    "Datagrams that the kernel accepted" },
	{ "bytes", "bytes sent", COUNTER, 0, CAT(bytes),
	    "Bytes of these datagrams, without IP and UDP headers" },
	{ "errors_refused", "send errors: refused", COUNTER, 0,
	    CAT(errors[SEND_REFUSED]), "Sends that failed: refused" },
	{ "errors_no_host", "send errors: host unreachable", COUNTER, 0,
	    CAT(errors[SEND_NO_HOST]), "Sends that failed: host unreachable" },
	{ "errors_no_net", "send errors: network unreachable", COUNTER, 0,
	    CAT(errors[SEND_NO_NET]),
	    "Sends that failed: network unreachable" },
	{ "errors_denied", "send errors: not permitted", COUNTER, 0,
	    CAT(errors[SEND_DENIED]), "Sends that failed: not permitted" },
	{ "errors_too_big", "send errors: too big", COUNTER, 0,
	    CAT(errors[SEND_TOO_BIG]), "Sends that failed: datagram too big" },
	{ "errors_other", "send errors: other", COUNTER, 0,
	    CAT(errors[SEND_OTHER]), "Sends that failed for other reasons" },
};
const size_t collector_fields_count = sizeof(collector_fields) /
    sizeof(collector_fields[0]);

uint64_t
counter_value(const struct field *f, const void *counters)
{
	uint64_t v;

	memcpy(&v, (const char *)counters + f->offset, sizeof(v));
	return v;
}

uint64_t
counters_failed(const struct collector_counters *c)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < SEND_ERRORS; i++)
		sum += c->failed[i];
	return sum;
}
