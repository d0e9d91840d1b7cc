# SPDX-License-Identifier: Apache-2.0
# A thin front: sets up what a target needs, then calls CMake. `make help` lists the targets.
#
#   MBEDTLS_DIR=dir   a Mbed TLS 3.6 source tree of your own
#   KEY=file OUT=dir  make firmware: the public key (PEM) it is built for, where it goes
#   JOBS=n            parallel jobs, default: all processors

JOBS ?= $(shell nproc)
OUT ?= build/firmware/out
export MBEDTLS_DIR
DEFINES = $(if $(MBEDTLS_DIR),-DMBEDTLS_DIR=$(abspath $(MBEDTLS_DIR)))

# $(call build,PRESET[,OPTIONS]): configures and builds build/PRESET.
build = cmake --preset $(1) $(DEFINES) --log-level=WARNING && \
	cmake --build --preset $(1) -j $(JOBS) $(2)

help:
	@sed -n 's/^## //p' Makefile

## make setup     install missing Debian packages, fetch third-party sources
setup:
	@setup/setup.sh

## make demo      a signed image crosses: upload, power cut, trial, rollback, on an emulated board
demo: tool ast1030
	demo/demo.sh

## make test      build everything, run all tests, with and without sanitizers
test: host ast1030 sanitize
	ctest --preset sanitize -j $(JOBS)
	ctest --preset host -j $(JOBS)

## make bench     measure; writes build/bench/results.json
bench: host ast1030
	bench/run

## make proof     the whole power-cut campaign and its mutants; writes docs/proof.md
proof: host
	mkdir -p build/proof
	build/host/powercut --all --jobs $(JOBS) --json build/proof/campaign.json
	tests/powercut/mutants.py --build build/host --json build/proof/mutants.json
	tests/powercut/report.py build/proof/campaign.json build/proof/mutants.json docs/proof.md \
		build/proof/proof.html

## make firmware  bootloader and agent for the board: KEY=public.pem [OUT=dir]
firmware: host
	@setup/firmware.sh "$(KEY)" "$(OUT)" $(DEFINES)

## make lint      formatting, static analysis and house rules, on our own files
lint: clang
	.ci/lint

## make clean     remove what was built; build/deps stays, so that a build needs no network
clean:
	find build -mindepth 1 -maxdepth 1 ! -name deps -exec rm -rf {} +

host ast1030 sanitize clang: setup
	@$(call build,$@)

# The demo needs no tests, and no one wants to wait for them.
tool: setup
	@$(call build,host,--target ferry)

ast1030: tool

.PHONY: help setup demo test bench proof firmware lint clean host ast1030 sanitize clang tool
.NOTPARALLEL:
