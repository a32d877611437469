#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# pflowctl never hangs: what it says, and how soon, when the engine is stopped
# or dead, when more clients wait than the kernel queues, and when a user has
# too many.

. tests/lib.sh
. tests/firewall.sh
need_firewall answers 79 python3

PFLOWCTL=${PFLOWCTL:-pflowctl/pflowctl}
cp "$PFLOWCTL" "$DIR/pflowctl"
firewall
cat >"$DIR/pflowd.conf" <<END
interface $IF linktype pfsync
socket "$DIR/sock"
socket "$DIR/ro" restricted
collector 127.0.0.1 port 9
END
chmod 600 "$DIR/pflowd.conf"
start_daemon "$DIR/pflowd.conf"

engine_of() {
	pgrep -P $PARENT -f -- '-X engine'
}

# What accounts without rights run, with the restricted socket.
as() {
	echo "setpriv --reuid=$1 --regid=$1 --clear-groups $DIR/pflowctl -s $DIR/ro"
}
NOBODY=$(as 65534)
SOMEBODY=$(as 65533)

# fails NAME MS PATTERN COMMAND ...: exit 1 within so many milliseconds, and one
# line on stderr.
fails() {
	name=$1 most=$2 pattern=$3
	shift 3
	began=$(date +%s%3N)
	limited 20 "$@" >"$DIR/said" 2>"$DIR/why"
	is "$name: exit status" 1 $?
	took=$(($(date +%s%3N) - began))
	is "$name: in time" yes \
	    "$(test $took -le "$most" && echo yes || echo "after $took ms")"
	has "$name: says why" "$DIR/why" "$pattern"
	is "$name: in one line" 1 "$(wc -l <"$DIR/why" | tr -d ' ')"
}

STOPPED='pflowd did not answer within [15] s: it is stopped or busy'
ENGINE=$(engine_of)
kill -STOP "$ENGINE"
fails 'engine stopped' 6000 "$STOPPED" "$PFLOWCTL" -s "$DIR/sock" show
fails 'engine stopped, -t 1, monitor' 2000 "$STOPPED" \
    "$PFLOWCTL" -t 1 -s "$DIR/sock" monitor

# Connections that nobody accepts, until the kernel takes no more.
python3 -c "
import socket, time
held = []
try:
    while len(held) < 1000:
        s = socket.socket(socket.AF_UNIX)
        s.setblocking(False)
        s.connect('$DIR/sock')
        held.append(s)
except BlockingIOError:
    pass
print(len(held), flush=True)
time.sleep(60)" >"$DIR/held" &
HOLDER=$!
started $HOLDER
until_true 10 test -s "$DIR/held"
fails 'backlog full' 2000 "$STOPPED" "$PFLOWCTL" -t 1 -s "$DIR/sock" show
kill -CONT "$ENGINE"
stop TERM $HOLDER 2>/dev/null
until_true 10 "$PFLOWCTL" -s "$DIR/sock" show
is 'engine continued: answers' 0 $?

# is_ready N: engines were started again so often.
is_ready() {
	[ "$(grep -c 'engine is running again' "$DIR/err")" -ge "$1" ]
}
# The next one starts at once, then after 1, 2 and 4 seconds.
for n in 0 1 2 3; do
	until_true 20 is_ready $n
	kill -KILL "$(engine_of)"
done
until_true 5 grep -q 'restarting the engine in 4 s' "$DIR/err"
NONE='no engine: it was killed by signal 9 (Killed); the next one starts in [1-4] s$'
fails 'no engine' 1000 "$NONE" "$PFLOWCTL" -s "$DIR/sock" show
"$PFLOWCTL" -s "$DIR/sock" check >"$DIR/said"
is 'no engine, check: is critical' 2 $?
has 'no engine, check: says why' "$DIR/said" "^CRITICAL: $NONE"
fails 'no engine, restricted' 1000 "$NONE" $NOBODY show
# Clients in a row do not keep the parent busy.
ticks() {
	awk '{ print $14 + $15 }' "/proc/$PARENT/stat"
}
before=$(ticks)
limited 10 python3 -c "
import socket, threading, time
until = time.time() + 1.5
told = [0] * 12
def ask(i):
    while time.time() < until:
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(5)
        s.connect('$DIR/sock')
        told[i] += b'no engine' in s.recv(4096)
threads = [threading.Thread(target=ask, args=(i,)) for i in range(len(told))]
for t in threads: t.start()
for t in threads: t.join()
print(all(told), sum(told) < 200)" >"$DIR/told" 2>&1
is 'no engine, flood: all are told, a few at a time' 'True True' \
    "$(cat "$DIR/told")"
is 'no engine, flood: the parent is idle' yes \
    "$(test $(($(ticks) - before)) -lt 10 && echo yes || echo no)"
