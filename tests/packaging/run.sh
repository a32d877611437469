#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# The packages: what is installed with the arguments of each port's Makefile is
# what its list of files says, and names the paths that were configured.  The
# Makefiles are read by BSD make, with next to nothing in what they include.
# Then configure and the installation, by an administrator with odd wishes.

. tests/lib.sh
unset CC CFLAGS LDFLAGS PKG_CONFIG YACC RCD

case $(uname -s) in
*BSD) bsdmake='make' ;;
*) bsdmake=bmake ;;
esac
if ! command -v $bsdmake >/dev/null; then
	skip packaging "no $bsdmake: make setup"
	exit 0
fi

# As pkgsrc has them beside a package.
ports=$DIR/ports
mkdir -p "$ports/net" "$ports/mk" "$ports/devel/libevent" "$ports/net/libpcap"
: >"$ports/mk/sys.mk"
: >"$ports/mk/bsd.prefs.mk"
# shellcheck disable=SC2016
printf 'show:\n\t@echo ${${NAME}}\n' >"$ports/mk/bsd.port.mk"
cp "$ports/mk/bsd.port.mk" "$ports/mk/bsd.pkg.mk"
: >"$ports/devel/libevent/buildlink3.mk"
: >"$ports/net/libpcap/buildlink3.mk"

# A tree to configure, with programs that are built already.
tree=$DIR/tree
mkdir -p "$tree/common" "$tree/pflowd" "$tree/pflowctl"
cp -R configure VERSION Makefile build.mk man rc.d pflowd.conf.sample "$tree"
cp pflowd/pflowd "$tree/pflowd"
cp pflowctl/pflowctl "$tree/pflowctl"

# What each system's ports set for every port.
port() {
	system=$1
	case $system in
	pkgsrc)
		prefix=/usr/pkg etc=/usr/pkg/etc man=/usr/pkg/man
		sample=/usr/pkg/share/examples/pflowd
		chroot=/var/chroot/pflowd rcd=/usr/pkg/share/examples/rc.d
		set -- "PKG_SYSCONFDIR=$etc" PKGMANDIR=man VARBASE=/var
		;;
	freebsd)
		prefix=/usr/local etc=/usr/local/etc man=/usr/local/share/man
		sample=/usr/local/etc chroot=/var/empty rcd=/usr/local/etc/rc.d
		set --
		;;
	openbsd)
		prefix=/usr/local etc=/etc man=/usr/local/man
		sample=/usr/local/share/examples/pflowd
		chroot=/var/empty rcd=/etc/rc.d
		set -- "SYSCONFDIR=$etc"
		;;
	esac
	cp -R "packaging/$system" "$ports/net/$system"
	sed "s/@VERSION@/$version/" "packaging/$system/Makefile" \
	    >"$ports/net/$system/Makefile"
	(
		cd "$ports/net/$system" || exit 1
		for name in CONFIGURE_ARGS DISTNAME DISTVERSION RCD_SCRIPTS; do
			$bsdmake -m "$ports/mk" show "NAME=$name" \
			    "PREFIX=$prefix" "$@" >"$DIR/$name" || exit 1
		done
	)
	is "$system: its Makefile" 0 $?
}

# listed: the files of the list, by their whole names.
listed() {
	case $system in
	pkgsrc)
		sed '/^@comment/d' packaging/pkgsrc/PLIST
		# pkgsrc adds these itself.
		for script in $(cat "$DIR/RCD_SCRIPTS"); do
			echo "share/examples/rc.d/$script"
		done
		;;
	freebsd)
		# Manuals are compressed behind us, and a sample is its argument.
		sed 's/^@sample //; s/^\(.*man.*\)\.gz$/\1/' \
		    packaging/freebsd/pkg-plist
		;;
	openbsd)
		# pkg_add makes users and copies of samples; the ports install
		# pkg/README.
		sed '/^@new/d; /^@sample /d; /\/$/d
		    s/^@[a-z]* //; s|^\${RCDIR}|/etc/rc.d|
		    /^share\/doc\/pkg-readmes\/\${PKGSTEM}$/d' \
		    packaging/openbsd/pkg/PLIST
		;;
	esac | sed "/^[^/]/s|^|$prefix/|" | sort
}

installed() {
	(cd "$DIR/dest" && find . -type f) | sed 's/^\.//' | sort
}

texts() {
	find "$DIR/dest" -type f ! -path '*/sbin/*' -exec cat {} +
}

# says NAME FILE TEXT
says() {
	if grep -qF -e "$3" "$DIR/dest$2"; then
		ok "$1"
	else
		failed "$1" "no $3 in $2"
	fi
}

# test_user: as mk.conf names it, which bsd.prefs.mk reads.
test_user() {
	echo 'PFLOWD_USER=_other' >"$ports/mk/bsd.prefs.mk"
	is "pkgsrc: another user's home" /var/chroot/pflowd \
	    "$(cd "$ports/net/pkgsrc" && $bsdmake -m "$ports/mk" show \
	    NAME=PKG_HOME._other VARBASE=/var)"
}

