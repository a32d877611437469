#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# pflowd on a modelled pf with 100,000 states, 5,000 of which end each second,
# for SOAK_SECONDS (600): an engine is killed every SOAK_ENGINE (90) s and a
# dumper every SOAK_DUMPER (120) s.  A line each minute; in the end, every octet
# of the last dump that showed a state is reported, or counted as lost in a
# crash.  As by default, both states of a connection are one, and reported each
# 300 s while they live.

. tests/lib.sh
. tests/system/table/table.sh
need_table 'soak, table' 5

LONG=${SOAK_SECONDS:-600}
ENGINE=${SOAK_ENGINE:-90}
DUMPER=${SOAK_DUMPER:-120}
CONNECTIONS=2857 # a second; three of four have two states
MOST_MEMORY=81920 # KiB of the engine, with what it tracks

# memory PID: KiB
memory() {
	awk '/^Rss(Anon|Shmem):/ { sum += $2 } END { print sum + 0 }' \
	    "/proc/$1/status" 2>/dev/null
}

# cpu PID: s, with its children that have ended.
cpu() {
	awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); \
	    print ($12 + $13 + $14 + $15) / hz }' "/proc/$1/stat" 2>/dev/null
}

# cpu_all: of pflowd, the parent and all children.
cpu_all() {
	{
		for pid in $PARENT $(pgrep -P $PARENT); do
			cpu "$pid"
		done
	} | awk '{ sum += $1 } END { print sum + 0 }'
}

format='%7s %8s %8s %6s %5s %9s %9s %8s %6s %6s\n'
# shellcheck disable=SC2059
line() {
	until_true 20 ctl show # an engine may just have been killed
	ctl -j show counters >"$DIR/counters"
	python3 tests/system/random/sums.py <"$DIR/counters" >>"$DIR/wrong" ||
	    wrong=$((wrong + 1))
	pf_do status >"$DIR/status"
	used=$(memory "$(child engine)")
	[ "${used:-0}" -lt $MOST_MEMORY ] || fat=$((fat + 1))
	now=$(cpu_all)
	printf "$format" "$second" \
	    "$(sed -n 's/^states //p' "$DIR/status")" \
	    "$(number states_tracked)" "$(number dumps)" \
	    "$(number dumps_void)" "$(number states)" "$(number records)" \
	    "$(number records_crashed)" "${used:-0}" \
	    "$(echo "$now $cpu $((second - told))" |
		awk '{ printf "%.1f", ($1 - $2) / $3 * 100 }')"
	cpu=$now told=$second
}

# number KEY: of the counters, the first that has the name.
number() {
	sed -n "s/^ *\"$1\": \([0-9]*\),*\$/\1/p" "$DIR/counters" | head -n 1
}

INTERVAL=auto JOIN=yes INTERIM=${SOAK_INTERIM:-300}
judge -o hosts
conf 'hold 1'
# Room for those that have ended, which are tracked for three more dumps.
pf -T 10 -n $CONNECTIONS -S 400000 -d "$LONG"
daemon
begun=$(date +%s) second=0 wrong=0 fat=0 engines=0 dumpers=0 cpu=0 told=0
# shellcheck disable=SC2059
printf "$format" seconds states tracked dumps void ended records crashed KiB \
    'cpu %'
while [ "$(pf_has quiet)" = 0 ]; do
	sleep 1
	last=$second
	second=$(($(date +%s) - begun))
	if [ $((second / DUMPER)) != $((last / DUMPER)) ]; then
		kill -KILL "$(child dumper)" && dumpers=$((dumpers + 1))
	fi
	if [ $((second / ENGINE)) != $((last / ENGINE)) ]; then
		kill -KILL "$(child engine)" && engines=$((engines + 1))
	fi
	[ $((second / 60)) = $((last / 60)) ] || line
done
until_true 120 all_ended
is 'soak, table: all states have ended' 0 $?
second=$(($(date +%s) - begun))
line
echo "pf: $(cpu $PF) s of CPU in $second s; killed: $engines engines," \
    "$dumpers dumpers"
settle 10 killed
cat "$DIR/sums"
is 'soak, table: every octet is accounted for' 0 "$status"
is 'soak, table: the accounting added up' 0 $wrong
head -n 5 "$DIR/wrong"
is "soak, table: memory under $MOST_MEMORY KiB" 0 $fat
is 'soak, table: all that was killed came again' "$((engines))" \
    "$(grep -c 'engine is running again' "$DIR/err")"
