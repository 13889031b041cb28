# SPDX-License-Identifier: GPL-2.0
#
# The front door: "make help" lists what there is. Modules are built by the
# kernel's own build system in copies below out/, see tests/kernels/build-modules.

TOP := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))
KERNELS := 6.1 6.12
CACHE := $(or $(HVNETVSC_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/hv_netvsc)
RESULTS := out/results

# What "make modules" builds for; "make modules KDIR=... " for another tree.
KVER ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KVER)/build
MODULE := out/local/hv_netvsc.ko
export DESTDIR DRY FORCE SIGN_KEY SIGN_CERT

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

help:
	@echo "hv_netvsc - targets:"
	@echo
	@echo "  demo          two NICs on our driver: ping, TCP, UDP, a VF and back, XDP; ends in a summary (sets up all it needs)"
	@echo "  test          every test: check, unit, mutants, harness, kunit, e2e (sets up all it needs)"
	@echo "  test-all      these on every kernel and driver, all mutants, install-test, package-test, contract, the whole"
	@echo "                control-plane table: many hours (TABLE=pairs: fewer cells)"
	@echo
	@echo "  modules       our driver for the running kernel, or for KDIR=<kernel headers>"
	@echo "  install       puts it into /lib/modules/<release>/updates (root); uninstall takes it away"
	@echo "  dkms-install  the same by DKMS, for later kernels too (root); dkms-uninstall"
	@echo "                (Secure Boot, signing, rescue: Documentation/install.md)"
	@echo "  deb           the Debian packages, in out/deb: hv-netvsc-dkms, hvhost, hv-netvsc-doc"
	@echo "  release       archive, packages, bill of materials and sums of this commit, twice and compared; sets the tag,"
	@echo "                pushes nothing (DRY=1: no tag either)"
	@echo
	@echo "  setup         installs the Debian packages that lack, nothing else"
	@echo "  kernels       fetches Debian's kernels 6.1 and 6.12 into the cache; debug-kernel, outer-kernel build those"
	@echo "  out/K/hv_netvsc.ko   our driver for K = 6.1, 6.12, debug; 7.x (root)"
	@echo "  host          the test host: out/host/hvhost and hvctl"
	@echo "  unit          user-space tests with sanitizers"
	@echo "  fuzz          the rooms of lib/ under a fuzzer, with sanitizers (SECONDS=60)"
	@echo "  mutants       do the unit tests notice faults in lib/? (MUTANTS=aimed, sample[:SEED], all)"
	@echo "  kunit         KUnit suites in a guest with the debug kernel"
	@echo "  e2e           scripts in guests, where their heads say: kernels, ours and stock (E2E='--only 6.12:ours 03-ping')"
	@echo "  bench         stock and ours side by side: instructions, signals, allocations, memory, gates"
	@echo "                (QUICK=1: one kernel, fewer packets; BENCH='--rows T1,R1 --functions')"
	@echo "  foreign       our driver for 7.x and arm64, with a newer Debian's tools (root; nothing is installed)"
	@echo "  install-test  make install and DKMS in a Debian of their own, as root"
	@echo "  package-test  the packages: built twice, lintian, installed and purged there, hv_netvsc-report in a guest"
	@echo "  contract      what user space expects: Debian with systemd, udev and the programs that configure networks, booted with"
	@echo "                ours and stock; the table of all promises (CONTRACT='--boots networkd'; as root)"
	@echo "  harness       what tests/vm does when something is wrong"
	@echo "  check         W=1 builds, sparse, doors, shellcheck, spelling ..."
	@echo "  check-doors   files use only files below them: the driver's and the test host's"
	@echo "  doors-page    writes the page that shows it, Documentation/design/doors.md"
	@echo "  kernels-page  writes the page of supported kernels, Documentation/kernels.md, from the last whole run"
	@echo "  docs          the manual, in out/docs: HTML and hv_netvsc.4 (a warning is an error); docs-pictures draws its pictures anew"
	@echo "  stop          ends the outer guests that are not in use"
	@echo "  clean         removes out/ (the cache stays: $(CACHE))"

# ---- what the tests stand on ------------------------------------------------

setup:
	@tests/setup

kernels: setup
	@tests/kernels/fetch

debug-kernel: setup
	@tests/kernels/build-debug

outer-kernel: setup
	@tests/kernels/build-outer

image: setup
	@tests/guest/build-image

host:
	@$(MAKE) -s -C tests/host O=$(TOP)/out/host

