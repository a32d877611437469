#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# pflowd as an administrator runs it: a configuration, pflowctl, reloads, an
# engine that dies, names that come and go, and clients that mean it no good.

. tests/lib.sh
. tests/firewall.sh

# A sanitizer keeps what was freed for a while, which is not growth.
ASAN_OPTIONS=${ASAN_OPTIONS-}:quarantine_size_mb=0
ASAN_OPTIONS=$ASAN_OPTIONS:thread_local_quarantine_size_kb=0
export ASAN_OPTIONS
need_firewall service 175 python3

PFLOWCTL=${PFLOWCTL:-pflowctl/pflowctl}
CONF=$DIR/pflowd.conf

ctl() {
	"$PFLOWCTL" -s "$DIR/sock" "$@"
}

# conf LINE ...: the configuration, but for what is always in it.
conf() {
	{
		echo "interface $IF linktype pfsync"
		echo "socket \"$DIR/sock\""
		echo "socket \"$DIR/ro\" restricted"
		for line; do
			echo "$line"
		done
	} >"$CONF"
}

# daemon ARGUMENT ...: with the configuration; as in the live test.
# shellcheck disable=SC2120
daemon() {
	start_daemon "$CONF" "$@"
	ENGINE=$(pgrep -P $PARENT -f -- '-X engine')
	started "$ENGINE"
}

end_daemon() {
	stop TERM $PARENT
	is "$1: exit status" 0 $?
}

# json WHAT EXPRESSION: a value of pflowctl's JSON of it, in python's words.
json() {
	ctl -j show "$1" | python3 -c "
import json, sys
d = json.load(sys.stdin)
print($2)"
}

# counter NAME VALUE, collector NAME VALUE: whether it has come to that.
counter() {
	[ "$(json counters "d['counters']['$1']")" = "$2" ]
}
collector() {
	[ "$(json collectors "d['collectors'][0]['counters']['$1']")" = "$2" ]
}

# Wait until nothing more arrives, for as long as that is.
settled() {
	last=
	until now=$(json counters "d['counters']['states']") &&
	    [ "$now" = "$last" ]; do
		last=$now
		sleep 0.5 # during which something may arrive
	done
}

states() {
	"$TOOLS/pfsyncgen" -r -n "$1" -v 3 -k 6 -s "$2" -t "$DIR/truth" >&8
}

judged() {
	sed -n "s/^$1 //p" "$DIR/judge.out"
}

# What is wrong with a configuration is said at once, and leaves nothing.
conf 'hold 61' 'collectr 127.0.0.1'
"$PFLOWD" -f "$CONF" 2>"$DIR/err"
is 'bad configuration: exit status' 1 $?
is 'bad configuration: every error' 2 "$(grep -c "^$CONF:[45]: " "$DIR/err")"
conf 'collector fe80::1'
"$PFLOWD" -f "$CONF" 2>"$DIR/err"
is 'collector without its link: exit status' 1 $?
has 'collector without its link: says so' "$DIR/err" \
    "^$CONF:4: collector \[fe80::1\]: .*needs an interface"
conf 'collector 127.0.0.1' "socket \"$DIR/a/b\""
sed -i "\|sock\"\$|d" "$CONF"
"$PFLOWD" -f "$CONF" 2>"$DIR/err"
is 'socket in no directory: exit status' 1 $?
has 'socket in no directory: says so' "$DIR/err" \
    "^$CONF:4: control socket $DIR/a/b: No such file or directory"
conf 'collector 127.0.0.1' "socket \"$DIR/g\" group nosuchgroup"
sed -i "\|sock\"\$|d" "$CONF"
"$PFLOWD" -f "$CONF" 2>"$DIR/err"
is 'no such group: exit status' 1 $?
has 'no such group: says so' "$DIR/err" \
    "^$CONF:4: group .nosuchgroup. does not exist: create it (groupadd"
is 'bad configuration: leaves nothing' '' \
    "$(ls "$DIR/sock" "$DIR/ro" "$DIR/g" /var/run/pflowd.pid 2>/dev/null)"

# What an account without rights runs.
NOBODY='setpriv --reuid=65534 --regid=65534 --clear-groups'
# holder: an account without rights locks whatever it can, and says what.
holder() {
	rm -f "$DIR/held"
	cp -f "$TOOLS/holdlocks" "$DIR/holdlocks"
	# shellcheck disable=SC2086
	$NOBODY "$DIR/holdlocks" /var/run /var/run/pflowd.pid >"$DIR/held" &
	HOLDER=$!
	started $HOLDER
	until_true 10 grep -q '^held' "$DIR/held"
}
in_background() {
	"$PFLOWD" -f "$CONF" >"$DIR/err" 2>&1 8>&-
}
# end_background SIGNAL PID: and of its engine.
end_background() {
	children=$(pgrep -P "$2")
	kill -"$1" "$2"
	for pid in "$2" $children; do
		until_true 10 ended "$pid"
	done
}

