#!/usr/bin/env python3
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
"""A strict collector of NetFlow version 9 (RFC 3954) and IPFIX (RFC 7011).

Prints each record, with -o options data too, or with -s what they add up to.
Whatever an RFC does not allow is an error, told on stderr, and so is what this
exporter promises not to do.  Ends on SIGTERM, or when it has seen -n records.  -t: each
has the time of its datagram.

usage: decode.py [-ost] [-m bytes] [-n records] [-p port] [-w port-file]
"""

import argparse
import ipaddress
import signal
import socket
import struct
import sys

# IANA's registry: name, bytes in version 9, bytes in IPFIX (0: not there).
ELEMENTS = {
    1: ("octets", 8, 8),
    2: ("packets", 8, 8),
    4: ("proto", 1, 1),
    6: ("flags", 1, 1),
    7: ("sport", 2, 2),
    8: ("src4", 4, 4),
    10: ("input", 4, 4),
    11: ("dport", 2, 2),
    12: ("dst4", 4, 4),
    14: ("output", 4, 4),
    21: ("last", 4, 0),
    22: ("first", 4, 0),
    27: ("src6", 16, 16),
    28: ("dst6", 16, 16),
    60: ("version", 1, 1),
    61: ("direction", 1, 1),
    136: ("reason", 1, 1),
    148: ("id", 8, 8),
    152: ("start", 0, 8),
    153: ("end", 0, 8),
    225: ("natsrc4", 4, 4),
    226: ("natdst4", 4, 4),
    227: ("natsport", 2, 2),
    228: ("natdport", 2, 2),
    239: ("biflow", 0, 1),
    281: ("natsrc6", 16, 16),
    282: ("natdst6", 16, 16),
}

# What options data may have, likewise; a scope of version 9 is a type (RFC 3954,
# 6.1) of its own.
OPTIONS = {
    40: ("octets", 8, 8),
    41: ("datagrams", 8, 8),
    42: ("records", 8, 8),
    82: ("name", 16, 16),
    163: ("states", 8, 8),
    164: ("frames-lost", 8, 8),
    166: ("lost", 8, 8),
}
SCOPES = {9: {1: "system", 2: "interface"},
          10: {149: "domain", 143: "metering", 144: "exporting",
               10: "interface"}}

# RFC 5103: the enterprise of the elements that tell of the other direction.
REVERSE = 29305

# What is the other way round in it, unsaid.
SWAPPED = (("src4", "dst4"), ("src6", "dst6"), ("sport", "dport"),
           ("natsrc4", "natdst4"), ("natsrc6", "natdst6"),
           ("natsport", "natdport"))

SHOWN = ("version proto start end src sport dst dport natsrc natsport natdst "
         "natdport packets octets input output flags direction reason id")


class Wrong(Exception):
    """What a datagram must not have."""


def need(holds, what):
    if not holds:
        raise Wrong(what)


class Stream:
    """What is remembered of one observation domain."""

    def __init__(self):
        self.templates = {}
        self.options = {}
        self.sequence = None


