# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# usage: limits_run.py directory interface [name ...]
#
# As many collectors as there may be, and fewer descriptors than they need.

import json
import os
import signal
import socket
import subprocess
import sys

from stand import Daemon, Device, InVain, verdict, wait_until

COLLECTORS = 64
LOW = 128
LEAST = 48  # room for some clients, and not for 16 at each socket


class Stand:
    """A daemon with all collectors, which starts under these limits."""

    def __init__(self, directory, interface, limits):
        self.device = Device(interface)
        self.daemon = Daemon(
            directory, self.device,
            ['127.0.0.1 port 9 { engine id %d\n}' % n
             for n in range(COLLECTORS)],
            command=('prlimit', '--nofile=' + limits), wait=False)

    def begin(self):
        wait_until('the daemon', self.daemon.answers)
        self.engine = self.daemon.engine()

    def connected(self):
        """Collectors that have a socket."""
        out = self.daemon.ctl('-j', 'show', 'collectors')
        return sum(bool(row['address'])
                   for row in json.loads(out.stdout)['collectors'])

    def reload(self):
        return self.daemon.ctl('reload')

    def limit(self, pid, limit):
        owner = os.stat('/proc/%d' % pid)
        subprocess.run(['prlimit', '--pid', str(pid), '--nofile=%d:' % limit],
                       check=True, user=owner.st_uid, group=owner.st_gid,
                       extra_groups=[owner.st_gid])

    def replace_engine(self):
        os.kill(self.engine, signal.SIGKILL)
        wait_until('another engine', lambda: self.daemon.engine() not in (
            None, self.engine) and self.daemon.answers())
        self.engine = self.daemon.engine()

    def end(self):
        same = self.engine == self.daemon.engine()
        status = self.daemon.stop()
        self.device.down()
        if status != 0:
            return 'exit status %s' % status
        return None if same else 'another engine'

    def abandon(self):
        self.daemon.stop()
        self.device.down()
        print(open(self.daemon.log).read()[-2000:])


def expect(what, true):
    if not true:
        raise InVain(what)


def soft(stand):
    """The soft limit is raised."""
    for _ in range(2):
        expect('all collectors', stand.connected() == COLLECTORS)
        expect('a reload', stand.reload().returncode == 0)
        expect('all collectors', stand.connected() == COLLECTORS)
        stand.replace_engine()
    expect('no warning', not stand.daemon.says('open files'))


def hard(stand):
    """Some collectors are refused, and the daemon runs."""
    expect('the need', stand.daemon.says(
        'limit of 128 open files is too low for 64 collectors: raise it to '))
    for _ in range(2):
        n = stand.connected()
        expect('some collectors, not %d' % n, 16 <= n < COLLECTORS)
        out = stand.reload()
        expect('a reload: ' + out.stderr, out.returncode == 0)
        stand.replace_engine()


def arriving(stand):
    """The engine cannot take the descriptors of a configuration."""
    has = len(os.listdir('/proc/%d/fd' % stand.engine))
    stand.limit(stand.engine, has + 2)
    out = stand.reload()
    expect('a refusal: ' + out.stderr, out.returncode == 1 and
           'Too many open files; keeping the old' in out.stderr)
    expect('all collectors', stand.connected() == COLLECTORS)
    before = summary(stand)['reloaded']
    stand.limit(stand.engine, 4096)
    wait_until('another try', lambda: summary(stand)['reloaded'] != before)
    expect('a reload', stand.reload().returncode == 0)
    expect('all collectors', stand.connected() == COLLECTORS)


def summary(stand):
    return json.loads(stand.daemon.ctl('-j', 'show').stdout)['status']


def clients(stand):
    """A client that takes one of the last is told so."""
    held = []
    try:
        while True:
            held.append(socket.socket(socket.AF_UNIX))
            held[-1].connect(stand.daemon.socket +
                             ('.ro' if len(held) % 2 else ''))
            expect('a refusal', len(held) < LOW)
            out = stand.daemon.ctl('show')
            if out.returncode != 0:
                break
    finally:
        for client in held:
            client.close()
    expect('the reason: ' + out.stderr,
           'too many open files' in out.stderr)
    wait_until('an answer', stand.daemon.answers)


def main():
    directory, interface = sys.argv[1:3]
    wanted = sys.argv[3:]
    for test, limits in (
            (soft, '%d:4096' % LOW), (hard, '%d:%d' % (LOW, LOW)),
            (arriving, '4096:4096'), (clients, '%d:%d' % (LEAST, LEAST))):
        if wanted and test.__name__ not in wanted:
            continue
        stand = None
        try:
            stand = Stand(directory, interface, limits)
            stand.begin()
            test(stand)
            why = stand.end()
        except Exception as e:  # the next one is another test
            why = repr(e)
            if stand:
                stand.abandon()
        verdict('descriptors: ' + test.__doc__.strip('.'), why)


main()
