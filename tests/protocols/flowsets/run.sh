#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# NetFlow version 9 and IPFIX, as a strict decoder and nfdump read them.
# states.in describes a capture and NAME.out has its records in protocol NAME;
# "sh tests/protocols/flowsets/run.sh update" writes them anew, for review.

. tests/lib.sh

# decoder ARGUMENT ...: its port is then in $PORT, its pid in $DECODER.
decoder() {
	rm -f "$DIR/port"
	python3 tests/protocols/flowsets/decode.py -w "$DIR/port" "$@" >"$DIR/decoded" \
	    2>"$DIR/wrong" &
	DECODER=$!
	started $DECODER
	until_true 10 test -s "$DIR/port" || echo "no decoder" >&2
	PORT=$(cat "$DIR/port")
}

# replay CAPTURE PROTOCOL SETTING ...
replay() {
	capture=$1 protocol=$2
	shift 2
	{
		echo "ifindex em0 1"
		echo "ifindex em1 70002"
		echo "$INTERFACES"
		echo "collector 127.0.0.1 port $PORT {"
		echo "protocol $protocol"
		echo "domain 7"
		for setting; do
			echo "$setting"
		done
		echo "}"
	} >"$DIR/conf"
	"$PFLOWD" -r "$capture" -f "$DIR/conf" 2>"$DIR/err"
}

# sum NAME: of what was decoded.
sum() {
	sed -n "s/.*\\<$1=\\([0-9]*\\).*/\\1/p" "$DIR/decoded"
}

# sums NAME CAPTURE ...: all records come, each of their bytes, and in order.
sums() {
	name=$1
	shift
	decoder -s ${MTU:+-m "$MTU"}
	replay "$@"
	is "$name: exit status" 0 $?
	stop TERM $DECODER
	is "$name: nothing wrong in it" 0 $?
	head -n 5 "$DIR/wrong"
	is "$name: octets" "$(truth octets)" "$(sum octets)"
	is "$name: packets" "$(truth packets)" "$(sum packets)"
	is "$name: records" "$(truth records)" "$(sum records)"
	is "$name: datagrams" "$(row "$DIR/err" 'datagrams sent')" \
	    "$(sum datagrams)"
}

truth() {
	awk -v what="$1" '$1 == what { print $2 }' "$DIR/truth"
}

# add: the numbers on its lines; exact, as awk(1) is not.
add() {
	total=0
	while read -r n; do
		total=$((total + n))
	done
	echo $total
}

# octets: of the records on standard input.
octets() {
	sed 's/.*octets=//; s/ .*//' | add
}

# plain SETTING ...: the records that are there for one who does not know of
# reverse directions.
plain() {
	case "$*" in
	*biflow)
		awk '!seen[$NF]++' tests/protocols/flowsets/"$1".out
		;;
	*)
		cat tests/protocols/flowsets/"$1".out
		;;
	esac
}

"$TOOLS/pfsyncgen" <tests/protocols/flowsets/states.in >"$DIR/states.pcap"
"$TOOLS/pfsyncgen" -n 3000 -v 3 -k 6 -s 11 -t "$DIR/truth" >"$DIR/many.pcap"

