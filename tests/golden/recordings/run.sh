#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Recordings of dumps of running kernels (README here): each flow, with what the
# traffic was, at several intervals.  "sh tests/golden/recordings/run.sh update"
# writes the .out files anew, for review.

. tests/lib.sh

HERE=tests/golden/recordings
printf 'interim 0\njoin no\n' >"$DIR/single"
printf 'interim 0\njoin yes\nifindex tap0 3\nifindex tap1 4\n' >"$DIR/joined"

# ends FILE FLOWS: how the two states of each line of truth ended, or the one flow
# that they are joined to, if it has its counters.  Without a label, it expired.
ends() {
	while read -r host packets bytes _; do
		awk -v host="$host" -v counters="$packets pkts, $bytes bytes" \
		    -v wanted="$2" '
		index($0, host " ") && index($0, counters) {
			n++
			label = /, (perhaps )?cut$|, alive$/ ? $NF : "exact"
			if (/perhaps cut$/)
				label = "perhaps"
			labels[label]
		}
		END {
			for (label in labels)
				text = text " " label
			print host, (n == wanted ? counters : n " flows") text
		}' "$1"
	done <$HERE/truth | sed 's/ pkts,//; s/ bytes//'
}

# truth NAME INTERVAL FILE FLOWS: the traffic's packets and bytes.
truth() {
	case $1 in
	freebsd-14.3 | openbsd-7.6) ;;
	*) return ;;
	esac
	ends "$3" "$4" >"$DIR/ends"
	if [ "$2" = 10 ]; then
		# A ping's timeout is no longer than that.
		sed '/ 168:168 /s/exact/perhaps/; / 84:0 /s/exact/perhaps/' \
		    "$HERE/truth" >"$DIR/truth"
	else
		cp "$HERE/truth" "$DIR/truth"
	fi
	same "recordings/$1: the traffic, every $2 s, flows for each: $4" \
	    "$DIR/truth" "$DIR/ends"
}

for file in $HERE/*.gz; do
	base=$(basename "$file" .gz)
	name=${base%.*}
	for interval in 1 2 5 10; do
		gzip -dc "$file" | "$TOOLS/recording" -i $interval \
		    "${base##*.}" >"$DIR/recording"
		"$PFLOWD" -r "$DIR/recording" -f "$DIR/single" >"$DIR/out" \
		    2>"$DIR/said"
		is "recordings/$name, every $interval s" "0" "$?"
		truth "$name" $interval "$DIR/out" 2
		"$PFLOWD" -r "$DIR/recording" -f "$DIR/joined" \
		    >"$DIR/joined.out" 2>"$DIR/said"
		is "recordings/$name, every $interval s, joined" "0" "$?"
		truth "$name" $interval "$DIR/joined.out" 1
		case $interval in
		1) out=$HERE/$name.out ;;
		5) out=$HERE/$name.5.out ;;
		*) continue ;;
		esac
		if [ "$1" = update ]; then
			cp "$DIR/out" "$out"
			cp "$DIR/joined.out" "${out%.out}.joined.out"
		else
			same "recordings/$name, every $interval s: joined" \
			    "${out%.out}.joined.out" "$DIR/joined.out"
			same "recordings/$name, every $interval s: flows" \
			    "$out" "$DIR/out"
		fi
	done
done

# The datagrams of version 5, with times, and types of ICMP.
gzip -dc $HERE/freebsd-14.3.states2.gz |
    "$TOOLS/recording" -i 5 states2 >"$DIR/recording"
golden_replay freebsd-14.3 "$DIR/recording" -f "$DIR/single"
golden_replay freebsd-14.3.joined "$DIR/recording" -f "$DIR/joined"
for name in freebsd-14.3 freebsd-14.3.joined; do
	if [ "$1" = update ]; then
		cp "$DIR/$name.out" $HERE/$name.datagrams
	else
		same "recordings/$name: datagrams" $HERE/$name.datagrams \
		    "$DIR/$name.out"
	fi
done
[ "$1" != update ] || exit 0

# without NUMBERS FILE: a recording without these of its chunks, from 0.
without() {
	python3 - "$@" <<'PY'
import struct
import sys

left_out = [int(n) for n in sys.argv[1].split()]
data = open(sys.argv[2], "rb").read()
out = sys.stdout.buffer
out.write(data[:24])
at, n = 24, 0
while at < len(data):
    end = at + 16 + struct.unpack_from(">I", data, at + 8)[0]
    if n not in left_out:
        out.write(data[at:end])
    at, n = end, n + 1
PY
}

# refused WHAT MESSAGE FLOWS: the exit status is 1, with these flows before.
refused() {
	"$PFLOWD" -r "$DIR/damaged" -f "$DIR/single" >"$DIR/out" 2>"$DIR/said"
	is "recordings/$1: status and flows" "1 $3" \
	    "$? $(wc -l <"$DIR/out" | tr -d ' ')"
	is "recordings/$1: message" 1 "$(grep -c "$2" "$DIR/said")"
}

gzip -dc $HERE/freebsd-15-sctp.states2.gz |
    "$TOOLS/recording" states2 >"$DIR/recording"

without 22 "$DIR/recording" >"$DIR/damaged"
refused 'the last end is missing' 'the last dump is cut' 3
without 4 "$DIR/recording" >"$DIR/damaged"
refused 'states are missing' 'parts of a dump are missing, or not in order' 3
without 3 "$DIR/recording" >"$DIR/damaged"
refused 'a beginning is missing' 'parts of a dump are missing' 3
head -c 2000 "$DIR/recording" >"$DIR/damaged"
refused 'the file is cut' 'truncated' 3
"$TOOLS/pfsyncgen" -l 147 -n 10 >"$DIR/damaged"
refused 'not a recording' 'use -y pfsync' 0

# The least memory with which all but the table has enough, which needs a
# quarter of a MiB at once.
if grep -q fsanitize config.mk || [ -n "${EMULATOR-}" ] ||
    ! command -v prlimit >/dev/null; then
	skip 'recordings/no memory' \
	    'sanitizers, an emulator, or nothing that limits memory'
	exit 0
fi
limited() {
	prlimit --as=$((kib * 1024)) "$PFLOWD" -r "$DIR/recording" \
	    >/dev/null 2>"$DIR/said"
}
kib=102400
while limited && [ $kib -gt 0 ]; do
	kib=$((kib - 2048))
done
until limited || grep -q ' Cannot allocate memory; everything' "$DIR/said"; do
	kib=$((kib + 64))
done
is 'recordings/no memory: message' 1 \
    "$(grep -c ' Cannot allocate memory; everything before' "$DIR/said")"
is 'recordings/no memory: sum of frames' '1 1' \
    "$(awk '/^frames  / { frames = $2 } /^  (decoded|refused:)/ { n += $NF }
    END { print frames, n }' "$DIR/said")"
