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
#define BYTES FIELD_BYTES
#define GAUGE FIELD_GAUGE

/* Metrics that several counters share. */
#define SHARED(name, why, text) .help = text, .metric = name, .reason = why
#define REFUSED(why) SHARED("frames_refused", why, "pfsync frames refused")
#define LOST(why) SHARED("states_lost", why, "States announced but not read")
#define NOT_EXPORTED(why) \
	SHARED("states_not_exported", why, "States seen but not exported")
#define OCTETS_NOT_EXPORTED(why)          \
	SHARED("not_exported_bytes", why, \
	    "Bytes of states that were reported, but not exported")
#define OCTETS_NOT_REPORTED(why)          \
	SHARED("not_reported_bytes", why, \
	    "Bytes of states in dumps that were not reported")
#define INVALID(why)                  \
	SHARED("states_invalid", why, \
	    "States with an invalid direction or address family")
#define ANOMALOUS(why)                  \
	SHARED("states_anomalous", why, \
	    "States with an implausible or unknown value")
#define KERNEL_DROPPED(why)                  \
	SHARED("kernel_frames_dropped", why, \
	    "Frames dropped before pflowd read them")
#define NOT_GIVEN(why)                  \
	SHARED("states_not_given", why, \
	    "States offered to the collector that gave no records")
#define RECORDS_LOST(why) \
	SHARED("records_lost", why, "Records built but not sent")
#define OCTETS_LOST(why)               \
	SHARED("flow_lost_bytes", why, \
	    "Bytes of flows in records built but not sent")
#define SEND_ERROR(why) \
	SHARED("send_errors", why, "Errors of sending datagrams")

