# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# usage: starts_run.py directory interface [name ...]
#
# Engines that cannot be started, a daemon that is ended while it starts, and
# processes that outlive their engine.

import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + '/../faults')

from stand import (Daemon, Device, Faults, InVain, Load, PFLOWD, TOOLS, skip,
                   verdict, wait_until)

COLLECTOR = '127.0.0.1 port 9'
PR_SET_CHILD_SUBREAPER = 36
SURVIVOR = 28  # the number of this attempt in tests/tools/compromised.c
HEALTHY = 61    # seconds after which an engine was healthy
FAULTS = TOOLS + '/faults.so'


def limit_descriptors(pid, limit):
    subprocess.run(['prlimit', '--pid', str(pid), '--nofile=%d:' % limit],
                   check=True)


def lasting_descriptors(pid):
    """How many are open; some may be so for a moment alone."""
    counts = []
    for _ in range(10):
        counts.append(len(os.listdir('/proc/%d/fd' % pid)))
        time.sleep(0.01)
    return min(counts)


class Started:
    """A daemon, on a clock of its own, with a binary of its own."""

    def __init__(self, directory, interface, program=PFLOWD,
                 collectors=(COLLECTOR,), **more):
        self.device = Device(interface)
        self.program = directory + '/pflowd'
        shutil.copy(program, self.program)
        self.faults = None
        self.uptime = 0
        if os.path.exists(FAULTS):
            self.faults = Faults(directory + '/faults')
        self.daemon = Daemon(directory, self.device, collectors,
                             faults=self.faults, program=self.program, **more)
        wait_until('a parent that knows of its engine',
                   lambda: self.daemon.says('listening on'))

    def pass_time(self, seconds):
        """The parent looks at the clock when a signal wakes it up."""
        self.uptime += seconds
        self.faults.uptime(self.uptime)
        os.kill(self.daemon.pid, signal.SIGUSR1)

    def kill_engine(self):
        os.kill(self.daemon.engine(), signal.SIGKILL)

    def log_after(self, at):
        return open(self.daemon.log).read()[at:]

    def backs_off(self, failure, delays, restore):
        """Kill an engine that was healthy.  The next one fails to start, at
        once and after each delay; restore() mends it amid the last.  The
        counters, which pass_time() asks for, are logged then."""
        self.pass_time(HEALTHY)
        at = len(self.log_after(0))
        self.kill_engine()
        for n, seconds in enumerate(delays):
            wait_until('a delay of %d s' % seconds, lambda: (
                'restarting the engine in %d s' % seconds in
                self.log_after(at)))
            said = self.log_after(at)
            if said.count(failure) != n + 1:
                raise InVain('before the delay of %d s it failed %d times' % (
                    seconds, said.count(failure)))
            if n == len(delays) - 1:
                restore()
            self.pass_time(seconds)
        wait_until('a new engine', self.daemon.answers)
        wait_until('the counters', lambda: re.search(
            'running again.*frames the kernel received', self.log_after(at),
            re.DOTALL))
        said = self.log_after(at)
        told = [int(s) for s in re.findall(r'restarting the engine in (\d+)',
                                           said)]
        if told != delays:
            raise InVain('delays: %s' % told)

    def end(self):
        status = self.daemon.stop()
        self.device.down()
        if status != 0:
            raise InVain('exit status %s' % status)


def no_descriptors(directory, interface):
    s = Started(directory, interface)
    pid = s.daemon.pid
    limit_descriptors(pid, lasting_descriptors(pid))
    s.backs_off('cannot start the engine: Too many open files', [1, 2, 4, 8],
                lambda: limit_descriptors(pid, 512))
    s.end()


def no_binary(directory, interface):
    s = Started(directory, interface)
    gone = s.program + '.gone'
    os.rename(s.program, gone)
    s.backs_off('%s: No such file or directory' % s.program, [1, 2, 4, 8],
                lambda: os.rename(gone, s.program))
    s.end()


