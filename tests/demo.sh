#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Replays a capture into nfcapd, and shows what it has of it and what pflowd
# says.

set -eu
. tests/lib.sh

capture=tests/pcap/demo.pcap
for program in nfcapd nfdump; do
	command -v $program >/dev/null || {
		echo "demo: no $program: make setup" >&2
		exit 1
	}
done

judge -o sum
stop TERM "$JUDGE" || :
mkdir "$DIR/flows"
nfcapd -w "$DIR/flows" -b 127.0.0.1 -p "$PORT" -t 3600 >"$DIR/log" 2>&1 &
nfcapd=$!
started $nfcapd
sleep 1

echo "pflowd -r $capture -e 127.0.0.1:$PORT"
echo
"$PFLOWD" -r $capture -e "127.0.0.1:$PORT" 2>"$DIR/accounting"
sleep 1
stop TERM $nfcapd || :
echo 'What nfdump shows of it:'
echo
nfdump -r "$DIR"/flows/nfcapd.2* -q -o \
    'fmt:%ts %td %pr %sap -> %dap %flg %pkt %byt'
echo
nfdump -I -r "$DIR"/flows/nfcapd.2* |
    grep -E '^(Flows|Packets|Bytes|Sequence failures):'
echo
echo 'What pflowd says:'
echo
cat "$DIR/accounting"
