#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Dumps of running kernels (README here) through the decoder: each state as in
# NAME.out, and with the packets and bytes of the traffic, or as pfctl showed
# it.  "sh tests/golden/states/run.sh update" writes the .out files anew, for
# review.

. tests/lib.sh

HERE=tests/golden/states

# How many states have each line of truth, with the initiator's port.
count_states() {
	while read -r proto port forward back _; do
		echo "$proto $port $forward $back" \
		    "$(grep -c " $proto [^ ]* $port > .*, $forward $back, " "$1")"
	done <$HERE/truth
}

# Age, rest of the timeout, counters, rule and id of each state.
ours() {
	sed -nE 's;.* > [^,]*, ([0-9]+)/([0-9]+) ([0-9]+)/([0-9]+),.* rule (-?[0-9]+), age ([0-9]+) expires ([0-9]+) .* id ([0-9a-f]+) ([0-9a-f]+)$;\6 \7 \1:\3 \2:\4 \5 \8 \9;p' "$1"
}

# pfctl of NetBSD prints an id as two words of another byte order.
pfctls() {
	awk '
	function seconds(time, part) {
		split(time, part, ":")
		return part[1] * 3600 + part[2] * 60 + part[3]
	}
	function turned(word, i, text) {
		for (i = 7; i > 0; i -= 2)
			text = text substr(word, i, 2)
		return text
	}
	$1 == "age" {
		gsub(",", "")
		rule = -1
		for (i = 1; i < NF; i++)
			if ($i == "rule")
				rule = $(i + 1)
		line = seconds($2) " " seconds($5) " " $6 " " $8 " " rule
	}
	$1 == "id:" { print line, turned($2) turned(substr($2, 9)), $4 }'
}

for file in $HERE/*.[0-9].gz; do
	base=$(basename "$file" .gz)
	name=${base%.*}
	gzip -dc "$file" | "$TOOLS/dumpstates" "${base##*.}" >"$DIR/$base.out"
	if [ "$1" = update ]; then
		cp "$DIR/$base.out" "$HERE/$base.out"
		continue
	fi
	same "states/$base" "$HERE/$base.out" "$DIR/$base.out"
	case $name in
	freebsd-14.3 | freebsd-15 | openbsd-7.6)
		count_states "$DIR/$base.out" >"$DIR/counts"
		same "states/$base: the traffic" $HERE/truth "$DIR/counts"
		;;
	netbsd*)
		ours "$DIR/$base.out" >"$DIR/ours"
		gzip -dc "$HERE/$name.pfctl.gz" | pfctls >"$DIR/pfctl"
		same "states/$base: as pfctl" "$DIR/pfctl" "$DIR/ours"
		;;
	esac
done