until_true 20 is_ready 4
until_true 10 "$PFLOWCTL" -s "$DIR/sock" show
is 'engine again: answers' 0 $?
is 'engine again: answers as before' 0 \
    "$("$PFLOWCTL" -s "$DIR/sock" show >/dev/null; echo $?)"

# One user has not all of the restricted socket.
clients_are() {
	"$PFLOWCTL" -j -s "$DIR/sock" show | python3 -c "
import json, sys
sys.exit(json.load(sys.stdin)['status']['clients'] != $1)"
}
monitors=
for n in 1 2 3 4; do
	$NOBODY monitor >/dev/null 2>&1 &
	started $!
	monitors="$monitors $!"
done
until_true 10 clients_are 5
fails 'too many clients of a user' 1000 \
    'you have 4 clients on restricted sockets already' $NOBODY show
$SOMEBODY show >/dev/null 2>&1
is 'too many clients of a user: another one is served' 0 $?
"$PFLOWCTL" -s "$DIR/ro" show >/dev/null 2>&1
is 'too many clients of a user: and root' 0 $?
# shellcheck disable=SC2086
kill $monitors

# The verdict, in the course of a day.
"$PFLOWCTL" -s "$DIR/sock" check >"$DIR/said"
is 'check after engines died: a warning' 1 $?
has 'check after engines died: says so' "$DIR/said" \
    '^WARNING: engine killed by signal 9'
frames <<END
frame version=3
state dir=in proto=udp lan=192.0.2.80:53 ext=203.0.113.5:51234 packets=1,1 bytes=60,60 age=9
frame version=3
state dir=in proto=udp lan=192.0.2.81:53 ext=203.0.113.5:51234 packets=1,1 bytes=60,60 age=9
END
# refused: whether the collector, where nobody listens, has told so.
refused() {
	"$PFLOWCTL" -s "$DIR/sock" test
	"$PFLOWCTL" -s "$DIR/sock" check >"$DIR/said"
	grep -q '^CRITICAL: collector 127.0.0.1:9 is down: Connection refused' \
	    "$DIR/said"
}
until_true 10 refused
is 'check, a collector is down: is critical' 0 $?
"$PFLOWCTL" -s "$DIR/ro" -j check >"$DIR/said"
is 'check -j, restricted: exit status' 2 $?
is 'check -j, restricted: says so' critical "$(python3 -c "
import json
print(json.load(open('$DIR/said'))['check'])")"

# The last error is shown until its cause is gone.
# shown LINE: whether show has it.
shown() {
	"$PFLOWCTL" -s "$DIR/sock" show >"$DIR/said"
	grep -q "^$1" "$DIR/said"
}
not_shown() {
	! shown "$1" && [ -s "$DIR/said" ]
}
shown 'last error .* collector 127.0.0.1:9: Connection refused'
is 'last error, collector refuses: is shown' 0 $?
"$TOOLS/nf5recv" -p 9 -w "$DIR/port" -o sum 8>&- >/dev/null 2>&1 &
started $!
until_true 10 test -s "$DIR/port"
works() {
	"$PFLOWCTL" -s "$DIR/sock" test && grep -q 'works again' "$DIR/err"
}
until_true 20 works
until_true 5 not_shown 'last error'
is 'last error, collector works again: is not shown' 0 $?
echo nonsense >>"$DIR/pflowd.conf"
"$PFLOWCTL" -s "$DIR/sock" reload 2>/dev/null
until_true 5 shown 'last error'
is 'last error, bad reload: is shown' 0 $?
sed -i '/nonsense/d' "$DIR/pflowd.conf"
"$PFLOWCTL" -s "$DIR/sock" reload
until_true 5 not_shown 'last error'
is 'last error, good reload: is not shown' 0 $?

# A collector that there is no socket for has no error of a datagram.
cp "$DIR/pflowd.conf" "$DIR/good.conf"
cat >>"$DIR/pflowd.conf" <<END
collector 127.0.0.1 port 10 {
	source 192.0.2.99
}
END
"$PFLOWCTL" -s "$DIR/sock" reload
without_source() {
	"$PFLOWCTL" -s "$DIR/sock" check >"$DIR/said"
	grep -q 'collector 127.0.0.1:10 is down: no usable address, source or route; see the log' \
	    "$DIR/said"
}
until_true 5 without_source
is 'check, a source that the host does not have: says so' 0 $?
"$PFLOWCTL" -s "$DIR/sock" test 127.0.0.1:10 >"$DIR/said"
has 'test, a source that the host does not have: says so' "$DIR/said" \
    'no usable address, source or route; see the log$'
