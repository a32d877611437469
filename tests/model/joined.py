#!/usr/bin/env python3
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
"""Compare the records of pflowd, with interim and join, with pfsim's log:
joined.py LOG INTERIM INTERVAL single|joined [exact] <RECORDS

RECORDS is what decode.py -t says, of a recording's replay.  Of each connection
(or, single, of each state), no record may tell more than what had crossed the
firewall by its dump; what had crossed is told within INTERIM, and all of it in
the end, but for what a state that was removed has taken with it: packets between
the last dump that showed both states and the first one that showed the next two.
exact: no dump failed, left a state out or was made while states were.
"""
import sys

sys.dont_write_bytecode = True
import connections  # noqa: E402


class Record:
    """Both directions of a report, as a collector got them."""

    def __init__(self, f, dump):
        self.dump, self.id = dump, int(f["id"])
        self.start, self.end = (int(f[k]) - connections.EPOCH
                                for k in ("start", "end"))
        self.reason = int(f["reason"])
        self.counters = [0, 0, 0, 0]
        self.nat = None
        self.interfaces = None

    def add(self, f, way):
        self.counters[way] += int(f["packets"])
        self.counters[way + 2] += int(f["octets"])
        names = ("natsrc", "natsport", "natdst", "natdport")
        nat = tuple(f.get(k) for k in names)
        ends = int(f["input"]), int(f["output"])
        self.nat = nat if way == 0 else nat[2:] + nat[:2]
        self.interfaces = ends if way == 0 else ends[::-1]


