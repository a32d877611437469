#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# What a replay costs beside the two bare limits, on the same machine and data
# in the same run: reading the capture, touching each byte, and sending as many
# full datagrams.  CPU seconds, medians of the rounds.

. tests/lib.sh

STATES=${STATES:-1000000}
ROUNDS=${ROUNDS:-5}
BENCH=tests/bench

median() {
	sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

sink() {
	rm -f "$DIR/sink"
	"$BENCH/udpsink" >"$DIR/sink" &
	SINK=$!
	started $SINK
	until_true 5 test -s "$DIR/sink"
	PORT=$(head -n 1 "$DIR/sink")
}

# run FILE COMMAND ...: into a new sink.  A run whose datagrams found no room
# there is void.
run() {
	file=$1
	shift
	sink
	"$BENCH/cpu" "$DIR/$file" "$@" "$PORT" >/dev/null 2>&1
	status=$?
	sleep 0.2
	stop TERM $SINK
	[ $status = 0 ] || echo "void: $file exited $status"
	lost=$(tail -n 1 "$DIR/sink" | cut -d ' ' -f 2)
	[ "$lost" = 0 ] ||
	    echo "void: the sink had no room for $lost datagrams"
}

bench() {
	"$TOOLS/pfsyncgen" -n "$STATES" -k "$1" >"$DIR/pcap"
	rm -f "$DIR/read" "$DIR/send" "$DIR/replay"
	round=0
	while [ $round -lt "$ROUNDS" ]; do
		round=$((round + 1))
		"$BENCH/cpu" "$DIR/read" "$BENCH/pcaptouch" "$DIR/pcap" \
		    >/dev/null
		run send sh -c 'exec "$0" "$2" "$1"' "$BENCH/udpblast" \
		    $(((STATES * 2 + 29) / 30))
		run replay sh -c 'exec "$0" -R 0 -r "$1" -e "127.0.0.1:$2"' \
		    "$PFLOWD" "$DIR/pcap"
	done
	awk -v n="$STATES" -v k="$1" -v r="$(median "$DIR/read")" \
	    -v s="$(median "$DIR/send")" -v p="$(median "$DIR/replay")" \
	    -v m="$(awk '$2 > m { m = $2 } END { print m }' "$DIR/replay")" \
	    'BEGIN { printf "%-7d %9.3f %9.3f %9.3f %8.2f %11d %9d %6.1f\n",
		k, r, s, p, p / (r + s), n / p, p / n * 1e9, m / 1024 }'
}

echo "$STATES states, two records each, $ROUNDS rounds; CPU seconds"
echo
echo 'states                                   replay/              ns of'
echo 'a frame   reading   sending    replay (rd+snd)    states/s CPU/state    MiB'
bench 6
bench 1

# protocols: what each costs beside version 5, rounds of all in turn.
protocols() {
	"$TOOLS/pfsyncgen" -n "$STATES" -k 6 >"$DIR/pcap"
	round=0
	while [ $round -lt "$ROUNDS" ]; do
		round=$((round + 1))
		for protocol in netflow5 netflow9 ipfix biflow; do
			settings=$protocol
			test $protocol != biflow || settings='ipfix\nbiflow'
			run $protocol sh -c 'printf \
			    "collector 127.0.0.1 port %d {\nprotocol %b\n}\n" \
			    "$4" "$2" >"$3" && exec "$0" -R 0 -r "$1" -f "$3"' \
			    "$PFLOWD" "$DIR/pcap" "$settings" "$DIR/conf"
		done
	done
	for protocol in netflow5 netflow9 ipfix biflow; do
		awk -v name=$protocol -v p="$(median "$DIR/$protocol")" \
		    -v five="$(median "$DIR/netflow5")" -v n="$STATES" \
		    'BEGIN { printf "%-9s %9.3f %9.2f %9d\n", name, p,
			p / five, p / n * 1e9 }'
	done
}

echo
echo '                       beside     ns of'
echo 'protocol     replay  netflow5 CPU/state'
protocols
