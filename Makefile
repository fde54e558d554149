# Zöldszám: everything a developer or a machine types. `make help` lists it.
SHELL := /bin/sh
PYTHON ?= python3
UV_VERSION := 0.13.9
UV := UV_PYTHON_DOWNLOADS=never .tools/bin/uv
INSTALL := $(UV) pip install --quiet --python .venv/bin/python
SERVICE_PORT ?= 8000
SIMULATOR_PORT ?= 8001
CONSOLE_PORT ?= 8002

# Each of the many processes of a test run would compile every library anew where this is set.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run test test-all pytest check format bench soak shots audit lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/.runtime ## Set up, load the demonstration utility, start service, simulator and console
	@.venv/bin/zoldszam demo --service-port $(SERVICE_PORT) --simulator-port $(SIMULATOR_PORT) \
		--console-port $(CONSOLE_PORT)

test: .venv/.development ## Set up and run everything that is checked before a change lands
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=line pytest check

test-all: ## The same, on SQLite and on PostgreSQL wherever there is a database, with all examples
	@$(MAKE) test PYTEST_OPTIONS="--every-database --every-example"

# More workers than processors: some tests wait most of the time, and a worker costs next to nothing.
pytest: .venv/.development
	@.venv/bin/pytest --quiet --workers 6 $(PYTEST_OPTIONS)

check: .venv/.development ## Lint, types, import rules and the menu trees
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@.venv/bin/zoldszam menu check --strict
	@.venv/bin/zoldszam menu check --strict menus/trees/heat.yaml

format: .venv/.development ## Put the code into its one format
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

bench: .venv/.development ## Measure what the project claims and write docs/benchmarks.md and docs/performance.md
	@.venv/bin/python -m benchmarks

soak: .venv/.development ## Kill, cut off and set clocks wrong for minutes and write docs/reliability.md (SOAK="--only Sending --faults 10000")
	@.venv/bin/python -m benchmarks.soak $(SOAK)

shots: .venv/.development ## Take pictures of every screen of the console into var/shots, and those of the README
	@.venv/bin/python -m tests.console.shots

audit: .venv/.development ## Look the locked libraries up in advisories: make audit ADVISORIES=all.zip (docs/security.md)
	@.venv/bin/python -m tests.support.project.advisories $(ADVISORIES)

lock: .tools/bin/uv ## Choose the newest versions that fit and pin them by their hashes
	@$(UV) pip compile --quiet --upgrade --universal --generate-hashes --no-annotate \
		--custom-compile-command "make lock" --output-file requirements.lock pyproject.toml
	@$(UV) pip compile --quiet --upgrade --universal --generate-hashes --no-annotate \
		--custom-compile-command "make lock" --all-extras --group dev --constraint requirements.lock \
		--output-file requirements-dev.lock pyproject.toml

clean: ## Remove what was set up, but not the data in var/
	@rm -rf .venv .tools .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.tools/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 run"; exit 1; }
	@$(PYTHON) -m pip install -qq --disable-pip-version-check --no-warn-script-location \
		--root-user-action=ignore --target .tools 'uv==$(UV_VERSION)' || \
		{ echo "pip is needed to set up; on Debian: apt install python3-pip"; exit 1; }

.venv/bin/python: | .tools/bin/uv
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv

.venv/.runtime: .venv/bin/python requirements.lock pyproject.toml
	@echo "Setting up .venv (a few seconds, once)"
	@$(INSTALL) --require-hashes --requirement requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.development: .venv/.runtime requirements-dev.lock
	@$(INSTALL) --require-hashes --requirement requirements-dev.lock
	@touch $@
