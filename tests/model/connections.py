# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
"""The log of pfsim -C: connections, their states, and what crossed the firewall
of each by each dump (tests/tools/pfsim_connection.c)."""

import bisect

EPOCH = 1700000000000  # ms; pfsim's SIM_EPOCH


class State:
    def __init__(self, f, connection):
        self.connection = connection
        self.way, self.id, self.proto = f[3], int(f[4]), int(f[5])
        self.client, self.server, self.gwy = ((f[i], int(f[i + 1]))
                                              for i in (6, 8, 10))
        self.created = int(f[12])
        self.shown = None  # the first dump that showed it
        self.left_out = set()
        self.how = self.ended = None  # after that dump
        self.final = self.last = None  # packets[2], bytes[2]

    def in_dump(self, dump):
        """Whether a dump showed it."""
        return (self.shown is not None and self.shown <= dump <= self.ended and
                dump not in self.left_out)


class Connection:
    def __init__(self, number):
        self.number = number
        self.states = []
        self.at = []       # dumps
        self.crossed = []  # by these: packets[2], bytes[2]
        self.dropped = []  # likewise: bytes[2]
        self.first, self.last = [], []

    def entry(self, dump):
        """The last that was logged by this dump; -1: none."""
        return bisect.bisect_right(self.at, dump) - 1

    def crossed_by(self, dump):
        i = self.entry(dump)
        return self.crossed[i] if i >= 0 else (0, 0, 0, 0)

    def dropped_by(self, dump):
        i = self.entry(dump)
        return self.dropped[i] if i >= 0 else (0, 0)


class Log:
    def __init__(self, path):
        self.states, self.connections = {}, {}
        self.dumps = {}  # number: ms
        self.failed, self.void, self.perhaps = set(), set(), set()
        self.dump, self.clock = 0, EPOCH
        for line in open(path):
            f = line.split()
            getattr(self, "read_" + f[0])(f)
        self.times = {ms: dump for dump, ms in self.dumps.items()}
        self.whole = [d for d in sorted(self.dumps) if d not in self.failed]
        self.ids = {}
        for s in self.states.values():
            self.ids.setdefault((s.id, s.client[0]), []).append(s)

    def read_state(self, f):
        number = int(f[2])
        if number not in self.connections:
            self.connections[number] = Connection(number)
        state = State(f, self.connections[number])
        state.connection.states.append(state)
        self.states[f[1]] = state

    def read_clock(self, f):
        self.clock = int(f[1])

    def read_dump(self, f):
        self.dump = int(f[1])
        self.dumps[self.dump] = int(f[2])

    def read_shown(self, f):
        self.states[f[1]].shown = self.dump

    def read_not(self, f):
        self.states[f[1]].left_out.add(self.dump)

    def read_crossed(self, f):
        c, n = self.connections[int(f[1])], [int(v) for v in f[2:]]
        c.at.append(self.dump)
        c.crossed.append(tuple(n[:4]))
        c.dropped.append(tuple(n[4:6]))
        c.first.append(n[6])
        c.last.append(n[7])

    def read_end(self, f):
        state, n = self.states[f[1]], [int(v) for v in f[3:]]
        state.how, state.ended = f[2], self.dump
        state.final, state.last = tuple(n[1:5]), tuple(n[5:9])

    def read_failed(self, f):
        self.failed.add(int(f[1]))

    def read_void(self, f):
        self.void.add(int(f[1]))

    def read_perhaps(self, f):
        self.perhaps.add(int(f[1]))
