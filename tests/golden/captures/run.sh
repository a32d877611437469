#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# What running kernels have sent (README here): the datagrams that it gives,
# the accounting, and a line for each flow are compared with NAME.out, those of
# joined states with NAME.joined, and what was recorded at the same time on the
# cables with the records.  "sh tests/golden/captures/run.sh update" writes the
# .out and .joined files anew, for review.

. tests/lib.sh

HERE=tests/golden/captures

# records NAME JOIN: IPFIX's, which can carry all, in $DIR/NAME.records.
records() {
	rm -f "$DIR/port"
	python3 tests/protocols/flowsets/decode.py -p 0 -w "$DIR/port" >"$DIR/$1.records" \
	    2>"$DIR/$1.wrong" &
	decoder=$!
	started $decoder
	until_true 10 test -s "$DIR/port" || echo "no decoder" >&2
	{
		cat "$HERE/netbsd.conf"
		echo "join $2"
		echo "collector 127.0.0.1 port $(cat "$DIR/port") {"
		echo 'protocol ipfix'
		echo '}'
	} >"$DIR/ipfix.conf"
	"$PFLOWD" -f "$DIR/ipfix.conf" -r "$DIR/$1.pcap" >/dev/null 2>&1
	stop TERM $decoder
}

# sums NAME JOIN ARGUMENT ...: of tests/golden/captures/sums.py behind the records.
sums() {
	name=$1 join=$2
	shift 2
	times=
	if [ "$1" = -t ]; then
		times=-t
		shift
	fi
	records "$name" "$join"
	is "captures/$name: IPFIX, join $join" '' "$(cat "$DIR/$name.wrong")"
	python3 $HERE/sums.py $times "$HERE/$name-ins.pcap.gz" \
	    "$HERE/$name-outs.pcap.gz" "$DIR/$name.records" "$@" \
	    >"$DIR/$name.sums"
	is "captures/$name: as on the cables, join $join" '0 ' "$? $(cat "$DIR/$name.sums")"
}

for file in $HERE/*-pfsync.pcap.gz; do
	name=$(basename "$file" -pfsync.pcap.gz)
	gzip -dc "$file" >"$DIR/$name.pcap"
	golden_replay "$name" "$DIR/$name.pcap" -f $HERE/netbsd.conf
	"$PFLOWD" -r "$DIR/$name.pcap" 2>/dev/null >>"$DIR/$name.out"
	if [ "$1" = update ]; then
		cp "$DIR/$name.out" "$HERE/$name.out"
	else
		same "captures/$name" "$HERE/$name.out" "$DIR/$name.out"
	fi
done

{
	cat $HERE/netbsd.conf
	echo 'join yes'
} >"$DIR/join.conf"
for name in netbsd-A netbsd-B netbsd-C; do
	"$PFLOWD" -f "$DIR/join.conf" -r "$DIR/$name.pcap" 2>/dev/null \
	    >"$DIR/$name.joined"
	if [ "$1" = update ]; then
		cp "$DIR/$name.joined" "$HERE/$name.joined"
	else
		same "captures/$name, joined" "$HERE/$name.joined" \
		    "$DIR/$name.joined"
	fi
done

[ "$1" != update ] || exit 0

# No state announced with counters, and no reason to fail.
for name in freebsd-14.3 freebsd-15 openbsd-7.6; do
	"$PFLOWD" -r "$DIR/$name.pcap" >"$DIR/out" 2>"$DIR/err"
	is "captures/$name: exit status" 0 $?
	is "captures/$name: one warning" 1 "$(grep -c '^pflowd: ' "$DIR/err")"
	is "captures/$name: no flow" '' "$(cat "$DIR/out")"
done

if ! command -v python3 >/dev/null; then
	skip 'captures: as on the cables' 'no python3'
	exit 0
fi
sums netbsd-A no -t 122
is 'captures/netbsd-A: ICMP has no ports' '' \
    "$(grep -e ' proto=1 ' -e ' proto=58 ' "$DIR/netbsd-A.records" |
    grep -v ' sport=0 .* dport=0 ')"
# Not: what passed inside without a state after a kill; a synproxy's handshake;
# fragments (60627 outside); packets that pf dropped.
sums netbsd-B no 50 43020 43031 43032 43033 44002 44011 60627 44033
sums netbsd-C no -t 32
# Joined.  Not B: there, in-states are killed alone, and connections go on in
# another one.
sums netbsd-A yes -t 58
sums netbsd-C yes -t 16
