#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# SOAK_SECONDS (3600) of SOAK_RATE (60000) states a second through a live
# pflowd, to collectors of every protocol, while engines are killed, the
# configuration is read again, a collector stands still, and clients do not
# read.  A line each minute; every state is accounted for, and neither memory
# nor descriptors grow.

. tests/lib.sh
. tests/firewall.sh
need_firewall soak 5

SECONDS_LONG=${SOAK_SECONDS:-3600}
RATE=${SOAK_RATE:-60000}
PFLOWCTL=${PFLOWCTL:-pflowctl/pflowctl}
MOST_MEMORY=8192 # KiB of each process, that are not in a file
MOST_DESCRIPTORS=64

# sink NAME: its port is then in $PORT, its pid in $SINK.
sink() {
	tests/bench/udpsink >"$DIR/$1.sink" &
	SINK=$!
	started $SINK
	until_true 10 test -s "$DIR/$1.sink"
	PORT=$(head -n 1 "$DIR/$1.sink" | tr -dc 0-9)
}

ctl() {
	timeout 20 "$PFLOWCTL" -s "$DIR/sock" "$@"
}

# number KEY: of the counters.
number() {
	awk -v key="\"$1\":" '$1 == key { sub(/,/, ""); print $2; exit }' \
	    "$DIR/counters"
}

anonymous() {
	status_of "$1" RssAnon | sed 's/ kB//'
}

descriptors() {
	find "/proc/$1/fd" -mindepth 1 2>/dev/null | wc -l
}

firewall
sink five
{
	echo "interface $IF linktype pfsync"
	echo "socket \"$DIR/sock\""
	echo "collector 127.0.0.1 port $PORT"
	sink nine
	nine=$SINK
	echo "collector 127.0.0.1 port $PORT { protocol netflow9 }"
	sink ten
	echo "collector 127.0.0.1 port $PORT {"
	echo 'protocol ipfix'
	echo 'biflow'
	echo '}'
	echo 'collector 127.0.0.1 port 9'
} >"$DIR/conf"
start_daemon "$DIR/conf"

# A minute's states at a time, until it is over.
(
	end=$(($(date +%s) + SECONDS_LONG))
	n=0
	while [ "$(date +%s)" -lt $end ]; do
		n=$((n + 1))
		"$TOOLS/pfsyncgen" -r -n $((RATE * 20)) -v 3 -k 6 -s $n |
		    "$TOOLS/pacer" "$RATE" >&8
		echo $((n * RATE * 20)) >"$DIR/fed"
	done
) &
FEEDER=$!
started $FEEDER

disturb() {
	case $(($1 % 7)) in
	0) kill -KILL "$(pgrep -P $PARENT | head -n 1)" ;;
	1) kill -HUP $PARENT ;;
	2) kill -STOP "$nine" ;;
	3) kill -CONT "$nine" ;;
	4) ctl reload ;;
	5)
		"$PFLOWCTL" -s "$DIR/sock" monitor >/dev/null 2>&1 &
		sleep 0.2
		kill -STOP $! # a client that does not read
		stopped="$stopped $!"
		;;
	6)
		# shellcheck disable=SC2086
		kill -KILL $stopped 2>/dev/null
		stopped=
		ctl show metrics >/dev/null
		;;
	esac
}

sample() {
	until_true 20 ctl show
	ctl -j show counters >"$DIR/counters"
	python3 tests/system/random/sums.py <"$DIR/counters" >>"$DIR/sums" ||
	    wrong=$((wrong + 1))
	engine=$(pgrep -P $PARENT | head -n 1)
	now=$(anonymous $PARENT) then=$(anonymous "$engine")
	[ "$now" -lt $MOST_MEMORY ] && [ "${then:-0}" -lt $MOST_MEMORY ] ||
	    fat=$((fat + 1))
	now=$(descriptors $PARENT) then=$(descriptors "$engine")
	[ "$now" -lt $MOST_DESCRIPTORS ] &&
	    [ "$then" -lt $MOST_DESCRIPTORS ] || open=$((open + 1))
}

format='%8s %12s %9s %8s %8s %12s %7s %7s %4s %4s\n'
# shellcheck disable=SC2059
tell() {
	printf "$format" "$(($(date +%s) - begun))" "$(number states)" \
	    "$(number kernel_dropped)" "$(number kernel_unread)" \
	    "$(number states_crashed)" "$(number records)" \
	    "$(anonymous $PARENT)" "$(anonymous "$engine")" \
	    "$(descriptors $PARENT)" "$(descriptors "$engine")"
}

begun=$(date +%s) wrong=0 fat=0 open=0 turn=0 stopped=
# shellcheck disable=SC2059
printf "$format" seconds states dropped unread crashed records parent engine \
    fds fds
while ! ended $FEEDER; do
	sleep 9
	turn=$((turn + 1))
	disturb $turn
	sample
	[ $((turn % 6)) != 0 ] || tell
done
kill -CONT "$nine"
sleep 3
sample
tell
lost=$((6 * ($(number kernel_dropped) + $(number kernel_interface_dropped) +
    $(number kernel_unread)) + $(number states_crashed)))
is 'soak: states, seen or counted as lost' "$(cat "$DIR/fed")" \
    $(($(number states) + lost))
is 'soak: the accounting added up' 0 $wrong
head -n 5 "$DIR/sums"
is "soak: memory under $MOST_MEMORY KiB" 0 $fat
is "soak: descriptors under $MOST_DESCRIPTORS" 0 $open
stop TERM $PARENT
is 'soak: exit status' 0 $?