cp "$DIR/good.conf" "$DIR/pflowd.conf"
"$PFLOWCTL" -s "$DIR/sock" reload
until_true 5 not_shown 'last error'
is 'last error, collector was removed: is not shown' 0 $?

# A kernel that can give nothing: that stands, whatever else is wrong.
echo 'raw 0500001400000000000000000000000000000000' |
    "$TOOLS/pfsyncgen" -r >&8
until_true 5 shown 'condition *pfsync version 5'
is 'pfsync 5: is the condition' 0 $?
is 'pfsync 5: is not the last error' 0 "$(grep -c 'last error' "$DIR/said")"
is 'pfsync 5: is in the log, once' 1 \
    "$(grep -c 'pfsync version 5 .* sends deletions without' "$DIR/err")"
echo nonsense >>"$DIR/pflowd.conf"
"$PFLOWCTL" -s "$DIR/sock" reload 2>/dev/null
until_true 5 shown 'last error'
shown 'condition *pfsync version 5'
is 'pfsync 5: stands beside another error' 0 $?
sed -i '/nonsense/d' "$DIR/pflowd.conf"
"$PFLOWCTL" -s "$DIR/sock" check >"$DIR/said"
is 'pfsync 5, check: is critical' 2 $?
frames <<END
frame version=3
state dir=in proto=udp lan=192.0.2.80:53 ext=203.0.113.5:51234 packets=1,1 bytes=60,60 age=9
END
until_true 5 not_shown 'condition'
is 'pfsync 3 after 5: no condition' 0 $?

# One collector, by its name or address, with its port or without.
echo 'collector ::1 port 9' >>"$DIR/pflowd.conf"
"$PFLOWCTL" -s "$DIR/sock" reload
for name in ::1 '[::1]' '[::1]:9'; do
	is "show collectors $name" 'collector [::1]:9' \
	    "$("$PFLOWCTL" -s "$DIR/sock" show collectors "$name" |
	    grep '^collector')"
done
fails 'show collectors, unknown' 1000 'no such collector' \
    "$PFLOWCTL" -s "$DIR/sock" show collectors :

# The interface goes with its condition.
recovered=$(grep -c 'arrive again' "$DIR/err")
echo 'raw 0500001400000000000000000000000000000000' |
    "$TOOLS/pfsyncgen" -r >&8
until_true 5 shown 'condition *pfsync version 5'
exec 8>&-
until_true 5 not_shown 'condition'
until_true 5 grep -q 'disappeared' "$DIR/err"
is 'pfsync 5, no interface: nothing arrives again' "$recovered" \
    "$(grep -c 'arrive again' "$DIR/err")"

fails 'show states: pfsync has none' 1000 \
    'living states are not known: they need "source table"' $NOBODY show states
fails 'stop, restricted: is refused' 1000 \
    "stop: not allowed on a restricted socket; use $DIR/sock" $NOBODY stop
"$PFLOWCTL" -s "$DIR/sock" show >/dev/null
is 'stop, restricted: pflowd goes on' 0 $?
"$PFLOWCTL" -s "$DIR/sock" stop >"$DIR/said" 2>&1
is 'stop: exit status' 0 $?
is 'stop: silent' '' "$(cat "$DIR/said")"
wait $PARENT
is 'stop: exit status of pflowd' 0 $?
has 'stop: is in the log' "$DIR/err" 'a client of the control socket ends pflowd'
is 'stop: leaves no socket' '' "$(ls "$DIR/sock" "$DIR/ro" 2>/dev/null)"

# What a pflowd leaves when stop returns would be in the way of the next one.
left=
for n in 1 2 3 4 5 6 7 8 9 10; do
	start_daemon "$DIR/pflowd.conf"
	"$PFLOWCTL" -s "$DIR/sock" stop
	left="$left$(ls "$DIR/sock" "$DIR/ro" 2>/dev/null)"
	wait $PARENT
done
is 'stop: returns when the sockets are removed' '' "$left"

# A replay, too.
"$TOOLS/pfsyncgen" -n 10 -v 3 -s 1 >"$DIR/capture" 2>/dev/null
mkfifo "$DIR/pipe"
"$PFLOWD" -r - -s "$DIR/sock" <"$DIR/pipe" >"$DIR/out" 2>"$DIR/err" 8>&- &
REPLAY=$!
started $REPLAY
exec 7>"$DIR/pipe"
cat "$DIR/capture" >&7
until_true 10 "$PFLOWCTL" -s "$DIR/sock" show
fails 'test, no collector' 1000 'no collector is configured$' \
    "$PFLOWCTL" -s "$DIR/sock" test
"$PFLOWCTL" -s "$DIR/sock" stop
is 'stop of a replay: exit status' 0 $?
until_true 5 ended $REPLAY
is 'stop of a replay: it ends' 0 $?
exec 7>&-