firewall

# A control socket is made only where nobody else can put another in its place.
# socket_in DIRECTORY: start with a socket there.
socket_in() {
	printf 'interface %s linktype pfsync\nsocket "%s/s" group %s\n' "$IF" \
	    "$1" "$(id -gn nobody)" >"$CONF"
	echo 'collector 127.0.0.1 port 9' >>"$CONF"
	"$PFLOWD" -f "$CONF" >"$DIR/err" 2>&1 8>&-
}
# refused NAME DIRECTORY BAD-DIRECTORY REMEDY
refused() {
	socket_in "$2"
	is "socket $1: exit status" 1 $?
	has "socket $1: says so" "$DIR/err" \
	    "^$CONF:2: control socket $2/s: $3[: ].*$4 $3 or use another path"
	is "socket $1: nothing is made" '' "$(ls "$2/s" 2>/dev/null)"
}
mkdir -m 755 "$DIR/d"
mkdir -m 777 "$DIR/d/open"
mkdir -m 775 "$DIR/d/group"
mkdir -m 1777 "$DIR/d/sticky"
mkdir -m 755 "$DIR/d/theirs" "$DIR/d/sticky/ours" "$DIR/d/open/ours"
chown 65534 "$DIR/d/theirs"
ln -s "$DIR/d/open" "$DIR/d/link"
ln -s ../d/sticky/ours "$DIR/d/sound"
# shellcheck disable=SC2086
$NOBODY ln -s "$DIR/d/sticky/ours" "$DIR/d/sticky/theirs"
refused 'where all may write' "$DIR/d/open" "$DIR/d/open" 'chmod go-w'
refused 'where a group may write' "$DIR/d/group" "$DIR/d/group" 'chmod go-w'
refused 'below where all may write' "$DIR/d/open/ours" "$DIR/d/open" \
    'chmod go-w'
refused "in another user's directory" "$DIR/d/theirs" "$DIR/d/theirs" \
    'chown root'
refused 'by a link to where all may write' "$DIR/d/link" "$DIR/d/open" \
    'chmod go-w'
refused "by another user's link" "$DIR/d/sticky/theirs" \
    "$DIR/d/sticky/theirs" 'chown root'
for where in sticky sticky/ours sound; do
	socket_in "$DIR/d/$where"
	is "socket in $where: exit status" 0 $?
	is "socket in $where: mode and group" "660 $(id -g nobody)" \
	    "$(stat -c '%a %g' "$DIR/d/$where/s")"
	end_background TERM "$(cat /var/run/pflowd.pid)"
	is "socket in $where: is removed" '' "$(ls "$DIR/d/$where/s" 2>/dev/null)"
done

# Another user's socket stays, though nobody listens on it any more.
cp "$TOOLS/ctlserve" "$DIR/ctlserve"
# shellcheck disable=SC2086
$NOBODY "$DIR/ctlserve" -m plain "$DIR/d/sticky/s" 2>/dev/null &
pid=$!
started $pid
until_true 5 test -S "$DIR/d/sticky/s"
stop KILL $pid 2>/dev/null
socket_in "$DIR/d/sticky"
is "socket, another user's is there: exit status" 0 $?
is "socket, another user's is there: it is ours now" root \
    "$(stat -c %U "$DIR/d/sticky/s")"
pid=$(cat /var/run/pflowd.pid)
started "$pid"
stop TERM "$pid" 2>/dev/null
until_true 10 test ! -e "$DIR/d/sticky/s"

# Somebody puts a link in the place of the socket, over and over.
: >"$DIR/d/victim"
chmod 600 "$DIR/d/victim"
cat >"$DIR/racer" <<'END'
while :; do
	ln -s "$1" "$2" 2>/dev/null && rm -f "$2"
done
END
for where in open sticky; do
	# shellcheck disable=SC2086
	$NOBODY sh "$DIR/racer" "$DIR/d/victim" "$DIR/d/$where/s" &
	RACER=$!
	started $RACER
	for n in $(seq 20); do
		socket_in "$DIR/d/$where" || continue
		end_background TERM "$(cat /var/run/pflowd.pid)"
	done
	stop KILL $RACER 2>/dev/null
	rm -f "$DIR/d/$where/s"
	is "socket, link in its place in $where: its target is as it was" \
	    '600 0 0' "$(stat -c '%a %u %g' "$DIR/d/victim")"
done

