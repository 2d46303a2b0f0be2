# SPDX-License-Identifier: GPL-2.0-only
# What is otherwise when ARCH=arm64: everything is compiled against Debian's arm64, and runs in an
# emulated machine.

.DEFAULT_GOAL := all

ifeq ($(origin BUILD),file)
BUILD := build/arm64
endif
KERNELS := 6.12
SYSROOT := $(abspath $(BUILD))/sysroot
CC      := aarch64-linux-gnu-gcc --sysroot=$(SYSROOT)
AR      := aarch64-linux-gnu-ar
PKG_CONFIG := PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/aarch64-linux-gnu/pkgconfig pkg-config
# Kernels and packages of the guests.
export INTERDICT_ARCH := arm64

$(BUILD)/include: | $(BUILD)/sysroot

# Looked at each time: another one may be wanted by now.
.PHONY: $(BUILD)/sysroot arm64-tests
$(BUILD)/sysroot:
	@mkdir -p $(@D)
	$(Q)root=$$(tests/arm64/root) && ln -sfn "$$root" $@

# Nothing of it runs on this machine: all of it does in guests, without the kernel module.
DEPS_ARCH  := gcc-aarch64-linux-gnu qemu-system-arm
TEST_STEPS := arm64-tests

arm64-tests:
	$(Q)$(MAKE) suite-tools unit-programs
	$(Q)BUILD=$(abspath $(BUILD)) ONLY=arm64 KILLS=$(KILLS) tests/guest/suites $(KERNELS)
