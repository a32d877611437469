# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# usage: faults_run.py directory interface seconds [fault ...]
#
# Each fault happens to a daemon under a load of states whose number is known:
# all are seen, or counted as lost, and it goes on by itself.  A row for each:
# what was lost, where it was counted, and how long until all was well again.

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time

from stand import (Daemon, Device, Faults, InVain, Judge, Load, adds_up,
                   STATES_A_FRAME, TOOLS, skip, verdict, wait_until)

RATE = 6000
SOURCE, VICTIM = '198.51.100.1', '198.51.100.9'

# A new engine and the kernel count at moments that are not quite the same.
FRAMES_A_KILL = 2
RECORDS_A_KILL = 64 * 30


class Sink:
    """A collector that notes when something arrives."""

    def __init__(self, address):
        self.address = (address, 0)
        self.records = 0
        self.up()

    def up(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)  # RCVBUFFORCE
        self.socket.settimeout(20)
        self.socket.bind(self.address)
        self.address = self.socket.getsockname()

    def records_now(self):
        self.drain()
        return self.records

    def drain(self):
        self.socket.settimeout(0)
        try:
            while True:
                self.records += self.socket.recv(2048)[3]
        except BlockingIOError:
            self.socket.settimeout(20)

    def arrives(self):
        """How long until something does."""
        self.drain()
        begin = time.monotonic()
        self.records += self.socket.recv(2048)[3]
        return time.monotonic() - begin

    def down(self):
        self.drain()
        self.socket.close()


def command(*words):
    subprocess.run(words, check=True, stderr=subprocess.DEVNULL)


class Trial:
    """One fault, and what it is to leave."""

    def __init__(self, directory, interface, seconds):
        self.directory, self.seconds = directory, seconds
        self.device = Device(interface)
        self.judge = Judge(directory, 'witness')
        self.daemon = self.victim = self.faults = None
        self.collectors = ['127.0.0.1 port %d' % self.judge.port]
        self.loads = []
        self.cleaning = []  # what undoes the fault when all has ended
        self.kills = 0  # of the engine
        self.replaced = 0  # engines, as they should be

    def daemon_is(self, **settings):
        self.daemon = Daemon(self.directory, self.device, self.collectors,
                             faults=self.faults, **settings)

    def add_victim(self, address):
        self.victim = Sink(address)
        source = SOURCE if address == VICTIM else '127.0.0.1'
        self.collectors.append('%s port %d { source %s\n}' % (
            *self.victim.address, source))

    def load(self, seconds=2.0, rate=RATE):
        """One that has begun."""
        before = self.seen()
        load = Load(self.device, int(rate * seconds), rate,
                    len(self.loads) + 1)
        self.loads.append(load)
        wait_until('states', lambda: self.seen() > before)
        return load

    def seen(self):
        return self.daemon.counters().get('states', 0)

    def goes_on(self):
        """Whether states are seen again: of a load that is still under way,
        or of another one."""
        before = self.seen()

        def more():
            if self.loads[-1].has_ended():
                self.loads.append(Load(self.device, 600, RATE,
                                       len(self.loads) + 1))
            return self.seen() > before
        return wait_until('more states', more)

    def of_victim(self):
        return self.daemon.report()['collectors'][1]

    def queue_is_empty(self):
        report = self.daemon.report()
        return report and report['collectors'][0]['records_queued'] == 0

    def abandon(self):
        for load in self.loads:
            load.pacer.kill()
            load.wait()
        self.device.process.kill()
        self.device.process.wait()
        self.judge.down()

    def end(self):
        """What it came to: the sent, and the daemon's own account of them."""
        self.sent = sum(load.wait() for load in self.loads)
        if self.kills:  # what was lost shows in the next datagram's sequence
            self.sent += self.load(0.01).wait()
        wait_until('an empty queue', self.queue_is_empty)
        self.report = self.daemon.settled()
        self.engines = self.daemon.engines()
        self.status = self.daemon.stop()
        if self.victim:
            self.victim.down()
        self.device.down()
        self.judge.down()
        for undo in self.cleaning:
            undo()


def losses(counters):
    """By kind, those there are."""
    kinds = {
        'dropped by the kernel': STATES_A_FRAME * counters['kernel_dropped'],
        'unread': STATES_A_FRAME * counters['kernel_unread'],
        'crashed': counters['states_crashed'],
        'cut': counters['states_cut'],
    }
    return {kind: n for kind, n in kinds.items() if n}


def record_losses(row):
    kinds = ('dropped', 'crashed', 'refused', 'host_unreachable',
             'network_unreachable', 'not_permitted', 'too_big', 'failed_other')
    return {kind: n for kind in kinds
            if (n := row['counters']['records_' + kind])}


