#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# The daemon on a tun device that plays pfsync0: what is written to it passes
# the kernel's filter as on a firewall.

. tests/lib.sh
. tests/firewall.sh
need_firewall live 60

PFLOWCTL=${PFLOWCTL:-pflowctl/pflowctl}

# daemon ARGUMENT ...: in the foreground; its pid is in $PARENT, and that of
# its engine in $ENGINE.
daemon() {
	rm -f "$DIR/err" # of the one before
	"$PFLOWD" -d -i "$IF" -y pfsync -s "$DIR/sock" "$@" >"$DIR/out" \
	    2>"$DIR/err" 8>&- &
	PARENT=$!
	started $PARENT
	until_true 10 grep -q 'listening on' "$DIR/err"
	ENGINE=$(pgrep -P $PARENT)
	started "$ENGINE"
}

states_are() {
	"$PFLOWCTL" -s "$DIR/sock" show counters >"$DIR/counters" &&
	    [ "$(row "$DIR/counters" 'states seen')" = "$1" ]
}

firewall
judge -o sum
daemon -v -v -e 127.0.0.1:9 -e "127.0.0.1:$PORT"

# What the engine may do, before it has read a packet.
uid=$(id -u _pflowd)
is 'engine: user' "$(printf '%s\t%s\t%s\t%s' $uid $uid $uid $uid)" \
    "$(status_of "$ENGINE" Uid)"
is 'engine: its group alone' "$(id -g _pflowd)" \
    "$(status_of "$ENGINE" Groups | tr -d ' ')"
is 'engine: no capabilities' 0000000000000000 "$(status_of "$ENGINE" CapPrm)"
is 'engine: sees an empty directory' '' "$(ls -A "/proc/$ENGINE/root/")"
is 'engine: not the file system' /var/empty/pflowd \
    "$(readlink "/proc/$ENGINE/root")"
is 'engine: works in it' /var/empty/pflowd "$(readlink "/proc/$ENGINE/cwd")"
if "$PFLOWD" -V | grep -q 'sandbox: seccomp'; then
	is 'engine: its system calls are filtered' 2 \
	    "$(status_of "$ENGINE" Seccomp)"
	is 'engine: no program gives it privileges' 1 \
	    "$(status_of "$ENGINE" NoNewPrivs)"
else
	skip 'engine: its system calls are filtered' 'no sandbox in this build'
	skip 'engine: no program gives it privileges' 'no sandbox in this build'
fi

# Deletions of every version pass, the rest does not reach us.
frames <tests/golden/pcap/v3.in
frames <<'END'
frame version=3 action=1
state dir=in packets=3,3 bytes=300,300
frame version=3 action=2
state dir=in packets=3,3 bytes=300,300
END
# So many lines have room in a pipe, however late they are read.
"$TOOLS/pfsyncgen" -r -n 300 -v 3 -k 6 -s 3 -t "$DIR/truth3" >&8
lines_are() {
	[ "$(wc -l <"$DIR/out")" -ge "$1" ]
}
until_true 20 lines_are 308
is 'live: a line for every flow' 308 "$(wc -l <"$DIR/out" | tr -d ' ')"
"$TOOLS/pfsyncgen" -r -n 2000 -v 4 -k 6 -s 4 -t "$DIR/truth4" >&8
"$TOOLS/pfsyncgen" -r -n 2000 -v 2 -k 9 -s 2 -t "$DIR/truth2" >&8
until_true 20 states_are 4308
kill -USR1 $PARENT
until_true 5 grep -q 'records queued' "$DIR/err"
is 'live: the filter keeps the rest out' 0 \
    "$(row "$DIR/err" 'other messages')"
is 'live: states' 4308 "$(row "$DIR/err" 'states seen')"
is 'live: nothing dropped by the kernel' 0 \
    "$(row "$DIR/err" 'dropped: buffer full')"
lines=$(wc -l <"$DIR/err")
stop TERM $PARENT
is 'TERM: exit status' 0 $?
is 'TERM: logs the counters' 1 \
    "$(tail -n "+$((lines + 1))" "$DIR/err" | grep -c 'states seen  *4308$')"
