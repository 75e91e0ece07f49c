# Install, run, test and check Daypass. `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# uv installs much faster than pip, which takes over where uv fails: uv does not read pip's configuration of the index
UV ?= $(shell command -v uv)
WITH_UV = VIRTUAL_ENV=$(VENV) UV_COMPILE_BYTECODE=1 $(UV) pip install $(2) --require-hashes -r $(1).lock
WITH_PIP = $(BIN)/pip install --disable-pip-version-check $(2) --require-hashes -r $(1).lock
INSTALL = $(if $(UV),$(WITH_UV) || )$(WITH_PIP)
# the tools of `make pentest` need other versions of our packages
PENTEST := .pentest
# and so do the peers of `make bench`
BENCH := .bench
# how often slow trials are repeated, and in how many variants: quick is enough during development, .ci/run uses full
ROUNDS ?= quick
# test processes; most tests spend much time waiting, so four processes keep two cores busy
PROCESSES ?= 4
PARALLEL := --numprocesses=$(PROCESSES) --dist=loadscope --no-loadscope-reorder
# the tests that measure times and run by themselves
ALONE = $(shell grep -rl --include='test_*.py' 'mark\.alone' tests)
# tests create many small databases; /dev/shm, if it exists, keeps them in memory
SCRATCH := $(firstword $(wildcard /dev/shm) /tmp)
# the secrets that tests used, and what all of them wrote, which the last tests search for these; each clone has its own.
# Tests that measure times record no secrets, since that takes time
LEAKS = $(SCRATCH)/daypass-leaks-$(firstword $(shell pwd | cksum))
PYTEST = TMPDIR=$(SCRATCH) ROUNDS=$(ROUNDS) $(BIN)/python -m pytest
# even if the environment forbids it, Python keeps compiled modules: tests start hundreds of servers and commands
export PYTHONDONTWRITEBYTECODE :=

# `make lock` writes a lock file for every platform, from the package index that pip uses by default
LOCK := $(BIN)/uv --no-config --quiet pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

.PHONY: help run test rows pentest bench bench-quick lint pictures lock licences sbom clean
.DEFAULT_GOAL := help

help: ## list these targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(VENV)/.run ## install Daypass if needed, then serve it on http://127.0.0.1:8000
	@exec $(BIN)/python app.py

test: $(VENV)/.test $(VENV)/.programs ## run all tests; PROCESSES=N sets the number of processes, ROUNDS=full all trials and variants
	@rm -rf $(LEAKS) && mkdir -m 700 $(LEAKS)
	LEAK_CHECK=$(LEAKS) $(PYTEST) -m "not alone and not last" $(PARALLEL) --basetemp=$(LEAKS)/parallel
	$(PYTEST) -m alone $(ALONE) --basetemp=$(LEAKS)/alone
	LEAK_CHECK=$(LEAKS) $(PYTEST) -m last tests/leaks
	@rm -rf $(LEAKS)

rows: $(VENV)/.test $(VENV)/.programs ## take out each defence of SECURITY.md, one after another, and see its tests fail
	MUTATIONS=all $(PYTEST) --numprocesses=$(PROCESSES) --dist=load tests/mutations/test_mutations.py

pentest: $(VENV)/.test $(VENV)/.programs $(PENTEST)/.made ## attack the real server with known tools (10 minutes); writes docs/pentest.md
	TMPDIR=$(SCRATCH) $(BIN)/python -m tests.pentest

bench: $(VENV)/.test $(BENCH)/.made ## measure Daypass and its peers (15 minutes); writes benchmarks/results.json and the charts
	@TMPDIR=$(SCRATCH) $(BIN)/python -m benchmarks

bench-quick: $(VENV)/.test $(VENV)/.bench ## measure the gate and the proxy check (a minute); writes nothing
	@TMPDIR=$(SCRATCH) $(BIN)/python -m benchmarks --quick

lint: $(VENV)/.test ## check style (ruff), types (mypy) and common security mistakes (bandit)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/bandit --quiet -ll --recursive app.py daypass

pictures: $(VENV)/.test $(VENV)/.programs ## retake the screenshots in tests/integration/browser/pictures
	PICTURES=1 $(BIN)/python -m pytest tests/integration/browser/test_pictures.py

lock: $(VENV)/.test ## write the lock files again, after a change of a requirements.txt
	$(LOCK) requirements.txt -o requirements.lock
	$(LOCK) requirements.txt tests/requirements.txt -o tests/requirements.lock
	$(LOCK) tests/pentest/requirements.txt -o tests/pentest/requirements.lock
	$(LOCK) tests/pentest/jwtxploiter.txt -o tests/pentest/jwtxploiter.lock
	$(LOCK) benchmarks/requirements.txt -o benchmarks/requirements.lock

licences: $(VENV)/.test ## write docs/licences.md again, after a change of requirements.lock
	$(BIN)/python -m tests.helpers.licences > docs/licences.md

sbom: $(VENV)/.test ## write sbom.json: what Daypass consists of, in CycloneDX
	$(BIN)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible -o sbom.json

clean: ## remove the virtual environments; the database stays
	rm -rf $(VENV) $(PENTEST) $(BENCH) tests/helpers/node/node_modules tests/pentest/node_modules

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Daypass needs Python 3.11 or newer; set PYTHON to one.")'
	@echo "Creating a virtual environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: requirements.lock deploy/daypass $(VENV)/.made
	@echo "Installing the requirements into $(VENV), with $(if $(UV),uv (a few seconds),pip (about 20 seconds)) ..."
	@$(call INSTALL,requirements)
	@cp deploy/daypass $(BIN)/
	@echo "Starting Daypass ..."
	@touch $@

$(VENV)/.test: tests/requirements.lock $(VENV)/.run
	@echo "Installing the test tools into $(VENV) ..."
	@$(call INSTALL,tests/requirements,--quiet)
	@touch $@

$(VENV)/.programs: tests/install.sh tests/helpers/node/package.json $(VENV)/.test
	@echo "Looking for the programs that some tests need (Chromium, PostgreSQL, nginx, Node.js) ..."
	@sh tests/install.sh $(BIN)/playwright
	@touch $@

$(PENTEST)/.made: tests/pentest/requirements.lock tests/pentest/jwtxploiter.lock tests/pentest/package.json tests/pentest/install.sh
	@echo "Installing the tools of the penetration test into $(PENTEST) ..."
	@$(PYTHON) -m venv $(PENTEST)
	@$(PYTHON) -m venv $(PENTEST)/jwtxploiter
	@$(PENTEST)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r tests/pentest/requirements.lock
	@$(PENTEST)/jwtxploiter/bin/pip install --quiet --disable-pip-version-check --require-hashes -r tests/pentest/jwtxploiter.lock
	@sh tests/pentest/install.sh
	@touch $@

$(VENV)/.bench: benchmarks/install.sh $(VENV)/.made
	@sh benchmarks/install.sh
	@touch $@

$(BENCH)/.made: benchmarks/requirements.lock $(VENV)/.bench
	@echo "Installing the peers of the benchmark into $(BENCH) ..."
	@$(PYTHON) -m venv $(BENCH)
	@$(BENCH)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r benchmarks/requirements.lock
	@touch $@
