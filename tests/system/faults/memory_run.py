# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# usage: memory_run.py directory interface stride [sweep ...]
#
# Every allocation is refused in turn: the first, the second ... until one has
# been passed over that was never asked for; of a start every so many.  A
# start may fail, and says so; a daemon that runs goes on, keeps or takes a whole
# configuration, answers or hangs up, and loses no memory by it.

import subprocess
import sys
import time

from stand import (BLOCKS, Daemon, Device, ENGINE, FAIL, FAILED, Faults,
                   InVain, PARENT, PFLOWD, TOOLS, verdict, wait_until)

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


def start_or_end(daemon):
    """Whether it runs, at last."""
    wait_until('a start, or its end', lambda:
               daemon.process.poll() is not None or daemon.answers(), 10)
    said = open(daemon.log).read()
    if daemon.process.poll() not in (None, 1) or (
            'signal' in said and 'killing it' not in said):
        raise Wrong('it ended with %s: %s' % (daemon.process.poll(), said))
    if daemon.process.poll() == 1:
        if not any(w in said.lower() for w in ('memory', 'malloc')):
            raise Wrong('it does not say why it fails: ' + said)
        return False
    if daemon.stop() != 0:
        raise Wrong('it does not end well')
    return True


def sweep_start(faults, stride, directory, interface, process):
    device = Device(interface)
    sweep = Sweep(faults, process, stride)
    failed = 0
    try:
        for n in sweep:
            daemon = Daemon(directory, device, Running.ONE, CONF, faults,
                            wait=False)
            try:
                failed += not start_or_end(daemon)
            except (Wrong, InVain, subprocess.TimeoutExpired) as e:
                raise Wrong('allocation %d: %s' % (n, e))
            finally:
                daemon.stop()
    finally:
        device.down()
    return '%d refused, %d of these fatal' % (sweep.refused, failed)


class Running:
    """A daemon, and what it holds when it has nothing to do."""

    ONE = ['127.0.0.1 port 9']
    TWO = ONE + ['127.0.0.1 port 9 { engine id 1\nignore proto icmp\n}']

    def __init__(self, directory, interface, faults):
        self.faults = faults
        self.device = Device(interface)
        self.daemon = Daemon(directory, self.device, self.ONE, CONF, faults)
        for _ in range(3):
            self.reload(self.TWO)
            self.daemon.answers()
            self.reload(self.ONE)
            self.daemon.answers()
            self.reload(self.ONE)
        self.engine = self.daemon.engine()
        self.blocks = self.settled()

    def now(self):
        return [self.faults.get(p, BLOCKS) for p in (PARENT, ENGINE)]

    def settled(self):
        while True:
            before = self.now()
            time.sleep(0.2)
            if self.now() == before:
                return before

    def reload(self, collectors):
        self.daemon.configure(self.device, collectors, CONF)
        while True:
            out = self.daemon.ctl('reload')
            if 'too many reloads' not in out.stderr:
                break
            time.sleep(0.1)  # as the daemon asks
        if out.returncode != 0:
            raise Wrong('a reload fails with all its memory: ' + out.stderr)

    def check(self):
        """Whether it has no more memory than it had; all else is as it was."""
        if self.daemon.process.poll() is not None:
            raise Wrong('it ended: ' + open(self.daemon.log).read()[-500:])
        wait_until('an answer', self.daemon.answers)
        self.reload(self.ONE)
        engine = self.daemon.engine()
        if engine != self.engine:
            raise Wrong('engine exited unexpectedly: ' +
                        open(self.daemon.log).read()[-500:])
        try:
            wait_until('its memory', lambda: self.now() == self.blocks, 1)
            return True
        except InVain:
            self.blocks = self.settled()
            return False

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.faults.set(PARENT, FAIL, 0)
        self.faults.set(ENGINE, FAIL, 0)
        status = self.daemon.stop()
        self.device.down()
        if not error and status != 0:
            raise Wrong('exit status %s' % status)


def again(running, process, n, act):
    """What a library keeps once, it does not keep twice."""
    running.faults.set(process, FAIL, n)
    act()
    running.faults.set(process, FAIL, 0)
    return running.check()


def sweep_running(running, process, stride, act):
    """act returns whether it went well."""
    sweep = Sweep(running.faults, process, stride)
    failed = 0
    for n in sweep:
        try:
            if not act():
                failed += 1
            running.faults.set(process, FAIL, 0)
            if not running.check() and not again(running, process, n, act):
                raise Wrong('it keeps more memory every time')
        except (Wrong, InVain) as e:
            raise Wrong('allocation %d: %s' % (n, e))
        except subprocess.TimeoutExpired as e:
            raise Wrong('allocation %d: no answer to %s' % (
                n, ' '.join(e.cmd[3:])))
    return sweep.refused, failed


def ctl_ends(running, *words):
    out = running.daemon.ctl(*words, timeout=5)
    if out.returncode == 1 and not out.stderr + out.stdout:
        raise Wrong('a failure without a word')
    return out.returncode == 0


def sweep_reload(faults, stride, directory, interface, process):
    with Running(directory, interface, faults) as running:
        def act():
            running.daemon.configure(running.device, running.TWO, CONF)
            return ctl_ends(running, 'reload')
        refused, failed = sweep_running(running, process, stride, act)
    return '%d refused, %d reloads failed' % (refused, failed)


COMMANDS = ['show', 'show collectors', 'show counters', 'show interfaces',
            'show rules', 'show config', 'show metrics', 'log verbose',
            'log brief', 'test']


def sweep_commands(faults, stride, directory, interface):
    refused = failed = 0
    with Running(directory, interface, faults) as running:
        for command in COMMANDS:
            r, f = sweep_running(running, ENGINE, stride,
                                 lambda: ctl_ends(running, *command.split()))
            refused += r
            failed += f
    return '%d refused, %d commands failed' % (refused, failed)


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
        ('start: parent', sweep_start, (directory, interface, PARENT)),
        ('start: engine', sweep_start, (directory, interface, ENGINE)),
        ('reload: parent', sweep_reload, (directory, interface, PARENT)),
        ('reload: engine', sweep_reload, (directory, interface, ENGINE)),
        ('commands', sweep_commands, (directory, interface)),
    ]
    for name, sweep, arguments in sweeps:
        if wanted and not any(w in 'memory refused: ' + name for w in wanted):
            continue
        why = None
        try:
            faults = Faults(directory + '/faults')
            step = stride if sweep == sweep_start else 1
            print('%-31s %s' % (name, sweep(faults, step, *arguments)))
        except (Wrong, InVain, subprocess.TimeoutExpired) as e:
            why = str(e)
        verdict('memory refused: ' + name, why)


main()