test_port() {
	port "$1"
	rm -rf "$DIR/dest" "$tree/config.h" "$tree/config.mk"
	# shellcheck disable=SC2046
	(cd "$tree" && ./configure $(cat "$DIR/CONFIGURE_ARGS")) \
	    >"$DIR/out" 2>&1
	is "$system: configure takes its arguments" 0 $?
	"${MAKE:-make}" -s -C "$tree" -f build.mk install-files install-rcd \
	    DESTDIR="$DIR/dest" >>"$DIR/out" 2>&1
	is "$system: installed" 0 $?
	listed >"$DIR/$system.listed"
	installed >"$DIR/$system.installed"
	same "$system: what its list says" "$DIR/$system.listed" \
	    "$DIR/$system.installed"

	is "$system: the configuration that pflowd reads" \
	    "$etc/pflowd.conf" \
	    "$(sed -n 's/^#define PFLOWD_CONF "\(.*\)"$/\1/p' "$tree/config.h")"
	is "$system: where it is confined" "$chroot" \
	    "$(sed -n 's/^#define PFLOWD_CHROOT "\(.*\)"$/\1/p' \
	    "$tree/config.h")"
	says "$system: the manual knows the configuration" \
	    "$man/man8/pflowd.8" ".Pa $etc/pflowd.conf"
	says "$system: and the sample" "$man/man8/pflowd.8" \
	    "cp $sample/pflowd.conf.sample $etc/pflowd.conf"
	says "$system: and the directory" "$man/man8/pflowd.8" \
	    ".Pa $chroot ,"
	says "$system: the script starts this pflowd" "$rcd/pflowd" \
	    "=\"$prefix/sbin/pflowd\""
	is "$system: no other configuration is named" \
	    "$(printf '%s\n' "$etc/pflowd.conf" \
	    "$sample/pflowd.conf.sample" | sort)" \
	    "$(texts | grep -oE '/[^ "]*pflowd\.conf[.a-z]*' | sort -u)"
	is "$system: no other prefix is named" '' \
	    "$(texts | sed "s|$prefix||g" | grep -e /usr/local -e /usr/pkg)"
	is "$system: its version" "$version" \
	    "$(sed -n 's/^pflowd-//; /./p' "$DIR/DISTNAME" "$DIR/DISTVERSION")"

	"${MAKE:-make}" -s -C "$tree" -f build.mk uninstall \
	    DESTDIR="$DIR/dest" >"$DIR/out" 2>&1
	is "$system: uninstalled" '' "$(installed)"
}

configured() {
	(cd "$tree" && ./configure "$@") >"$DIR/out" 2>&1
}

# run TARGET VARIABLE ...: of the tree
run() {
	"${MAKE:-make}" -s -C "$tree" -f build.mk "$@" >>"$DIR/out" 2>&1
}

# What a makefile, sed or the shell would take for something else is refused,
# and changes nothing.
test_refused() {
	configured --prefix=/usr/pkg RCD=none
	cp "$tree/config.mk" "$tree/config.status" "$DIR"
	for word in '--prefix=/a b' '--prefix=/a|b' '--sysconfdir=/a&b' \
	    '--mandir=/a\b' '--rundir=/a%b' '--chroot=/$a' '--sampledir=/a@b' \
	    --prefix=a --prefix= --user= '--user=a b' '--user=a/b' --user=-a \
	    --pflowctl= --pflowctl=a/b --pflowctl=.. --pflowctl=pflowd \
	    RCD=NETBSD --nothing; do
		configured "$word"
		is "configure: refuses $word" 1 $?
	done
	same 'configure: what is refused changes nothing' "$DIR/config.mk" \
	    "$tree/config.mk"
	same 'configure: nor how it is run again' "$DIR/config.status" \
	    "$tree/config.status"
}

# A configure that is newer than what it wrote is run again, as it was.
test_again() {
	CFLAGS="-O1 -DQUOTE='\"'" configured --prefix=/usr/pkg --user=other \
	    RCD=netbsd
	is 'configure: with quotes in CFLAGS' 0 $?
	cp "$tree/config.mk" "$DIR/config.mk"
	touch -t 200001010000 "$tree/config.mk"
	"${MAKE:-make}" -s -C "$tree" config.mk >"$DIR/out" 2>&1
	is 'configure: again' 0 $?
	is 'configure: again: writes' '' \
	    "$(find "$tree/config.mk" ! -newer "$DIR/config.mk")"
	same 'configure: again: the same' "$DIR/config.mk" "$tree/config.mk"
}

# libevent 2.0 has no precise timers.
test_old_libevent() {
	mkdir -p "$DIR/old/event2"
	cat >"$DIR/old/event2/event.h" <<-END
		struct event_base;
		struct event_config;
		struct event_base *event_base_new(void);
		struct event_config *event_config_new(void);
		int event_config_set_flag(struct event_config *, int);
		struct event_base *event_base_new_with_config(
		    const struct event_config *);
	END
	CFLAGS="-I$DIR/old" configured RCD=none
	is 'configure: an old libevent is refused' 1 $?
	has 'configure: and named' "$DIR/out" 'libevent 2.1 is missing'
}

