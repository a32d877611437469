# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# For GNU and BSD make.  "make" runs this after configure.

include config.mk

# V=0 names what is linked, V=1 shows all commands, and V=quiet says nothing.
V ?= 0
AT_0 = @
AT_quiet = @
AT = $(AT_$(V))
SAY = @test "$(V)" != 0 || echo

CPPFLAGS_ALL = -I. -Ipflowd $(STD) $(BSD_CFLAGS) $(PCAP_CFLAGS) \
	$(EVENT_CFLAGS) $(SECCOMP_CFLAGS) $(CMOCKA_CFLAGS) $(CPPFLAGS)
CFLAGS_ALL = $(HARDENING) $(WARNINGS) $(CFLAGS)
LINK = $(CC) $(CFLAGS_ALL) $(LINK_HARDENING) $(LDFLAGS)

# All of pflowd but main, by folder: the unit tests link it too.
COMMON_OBJS = \
	common/address.o \
	common/counters.o \
	common/flowjson.o \
	common/flowline.o \
	common/log.o \
	common/msg.o \
	common/proto.o
OS_OBJS = \
	pflowd/os/$(ACCEPT).o \
	pflowd/os/$(CAPTURE_ATTACHED).o \
	pflowd/os/$(CAPTURE_FRAMES).o \
	pflowd/os/$(CAPTURE_LOCK).o \
	pflowd/os/$(CAPTURE_OS).o \
	pflowd/os/dumpbuffer.o \
	pflowd/os/netlink.o \
	pflowd/os/nvstatus.o \
	pflowd/os/$(MEMORY).o \
	pflowd/os/memory_grow.o \
	pflowd/os/memory_size.o \
	pflowd/os/$(PATHMTU).o \
	pflowd/os/$(PFTIMEOUT).o \
	pflowd/os/$(SANDBOX).o \
	pflowd/os/$(SEND).o \
	pflowd/os/$(SETIDS).o \
	$(STATEDUMP)
FLOW_OBJS = \
	pflowd/flow/anomaly.o \
	pflowd/flow/flow.o \
	pflowd/flow/flowprint.o \
	pflowd/flow/protocol_id.o \
	pflowd/flow/record.o \
	pflowd/flow/rule.o \
	pflowd/flow/rule_text.o
CONF_OBJS = \
	pflowd/conf/cmdline.o \
	pflowd/conf/conf.o \
	pflowd/conf/conf_warn.o \
	pflowd/conf/ifindex.o \
	pflowd/conf/lex.o \
	pflowd/conf/lex_file.o \
	pflowd/conf/lex_macro.o \
	pflowd/conf/lex_strange.o \
	pflowd/conf/parse.o \
	pflowd/conf/parse_remedy.o \
	pflowd/conf/parse_rule.o \
	pflowd/conf/parse_source.o \
	pflowd/conf/parse_value.o \
	pflowd/conf/printconf.o
SOURCE_OBJS = \
	pflowd/source/capture.o \
	pflowd/source/capture_pipe.o \
	pflowd/source/compressed.o \
	pflowd/source/chunk.o \
	pflowd/source/chunk_stream.o \
	pflowd/source/decode.o \
	pflowd/source/dump_measure.o \
	pflowd/source/hold.o \
	pflowd/source/last_packet.o \
	pflowd/source/link_layer.o \
	pflowd/source/log_once.o \
	pflowd/source/pfsync.o \
	pflowd/source/pfsync_state.o \
	pflowd/source/source.o \
	pflowd/source/source_pfsync.o \
	pflowd/source/source_table.o \
	pflowd/source/statetable.o \
	pflowd/source/statetable_netlink.o \
	pflowd/track/timeouts.o \
	pflowd/track/track.o \
	pflowd/track/track_commit.o \
	pflowd/track/track_entry.o \
	pflowd/track/track_index.o \
	pflowd/track/track_life.o \
	pflowd/track/track_pair.o \
	pflowd/track/track_recover.o \
	pflowd/track/track_report.o \
	pflowd/track/track_scan.o \
	pflowd/track/track_segments.o \
	pflowd/track/track_table.o \
	pflowd/track/track_update.o \
	pflowd/source/tracked.o \
	pflowd/track/twins.o \
	pflowd/track/unseen.o
