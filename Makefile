# Everything that one does with Daypass. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# full: as many rounds of the slow trials as .ci/run asks for; quick: enough to see that they work
ROUNDS ?= quick
# tests that run at the same time; many of them wait for something, so three keep two cores busy
PROCESSES ?= 3
PARALLEL := --numprocesses=$(PROCESSES) --dist=loadscope --no-loadscope-reorder
# tests write many small databases: in memory where the system has such a folder
SCRATCH := $(firstword $(wildcard /dev/shm) /tmp)

.PHONY: help run test lint pictures clean
.DEFAULT_GOAL := help

help: ## list what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(VENV)/.run ## install what is needed and serve on http://127.0.0.1:8000
	@exec $(BIN)/python app.py

test: $(VENV)/.test $(VENV)/.programs ## run every test there is
	TMPDIR=$(SCRATCH) ROUNDS=$(ROUNDS) $(BIN)/python -m pytest -m "not alone" $(PARALLEL)
	TMPDIR=$(SCRATCH) ROUNDS=$(ROUNDS) $(BIN)/python -m pytest -m alone

lint: $(VENV)/.test ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

pictures: $(VENV)/.test $(VENV)/.programs ## take the README's pictures again
	PICTURES=1 $(BIN)/python -m pytest tests/browser/test_pictures.py

clean: ## remove what was installed; the database stays
	rm -rf $(VENV) tests/node/node_modules

$(VENV)/.made:
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.run: requirements.txt $(VENV)/.made
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.test: tests/requirements.txt $(VENV)/.run
	$(BIN)/pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	touch $@

$(VENV)/.programs: tests/install.sh tests/node/package.json $(VENV)/.test
	sh tests/install.sh $(BIN)/playwright
	touch $@
