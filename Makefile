# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Only build.mk includes config.mk: setup has to work before configure can.

# V=1 shows the commands, and what configure and the package manager say.
V ?= 0
AT_0 = @
AT = $(AT_$(V))
QUIET_0 = >/dev/null
QUIET = $(QUIET_$(V))

all fuzzers check check-sanitize check-qemu fuzz bench soak soak-table lint \
    analyze coverage install uninstall: config.mk
	@$(MAKE) -f build.mk $@

# It shows flows, not how they are built.
DEMO_0 = quiet
DEMO_1 = 1
demo: config.mk
	@echo "building pflowd"
	@$(MAKE) -f build.mk V=$(DEMO_$(V)) demo

setup:
	@V=$(V) sh tests/setup.sh

# For other systems: it configures trees of its own.
cross:
	MAKE="$(MAKE)" sh tests/cross/cross.sh

# The release that VERSION names, and the ports of it, from the last commit.
dist:
	sh packaging/dist.sh

# In the order of the command line, for "make setup check"; build.mk is parallel.
.NOTPARALLEL:

# A newer configure is run as the last one was.
config.mk: configure
	@echo "configuring"
	$(AT)if test -f config.status; then sh config.status $(QUIET); \
	    else ./configure $(QUIET); fi

# What is not configured has built nothing.
clean:
	@if test -f config.mk; then $(MAKE) -f build.mk clean; fi

distclean: clean
	rm -f config.h config.mk config.log config.status
	rm -rf build-cross
	rm -f pflowd-*.tar.gz pflowd-ports-*.tar.gz

.PHONY: all fuzzers setup demo check check-sanitize check-qemu fuzz bench
.PHONY: soak lint analyze coverage cross dist install uninstall
.PHONY: clean distclean