PROCESS_OBJS = \
	pflowd/process/conf_link.o \
	pflowd/process/descriptors.o \
	pflowd/process/ledger.o \
	pflowd/process/link.o \
	pflowd/process/privsep.o \
	pflowd/process/refuse.o \
	pflowd/process/watch.o
EXPORT_OBJS = \
	pflowd/export/export.o \
	pflowd/export/export_apply.o \
	pflowd/export/export_options.o \
	pflowd/export/ipfix.o \
	pflowd/export/netflow5.o \
	pflowd/export/netflow9.o \
	pflowd/export/options_data.o \
	pflowd/export/pace.o \
	pflowd/export/protocol.o \
	pflowd/export/recut.o \
	pflowd/export/retired.o \
	pflowd/export/sendqueue.o \
	pflowd/export/sendqueue_send.o \
	pflowd/export/session.o \
	pflowd/export/session_split.o \
	pflowd/export/template.o
ENGINE_OBJS = \
	pflowd/engine/condition.o \
	pflowd/engine/control.o \
	pflowd/engine/control_listen.o \
	pflowd/engine/control_monitor.o \
	pflowd/engine/control_states.o \
	pflowd/engine/engine.o \
	pflowd/engine/engine_dispatch.o \
	pflowd/engine/engine_report.o \
	pflowd/engine/engine_start.o \
	pflowd/engine/engine_table.o \
	pflowd/engine/meter.o \
	pflowd/engine/poller.o \
	pflowd/engine/search.o \
	pflowd/engine/show.o \
	pflowd/engine/show_source.o \
	pflowd/engine/silence.o \
	pflowd/engine/summary.o
PARENT_OBJS = \
	pflowd/parent/child.o \
	pflowd/parent/dumper.o \
	pflowd/parent/dumper_child.o \
	pflowd/parent/lookup.o \
	pflowd/parent/parent.o \
	pflowd/parent/parent_conf.o \
	pflowd/parent/parent_dispatch.o \
	pflowd/parent/parent_engine.o \
	pflowd/parent/parent_flows.o \
	pflowd/parent/parent_link.o \
	pflowd/parent/parent_refuse.o \
	pflowd/parent/pidlock.o \
	pflowd/parent/recorder.o \
	pflowd/parent/reload.o \
	pflowd/parent/replay.o \
	pflowd/parent/replay_open.o \
	pflowd/parent/resolver.o \
	pflowd/parent/resolver_ask.o \
	pflowd/parent/resolver_child.o \
	pflowd/parent/socketdir.o \
	pflowd/parent/sockets.o
OBJS = $(COMMON_OBJS) $(OS_OBJS) $(FLOW_OBJS) $(CONF_OBJS) $(SOURCE_OBJS) \
	$(PROCESS_OBJS) $(EXPORT_OBJS) $(ENGINE_OBJS) $(PARENT_OBJS)
PFLOWD_LIBS = $(PCAP_LIBS) $(EVENT_LIBS) $(SECCOMP_LIBS) $(BSD_LIBS)

# The same of pflowctl.
CTL_OBJS = \
	common/address.o \
	common/counters.o \
	common/flowjson.o \
	common/flowline.o \
	common/log.o \
	common/msg.o \
	common/proto.o \
	pflowctl/check.o \
	pflowctl/escape.o \
	pflowctl/fields.o \
	pflowctl/output.o \
	pflowctl/output_json.o \
	pflowctl/output_metrics.o \
	pflowctl/output_summary.o \
	pflowctl/output_table.o \
	pflowctl/output_text.o \
	pflowctl/parser.o \
	pflowctl/session.o \
	pflowctl/states.o

# One program each, of libc and what they share with pflowctl.
TOOLS = \
	tests/bench/cpu \
	tests/bench/udpblast \
	tests/bench/udpsink \
	tests/tools/ctlabuse \
	tests/tools/holdlocks \
	tests/tools/nf5recv \
	tests/tools/pacer \
	tests/tools/pfsyncgen \
	tests/tools/tunplay