is 'TERM: the engine has ended' '' "$(pgrep -P $PARENT; ps -o pid= -p "$ENGINE")"
stop TERM "$JUDGE"
is 'live: no rule broken' 0 $?
total() {
	cat "$DIR"/truth[234] | awk -v what="$1" -v sum="$2" \
	    '$1 == what { sum += $2 } END { printf "%.0f", sum }'
}
is 'live: records' "$(total records 13)" \
    "$(sed -n 's/^records //p' "$DIR/judge.out")"
is 'live: packets' "$(total packets 250)" \
    "$(sed -n 's/^packets //p' "$DIR/judge.out")"
is 'live: bytes' "$(total octets 125892)" \
    "$(sed -n 's/^octets //p' "$DIR/judge.out")"

# A record waits for five seconds at most.
judge -o text
daemon -e "127.0.0.1:$PORT"
frames <<'END'
frame version=3
state dir=in packets=3,3 bytes=300,300
END
until_true 7 test -s "$DIR/judge.out"
is 'hold: a few records go out in time' 2 \
    "$(wc -l <"$DIR/judge.out" | tr -d ' ')"
stop TERM "$JUDGE"

# An engine that dies is followed by another, and the daemon says so.
kill -KILL "$ENGINE"
until_true 5 grep -q 'engine is running again' "$DIR/err"
is 'engine killed: another follows' 0 $?
has 'engine killed: says so' "$DIR/err" 'engine killed by signal 9'
started "$(pgrep -P $PARENT)"
stop TERM $PARENT
is 'engine killed: exit status in the end' 0 $?

# A parent that dies takes the engine with it.
daemon -e 127.0.0.1:9
kill -KILL $PARENT
wait $PARENT 2>/dev/null
until_true 5 ended "$ENGINE"
is 'parent killed: the engine ends' 0 $?

# In the background: back when it is ready; one at a time.
"$PFLOWD" -i "$IF" -y pfsync -s "$DIR/sock" -e 127.0.0.1:9 2>"$DIR/err" 8>&-
is 'background: exit status' 0 $?
pid=$(cat /var/run/pflowd.pid)
started "$pid"
is 'background: the pid file has the parent' root \
    "$(ps -o user= -p "$pid" | tr -d ' ')"
"$PFLOWD" -i "$IF" -y pfsync -s "$DIR/sock2" -e 127.0.0.1:9 2>"$DIR/err" 8>&-
is 'a second one: exit status' 1 $?
has 'a second one: says so' "$DIR/err" 'already running'
is 'a second one: leaves the pid file alone' "$pid" "$(cat /var/run/pflowd.pid)"
"$PFLOWD" -d -i "$IF" -y pfsync -s "$DIR/sock" -e 127.0.0.1:9 2>"$DIR/err" 8>&-
is 'a second one on the socket: exit status' 1 $?
has 'a second one on the socket: says so' "$DIR/err" \
    "control socket $DIR/sock: in use: pflowd is already running"
kill -TERM "$pid"
until_true 5 ended "$pid"
is 'background: TERM removes the pid file' no \
    "$(test -e /var/run/pflowd.pid && echo yes || echo no)"
is 'background: TERM removes the socket' no \
    "$(test -e "$DIR/sock" && echo yes || echo no)"
"$PFLOWD" -i lo -s "$DIR/sock" -e 127.0.0.1:9 2>"$DIR/err" 8>&-
is 'background, failing: exit status' 1 $?
has 'background, failing: says why' "$DIR/err" 'not pfsync'
is 'background, failing: leaves nothing' '' \
    "$(ls "$DIR/sock" /var/run/pflowd.pid 2>/dev/null)"

# The interface goes away, and comes back; a reload meanwhile has replaced the
# configuration that named it.
frame() {
	frames <<'END'
frame version=3
state dir=in packets=3,3 bytes=300,300
END
}
judge -o sum
daemon -e "127.0.0.1:$PORT"
frame
until_true 5 states_are 1
"$PFLOWCTL" -s "$DIR/sock" reload
is 'interface destroyed: after a reload' 0 $?
"$TOOLS/pfsyncgen" -r -n 6000 -v 3 -k 6 >&8
exec 8>&-
until_true 5 grep -q 'waiting for it' "$DIR/err"
until_true 5 states_are 6001
is 'interface destroyed: what came before is read' 0 $?
gone="interface $IF disappeared; waiting for it (ifconfig $IF create)"
has 'interface destroyed: says so' "$DIR/err" "$gone\$"
"$PFLOWCTL" -s "$DIR/sock" show >"$DIR/show"
has 'interface destroyed: is shown' "$DIR/show" \
    "^ *interface $IF disappeared; waiting for it (ifconfig"