const struct field counter_fields[] = {
	{ "frames", "frames", COUNTER, 0, AT(frames),
	    .help = "pfsync frames, or parts of dumps, read" },
	{ "frames_decoded", "decoded", COUNTER, 1, AT(verdict[PFSYNC_DECODED]),
	    .help = "Frames of deletions, or parts of dumps, decoded" },
	{ "frames_trailing", "with trailing bytes", COUNTER, 2, AT(trailing),
	    .help = "Decoded frames with bytes after the last state" },
	{ "frames_short", "refused: short", COUNTER, 1,
	    AT(verdict[PFSYNC_SHORT]), REFUSED("short") },
	{ "frames_version", "refused: version", COUNTER, 1,
	    AT(verdict[PFSYNC_VERSION]), REFUSED("version") },
	{ "frames_count", "refused: count", COUNTER, 1,
	    AT(verdict[PFSYNC_COUNT]), REFUSED("count") },
	{ "frames_length", "refused: length", COUNTER, 1,
	    AT(verdict[PFSYNC_LENGTH]), REFUSED("length") },
	{ "frames_fragment", "refused: fragment", COUNTER, 1,
	    AT(verdict[PFSYNC_FRAGMENT]), REFUSED("fragment") },
	{ "frames_clear", "refused: clear", COUNTER, 1, AT(verdict[PFSYNC_CLR]),
	    REFUSED("clear") },
	{ "frames_other_messages", "other messages", COUNTER, 1,
	    AT(verdict[PFSYNC_ACTION]),
	    .help = "Frames of other pfsync messages than deletions" },
	{ "frames_other_protocols", "other protocols", COUNTER, 1,
	    AT(verdict[PFSYNC_FOREIGN]), .help = "Frames of other protocols" },
	{ "states_announced", "states announced", COUNTER, 0, AT(announced),
	    .help =
		"States announced by decoded frames, or reported from dumps" },
	{ "states_cut", "cut off by a short frame", COUNTER, 1, AT(cut),
	    LOST("cut") },
	{ "states_crashed", "lost in a crash", COUNTER, 1, AT(crashed),
	    LOST("crashed") },
	{ "states_joined", "joined with their twins", COUNTER, 1, AT(twins),
	    .help = "States announced that were joined with their twins" },
	{ "states", "states seen", COUNTER, 1, AT(states),
	    .help = "States whose deletion was read, or reports from dumps" },
	{ "states_exported", "exported", COUNTER, 2, AT(exported),
	    .help = "States exported to at least one collector" },
	{ "states_ignored", "ignored by rule", COUNTER, 2, AT(ignored),
	    NOT_EXPORTED("ignored") },
	{ "states_own", "own traffic", COUNTER, 2, AT(own),
	    NOT_EXPORTED("own") },
	{ "states_other_creator", "other creator", COUNTER, 2,
	    AT(other_creator), NOT_EXPORTED("other_creator") },
	{ "states_no_packets", "no packets", COUNTER, 2, AT(no_packets),
	    NOT_EXPORTED("no_packets") },
	{ "states_inexpressible", "not expressible", COUNTER, 2,
	    AT(inexpressible), NOT_EXPORTED("inexpressible") },
	{ "states_unknown_direction", "direction unknown", COUNTER, 3,
	    AT(bad_direction), INVALID("direction") },
	{ "states_unknown_family", "family unknown", COUNTER, 3, AT(bad_family),
	    INVALID("family") },
	{ "frames_snapshot_length", "frames cut by the snapshot length",
	    COUNTER, 0, AT(snapped),
	    .help =
		"Frames that lost states to the snapshot length of the capture" },
	{ "states_implausible_counters", "states with implausible counters",
	    COUNTER, 0, AT(bad_counters), ANOMALOUS("implausible_counters") },
	{ "states_implausible_age", "states with an implausible age", COUNTER,
	    0, AT(bad_age), ANOMALOUS("implausible_age") },
	{ "states_unknown_timeout", "states with an unknown timeout", COUNTER,
	    0, AT(bad_timeout), ANOMALOUS("unknown_timeout") },
	{ "states_unknown_tcp_state", "states with unknown TCP states", COUNTER,
	    0, AT(bad_tcp_state), ANOMALOUS("unknown_tcp_state") },
	{ "states_no_interface", "states without an interface index", COUNTER,
	    0, AT(no_interface),
	    .help = "States without an interface or interface index" },
	{ "octets_shown", "octets shown", BYTES, 0, AT(octets_shown),
	    .help = "Bytes of states in dumps and deletions",
	    .metric = "shown_bytes" },
	{ "octets_before_start", "from before the start", BYTES, 1,
	    AT(octets_before_start), OCTETS_NOT_REPORTED("before_start") },
	{ "octets_not_followed", "not followed", BYTES, 1,
	    AT(octets_not_followed), OCTETS_NOT_REPORTED("not_followed") },
	{ "octets_twin", "counted by the other of a pair", BYTES, 1,
	    AT(octets_twin), OCTETS_NOT_REPORTED("twin") },
	{ "octets_cut", "cut", BYTES, 1, AT(octets_cut),
	    OCTETS_NOT_REPORTED("cut") },
	{ "octets_left", "left at the end", BYTES, 1, AT(octets_left),
	    OCTETS_NOT_REPORTED("left") },
	{ "octets_reported", "octets reported", BYTES, 0, AT(octets_reported),
	    .help = "Bytes in reports of states", .metric = "reported_bytes" },
	{ "octets_exported", "exported", BYTES, 1, AT(octets_exported),
	    .help = "Bytes of states exported to at least one collector",
	    .metric = "exported_bytes" },
	{ "octets_ignored", "ignored by rule", BYTES, 1, AT(octets_ignored),
	    OCTETS_NOT_EXPORTED("ignored") },
	{ "octets_own", "own traffic", BYTES, 1, AT(octets_own),
	    OCTETS_NOT_EXPORTED("own") },
	{ "octets_other_creator", "other creator", BYTES, 1,
	    AT(octets_other_creator), OCTETS_NOT_EXPORTED("other_creator") },
	{ "octets_inexpressible", "not expressible", BYTES, 1,
	    AT(octets_inexpressible), OCTETS_NOT_EXPORTED("inexpressible") },
	{ "octets_crashed", "lost in a crash", BYTES, 1, AT(octets_crashed),
	    OCTETS_NOT_EXPORTED("crashed") },
	{ "pairs", "pairs of states made", COUNTER, 0, AT(pairs),
	    .help = "Pairs made of an in- and an out-state" },
	{ "reports_joined", "reports of joined states", COUNTER, 0, AT(joined),
	    .help = "Reports of an in- and an out-state together" },
	{ "octets_dropped_between", "octets dropped between joined states",
	    BYTES, 0, AT(dropped_between),
	    .help = "Bytes that came in by a joined state, but did not go out",
	    .metric = "dropped_between_bytes" },
	{ "pairs_ambiguous", "states not joined: ambiguous", COUNTER, 0,
	    AT(pairs_ambiguous),
	    .help = "States left single because two others matched equally" },
	{ "states_held_full", "states not joined: no room to wait", COUNTER, 0,
	    AT(held_full),
	    .help = "States reported singly for want of room to wait" },
	{ "records_left", "records left of removed collectors", COUNTER, 0,
	    AT(gone),
	    .help = "Records still queued when their collector was removed" },
};
const size_t counter_fields_count = sizeof(counter_fields) /
    sizeof(counter_fields[0]);