PCAP_TOOLS = \
	tests/bench/pcapcount \
	tests/bench/pcaptouch

# Of pflowd's own objects.
OWN_TOOLS = \
	tests/bench/memory \
	tests/bench/rulecost \
	tests/bench/table \
	tests/tools/dumpstates \
	tests/tools/recording

# Stands in for pflowd at a control socket: of several files.
CTLSERVE = tests/tools/ctlserve
CTLSERVE_OBJS = \
	tests/tools/ctlserve.o \
	tests/tools/ctlserve_rows.o

# A pf whose traffic is known: of several files.
SIM = tests/tools/pfsim
SIM_OBJS = \
	tests/tools/pfsim.o \
	tests/tools/pfsim_ask.o \
	tests/tools/pfsim_connection.o \
	tests/tools/pfsim_layout.o \
	tests/tools/pfsim_live.o \
	tests/tools/pfsim_model.o \
	tests/tools/pfsim_truth.o \
	tests/tools/pfsim_write.o

SANDBOX_TOOLS = \
	tests/tools/breakout

MANUALS = \
	pflowctl.8 \
	pflowd.8 \
	pflowd.conf.5

UNIT_SOURCES != echo tests/unit/*_test.c
UNIT = $(UNIT_SOURCES:.c=)

# What the unit tests share: fixtures, in tests/unit/unit.a.
UNIT_OBJS = \
	tests/unit/child_play.o \
	tests/unit/decode5.o \
	tests/unit/dumps.o \
	tests/unit/exports.o \
	tests/unit/images.o \
	tests/unit/meters.o \
	tests/unit/property.o \
	tests/unit/records.o \
	tests/unit/rules.o \
	tests/unit/sink.o \
	tests/unit/states.o \
	tests/unit/tracks.o \
	tests/unit/unit.o

# The harnesses: tests/fuzz/fuzz.h.
FUZZ_SOURCES != echo tests/fuzz/*_fuzz.c
FUZZ = $(FUZZ_SOURCES:.c=)

# pflowd, but for a part of a child.
HOSTILE = \
	tests/tools/baddumper \
	tests/tools/badresolver \
	tests/tools/compromised

# Preloaded by the tests of faults; config.mk says whether it can be had.
tests/tools/faults.so: tests/tools/faults.c
	$(SAY) "  $@"
	$(AT)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -fPIC -shared $(LDFLAGS) -o $@ \
	    tests/tools/faults.c -ldl

# Few enough that an object may depend on all: no list to go stale.
HEADERS != for h in common/*.h pflowd/*/*.h pflowctl/*.h tests/*/*.h; do \
	if test -f $$h; then echo $$h; fi; done

.SUFFIXES:
.SUFFIXES: .c .o

.c.o:
	$(AT)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -c -o $@ $<

all: pflowd/pflowd pflowctl/pflowctl

pflowd/conf/parse.c: pflowd/conf/parse.y
	$(AT)$(YACC) -o $@ pflowd/conf/parse.y

$(OBJS) pflowd/pflowd.o: config.h $(HEADERS)
$(CTL_OBJS) pflowctl/pflowctl.o: config.h $(HEADERS)
$(TOOLS:=.o) $(PCAP_TOOLS:=.o) $(SANDBOX_TOOLS:=.o): config.h $(HEADERS)
$(OWN_TOOLS:=.o) $(SIM_OBJS) $(CTLSERVE_OBJS) tests/tools/statedump_sim.o: config.h $(HEADERS)
$(UNIT:=.o) $(UNIT_OBJS) $(HOSTILE:=.o): config.h $(HEADERS)
$(FUZZ:=.o) tests/fuzz/decode.o tests/fuzz/main.o: config.h $(HEADERS)

pflowd/libpflowd.a: $(OBJS)
	$(AT)rm -f $@
	$(AT)$(AR) rcs $@ $(OBJS)

