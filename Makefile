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
	@echo "hv_netvsc: a driver for the synthetic NIC of Hyper-V guests, and a host to test it on"
	@echo
	@echo "Look at it (what lacks is installed and fetched first)"
	@echo "  demo          a guest with two NICs on our driver: traffic, a VF and back, XDP; ends in a summary"
	@echo "  test          every test: check unit mutants harness kunit e2e; about an hour"
	@echo "  test-all      these on every kernel and driver, installing, packages, contract: many hours"
	@echo
	@echo "Use it here, as root (Documentation/install.md: Secure Boot, the way back)"
	@echo "  deb           Debian packages, in out/deb: hv-netvsc-dkms, hvhost, hv-netvsc-doc"
	@echo "  modules       the module for the running kernel, or KDIR=<kernel headers>"
	@echo "  install       puts it into /lib/modules/<release>/updates; uninstall"
	@echo "  dkms-install  the same by DKMS, for later kernels too; dkms-uninstall"
	@echo
	@echo "Stages of the tests"
	@echo "  check         builds with W=1, sparse, doors, shellcheck, spelling, manual ..."
	@echo "  unit          user-space tests, with sanitizers"
	@echo "  mutants       do these notice faults in lib/? (MUTANTS=aimed, sample[:SEED], all)"
	@echo "  fuzz          lib/ under a fuzzer (SECONDS=60)"
	@echo "  kunit         KUnit suites in a guest with the debug kernel"
	@echo "  e2e           scripts in guests (E2E='--only 6.12:ours 03-ping')"
	@echo "  harness       what tests/vm does when something is wrong"
	@echo "  install-test  every way in and out, in a Debian of its own and in guests (root)"
	@echo "  package-test  the packages: built twice, lintian, installed and purged there (root)"
	@echo "  contract      what user space expects, in a Debian with systemd (CONTRACT='--boots networkd'; root)"
	@echo "  bench         ours beside stock: instructions, signals, memory (QUICK=1: less; BENCH='--rows T1,R1')"
	@echo
	@echo "Pieces, made when they are needed"
	@echo "  setup         Debian packages that the tests want"
	@echo "  kernels       Debian's 6.1 and 6.12; debug-kernel, outer-kernel build two of ours"
	@echo "  host          the test host: out/host/hvhost and hvctl"
	@echo "  out/K/hv_netvsc.ko   our driver for K = 6.1, 6.12, debug, debug-7.x; 7.x (root)"
	@echo "  foreign       our driver for 7.x and arm64, with a newer Debian's tools (root)"
	@echo "  stop          ends the outer guests that are not in use"
	@echo "  clean         removes out/; the cache stays: $(CACHE)"
	@echo
	@echo "Pages and releases"
	@echo "  docs          the manual: out/docs/html and hv_netvsc(4); docs-pictures draws its pictures anew"
	@echo "  doors-page    which file calls which: Documentation/design/doors.md; check-doors only looks"
	@echo "  kernels-page  the kernels that are supported: Documentation/kernels.md, from the last whole run"
	@echo "  release       archive, packages, bill of materials, sums, twice and compared; a tag (DRY=1: none)"

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
