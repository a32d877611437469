#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Instructions that a state costs, as callgrind counts them in a replay: of the
# meter, without reading the capture and sending.  Version 3, IPv4, two records
# each, no rules.  They are the same in each run, whatever else the machine
# does.  What is neither decoding, nor making the record, nor writing it, is
# accounting and filling of datagrams.  Goals: with version 5, 750 with six
# states in a frame and 1320 with one, of which 50 account for octets; the others
# at most 1.2 times that.

. tests/lib.sh

BENCH=tests/bench
STATES=100000

# A process that is traced cannot have given up root.
as_nobody() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid nobody --clear-groups "$@"
	else
		"$@"
	fi
}

# of FUNCTION: what it and all that it calls took, for each state.
of() {
	awk -v wanted="$1" -v states=$STATES '
	{
		n = $1
		gsub(",", "", n)
		for (i = 2; i <= NF; i++)
			if ($i ~ ":" wanted "$" && n + 0 > most)
				most = n + 0
	}
	END { printf "%.0f\n", most / states }' "$DIR/report"
}

# count STATES COLLECTORS SETTING [JOIN]: a row, with so many states in a frame,
# half of which are the twins of others, if JOIN (yes or no) is given.
count() {
	"$TOOLS/pfsyncgen" -n $STATES -k "$1" ${4:+-T} >"$DIR/pcap"
	chmod 644 "$DIR/pcap"
	name="$1 in a frame, $2 x $3${4:+, join $4}"
	echo "${4:+join $4}" >"$DIR/conf"
	shift
	n=0
	while [ $n -lt "$1" ]; do
		n=$((n + 1))
		printf 'collector 127.0.0.1 port %d {\nprotocol %s\n%s\n}\n' \
		    "$(sed -n ${n}p "$DIR/ports")" "${2% *}" \
		    "$(echo "$2" | grep -o biflow)" >>"$DIR/conf"
	done
	as_nobody valgrind --tool=callgrind --vgdb=no \
	    --callgrind-out-file="$DIR/out/callgrind" "$DIR/pflowd" -R 0 \
	    -r "$DIR/pcap" -f "$DIR/conf" >/dev/null 2>"$DIR/said" ||
	    { cat "$DIR/said" >&2; exit 1; }
	callgrind_annotate --inclusive=yes --threshold=100 \
	    "$DIR/out/callgrind" >"$DIR/report" 2>/dev/null
	all=$(($(of meter_read) - $(of capture_next) - $(of send_datagrams)))
	decoding=$(of pfsync_read)
	record=$(($(of last_packet_report) + $(of record_make)))
	writing=$(($(of encode) + $(of put_set)))
	# shellcheck disable=SC2059
	printf "$format" "$name" $all "$decoding" "$record" $writing \
	    $((decoding + record + writing))
}

for program in valgrind setpriv; do
	command -v $program >/dev/null || {
		echo "instructions: no $program (make setup)"
		exit 0
	}
done
for n in 1 2 3 4; do
	"$BENCH/udpsink" >"$DIR/sink" &
	started $!
	until_true 5 test -s "$DIR/sink"
	head -n 1 "$DIR/sink" >>"$DIR/ports"
	rm "$DIR/sink"
done
mkdir -m 777 "$DIR/out"
cp "$BENCH/unconfined" "$DIR/pflowd"
format='%-36s %8s %8s %8s %8s %8s\n'
# shellcheck disable=SC2059
printf "$format" 'instructions for each state' all decoding record \
    writing together
for k in 6 1; do
	count $k 1 netflow5
	count $k 1 netflow9
	count $k 1 ipfix
	count $k 1 'ipfix biflow'
done
count 6 4 netflow5
count 6 1 netflow5 no
count 6 1 netflow5 yes