# The parent knows its children by a checksum of what they are made of.
pflowd/pflowd: pflowd/pflowd.o pflowd/libpflowd.a pflowd/process/build.c
	$(SAY) "  $@"
	$(AT)id=$$(cat pflowd/pflowd.o $(OBJS) | cksum | tr ' ' -) && \
	    $(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -DBUILD_ID="\"$$id\"" \
	    -c -o pflowd/process/build.o pflowd/process/build.c
	$(AT)$(LINK) -o $@ pflowd/pflowd.o pflowd/process/build.o pflowd/libpflowd.a \
	    $(PFLOWD_LIBS)

pflowctl/libpflowctl.a: $(CTL_OBJS)
	$(AT)rm -f $@
	$(AT)$(AR) rcs $@ $(CTL_OBJS)

pflowctl/pflowctl: pflowctl/pflowctl.o pflowctl/libpflowctl.a
	$(SAY) "  $@"
	$(AT)$(LINK) -o $@ pflowctl/pflowctl.o pflowctl/libpflowctl.a $(BSD_LIBS)

$(TOOLS): $(TOOLS:=.o) pflowctl/libpflowctl.a
	$(SAY) "  $@"
	$(AT)$(LINK) -o $@ $@.o pflowctl/libpflowctl.a $(BSD_LIBS)

$(PCAP_TOOLS): $(PCAP_TOOLS:=.o)
	$(SAY) "  $@"
	$(AT)$(LINK) -o $@ $@.o $(PCAP_LIBS) $(BSD_LIBS)

$(SANDBOX_TOOLS): $(SANDBOX_TOOLS:=.o) pflowd/os/$(SANDBOX).o pflowd/os/$(ACCEPT).o
	$(SAY) "  $@"
	$(AT)$(LINK) -o $@ $@.o pflowd/os/$(SANDBOX).o pflowd/os/$(ACCEPT).o \
	    $(SECCOMP_LIBS) $(BSD_LIBS)

tests/unit/unit.a: $(UNIT_OBJS)
	$(AT)rm -f $@
	$(AT)$(AR) rcs $@ $(UNIT_OBJS)

$(UNIT): $(UNIT:=.o) tests/unit/unit.a pflowd/libpflowd.a pflowctl/libpflowctl.a
	$(SAY) "  $@"
	$(AT)$(LINK) -o $@ $@.o tests/unit/unit.a pflowd/libpflowd.a \
	    pflowctl/libpflowctl.a $(CMOCKA_LIBS) $(PFLOWD_LIBS)

$(OWN_TOOLS): $(OWN_TOOLS:=.o) pflowd/libpflowd.a
	$(SAY) "  $@"
	$(AT)$(LINK) -o $@ $@.o pflowd/libpflowd.a $(PFLOWD_LIBS)

$(CTLSERVE): $(CTLSERVE_OBJS) pflowctl/libpflowctl.a
	$(SAY) "  $@"
	$(AT)$(LINK) -o $@ $(CTLSERVE_OBJS) pflowctl/libpflowctl.a $(BSD_LIBS)

$(SIM): $(SIM_OBJS)
	$(SAY) "  $@"
	$(AT)$(LINK) -o $@ $(SIM_OBJS) $(BSD_LIBS)

# pflowd that asks pfsim for the state table.
PFLOWD_SIM = tests/tools/pflowd_sim
PFLOWD_SIM_OBJS = pflowd/pflowd.o pflowd/process/build.o \
	tests/tools/statedump_sim.o

$(PFLOWD_SIM): tests/tools/statedump_sim.o pflowd/pflowd
	$(SAY) "  $@"
	$(AT)$(LINK) -o $@ $(PFLOWD_SIM_OBJS) pflowd/libpflowd.a $(PFLOWD_LIBS)

# What it has in place of a part of pflowd comes first.
$(HOSTILE): $(HOSTILE:=.o) pflowd/pflowd
	$(SAY) "  $@"
	$(AT)$(LINK) -o $@ pflowd/pflowd.o pflowd/process/build.o $@.o pflowd/libpflowd.a \
	    $(PFLOWD_LIBS)

# valgrind does not know the calls that confine a process.
tests/bench/unconfined: pflowd/os/sandbox_none.o pflowd/pflowd
	$(SAY) "  $@"
	$(AT)$(LINK) -o $@ pflowd/pflowd.o pflowd/process/build.o \
	    pflowd/os/sandbox_none.o pflowd/libpflowd.a $(PFLOWD_LIBS)

# FUZZ_MAIN is the fuzzer's main, or ours.
$(FUZZ): $(FUZZ:=.o) tests/fuzz/decode.o tests/fuzz/main.o pflowd/libpflowd.a
	$(SAY) "  $@"
	$(AT)$(LINK) -o $@ $@.o tests/fuzz/decode.o $(FUZZ_MAIN) \
	    pflowd/libpflowd.a $(PFLOWD_LIBS)

tools: $(TOOLS) $(PCAP_TOOLS) $(SANDBOX_TOOLS) $(OWN_TOOLS) $(SIM) \
    $(CTLSERVE) $(PFLOWD_SIM) $(HOSTILE) $(FAULTS)

unit: $(UNIT)

fuzzers: $(FUZZ)

need-cmocka:
	@test -n "$(CMOCKA_LIBS)" || { \
		echo "make check needs cmocka: run \"make setup\"," \
		    "then ./configure" >&2; exit 1; }

check: need-cmocka all tools
	@$(MAKE) -f build.mk unit fuzzers
	@sh tests/check.sh

demo: all tools
	@sh tests/demo.sh

bench: all tools tests/bench/unconfined
	sh tests/bench/bench.sh
	sh tests/bench/instructions.sh
	sh tests/bench/rules.sh

soak: all tools
	sh tests/soak.sh

soak-table: all tools
	sh tests/soak-table.sh

lint:
	@sh tests/lint.sh

# A tree of its own: its objects are of no use to the plain build.
check-sanitize:
	sh tests/copy.sh build-sanitize
	cd build-sanitize && CC="$(CC)" SANITIZE=1 WERROR=1 ./configure && \
	    $(MAKE) -f build.mk clean && $(MAKE) -f build.mk check

check-qemu:
	MAKE="$(MAKE)" sh tests/qemu.sh

# Likewise.  What is found stays beside it, and is gone on with.
fuzz:
	sh tests/copy.sh build-fuzz
	cd build-fuzz && CC=clang FUZZ=1 WERROR=1 ./configure && \
	    $(MAKE) -f build.mk clean && $(MAKE) -f build.mk fuzzers && \
	    sh tests/fuzz/fuzz.sh ../build-fuzz.new

analyze:
	sh tests/copy.sh build-analyze
	cd build-analyze && CC=clang ./configure && \
	    $(MAKE) -f build.mk clean && sh tests/analyze.sh

COVERAGE = -O1 -g -fprofile-instr-generate -fcoverage-mapping \
	-mllvm -runtime-counter-relocation -Wno-unused-command-line-argument
coverage:
	sh tests/copy.sh build-coverage
	cd build-coverage && CC=clang CFLAGS="$(COVERAGE)" \
	    LDFLAGS=-fprofile-instr-generate ./configure && \
	    $(MAKE) -f build.mk clean && \
	    $(MAKE) -f build.mk all tools unit fuzzers && sh tests/coverage.sh

# Where each system keeps the scripts that start daemons; NetBSD's are copied
# from there by the administrator, as those of its packages are.
RCD_DIR != case $(RCD) in \
	netbsd) echo $(PREFIX)/share/examples/rc.d ;; \
	openbsd) echo /etc/rc.d ;; \
	freebsd) echo $(PREFIX)/etc/rc.d ;; \
	*) echo none ;; esac

