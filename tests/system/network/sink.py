#!/usr/bin/env python3
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
"""sink.py PORT FILE: a collector that writes a line for each datagram: the
address it comes from, its version, its records (of version 5), its sequence
and its bytes."""

import socket
import struct
import sys

SEQUENCE = {5: 16, 9: 12, 10: 8}


def main():
    sink = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sink.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    sink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    sink.bind(('::', int(sys.argv[1])))
    with open(sys.argv[2], 'w', buffering=1) as out:
        out.write('ready\n')
        while True:
            data, peer = sink.recvfrom(65536)
            version, count = struct.unpack('!HH', data[:4])
            sequence, = struct.unpack_from('!I', data, SEQUENCE[version])
            source = peer[0].removeprefix('::ffff:').split('%')[0]
            out.write('%s %d %d %d %d\n' % (
                source, version, count if version == 5 else 0, sequence,
                len(data)))


main()