const struct field kernel_fields[] = {
	{ "kernel_received", "frames the kernel received", COUNTER, 0,
	    AT(kernel_received),
	    .help = "Frames that arrived on the captured interface",
	    .metric = "kernel_frames_received" },
	{ "kernel_dropped", "dropped: buffer full", COUNTER, 1,
	    AT(kernel_dropped), KERNEL_DROPPED("buffer_full") },
	{ "kernel_interface_dropped", "dropped by the interface", COUNTER, 1,
	    AT(kernel_if_dropped), KERNEL_DROPPED("interface") },
	{ "kernel_unread", "unread when an engine died", COUNTER, 1,
	    AT(kernel_unread), KERNEL_DROPPED("unread") },
};
const size_t kernel_fields_count = sizeof(kernel_fields) /
    sizeof(kernel_fields[0]);

const struct field table_fields[] = {
	{ "dumps", "dumps of the state table", COUNTER, 0, AT(dumps),
	    .help = "Dumps of the state table read" },
	{ "dumps_void", "not whole", COUNTER, 1, AT(dumps_void),
	    .help = "Dumps that were cut, or had states of an unknown form" },
	{ "states_malformed", "states malformed", COUNTER, 0, AT(malformed),
	    .help = "States in dumps that were not understood" },
	{ "states_without_room", "states without room", GAUGE, 0,
	    AT(without_room),
	    .help = "States of the last dump that are not tracked" },
	{ "states_first_seen", "states first seen", COUNTER, 0, AT(first_seen),
	    .help = "States that a dump showed for the first time" },
	{ "states_tracked", "tracked now", GAUGE, 1, AT(tracked),
	    .help = "States that are tracked" },
	{ "states_ended_exact", "ended, exact", COUNTER, 1, AT(ended_exact),
	    .help = "States that expired, with final counters" },
	{ "states_ended_perhaps_cut", "ended, perhaps cut", COUNTER, 1,
	    AT(ended_perhaps_cut),
	    .help = "States that expired, perhaps with more packets" },
	{ "states_ended_cut", "ended, cut", COUNTER, 1, AT(ended_cut),
	    .help = "States that were removed early" },
	{ "states_alive", "alive at the end", COUNTER, 1, AT(alive),
	    .help = "States that were alive when the recording ended" },
	{ "states_lost", "lost with an engine or source", COUNTER, 1, AT(lost),
	    .help = "States that were tracked by engines or sources that ended",
	    .metric = "tracked_states_lost" },
	{ "states_never_seen_least", "states never seen, at least", GAUGE, 0,
	    AT(never_seen_least),
	    .help = "States that lived between two dumps, at least" },
	{ "states_never_seen_most", "states never seen, at most", GAUGE, 0,
	    AT(never_seen_most),
	    .help = "States that lived between two dumps, at most" },
	{ "reports_interim", "interim reports", COUNTER, 0, AT(interim),
	    .help = "Reports of states that go on" },
};
const size_t table_fields_count = sizeof(table_fields) /
    sizeof(table_fields[0]);

