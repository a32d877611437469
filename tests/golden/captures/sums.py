# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# usage: sums.py [-t] inside.pcap.gz outside.pcap.gz records least [port ...]
#
# Whether the records of TCP, UDP and protocols without ports (a line each, as
# tests/protocols/flowsets/decode.py has them) add up to the packets and bytes that the
# cables had, in each direction of each state, but for connections from these
# ports; with -t, whether their times are near the packets', too.  At least so
# many directions must have been compared: not all were on a cable.

import collections
import gzip
import ipaddress
import struct
import sys

CLOCK = 3.27                # of the cables is before the firewall's
START = (-0.5, 1.5)         # a second's granularity, and pfsync's second
END = (-1.5, 4.0)           # ... and the purge's, less the mean

ICMP_ERRORS = (3, 11)
ICMP, TCP, UDP, ICMP6 = 1, 6, 17, 58


class Count:
    def __init__(self):
        self.packets = self.octets = 0
        self.first = self.last = None

    def add(self, octets, time):
        self.packets += 1
        self.octets += octets
        self.first = self.first or time
        self.last = time


def frames(path):
    data = gzip.open(path).read()
    at = 24
    while at < len(data):
        seconds, us, have, _ = struct.unpack('<IIII', data[at:at + 16])
        yield seconds + us / 1e6, data[at + 16:at + 16 + have]
        at += 16 + have


def ends(proto, src, dst, payload):
    """A direction of a connection; other protocols have no ports."""
    ports = struct.unpack('>HH', payload[:4]) if proto in (TCP, UDP) else (0, 0)
    return proto, (src, ports[0]), (dst, ports[1])


def ip4(packet):
    header = (packet[0] & 15) * 4
    return (packet[9], str(ipaddress.ip_address(packet[12:16])),
            str(ipaddress.ip_address(packet[16:20])), packet[header:])


def ip6(packet):
    return (packet[6], str(ipaddress.ip_address(packet[8:24])),
            str(ipaddress.ip_address(packet[24:40])), packet[40:])


def cable(path):
    counts = collections.defaultdict(Count)
    for time, frame in frames(path):
        packet = frame[14:]
        if frame[12:14] == b'\x08\x00':
            octets = struct.unpack('>H', packet[2:4])[0]
            proto, src, dst, payload = ip4(packet)
        elif frame[12:14] == b'\x86\xdd':
            octets = struct.unpack('>H', packet[4:6])[0] + 40
            proto, src, dst, payload = ip6(packet)
        else:
            continue
        if proto == ICMP and payload[0] in ICMP_ERRORS:
            # Counts for the state whose packet it answers.
            _, a, b = ends(payload[8 + 9], *ip4(payload[8:])[1:])
            key = payload[8 + 9], b, a
        else:
            key = ends(proto, src, dst, payload)
        counts[key].add(octets, time)
    return counts


def host(fields, name):
    return fields[name], int(fields.get(name[:-3] + 'sport' if
                                        name.endswith('src') else
                                        name[:-3] + 'dport', 0))


def place(fields):
    """The cable of a record, and what its packets looked like there."""
    nat = 'nat' if 'natsrc' in fields else ''
    return ('outside' if nat else 'inside', int(fields['proto']),
            host(fields, nat + 'src'), host(fields, nat + 'dst'))


def records(path):
    """Sums of each direction of the states of each tuple."""
    sums = collections.defaultdict(list)
    for line in open(path):
        fields = dict(word.split('=', 1) for word in line.split())
        if int(fields['proto']) not in (ICMP, ICMP6):
            sums[place(fields), fields['direction']].append(fields)
    return sums


def near(name, got, wanted, bounds):
    off = got - (wanted - CLOCK)
    if not bounds[0] <= off <= bounds[1]:
        return ['%s is %.2f s off' % (name, off)]
    return []


def compare(count, parts, times):
    packets = sum(int(f['packets']) for f in parts)
    octets = sum(int(f['octets']) for f in parts)
    wrong = []
    if (packets, octets) != (count.packets, count.octets):
        wrong.append('%d packets, %d bytes, and on the cable %d, %d' % (
            packets, octets, count.packets, count.octets))
    if times:
        start = min(int(f['start']) for f in parts) / 1000
        end = max(int(f['end']) for f in parts) / 1000
        wrong += near('start', start, count.first, START)
        wrong += near('end', end, count.last, END)
    return wrong


def main():
    times = sys.argv[1] == '-t'
    inside, outside, path, least, *ports = sys.argv[1 + times:]
    cables = {'inside': cable(inside), 'outside': cable(outside)}
    compared = failed = 0
    for (where, direction), parts in records(path).items():
        name, *key = where
        count = cables[name].get(tuple(key))
        if count is None or {str(key[1][1]), str(key[2][1])} & set(ports):
            continue
        compared += 1
        for why in compare(count, parts, times):
            print('%s %s: %s' % (name, key, why))
            failed += 1
    if compared < int(least):
        print('%d compared, %s wanted' % (compared, least))
    sys.exit(failed > 0 or compared < int(least))


main()
