#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# One live run in each protocol, read by every collector that there is: they
# have to agree with each other, and with what was made, on every flow.  With
# "update" the table goes into README.md.

. tests/lib.sh
. tests/firewall.sh
need_firewall judges 12 nfcapd nfdump nfacctd tshark ethtool
as_on_a_wire

PFLOWCTL=${PFLOWCTL:-pflowctl/pflowctl}
# Debian's, which has scapy.
PYTHON=/usr/bin/python3
[ -x $PYTHON ] || PYTHON=python3

# collectors: start them; tshark sees what nfcapd does.
collectors() {
	rm -rf "$DIR/nf"
	start_nfcapd "$DIR/nf"
	start_nfacctd "src_host, dst_host, src_port, dst_port, proto, tcpflags, timestamp_start, timestamp_end" \
	    'timestamps_since_epoch[p]: true'
	start_tshark -f "udp dst port $NFCAPD_PORT" -w "$DIR/run.pcap" \
	    >/dev/null
}

# live PROTOCOL: states of every version, to both collectors.
live() {
	for port in $NFCAPD_PORT $NFACCTD_PORT; do
		echo "collector 127.0.0.1 port $port { protocol $1 }"
	done >"$DIR/conf"
	rm -f "$DIR/err"
	"$PFLOWD" -d -i "$IF" -y pfsync -s "$DIR/sock" -f "$DIR/conf" \
	    >"$DIR/out" 2>"$DIR/err" 8>&- &
	PARENT=$!
	started $PARENT
	until_true 10 grep -q 'listening on' "$DIR/err"
	for version in 2 3 4; do
		"$TOOLS/pfsyncgen" -r -n 150 -v $version -k 6 -s 7$version \
		    -t "$DIR/truth.$version" >&8
	done
	until_true 20 seen 450
	stop TERM $PARENT
}

seen() {
	"$PFLOWCTL" -s "$DIR/sock" show counters >"$DIR/counters" &&
	    [ "$(row "$DIR/counters" 'states seen')" = "$1" ]
}

# What they wrote, and what tshark saw.
ended_well() {
	stop_nfcapd
	stop_nfacctd
	stop_tshark "$DIR/run.pcap" $(($(row "$DIR/err" 'datagrams sent') / 2))
}

total() {
	cat "$DIR"/truth.? | awk -v what="$1" '$1 == what { sum += $2 }
	    END { printf "%.0f", sum }'
}

firewall
echo '| protocol | judge | version | flows | packets | octets | agrees |
|---|---|---|---|---|---|---|' >"$DIR/table"
for protocol in netflow5 netflow9 ipfix; do
	collectors
	live $protocol
	is "judges, $protocol: exit status" 0 $?
	ended_well
	is "judges, $protocol: nfacctd sees no gap" 0 \
	    "$(grep -c 'expecting flow' "$DIR/nfacctd.log")"
	is "judges, $protocol: nfcapd neither" 1 \
	    "$(grep -c 'Sequence Errors: 0, Bad' "$DIR/nfcapd.log")"
	$PYTHON tests/protocols/judges/compare.py "$DIR" "$NFCAPD_PORT" "$(total packets)" \
	    "$(total octets)" $protocol >>"$DIR/table" 2>"$DIR/table.err"
	is "judges, $protocol: all agree on every flow" 0 $?
	cat "$DIR/table.err"
done
cat "$DIR/table"
if [ "${1-}" = update ]; then
	awk -v table="$DIR/table" '
	/<!-- judges -->/ { print; while ((getline line <table) > 0) print line
	    skip = 1; next }
	/<!-- end of judges -->/ { skip = 0 }
	!skip' README.md >"$DIR/README" && cat "$DIR/README" >README.md
fi
