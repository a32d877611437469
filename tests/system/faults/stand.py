# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# A firewall, a daemon and collectors for tests that do harm to them.

import json
import mmap
import os
import signal
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + '/../random')

from sums import adds_up

TOOLS = os.environ.get('TOOLS', 'tests/tools')
PFLOWD = os.environ.get('PFLOWD', 'pflowd/pflowd')
PFLOWCTL = os.environ.get('PFLOWCTL', 'pflowctl/pflowctl')
STATES_A_FRAME = 6

# As tests/tools/faults.c has them.
PARENT, ENGINE = 0, 1
CLOCK = 0
FAIL, ALLOCATIONS, BLOCKS, FAILED = range(4)


def verdict(name, why=None):
    """As ok and failed of tests/lib.sh."""
    print('FAIL  %s: %s' % (name, why) if why else 'ok    ' + name, flush=True)
    with open(os.environ.get('RESULTS', '/dev/null'), 'a') as file:
        file.write('fail\n' if why else 'ok\n')


def skip(name, why):
    print('SKIP  %s: %s' % (name, why), flush=True)
    with open(os.environ.get('RESULTS', '/dev/null'), 'a') as file:
        file.write('skip\n')


class InVain(Exception):
    pass


def wait_until(what, true, seconds=20):
    """How long it took."""
    begin = time.monotonic()
    while not true():
        if time.monotonic() > begin + seconds:
            raise InVain('waited in vain: ' + what)
        time.sleep(0.01)
    return time.monotonic() - begin


class Faults:
    """The file that tests/tools/faults.so goes by."""

    def __init__(self, path):
        with open(path, 'wb') as file:
            file.write(bytes(4096))
        self.path = path
        with open(path, 'r+b') as file:
            self.map = mmap.mmap(file.fileno(), 4096)

    def get(self, process, what):
        at = 8 * (1 + 4 * process + what)
        return struct.unpack('q', self.map[at:at + 8])[0]

    def set(self, process, what, value):
        at = 8 * (1 + 4 * process + what)
        self.map[at:at + 8] = struct.pack('q', value)

    def clock(self, seconds):
        self.map[0:8] = struct.pack('q', seconds * 1000)

    def detached(self, value):
        self.map[72:80] = struct.pack('q', value)

    def uptime(self, seconds):
        self.map[80:88] = struct.pack('q', seconds * 1000)

    def environment(self):
        return dict(os.environ, FAULTS=self.path,
                    LD_PRELOAD=os.path.abspath(TOOLS + '/faults.so'))


