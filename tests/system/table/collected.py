#!/usr/bin/env python3
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
"""Compare what two collectors got with pfsim's log: collected.py LOG INTERIM
COUNTERS FLOWS AGGREGATED TOTALS [restarted] [ignored] [single FROM TO]

FLOWS and AGGREGATED are nfdump's, the latter with -a, TOTALS is nfacctd's, and
COUNTERS what pflowctl -j show counters said when all states had ended.  Of each
client, octets and packets are what crossed the firewall, but for what a removed
state has taken with it, and for records that are counted as lost in a crash.
restarted: pflowd was stopped and started, which loses what crosses meanwhile.
ignored: a rule ignored UDP for a while.  single: no pairs were made between
these times (ms).
"""
import calendar
import ipaddress
import json
import os
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../model"))
import connections  # noqa: E402

DELAY = 10000  # ms that a machine with other work may take
TIME = 2000    # ms that a time may be wrong by


def ms(text):
    seconds, part = text.strip().split(".")
    return calendar.timegm(time.strptime(
        seconds, "%Y-%m-%d %H:%M:%S")) * 1000 + int(part)


def is_client(address):
    return address.startswith(("10.", "fd00:"))


def name(address):
    return str(ipaddress.ip_address(address.strip()))


class Flow:
    """A line of nfdump: from, to, received, from whom, to whom, how much."""

    def __init__(self, line):
        f = line.split("|")
        self.start, self.end = ms(f[0]), ms(f[1])
        self.received = ms(f[2])
        src, dst = name(f[3]), name(f[4])
        self.way = 0 if is_client(src) else 1
        self.client = src if self.way == 0 else dst
        self.packets, self.octets = int(f[5]), int(f[6])


def read_flows(path):
    return [Flow(line) for line in open(path) if "|" in line]


def add(sums, client, way, packets, octets):
    told = sums.setdefault(client, [0, 0, 0, 0])
    told[way] += packets
    told[way + 2] += octets


def read_totals(path):
    """nfacctd's, by source and destination address."""
    sums = {}
    for line in open(path):
        f = line.strip().split(",")
        if len(f) == 4 and f[2].isdigit():
            src, dst = name(f[0]), name(f[1])
            way = 0 if is_client(src) else 1
            add(sums, src if way == 0 else dst, way, int(f[2]), int(f[3]))
    return sums


class Model:
    """What may be told of each client: the least and the most."""

    def __init__(self, log, restarted, single):
        self.log, self.single = log, [t - log.clock for t in single]
        self.unsure = log.void | log.perhaps
        self.sure = [d for d in sorted(log.dumps) if d not in self.unsure]
        self.restarts = sorted(self.unsure) if restarted else []
        self.clients = {}
        for c in log.connections.values():
            if c.at:
                self.clients.setdefault(c.states[0].client[0], []).append(c)

    def in_both(self, a, b):
        return [d for d in self.sure if a.in_dump(d) and b.in_dump(d)]

    def pairs(self, c):
        ins = [s for s in c.states if s.way == "in"]
        outs = [s for s in c.states if s.way == "out"]
        return [(i, o, both) for i in ins for o in outs
                for both in [self.in_both(i, o)] if both]

    def is_plain(self, c):
        return len(c.states) == len({s.way for s in c.states}) and \
            all(s.how == "expired" for s in c.states) and \
            (len(c.states) == 1 or len(self.pairs(c)) == 1)

    def is_single(self, c):
        """It, or a state of it, was made when no pairs were."""
        return self.single and any(
            self.single[0] - TIME <= s.created <= self.single[1] + TIME
            for s in c.states)

    def is_amid(self, c):
        """Made in the last moments before pflowd was stopped."""
        return any(c.at[0] >= dump - 1 and
                   c.states[0].created <= self.log.dumps.get(dump + 1, 0)
                   for dump in self.restarts)

    def edges(self, c):
        """Between these dumps, two by two, something may have been lost."""
        edges = []
        if not self.is_plain(c):
            pairs = sorted((p[2][0], p[2][-1]) for p in self.pairs(c))
            if len(c.states) == 1:
                seen = [d for d in self.sure if c.states[0].in_dump(d)]
                pairs = [(seen[0], seen[-1])] if seen else []
            edges += [0] + [d for p in pairs for d in p] + [c.at[-1]]
        for dump in self.restarts:
            edges += [dump - 1, dump + 1]
        return edges

    def least(self, c):
        crossed = c.crossed[-1]
        edges = self.edges(c)
        lost = list(c.dropped[-1]) if edges or self.is_single(c) else [0, 0]
        for since, until in zip(edges[::2], edges[1::2]):
            a, b = c.crossed_by(since), c.crossed_by(until)
            lost = [n + b[w + 2] - a[w + 2] for w, n in enumerate(lost)]
        return [crossed[w + 2] - lost[w] for w in (0, 1)]

    def most(self, c):
        """States that no whole dump showed together are told of both."""
        if self.is_single(c):
            return [sum(n) for n in zip(*(s.last[2:] for s in c.states))]
        if self.is_plain(c):
            return c.crossed[-1][2:]
        paired = {id(s) for i, o, _ in self.pairs(c) for s in (i, o)}
        rest = [s.last[2:] for s in c.states
                if s.shown is not None and id(s) not in paired]
        if len(c.states) == 1:
            rest = []
        return [sum(n) for n in zip(c.crossed[-1][2:], *rest)]