# Nobody local can stop a start by a lock.
conf 'collector 127.0.0.1 port 9'
: >/var/run/pflowd.pid
chmod 644 /var/run/pflowd.pid
holder
has 'pid file, open to others: is locked by one' "$DIR/held" pflowd.pid
in_background
is 'pid file, locked by another user: start' 0 $?
has 'pid file, open to others: says that it is replaced' "$DIR/err" \
    'pflowd.pid.*replaced'
pid=$(cat /var/run/pflowd.pid)
started "$pid"
is 'pid file: mode and owner' '600 0' "$(stat -c '%a %u' /var/run/pflowd.pid)"
kill $HOLDER
holder
is 'pid file: nobody else can lock it' '/var/run held ' \
    "$(tr '\n' ' ' <"$DIR/held")"
ln /var/run/pflowd.pid "/var/run/pflowd.link"
in_background
is 'pid file: a second one: exit status' 1 $?
has 'pid file: a second one: says so' "$DIR/err" 'is locked: .* already running'
is 'pid file: a second one: leaves it alone' "$pid" "$(cat /var/run/pflowd.pid)"
end_background KILL "$pid"
in_background
is 'pid file: left behind, with another name: start' 0 $?
pid=$(cat /var/run/pflowd.pid)
started "$pid"
rm /var/run/pflowd.link
mv /var/run/pflowd.pid /var/run/pflowd.moved
echo 1 >/var/run/pflowd.pid
end_background TERM "$pid"
is 'pid file: another one in its place stays' 1 "$(cat /var/run/pflowd.pid)"
chown 65534 /var/run/pflowd.pid
chmod 600 /var/run/pflowd.pid
in_background
is "pid file: another user's is replaced" 0 $?
is "pid file: another user's is replaced by root's" 0 \
    "$(stat -c %u /var/run/pflowd.pid)"
end_background TERM "$(cat /var/run/pflowd.pid)"
ln -s "$DIR/elsewhere" /var/run/pflowd.pid
in_background
is 'pid file: no file: exit status' 1 $?
has 'pid file: no file: says so' "$DIR/err" \
    '^pflowd: /var/run/pflowd.pid: .*remove it'
is 'pid file: no file: nothing is made behind it' '' \
    "$(ls "$DIR/elsewhere" 2>/dev/null)"
rm -f /var/run/pflowd.pid /var/run/pflowd.moved
kill $HOLDER

# From the file: rules, counters, and pflowctl's view of them.
judge -o sum
conf "collector 127.0.0.1 port $PORT" 'ignore proto udp'
daemon
ctl show >"$DIR/show"
has 'show: no frame yet: says so' "$DIR/show" "on $IF, no pfsync frame seen yet"
has 'show: no frame yet: and where that is no fault' "$DIR/show" \
    '(FreeBSD 14 and OpenBSD send none without a peer'
has 'show: no frame yet: and what to do' "$DIR/show" 'syncpeer ADDRESS'
states 3000 1
ignored=$(awk '$1 == "states" { print $2 }' "$DIR/truth")
until_true 10 counter states 3000
is 'show: states' 0 $?
ignored=$(json counters "d['counters']['states_ignored']")
is 'show: what a rule ignores' yes \
    "$(test "$ignored" -gt 100 && echo yes || echo no)"
is 'show: the rule counts it' "$ignored" \
    "$(json rules "d['rules'][0]['states']")"
is 'show: the rest is exported' $((3000 - ignored)) \
    "$(json counters "d['counters']['states_exported']")"
is 'show: listens' True "$(json summary "d['status']['listening']")"
ctl show >"$DIR/show"
is 'show: exit status' 0 $?
has 'show: a line for the collector' "$DIR/show" "127.0.0.1:$PORT  *up"
ctl show config >"$DIR/config"
"$PFLOWD" -n -f "$DIR/config"
is 'show config: can be loaded' 0 $?
if /usr/bin/python3 -c 'import prometheus_client.parser' 2>/dev/null; then
	ctl show metrics | /usr/bin/python3 -c '
import sys
from prometheus_client.parser import text_string_to_metric_families as families
list(families(sys.stdin.read()))' 2>"$DIR/metrics.err"
	is 'show metrics: a parser takes it' 0 $?
else
	skip 'show metrics: a parser takes it' 'no prometheus_client'
fi

