# Bivouac. `make run` and `make test` are all a newcomer needs; `make help` lists the rest.
SHELL := /bin/bash
SWIFT_RELEASE := -c release --static-swift-stdlib
STATE ?= build/state
ARGS ?=
PREFIX ?= /usr/local
DESTDIR ?=
BIN := .build/release/bivouac

.PHONY: help run test build install uninstall test-install bench lint soak fuzz sqlite-extension clean
.DEFAULT_GOAL := help

help:
	@echo 'make run    install what is missing, build, and run the daemon (state in $(STATE))'
	@echo 'make test   install what is missing, build, and run every test'
	@echo 'make build  build the program as it ships: $(BIN)'
	@echo 'make install  put it on this machine, and start it at boot (root; PREFIX, DESTDIR)'
	@echo 'make uninstall  remove it; what was recorded stays'
	@echo 'make test-install  install, boot, kill, hang and remove it under a systemd of its own (root)'
	@echo 'make bench  measure, beside the peer each part is compared with'
	@echo 'make lint   swift-format, shellcheck, pyflakes'
	@echo 'make fuzz   every decoder under libFuzzer, FUZZ_SECONDS (60) each'
	@echo 'make sqlite-extension  the table `readings` for sqlite3; installed with the rest'
	@echo 'make soak   the long form of the tests (hours)'
	@echo 'make clean  remove what was built (the state in $(STATE) stays)'

run: build
	@mkdir -p $(STATE)
	@tools/welcome $(BIN) $(STATE)
	@exec $(BIN) run --state $(STATE) --web web $(ARGS)

build:
	@tools/install run
	swift build $(SWIFT_RELEASE) --product bivouac

# No build here: root's PATH has no Swift, and root is not to build.
install uninstall:
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' BIN='$(BIN)' tools/install-node $@

test-install:
	@/usr/bin/python3 -m pytest Tests/Install

test:
	@tools/install test
	@tools/test $(PHASES)

lint:
	@tools/install test
	@tools/lint

soak:
	@tools/install test
	@tested=0; BIVOUAC_SOAK=1 tools/test $(PHASES) || tested=$$?; \
		tools/seeded-bugs || tested=$$?; tools/fuzz && exit $$tested

fuzz:
	@tools/install run
	@tools/fuzz

sqlite-extension:
	@tools/install run
	$(MAKE) -C sqlite-extension

bench:
	@tools/install bench
	swift build $(SWIFT_RELEASE) --product bivouac
	@tools/bench

clean:
	rm -rf .build fuzz/.build build/embedded build/fuzz
	$(MAKE) -C firmware-spec/c clean
