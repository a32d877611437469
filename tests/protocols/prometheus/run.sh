#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# What "pflowctl show metrics" prints is taken as it is by promtool, by
# node_exporter's textfile collector and by Prometheus.

. tests/lib.sh

PFLOWCTL=${PFLOWCTL:-pflowctl/pflowctl}
missing=
for program in promtool prometheus-node-exporter python3; do
	command -v $program >/dev/null || missing="$missing $program"
done
if [ -n "$missing" ]; then
	skip 'show metrics: promtool, node_exporter and Prometheus' \
	    "missing:$missing: sh tests/setup.sh seen"
	exit
fi

# Two free ports, in $1 and $2.
# shellcheck disable=SC2046
set -- $(python3 -c '
import socket
both = [socket.create_server(("127.0.0.1", 0)) for i in range(2)]
print(*(s.getsockname()[1] for s in both))')
EXPORTER=127.0.0.1:$1
PROMETHEUS=127.0.0.1:$2

# metrics MODE: what pflowctl prints for a stand-in of this mode.
metrics() {
	rm -f "$DIR/sock"
	"$TOOLS/ctlserve" -m "$1" "$DIR/sock" 2>/dev/null &
	server=$!
	started $server
	until_true 10 test -S "$DIR/sock"
	"$PFLOWCTL" -s "$DIR/sock" show metrics
	stop TERM $server 2>/dev/null
}

# get URL: its text.
get() {
	python3 -c '
import sys, urllib.request
sys.stdout.write(urllib.request.urlopen(sys.argv[1], timeout=10)
                 .read().decode())' "$1"
}

# exported NAME LINE: whether node_exporter has this line.
exported() {
	if grep -qxF -e "$2" "$DIR/exported"; then
		ok "node_exporter: $1"
	else
		failed "node_exporter: $1" "no line: $2"
		grep "^${2%%[ {]*}" "$DIR/exported" | head -n 5
	fi
}

# query EXPRESSION: the values that Prometheus has, a line each.
query() {
	python3 -c '
import json, sys, urllib.parse, urllib.request
url = "http://%s/api/v1/query?" % sys.argv[1]
url += urllib.parse.urlencode({"query": sys.argv[2]})
for r in json.load(urllib.request.urlopen(url, timeout=10))["data"]["result"]:
    print(r["value"][1])' "$PROMETHEUS" "$1"
}

has_value() {
	[ -n "$(query "$1")" ]
}

# Its name is checked, its units, its type and its help: no warning, either.
mkdir "$DIR/textfiles"
for mode in plain empty hostile; do
	metrics $mode >"$DIR/textfiles/pflowd.prom"
	promtool check metrics <"$DIR/textfiles/pflowd.prom" \
	    >"$DIR/promtool" 2>&1
	is "promtool check metrics, $mode: exit status" 0 $?
	is "promtool check metrics, $mode: no warning" '' \
	    "$(head -n 5 "$DIR/promtool")"
done

# Names that look as the naming guide says and promtool does not check.
is 'times are _timestamp_seconds, or lengths of time' '' \
    "$(grep -o '^pflowd_[a-z_]*_seconds' "$DIR/textfiles/pflowd.prom" |
	grep -v -e '_timestamp_seconds$' -e '_time_seconds$' \
	    -e '_interval_seconds$')"
is 'nothing of OpenMetrics' '' \
    "$(grep -e '^# EOF' -e '^# TYPE .* info$' -e '^# UNIT' \
	"$DIR/textfiles/pflowd.prom")"

prometheus-node-exporter --collector.disable-defaults --collector.textfile \
    --collector.textfile.directory="$DIR/textfiles" \
    --web.listen-address="$EXPORTER" --web.disable-exporter-metrics \
    >"$DIR/err" 2>&1 &
started $!
until_true 20 get "http://$EXPORTER/metrics"
for mode in hostile empty plain; do
	metrics $mode >"$DIR/new"
	mv "$DIR/new" "$DIR/textfiles/pflowd.prom"
	get "http://$EXPORTER/metrics" >"$DIR/exported"
	exported "no error, $mode" 'node_textfile_scrape_error 0'
	is "node_exporter: all samples of $mode" \
	    "$(grep -c '^pflowd_' "$DIR/textfiles/pflowd.prom")" \
	    "$(grep -c '^pflowd_' "$DIR/exported")"
done
exported 'a counter' 'pflowd_states_exported_total 2450'
exported 'a reason' 'pflowd_frames_refused_total{reason="fragment"} 5'
exported 'a collector' \
    'pflowd_collector_records_lost_total{collector="192.0.2.20:9995",nth="",reason="dropped"} 50'
exported 'a type' '# TYPE pflowd_collector_records_lost_total counter'
exported 'a time' 'pflowd_started_timestamp_seconds 1.700000000007e+09'
exported 'the version' 'pflowd_info{sandbox="seccomp",version="0.2"} 1'

if ! command -v prometheus >/dev/null; then
	skip 'Prometheus' 'missing: prometheus: sh tests/setup.sh seen'
	exit
fi
cat >"$DIR/prometheus.yml" <<END
global: { scrape_interval: 1s }
scrape_configs:
  - job_name: pflowd
    static_configs: [ { targets: [ "$EXPORTER" ] } ]
END
prometheus --config.file="$DIR/prometheus.yml" --storage.tsdb.path="$DIR/tsdb" \
    --web.listen-address="$PROMETHEUS" >"$DIR/err" 2>&1 &
started $!
until_true 60 has_value pflowd_states_total
is 'Prometheus: a counter' 2500 "$(query pflowd_states_total)"
is 'Prometheus: its reasons add up' 50 \
    "$(query 'sum(pflowd_states_not_exported_total)')"
is 'Prometheus: a label' 80 \
    "$(query 'sum(pflowd_collector_records_lost_total{nth="2"})')"
is 'Prometheus: the target is up' 1 "$(query up)"
