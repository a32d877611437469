#!/usr/bin/env python3
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
"""Compare what a collector got with the truth of pfsim: judge.py TRUTH HOSTS
COUNTERS [killed] [joined]

HOSTS is of nf5recv -o hosts, COUNTERS of pflowctl -j show counters, after all
states have ended.  Each state that a dump showed has been reported with what
the last one showed, or is counted as lost in a crash.  The last dump of a
dumper that ended may not have been read: then the one before will do.  killed:
an engine was, and the next one counts states that were never seen anew.
joined: both states of a connection are reported as one, perhaps in pieces; they
have the same packets, but for those that came after one of them was removed.
Octets of states that a dump left out at first are counted as not followed.
"""
import itertools
import json
import sys


ZERO = (0, 0, 0, 0, 0)


def join(states):
    """What may be reported of a connection.  States that may have been in no
    whole dump together are reported one by one."""
    choices = [[c[:4] for c in choice]
               for choice in itertools.product(*(s[0] for s in states))]
    either = [tuple(map(max, zip(*choice))) for choice in choices]
    if any(s[1] < 2 for s in states):
        either += [add(choice) for choice in choices]
    return either


def read_truth(path, joined):
    """The shown counters by client, a list of states; how many were not."""
    fates, lines = {}, []
    for line in open(path):
        f = line.split()
        if len(f) == 2:
            fates[int(f[1])] = f[0]
        else:
            lines.append(f)
    clients, shown, unseen, connections = {}, 0, 0, {}
    for f in lines:
        last, before = tuple(map(int, f[10:14])), tuple(map(int, f[16:20]))
        fate, dumps = fates.get(int(f[15])), int(f[14])
        if fate == "void":
            dumps, last = dumps - 1, before
        possible = [with_records(c) for c in (
            (last, before) if fate == "perhaps" else (last,))]
        shown += dumps > 0
        unseen += dumps == 0 and f[5] == "1"
        if dumps > 0 and joined:
            connections.setdefault((f[2], f[20]), []).append((possible, dumps))
        elif dumps > 0:
            clients.setdefault(f[2], []).append(possible)
    for (client, _), states in connections.items():
        clients.setdefault(client, []).append(join(states))
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
    joined = "joined" in argv
    clients, shown, unseen = read_truth(argv[1], joined)
    counters = 4 if joined else 5  # of a client; not the number of records
    hosts, sums = read_hosts(argv[2])
    report = json.load(open(argv[3]))
    c, row = report["counters"], report["collectors"][0]
    k = row["counters"]
    faults, general, lost, total, less = [], [], ZERO, ZERO, 0
    for name, states in clients.items():
        reported = hosts.pop(name, ZERO)[:counters]
        total = add((total, reported + ZERO[counters:]))
        least = missing(states, reported)
        if least is None:
            faults.append("%s: %s of %s" % (name, reported, states))
        elif any(least):
            lost = add((lost, least + ZERO[counters:]))
            less += 1
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
    booked = (c["octets_cut"] + c["octets_not_followed"] + c["octets_crashed"] +
              k["octets_crashed"])
    if joined and sum(lost[2:4]) > booked:
        general.append("%d clients have too little, %d octets are counted" % (
            less, booked))
    if not joined and not counted <= lost[4] <= counted + 2 * crashed:
        general.append("%d records missing" % lost[4])
    # An engine that was killed may have had states of a dump that it did not
    # read to its end.
    seen = ended + c["states_lost"]
    if not shown <= seen <= shown + (unseen if "killed" in argv else 0):
        general.append("%d ended of %d" % (seen, shown))
    never = c["states_never_seen_least"], c["states_never_seen_most"]
    if not never[0] <= unseen <= (unseen if "killed" in argv else never[1]):
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