is 'interface destroyed: the engine lives' "$ENGINE" "$(pgrep -P $PARENT)"
firewall
until_true 10 grep -q 'engine is running again' "$DIR/err"
is 'interface back: listens again' 0 $?
frame
until_true 5 states_are 6002
is 'interface back: counts on' 0 $?
"$PFLOWCTL" -s "$DIR/sock" show >"$DIR/show"
has 'interface back: the engine was replaced, none died' "$DIR/show" \
    ', replaced 1 time$'
has 'interface back: a line for the end of the engine' "$DIR/err" \
    'engine ends for its successor, after 6001 states in [0-9]* frames$'
is 'interface back: the counters are not logged' 0 \
    "$(grep -c 'states announced' "$DIR/err")"
stop TERM $PARENT
is 'interface back: exit status' 0 $?
is 'interface back: the counters are logged at the end' 1 \
    "$(grep -c 'states announced' "$DIR/err")"
stop TERM "$JUDGE"
is 'interface back: records' 12004 "$(sed -n 's/^records //p' "$DIR/judge.out")"
is 'interface back: no gap' 0 "$(sed -n 's/^gaps //p' "$DIR/judge.out")"

# There is none to begin with.
exec 8>&-
daemon -e 127.0.0.1:9
has 'no interface: what to do' "$DIR/err" "ifconfig $IF create"
has 'no interface: says that it waits' "$DIR/err" 'once the interface appears'
is 'no interface: says it once' 1 "$(grep -c 'create' "$DIR/err")"
stop TERM $PARENT
is 'no interface: exit status' 0 $?

# Nothing that others can fill or name is in the way of the counters' memory.
if unshare -m true 2>/dev/null; then
	cat >"$DIR/noroom.sh" <<'END'
mount -t tmpfs -o size=4k,mode=1777 tmpfs /dev/shm &&
dd if=/dev/zero of=/dev/shm/full bs=4k count=1 2>/dev/null
exec "$@"
END
	rm -f "$DIR/err"
	unshare -m sh "$DIR/noroom.sh" "$PFLOWD" -d -i "$IF" -y pfsync \
	    -s "$DIR/sock" -e 127.0.0.1:9 >"$DIR/out" 2>"$DIR/err" 8>&- &
	PARENT=$!
	started $PARENT
	until_true 10 grep -q 'listening on' "$DIR/err"
	is 'no shared memory: starts' 0 $?
	"$PFLOWCTL" -s "$DIR/sock" show counters >"$DIR/show"
	is 'no shared memory: counts' 0 $?
	stop TERM $PARENT
	is 'no shared memory: exit status' 0 $?
else
	skip 'no shared memory' 'no mount namespaces'
fi

# On a terminal: what a compromised engine types there would be root's shell's.
if command -v script >/dev/null; then
	firewall
	script -qfc "exec $PFLOWD -d -v -v -i $IF -y pfsync -s $DIR/sock" \
	    "$DIR/terminal" </dev/null >/dev/null 2>&1 8>&- &
	SCRIPT=$!
	started $SCRIPT
	until_true 10 grep -q 'listening on' "$DIR/terminal"
	PARENT=$(pgrep -f "^$PFLOWD -d -v -v -i $IF" | head -n 1)
	ENGINE=$(pgrep -P "$PARENT")
	started "$PARENT"
	is 'terminal: not the engine'"'"'s' '' \
	    "$(readlink "/proc/$ENGINE"/fd/* | grep -e tty -e pts)"
	is 'terminal: nor does it control the engine' 0 \
	    "$(awk '{ print $7 }' "/proc/$ENGINE/stat")"
	frame
	until_true 10 grep -q ' 3:3 pkts, 300:300 bytes' "$DIR/terminal"
	is 'terminal: flows are printed' 0 $?
	kill -TERM "$PARENT"
	wait $SCRIPT
else
	skip 'terminal' 'no script(1)'
fi
