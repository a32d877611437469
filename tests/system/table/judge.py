#!/usr/bin/env python3
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
"""Compare what a collector got with the truth of pfsim: judge.py TRUTH HOSTS
COUNTERS [killed]

HOSTS is of nf5recv -o hosts, COUNTERS of pflowctl -j show counters, after all
states have ended.  Each state that a dump showed has been reported with what
the last one showed, or is counted as lost in a crash.  The last dump of a
dumper that ended may not have been read: then the one before will do.  killed:
an engine was, and the next one counts states that were never seen anew.
"""
import itertools
import json
import sys


ZERO = (0, 0, 0, 0, 0)


def read_truth(path):
    """The shown counters by client, a list of states; how many were not."""
    fates, lines = {}, []
    for line in open(path):
        f = line.split()
        if len(f) == 2:
            fates[int(f[1])] = f[0]
        else:
            lines.append(f)
    clients, shown, unseen = {}, 0, 0
    for f in lines:
        last, before = tuple(map(int, f[10:14])), tuple(map(int, f[16:20]))
        fate, dumps = fates.get(int(f[15])), int(f[14])
        if fate == "void":
            dumps, last = dumps - 1, before
        possible = [with_records(c) for c in (
            (last, before) if fate == "perhaps" else (last,))]
        shown += dumps > 0
        unseen += dumps == 0 and f[5] == "1"
        if dumps > 0:
            clients.setdefault(f[2], []).append(possible)
    return clients, shown, unseen


def read_hosts(path):
    """What a client was reported with: packets and bytes of each direction,
    and the records; the sums."""
    hosts, sums = {}, {}
    for line in open(path):
        f = line.split()
        if f[0].startswith("10."):
            hosts[f[0]] = tuple(map(int, f[2:6] + f[1:2]))
        else:
            sums[f[0]] = int(f[1])
    return hosts, sums


def with_records(counters):
    """A record for each direction that has packets."""
    return counters + ((counters[0] > 0) + (counters[1] > 0),)


def add(counters):
    return tuple(map(sum, zip(*counters)))


def missing(states, reported):
    """The least that is not reported of a client: None: it has too much."""
    if len(states) == 1 and states[0] == [reported]:
        return ZERO
    least = None
    for choice in itertools.product(*states):
        left = tuple(a - b for a, b in zip(add(choice), reported))
        if min(left) >= 0 and (least is None or left < least):
            least = left
    return least


def main(argv):
    clients, shown, unseen = read_truth(argv[1])
    hosts, sums = read_hosts(argv[2])
    report = json.load(open(argv[3]))
    c, row = report["counters"], report["collectors"][0]
    k = row["counters"]
    faults, general, lost, total = [], [], ZERO, ZERO
    for name, states in clients.items():
        reported = hosts.pop(name, ZERO)
        total = add((total, reported))
        least = missing(states, reported)
        if least is None:
            faults.append("%s: %s of %s" % (name, reported, states))
        elif any(least):
            lost = add((lost, least))
    faults += ["%s: not known" % name for name in hosts]
    sent = k["records_sent"] + row["records_queued"]
    if sums["records"] != sent:
        general.append("%d records of %d" % (sums["records"], sent))
    if sums["broken"] > sums["gaps"] or sums["missing"] > k["records_crashed"]:
        general.append("rules of NetFlow 5 are broken: %s" % sums)
    crashed = c["states_crashed"] + c["states_lost"]
    ended = sum(c["states_ended_" + how]
                for how in ("exact", "perhaps_cut", "cut"))
    counted = k["records_crashed"]
    if not counted <= lost[4] <= counted + 2 * crashed:
        general.append("%d records missing" % lost[4])
    # An engine that was killed may have had states of a dump that it did not
    # read to its end.
    seen = ended + c["states_lost"]
    if not shown <= seen <= shown + (unseen if argv[4:] else 0):
        general.append("%d ended of %d" % (seen, shown))
    never = c["states_never_seen_least"], c["states_never_seen_most"]
    if not never[0] <= unseen <= (unseen if argv[4:] else never[1]):
        general.append("%d never seen, but %s" % (unseen, never))
    print("\n".join(general + faults[:10]))
    print("%d faults" % len(general + faults))
    print("states shown %d, ended: exact %d, perhaps cut %d, cut %d; "
          "never seen %d (%d to %d)" % (
              shown, c["states_ended_exact"], c["states_ended_perhaps_cut"],
              c["states_ended_cut"], unseen, never[0], never[1]))
    octets, missed = sum(total[2:4]), sum(lost[2:4])
    print("octets shown %d = reported %d + lost %d, in %d records (%d counted "
          "as lost) and %d states" % (octets + missed, octets, missed, lost[4],
                                      counted, crashed))
    return len(general + faults) > 0


sys.exit(main(sys.argv))