def record_words(trial):
    """Of the witness, and of the victim: what the network took is told by
    nobody but the sequence."""
    rows = trial.report['collectors']
    told = [record_losses(row) for row in rows]
    if trial.victim:
        silent = rows[1]['counters']['records_sent'] - trial.victim.records
        if silent:
            told[1]['on the way'] = silent
    return '; '.join(map(words, told))


def words(kinds):
    return ', '.join('%s %d' % (kind, n) for kind, n in kinds.items()) or '-'


def wrong(trial):
    """What does not add up, or None."""
    counters = trial.report['counters']
    witness = trial.report['collectors'][0]['counters']
    lost = losses(counters)
    missing = trial.sent - counters['states'] - sum(lost.values())
    tolerated = STATES_A_FRAME * FRAMES_A_KILL * trial.kills
    if not adds_up(trial.report):
        return 'the accounting does not add up'
    if abs(missing) > tolerated:
        return 'sent %d, seen %d, lost %s' % (trial.sent, counters['states'],
                                              words(lost))
    if trial.status != 0:
        return 'exit status %s' % trial.status
    if trial.engines != 1 + trial.kills + trial.replaced:
        return '%d engines' % trial.engines
    if trial.judge.lost or trial.judge.broken:
        return 'the witness lost %d, and %d broke a rule' % (
            trial.judge.lost, trial.judge.broken)
    # What the kernel took as the engine died arrives, and counts as crashed.
    more = trial.judge.records - witness['records_sent']
    if not 0 <= more <= trial.kills * RECORDS_A_KILL:
        return 'records: sent %d, arrived %d' % (witness['records_sent'],
                                                 trial.judge.records)
    if trial.judge.records + trial.judge.missing != witness['records']:
        return 'records: built %d, arrived %d, missing %d' % (
            witness['records'], trial.judge.records, trial.judge.missing)
    return None


# The faults.  Each returns how long until all was well, or None.

def nothing(trial):
    trial.daemon_is()
    trial.load()


def is_down(trial, error):
    row = trial.of_victim()
    return row['counters'][error] and row['state'] == 'down'


def collector_refuses(trial):
    trial.add_victim('127.0.0.1')
    trial.daemon_is()
    trial.load()
    trial.victim.down()
    wait_until('a refusal', lambda: is_down(trial, 'errors_refused'))
    trial.victim.up()
    return trial.victim.arrives()


def address(what, host):
    command('ip', 'address', what, host, 'dev', 'lo')


def route_lost(trial, route, lost):
    """Datagrams go another way until lost() is true."""
    for host in SOURCE, VICTIM:
        address('add', host)
        trial.cleaning.append(lambda host=host: address('del', host))
    trial.add_victim(VICTIM)
    trial.daemon_is()
    trial.load()
    command('ip', 'route', 'add', *route)
    address('del', VICTIM)
    wait_until('what is lost', lost)
    address('add', VICTIM)
    recovery = trial.victim.arrives()
    command('ip', 'route', 'del', *route)
    return recovery


def collector_unreachable(trial):
    return route_lost(trial, ('unreachable', VICTIM),
                      lambda: is_down(trial, 'errors_host_unreachable'))


def collector_blackholed(trial):
    hole = Device('pfhole')
    trial.cleaning.append(hole.down)
    return route_lost(trial, (VICTIM, 'dev', 'pfhole'), lambda: (
        trial.of_victim()['counters']['records_sent'] >
        trial.victim.records_now() + 1000))


def interface_destroyed(trial):
    trial.daemon_is()
    trial.load().wait()
    trial.device.down()
    begin = time.monotonic()
    wait_until('the loss', lambda: trial.daemon.says('disappeared'))
    trial.device.up()
    wait_until('the interface', lambda: trial.daemon.says('running again'))
    trial.replaced = 1
    recovery = time.monotonic() - begin
    trial.load()
    return recovery


def disk_full(trial):
    trial.daemon_is(command=('sh', '-c', 'exec "$@" >/dev/full 2>&1', 'sh'),
                    arguments=('-d', '-v', '-v'))
    trial.load()
    for _ in range(50):
        os.kill(trial.daemon.pid, signal.SIGHUP)
        os.kill(trial.daemon.pid, signal.SIGUSR1)
        time.sleep(0.01)
    return trial.goes_on()


# No room for the process id.
FULL = '''mount -t tmpfs -o size=4k tmpfs /var/run
head -c 4096 /dev/zero >/var/run/full
exec "$@"'''


