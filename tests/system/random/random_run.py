# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# usage: random_run.py directory interface operations
#
# Frames good and bad, rules, reloads good and bad, collectors that come, go and
# refuse, engines that are killed, in random order; the accounting must add up
# after each batch.  SEED in the environment repeats a run.

import collections
import json
import os
import random
import signal
import struct
import subprocess
import sys
import time

from sums import adds_up

BATCH = 400
TOOLS = os.environ.get('TOOLS', 'tests/tools')
PFLOWD = os.environ.get('PFLOWD', 'pflowd/pflowd')
PFLOWCTL = os.environ.get('PFLOWCTL', 'pflowctl/pflowctl')


def wait_until(what, true, seconds=20):
    end = time.time() + seconds
    while not true():
        if time.time() > end:
            raise SystemExit('waited in vain: ' + what)
        time.sleep(0.02)


class Judge:
    """A collector on a port of its own, up or down."""

    def __init__(self, directory, n):
        self.file = '%s/judge.%d' % (directory, n)
        self.port = 0
        self.process = None
        self.up()

    def up(self):
        if self.process:
            return
        if os.path.exists(self.file + '.port'):
            os.unlink(self.file + '.port')
        self.process = subprocess.Popen(
            [TOOLS + '/nf5recv', '-p', str(self.port), '-o', 'sum', '-w',
             self.file + '.port'], stdout=open(self.file, 'w'),
            stderr=subprocess.DEVNULL)
        wait_until('a judge', lambda: os.path.exists(self.file + '.port') and
                   open(self.file + '.port').read())
        self.port = int(open(self.file + '.port').read())

    def down(self):
        if not self.process:
            return
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        self.process = None


def is_up(interface):
    try:
        flags = open('/sys/class/net/%s/flags' % interface).read()
    except OSError:
        return False
    return int(flags, 16) & 1


recent = collections.deque(maxlen=50)


def kind():
    """What twins have in common, or nearly; half of the time, of an earlier
    one."""
    r = random
    if recent and r.random() < 0.5:
        hosts, direction, *same = r.choice(recent)
        return hosts[48:] + hosts[48:] + hosts[:24], 3 - direction, *same
    hosts = b''
    for port in range(3):
        hosts += os.urandom(4) + bytes(12) + os.urandom(2) + bytes(6)
    recent.append((hosts, r.choice((1, 2)), r.choice((1, 6, 17, 17, 47)),
                   r.choice((2, 2, 2, 2, 24, 28, 99)), r.choice((1, 2)),
                   r.randint(0, 10**6)))
    return recent[-1]


def state(version):
    """A record of the version, mostly sensible."""
    r = random
    packets = [r.choice((0, 1, 5, 1000, 2**33)) for _ in range(2)]
    octets = [p * r.randint(40, 1500) for p in packets]
    if r.random() < 0.01:
        octets[0] = r.getrandbits(64)
    hosts, direction, proto, family, creator, age = kind()
    if r.random() < 0.1:
        direction = 0
    peers = b''.join(bytes(24) + bytes([r.choice((0, 2, 4, 7, 9, 10))]) +
                     bytes(7) for _ in range(2))
    head = struct.pack('>Q16s', r.getrandbits(64),
                       r.choice((b'em0', b'em1', b'all', b'')))
    middle = bytes(16) + struct.pack('>IIIII', r.randint(0, 20), 0, 0, age, 0)
    width = '>IIII' if version == 2 else '>QQQQ'
    limit = 2**32 if version == 2 else 2**64
    counters = struct.pack(width, *[v % limit for v in packets + octets])
    tail = struct.pack('>I8B', creator, family, proto, direction, 0,
                       0, r.randint(0, 13), 0, 0)
    return head + hosts + peers + middle + counters + tail


def frame():
    r = random
    version = r.choice((2, 3, 3, 3, 4))
    count = r.randint(1, 6)
    f = bytes([version, 0, 3, count]) + bytes(0 if version == 2 else 16)
    f += b''.join(state(version) for _ in range(count))
    dice = r.random()
    if dice < 0.02:
        return f[:r.randint(1, len(f))]
    if dice < 0.03:
        return f + os.urandom(r.randint(1, 30))
    if dice < 0.05:
        return bytes([r.choice((0, 1, 5, 6, 7, 255))]) + f[1:]
    if dice < 0.06:
        return f[:2] + b'\0' + f[3:]
    if dice < 0.07:
        return f[:3] + b'\0' + f[4:]
    if dice < 0.08:
        return b'\x45' + bytes(8) + b'\xf0' + os.urandom(20)
    return f