const struct field collector_fields[] = {
	{ "states_offered", "states offered", COUNTER, 0, CAT(offered),
	    .help = "States exported by the global rules" },
	{ "states_given", "given records", COUNTER, 1, CAT(given),
	    .help = "States with at least one record built" },
	{ "states_ignored", "ignored by its rules", COUNTER, 1, CAT(ignored),
	    NOT_GIVEN("ignored") },
	{ "states_inexpressible_ipv6", "not expressible: IPv6", COUNTER, 1,
	    CAT(inexpressible_inet6), NOT_GIVEN("inexpressible_ipv6") },
	{ "states_inexpressible_counters", "not expressible: counters", COUNTER,
	    1, CAT(inexpressible_wide), NOT_GIVEN("inexpressible_counters") },
	{ "records", "records built", COUNTER, 0, CAT(built),
	    .help = "Records built" },
	{ "records_tests", "of these for tests", COUNTER, 1, CAT(tests),
	    .help = "Records built for " PFLOWCTL " test" },
	{ "records_sent", "sent", COUNTER, 1, CAT(sent),
	    .help = "Records accepted by the kernel" },
	{ "records_dropped", "dropped: queue full, or at stop", COUNTER, 1,
	    CAT(dropped), RECORDS_LOST("dropped") },
	{ "records_refused", "failed: refused", COUNTER, 1,
	    CAT(failed[SEND_REFUSED]), RECORDS_LOST("refused") },
	{ "records_host_unreachable", "failed: host unreachable", COUNTER, 1,
	    CAT(failed[SEND_NO_HOST]), RECORDS_LOST("host_unreachable") },
	{ "records_network_unreachable", "failed: network unreachable", COUNTER,
	    1, CAT(failed[SEND_NO_NET]), RECORDS_LOST("network_unreachable") },
	{ "records_not_permitted", "failed: not permitted", COUNTER, 1,
	    CAT(failed[SEND_DENIED]), RECORDS_LOST("not_permitted") },
	{ "records_too_big", "failed: too big", COUNTER, 1,
	    CAT(failed[SEND_TOO_BIG]), RECORDS_LOST("too_big") },
	{ "records_failed_other", "failed: other", COUNTER, 1,
	    CAT(failed[SEND_OTHER]), RECORDS_LOST("other") },
	{ "records_crashed", "lost in a crash", COUNTER, 1, CAT(crashed),
	    RECORDS_LOST("crashed") },
	{ "octets", "octets built", BYTES, 0, CAT(octets_built),
	    .help = "Bytes of flows in the records built",
	    .metric = "flow_bytes" },
	{ "octets_sent", "sent", BYTES, 1, CAT(octets_sent),
	    .help = "Bytes of flows in records accepted by the kernel",
	    .metric = "flow_sent_bytes" },
	{ "octets_dropped", "dropped: queue full, or at stop", BYTES, 1,
	    CAT(octets_dropped), OCTETS_LOST("dropped") },
	{ "octets_failed", "failed", BYTES, 1, CAT(octets_failed),
	    OCTETS_LOST("failed") },
	{ "octets_crashed", "lost in a crash", BYTES, 1, CAT(octets_crashed),
	    OCTETS_LOST("crashed") },
	{ "records_clamped", "records with a time clamped", COUNTER, 0,
	    CAT(clamped),
	    .help =
		"Records with a time clamped to the range of the protocol" },
	{ "records_large_index", "records with too large an index", COUNTER, 0,
	    CAT(wide_index),
	    .help =
		"Records with interface 0, because the index exceeds 65535" },
	{ "directions_split", "directions split into records", COUNTER, 0,
	    CAT(split),
	    .help = "Directions of states split over several records" },
	{ "options_records", "records of options data", COUNTER, 0,
	    CAT(options),
	    .help = "Records of options data, which describe the exporter" },
	{ "datagrams_begun", "datagrams begun", COUNTER, 0, CAT(begun),
	    .help = "Datagrams begun" },
	{ "datagrams_sent", "datagrams sent", COUNTER, 0, CAT(datagrams),
	    .help = "Datagrams accepted by the kernel" },
	{ "bytes_sent", "bytes sent", BYTES, 0, CAT(bytes),
	    .help = "Bytes of sent datagrams, without IP and UDP headers",
	    .metric = "sent_bytes" },
	{ "errors_refused", "send errors: refused", COUNTER, 0,
	    CAT(errors[SEND_REFUSED]), SEND_ERROR("refused") },
	{ "errors_host_unreachable", "send errors: host unreachable", COUNTER,
	    0, CAT(errors[SEND_NO_HOST]), SEND_ERROR("host_unreachable") },
	{ "errors_network_unreachable", "send errors: network unreachable",
	    COUNTER, 0, CAT(errors[SEND_NO_NET]),
	    SEND_ERROR("network_unreachable") },
	{ "errors_not_permitted", "send errors: not permitted", COUNTER, 0,
	    CAT(errors[SEND_DENIED]), SEND_ERROR("not_permitted") },
	{ "errors_too_big", "send errors: too big", COUNTER, 0,
	    CAT(errors[SEND_TOO_BIG]), SEND_ERROR("too_big") },
	{ "errors_other", "send errors: other", COUNTER, 0,
	    CAT(errors[SEND_OTHER]), SEND_ERROR("other") },
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
counters_octets_known(const struct counters *c)
{
	return c->octets_before_start + c->octets_not_followed +
	    c->octets_reported + c->octets_twin + c->octets_cut +
	    c->octets_left;
}

void
counters_crash_octets(struct counters *c)
{
	c->octets_crashed = c->octets_reported - c->octets_exported -
	    c->octets_ignored - c->octets_own - c->octets_other_creator -
	    c->octets_inexpressible;
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