# Who may: root and the group; the other socket is for all, to look.
is 'socket: mode' 660 "$(stat -c %a "$DIR/sock")"
is 'restricted socket: mode' 666 "$(stat -c %a "$DIR/ro")"
as_nobody() {
	cp "$PFLOWCTL" "$DIR/pflowctl"
	# shellcheck disable=SC2086
	$NOBODY "$DIR/pflowctl" "$@"
}
as_nobody -s "$DIR/sock" show 2>"$DIR/ctl.err"
is 'another user: exit status' 1 $?
has 'another user: says so' "$DIR/ctl.err" 'permission denied'
as_nobody -s "$DIR/ro" show >/dev/null
is 'another user, restricted: may look' 0 $?
as_nobody -s "$DIR/ro" reload 2>"$DIR/ctl.err"
is 'another user, restricted: may not reload' 1 $?
is 'another user, restricted: says so' \
    "pflowctl: reload: not allowed on a restricted socket; use $DIR/sock" \
    "$(cat "$DIR/ctl.err")"
as_nobody -s "$DIR/ro" log verbose 2>"$DIR/ctl.err"
is 'another user, restricted: may not log' 1 $?

# What each process holds: the parent no packets, the engine no files.
is 'engine: no file' '' "$(ls -l "/proc/$ENGINE/fd" |
    sed -n 's/.* -> \(\/.*\)/\1/p' |
    grep -v -e '^/dev/null$' -e '\.profraw$' -e "^$DIR/" -e pflowd.*deleted)"
is 'parent: runs as root' 0 "$(status_of $PARENT Uid | cut -f 1)"

# monitor shows what arrives while it does.
"$PFLOWCTL" -s "$DIR/sock" monitor >"$DIR/monitor" 2>/dev/null &
MONITOR=$!
started $MONITOR
"$PFLOWCTL" -s "$DIR/sock" -j monitor >"$DIR/monitor.json" 2>/dev/null &
MONITOR_JSON=$!
started $MONITOR_JSON
clients_are() {
	[ "$(json summary "d['status']['clients']")" -ge "$1" ]
}
until_true 5 clients_are 3
# They wait for flows, behind their requests; and this one is answered last.
sleeps() {
	status_of "$1" State | grep -q ^S
}
until_true 5 sleeps $MONITOR
until_true 5 sleeps $MONITOR_JSON
clients_are 3
frames <<'END'
frame version=3
state dir=in proto=tcp lan=192.0.2.80:80 ext=203.0.113.5:51234 packets=3,3 bytes=300,300 age=9
state dir=in proto=udp lan=192.0.2.80:53 ext=203.0.113.5:51234 packets=1,1 bytes=60,60 age=9
END
until_true 5 grep -q '203.0.113.5:51234' "$DIR/monitor"
is 'monitor: shows a flow' 0 $?
is 'monitor: the exported alone' 1 "$(wc -l <"$DIR/monitor")"
until_true 5 test -s "$DIR/monitor.json"
python3 -c 'import json, sys; json.loads(sys.stdin.readline())' \
    <"$DIR/monitor.json"
is 'monitor -j: an object for each' 0 $?
kill -TERM $MONITOR
wait $MONITOR
is 'monitor: ended: exit status' 0 $?

# A bad file changes nothing and says all that is wrong with it.
conf "collector 127.0.0.1 port $PORT" 'hold 99' 'nonsense'
ctl reload >"$DIR/reload" 2>&1
is 'bad reload: exit status' 1 $?
is 'bad reload: every error' 2 "$(grep -c "^$CONF:[56]: " "$DIR/reload")"
has 'bad reload: as it was' "$DIR/reload" 'keeping the old configuration'
kill -HUP $PARENT
until_true 5 grep -q "$CONF was not loaded: 2 errors" "$DIR/err"
is 'bad reload by a signal: logged' 0 $?
first_error() {
	json summary "d['status']['last_error']" | grep -q "2 errors, the first: $CONF:5: "
}
until_true 5 first_error
is 'bad reload by a signal: the first error is shown' 0 $?
is 'bad reload: the rules are the old ones' 1 \
    "$(json rules "len(d['rules'])")"
{
	printf 'quiet 3\n\ncolector 192.0.2.10\n\n\n\n\n\n'
	echo 'hold 99'
} >"$CONF"
ctl reload 2>&1 | sed "s|^$CONF|/etc/pflowd.conf|" >"$DIR/reload"
same "bad reload: the manual's sample" tests/golden/ctl/reload.txt "$DIR/reload"

# A good one is in force when pflowctl returns.
conf "collector 127.0.0.1 port $PORT { mtu 600" '}' \
    'collector 127.0.0.1 port 9 { engine id 1' '}'
ctl reload >"$DIR/reload" 2>&1
is 'reload: exit status' 0 $?
is 'reload: silent' '' "$(cat "$DIR/reload")"
is 'reload: the rules are gone' 0 "$(json rules "len(d['rules'])")"
is 'reload: the collectors are there' 2 \
    "$(json collectors "len(d['collectors'])")"