class Daemon:
    def __init__(self, directory, interface, judges):
        self.directory, self.interface = directory, interface
        self.judges = judges
        self.conf = directory + '/random.conf'
        self.socket = directory + '/random.sock'
        self.write_conf()
        self.log = open(directory + '/random.log', 'w+')
        self.process = subprocess.Popen(
            [PFLOWD, '-d', '-f', self.conf], stdout=subprocess.DEVNULL,
            stderr=self.log)
        wait_until('the daemon', lambda: self.ctl('show').returncode == 0)

    def write_conf(self, bad=False):
        r = random
        lines = ['interface %s linktype pfsync' % self.interface,
                 'socket "%s"' % self.socket, 'hold %d' % r.randint(0, 3),
                 'addresses ' + r.choice(('inside', 'outside', 'original')),
                 'end ' + r.choice(('last-packet', 'deletion')),
                 'creator ' + r.choice(('any', 'any', '1')),
                 'join ' + r.choice(('yes', 'yes', 'no'))]
        for judge in self.judges:
            lines.append('collector 127.0.0.1 port %d {' % judge.port)
            if r.random() < 0.3:
                lines.append('rate %d' % r.randint(500, 5000))
            if r.random() < 0.3:
                lines.append('mtu %d' % r.randint(576, 1500))
            if r.random() < 0.4:
                lines.append('ignore ' + r.choice(('in', 'proto icmp',
                                                   'inet6', 'on em1')))
            lines.append('}')
        if r.random() < 0.5:  # one that comes and goes, and listens nowhere
            lines.append('collector 127.0.0.1 port 9 { engine id %d' %
                         r.randint(0, 3))
            lines.append('}')
        for _ in range(r.randint(0, 5)):
            lines.append(r.choice((
                'ignore quick proto gre', 'export out', 'ignore inet6',
                'ignore rule { 1 2 3 }', 'export from any port 1:30000',
                'ignore on em0 proto udp')))
        if bad:
            lines.insert(r.randint(0, len(lines)), 'hold 99')
        with open(self.conf, 'w') as file:
            file.write('\n'.join(lines) + '\n')

    def ctl(self, *words):
        return subprocess.run([PFLOWCTL, '-s', self.socket, *words],
                              capture_output=True, text=True)

    def engine(self):
        out = subprocess.run(['pgrep', '-P', str(self.process.pid), '-f',
                              '--', '-X engine'], capture_output=True,
                             text=True)
        return int(out.stdout.split()[0]) if out.stdout.split() else None

    def reload(self):
        bad = random.random() < 0.3
        self.write_conf(bad)
        if self.ctl('reload').returncode != bad:
            raise SystemExit('a reload did not go as it should')

    def kill_engine(self):
        engine = self.engine()
        os.kill(engine, signal.SIGKILL)
        wait_until('a new engine',
                   lambda: self.engine() not in (None, engine) and
                   self.ctl('show').returncode == 0, 90)

    def report(self):
        out = self.ctl('-j', 'show', 'counters')
        return json.loads(out.stdout) if out.returncode == 0 else None


def settled(daemon):
    """The report once nothing more comes in."""
    last = None
    while True:
        report = daemon.report()
        if report and report['counters'] == last:
            return report
        last = report and report['counters']
        time.sleep(0.3)


def main():
    directory, interface, operations = sys.argv[1:3] + [int(sys.argv[3])]
    seed = int(os.environ.get('SEED', time.time()))
    print('SEED=%d' % seed)
    random.seed(seed)
    device = subprocess.Popen([TOOLS + '/tunplay', '-i', interface],
                              stdin=subprocess.PIPE)
    wait_until('the device', lambda: is_up(interface))
    judges = [Judge(directory, n) for n in range(2)]
    daemon = Daemon(directory, interface, judges)
    done = kills = reloads = checks = 0
    while done < operations:
        for _ in range(BATCH):
            f = frame()
            device.stdin.write(struct.pack('>I', len(f)) + f)
        device.stdin.flush()
        done += BATCH
        dice = random.random()
        if dice < 0.35:
            daemon.reload()
            reloads += 1
        elif dice < 0.45:
            judge = random.choice(judges)
            judge.down() if judge.process else judge.up()
        elif dice < 0.45 + min(0.02, 6 * BATCH / operations):
            daemon.kill_engine()
            kills += 1
        report = daemon.report()
        checks += 1
        if report and not adds_up(report):
            raise SystemExit('it does not add up')
    report = settled(daemon)
    if not adds_up(report):
        raise SystemExit('it does not add up in the end')
    print('%d operations, %d reloads, %d engines killed, %d checks; %d states, '
          '%d of them joined' % (done + reloads + kills, reloads, kills, checks,
                                 report['counters']['states'],
                                 report['counters']['states_joined']))
    if report['counters']['states_joined'] < done / 100:
        raise SystemExit('too few are joined')
    daemon.process.send_signal(signal.SIGTERM)
    status = daemon.process.wait()
    for judge in judges:
        judge.down()
    device.stdin.close()
    device.wait()
    if status != 0:
        raise SystemExit('exit status %d' % status)


main()