class Collector:
    def __init__(self, args):
        self.args = args
        self.streams = {}
        self.errors = 0
        self.at = ""
        self.sums = {"datagrams": 0, "records": 0, "packets": 0, "octets": 0,
                     "templates": 0, "inet6": 0, "translated": 0, "biflows": 0, "about": 0}

    def datagram(self, data):
        self.sums["datagrams"] += 1
        try:
            need(len(data) <= self.args.m, "longer than the path's MTU")
            need(len(data) >= 2, "no version")
            version = struct.unpack_from(">H", data)[0]
            if version == 9:
                self.netflow9(data)
            elif version == 10:
                self.ipfix(data)
            else:
                raise Wrong("version %d" % version)
        except Wrong as wrong:
            self.errors += 1
            print("datagram %d: %s" % (self.sums["datagrams"], wrong),
                  file=sys.stderr)

    def stream(self, version, domain, sequence):
        stream = self.streams.setdefault((version, domain), Stream())
        need(stream.sequence in (None, sequence),
             "sequence %d, not %s" % (sequence, stream.sequence))
        return stream

    def netflow9(self, data):
        need(len(data) >= 20, "header cut short")
        _, count, uptime, secs, sequence, domain = struct.unpack_from(
            ">HHIIII", data)
        self.at = " at=%d" % secs if self.args.t else ""
        need(domain != 0, "no domain")
        stream = self.stream(9, domain, sequence)
        stream.sequence = (sequence + 1) & 0xffffffff
        boot = secs * 1000 - uptime

        def times(r):
            need(r["first"] <= r["last"] <= uptime, "first, last, SysUptime")
            r["start"], r["end"] = boot + r["first"], boot + r["last"]

        templates, records = self.sets(data, 20, stream, 9, 0, times)
        need(count == templates + records, "count %d, but %d and %d" % (
            count, templates, records))

    def ipfix(self, data):
        need(len(data) >= 16, "header cut short")
        _, length, secs, sequence, domain = struct.unpack_from(">HHIII", data)
        self.at = " at=%d" % secs if self.args.t else ""
        need(length == len(data), "length %d of %d" % (length, len(data)))
        stream = self.stream(10, domain, sequence)

        def times(r):
            need(r["start"] <= r["end"], "start, end")
            need(r["end"] // 1000 <= secs, "end, export time")

        _, records = self.sets(data, 16, stream, 10, 2, times)
        need((domain == 0) == bool(stream.options), "options data, domain")
        stream.sequence = (sequence + records) & 0xffffffff

    def sets(self, data, at, stream, version, template_id, times):
        templates = records = 0
        about = 0
        while at < len(data):
            need(len(data) - at >= 4, "set's header cut short")
            number, length = struct.unpack_from(">HH", data, at)
            need(4 < length <= len(data) - at, "set of %d bytes" % length)
            need(length % 4 == 0, "set of %d bytes: not padded" % length)
            body = data[at + 4:at + length]
            if number == template_id:
                templates += self.templates(body, stream, version)
            elif number == template_id + 1:
                templates += self.option_templates(body, stream, version)
            elif number in stream.options:
                records += self.options(body, stream.options[number])
                about = 1
            else:
                need(number >= 256, "set %d" % number)
                need(number in stream.templates, "no template %d" % number)
                records += self.records(body, stream.templates[number], times)
            at += length
        need(templates + records > 0, "nothing in it")
        self.sums["about"] += about
        return templates, records

    @staticmethod
    def field(body, at, version):
        """A field of a template, and where the next one is."""
        need(len(body) - at >= 4, "template cut short")
        element, size = struct.unpack_from(">HH", body, at)
        at += 4
        reverse = version == 10 and element & 0x8000
        if reverse:
            need(len(body) - at >= 4, "template cut short")
            need(struct.unpack_from(">I", body, at)[0] == REVERSE,
                 "enterprise")
            at += 4
            element &= 0x7fff
        need(element in ELEMENTS, "element %d" % element)
        name, nine, ten = ELEMENTS[element]
        need(size == (nine if version == 9 else ten),
             "%s of %d bytes" % (name, size))
        return ("reverse-" if reverse else "") + name, size, at

    def templates(self, body, stream, version):
        at = n = 0
        while at < len(body):
            need(len(body) - at >= 4, "template's header cut short")
            number, count = struct.unpack_from(">HH", body, at)
            need(number >= 256 and count > 0, "template %d of %d" % (
                number, count))
            at += 4
            fields = []
            for _ in range(count):
                name, size, at = self.field(body, at, version)
                need(name not in [f[0] for f in fields], "%s twice" % name)
                fields.append((name, size))
            need(stream.templates.setdefault(number, fields) == fields,
                 "template %d has changed" % number)
            n += 1
        self.sums["templates"] += n
        return n

    @staticmethod
    def option_counts(body, at, version):
        """A template's id, its scopes and other fields, and where they are."""
        number, a, b = struct.unpack_from(">HHH", body, at)
        if version == 10:  # all fields, and the scopes of them
            need(a > b > 0, "options template of %d, %d fields" % (a, b))
            return number, b, a - b, at + 6
        need(a % 4 == b % 4 == 0 < a, "options template of %d, %d bytes" % (
            a, b))
        return number, a // 4, b // 4, at + 6

    def option_templates(self, body, stream, version):
        at = n = 0
        while len(body) - at >= 6:
            number, scopes, others, at = self.option_counts(body, at, version)
            need(number >= 256 and number not in stream.templates,
                 "options template %d" % number)
            need(len(body) - at >= 4 * (scopes + others),
                 "options template cut short")
            fields = []
            for i in range(scopes + others):
                element, size = struct.unpack_from(">HH", body, at)
                known = SCOPES[version] if i < scopes else OPTIONS
                need(element in known, "option %d" % element)
                name = known[element] if i < scopes else known[element][0]
                need(size == (4 if i < scopes else known[element][1]),
                     "option %s of %d bytes" % (name, size))
                fields.append((name, size))
                at += 4
            need(stream.options.setdefault(number, fields) == fields,
                 "options template %d has changed" % number)
            n += 1
        need(not any(body[at:]), "padding")
        return n

    def options(self, body, fields):
        size = sum(f[1] for f in fields)
        need(len(body) % size == 0 < len(body), "options data")
        for at in range(0, len(body), size):
            words = []
            for name, length in fields:
                value = body[at:at + length]
                at += length
                words.append("%s=%s" % (name, value.rstrip(b"\0").decode()
                                        if name == "name"
                                        else int.from_bytes(value, "big")))
            if self.args.o:
                print("options", *words)
        return len(body) // size

    def records(self, body, fields, times):
        size = sum(f[1] for f in fields)
        n, padding = divmod(len(body), size)
        need(n > 0, "a set with no record")
        need(padding < 4 and not any(body[n * size:]), "padding")
        for i in range(n):
            at = i * size
            record = {}
            for name, length in fields:
                record[name] = int.from_bytes(body[at:at + length], "big")
                at += length
            times(record)
            self.directions(record)
        return n

    def directions(self, r):
        """One record, or the two that a biflow stands for."""
        other = {name[8:]: r.pop(name) for name in list(r)
                 if name.startswith("reverse-")}
        how = r.pop("biflow", None)
        need((how is not None) == bool(other), "half a biflow")
        need(how in (None, 1), "biflowDirection %s" % how)
        if other:
            self.sums["biflows"] += 1
            for a, b in SWAPPED:
                if a in r:
                    other[a], other[b] = r[b], r[a]
            for name, value in r.items():
                if name not in other:
                    other[name] = value
        self.record(r)
        if other:
            self.record(other)

    def record(self, r):
        six = r["version"] == 6
        need(r["version"] in (4, 6), "IP version %d" % r["version"])
        for name in ("src", "dst", "natsrc", "natdst"):
            need(name + ("4" if six else "6") not in r, "both families")
            value = r.get(name + ("6" if six else "4"))
            need(value is not None or name.startswith("nat"), "no " + name)
            if value is not None:
                r[name] = (ipaddress.IPv6Address if six
                           else ipaddress.IPv4Address)(value)
        need(r["packets"] > 0, "no packets")
        need(r["direction"] in (0, 1), "direction")
        need(r["reason"] in (1, 2, 3, 4), "reason")
        self.sums["records"] += 1
        self.sums["packets"] += r["packets"]
        self.sums["octets"] += r["octets"]
        self.sums["inet6"] += six
        self.sums["translated"] += "natsrc" in r
        if not self.args.s:
            print(" ".join("%s=%s" % (k, r[k]) for k in SHOWN.split()
                           if k in r) + self.at)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-o", action="store_true")
    parser.add_argument("-t", action="store_true")
    parser.add_argument("-m", type=int, default=1472)
    parser.add_argument("-n", type=int, default=0)
    parser.add_argument("-p", type=int, default=0)
    parser.add_argument("-w")
    args = parser.parse_args()
    collector = Collector(args)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:  # Linux' SO_RCVBUFFORCE has no bound, and is for root
        sock.setsockopt(socket.SOL_SOCKET, 33, 1 << 25)
    except OSError:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 25)
    sock.bind(("127.0.0.1", args.p))

    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(1))
    sock.settimeout(0.1)
    if args.w:
        with open(args.w, "w", encoding="ascii") as f:
            print(sock.getsockname()[1], file=f)
    # What has come is read before the end.
    while True:
        try:
            collector.datagram(sock.recv(65536))
        except socket.timeout:
            if ended:
                break
        if args.n and collector.sums["records"] >= args.n:
            break
    if args.s:
        print(" ".join("%s=%d" % kv for kv in collector.sums.items()))
    sys.exit(1 if collector.errors else 0)


main()
