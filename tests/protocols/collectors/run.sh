#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Replays into collectors: a strict judge of ours, nfcapd, nfacctd and tshark
# each have to find every packet and byte.

. tests/lib.sh

# truth NAME: a number that the generator says a collector must find.
truth() {
	sed -n "s/^$1 //p" "$DIR/truth"
}

# said NAME: the same by our judge.
said() {
	sed -n "s/^$1 //p" "$DIR/judge.out"
}

# Any number of states in a frame, any version, counters of any width.
exact() {
	"$TOOLS/pfsyncgen" "$@" -t "$DIR/truth" >"$DIR/r.pcap"
	judge -o sum
	"$PFLOWD" -R 5000 -r "$DIR/r.pcap" -e "127.0.0.1:$PORT" 2>"$DIR/err"
	status=$?
	stop TERM "$JUDGE"
	is "exact $*: no rule broken" 0 $?
	is "exact $*: exit status" 0 $status
	for what in records packets octets; do
		is "exact $*: $what" "$(truth $what)" "$(said $what)"
	done
}

for version in 2 3 4; do
	for states in 1 6 61 254; do
		exact -n 3000 -v $version -k $states -s $version$states
	done
done
exact -n 2000 -v 3 -k 6 -s 7 -w
exact -n 2000 -v 4 -k 9 -s 8 -w

# Over IPv6, where a datagram holds a record less.
judge -6 -o sum
"$PFLOWD" -r "$DIR/r.pcap" -e "[::1]:$PORT" 2>"$DIR/err"
stop TERM "$JUDGE"
is 'IPv6: no rule broken' 0 $?
is 'IPv6: octets' "$(truth octets)" "$(said octets)"

# The same capture gives the same datagrams.
for run in 1 2; do
	judge -o hex
	"$PFLOWD" -r "$DIR/r.pcap" -e "127.0.0.1:$PORT" 2>/dev/null
	stop TERM "$JUDGE"
	mv "$DIR/judge.out" "$DIR/run.$run"
done
same 'replay: the same datagrams again' "$DIR/run.1" "$DIR/run.2"

# A closed port costs the other collector nothing, and is no failure of ours.
judge -o sum
"$PFLOWD" -r "$DIR/r.pcap" -e 127.0.0.1:9 -e "127.0.0.1:$PORT" 2>"$DIR/err"
is 'one refuses: exit status' 0 $?
stop TERM "$JUDGE"
is 'one refuses: the other has all' "$(truth octets)" "$(said octets)"
has 'one refuses: told' "$DIR/err" '127.0.0.1:9: Connection refused'
is 'one refuses: told once' 1 "$(grep -c 'Connection refused' "$DIR/err")"

# The collectors of others.
"$TOOLS/pfsyncgen" -n 30000 -v 3 -k 6 -s 99 -t "$DIR/truth" >"$DIR/r.pcap"

if command -v nfcapd >/dev/null && command -v nfdump >/dev/null; then
	start_nfcapd "$DIR/nfcapd"
	"$PFLOWD" -R 3000 -r "$DIR/r.pcap" -e "127.0.0.1:$PORT" 2>"$DIR/err"
	is 'nfcapd: exit status' 0 $?
	stop_nfcapd
	nfdump -I -r "$DIR"/nfcapd/nfcapd.2* >"$DIR/nfdump"
	is 'nfcapd: records' "$(truth records)" \
	    "$(sed -n 's/^Flows: //p' "$DIR/nfdump")"
	is 'nfcapd: packets' "$(truth packets)" \
	    "$(sed -n 's/^Packets: //p' "$DIR/nfdump")"
	is 'nfcapd: bytes' "$(truth octets)" \
	    "$(sed -n 's/^Bytes: //p' "$DIR/nfdump")"
	is 'nfcapd: no gap in the sequence' 0 \
	    "$(sed -n 's/^Sequence failures: //p' "$DIR/nfdump")"
else
	skip nfcapd 'nfdump is not installed: make setup'
fi

if command -v nfacctd >/dev/null; then
	start_nfacctd proto 'nfacctd_time_new: true'
	"$PFLOWD" -R 1000 -r "$DIR/r.pcap" -e "127.0.0.1:$PORT" 2>"$DIR/err"
	stop_nfacctd
	is 'nfacctd: packets and bytes' \
	    "$(truth packets) $(truth octets)" \
	    "$(awk -F, '/^[a-z0-9]/ && $2 ~ /^[0-9]+$/ { p += $2; o += $3 }
		END { printf "%.0f %.0f", p, o }' "$DIR/nfacctd.csv")"
	is 'nfacctd: no gap in the sequence' 0 \
	    "$(grep -c 'expecting flow' "$DIR/nfacctd.log")"
else
	skip nfacctd 'pmacct is not installed: make setup'
fi

# tshark decodes; it is asked for what it read of a few flows.
if [ "$(id -u)" = 0 ] && command -v tshark >/dev/null &&
    command -v ethtool >/dev/null; then
	free_port
	as_on_a_wire
	start_tshark -f "udp dst port $PORT" -w "$DIR/run.pcap"
	"$TOOLS/pfsyncgen" <tests/golden/pcap/v3.in >"$DIR/v3.pcap"
	"$PFLOWD" -r "$DIR/v3.pcap" -e "127.0.0.1:$PORT" 2>/dev/null
	stop_tshark "$DIR/run.pcap" 1
	tshark -r "$DIR/run.pcap" -d "udp.port==$PORT,cflow" \
	    -T fields -e cflow.version -e cflow.count -e cflow.packets \
	    -e cflow.octets -E occurrence=a >"$DIR/tshark.out" 2>/dev/null
	is 'tshark: what it decodes' "$(printf '5\t13\t%s\t%s' \
	    10,8,12,14,1,1,2,4,4,100,90,3,1 \
	    1500,9000,2400,16800,60,120,120,336,336,50000,45000,180,40)" \
	    "$(cat "$DIR/tshark.out")"
else
	skip tshark 'not root, or tshark or ethtool is not installed'
fi