def pid_file_full(trial):
    trial.daemon_is(command=('unshare', '-m', 'sh', '-c', FULL, 'sh'),
                    arguments=())
    if not trial.daemon.says('pflowd.pid: No space left on device'):
        raise InVain('it does not say that it has no pid file')
    trial.load()
    return trial.goes_on()


# A /dev without a log, in the directory that $0 is.
DEVICES = '''for name in null urandom; do
	: >"$0/$name"
	mount --bind "/dev/$name" "$0/$name" || exit 1
done
mkdir "$0/shm" && mount -t tmpfs tmpfs "$0/shm" && mount --rbind "$0" /dev &&
    exec "$@"'''


def read_all(log):
    log.settimeout(1)
    try:
        while log.recv(2048):
            pass
    except TimeoutError:
        pass


def syslog_gone(trial):
    devices = trial.directory + '/dev'
    os.mkdir(devices)
    trial.daemon_is(command=('unshare', '-m', 'sh', '-c', DEVICES, devices),
                    arguments=())
    trial.load(3)

    def say_much():
        for _ in range(50):
            os.kill(trial.daemon.pid, signal.SIGHUP)
            time.sleep(0.005)
        trial.goes_on()
    say_much()
    # One that has stopped reading: on Linux the parent waits for it.
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(devices + '/log')
        say_much()
        time.sleep(0.5)
        trial.goes_on()
        reader = threading.Thread(target=read_all, args=(log,))
        reader.start()
        begin = time.monotonic()
        reloaded = trial.daemon.ctl('reload').returncode == 0
        recovery = time.monotonic() - begin
        reader.join()
    os.unlink(devices + '/log')
    if not reloaded:
        raise InVain('no reload after it')
    say_much()
    return recovery


def clock_stepped(trial):
    trial.faults = Faults(trial.directory + '/faults')
    trial.daemon_is(hold=5)
    trial.load(3)
    for seconds in (3600, 0, -3600, 0, 3600):
        trial.faults.clock(seconds)
        trial.goes_on()
        if not trial.daemon.answers():
            raise InVain('show does not answer')
    sent = sum(load.wait() for load in trial.loads)
    wait_until('all', lambda: trial.daemon.counters().get('states') == sent and
               trial.queue_is_empty())
    # A datagram that has just been opened waits no longer for it.
    trial.load(0.001).wait()
    if trial.queue_is_empty():
        raise InVain('nothing is held')
    trial.faults.clock(-3600)
    return wait_until('what was held', trial.queue_is_empty)


def interface_replaced_unseen(trial):
    """As on NetBSD, where the descriptor of the old one is never woken."""
    trial.faults = Faults(trial.directory + '/faults')
    trial.daemon_is()
    trial.load(0.5).wait()
    before = trial.daemon.engine()
    trial.faults.detached(1)
    wait_until('a look', lambda: trial.daemon.says('disappeared'), 15)
    trial.faults.detached(0)
    recovery = wait_until('a new engine', lambda:
                          trial.daemon.engine() not in (None, before) and
                          trial.daemon.answers())
    trial.replaced = 1
    trial.load(0.5).wait()
    return recovery


def limit_descriptors(pid, limit):
    """As whom it is: nobody else may everywhere."""
    owner = os.stat('/proc/%d' % pid)
    subprocess.run(['prlimit', '--pid', str(pid), '--nofile=%d:' % limit],
                   check=True, user=owner.st_uid, group=owner.st_gid,
                   extra_groups=[owner.st_gid])


def no_descriptors(pid, spare):
    limit_descriptors(pid, len(os.listdir('/proc/%d/fd' % pid)) + spare)


def descriptors_of_engine(trial):
    trial.daemon_is()
    trial.load()
    no_descriptors(trial.daemon.engine(), 3)
    clients = []
    for _ in range(12):
        clients.append(socket.socket(socket.AF_UNIX))
        clients[-1].connect(trial.daemon.socket)
    time.sleep(0.5)
    for client in clients:
        client.close()
    return wait_until('an answer', trial.daemon.answers)


def descriptors_of_parent(trial):
    trial.daemon_is()
    trial.load()
    no_descriptors(trial.daemon.pid, 0)
    out = trial.daemon.ctl('reload')
    if out.returncode != 1 or 'Too many open files' not in out.stderr:
        raise InVain('a reload should say what it lacks: ' + out.stderr)
    trial.kills += 1
    os.kill(trial.daemon.engine(), signal.SIGKILL)
    wait_until('a failure to start', lambda: trial.daemon.says(
        'cannot start the engine: Too many open files'))
    limit_descriptors(trial.daemon.pid, 512)
    recovery = wait_until('a new engine', trial.daemon.answers)
    if trial.daemon.ctl('reload').returncode != 0:
        raise InVain('a reload fails for ever')
    return recovery


