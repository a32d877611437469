# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# usage: memory_run.py directory interface stride [sweep ...]
#
# Every allocation is refused in turn: the first, the second ... until one has
# been passed over that was never asked for; with a stride, every so many.  A
# start may fail, and says so.

import subprocess
import sys

from stand import (FAIL, FAILED, Faults, InVain, PARENT, PFLOWD, TOOLS,
                   verdict)

CONF = ['ignore proto { 250 251 }',
        'export on { em0 em1 } from self to { 192.0.2.0/24 198.51.100.1 }',
        'ifindex em7 3']


class Wrong(Exception):
    pass


class Sweep:
    """n goes on until an allocation of that number is not asked for."""

    def __init__(self, faults, process, stride):
        self.faults, self.process, self.stride = faults, process, stride
        self.n = 0
        self.refused = 0

    def __iter__(self):
        n = 1
        while True:
            before = self.faults.get(self.process, FAILED)
            self.faults.set(self.process, FAIL, n)
            self.n = n
            yield n
            self.faults.set(self.process, FAIL, 0)
            if self.faults.get(self.process, FAILED) == before:
                return
            self.refused += 1
            n += self.stride


def run(faults, *arguments):
    return subprocess.run([PFLOWD, *arguments], capture_output=True, text=True,
                          env=faults.environment(), timeout=10)


def same_or_says(out, wanted):
    if out.returncode not in (0, 1):
        raise Wrong('it ended with %d: %s' % (out.returncode, out.stderr))
    if out.returncode == 1 and 'memory' not in out.stderr.lower():
        raise Wrong('it does not say why it fails: ' + out.stderr)
    if out.returncode == 0 and out.stdout != wanted:
        raise Wrong('it succeeds, and says less')


def sweep_once(faults, stride, *arguments):
    """A program that comes to its end."""
    wanted = run(faults, *arguments)
    if wanted.returncode != 0:
        raise Wrong('with all its memory: ' + wanted.stderr)
    sweep = Sweep(faults, PARENT, stride)
    ends = [0, 0]
    for n in sweep:
        out = run(faults, *arguments)
        try:
            same_or_says(out, wanted.stdout)
        except Wrong as e:
            raise Wrong('allocation %d: %s' % (n, e))
        ends[out.returncode == 1] += 1
    return '%d refused, %d of these fatal' % (sweep.refused, ends[1])


def main():
    directory, interface, stride = sys.argv[1:3] + [int(sys.argv[3])]
    wanted = sys.argv[4:]
    conf, capture = directory + '/once.conf', directory + '/once.pcap'
    with open(conf, 'w') as file:
        file.write('\n'.join(['collector 127.0.0.1 port 9', *CONF, '']))
    with open(capture, 'wb') as file:
        subprocess.run([TOOLS + '/pfsyncgen', '-n', '30', '-v', '3'],
                       stdout=file)
    sweeps = [
        ('check of a configuration', sweep_once, ('-n', '-v', '-f', conf)),
        ('replay', sweep_once, ('-r', capture, '-f', conf)),
        ('replay to standard output', sweep_once, ('-r', capture)),
    ]
    for name, sweep, arguments in sweeps:
        if wanted and not any(w in 'memory refused: ' + name for w in wanted):
            continue
        why = None
        try:
            faults = Faults(directory + '/faults')
            print('%-31s %s' % (name, sweep(faults, stride, *arguments)))
        except (Wrong, InVain, subprocess.TimeoutExpired) as e:
            why = str(e)
        verdict('memory refused: ' + name, why)


main()
