# shellcheck shell=sh disable=SC2034
#
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Forwarded connections of a modelled pf, half of which last, at nfcapd (IPFIX)
# and nfacctd (NetFlow 9).  After table.sh.

CONNECTIONS=${CONNECTIONS:-2000}
LASTING=12 # s, to twice as many
MAKING=$((CONNECTIONS / 2500 + 10)) # s

# need_collectors NAME COUNT: as need_table.
need_collectors() {
	need_table "$1" "$2"
	for tool in nfcapd nfdump nfacctd; do
		command -v $tool >/dev/null ||
		    skip_all "$1" "$2" "no $tool: make setup"
	done
}

# collected_conf LINE ...: the configuration, with both.
# shellcheck disable=SC2120
collected_conf() {
	PORT=$NFCAPD_PORT
	conf "collector 127.0.0.1 port $NFCAPD_PORT {" 'protocol ipfix' '}' \
	    "collector 127.0.0.1 port $NFACCTD_PORT {" 'protocol netflow9' '}' \
	    'hold 1' "$@"
	sed -i "/^collector 127.0.0.1 port $PORT\$/d" "$DIR/conf"
}

# collected ARGUMENT ...: of pfsim; all three begin.
collected() {
	start_nfcapd "$DIR/nfcapd"
	start_nfacctd src_host,dst_host
	collected_conf
	pf -j $LASTING -T 4 -n $((CONNECTIONS / MAKING)) -C "$DIR/log" "$@"
	daemon
}

# made: all connections are; no new ones follow.
made() {
	[ "$(pf_has connections)" -ge "$CONNECTIONS" ] && pf_do rate 0
}

# gone: all states of pf have, and pflowd knows.
gone() {
	[ "$(pf_has states)" = 0 ] && [ "$(counter states_tracked)" = 0 ]
}

# judge_collected NAME [restarted]
judge_collected() {
	name=$1
	shift
	until_true 120 gone
	is "$name: all states have ended" 0 $?
	ctl -j show counters >"$DIR/counters"
	stop TERM "$PARENT"
	is "$name: exit status" 0 $?
	stop TERM "$PF"
	is "$name: exit status of pfsim" 0 $?
	stop_nfcapd
	stop_nfacctd
	format='fmt:%ts|%te|%tr|%sa|%da|%pkt|%byt'
	for how in '' -a; do
		# shellcheck disable=SC2086
		TZ=UTC nfdump -R "$DIR/nfcapd" -q -N -6 $how -o "$format" \
		    >"$DIR/flows$how" 2>"$DIR/nfdump.err"
	done
	TZ=UTC python3 tests/system/table/collected.py "$DIR/log" \
	    "${INTERIM:-0}" "$DIR/counters" "$DIR/flows" "$DIR/flows-a" \
	    "$DIR/nfacctd.csv" "$@" >"$DIR/sums" 2>&1
	is "$name: what crossed the firewall, once" 0 $?
	cat "$DIR/sums"
	python3 tests/system/random/sums.py <"$DIR/counters"
	is "$name: the accounting adds up" 0 $?
}
