#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Golden captures: NAME.in describes one, NAME.out has the datagrams that it
# gives, byte for byte, a line for each header and record, and the accounting.
# "sh tests/pcap/run.sh update" writes the .out files anew, for review.

. tests/lib.sh

# lines: datagrams in hex, a line each, to a line for each header and record.
lines() {
	awk '{
		print substr($0, 1, 48)
		for (at = 49; at <= length($0); at += 96)
			print "  " substr($0, at, 96)
	}'
}

# replay NAME LINKTYPE: leaves $DIR/NAME.out
replay() {
	"$TOOLS/pfsyncgen" -l "$2" <"tests/pcap/$1.in" >"$DIR/$1.pcap"
	judge -o hex
	status=0
	"$PFLOWD" -r "$DIR/$1.pcap" -e "127.0.0.1:$PORT" 2>"$DIR/$1.err" ||
	    status=$?
	sleep 0.1
	stop TERM "$JUDGE"
	{
		lines <"$DIR/judge.out"
		echo "exit status $status"
		sed "s/$PORT/PORT/; / 0\$/d" "$DIR/$1.err"
	} >"$DIR/$1.out"
	[ -s "$DIR/judge.err" ] && cat "$DIR/judge.err" >>"$DIR/$1.out"
}

for script in tests/pcap/*.in; do
	name=$(basename "$script" .in)
	replay "$name" 246
	if [ "$1" = update ]; then
		cp "$DIR/$name.out" "tests/pcap/$name.out"
	else
		same "pcap/$name" "tests/pcap/$name.out" "$DIR/$name.out"
	fi
done

# The capture that is shipped is the one described.
"$TOOLS/pfsyncgen" <tests/pcap/demo.in >"$DIR/demo.pcap"
same "pcap/demo.pcap" "$DIR/demo.pcap" tests/pcap/demo.pcap

# The link types of the BSDs mean the same, and a pipe is as good as a file.
for link in 18 121; do
	replay v3 $link
	same "pcap/v3 as link type $link" tests/pcap/v3.out "$DIR/v3.out"
done