def engine_hangs(directory, interface):
    """For as long as a healthy one lives; but it was not, so the next waits."""
    s = Started(directory, interface)
    s.pass_time(HEALTHY)
    os.rename(s.program, s.program + '.good')
    write_mute(s.program)
    s.kill_engine()
    wait_until('an engine', lambda: os.path.exists(s.program + '.runs'))
    os.rename(s.program + '.good', s.program)
    s.pass_time(HEALTHY)
    wait_until('its end', lambda: s.daemon.says('start or stop in time'))
    wait_until('a delay', lambda: s.daemon.says('restarting the engine in 1 s'))
    s.pass_time(1)
    wait_until('a new engine', s.daemon.answers)
    s.end()


def write_mute(path):
    """A program that is no engine, and notes that it runs."""
    with open(path, 'w') as file:
        file.write('#!/bin/sh\necho >%s.runs\nexec sleep 1000\n' % path)
    os.chmod(path, 0o700)


def ended_early(directory, interface, start):
    """It leaves nothing, and what it leaves for a moment becomes our child."""
    conf, sock = directory + '/early.conf', directory + '/early.sock'
    with open(conf, 'w') as file:
        file.write('interface %s linktype pfsync\nsocket "%s"\n'
                   'collector %s\n' % (interface, sock, COLLECTOR))
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    status = start(directory, conf)
    left = []
    wait_until('the end of the daemon', lambda: not has_child(left))
    # Before the signal is passed on, the daemon may have become ready.
    if status not in (0, 1) or left != [0]:
        raise InVain('exit status %s, of the daemon %s' % (status, left))
    for path in sock, '/var/run/pflowd.pid':
        if os.path.exists(path):
            raise InVain(path + ' is left')


def with_pending(signo):
    """The signal is held back when the program begins, until it has forked."""
    def hold_signal():
        signal.pthread_sigmask(signal.SIG_BLOCK, {signo})
        os.kill(os.getpid(), signo)
    return lambda directory, conf: subprocess.run(
        [PFLOWD, '-f', conf], preexec_fn=hold_signal,
        stderr=subprocess.DEVNULL).returncode


def with_mute_engine(directory, conf):
    """The daemon waits for its engine, and the first process for the daemon."""
    mute = directory + '/mute'
    write_mute(mute)
    first = subprocess.Popen([mute, '-f', conf], executable=PFLOWD,
                             stderr=subprocess.DEVNULL)
    wait_until('an engine', lambda: os.path.exists(mute + '.runs'))
    first.send_signal(signal.SIGTERM)
    try:
        return first.wait(10)
    except subprocess.TimeoutExpired:
        return 'none'


def has_child(ends):
    """Whether one is left; its exit status is noted when it has ended."""
    try:
        pid, status = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    if pid:
        ends.append(os.waitstatus_to_exitcode(status))
    return True


def survivor(directory, interface):
    """It floods the link that the parent still reads when it reaps."""
    s = Started(directory, interface, TOOLS + '/compromised',
                command=('env', 'SURVIVOR=yes'))
    attempt = ('frame version=3\n'
               'state id=%d dir=in af=24 packets=1,1 bytes=40,40\n' % SURVIVOR)
    frames = subprocess.run([TOOLS + '/pfsyncgen', '-r'], capture_output=True,
                            input=attempt.encode()).stdout
    s.device.process.stdin.write(frames)
    s.device.process.stdin.flush()
    wait_until('the end of the engine', lambda: s.daemon.says('by signal 6'))
    wait_until('a new engine', s.daemon.answers, 5)
    s.end()