class Judge:
    def __init__(self, log, interim, interval, joined, exact):
        self.log, self.joined, self.exact = log, joined, exact
        self.interim, self.interval = interim, interval
        self.faults, self.records, self.counts = [], {}, {}

    def fault(self, unit, text):
        self.faults.append("%s: %s" % (unit, text))

    def count(self, what, n=1):
        self.counts[what] = self.counts.get(what, 0) + n

    def state_of(self, f, client, dump):
        """The state whose id a record has; of several, the one of its time."""
        end = int(f["end"]) - connections.EPOCH
        states = [s for s in self.log.ids.get((int(f["id"]), client), [])
                  if s.shown is not None and s.shown <= dump and
                  s.created <= end + 999]
        return states[-1] if states else None

    def read(self, lines):
        for line in lines:
            f = dict(word.split("=", 1) for word in line.split())
            dump = self.log.times.get(int(f["at"]) * 1000 - connections.EPOCH)
            way = 0 if f["src"].startswith(("10.", "fd00:")) else 1
            state = self.state_of(f, f["src"] if way == 0 else f["dst"], dump)
            if state is None:
                self.fault(line.strip(), "no such state was shown")
                continue
            same = self.records.setdefault(state, [])
            if not same or same[-1].dump != dump or same[-1].counters[way] > 0:
                same.append(Record(f, dump))
            same[-1].add(f, way)
            self.count("records")

    def is_alone(self, state):
        """Its records are of it alone, or of a pair that nothing parts."""
        return not self.joined or self.is_plain(state.connection)

    # What is true of the records of one state, or of a pair.

    def check_reasons(self, state, records):
        for r in records[:-1]:
            if r.reason != 2 and self.is_alone(state):
                self.fault(state.id, "a record after its end")
        last = records[-1].reason
        self.count("pieces", sum(r.reason == 2 for r in records))
        if not self.is_alone(state):
            return
        allowed = {"expired": (1, 2, 3, 4), "removed": (1, 2, 3, 4),
                   "alive": (2, 4)}[state.how]
        if last not in allowed:
            self.fault(state.id, "%s, but reason %d" % (state.how, last))

    def check_times(self, state, records):
        before = None
        made = state.created if self.is_alone(state) else min(
            s.created for s in state.connection.states)
        for r in records:
            at = self.log.dumps[r.dump]
            if not made - 1000 <= r.start <= r.end <= at:
                self.fault(state.id, "made at %d, from %d to %d, at %d" % (
                    made, r.start, r.end, at))
            if before is not None and self.is_alone(state) and \
               r.start < before.end:
                self.fault(state.id, "from %d, after one to %d" % (
                    r.start, before.end))
            before = r
        if self.exact and self.is_alone(state) and \
           records[0].start - made > 1000:
            self.fault(state.id, "begins at %d, not %d" % (
                records[0].start, state.created))

    def check_single(self, state):
        """Alone, a state is partitioned exactly."""
        records = self.records.get(state, [])
        told = tuple(map(sum, zip(*(r.counters for r in records))))
        if state.shown is not None and (told or (0, 0, 0, 0)) != state.last:
            self.fault(state.id, "%s of %s" % (told, state.last))

    # What is true of a connection.

    def dumps_of_both(self, a, b):
        first = max(a.shown, b.shown)
        last = min(a.ended, b.ended)
        return [d for d in range(first, last + 1)
                if a.in_dump(d) and b.in_dump(d) and
                d not in self.log.failed]

    def pairs(self, c):
        """Its states two by two, as they were at the same time in dumps."""
        ins = [s for s in c.states if s.way == "in" and s.shown is not None]
        outs = [s for s in c.states if s.way == "out" and s.shown is not None]
        return [(i, o, both) for i in ins for o in outs
                for both in [self.dumps_of_both(i, o)] if both]

    def is_plain(self, c):
        """No state of it was made again, or removed without the other."""
        if len([s for s in c.states if s.way == "in"]) > 1 or \
           len([s for s in c.states if s.way == "out"]) > 1:
            return False
        if len(c.states) == 1:
            return True
        i, o = c.states
        if None in (i.shown, o.shown) or c.at[-1] in i.left_out | o.left_out:
            return False
        if not self.exact and i.how == "removed":
            return False
        return i.ended == o.ended or "removed" not in (i.how, o.how)

    def lost_most(self, c):
        """What the removal of a state may have taken, by direction: what
        crossed between two pairs, or before the first, or after the last."""
        if self.is_plain(c) and self.exact:
            return (0, 0)
        if self.is_plain(c):  # a dump left one of its states out
            return [c.dropped[-1][w] + max(
                c.crossed[-1][w + 2] - s.last[w + 2] for s in c.states)
                    for w in (0, 1)]
        pairs = sorted((p[2][0], p[2][-1]) for p in self.pairs(c))
        edges = [0] + [d for p in pairs for d in p] + [c.at[-1]]
        most = list(c.dropped[-1])
        for since, until in zip(edges[::2], edges[1::2]):
            a, b = c.crossed_by(since), c.crossed_by(until)
            most = [m + b[w + 2] - a[w + 2] for w, m in enumerate(most)]
        return most

    def alone(self, c):
        """What states have that no whole dump showed with another one: no pair
        is made of these, so both are reported."""
        paired = {id(s) for i, o, _ in self.pairs(c) for s in (i, o)}
        rest = [s.last for s in c.states
                if s.shown is not None and id(s) not in paired]
        return [sum(n) for n in zip((0, 0, 0, 0), *rest)]

    def check_sums(self, c, records):
        told = [0, 0, 0, 0]
        twice = self.alone(c) if not self.exact else told
        for r in records:
            told = [a + b for a, b in zip(told, r.counters)]
            most = [a + b for a, b in zip(c.crossed_by(r.dump), twice)]
            if any(a > b for a, b in zip(told, most)):
                self.fault(c.number, "%s of %s at %d" % (told, most, r.dump))
                return
        crossed = c.crossed[-1]
        missing = [crossed[w] - told[w] for w in (2, 3)]
        most = self.lost_most(c)
        self.count("octets", sum(told[2:]))
        self.count("octets lost", sum(missing))
        if any(m > n for m, n in zip(missing, most)):
            self.fault(c.number, "%s are missing of %s, %s at most" % (
                missing, crossed, most))

    def check_delay(self, c, records):
        """Of a connection that is plain: what crossed is told in time."""
        wait = 1000 * (self.interim + 2 * self.interval)
        ended = min(s.ended for s in c.states)
        whole = iter(self.log.whole)
        dump, told, n = 0, 0, 0
        for at, crossed in zip(c.at, c.crossed):
            while dump is not None and self.log.dumps.get(dump, 0) < \
                    self.log.dumps[at] + wait:
                dump = next(whole, None)
            if dump is None or dump > ended:
                return
            while n < len(records) and records[n].dump <= dump:
                told += sum(records[n].counters)
                n += 1
            if told < sum(crossed):
                self.fault(c.number, "%d told of %s at %d" % (
                    told, crossed, at))
                return

    def check_first(self, c, records):
        """A piece begins with the last dump that showed what was told, but not
        before the one before it ends."""
        for before, r in zip(records, records[1:]):
            told = c.crossed_by(before.dump)
            i = c.entry(before.dump)
            if i + 1 == len(c.at):
                continue
            dump = max(d for d in self.log.dumps if d < c.at[i + 1])
            first = max(self.log.dumps[dump], before.end)
            if told != c.crossed_by(r.dump) and r.start != first:
                self.fault(c.number, "a piece from %d, not %d" % (
                    r.start, first))

    def check_names(self, c, records):
        """The pair's id, interfaces and translated addresses."""
        i, o = c.states
        want = (o.gwy[0], str(o.gwy[1]), i.gwy[0], str(i.gwy[1]))
        for r in records:
            if r.id != i.id:
                self.fault(c.number, "record of %d, not of both" % r.id)
            ports = i.proto in (6, 17)
            if (r.nat if ports else r.nat[::2]) != (
                    want if ports else want[::2]):
                self.fault(c.number, "translated %s, not %s" % (r.nat, want))
            if 0 not in r.interfaces and r.interfaces != (1, 2):
                self.fault(c.number, "interfaces %d, %d" % r.interfaces)
            self.count("of both states")

    def check_connection(self, c):
        records = sorted((r for s in c.states
                          for r in self.records.get(s, [])),
                         key=lambda r: (r.dump, r.start))
        if not c.at:
            return
        if len(c.states) > 1 and not self.pairs(c):
            self.count("connections never shown whole")
            for state in c.states:
                self.check_single(state)
            return
        self.check_sums(c, records)
        if not self.is_plain(c):
            self.count("connections that are not plain")
            return
        self.count("plain connections")
        if self.exact and self.interim:
            self.check_delay(c, records)
        if self.exact and not c.dropped[-1][0] + c.dropped[-1][1]:
            self.check_first(c, records)
        if self.exact and len(c.states) == 2 and self.pairs(c):
            self.check_names(c, records)

    def check(self):
        for state, records in self.records.items():
            self.check_reasons(state, records)
            self.check_times(state, records)
        if not self.joined:
            for state in self.log.states.values():
                self.check_single(state)
            return
        for c in self.log.connections.values():
            self.check_connection(c)


def main(argv):
    judge = Judge(connections.Log(argv[1]), int(argv[2]), int(argv[3]),
                  argv[4] == "joined", "exact" in argv)
    judge.read(sys.stdin)
    judge.check()
    print("\n".join(judge.faults[:10]))
    print("%d faults; %s" % (len(judge.faults), ", ".join(
        "%d %s" % (n, what) for what, n in sorted(judge.counts.items()))),
        file=sys.stderr)
    return len(judge.faults) > 0 or not judge.counts.get("records")


sys.exit(main(sys.argv))