for protocol in netflow9 ipfix; do
	decoder -o
	replay "$DIR/states.pcap" $protocol
	is "$protocol: exit status" 0 $?
	stop TERM $DECODER
	is "$protocol: nothing wrong in it" 0 $?
	cat "$DIR/wrong"
	grep -v ^options "$DIR/decoded" >"$DIR/flows"
	grep ^options "$DIR/decoded" >"$DIR/options"
	if [ "$1" = update ] && ! [ -s "$DIR/wrong" ]; then
		cp "$DIR/flows" tests/protocols/flowsets/$protocol.out
		cp "$DIR/options" tests/protocols/flowsets/$protocol.options
	fi
	same "$protocol: records" tests/protocols/flowsets/$protocol.out "$DIR/flows"
	same "$protocol: of itself" tests/protocols/flowsets/$protocol.options \
	    "$DIR/options"

	sums "$protocol: many" "$DIR/many.pcap" $protocol
	few=$(sum datagrams)
	MTU=548
	sums "$protocol: mtu 576" "$DIR/many.pcap" $protocol 'mtu 576'
	MTU=
	is "$protocol: mtu 576: more datagrams" 1 \
	    $(($(sum datagrams) > 2 * few))

	MTU=548
	sums "$protocol: mtu 576, templates" "$DIR/many.pcap" $protocol \
	    'mtu 576' 'templates 1 60'
	MTU=
	is "$protocol: mtu 576, templates: in each with flows" \
	    $(($(sum datagrams) - $(sum about))) "$(sum templates)"

	# Templates come again: with the first, and then with every third.
	sums "$protocol: templates" "$DIR/many.pcap" $protocol \
	    'templates 3 3600'
	few=$((3 * $(sum templates) - $(sum datagrams)))
	is "$protocol: templates: in every third" 1 \
	    $((few >= -3 && few <= 3))
done

# But for what began before 49 days ago, of which version 9 cannot say when.
for protocol in netflow9 ipfix; do
	grep -v 'id=85$' tests/protocols/flowsets/$protocol.out | sort >"$DIR/$protocol"
done
same 'both say the same' "$DIR/netflow9" "$DIR/ipfix"

# One record for both directions, which says what two do.
decoder
replay "$DIR/states.pcap" ipfix biflow
stop TERM $DECODER
is 'biflow: nothing wrong in it' 0 $?
cat "$DIR/wrong"
sort "$DIR/decoded" >"$DIR/biflow"
sort tests/protocols/flowsets/ipfix.out >"$DIR/ipfix"
same 'biflow: says the same' "$DIR/ipfix" "$DIR/biflow"
sums 'biflow: many' "$DIR/many.pcap" ipfix biflow
is 'biflow: many: one for each connection' "$(truth states)" "$(sum biflows)"
MTU=548
sums 'biflow: mtu 576, templates' "$DIR/many.pcap" ipfix biflow 'mtu 576' \
    'templates 1 60'
MTU=

# Both states of a connection in one record: two translations, two interfaces.
gzip -dc tests/golden/recordings/freebsd-14.3.states2.gz |
    "$TOOLS/recording" -i 5 states2 >"$DIR/recording"
JOINED='ifindex tap0 3
ifindex tap1 70004
interim 0
join yes'
INTERFACES=$JOINED
for how in netflow9 ipfix 'ipfix biflow'; do
	decoder
	replay "$DIR/recording" $how
	is "$how: joined: exit status" 0 $?
	stop TERM $DECODER
	is "$how: joined: nothing wrong in it" 0 $?
	cat "$DIR/wrong"
	sort "$DIR/decoded" >"$DIR/joined"
	if [ "$1" = update ] && [ "$how" = ipfix ] && ! [ -s "$DIR/wrong" ]; then
		cp "$DIR/joined" tests/protocols/flowsets/joined.out
	fi
	cp tests/protocols/flowsets/joined.out "$DIR/wanted"
	if [ "$how" = 'ipfix biflow' ]; then
		# Ports are swapped, and so are ICMP's types.
		for file in wanted joined; do
			sed '/ proto=1 /d; / proto=58 /d' "$DIR/$file" >"$DIR/few"
			mv "$DIR/few" "$DIR/$file"
		done
	fi
	same "$how: joined: records" "$DIR/wanted" "$DIR/joined"
done
INTERFACES=

# More interfaces than one datagram has room for the names of.
{
	seq 1 120
	yes 1 | head -n 30
} | sed 's/.*/frame version=3\
state id=& dir=in if=interface-00& proto=6 packets=1,1 bytes=40,40/' |
    "$TOOLS/pfsyncgen" >"$DIR/vlans.pcap"