def socket_in_use(directory, interface):
    """Its owner accepts nobody, and no more clients fit in its backlog."""
    conf, path = directory + '/used.conf', directory + '/used.sock'
    with open(conf, 'w') as file:
        file.write('interface %s linktype pfsync\nsocket "%s"\n'
                   'collector %s\n' % (interface, path, COLLECTOR))
    owner = socket.socket(socket.AF_UNIX)
    owner.bind(path)
    owner.listen(1)
    clients = []
    try:
        while True:
            clients.append(socket.socket(socket.AF_UNIX))
            clients[-1].setblocking(False)
            clients[-1].connect(path)
    except BlockingIOError:
        pass
    out = subprocess.run([PFLOWD, '-d', '-f', conf], capture_output=True,
                         text=True, timeout=5)
    if out.returncode != 1 or 'in use' not in out.stderr:
        raise InVain('exit status %d: %s' % (out.returncode, out.stderr))


def lacks_source(directory, interface):
    """Said once, however often the configuration is loaded."""
    s = Started(directory, interface)
    s.daemon.configure(s.device, [COLLECTOR,
                                  COLLECTOR + ' { source 192.0.2.77\n}'])
    for _ in range(5):
        if s.daemon.ctl('reload').returncode != 0:
            raise InVain('no reload')
    s.end()
    lines = open(s.daemon.log).read().count('192.0.2.77 is not an address')
    if lines != 1:
        raise InVain('%d lines' % lines)


def removed_meanwhile(directory, interface):
    """A collector goes while no engine lives: all records built for it have
    arrived, or are counted as left."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink:
        sink.bind(('127.0.0.1', 0))
        sink.setblocking(False)
        s = Started(directory, interface, collectors=[
            '127.0.0.1 port %d { rate 1\n}' % sink.getsockname()[1]])
        states = Load(s.device, 600, 6000).wait()
        wait_until('the states',
                   lambda: s.daemon.counters().get('states') == states)
        built = s.daemon.settled()['collectors'][0]['counters']['records']
        os.rename(s.program, s.program + '.gone')
        s.kill_engine()
        wait_until('the lack of an engine',
                   lambda: s.daemon.says('No such file'))
        s.daemon.configure(s.device, [COLLECTOR])
        os.kill(s.daemon.pid, signal.SIGHUP)
        wait_until('a reload', lambda: s.daemon.says('reloaded'))
        os.rename(s.program + '.gone', s.program)
        wait_until('a new engine', s.daemon.answers)
        arrived = 0
        try:
            while True:
                arrived += sink.recv(2048)[3]
        except BlockingIOError:
            pass
    left = s.daemon.counters()['records_left']
    s.end()
    if arrived == 0 or left == 0 or arrived + left != built:
        raise InVain('built %d, arrived %d, left %d' % (built, arrived, left))


TESTS = [
    ('engine cannot start: no descriptors', no_descriptors),
    ('engine cannot start: no binary', no_binary),
    ('engine hangs when it starts', engine_hangs),
    ('TERM before the daemon forks', lambda *stand: ended_early(
        *stand, with_pending(signal.SIGTERM))),
    ('INT before the daemon forks', lambda *stand: ended_early(
        *stand, with_pending(signal.SIGINT))),
    ('TERM while the daemon starts', lambda *stand: ended_early(
        *stand, with_mute_engine)),
    ('control socket in use, its backlog full', socket_in_use),
    ('reloads: what is lacking is said once', lacks_source),
    ('collector removed while no engine lives', removed_meanwhile),
    ('survivor of an engine floods its link', survivor),
]


NEED_FAULTS = no_descriptors, no_binary, engine_hangs


def main():
    directory, interface = sys.argv[1:3]
    wanted = sys.argv[3:]
    for name, test in TESTS:
        if wanted and not any(w in name for w in wanted):
            continue
        if not os.path.exists(FAULTS) and test in NEED_FAULTS:
            skip(name, 'no faults.so')
            continue
        try:
            test(directory, interface)
        except (InVain, subprocess.TimeoutExpired) as e:
            verdict(name, str(e))
            subprocess.run(['tail', '-n', '20', directory + '/log'])
            break  # what is left of it is in the way
        verdict(name)


main()