# ---- modules ----------------------------------------------------------------

modules:
	@tests/kernels/build-modules --kdir $(KDIR) local || [ $$? = 4 ]
	@echo "$(MODULE)"

out/%/hv_netvsc.ko: FORCE
	@tests/kernels/build-modules $* || [ $$? = 4 ]

# The same without the short way to the VF, to compare with.
out/%/hv_netvsc_no_direct.ko: out/%/hv_netvsc.ko
	@tests/kernels/build-modules --no-direct $*

# A line that an interrupt writes, for a test.
out/%/irq_line.ko: FORCE
	@tests/kernels/build-modules --irq-line $*

# Memory with a pattern in it, for another.
out/%/canary.ko: FORCE
	@tests/kernels/build-modules --canary $*

out/debug/hv_netvsc_kunit.ko: FORCE
	@tests/kernels/build-modules --kunit debug

# The module's kernel release must be the one it gets installed for.
check-release:
	@test -e $(MODULE) || { echo "no module yet: make modules" >&2; exit 1; }
	@got=$$(PATH=$$PATH:/sbin:/usr/sbin modinfo -F vermagic $(MODULE) | cut -d' ' -f1); \
	test "$$got" = "$(KVER)" || { echo "refused: $(MODULE) is for kernel $$got, not $(KVER) (make modules KDIR=..., KVER=...)" >&2; exit 1; }

# What the scripts in packaging/ refuse, and why: Documentation/install.md.
install: check-release
	@packaging/install $(KVER) $(MODULE)

uninstall:
	@packaging/install --remove $(KVER)

dkms-install:
	@packaging/dkms $(KVER)

dkms-uninstall:
	@packaging/dkms --remove

deb:
	@tests/setup --deb
	@packaging/deb

release:
	@tests/setup --deb
	@packaging/release

# ---- tests ------------------------------------------------------------------

check:
	@tests/check

check-doors:
	@tests/check-doors

doors-page:
	@tests/check-doors --page

docs:
	@tests/setup --docs
	@packaging/docs --same-pictures
	@packaging/docs

docs-pictures:
	@tests/setup --docs
	@packaging/docs --pictures

kernels-page:
	@tests/kernels/page >out/kernels.md && cp out/kernels.md Documentation/kernels.md

unit:
	@$(MAKE) -s -C tests/unit run

fuzz:
	@tests/fuzz/run $(or $(SECONDS),60)

mutants:
	@tests/mutants/run $(MUTANTS)

kunit:
	@tests/kunit/run

harness:
	@tests/harness/run

e2e:
	@tests/e2e/run $(E2E)

foreign:
	@tests/setup --install
	@tests/kernels/foreign fetch
	@for k in $$(tests/kernels/foreign list); do \
		echo "foreign: building for $$k, a minute or two"; \
		tests/kernels/build-modules $$k || exit; done

install-test:
	@tests/setup --install
	@tests/install/run

package-test:
	@tests/setup --install --package
	@tests/package/run

contract:
	@tests/setup --install
	@tests/kernels/fetch
	@tests/guest/build-image
	@$(MAKE) host out/6.12/hv_netvsc.ko
	@tests/contract/run $(CONTRACT)

# The numbers that are kept are in tests/bench/results, the pictures in Documentation/bench.
bench:
	@tests/setup --bench
	@tests/kernels/fetch
	@tests/guest/build-image
	@$(MAKE) host
	@tests/bench/run $(if $(QUICK),--quick) $(BENCH)

demo:
	@tests/setup
	@tests/kernels/fetch 6.12
	@tests/guest/build-image
	@$(MAKE) host out/6.12/hv_netvsc.ko
	@tests/demo; status=$$?; tests/vm --stop; exit $$status

test:
	@tests/setup --install
	@tests/run-all

test-all:
	@tests/setup --install --package
	@WHOLE=1 TABLE=$(or $(TABLE),all) MUTANTS=$(or $(MUTANTS),all) tests/run-all check unit mutants harness kunit e2e install package contract in-tree table

stop:
	@tests/vm --stop

clean:
	rm -rf out

FORCE:
.PHONY: help setup kernels debug-kernel outer-kernel image host modules check-release install uninstall \
	dkms-install dkms-uninstall deb release package-test check check-doors doors-page docs docs-pictures kernels-page unit fuzz mutants kunit harness e2e foreign install-test contract bench demo test test-all stop clean FORCE
