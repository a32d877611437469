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
	sleep 0.2
	stop TERM $SINK
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