# What the scripts, the manuals and the sample call by its usual name, by the
# name it was configured to have, which may have another's usual name in it.
PATHS = sed -e 's|/etc/pflowd\.conf|@CONF@|g' \
	-e 's|/usr/local/share/examples/pflowd|@SAMPLEDIR@|g' \
	-e 's|/usr/local|@PREFIX@|g' -e 's|/var/run/pflowd|@RUNDIR@/pflowd|g' \
	-e 's|/var/empty/pflowd|@CHROOT@|g' -e 's|pflowctl|@PFLOWCTL@|g' \
	-e 's|_pflowd|$(RUN_USER)|g' \
	-e 's|@CONF@|$(SYSCONFDIR)/pflowd.conf|g' \
	-e 's|@SAMPLEDIR@|$(SAMPLEDIR)|g' -e 's|@PREFIX@|$(PREFIX)|g' \
	-e 's|@RUNDIR@|$(RUNDIR)|g' -e 's|@CHROOT@|$(CHROOT)|g' \
	-e 's|@PFLOWCTL@|$(PFLOWCTL)|g' \
	-e 's|^\.Dt PFLOWCTL|.Dt $(PFLOWCTL_TITLE)|'

# As what a manual is installed: m, as the shell has it.
MANUAL = "$(DESTDIR)$(MANDIR)/man$$(echo $$m | sed 's|.*\.||')/$$(echo $$m | \
	sed 's|^pflowctl|$(PFLOWCTL)|')"

