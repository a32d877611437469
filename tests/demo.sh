#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Replays a capture into nfcapd, and shows what it has of it and what pflowd
# says.

set -eu
. tests/lib.sh

capture=tests/golden/pcap/demo.pcap
for program in nfcapd nfdump; do
	command -v $program >/dev/null || {
		echo "demo: no $program: make setup" >&2
		exit 1
	}
done

start_nfcapd "$DIR/flows"

echo "pflowd -r $capture -e 127.0.0.1:$PORT"
echo
"$PFLOWD" -r $capture -e "127.0.0.1:$PORT" 2>"$DIR/accounting"
stop_nfcapd || :
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
