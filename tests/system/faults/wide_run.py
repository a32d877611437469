# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# usage: wide_run.py directory interface [name ...]
#
# Show, reload and TERM while the counters of forged states are split: live, and
# in a replay.

import os
import re
import signal
import socket
import subprocess
import sys
import time

from stand import (Daemon, Device, PFLOWD, TOOLS, InVain, adds_up, verdict,
                   wait_until)

PARTS = 65536  # the most that a direction is split into
STATES = 37    # of a frame that the device takes
FRAMES = 20
COLLECTORS, LEFT = 64, 32  # as many as there may be, and after a reload
ANSWER_S = 1.0


def forged(*options):
    """The frames, as pfsyncgen writes them."""
    state = 'state dir=in proto=udp packets=%d,%d bytes=%d,%d\n' % (
        (PARTS, PARTS, PARTS * 0xffffffff, PARTS * 0xffffffff))
    return subprocess.run(
        [TOOLS + '/pfsyncgen', *options], check=True, capture_output=True,
        input=(('frame version=3\n' + STATES * state) * FRAMES).encode()
    ).stdout


class Sinks:
    """Collectors that nobody reads."""

    def __init__(self, n):
        self.sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                        for _ in range(n)]
        for s in self.sockets:
            s.bind(('127.0.0.1', 0))

    def collectors(self, n):
        return ['127.0.0.1 port %d' % s.getsockname()[1]
                for s in self.sockets[:n]]


class Clock:
    """How long everything may take: as promised, and more on a busy machine."""

    def __init__(self, ask):
        self.limit = ANSWER_S + 10 * max(self.time(ask) for _ in range(5))
        self.slow = []

    @staticmethod
    def time(action):
        begin = time.monotonic()
        action()
        return time.monotonic() - begin

    def limited(self, what, action):
        took = self.time(action)
        print('%s: %d ms' % (what, 1000 * took))
        if took > self.limit:
            self.slow.append('%s took %.1f s' % (what, took))

    def wrong(self):
        return ', '.join(self.slow)


def succeeds(out):
    if out.returncode != 0:
        raise InVain('an answer: ' + out.stderr)


def splits(report):
    return report and any(row['counters']['records'] > 0
                          for row in report['collectors'])


def amid(report):
    """That there is more to build, and all that is there adds up."""
    for row in report['collectors']:
        if row['counters']['records'] >= FRAMES * STATES * 2 * PARTS:
            raise InVain('a split that goes on')
    if not adds_up(report):
        raise InVain('sums that agree')


def last_rows(text, name, n):
    """The n last in the account."""
    return [int(n) for n in re.findall(r'  %s +(\d+)\n' % re.escape(name),
                                       text)][-n:]


def end_wrong(text, collectors):
    """What was not built is counted as built and dropped."""
    built, octets, splits, queued = [
        last_rows(text, name, collectors) for name in (
            'records built', 'octets built', 'directions split into records',
            'records queued')]
    # Of each collector those of records, and those of octets.
    sent, dropped = [last_rows(text, name, 2 * collectors) for name in (
        'sent', 'dropped: queue full, or at stop')]
    if not all(splits) or built != [PARTS * n for n in splits]:
        return 'records built: %s of %s splits' % (built, splits)
    both = [n for pair in zip(built, octets) for n in pair]
    if both != [s + d for s, d in zip(sent, dropped)] or any(queued):
        return 'built %s, sent %s, dropped %s' % (both, sent, dropped)
    return ''


def live(directory, interface):
    sinks = Sinks(COLLECTORS)
    device = Device(interface)
    daemon = Daemon(directory, device, sinks.collectors(COLLECTORS))
    clock = Clock(daemon.report)
    device.process.stdin.write(forged('-r'))
    device.process.stdin.flush()
    wait_until('a split', lambda: splits(daemon.report()))
    clock.limited('show', lambda: succeeds(daemon.ctl('show')))
    clock.limited('reload', lambda: succeeds(daemon.ctl('reload')))
    daemon.configure(device, sinks.collectors(LEFT))
    clock.limited('reload without half', lambda: succeeds(daemon.ctl('reload')))
    report = daemon.report()
    amid(report)
    if report['counters']['records_left'] == 0:
        raise InVain('records of those that went')
    before = report['collectors'][0]['counters']['records']
    wait_until('more of the same', lambda: daemon.report()['collectors'][0][
        'counters']['records'] > before)
    amid(daemon.report())
    clock.limited('TERM', lambda: print('exit status', daemon.stop()))
    device.down()
    if daemon.process.returncode != 0:
        return 'exit status %s' % daemon.process.returncode
    return clock.wrong() or end_wrong(open(daemon.log).read(), LEFT)


class Replay(Daemon):
    """Of a capture file."""

    def __init__(self, directory, capture, collectors):
        self.socket = directory + '/replay.sock'
        self.log = directory + '/replay.log'
        self.process = subprocess.Popen(
            [PFLOWD, '-r', capture, '-s', self.socket,
             *(word for c in collectors
               for word in ('-e', c.replace(' port ', ':')))],
            stdout=subprocess.DEVNULL, stderr=open(self.log, 'w'))
        self.pid = self.process.pid


def replay(directory, _):
    capture = directory + '/forged.pcap'
    with open(capture, 'wb') as file:
        file.write(forged())
    sinks = Sinks(COLLECTORS)
    daemon = Replay(directory, capture, sinks.collectors(COLLECTORS))
    wait_until('a split', lambda: splits(daemon.report()))
    clock = Clock(lambda: None)
    clock.limited('show', lambda: succeeds(daemon.ctl('show')))
    clock.limited('reload', lambda: daemon.ctl('reload'))
    amid(daemon.report())
    clock.limited('TERM', lambda: print('exit status', daemon.stop()))
    if daemon.process.returncode != 1:
        return 'exit status %s' % daemon.process.returncode
    return clock.wrong() or end_wrong(open(daemon.log).read(), COLLECTORS)


def main():
    directory, interface = sys.argv[1:3]
    wanted = sys.argv[3:]
    for name, test in ('live', live), ('replay', replay):
        if wanted and not any(w in name for w in wanted):
            continue
        try:
            why = test(directory, interface)
        except Exception as e:  # the next one is another test
            why = repr(e)
        verdict('wide counters: ' + name, why)


main()