# Of a mask that hides, a destination with a space, and paths that have in
# them what others are called by usually.
test_odd_install() {
	configured --prefix=/opt/_pflowd/usr/local --user=other \
	    --chroot=/srv/_pflowd --rundir=/opt/var/run/pflowd RCD=freebsd
	to="$DIR/odd dest"
	(umask 077 && run install-files install-rcd DESTDIR="$to")
	is 'odd install: exit status' 0 $?
	is 'odd install: all may look' '' "$(find "$to/opt" ! -perm -044)"
	page=$to/opt/_pflowd/usr/local/share/man/man8/pflowd.8
	sed -n 's/^\.It Pa //p' "$page" >"$DIR/paths"
	cat >"$DIR/wanted" <<-END
		/etc/pflowd.conf
		/srv/_pflowd
		/opt/var/run/pflowd/pflowd.pid
		/opt/var/run/pflowd/pflowd.sock
	END
	same 'odd install: the paths' "$DIR/wanted" "$DIR/paths"
	is 'odd install: the sample' 'cp /opt/_pflowd/usr/local/share/examples' \
	    "$(grep -o 'cp .*/examples' "$page")"
	is 'odd install: the user' '.Li other' \
	    "$(grep -e '^\.Li _pflowd' -e '^\.Li other' "$page" |
	    sed 's/ ,$//' | sort -u)"
	for time in first second; do
		run uninstall DESTDIR="$to"
		is "odd install: uninstalled, $time time" '0 ' \
		    "$? $(find "$to" -type f)"
	done
}

# Where the base system has another pflowctl.
test_other_name() {
	configured --prefix=/usr/local --pflowctl=my-pflowctl2 RCD=none
	is 'other name: configure' 0 $?
	rm -rf "$DIR/dest"
	run install-files install-rcd DESTDIR="$DIR/dest"
	is 'other name: installed' "$(printf '%s\n' sbin/my-pflowctl2 sbin/pflowd \
	    share/examples/pflowd/pflowd.conf.sample \
	    share/man/man5/pflowd.conf.5 share/man/man8/my-pflowctl2.8 \
	    share/man/man8/pflowd.8 | sed 's|^|/usr/local/|')" "$(installed)"
	is 'other name: no text has the usual one' '' \
	    "$(texts | sed 's/my-pflowctl2//g' | grep -i pflowctl |
	    grep -v '^\.Dt MY-PFLOWCTL2 8$')"
	says 'other name: its manual' /usr/local/share/man/man8/my-pflowctl2.8 \
	    '.Nm my-pflowctl2'
	says 'other name: its title' /usr/local/share/man/man8/my-pflowctl2.8 \
	    '.Dt MY-PFLOWCTL2 8'
	run uninstall DESTDIR="$DIR/dest"
	is 'other name: uninstalled' '' "$(installed)"
	cp common/*.[ch] "$tree/common"
	cp pflowctl/*.[ch] "$tree/pflowctl"
	run pflowctl/pflowctl
	is 'other name: built' 0 $?
	is 'other name: as it calls itself' "my-pflowctl2 $version" \
	    "$("$tree/pflowctl/pflowctl" -V)"
	is 'other name: its usage' 'usage: my-pflowctl2' \
	    "$("$tree/pflowctl/pflowctl" -x 2>&1 | grep -o '^usage: [^ ]*')"
}

# A release builds, and its ports name its version.
test_dist() {
	if ! [ -e .git ]; then
		skip 'release' 'not a git repository'
		return
	fi
	git clone -q . "$DIR/clone" && sh "$DIR/clone/packaging/dist.sh" \
	    >"$DIR/out" 2>&1
	is 'release: made' 0 $?
	(cd "$DIR" && gzip -dc "clone/pflowd-$version.tar.gz" | tar -xf - &&
	    gzip -dc "clone/pflowd-ports-$version.tar.gz" | tar -xf -)
	(cd "$DIR/pflowd-$version" && ./configure && make -s -j2 all) \
	    >"$DIR/out" 2>&1
	is 'release: builds' 0 $?
	is 'release: its version' "pflowd $version" \
	    "$("$DIR/pflowd-$version/pflowd/pflowd" -V | head -n 1)"
	is 'release: ports name it' 3 \
	    "$(grep -hEc "(pflowd-|[[:space:]])$version\$" \
	    "$DIR/pflowd-ports-$version"/*/Makefile | awk '{ n += $1 }
		END { print n }')"
}

version=$(sed -n 's/^#define PFLOWD_VERSION "\(.*\)"$/\1/p' config.h)
test_port pkgsrc
test_user
test_port freebsd
test_port openbsd
test_refused
test_again
test_old_libevent
test_odd_install
test_other_name
test_dist
