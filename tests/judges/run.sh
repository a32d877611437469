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

# Debian's, which has scapy.
PYTHON=/usr/bin/python3
[ -x $PYTHON ] || PYTHON=python3

free_port() {
	judge -o sum
	stop TERM "$JUDGE"
}

# collectors: start them, on $NFCAPD and $NFACCTD; tshark sees the former's.
collectors() {
	free_port
	NFCAPD=$PORT
	free_port
	NFACCTD=$PORT
	rm -rf "$DIR/nf" "$DIR/nfacctd.csv"
	mkdir "$DIR/nf"
	nfcapd -w "$DIR/nf" -b 127.0.0.1 -p "$NFCAPD" -t 3600 -B 33554432 \
	    >"$DIR/nfcapd.log" 2>&1 &
	nfcapd=$!
	started $nfcapd
	cat >"$DIR/nfacctd.conf" <<-END
		daemonize: false
		nfacctd_ip: 127.0.0.1
		nfacctd_port: $NFACCTD
		nfacctd_disable_checks: false
		nfacctd_pipe_size: 33554432
		plugin_buffer_size: 1048576
		plugin_pipe_size: 67108864
		plugins: print[p]
		aggregate[p]: src_host, dst_host, src_port, dst_port, proto, tcpflags, timestamp_start, timestamp_end
		print_output[p]: csv
		print_output_file[p]: $DIR/nfacctd.csv
		print_output_file_append[p]: true
		print_refresh_time[p]: 60
		timestamps_since_epoch[p]: true
	END
	nfacctd -f "$DIR/nfacctd.conf" >"$DIR/nfacctd.log" 2>&1 &
	nfacctd=$!
	started $nfacctd
	tshark -i lo -f "udp dst port $NFCAPD" -w "$DIR/run.pcap" \
	    >/dev/null 2>"$DIR/tshark.err" &
	tshark=$!
	started $tshark
	until_true 20 grep -qi capturing "$DIR/tshark.err"
	until_true 10 grep -q waiting "$DIR/nfacctd.log"
	sleep 2
}

# live PROTOCOL: states of every version, to both collectors.
live() {
	for port in $NFCAPD $NFACCTD; do
		echo "collector 127.0.0.1 port $port { protocol $1 }"
	done >"$DIR/conf"
	"$PFLOWD" -d -i "$IF" -y pfsync -s "$DIR/sock" -f "$DIR/conf" \
	    >"$DIR/out" 2>"$DIR/err" 8>&- &
	PARENT=$!
	started $PARENT
	until_true 10 grep -q 'listening on' "$DIR/err"
	for version in 2 3 4; do
		"$TOOLS/pfsyncgen" -r -n 150 -v $version -k 6 -s 7$version \
		    -t "$DIR/truth.$version" >&8
	done
	sleep 1
	stop TERM $PARENT
}

# What they wrote, and what tshark saw.
ended() {
	sleep 1
	stop TERM $nfcapd
	stop INT $nfacctd
	until_true 10 test -s "$DIR/nfacctd.csv"
	sleep 1
	stop INT $tshark
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
	ended
	is "judges, $protocol: nfacctd sees no gap" 0 \
	    "$(grep -c 'expecting flow' "$DIR/nfacctd.log")"
	is "judges, $protocol: nfcapd neither" 1 \
	    "$(grep -c 'Sequence Errors: 0, Bad' "$DIR/nfcapd.log")"
	$PYTHON tests/judges/compare.py "$DIR" "$NFCAPD" "$(total packets)" \
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