def kill_engine(trial):
    """How long until there is another."""
    killed = trial.daemon.engine()
    os.kill(killed, signal.SIGKILL)
    trial.kills += 1
    return wait_until('a new engine', lambda:
                      trial.daemon.engine() not in (None, killed) and
                      trial.daemon.answers(), 70)


def engine_killed(trial):
    trial.daemon_is()
    times = 6 if trial.seconds >= 60 else 3
    trial.load(2 ** (times - 1) + 1)
    recovery = []
    for _ in range(times):
        time.sleep(random.uniform(0.05, 0.4))
        recovery.append(kill_engine(trial))
    return max(recovery)


def engine_killed_in_flood(trial):
    """More comes while there is none than the kernel has room for."""
    trial.daemon_is()
    trial.load(3, 20 * RATE)
    kill_engine(trial)
    return kill_engine(trial)


def socket_replaced(trial):
    trial.daemon_is()
    trial.load()
    os.unlink(trial.daemon.socket)
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(trial.daemon.socket)
        other.listen()
        os.kill(trial.daemon.pid, signal.SIGHUP)
        wait_until('a reload', lambda: trial.daemon.says('reloaded'))
    os.unlink(trial.daemon.socket)
    os.kill(trial.daemon.pid, signal.SIGHUP)
    return wait_until('the socket', trial.daemon.answers, 5)


def hup_storm(trial):
    trial.daemon_is()
    trial.load()
    for _ in range(400):
        os.kill(trial.daemon.pid, signal.SIGHUP)
        time.sleep(0.002)
    begin = time.monotonic()
    if trial.daemon.ctl('reload').returncode != 0:
        raise InVain('no reload after it')
    return time.monotonic() - begin


def parent_stopped(trial):
    trial.daemon_is()
    trial.load(trial.seconds + 1)
    os.kill(trial.daemon.pid, signal.SIGSTOP)
    end = time.monotonic() + trial.seconds
    while time.monotonic() < end:
        time.sleep(0.2)
        trial.goes_on()
    os.kill(trial.daemon.pid, signal.SIGCONT)
    begin = time.monotonic()
    if trial.daemon.ctl('reload').returncode != 0:
        raise InVain('no reload after it')
    return time.monotonic() - begin


FAULTS = [
    ('none', nothing),
    ('collector down: refuses', collector_refuses),
    ('collector down: unreachable', collector_unreachable),
    ('collector down: blackholed', collector_blackholed),
    ('interface destroyed, recreated', interface_destroyed),
    ('interface replaced, unseen', interface_replaced_unseen),
    ('disk full', disk_full),
    ('disk full: pid file', pid_file_full),
    ('syslog gone, or stuck', syslog_gone),
    ('clock stepped by an hour', clock_stepped),
    ('no descriptors: engine', descriptors_of_engine),
    ('no descriptors: parent', descriptors_of_parent),
    ('engine killed', engine_killed),
    ('engine killed in a flood', engine_killed_in_flood),
    ('control socket replaced', socket_replaced),
    ('storm of SIGHUP', hup_storm),
    ('parent stopped', parent_stopped),
]


def needs(fault):
    """What it cannot be tried without, or None."""
    if fault in (clock_stepped, interface_replaced_unseen) and not os.path.exists(TOOLS + '/faults.so'):
        return 'no faults.so'
    return None


def try_fault(name, fault, arguments):
    trial = Trial(*arguments)
    recovery = None
    try:
        recovery = fault(trial)
        trial.end()
        why = wrong(trial)
    except Exception as e:  # the next fault is another trial
        why = str(e) if isinstance(e, InVain) else repr(e)
        if trial.daemon:
            trial.daemon.stop()
            print(open(trial.daemon.log).read()[-2000:])
        trial.abandon()
    if hasattr(trial, 'report'):
        counters = trial.report['counters']
        lost = losses(counters)
        print('%-31s %8d %7d  %-32s %s  %s' % (
            name, trial.sent, trial.sent - counters['states'], words(lost),
            '%6.2f' % recovery if recovery is not None else '     -',
            record_words(trial)))
    verdict('fault: ' + name, why)


def main():
    directory, interface, seconds = sys.argv[1:3] + [int(sys.argv[3])]
    wanted = sys.argv[4:]
    print('%-31s %8s %7s  %-32s %6s  %s' % (
        'fault', 'states', 'lost', 'counted as', 'well s', 'records lost'))
    for name, fault in FAULTS:
        if wanted and not any(w in name for w in wanted):
            continue
        why = needs(fault)
        if why:
            skip('fault: ' + name, why)
        else:
            try_fault(name, fault, (directory, interface, seconds))


main()
