#!/usr/bin/env python3
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
"""Random states, for pfsyncgen, and what their records have to say.

usage: states.py seed states records-file >script
"""

import random
import sys

PORTS = ("tcp", "udp", "sctp")
NUMBERS = {"tcp": 6, "udp": 17, "sctp": 132, "icmp": 1, "gre": 47}


def host(version):
    if version == 4:
        return "10.%d.%d.%d" % tuple(random.randrange(1, 255)
                                     for _ in range(3))
    return "2001:db8:%x::%x" % (random.randrange(1, 1 << 16),
                                random.randrange(1, 1 << 16))


def end(version, ports):
    return host(version), random.randrange(1, 65536) if ports else 0


def text(version, e):
    return ("%s:%d" if version == 4 else "[%s]:%d") % e


def counters():
    packets = random.choice((0, 1, 3, random.getrandbits(31),
                             random.getrandbits(40)))
    return packets, packets * random.randrange(40, 1500)


def record(s, forward):
    """What one direction's has to say, within the firewall and beyond."""
    outward = s["out"] == forward
    src, dst = ((s["lan"], s["ext"]) if outward else (s["ext"], s["lan"]))
    packets, octets = s["counters"][0 if forward else 1]
    if packets == 0:
        return None
    words = ["version=%d" % s["version"], "proto=%d" % NUMBERS[s["proto"]],
             "src=%s" % src[0], "sport=%d" % src[1],
             "dst=%s" % dst[0], "dport=%d" % dst[1]]
    if s["gwy"]:
        post = (s["gwy"], s["ext"]) if outward else (s["ext"], s["gwy"])
        words += ["natsrc=%s" % post[0][0], "natsport=%d" % post[0][1],
                  "natdst=%s" % post[1][0], "natdport=%d" % post[1][1]]
    words += ["packets=%d" % packets, "octets=%d" % octets,
              "direction=%d" % outward, "id=%d" % s["id"]]
    return " ".join(words)


def state(number):
    version = random.choice((4, 4, 6))
    proto = random.choice(PORTS + ("icmp", "gre"))
    ports = proto in PORTS
    s = {"id": number, "version": version, "proto": proto,
         "out": random.random() < 0.5, "lan": end(version, ports),
         "ext": end(version, ports), "counters": (counters(), counters()),
         "gwy": end(version, ports) if random.random() < 0.4 else None}
    words = ["state", "id=%d" % number, "dir=%s" % ("out" if s["out"]
                                                    else "in"),
             "if=em%d" % random.randrange(3), "proto=%d" % NUMBERS[proto],
             "af=%d" % (2 if version == 4 else 24),
             "lan=" + text(version, s["lan"]),
             "gwy=" + text(version, s["gwy"] or s["lan"]),
             "ext=" + text(version, s["ext"]),
             "packets=%d,%d" % (s["counters"][0][0], s["counters"][1][0]),
             "bytes=%d,%d" % (s["counters"][0][1], s["counters"][1][1]),
             "age=%d" % random.choice((0, 10, 100, 10000, 1000000)),
             "timeout=%d" % random.randrange(16),
             "levels=%d,%d" % (random.randrange(11), random.randrange(11))]
    print(" ".join(words))
    return [r for r in (record(s, True), record(s, False)) if r]


def main():
    seed, states, file = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    random.seed(seed)
    with open(file, "w", encoding="ascii") as out:
        for i in range(states):
            if i % 20 == 0:
                print("frame version=3 time=%d.%06d" % (
                    1700000000 + i // 100, random.randrange(1000000)))
            for r in state(i + 1):
                print(r, file=out)


main()