before=$(json summary "d['status']['reloaded']")
reloaded_since() {
	[ "$(json summary "d['status']['reloaded']")" != "$1" ]
}
kill -HUP $PARENT
until_true 5 reloaded_since "$before"
is 'reload by a signal' 0 $?
ctl log verbose
is 'log verbose' verbose "$(json summary "d['status']['log_level']")"
ctl log brief
is 'log brief' brief "$(json summary "d['status']['log_level']")"
end_daemon reloads
stop TERM "$JUDGE"
is 'reloads: no gap in the sequence' 0 "$(judged gaps)"
is 'reloads: all records' $(((3001 - ignored) * 2)) "$(judged records)"

# What a removed collector has not been sent is counted, even if the daemon ends
# at once, or its engine dies.
# removed: a slow collector had these records, and goes.
removed() {
	judge -o sum
	conf "collector 127.0.0.1 port $PORT { rate 10" '}'
	daemon
	states 3000 11
	until_true 10 counter states 3000
	RECORDS=$(sed -n 's/^records //p' "$DIR/truth")
	conf 'collector 127.0.0.1 port 9'
	ctl reload
}
removed
end_daemon 'removed collector, TERM'
stop TERM "$JUDGE"
left=$(row "$DIR/err" 'records left of removed collectors')
is 'removed collector, TERM: the rest is counted' "$RECORDS" \
    $((left + $(judged records)))
removed
kill -KILL "$ENGINE"
until_true 5 grep -q 'engine is running again' "$DIR/err"
stop TERM "$JUDGE"
left=$(json counters "d['counters']['records_left']")
is 'removed collector, engine killed: the rest is counted' "$RECORDS" \
    $((left + $(judged records)))
end_daemon 'removed collector, engine killed'

# Each connection once, in every view: one that is forwarded and translated to
# an address of ours, and one of our own.
conf 'collector 127.0.0.1 port 9'
daemon
seen=0
for view in inside outside original; do
	conf 'collector 127.0.0.1 port 9' "addresses $view" 'ignore out' \
	    'export out from self'
	ctl reload
	frames <<'END'
frame version=3
state dir=in lan=198.51.100.9:443 ext=10.0.0.7:40000 packets=3,3 bytes=300,300
state dir=out lan=10.0.0.7:40000 gwy=127.0.0.1:61000 ext=198.51.100.9:443 packets=3,3 bytes=300,300
state dir=out lan=127.0.0.1:9999 ext=198.51.100.9:443 packets=3,3 bytes=300,300
END
	seen=$((seen + 3))
	until_true 5 counter states $seen
	is "self, addresses $view: each connection once" $((seen * 2 / 3)) \
	    "$(json counters "d['counters']['states_exported']")"
done
end_daemon self

# Many reloads while states arrive: each is exported once, and in order.
judge -o sum
conf "collector 127.0.0.1 port $PORT"
daemon
cp "$CONF" "$DIR/one"
conf "collector 127.0.0.1 port $PORT { mtu 1400" '}' \
    'collector localhost port 9 { engine id 1' '}' \
    'ignore proto 250'
cp "$CONF" "$DIR/two"
"$TOOLS/pfsyncgen" -r -n 300000 -v 3 -k 6 -s 7 -t "$DIR/truth" |
    "$TOOLS/pacer" 100000 >&8 &
SENDER=$!
for n in $(seq 25); do
	for file in one two; do
		cp "$DIR/$file" "$CONF"
		ctl reload || echo "reload $n failed" >>"$DIR/failed"
	done
done
wait $SENDER
until_true 20 counter states 300000
is 'reloads under load: none failed' '' "$(cat "$DIR/failed" 2>/dev/null)"
is 'reloads under load: every state seen' 300000 \
    "$(json counters "d['counters']['states']")"
is 'reloads under load: the kernel dropped none' 0 \
    "$(json counters "d['counters']['kernel_dropped']")"
end_daemon 'reloads under load'
stop TERM "$JUDGE"
is 'reloads under load: the judge' 0 "$(judged kernel_drops)"
is 'reloads under load: every record once' \
    "$(awk '$1 == "records" { print $2 }' "$DIR/truth")" "$(judged records)"
is 'reloads under load: every byte once' \
    "$(awk '$1 == "octets" { print $2 }' "$DIR/truth")" "$(judged octets)"
is 'reloads under load: no gap' 0 "$(judged gaps)"

# A forwarded connection is two states, the outer one translated; the sample's
# two rules count it once, and what the firewall itself begins.
judge -o sum
grep -e '^#ignore out$' -e '^#export out from self$' pflowd.conf.sample |
    sed 's/^#//' | awk '!seen[$0]++' >"$DIR/once"
is 'counted once: the sample says how' 2 "$(wc -l <"$DIR/once" | tr -d ' ')"
conf "collector 127.0.0.1 port $PORT" \
    'collector 127.0.0.1 port 9 { engine id 1' '}'
