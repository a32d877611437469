#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Reloads and a killed engine under load, as root with a tun device: finds the
# highest rate of states that the kernel does not drop any of, and at half of it
# has a million of them arrive while the configuration is reloaded fifty times;
# then once more with the engine killed in the middle.
#
# usage: sh tests/system/service/load.sh [states]

. tests/lib.sh
. tests/firewall.sh
need_firewall load 1

PFLOWCTL=${PFLOWCTL:-pflowctl/pflowctl}
STATES=${1:-1000000}
CONF=$DIR/pflowd.conf

begin() {
	judge -o sum
	cat >"$CONF" <<-END
		interface $IF linktype pfsync
		socket "$DIR/sock"
		collector 127.0.0.1 port $PORT
	END
	cp "$CONF" "$DIR/one"
	{
		cat "$CONF"
		echo 'collector localhost port 9 { engine id 1'
		echo '}'
		echo 'ignore proto 250'
	} >"$DIR/two"
	start_daemon "$CONF"
}

finish_run() {
	sleep 1 # for what is still in the kernel
	"$PFLOWCTL" -s "$DIR/sock" show counters >"$DIR/counters"
	stop TERM $PARENT
	stop TERM "$JUDGE"
}

counted() {
	row "$DIR/counters" "$1"
}

judged() {
	sed -n "s/^$1 //p" "$DIR/judge.out"
}

# make STATES: what is played is made beforehand, so as not to be the limit.
make_frames() {
	"$TOOLS/pfsyncgen" -r -n "$1" -v 3 -k 6 -s 7 -t "$DIR/truth" \
	    >"$DIR/made"
}

# play RATE: returns when the last frame was handed to the device.
play() {
	"$TOOLS/pacer" "$1" <"$DIR/made" >&8
}

ms() {
	date +%s%3N
}

firewall
make_frames 300000
rate=100000 best=0
while [ $rate -le 12800000 ]; do
	begin
	start=$(ms)
	play $rate
	real=$((300000 * 1000 / ($(ms) - start)))
	finish_run
	drops=$(counted 'dropped: buffer full')
	echo "$real states a second: $drops frames dropped by the kernel"
	[ "$drops" = 0 ] && [ "$(counted 'states seen')" = 300000 ] || break
	[ $((real * 10)) -gt $((best * 11)) ] || break # the device's own limit
	best=$real
	rate=$((rate * 2))
done
[ $best -gt 0 ] || exit 1
half=$((best / 2))
make_frames "$STATES"

begin
play $half &
SENDER=$!
reloads=0
while kill -0 $SENDER 2>/dev/null && [ $reloads -lt 50 ]; do
	for file in two one; do
		cp "$DIR/$file" "$CONF"
		"$PFLOWCTL" -s "$DIR/sock" reload || echo 'a reload failed'
		reloads=$((reloads + 1))
	done
done
wait $SENDER
finish_run
echo "$STATES states, $half a second, $reloads reloads:" \
    "$(counted 'states seen') seen," \
    "$(counted 'dropped: buffer full') dropped by the kernel;" \
    "$(sed -n 's/^records //p' "$DIR/truth") records made," \
    "$(judged records) arrived, $(judged gaps) gaps"

begin
play $half &
SENDER=$!
sleep 0.5 # into the load
pkill -KILL -P $PARENT
wait $SENDER
finish_run
echo "$STATES states, $half a second, the engine killed:" \
    "$(counted 'states seen') seen," \
    "$(counted 'unread when an engine died') frames of six unread," \
    "$(grep -c 'lost in a crash' "$DIR/counters") rows of losses:" \
    "$(sed -n 's/^ *lost in a crash *//p' "$DIR/counters" | tr '\n' ' ')" \
    "states and records lost in a crash, each with their octets;" \
    "$(counted 'records built') records built," \
    "$(judged records) arrived, $(judged missing) missing by the sequence"
