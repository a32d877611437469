# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# usage: load_run.py directory interface seconds [load ...]
#
# How much a daemon takes: pf's purge at once, six states in a frame and one;
# the rate up to which the kernel drops nothing; and as much as can be had,
# where it is the kernel that drops, and counts, while the daemon answers and
# does not grow.

import socket
import subprocess
import sys
import time

from stand import (Daemon, Device, Judge, Load, TOOLS, adds_up, verdict,
                   wait_until)

BURST = 10000
ENOUGH = 500000  # states a second that no kernel has room for here
FLOOD = 100000000  # a second: faster than anything
SLOW = 32          # collectors, which make it slow
ANSWER_S = 0.1     # as promised; machines of tests are noisy
ANSWER_WORST_S = 1.0
ALONE_SECONDS = 10 # from here on nothing else is to run on this machine
GROWTH_KIB = 1024


class Stand:
    """A daemon with a collector, from the beginning."""

    def __init__(self, directory, interface, others=0):
        self.device = Device(interface)
        self.judge = Judge(directory, 'load')
        self.unread = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.unread.bind(('127.0.0.1', 0))
        self.daemon = Daemon(
            directory, self.device, ['127.0.0.1 port %d' % self.judge.port] +
            ['127.0.0.1 port %d { engine id %d\n}' % (
                self.unread.getsockname()[1], n) for n in range(others)])
        self.slowest = 0.0
        for _ in range(5):
            self.ask()
        self.unladen, self.slowest = self.slowest, 0.0

    def ask(self):
        begin = time.monotonic()
        counters = self.daemon.counters()
        self.slowest = max(self.slowest, time.monotonic() - begin)
        return counters

    def memory(self):
        return [self.daemon.memory(pid) for pid in (self.daemon.pid,
                                                    self.daemon.engine())]

    def end(self):
        report = self.daemon.settled()
        status = self.daemon.stop()
        self.device.down()
        self.judge.down()
        if status != 0:
            raise AssertionError('exit status %s' % status)
        return report


def states_of(report, per_frame):
    """Seen, and lost by the kernel's count."""
    counters = report['counters']
    return counters['states'], per_frame * counters['kernel_dropped']


def burst(directory, interface, per_frame):
    """All is read into memory first, so that nothing paces it."""
    stand = Stand(directory, interface)
    frames = subprocess.run(
        [TOOLS + '/pfsyncgen', '-r', '-n', str(BURST), '-v', '3', '-k',
         str(per_frame)], capture_output=True, check=True).stdout
    begin = time.monotonic()
    stand.device.process.stdin.write(frames)
    stand.device.process.stdin.flush()
    took = time.monotonic() - begin
    wait_until('all', lambda: stand.ask().get('states', 0) >= BURST, 5)
    report = stand.end()
    seen, dropped = states_of(report, per_frame)
    records = report['collectors'][0]['counters']['records']
    print('burst of %d, %d a frame: %d ms, %d seen, %d dropped' % (
        BURST, per_frame, took * 1000, seen, dropped))
    if seen != BURST or dropped or stand.judge.records != records:
        return 'seen %d, dropped %d; records %d, arrived %d' % (
            seen, dropped, records, stand.judge.records)
    return None


def flood(directory, interface, states, rate, others=0):
    """So many a second, six in a frame; what was sent and its fate."""
    stand = Stand(directory, interface, others)
    Load(stand.device, 60000, FLOOD).wait()  # whatever memory it needs
    wait_until('some', lambda: stand.ask().get('states', 0) > 0)
    time.sleep(0.5)
    before = stand.memory()
    begin = time.monotonic()
    load = Load(stand.device, states, rate)
    while load.pacer.poll() is None:
        stand.ask()
        time.sleep(0.02)
    sent = load.wait()
    took = time.monotonic() - begin
    after = stand.memory()
    report = stand.end()
    return stand, 60000 + sent, sent / took, report, [
        b - a for a, b in zip(before, after)]


def wrong(stand, sent, report, growth):
    seen, dropped = states_of(report, 6)
    if seen + dropped != sent:
        return 'sent %d, seen %d, dropped %d' % (sent, seen, dropped)
    if not adds_up(report):
        return 'the accounting does not add up'
    # Other tests may run on this machine as well.
    if stand.slowest > ANSWER_WORST_S + 10 * stand.unladen:
        return 'an answer took %.2f s' % stand.slowest
    if max(growth) > GROWTH_KIB:
        return 'it grew by %s KiB' % growth
    return None


def show(what, stand, sent, rate, report, growth):
    _, dropped = states_of(report, 6)
    row = report['collectors'][0]['counters']
    print('%-20s %9d states/s %9d sent %9d dropped by the kernel, '
          '%d records by us; slowest answer %d ms%s; grew %s KiB' % (
              what, rate, sent, dropped, row['records_dropped'],
              stand.slowest * 1000,
              '' if stand.slowest <= ANSWER_S else ' (over 100)', growth))


def highest(directory, interface, seconds):
    """Until the kernel drops, or no more can be had."""
    rate, best = 100000, 0
    while True:
        result = flood(directory, interface, rate * seconds, rate)
        why = wrong(result[0], result[1], result[3], result[4])
        if why or states_of(result[3], 6)[1] or result[2] < rate * 0.8:
            break
        best = rate
        rate *= 3
    show('up to', *result)
    print('no drop at %d states/s' % best)
    if not why and not best and seconds >= ALONE_SECONDS:
        return 'drops at %d states/s' % rate
    return why


def all_there_is(directory, interface, seconds):
    result = flood(directory, interface, 2000000 * seconds, FLOOD, SLOW)
    show('%d collectors' % (SLOW + 1), *result)
    why = wrong(result[0], result[1], result[3], result[4])
    # A machine that is busy with other tests may not send as fast as that.
    if not why and not states_of(result[3], 6)[1] and result[2] > ENOUGH:
        return 'the kernel had room for everything'
    return why


def main():
    directory, interface, seconds = sys.argv[1:3] + [int(sys.argv[3])]
    wanted = sys.argv[4:]
    for name, test in (
            ('a burst, six states a frame',
             lambda: burst(directory, interface, 6)),
            ('a burst, a state a frame',
             lambda: burst(directory, interface, 1)),
            ('the highest rate without drops',
             lambda: highest(directory, interface, seconds)),
            ('more than there is time for',
             lambda: all_there_is(directory, interface, seconds))):
        if not wanted or any(w in 'load: ' + name for w in wanted):
            verdict('load: ' + name, test())


main()