INTERFACES=$(seq 1 120 | sed 's/.*/ifindex interface-00& 1000&/')
for protocol in netflow9 ipfix; do
	decoder -o -m 548
	replay "$DIR/vlans.pcap" $protocol 'mtu 576'
	stop TERM $DECODER
	is "$protocol: 120 interfaces: nothing wrong" 0 $?
	cat "$DIR/wrong"
	seq 1 120 | sed 's/.*/options interface=1000& name=interface-00&/' >"$DIR/names"
	grep name= "$DIR/decoded" | sort -t = -k 2n >"$DIR/got"
	sort -t = -k 2n "$DIR/names" | cmp -s - "$DIR/got"
	is "$protocol: 120 interfaces: each name once" 0 $?
done
INTERFACES=

# Random states of every kind, each record field by field.
seed=${SEED:-$(date +%s)}
python3 tests/protocols/flowsets/states.py "$seed" 4000 "$DIR/wanted" >"$DIR/random.in"
"$TOOLS/pfsyncgen" <"$DIR/random.in" >"$DIR/random.pcap"
sort "$DIR/wanted" >"$DIR/wanted.sorted"
for how in netflow9 ipfix 'ipfix biflow'; do
	decoder
	replay "$DIR/random.pcap" $how
	stop TERM $DECODER
	is "$how: random (SEED=$seed): nothing wrong in it" 0 $?
	head -n 5 "$DIR/wrong"
	sed 's/ start=[0-9]* end=[0-9]*//; s/ input=.* direction/ direction/
	    s/ reason=[0-9]*//' "$DIR/decoded" | sort >"$DIR/got"
	same "$how: random (SEED=$seed): every record" \
	    "$DIR/wanted.sorted" "$DIR/got"
	decoder -m 548
	replay "$DIR/random.pcap" $how 'mtu 576' 'templates 1 60'
	stop TERM $DECODER
	is "$how: random, mtu 576: nothing wrong in it" 0 $?
	is "$how: random, mtu 576: records" \
	    "$(wc -l <"$DIR/wanted" | tr -d ' ')" \
	    "$(wc -l <"$DIR/decoded" | tr -d ' ')"
done

# One that is started late, at a port where nobody was.
size=$(wc -c <"$DIR/many.pcap")
mkfifo "$DIR/fifo"
for protocol in netflow9 ipfix; do
	free_port
	rm -f "$DIR/err"
	replay - $protocol 'templates 65535 3600' <"$DIR/fifo" &
	player=$!
	started $player
	exec 9>"$DIR/fifo"
	head -c $((size / 2)) "$DIR/many.pcap" >&9
	until_true 20 grep -q 'Connection refused' "$DIR/err"
	is "$protocol: started late: nobody was there" 0 $?
	decoder -s -p "$PORT" 9>&-
	tail -c +$((size / 2 + 1)) "$DIR/many.pcap" >&9
	exec 9>&-
	wait $player
	stop TERM $DECODER
	is "$protocol: started late: nothing wrong in it" 0 $?
	head -n 5 "$DIR/wrong"
	is "$protocol: started late: gets records" 1 $(($(sum records) > 1000))
done

