# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# usage: live_run.py directory interface
#
# Rows of the bench: the highest rate on an interface that nothing is lost at,
# beside that of a loop which only counts frames; what pflowd costs at a rate
# that firewalls have, and when nothing happens; and its memory.

import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + '/../system/faults')

from stand import Daemon, Device, TOOLS, wait_until

BENCH = 'tests/bench'
STATES_A_FRAME = 6
BEGIN = 1000000  # states a second
STEP = 1.5
SECONDS = 1
TRIES = 3
TYPICAL = 2000
TYPICAL_S = 10
IDLE_S = 5
TICKS = os.sysconf('SC_CLK_TCK')


def row(what, figure, beside='', ratio=None, goal=None):
    print('%-32s %11s %11s %6s %6s' % (
        what, figure, beside, '' if ratio is None else '%.2f' % ratio,
        '' if goal is None else goal), flush=True)


class Frames:
    """Raw frames in a file, so that making them takes no time."""

    def __init__(self, directory, states):
        self.path = '%s/frames.%d' % (directory, states)
        self.states = states
        with open(self.path, 'wb') as file:
            subprocess.run([TOOLS + '/pfsyncgen', '-r', '-n', str(states),
                            '-v', '3', '-k', str(STATES_A_FRAME)],
                           stdout=file, check=True)

    def play(self, device, rate):
        """The rate that came of it."""
        device.process.stdin.write(b'%d %s\n' % (rate, self.path.encode()))
        device.process.stdin.flush()
        return self.states / float(device.process.stdout.readline())


class Sink:
    def __init__(self):
        self.process = subprocess.Popen([BENCH + '/udpsink'],
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def end(self):
        self.process.terminate()
        self.process.communicate()


def bare_loses(directory, device, frames, rate):
    """What the kernel dropped, and the rate."""
    loop = subprocess.Popen([BENCH + '/pcapcount', device.name],
                            stdout=subprocess.PIPE, text=True)
    loop.stdout.readline()
    reached = frames.play(device, rate)
    time.sleep(0.2)
    loop.terminate()
    seen, dropped = map(int, loop.communicate()[0].split())
    return dropped or seen * STATES_A_FRAME < frames.states, reached


def daemon_loses(directory, device, frames, rate):
    sink = Sink()
    daemon = Daemon(directory, device, ['127.0.0.1 port %d' % sink.port])
    reached = frames.play(device, rate)
    report = daemon.settled()
    daemon.stop()
    sink.end()
    counters = report['counters']
    lost = report['collectors'][0]['counters']['records_dropped']
    return (counters['kernel_dropped'] or lost or
            counters['states'] < frames.states), reached


def highest(loses, directory, device):
    """The highest rate without loss, and whether there was more to be had."""
    rate, best = BEGIN, 0
    while True:
        frames = Frames(directory, int(rate * SECONDS))
        tries = [loses(directory, device, frames, rate) for _ in range(TRIES)]
        os.unlink(frames.path)
        reached = [r for lost, r in tries if not lost]
        if not reached:
            return best, True
        best = max(best, *reached)
        if max(reached) < rate * 0.9:
            return best, False
        rate *= STEP


def live(directory, interface):
    device = Device(interface, '-c')
    ours, more_of_ours = highest(daemon_loses, directory, device)
    bare, more = highest(bare_loses, directory, device)
    device.down()
    row('live without loss (a bare loop)', '%.2f M/s' % (ours / 1e6),
        '%.2f M/s' % (bare / 1e6), ours / bare, '>0.8')
    if not more and not more_of_ours:
        print('  (neither lost any: no more frames could be had here)')


class Process:
    """What a process has taken so far."""

    def __init__(self, pid):
        self.pid = pid

    def seconds(self):
        fields = open('/proc/%d/stat' % self.pid).read().split(') ')[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def wakeups(self):
        for line in open('/proc/%d/status' % self.pid):
            if line.startswith('voluntary_ctxt_switches'):
                return int(line.split()[1])


def taken(processes, seconds, meanwhile):
    """CPU of a second, in percent of a core, and wakeups in a second."""
    before = [(p.seconds(), p.wakeups()) for p in processes]
    begin = time.monotonic()
    meanwhile(seconds)
    took = time.monotonic() - begin
    after = [(p.seconds(), p.wakeups()) for p in processes]
    return (100 * sum(a[0] - b[0] for a, b in zip(after, before)) / took,
            sum(a[1] - b[1] for a, b in zip(after, before)) / took)


def quiet(directory, interface):
    device = Device(interface, '-c')
    sink = Sink()
    daemon = Daemon(directory, device, ['127.0.0.1 port %d' % sink.port])
    pids = [daemon.pid, daemon.engine()]
    processes = [Process(pid) for pid in pids]
    time.sleep(2)
    cpu, wakeups = taken(processes, IDLE_S, time.sleep)
    row('idle (wakeups)', '%.1f %% CPU' % cpu, '%.1f wake/s' % wakeups)
    frames = Frames(directory, TYPICAL * TYPICAL_S)
    cpu, wakeups = taken(processes, TYPICAL_S,
                         lambda _: frames.play(device, TYPICAL))
    row('%d states a second (wakeups)' % TYPICAL, '%.1f %% CPU' % cpu,
        '%.1f wake/s' % wakeups, None, '<1 %')
    Frames(directory, 6000000).play(device, BEGIN * 10)
    daemon.settled()
    row('memory of parent (engine), MiB', *(
        '%.1f' % (daemon.memory(pid) / 1024) for pid in pids), None, '<4')
    daemon.stop()
    sink.end()
    device.down()


def main():
    directory, interface = sys.argv[1:]
    live(directory, interface)
    quiet(directory, interface)


for number in signal.SIGINT, signal.SIGTERM:
    signal.signal(number, lambda *_: sys.exit(1))
main()