class Device:
    """A tun device that plays pfsync."""

    def __init__(self, name, *options):
        self.name = name
        self.options = options
        self.process = None
        self.up()

    def up(self):
        self.process = subprocess.Popen(
            [TOOLS + '/tunplay', '-i', self.name, *self.options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if self.options else None)
        wait_until('the device', self.is_up)
        # What the system says there by itself is not for us.
        try:
            with open('/proc/sys/net/ipv6/conf/%s/disable_ipv6' % self.name,
                      'w') as file:
                file.write('1')
        except OSError:
            pass

    def is_up(self):
        try:
            flags = open('/sys/class/net/%s/flags' % self.name).read()
        except OSError:
            return False
        return int(flags, 16) & 1

    def down(self):
        """What has been written passes first."""
        self.process.stdin.close()
        self.process.wait()


class Judge:
    """A strict collector, up or down; it keeps its port."""

    def __init__(self, directory, name):
        self.file = '%s/judge.%s' % (directory, name)
        self.port = 0
        self.records = self.missing = self.lost = 0
        self.process = None
        self.up()

    def up(self):
        port_file = self.file + '.port'
        if os.path.exists(port_file):
            os.unlink(port_file)
        self.process = subprocess.Popen(
            [TOOLS + '/nf5recv', '-p', str(self.port), '-o', 'sum', '-w',
             port_file], stdout=open(self.file, 'w'), stderr=subprocess.DEVNULL)
        wait_until('a judge', lambda: os.path.exists(port_file) and
                   open(port_file).read())
        self.port = int(open(port_file).read())

    def down(self):
        if not self.process:
            return
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        self.process = None
        said = {w: int(n) for w, n in map(str.split, open(self.file))}
        self.records += said['records']
        self.missing += said['missing']
        self.lost += said['kernel_drops']
        self.broken = said['broken'] - said['gaps']


class Load:
    """So many states, so many a second, known beforehand."""

    def __init__(self, device, states, rate, seed=1, per_frame=STATES_A_FRAME):
        states -= states % per_frame
        self.states = states
        self.generator = subprocess.Popen(
            [TOOLS + '/pfsyncgen', '-r', '-n', str(states), '-v', '3', '-k',
             str(per_frame), '-s', str(seed)], stdout=subprocess.PIPE)
        self.pacer = subprocess.Popen(
            [TOOLS + '/pacer', str(rate)], stdin=self.generator.stdout,
            stdout=device.process.stdin)
        self.generator.stdout.close()

    def has_ended(self):
        return self.pacer.poll() is not None

    def wait(self):
        self.pacer.wait()
        self.generator.wait()
        return self.states


class Daemon:
    def __init__(self, directory, device, collectors, more=(), faults=None,
                 command=(), program=PFLOWD, arguments=('-d',), wait=True,
                 hold=1):
        self.directory = directory
        self.socket = directory + '/sock'
        self.conf = directory + '/pflowd.conf'
        self.log = directory + '/log'
        self.hold = hold
        self.configure(device, collectors, more)
        self.process = subprocess.Popen(
            [*command, program, *arguments, '-f', self.conf],
            stdout=subprocess.DEVNULL, stderr=open(self.log, 'w'),
            env=faults.environment() if faults else None)
        self.pid = self.process.pid
        if '-d' not in arguments:
            self.find()
        if wait:
            wait_until('the daemon', self.answers)

    def find(self):
        """The one in the background."""
        if self.process.wait(20) != 0:
            raise InVain('it did not start')
        out = subprocess.run(['pgrep', '-f', '--', '-f ' + self.conf],
                             capture_output=True, text=True)
        self.pid = int(out.stdout)

    def configure(self, device, collectors, more=()):
        with open(self.conf + '.new', 'w') as file:
            file.write('\n'.join([
                'interface %s linktype pfsync' % device.name,
                'hold %d' % self.hold,
                'socket "%s"' % self.socket,
                'socket "%s.ro" restricted' % self.socket,
                *('collector ' + c for c in collectors), *more, '']))
        os.rename(self.conf + '.new', self.conf)

    def ctl(self, *words, timeout=10):
        return subprocess.run([PFLOWCTL, '-s', self.socket, *words],
                              capture_output=True, text=True, timeout=timeout)

    def answers(self):
        return self.ctl('show').returncode == 0

    def report(self):
        """The accounting, or None where there is none to be had."""
        out = self.ctl('-j', 'show', 'counters')
        return json.loads(out.stdout) if out.returncode == 0 else None

    def counters(self):
        report = self.report()
        return report['counters'] if report else {}

    def settled(self):
        """The accounting once nothing more comes in or goes out."""
        last = None
        while True:
            report = self.report()
            if report and report == last:
                return report
            last = report
            time.sleep(0.3)  # during which something may arrive

    def engines(self):
        """That there were so far."""
        return json.loads(self.ctl('-j', 'show').stdout)['status']['engines']

    def engine(self):
        out = subprocess.run(['pgrep', '-P', str(self.pid), '-f', '--',
                              '-X engine'], capture_output=True, text=True)
        return int(out.stdout.split()[0]) if out.stdout.split() else None

    def says(self, text):
        return text in open(self.log).read()

    def memory(self, pid):
        """KiB of its own."""
        for line in open('/proc/%d/status' % pid):
            if line.startswith('RssAnon'):
                return int(line.split()[1])

    def lives(self):
        return self.process.poll() is None or (
            self.pid != self.process.pid and os.path.exists(
                '/proc/%d' % self.pid))

    def stop(self):
        """Its exit status, as far as that can be known."""
        if self.lives():
            os.kill(self.pid, signal.SIGTERM)
        try:
            wait_until('its end', lambda: not self.lives())
        except InVain:
            os.kill(self.pid, signal.SIGKILL)
            return 'none: it did not end'
        return self.process.wait()