# nfdump's own idea of them.
if command -v nfcapd >/dev/null; then
	for how in netflow9 ipfix 'ipfix biflow'; do
		dir="$DIR/nf.$how"
		start_nfcapd "$dir"
		replay "$DIR/states.pcap" $how
		stop_nfcapd
		file=$(echo "$dir"/nfcapd.2*)
		nfdump -r "$file" -q -N -o \
		    'fmt:%ts %te %pr %sap %dap %nsap %ndap %flg %pkt %byt %in %out' \
		    2>/dev/null | sed 's/  */ /g' | sort >"$DIR/nfdump"
		has "nfdump, $how: no gap" "$DIR/nfcapd.log" \
		    'Sequence Errors: 0, Bad Packets: 0'
		has "nfdump, $how: both sides of the NAT" "$DIR/nfdump" \
		    ' 10.0.0.1:40000 198.51.100.9:443 192.0.2.1:55000 198.51.100.9:443 '
		has "nfdump, $how: 64 bits" "$DIR/nfdump" \
		    ' 4000000 5000000000 '
		has "nfdump, $how: IPv6" "$DIR/nfdump" \
		    ' 2001:db8::7.40000 2001:db8:1::9.443 '
		is "nfdump, $how: octets" "$(octets <"tests/protocols/flowsets/${how%% *}.out")" \
		    "$(nfdump -r "$file" -q -N -o 'fmt:%byt %obyt' 2>/dev/null |
			awk '{ print $1; print $2 }' | add)"
	done
	INTERFACES=$JOINED
	start_nfcapd "$DIR/nf.joined"
	replay "$DIR/recording" ipfix biflow
	stop_nfcapd
	INTERFACES=
	nfdump -r "$(echo "$DIR"/nf.joined/nfcapd.2*)" -q -N -o \
	    'fmt:%sap %dap %nsap %ndap %pkt %byt %in %out' 2>/dev/null |
	    sed 's/  */ /g' >"$DIR/nfdump"
	is 'nfdump, joined: both translations and interfaces, once' 1 \
	    "$(grep -c '10.0.1.3:20003 10.0.2.53:53 10.0.2.1:53891 10.0.1.99:5353 1 60 3 70004' "$DIR/nfdump")"
else
	skip 'nfdump' 'there is none'
fi

# nfacctd's, and tshark's, which says what it finds wrong.
acct() {
	sed '/^SRC_IP/d; s/.*,//' "$DIR/nfacctd.csv" | add
}
if ! command -v nfacctd >/dev/null || ! command -v tshark >/dev/null ||
    ! command -v ethtool >/dev/null || [ "$(id -u)" != 0 ]; then
	skip 'nfacctd and tshark' 'they are not here, or this is not root'
	exit 0
fi
as_on_a_wire
for how in netflow9 ipfix 'ipfix biflow'; do
	start_nfacctd 'src_host, dst_host, src_port, dst_port, proto, post_nat_src_host, post_nat_dst_host, post_nat_src_port, post_nat_dst_port'
	start_tshark -f "udp dst port $PORT" -w "$DIR/run.pcap" >/dev/null
	replay "$DIR/states.pcap" $how
	stop_nfacctd
	stop_tshark "$DIR/run.pcap" "$(row "$DIR/err" 'datagrams sent')"
	plain $how >"$DIR/plain"
	is "nfacctd, $how: octets" "$(octets <"$DIR/plain")" "$(acct)"
	has "nfacctd, $how: both sides of the NAT" "$DIR/nfacctd.csv" \
	    '^10.0.0.1,198.51.100.9,40000,443,tcp,192.0.2.1,198.51.100.9,55000,443,'
	has "nfacctd, $how: IPv6" "$DIR/nfacctd.csv" \
	    '^2001:db8::7,2001:db8:1::9,40000,443,tcp,'
	is "nfacctd, $how: nothing unknown" 0 \
	    "$(grep -ciE 'discard|unknown|unable|expecting' "$DIR/nfacctd.log")"
	tshark -r "$DIR/run.pcap" -d "udp.port==$PORT,cflow" -V \
	    >"$DIR/tshark.out" 2>/dev/null
	is "tshark, $how: records" \
	    "$(wc -l <"$DIR/plain" | tr -d ' ')" \
	    "$(grep -c 'Flow End Reason: ' "$DIR/tshark.out")"
	# A chat is no fault: a port from 33434 on is "possible traceroute".
	is "tshark, $how: nothing wrong" '' \
	    "$(grep -iE 'malformed|no template|not found|expert info|unknown' \
		"$DIR/tshark.out" | grep -v 'Expert Info (Chat/')"
done