# Directories that are made are for everyone, as the files in them are.
MKDIR = umask 022 && mkdir -p

install-rcd:
	if test $(RCD_DIR) != none; then \
		($(MKDIR) "$(DESTDIR)$(RCD_DIR)") && \
		$(PATHS) rc.d/pflowd.$(RCD) >"$(DESTDIR)$(RCD_DIR)/pflowd" && \
		chmod 755 "$(DESTDIR)$(RCD_DIR)/pflowd"; fi

install-files:
	$(MKDIR) "$(DESTDIR)$(PREFIX)/sbin" "$(DESTDIR)$(SAMPLEDIR)"
	$(MKDIR) "$(DESTDIR)$(MANDIR)/man5" "$(DESTDIR)$(MANDIR)/man8"
	install -m 755 pflowd/pflowd "$(DESTDIR)$(PREFIX)/sbin/pflowd"
	install -m 755 pflowctl/pflowctl "$(DESTDIR)$(PREFIX)/sbin/$(PFLOWCTL)"
	for m in $(MANUALS); do \
		to=$(MANUAL) && \
		$(PATHS) man/$$m >"$$to" && chmod 644 "$$to" || exit 1; done
	$(PATHS) pflowd.conf.sample >"$(DESTDIR)$(SAMPLEDIR)/pflowd.conf.sample"
	chmod 644 "$(DESTDIR)$(SAMPLEDIR)/pflowd.conf.sample"

install: all
	@$(MAKE) -f build.mk install-files install-rcd

# The directory of the sample may be one that others use.
uninstall:
	rm -f "$(DESTDIR)$(PREFIX)/sbin/pflowd"
	rm -f "$(DESTDIR)$(PREFIX)/sbin/$(PFLOWCTL)"
	for m in $(MANUALS); do rm -f $(MANUAL); done
	rm -f "$(DESTDIR)$(SAMPLEDIR)/pflowd.conf.sample"
	rmdir "$(DESTDIR)$(SAMPLEDIR)" 2>/dev/null || :
	if test $(RCD_DIR) != none; then \
		rm -f "$(DESTDIR)$(RCD_DIR)/pflowd"; fi

clean:
	rm -f common/*.o pflowd/*.[ao] pflowd/*/*.o pflowctl/*.[ao] tests/*/*.[ao]
	rm -f pflowd/conf/parse.c
	rm -f pflowd/pflowd pflowctl/pflowctl $(TOOLS) $(PCAP_TOOLS)
	rm -f $(SANDBOX_TOOLS) $(OWN_TOOLS) $(SIM) $(CTLSERVE) $(UNIT) $(FUZZ)
	rm -f $(HOSTILE) tests/tools/faults.so tests/bench/unconfined
	rm -rf build-bmake build-clang build-clang-sanitize build-rest
	rm -rf build-sanitize build-fuzz build-fuzz.new build-analyze
	rm -rf build-coverage build-qemu build-qemu-root build-qemu-root.apt

.PHONY: all tools unit fuzzers need-cmocka check check-sanitize check-qemu
.PHONY: fuzz demo bench soak lint analyze coverage install install-files
.PHONY: install-rcd uninstall clean
