# Two commands are all a newcomer needs: `make warehouse` and `make test`.
# Each does its own set-up; nothing but Python 3.11-3.13, make and a package index is required.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# The source reports and open datasets, where a machine has them. Tests that need them skip elsewhere.
BAROMETRE_DOCUMENTS ?= ../shared
export BAROMETRE_DOCUMENTS

PYTHON ?= $(firstword $(foreach p,python3.13 python3.12 python3.11 python3 python,\
	$(shell $(p) -c 'import sys; (3,11) <= sys.version_info[:2] < (3,14) and print("$(p)")' 2>/dev/null)))
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# A mirror configured for pip serves uv too; the locks carry hashes, never addresses.
INDEX := $(or $(UV_DEFAULT_INDEX),$(PIP_INDEX_URL))
export UV_PYTHON_DOWNLOADS := never

.PHONY: help setup warehouse test lint format lock serve campaign bench-extraction clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | sort \
		| awk -F'|' '{printf "  make %-16s %s\n", $$1, $$2}'

# Bytecode is made once, here: services and containers forbid to write it later, and a command then compiles anew, each
# time, all that it imports (5 s of a refresh).
setup: $(READY) ## install the locked environment into .venv (every target does it for you)

$(READY): requirements.lock requirements-uv.lock pyproject.toml
	@if [ -z "$(PYTHON)" ]; then \
		echo "Baromètre needs Python 3.11, 3.12 or 3.13, and none was found; name one: make PYTHON=/path/to/python3.12"; \
		exit 1; fi
	@$(PYTHON) -c 'import sys; ok = (3,11) <= sys.version_info[:2] < (3,14); \
		ok or sys.exit("Baromètre needs Python 3.11, 3.12 or 3.13; %s is %s" % (sys.executable, sys.version.split()[0]))'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@index="$(INDEX)"; test -n "$$index" || index="$$($(BIN)/python -m pip config get global.index-url 2>/dev/null)"; \
		test -z "$$index" || export UV_DEFAULT_INDEX="$$index"; \
		$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes \
			requirements-uv.lock requirements.lock && \
		$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(READY)

warehouse: $(READY) ## refresh the warehouse and publish a snapshot (the main job)
	@$(BIN)/barometre refresh

test: $(READY) ## run the tests
	@$(BIN)/python -m pytest

serve: $(READY) ## run by itself: take what lands, refresh when something is due, Dagster's pages on loopback
	@exec $(BIN)/barometre serve

campaign: $(READY) ## kill and overlap refreshes by the dozen, shuffle deliveries; about half an hour
	@$(BIN)/python tests/campaign/run_campaign.py

bench-extraction: $(READY) ## measure what the extractor finds against the reviewed extracts (docs/extraction.md)
	@$(BIN)/python benchmarks/extraction.py

lint: $(READY) ## ruff, mypy, import directions, sqlfluff
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/sqlfluff lint dbt_project/models dbt_project/tests dbt_project/macros

format: $(READY) ## rewrite the code in the project's format
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

lock: ## resolve requirements.lock again from pyproject.toml
	@test -x $(BIN)/uv || { $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet --require-hashes -r requirements-uv.lock; }
	@index="$(INDEX)"; test -z "$$index" || export UV_DEFAULT_INDEX="$$index"; \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --no-header pyproject.toml --group dev --output-file requirements.lock

.PHONY: bench-rules
bench-rules: $(READY) ## plant 1,000 faults, judge 10,000 true tables, time the catalogue; under ten minutes
	@$(BIN)/python -m benchmarks.rules

.PHONY: bench-datasets
bench-datasets: $(READY) ## read every published file at hand, and account for its rows (docs/open-data.md)
	@$(BIN)/python benchmarks/datasets.py

clean: ## remove the environment and caches; never the warehouse
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
