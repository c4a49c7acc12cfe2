# Two commands matter: `make demo` and `make test`. Only Python >= 3.11 and make are assumed;
# everything is installed inside this checkout (.venv, edge/node_modules, .lendgate).
PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
PY := $(VENV)/bin/python
NPM := cd edge && ../$(PY) scripts/npm.py
# Package caches stay here too, unless the environment says where they are.
export UV_CACHE_DIR ?= $(CURDIR)/.cache/uv
export PIP_CACHE_DIR ?= $(CURDIR)/.cache/pip
# uv reads the system's certificates, as pip does: company proxies need it.
export UV_SYSTEM_CERTS ?= 1
export npm_config_cache ?= $(CURDIR)/.cache/npm
.DEFAULT_GOAL := help

.PHONY: help setup demo test check bench contract edge format lock clean
help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

$(VENV)/.uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Lendgate needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python cannot make a virtual environment here: install its venv package (Debian: python3-venv) and see that the disk is not full."; exit 1; }
	@echo "installing Python packages (locked) …"
	@$(PY) -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/.uv
	@$(VENV)/bin/uv pip install --quiet --python $(PY) --require-hashes -r requirements/run.txt
	@$(VENV)/bin/uv pip install --quiet --python $(PY) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.run
	@$(VENV)/bin/uv pip install --quiet --python $(PY) --require-hashes -r requirements/test.txt
	@touch $@

# The demo needs workerd alone; the tests need the whole tree, which holds it too.
edge/node_modules/.run: edge/package-lock.json | $(VENV)/.run
	@echo "fetching workerd (locked) …"
	@$(NPM) ci --omit=dev --ignore-scripts --loglevel=error || { echo "npm could not fetch workerd: see its words above; it needs its registry and about 150 MB of disk."; exit 1; }
	@touch $@

edge/node_modules/.test: edge/package-lock.json | $(VENV)/.run
	@echo "installing the Worker's test tools (locked) …"
	@$(NPM) ci --ignore-scripts --loglevel=error || { echo "npm could not install the Worker's test tools: see its words above."; exit 1; }
	@touch edge/node_modules/.run $@

setup: $(VENV)/.run edge/node_modules/.run ## install what running needs

demo: setup ## start everything and send applications through the gate
	@$(VENV)/bin/lendgate demo

test: check ## every test, both languages, the live Worker included
	@$(NPM) test
	@$(PY) -m pytest

check: $(VENV)/.test edge/node_modules/.test ## contracts, types, lint, generated files, the committed bundle
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check --quiet .
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports
	@$(PY) -m contract.generate --check
	@$(NPM) run check --silent
	@$(NPM) node scripts/build.mjs --check

contract: $(VENV)/.run ## write the generated schemas, tables and reference pages
	@$(PY) -m contract.generate

edge: contract edge/node_modules/.test ## build the Worker into the Python package
	@$(NPM) node scripts/build.mjs

bench: $(VENV)/.test edge/node_modules/.run ## measure the gate, the reviews and the documents, as ratios in one run
	@$(PY) -m bench
	@$(PY) -m bench.documents

format: $(VENV)/.test ## format Python
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .

lock: $(VENV)/.uv ## resolve the Python requirements anew
	@$(VENV)/bin/uv pip compile -q --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
	  pyproject.toml requirements/build.in -o requirements/run.txt
	@$(VENV)/bin/uv pip compile -q --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
	  pyproject.toml requirements/build.in requirements/test.in -o requirements/test.txt

clean: ## remove everything that was installed or made here
	rm -rf $(VENV) .cache edge/node_modules edge/dist .lendgate .mypy_cache .ruff_cache .pytest_cache .hypothesis
