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
	    "pfsync frames captured" },
	{ "frames_decoded", "decoded", COUNTER, 1, AT(verdict[PFSYNC_DECODED]),
	    "Frames of deletions decoded" },
	{ "frames_trailing", "with trailing bytes", COUNTER, 2, AT(trailing),
	    "Decoded frames with bytes after the last state" },
	{ "frames_short", "refused: short", COUNTER, 1,
	    AT(verdict[PFSYNC_SHORT]),
	    "Frames shorter than the pfsync header" },
	{ "frames_version", "refused: version", COUNTER, 1,
	    AT(verdict[PFSYNC_VERSION]),
	    "Frames of an unsupported pfsync version" },
	{ "frames_count", "refused: count", COUNTER, 1,
	    AT(verdict[PFSYNC_COUNT]), "Frames with a count of zero states" },
	{ "frames_length", "refused: length", COUNTER, 1,
	    AT(verdict[PFSYNC_LENGTH]),
	    "Frames whose IP lengths contradict each other" },
	{ "frames_action", "refused: action", COUNTER, 1,
	    AT(verdict[PFSYNC_ACTION]), "Frames that announce no deletion" },
	{ "frames_clear", "refused: clear", COUNTER, 1, AT(verdict[PFSYNC_CLR]),
	    "Frames that clear states, whose counters are lost" },
	{ "states_announced", "states announced", COUNTER, 0, AT(announced),
	    "States announced by decoded frames" },
	{ "states_cut", "cut off by a short frame", COUNTER, 1, AT(cut),
	    "States missing from truncated frames" },
	{ "states_crashed", "lost in a crash", COUNTER, 1, AT(crashed),
	    "States lost when an engine died" },
	{ "states", "states seen", COUNTER, 1, AT(states),
	    "States whose deletion was read" },
	{ "states_exported", "exported", COUNTER, 2, AT(exported),
	    "States exported to at least one collector" },
	{ "states_ignored", "ignored by rule", COUNTER, 2, AT(ignored),
	    "States ignored by rules" },
	{ "states_own", "own traffic", COUNTER, 2, AT(own),
	    "States of export datagrams of pflowd" },
	{ "states_other_creator", "other creator", COUNTER, 2,
	    AT(other_creator), "States created by another host" },
	{ "states_no_packets", "no packets", COUNTER, 2, AT(no_packets),
	    "States without packets" },
	{ "states_inexpressible", "not expressible", COUNTER, 2,
	    AT(inexpressible),
	    "States that no collector's protocol can carry" },
	{ "states_no_direction", "direction unknown", COUNTER, 3,
	    AT(bad_direction), "States with an invalid direction" },
	{ "states_no_family", "family unknown", COUNTER, 3, AT(bad_family),
	    "States with an invalid address family" },
	{ "states_implausible_counters", "states with implausible counters",
	    COUNTER, 0, AT(bad_counters),
	    "States with implausible packet and byte counters" },
	{ "states_implausible_age", "states with an implausible age", COUNTER,
	    0, AT(bad_age), "States with an implausible age, exported as 0" },
	{ "states_unknown_timeout", "states with an unknown timeout", COUNTER,
	    0, AT(bad_timeout), "States with a timeout unknown to pf" },
	{ "states_unknown_tcp_state", "states with unknown TCP states", COUNTER,
	    0, AT(bad_tcp_state), "States with a TCP state unknown to pf" },
	{ "states_no_interface", "states without an interface index", COUNTER,
	    0, AT(no_interface),
	    "States without an interface or interface index" },
	{ "records_gone", "records left of removed collectors", COUNTER, 0,
	    AT(gone), "Records still queued when their collector was removed" },
};
const size_t counter_fields_count = sizeof(counter_fields) /
    sizeof(counter_fields[0]);

const struct field kernel_fields[] = {
	{ "kernel_received", "frames the kernel received", COUNTER, 0,
	    AT(kernel_received),
	    "Frames accepted by the capture filter in the kernel" },
	{ "kernel_dropped", "dropped: buffer full", COUNTER, 1,
	    AT(kernel_dropped),
	    "Frames dropped because the capture buffer was full" },
	{ "kernel_interface_dropped", "dropped by the interface", COUNTER, 1,
	    AT(kernel_if_dropped), "Frames dropped by the interface" },
	{ "kernel_unread", "unread when an engine died", COUNTER, 1,
	    AT(kernel_unread),
	    "Frames not read between the death of an engine and the start of "
	    "the next" },
};
const size_t kernel_fields_count = sizeof(kernel_fields) /
    sizeof(kernel_fields[0]);

