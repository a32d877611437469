#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Replays a capture into nfcapd, and shows what it has of it, and pflowd's
# account.

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
cat <<-END

	A firewall announced the end of 12 connections.  pflowd reads them from a
	capture and sends them to a collector, nfcapd, as NetFlow version 5:

	    \$ nfcapd -w flows -p $PORT
	    \$ pflowd -r $capture -e 127.0.0.1:$PORT

END
"$PFLOWD" -r $capture -e "127.0.0.1:$PORT" 2>"$DIR/account"
stop_nfcapd || :
cat <<-END
	nfdump shows the flows, one for each direction:

	    \$ nfdump -R flows

END
nfdump -r "$DIR"/flows/nfcapd.2* -q -o 'fmt:%pr %sap -> %dap %flg %pkt %byt'
cat <<-END

	pflowd accounts for every state and record (rows that are not 0):

END
sed '/ 0$/d' "$DIR/account"
cat <<-END

	Next:
	    pflowd/pflowd -r $capture    # prints the flows
	    man ./man/pflowd.8                              # the manual
	    make check                                      # the tests
	    make install                                    # as README.md says
END
