# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# usage: compare.py directory port packets octets protocol
#
# What each collector of others understood of one run, reduced to the same rows
# and held against each other and against the sums that were made: a table in
# Markdown.  Exit 1 if they do not agree.

import csv
import json
import re
import socket
import subprocess
import sys

FLAGS = 'UAPRSF'


def protocol(text):
    return int(text) if text.isdigit() else socket.getprotobyname(text)


def flags_of_letters(text):
    return sum(32 >> FLAGS.index(c) for c in text if c in FLAGS)


def epoch(text):
    """Of nfdump's local time, with milliseconds."""
    from datetime import datetime
    return datetime.fromisoformat(text).timestamp()


def epoch_of_tshark(text):
    """Of "Nov 14, 2023 22:13:20.250000000 UTC"."""
    from datetime import datetime, timezone
    day, fraction = text.split(' UTC')[0].split('.')
    at = datetime.strptime(day, '%b %d, %Y %H:%M:%S')
    return at.replace(tzinfo=timezone.utc).timestamp() + float(
        '0.' + fraction)


def nfdump(directory, port):
    out = subprocess.run('nfdump -q -o json -r %s/nf/nfcapd.2*' % directory,
                         shell=True, capture_output=True, text=True).stdout
    for f in json.loads(out if out.lstrip().startswith('[')
                        else '[' + out.strip().rstrip(',') + ']'):
        yield (f['src4_addr'], f['dst4_addr'], f.get('src_port', 0),
               f.get('dst_port', 0), f['proto'], f['in_packets'],
               f['in_bytes'], epoch(f['first']), epoch(f['last']),
               flags_of_letters(f.get('tcp_flags', '')))


def nfacctd(directory, port):
    with open(directory + '/nfacctd.csv') as file:
        for f in csv.DictReader(file):
            if f['SRC_IP'] == 'SRC_IP':
                continue
            yield (f['SRC_IP'], f['DST_IP'], int(f['SRC_PORT']),
                   int(f['DST_PORT']), protocol(f['PROTOCOL']),
                   int(f['PACKETS']), int(f['BYTES']),
                   float(f['TIMESTAMP_START']), float(f['TIMESTAMP_END']),
                   int(f['TCP_FLAGS']))


def column_times(c):
    """When flows began and ended: of SysUptime, or of the epoch (IPFIX)."""
    if c['abstimestart'][0]:
        return [[epoch_of_tshark(t) for t in c[name]]
                for name in ('abstimestart', 'abstimeend')]
    boot = (int(c['unix_secs'][0]) + int(c['unix_nsecs'][0] or 0) / 1e9 -
            float(c['sysuptime'][0]))
    return [[boot + float(t) for t in c[name]]
            for name in ('timestart', 'timeend')]


def tshark(directory, port):
    fields = ['sysuptime', 'unix_secs', 'unix_nsecs', 'timestart', 'timeend',
              'abstimestart', 'abstimeend', 'srcaddr', 'dstaddr', 'srcport',
              'dstport', 'protocol', 'packets', 'octets', 'tcpflags']
    command = ['tshark', '-r', directory + '/run.pcap', '-d',
               'udp.port==%s,cflow' % port, '-Y', 'cflow.octets', '-T',
               'fields', '-E', 'aggregator=;']
    for field in fields:
        command += ['-e', 'cflow.' + field]
    out = subprocess.run(command, capture_output=True, text=True).stdout
    for line in out.splitlines():
        c = dict(zip(fields, [f.split(';') for f in line.split('\t')]))
        starts, ends = column_times(c)
        for r in zip(*[c[name] for name in fields[7:]], starts, ends):
            yield (r[0], r[1], int(r[2]), int(r[3]), int(r[4]), int(r[5]),
                   int(r[6]), r[8], r[9], int(r[7], 0))


def scapy_datagrams(directory):
    from scapy.layers.inet import UDP
    from scapy.layers.netflow import NetflowHeader
    from scapy.utils import rdpcap
    for packet in rdpcap(directory + '/run.pcap'):
        yield NetflowHeader(bytes(packet[UDP].payload))


def scapy(directory, port):
    """Its versions 9 and 10 are for sessions that it captures itself."""
    from scapy.layers.netflow import NetflowRecordV5
    for header in scapy_datagrams(directory):
        if header.version != 5:
            raise ImportError('of version %d' % header.version)
        v5 = header.payload
        boot = v5.unixSecs + v5.unixNanoSeconds / 1e9 - v5.sysUptime / 1e3
        r = header.getlayer(NetflowRecordV5)
        while r:
            yield (r.src, r.dst, r.srcport, r.dstport, r.prot, r.dpkts,
                   r.dOctets, boot + r.first / 1e3, boot + r.last / 1e3,
                   int(r.tcpFlags))
            r = r.payload.getlayer(NetflowRecordV5)


def version(*command):
    p = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r'\d+(\.\d+)+', p.stdout + p.stderr)
    return found.group() if found else ''


def scapy_version():
    import scapy as package
    return package.VERSION


JUDGES = [
    ('nfcapd, nfdump', nfdump, lambda: version('nfdump', '-V')),
    ('nfacctd', nfacctd, lambda: version('nfacctd', '-V')),
    ('tshark', tshark, lambda: version('tshark', '-v')),
    ('scapy', scapy, scapy_version),
]


def differs(a, b):
    """What is not the same in two rows; times agree within a second."""
    return a[:7] + a[9:] != b[:7] + b[9:] or any(
        abs(x - y) > 1 for x, y in zip(a[7:9], b[7:9]))


def main():
    directory, port, packets, octets, protocol = sys.argv[1:]
    sums = int(packets), int(octets)
    reference = None
    good = True
    for name, read, version_of in JUDGES:
        try:
            rows = sorted(read(directory, port))
        except (ImportError, FileNotFoundError) as e:
            print('%s: no judge here: %s' % (name, e), file=sys.stderr)
            continue
        reference = reference or rows
        wrong = [(a, b) for a, b in zip(rows, reference) if differs(a, b)]
        agrees = (not wrong and len(rows) == len(reference) > 0 and
                  sums == (sum(r[5] for r in rows), sum(r[6] for r in rows)))
        good = good and agrees
        print('| %s | %s | %s | %d | %d | %d | %s |' % (
            protocol, name, version_of(), len(rows), sum(r[5] for r in rows),
            sum(r[6] for r in rows), 'yes' if agrees else 'NO'))
        for a, b in wrong[:5]:
            print('%s has %s\n   others %s' % (name, a, b), file=sys.stderr)
    sys.exit(0 if good and reference else 1)


main()