class Judge:
    def __init__(self, model, counters, ignored):
        self.model, self.counters = model, counters
        self.ignored = ignored
        self.short = set()  # clients of which records were lost
        self.faults = []

    def sums(self, who, told, row):
        """The octets of each client, at one of the collectors."""
        missing, octets, lost, less = 0, 0, 0, 0
        for client, cs in self.model.clients.items():
            got = told.get(client, [0, 0, 0, 0])[2:]
            most = [sum(n) for n in zip(*(self.model.most(c) for c in cs))]
            least = [sum(n) for n in zip(*(self.model.least(c) for c in cs))]
            if any(g > m for g, m in zip(got, most)):
                self.faults.append("%s: %s: %s, %s at most" % (
                    who, client, got, most))
            short = sum(g < n for g, n in zip(got, least))
            missing += short
            if short:
                self.short.add(client)
            less += sum(max(n - g, 0) for g, n in zip(got, least))
            octets += sum(got)
            crossed = [c.crossed[-1] for c in cs]
            lost += sum(sum(c[2:]) for c in crossed) - sum(got)
        for client in told.keys() - self.model.clients.keys():
            self.faults.append("%s: %s: not known" % (who, client))
        c, k = self.counters["counters"], row["counters"]
        allowed = k["records_crashed"] + 2 * c["states_crashed"] + \
            2 * c["states_lost"]
        if self.ignored and not 0 < less <= c["octets_ignored"]:
            self.faults.append("%s: %d octets are missing, but %d ignored" % (
                who, less, c["octets_ignored"]))
        if missing > allowed and not self.ignored:
            self.faults.append("%s: %d directions have too little, %d at most" % (
                who, missing, allowed))
        print("%s: %d octets of %d clients, %d less than what dumps showed, "
              "%d directions with too little (%d by a crash, at most)" % (
                  who, octets, len(told), lost, missing, allowed))

    def is_simple(self, client):
        cs = self.model.clients.get(client, ())
        return len(cs) == 1 and client not in self.short and \
            self.model.is_plain(cs[0]) and not (
            self.ignored and cs[0].states[0].proto == 17) and not (
                self.model.is_single(cs[0]) or self.model.is_amid(cs[0]))

    def times(self, aggregated):
        """The start and end of each connection that nothing parted."""
        clock, judged, wrong = self.model.log.clock, 0, 0
        for f in aggregated:
            if f.way == 1 or not self.is_simple(f.client):
                continue
            c = self.model.clients[f.client][0]
            created = min(s.created for s in c.states)
            judged += 1
            if abs(f.start - clock - created) > TIME or \
               f.end - clock > c.last[-1] + TIME:
                wrong += 1
                self.faults.append("%s: from %d to %d, is from %d to %d" % (
                    f.client, f.start - clock, f.end - clock, created,
                    c.last[-1]))
        print("%d connections with the right start and end, %d without" % (
            judged - wrong, wrong))

    def delays(self, flows, interim):
        """A record that another one follows came within interim."""
        last, pieces = {}, 0
        for f in sorted(flows, key=lambda f: (f.received, f.start)):
            before = last.get((f.client, f.way))
            last[f.client, f.way] = f
            if before is None or not self.is_simple(f.client):
                continue
            pieces += 1
            if before.received - before.start > interim * 1000 + DELAY:
                self.faults.append("%s: from %d, but came at %d" % (
                    f.client, before.start, before.received))
            if f.start < before.end:
                self.faults.append("%s: from %d, after one to %d" % (
                    f.client, f.start, before.end))
        print("%d pieces, each in time" % pieces)


def main(argv):
    log, interim = connections.Log(argv[1]), int(argv[2])
    counters = json.load(open(argv[3]))
    at = argv.index("single") if "single" in argv else len(argv)
    single = [int(n) for n in argv[at + 1:at + 3]]
    judge = Judge(Model(log, "restarted" in argv, single), counters,
                  "ignored" in argv)
    flows = read_flows(argv[4])
    told = {}
    for f in flows:
        add(told, f.client, f.way, f.packets, f.octets)
    rows = counters["collectors"]
    judge.sums("nfcapd", told, rows[0])
    judge.sums("nfacctd", read_totals(argv[6]), rows[1])
    judge.times(read_flows(argv[5]))
    if interim:
        judge.delays(flows, interim)
    print("%d connections, %d of them in a dump; %d pairs, %d interim reports" % (
        len(log.connections), sum(1 for c in log.connections.values() if c.at),
        counters["counters"]["pairs"], counters["counters"]["reports_interim"]))
    print("\n".join(judge.faults[:10]))
    return len(judge.faults) > 0


sys.exit(main(sys.argv))
