#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Golden captures: NAME.in describes one, NAME.out has the datagrams that it
# gives, byte for byte, a line for each header and record, and the accounting;
# NAME.conf, if there is one, is its configuration.
# "sh tests/golden/pcap/run.sh update" writes the .out files anew, for review.

. tests/lib.sh

# replay NAME OPTION ...: of pfsyncgen; leaves $DIR/NAME.out
replay() {
	name=$1
	shift
	"$TOOLS/pfsyncgen" "$@" <"tests/golden/pcap/$name.in" >"$DIR/$name.pcap"
	conf=tests/golden/pcap/$name.conf
	if [ -f "$conf" ]; then
		golden_replay "$name" "$DIR/$name.pcap" -f "$conf"
	else
		golden_replay "$name" "$DIR/$name.pcap"
	fi
}

for script in tests/golden/pcap/*.in; do
	name=$(basename "$script" .in)
	replay "$name"
	if [ "$1" = update ]; then
		cp "$DIR/$name.out" "tests/golden/pcap/$name.out"
	else
		same "pcap/$name" "tests/golden/pcap/$name.out" "$DIR/$name.out"
	fi
done

# The capture that is shipped is the one described.
"$TOOLS/pfsyncgen" <tests/golden/pcap/demo.in >"$DIR/demo.pcap"
same "pcap/demo.pcap" "$DIR/demo.pcap" tests/golden/pcap/demo.pcap

# The link types of the BSDs mean the same, and a pipe is as good as a file.
for link in 18 121; do
	replay v3 -l $link
	same "pcap/v3 as link type $link" tests/golden/pcap/v3.out "$DIR/v3.out"
done

# So do the frames of the wire: NULL, LOOP, RAW, IPV4, IPV6, SLL, SLL2, Ethernet.
for link in 0 108 12 101 228 229 113 276 1 '1 -q 1' '1 -q 2'; do
	# shellcheck disable=SC2086
	replay hostile -L $link
	same "pcap/hostile on the wire, link type $link" \
	    tests/golden/pcap/hostile.out "$DIR/hostile.out"
done
