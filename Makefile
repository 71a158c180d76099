# Everything happens in .venv; delete it to start afresh.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SOURCES := kb schema/kb_schema seeds/kb_seeds cli/kb_cli migrations/kb_migrations
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install \
	--constraint requirements/constraints.txt

.DEFAULT_GOAL := help
.PHONY: help setup test coverage lint format types check revision pins

help:  ## Say what can be made.
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: $(READY)  ## Make the virtual environment, or bring it up to date.
	@$(BIN)/python -m compileall -qq $(SOURCES)

# Compiled files are worth a factor of three at start, also where Python is told not to write them.
$(READY): pyproject.toml requirements/constraints.txt
	@python="$(PYTHON)"; [ -n "$$python" ] || python=$$(tools/find-python) || exit 1; \
	if ! $(BIN)/python -c '' 2>/dev/null; then \
		echo "Setting up $(VENV) with $$python; this is done once." >&2; \
		"$$python" -m venv --clear $(VENV); \
	fi
	@$(PIP) hatchling
	@$(PIP) --no-build-isolation --editable '.[plots,postgres,dev]'
	@touch $@

test: setup  ## Run all tests.
	$(BIN)/python -m pytest --numprocesses auto --dist loadgroup

coverage: setup  ## Run all tests and show the lines that none of them reaches.
	$(BIN)/python -m pytest --numprocesses auto --dist loadgroup --cov

lint: setup  ## Check style, imports and layers.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

format: setup  ## Put the code into the project's form.
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

types: setup  ## Check types.
	$(BIN)/mypy

check: lint types test  ## Everything that a contribution must pass.

revision: setup  ## Write a migration: make revision m="what changes".
	@test -n "$(m)" || { echo 'Say what changes: make revision m="what changes"' >&2; exit 2; }
	@$(BIN)/python tools/revision.py "$(m)"

pins: setup  ## Note the versions that are installed as those to build with.
	@$(BIN)/python -m pip freeze --exclude-editable > requirements/constraints.txt