cat "$DIR/once" >>"$CONF"
daemon
frames <<'END'
frame version=3
state dir=in if=em1 proto=tcp lan=198.51.100.9:443 ext=10.0.0.7:40000 packets=10,8 bytes=1000,8000 age=9
state dir=out if=em0 proto=tcp lan=10.0.0.7:40000 gwy=192.0.2.1:61000 ext=198.51.100.9:443 packets=10,8 bytes=1000,8000 age=9
state dir=out if=em0 proto=udp lan=127.0.0.1:4000 ext=198.51.100.53:53 packets=1,1 bytes=60,40 age=9
END
until_true 5 counter states 3
is 'counted once: the rest is ignored' 1 \
    "$(json counters "d['counters']['states_ignored']")"
is 'counted once: for each collector' '[2, 2]' \
    "$(json collectors "[c['counters']['states_given'] for c in \
    d['collectors']]")"
ctl show config >"$DIR/config"
has 'show config: timeouts, and whose they are' "$DIR/config" \
    '^# timeout tcp.first 120: '

# A test of the collectors, counted apart.
ctl test "127.0.0.1:$PORT" >"$DIR/tested"
is 'test: exit status' 0 $?
has 'test: says so' "$DIR/tested" 'sent'
ctl test >"$DIR/tested" 2>&1
is 'test, one of them dead: exit status' 1 $?
has 'test, one of them dead: says so' "$DIR/tested" 'refused'
is 'test: is no state' 3 "$(json counters "d['counters']['states']")"
is 'test: is counted apart' 2 \
    "$(json collectors "d['collectors'][0]['counters']['records_tests']")"
end_daemon 'counted once'
stop TERM "$JUDGE"
is 'counted once: every byte once' $((9000 + 100 + 2 * 64)) "$(judged octets)"

# Indexes of interfaces that come while it runs.
conf 'collector 127.0.0.1 port 9'
daemon
NEW=$(echo "pfnew$$" | cut -c1-15)
mkfifo "$DIR/new"
"$TOOLS/tunplay" -i "$NEW" <"$DIR/new" >/dev/null 2>&1 8>&- &
started $!
exec 9>"$DIR/new"
until_true 5 test -e "/sys/class/net/$NEW"
index=$(cat "/sys/class/net/$NEW/ifindex")
new_state() {
	last=$(json counters "d['counters']['states']")
	frames <<-END
		frame version=3
		state dir=in if=$NEW packets=3,3 bytes=300,300
	END
	(until_true 2 counts_more)
}
counts_more() {
	! counter states "$last"
}
new_index() {
	new_state
	[ "$(json interfaces "[i['index'] for i in d['interfaces'] \
		if i['interface'] == '$NEW'][0]")" = "$index" ]
}
until_true 5 new_index
is 'interface came: its index is known' 0 $?
with_index() {
	json counters "d['counters']['states'] -
	    d['counters']['states_no_interface']"
}
before=$(with_index)
more_with_index() {
	new_state
	[ "$(with_index)" -gt "$before" ]
}
until_true 5 more_with_index
is 'interface came: its states have it' 0 $?
exec 9>&-
end_daemon 'interface came'

# What is known of a collector outlives the engine, and is not said again.
conf 'collector 127.0.0.1 port 9'
daemon
down() {
	frame
	json collectors "d['collectors'][0]['state'], d['collectors'][0]['since'],
	    d['collectors'][0]['last_error']" >"$DIR/$1"
	grep -q '^down .* Connection refused$' "$DIR/$1"
}
frame() {
	"$TOOLS/pfsyncgen" -r -n 30 -v 3 -k 6 -s 8 >&8
}
until_true 10 down before
kill -KILL "$ENGINE"
until_true 5 grep -q 'engine is running again' "$DIR/err"
json collectors "d['collectors'][0]['state'], d['collectors'][0]['since'],
    d['collectors'][0]['last_error']" >"$DIR/after"
same 'collector down: the next engine knows' "$DIR/before" "$DIR/after"
until_true 10 down after
is 'collector down: said once' 1 "$(grep -c 'Connection refused' "$DIR/err")"
end_daemon 'collector down'

# An engine that is killed: what it had is counted as lost, and missing.
judge -o sum
cp "$DIR/one" "$CONF"
conf "collector 127.0.0.1 port $PORT { rate 2000" '}'
daemon
states 100 8
until_true 10 counter states 100
"$TOOLS/pfsyncgen" -r -n 60000 -v 3 -k 6 -s 9 | "$TOOLS/pacer" 50000 >&8 &
SENDER=$!
in_the_middle() {
	[ "$(json counters "d['counters']['states']")" -gt 10000 ]
}
until_true 10 in_the_middle
kill -KILL "$ENGINE"
until_true 5 grep -q 'engine is running again' "$DIR/err"
is 'engine killed: another follows' 0 $?
wait $SENDER
settled
states 1 8 # behind which even a drop at the end is a gap
settled
json counters "'\n'.join('%s %d' % (k, v) for k, v in d['counters'].items())" \
    >"$DIR/sums"
json collectors "'\n'.join('%s %d' % (k, v) for c in d['collectors'][:1] \
    for k, v in c['counters'].items())" \
    >"$DIR/sums.collector"
sum() {
	awk -v names="$2" 'BEGIN { split(names, n); for (i in n) want[n[i]] }
	    $1 in want { s += $2 } END { printf "%d", s }' "$DIR/$1"
}
is 'engine killed: all adds up' '' \
    "$(ctl -j show counters | python3 tests/system/random/sums.py)"
frames=$(($(sum sums 'frames kernel_dropped kernel_unread')))
is 'engine killed: what nobody read is counted' yes \
    "$(test $frames -ge 10013 && test $frames -le 10023 && echo yes ||
    echo "$frames of 10018")"
is 'engine killed: the new one counts on' 2 \
    "$(json summary "d['status']['engines']")"
is 'engine killed: it died, and was not replaced' '1 0' \
    "$(json summary "d['status']['engines_died'], d['status']['engines_replaced']" |
    tr -d '(,)')"
end_daemon 'engine killed'
stop TERM "$JUDGE"
# A batch that the kernel took and the engine did not live to count is there.
is 'engine killed: the sequence tells the loss' \
    "$(sum sums.collector records)" $(($(judged records) + $(judged missing)))
lost=$(sum sums.collector 'records_crashed records_dropped')
is 'engine killed: no more is missing than was counted' yes \
    "$(test "$(judged missing)" -le "$lost" &&
    test $((lost - $(judged missing))) -le 1920 && echo yes ||
    echo "$(judged missing) of $lost")"

# A binary that was replaced does not mix with the one that runs.
cp "$PFLOWD" "$DIR/pflowd"
build=$(grep -a -o '[0-9]\{5,\}-[0-9]\{5,\}' "$DIR/pflowd" | head -n 1)
conf 'collector 127.0.0.1 port 9'
rm -f "$DIR/err"
"$DIR/pflowd" -d -f "$CONF" >"$DIR/out" 2>"$DIR/err" 8>&- &
PARENT=$!
started $PARENT
until_true 10 grep -q 'listening on' "$DIR/err"
sed "s/$build/$(echo "$build" | tr 0123456789 1234567890)/" "$DIR/pflowd" \
    >"$DIR/pflowd.new"
chmod 755 "$DIR/pflowd.new"
mv "$DIR/pflowd.new" "$DIR/pflowd"
pkill -KILL -P $PARENT
wait $PARENT
is 'binary replaced: exit status' 1 $?
has 'binary replaced: says so' "$DIR/err" 'binary replaced, restart pflowd'
is 'binary replaced: leaves nothing' '' "$(ls "$DIR/sock" 2>/dev/null)"

# somebody_else: has a socket in our place, and is $!.
somebody_else() {
	rm "$DIR/sock"
	"$TOOLS/ctlserve" -m plain "$DIR/sock" 2>/dev/null &
	started $!
	until_true 5 test -S "$DIR/sock"
}

# Somebody else's socket in our place is not removed.
conf 'collector 127.0.0.1 port 9'
daemon
somebody_else
end_daemon 'socket replaced'
is 'socket replaced: it is left alone' yes \
    "$(test -S "$DIR/sock" && echo yes || echo no)"
kill $!
rm -f "$DIR/sock"

# One that was removed is made again by a reload; not where somebody else's is.
conf 'collector 127.0.0.1 port 9'
daemon
somebody_else
inode=$(stat -c %i "$DIR/sock")
kill -HUP $PARENT
until_true 5 grep -q 'configuration reloaded' "$DIR/err"
is 'socket replaced: a reload leaves it alone' "$inode" \
    "$(stat -c %i "$DIR/sock")"
kill $!
rm -f "$DIR/sock"
kill -HUP $PARENT
until_true 5 ctl show
is 'socket removed: a reload makes it again' 0 $?
is 'socket removed: for whom it was' 660 "$(stat -c %a "$DIR/sock")"
ctl reload
end_daemon 'socket removed'

# Names that do not resolve yet, and that move.
mkdir "$DIR/etc"
cp /etc/hosts "$DIR/etc/hosts"
judge -a -o sum
conf "collector flows.pflowd.test port $PORT"
rm -f "$DIR/err"
unshare -m sh -c 'mount --bind "$0" /etc/hosts && exec "$@"' \
    "$DIR/etc/hosts" "$PFLOWD" -d -f "$CONF" >"$DIR/out" 2>"$DIR/err" 8>&- &
PARENT=$!
started $PARENT
until_true 10 grep -q 'listening on' "$DIR/err"
until_true 30 grep -q 'flows.pflowd.test:.*will retry' "$DIR/err"
is 'name unknown: says so' 0 $?
is 'name unknown: is shown' '' \
    "$(json collectors "d['collectors'][0]['address'] or ''")"
states 100 3
until_true 5 counter states 100
echo '127.0.0.1 flows.pflowd.test' >>"$DIR/etc/hosts"
all_sent() {
	[ "$(json collectors "d['collectors'][0]['records_queued']")" = 0 ]
}
until_true 40 all_sent
is 'name known: what waited is sent' 0 $?
is 'name known: says so once' 1 "$(grep -c 'resolved now' "$DIR/err")"
{
	cat /etc/hosts
	echo '127.0.0.2 flows.pflowd.test'
} >"$DIR/etc/hosts"
stop TERM "$JUDGE"
states 3000 4
until_true 40 grep -q 'address changed' "$DIR/err"
is 'name moved: is followed' 0 $?
is 'name moved: is shown' "127.0.0.2:$PORT" \
    "$(json collectors "d['collectors'][0]['address']")"
end_daemon names

# Clients that mean it no good.
conf 'collector 127.0.0.1 port 9'
daemon
files() {
	find "/proc/$ENGINE/fd" -mindepth 1 | wc -l
}
before=$(files)
for how in garbage rules descriptors; do
	"$TOOLS/ctlabuse" $how "$DIR/sock" >/dev/null 2>"$DIR/abuse.err"
	is "abuse: $how: is hung up on" 0 $?
	is "abuse: $how: no descriptor is kept" "$before" "$(files)"
done
for how in monitor config; do
	"$TOOLS/ctlabuse" $how "$DIR/ro" >/dev/null 2>&1 &
	started $!
done
memory() {
	status_of "$ENGINE" RssAnon | tr -dc 0-9
}
states 20000 5
until_true 10 counter states 20000
is 'abuse: readers who do not read hold up nothing' 0 $?
is 'abuse: nor do they make it grow' yes \
    "$(test "$(memory)" -lt 8192 && echo yes || echo "$(memory) KiB")"
# peak PID: note the engine's memory as long as that process lives.
peak() {
	while kill -0 "$1" 2>/dev/null; do
		memory
		echo
		sleep 0.1
	done >"$DIR/peak"
}
# pipelined NAME SOCKET: requests without end, of every kind, and no answer
# read, from an account without rights.
pipelined() {
	cp "$TOOLS/ctlabuse" "$DIR/ctlabuse"
	before=$(memory)
	# shellcheck disable=SC2086
	$NOBODY "$DIR/ctlabuse" pipeline "$2" &
	peak $!
	wait $!
	is "abuse: $1: is served and dropped" 0 $?
	grown=$(($(sort -n "$DIR/peak" | tail -n 1) - before))
	is "abuse: $1: does not make the engine grow" yes \
	    "$(test "$grown" -lt 4096 && echo yes || echo "$grown KiB")"
}
conf 'collector 127.0.0.1 port 9'
awk 'BEGIN { for (i = 0; i < 4000; i++)
	print "ignore in on em0 proto tcp from 192.0.2." i % 256 \
	    " port 1000:1999 to 198.51.100.0/24 port " i + 1 }' >>"$CONF"
ctl reload
as_nobody -s "$DIR/ro" show config >/dev/null
pipelined 'requests without reading' "$DIR/ro"
"$TOOLS/ctlabuse" flood "$DIR/ro" >"$DIR/flood" &
FLOOD=$!
until_true 10 test -s "$DIR/flood"
ctl show >/dev/null
is 'abuse: a flood on one socket leaves the other' 0 $?
is 'abuse: of one socket there are 16 clients, beside this one' 17 \
    "$(json summary "d['status']['clients']")"
wait $FLOOD
as_nobody -s "$DIR/ro" show >/dev/null 2>&1
until_true 5 as_nobody -s "$DIR/ro" show
is 'abuse: and after it there is room again' 0 $?
is 'abuse: none that was turned away is kept' yes \
    "$(test "$(files)" -lt $((before + 32)) && echo yes || files)"
is 'abuse: is in the log, once' 1 "$(grep -c 'more than 16 clients' "$DIR/err")"
is 'abuse: it is the same engine' "$ENGINE" "$(pgrep -P $PARENT -f -- '-X engine')"
end_daemon abuse