const struct field collector_fields[] = {
	{ "states_offered", "states offered", COUNTER, 0, CAT(offered),
	    "States exported by the global rules" },
	{ "states_given", "given records", COUNTER, 1, CAT(given),
	    "States with at least one record built" },
	{ "states_ignored", "ignored by its rules", COUNTER, 1, CAT(ignored),
	    "States ignored by the collector's own rules" },
	{ "states_inet6", "not expressible: IPv6", COUNTER, 1,
	    CAT(inexpressible_inet6),
	    "IPv6 states that the protocol cannot carry" },
	{ "states_wide", "not expressible: counters", COUNTER, 1,
	    CAT(inexpressible_wide),
	    "States whose counters are too large to split" },
	{ "records", "records built", COUNTER, 0, CAT(built), "Records built" },
	{ "records_tests", "of these for tests", COUNTER, 1, CAT(tests),
	    "Records built for " PFLOWCTL " test" },
	{ "records_sent", "sent", COUNTER, 1, CAT(sent),
	    "Records accepted by the kernel" },
	{ "records_dropped", "dropped: queue full, or at stop", COUNTER, 1,
	    CAT(dropped),
	    "Records dropped because the queue was full, or at stop" },
	{ "records_refused", "failed: refused", COUNTER, 1,
	    CAT(failed[SEND_REFUSED]), "Records not sent: connection refused" },
	{ "records_no_host", "failed: host unreachable", COUNTER, 1,
	    CAT(failed[SEND_NO_HOST]), "Records not sent: host unreachable" },
	{ "records_no_net", "failed: network unreachable", COUNTER, 1,
	    CAT(failed[SEND_NO_NET]), "Records not sent: network unreachable" },
	{ "records_denied", "failed: not permitted", COUNTER, 1,
	    CAT(failed[SEND_DENIED]), "Records not sent: not permitted" },
	{ "records_too_big", "failed: too big", COUNTER, 1,
	    CAT(failed[SEND_TOO_BIG]), "Records not sent: datagram too big" },
	{ "records_failed", "failed: other", COUNTER, 1,
	    CAT(failed[SEND_OTHER]), "Records not sent: other errors" },
	{ "records_crashed", "lost in a crash", COUNTER, 1, CAT(crashed),
	    "Records lost when an engine died" },
	{ "records_clamped", "records with a time clamped", COUNTER, 0,
	    CAT(clamped),
	    "Records with a time clamped to the range of the protocol" },
	{ "records_wide_index", "records with too large an index", COUNTER, 0,
	    CAT(wide_index),
	    "Records with interface 0, because the index exceeds 65535" },
	{ "split", "directions split into records", COUNTER, 0, CAT(split),
	    "Directions of states split over several records" },
	{ "options_records", "records of options data", COUNTER, 0,
	    CAT(options),
	    "Records of options data, which describe the exporter" },
	{ "datagrams_begun", "datagrams begun", COUNTER, 0, CAT(begun),
	    "Datagrams begun" },
	{ "datagrams", "datagrams sent", COUNTER, 0, CAT(datagrams),
	    "Datagrams accepted by the kernel" },
	{ "bytes", "bytes sent", COUNTER, 0, CAT(bytes),
	    "Bytes of sent datagrams, without IP and UDP headers" },
	{ "errors_refused", "send errors: refused", COUNTER, 0,
	    CAT(errors[SEND_REFUSED]), "Failed sends: connection refused" },
	{ "errors_no_host", "send errors: host unreachable", COUNTER, 0,
	    CAT(errors[SEND_NO_HOST]), "Failed sends: host unreachable" },
	{ "errors_no_net", "send errors: network unreachable", COUNTER, 0,
	    CAT(errors[SEND_NO_NET]), "Failed sends: network unreachable" },
	{ "errors_denied", "send errors: not permitted", COUNTER, 0,
	    CAT(errors[SEND_DENIED]), "Failed sends: not permitted" },
	{ "errors_too_big", "send errors: too big", COUNTER, 0,
	    CAT(errors[SEND_TOO_BIG]), "Failed sends: datagram too big" },
	{ "errors_other", "send errors: other", COUNTER, 0,
	    CAT(errors[SEND_OTHER]), "Failed sends: other errors" },
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
