#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# What a collector gets of the dumps of a modelled pf (tests/tools/pfsim): the
# connections that it forwards, in pieces and as one, with what crossed the
# firewall.  SEEDS says how many tables each is tried with.

. tests/lib.sh

SEEDS=${SEEDS:-1}
BIFLOW=

# records CONF-LINE ...: $DIR/records, which a collector gets of the recording.
records() {
	rm -f "$DIR/port"
	python3 tests/protocols/flowsets/decode.py -t -w "$DIR/port" \
	    >"$DIR/records" 2>"$DIR/wrong" &
	decoder=$!
	started $decoder
	until_true 10 test -s "$DIR/port"
	{
		printf '%s\n' 'hold 0' 'ifindex em0 1' 'ifindex em1 2' "$@"
		printf 'collector 127.0.0.1 port %s {\nprotocol ipfix\n' \
		    "$(cat "$DIR/port")"
		printf 'domain 1\n%s\n}\n' "$BIFLOW"
	} >"$DIR/conf"
	"$PFLOWD" -R 3000 -r "$DIR/recording" -f "$DIR/conf" 2>"$DIR/said"
	replayed=$?
	stop TERM $decoder
}

# check NAME single|joined INTERIM INTERVAL EXACT ARGUMENT ...: a
# recording of pfsim, whose connections last for a minute or two.
check() {
	name=$1 how=$2 interim=$3 interval=$4 exact=$5
	shift 5
	join=no
	[ "$how" = single ] || join=yes
	"$TOOLS/pfsim" -j 60 -i "$interval" -C "$DIR/log" -t "$DIR/truth" "$@" \
	    >"$DIR/recording"
	records "interim $interim" "join $join"
	is "model/connections, $name: decoder, exit status" '0 0' "$? $replayed"
	head -n 5 "$DIR/wrong"
	if python3 tests/model/joined.py "$DIR/log" "$interim" "$interval" \
	    "$how" $exact <"$DIR/records" >"$DIR/faults" 2>"$DIR/counts"; then
		ok "model/connections, $name: $(cat "$DIR/counts")"
	else
		failed "model/connections, $name" "$(cat "$DIR/counts")"
		cat "$DIR/faults"
	fi
}

for layout in 1 2 3 4 5 6; do
	check "pairs and pieces, layout $layout" joined 30 5 exact \
	    -L $layout -s $layout -w dox
done
check 'pairs that last an hour' joined 300 10 exact -j 1800 -d 3800 -n 1 -s 9 \
    -w dox
seed=1
while [ $seed -le "$SEEDS" ]; do
	check "states, seed $seed" single 0 5 exact -s $seed -w dox
	check "states in pieces, seed $seed" single 20 5 '' -s $seed -w d
	check "pairs, seed $seed" joined 0 5 exact -s $seed -w dox
	check "pairs and pieces, every 2 s, seed $seed" joined 10 2 exact \
	    -s $seed -d 200 -w dox
	check "no state removed, seed $seed" joined 60 5 exact -s $seed \
	    -w bdfikorvx
	check "dumps that fail, seed $seed" joined 30 5 '' -L 6 -s $seed -w df
	BIFLOW=biflow
	check "biflows, seed $seed" joined 30 5 exact -s $((seed + 100)) -w dox
	BIFLOW=
	check "states made during a dump, seed $seed" joined 20 3 '' \
	    -s $seed -n 60 -d 200 -w fo
	seed=$((seed + 1))
done
