#!/usr/bin/env python3
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
"""Compare what a collector got with the truth of pfsim: judge.py TRUTH HOSTS
COUNTERS

HOSTS is of nf5recv -o hosts, COUNTERS of pflowctl -j show counters, after all
states have ended.  Each state that a dump showed has been reported with what
the last one showed, or is counted as lost in a crash.  The last dump of a
dumper that ended may not have been read: then the one before will do.
"""
import itertools
import json
import sys


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
        possible = {last, before} if fate == "perhaps" else {last}
        shown += dumps > 0
        unseen += dumps == 0 and f[5] == "1"
        if dumps > 0:
            clients.setdefault(f[2], []).append(possible)
    return clients, shown, unseen


def read_hosts(path):
    """What a client was reported with: packets and bytes of each direction."""
    hosts, records = {}, 0
    for line in open(path):
        f = line.split()
        if f[0].startswith("10."):
            hosts[f[0]] = tuple(map(int, f[2:6]))
        elif f[0] == "records":
            records = int(f[1])
    return hosts, records


def add(counters):
    return tuple(map(sum, zip(*counters)))


def missing(states, reported):
    """The least that is not reported of a client: None: it has too much."""
    least = None
    for choice in itertools.product(*states):
        left = tuple(a - b for a, b in zip(add(choice), reported))
        if min(left) >= 0 and (least is None or left < least):
            least = left
    return least


def main(argv):
    clients, shown, unseen = read_truth(argv[1])
    hosts, records = read_hosts(argv[2])
    report = json.load(open(argv[3]))
    c, row = report["counters"], report["collectors"][0]
    k = row["counters"]
    faults, lost, total = [], (0, 0, 0, 0), (0, 0, 0, 0)
    for name, states in clients.items():
        reported = hosts.pop(name, (0, 0, 0, 0))
        total = add((total, reported))
        least = missing(states, reported)
        if least is None:
            faults.append("%s: %s of %s" % (name, reported, states))
        elif any(least):
            lost = add((lost, least))
    faults += ["%s: not known" % name for name in hosts]
    sent = k["records_sent"] + row["records_queued"]
    if records != sent:
        faults.append("%d records of %d" % (records, sent))
    crashed = c["states_crashed"] + c.get("states_lost", 0)
    ended = sum(c["states_ended_" + how]
                for how in ("exact", "perhaps_cut", "cut"))
    if any(lost) and crashed + k["records_crashed"] == 0:
        faults.append("%s lost" % (lost,))
    if ended + c.get("states_lost", 0) != shown:
        faults.append("%d ended of %d" % (ended, shown))
    never = c["states_never_seen_least"], c["states_never_seen_most"]
    if not never[0] <= unseen <= never[1]:
        faults.append("%d never seen, but %s" % (unseen, never))
    print("\n".join(faults[:10] + ["%d faults" % len(faults)] * (
        len(faults) > 10)))
    print("states shown %d, ended: exact %d, perhaps cut %d, cut %d; "
          "never seen %d (%d to %d)" % (
              shown, c["states_ended_exact"], c["states_ended_perhaps_cut"],
              c["states_ended_cut"], unseen, never[0], never[1]))
    print("octets shown %d = reported %d + lost %d; lost: %d states, "
          "%d records" % (sum(total[2:]) + sum(lost[2:]), sum(total[2:]),
                          sum(lost[2:]), crashed, k["records_crashed"]))
    return len(faults) > 0


sys.exit(main(sys.argv))
