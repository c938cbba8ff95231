# What a person types. `make demo` and `make test` need make and Python 3.11 or newer, nothing else;
# everything they install goes into .venv.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
JOBS ?= 2
TESTS ?=

# A stamp per set of requirements: pyproject.toml changes, and the next make installs anew.
REQUIREMENTS := $(shell cksum < pyproject.toml | tr -cd '0-9')
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help demo test deps check library bench build clean

help:  ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' Makefile

demo: .venv/.installed-engine-$(REQUIREMENTS)  ## rehearse an incident from the alert to the fix; one question on a terminal
	@cd examples/demo && ../../$(BIN)/runbook run high-api-error-rate --rehearse "a bad deployment is rolled back"

test: .venv/.installed-test-$(REQUIREMENTS)  ## run the whole suite; its end says what was skipped and why
	$(BIN)/pytest -n $(JOBS) $(TESTS)

deps:  ## install the servers that the integration tests start (system packages)
	@.ci/deps

check: .venv/.installed-dev-$(REQUIREMENTS) library  ## lint, format, types, layers, workflows, the style of examples, the starter library
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/zizmor --offline --quiet .github action.yml
	$(BIN)/runbook fmt --check docs/examples examples

library: .venv/.installed-engine-$(REQUIREMENTS)  ## hold the starter library and its pages to what a team would hold its own to
	$(BIN)/runbook -C runbooks lint --fail-on warning
	$(BIN)/runbook -C runbooks fmt --check
	$(BIN)/runbook -C runbooks test --coverage --fail-under 90
	$(BIN)/runbook -C runbooks render --check ../docs/runbooks

bench: .venv/.installed-test-$(REQUIREMENTS)  ## measure against the neighbours, from a built wheel
	$(BIN)/python -m benchmarks

build: .venv/.installed-test-$(REQUIREMENTS)  ## build the wheel into dist/
	$(BIN)/python -m hatchling build -t wheel

clean:  ## remove what make made
	rm -rf .venv build dist

$(BIN)/python:
	@$(PYTHON) -c 'import sys; v = sys.version.split()[0]; sys.exit(sys.version_info < (3, 11) and \
	  f"Python 3.11 or newer is needed and $(PYTHON) is {v}; name another: make PYTHON=python3.12" or 0)'
	$(PYTHON) -m venv .venv
	@rm -f .venv/.installed-*

# pip reads [dependency-groups] since 25.1; older Pythons bring an older one.
.venv/.installed-engine-%: | $(BIN)/python
	@rm -f .venv/.installed-*
	$(PIP) install --upgrade "pip>=25.1"
	$(PIP) install --editable .
	@touch $@

.venv/.installed-test-%: .venv/.installed-engine-%
	$(PIP) install --group test
	@touch $@

.venv/.installed-dev-%: .venv/.installed-test-%
	$(PIP) install --group dev
	@touch $@

# Each stamp is made on the way to the next and is worth keeping.
.SECONDARY:
