#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# What pflowd makes of the dumps of a modelled pf, whose traffic is known
# (tests/tools/pfsim), in each layout: each state that a dump showed is reported
# once, exact to the byte if it expired, and as the last dump showed it if it was
# removed.  SEEDS says how many tables each is tried with.

. tests/lib.sh

SEEDS=${SEEDS:-2}
printf 'interim 0\njoin no\n' >"$DIR/single"

# check NAME STRICT ARGUMENT ...: a recording of pfsim.
check() {
	name=$1 strict=$2
	shift 2
	"$TOOLS/pfsim" "$@" -t "$DIR/truth" >"$DIR/recording"
	"$PFLOWD" -j -r "$DIR/recording" -f "$DIR/single" >"$DIR/flows" \
	    2>"$DIR/said"
	is "model/$name: exit status" 0 $?
	if python3 tests/model/judge.py "$DIR/truth" \
	    ${strict:+$strict "$DIR/said"} \
	    <"$DIR/flows" >"$DIR/faults" 2>"$DIR/counts"; then
		ok "model/$name: $(cat "$DIR/counts")"
	else
		failed "model/$name" "$(cat "$DIR/counts")"
		cat "$DIR/faults"
	fi
}

seed=1
while [ $seed -le "$SEEDS" ]; do
	for layout in 1 2 3 4 5 6; do
		check "layout $layout, seed $seed" strict \
		    -L $layout -s $seed -i 5 -w dox
		check "layout $layout, seed $seed, dumps that fail" '' \
		    -L $layout -s $((seed + 1000)) -i 5
	done
	check "forwarded, seed $seed" strict -s $seed -j 60 -w dox
	check "forwarded, layout 2, seed $seed" strict -L 2 -s $seed -j 60 \
	    -w dox
	check "states made during a dump, seed $seed" long -s $seed -n 200 \
	    -i 3 -w ox
	for interval in 1 2 8 12; do
		check "every $interval s, seed $seed" strict \
		    -s $seed -i $interval -w dox
	done
	seed=$((seed + 1))
done
for timeout in 4 5 40; do
	check "a rule's timeout, $timeout s" strict -r $timeout -i 5 -w dox
	check "a rule's timeout, $timeout s, netlink" strict -L 6 \
	    -r $timeout -i 2 -w dox
done
for interval in 1 5; do
	check "adaptive timeouts, every $interval s" adaptive -a 1000 -n 60 \
	    -i $interval -w dox
done
check 'many states' strict -n 2000 -d 120 -w dox
