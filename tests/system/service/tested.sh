#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# What pflowctl says of collectors: unknown, until something was sent; and of a
# test: its own result alone, half a second later, while others are served.

. tests/lib.sh

PFLOWCTL=${PFLOWCTL:-pflowctl/pflowctl}
free_port
cat >"$DIR/conf" <<END
hold 0
collector 127.0.0.1 port $PORT
END
chmod 600 "$DIR/conf"
# A replay of a pipe that nothing comes from yet.
mkfifo "$DIR/pipe"
"$PFLOWD" -r - -s "$DIR/sock" -f "$DIR/conf" <"$DIR/pipe" >"$DIR/out" \
    2>"$DIR/err" 7>&- &
REPLAY=$!
started $REPLAY
exec 7>"$DIR/pipe"
ctl() {
	"$PFLOWCTL" -s "$DIR/sock" "$@"
}
until_true 10 ctl show

# It listens on no interface.
ctl show >"$DIR/shown"
has 'summary of a replay: says so' "$DIR/shown" '^replaying   a capture$'
is 'summary of a replay: no remedy for an interface' 0 \
    "$(grep -c ifconfig "$DIR/shown")"
is 'check of a replay: says so' 'OK: replaying, 1 collector, none down' \
    "$(ctl check)"

# state_is WORD
state_is() {
	ctl show collectors >"$DIR/shown"
	grep -q "^  state  *$1\$" "$DIR/shown"
}
state_is unknown
is 'never sent to: unknown' 0 $?

# The datagram of this state is refused, which nobody has read yet.
"$TOOLS/pfsyncgen" >"$DIR/v3.pcap" <<'END'
frame version=3
state dir=in proto=udp lan=192.0.2.80:53 ext=203.0.113.5:51234 packets=1,1 bytes=60,60 age=9
END
cat "$DIR/v3.pcap" >&7
sent() {
	ctl show collectors >"$DIR/shown"
	grep -q '^  datagrams sent  *1$' "$DIR/shown"
}
until_true 15 sent
state_is up
is 'sent, and no answer: up' 0 $?
"$TOOLS/nf5recv" -p "$PORT" -o sum >"$DIR/judge.out" 2>"$DIR/judge.err" &
JUDGE=$!
started $JUDGE
wait_bound "$PORT"
ctl test >"$DIR/tested"
is 'test after an earlier error: exit status' 0 $?
has 'test after an earlier error: of itself alone' "$DIR/tested" \
    'sent, nothing came back$'
stop TERM $JUDGE

# Nobody listens any more.
ctl test >"$DIR/tested"
is 'test, nobody listens: exit status' 1 $?
has 'test, nobody listens: says so' "$DIR/tested" 'refused: Connection refused$'
state_is down
is 'refused: down' 0 $?
ctl show >"$DIR/shown"
is 'summary: lost and errors' '0 2' \
    "$(awk '/^127/ { print $(NF - 1), $NF }' "$DIR/shown")"

# Others are answered before the test is.
served() {
	ctl test >"$DIR/tested" 2>&1 &
	test=$!
	ctl show >/dev/null
	kill -0 $test 2>/dev/null
	at_once=$?
	wait $test
	return $at_once
}
until_true 10 served
is 'test: others are served meanwhile' 0 $?
exec 7>&-
wait $REPLAY

# A test before the first frame has the time of the clock.
"$TOOLS/nf5recv" -p "$PORT" -o hex >"$DIR/hex" 2>"$DIR/judge.err" &
JUDGE=$!
started $JUDGE
wait_bound "$PORT"
"$PFLOWD" -r - -s "$DIR/sock" -e "127.0.0.1:$PORT" <"$DIR/pipe" >"$DIR/out" \
    2>"$DIR/err" 7>&- &
REPLAY=$!
started $REPLAY
exec 7>"$DIR/pipe"
until_true 10 ctl show
ctl test >/dev/null
until_true 10 test -s "$DIR/hex"
seconds=$(cut -c17-24 "$DIR/hex")
off=$(($(date +%s) - 0x$seconds))
is 'test before the first frame: its time is now' yes \
    "$(test $off -ge 0 && test $off -lt 60 && echo yes || echo "$off s ago")"
exec 7>&-
stop TERM $JUDGE
