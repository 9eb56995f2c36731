# From a bare checkout: `make demo`, `make test`. Needs Python 3.11 or later, git and make; Python's packages go into .venv.
# The tests against a real Kubernetes API also want root, Linux, iproute2, openssl, and its programs or Go to build them.
PYTHON ?= python3
PORT ?= 5104

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo up test test-fast bench lint check generate lock clean chromium kubernetes

help: ## these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

demo: $(READY) chromium ## a pool against the demo site, one chat through it, and everything stopped again
	@$(BIN)/python examples/demo.py --port $(PORT)

up: $(READY) chromium ## the same, but it stays until Ctrl-C: API on http://127.0.0.1:5104 (PORT=...)
	@$(BIN)/python examples/demo.py --port $(PORT) --stay

test: $(READY) chromium kubernetes ## every test; builds Kubernetes' programs the first time (6 to 10 minutes; BRIDGE_SKIP_KUBERNETES=1: without these tests)
	@$(BIN)/pytest

test-fast: $(READY) ## unit and contract tests: seconds, no browser
	@$(BIN)/pytest tests/unit tests/contract

bench: $(READY) chromium kubernetes ## all benchmarks (70 minutes); BENCH=chunk_path for one: bench/results, docs/benchmarks.md
	@$(BIN)/python -m bench.run $(BENCH)

lint: $(READY) ## format, lint, types, import rules, generated files
	@echo "ruff" && $(BIN)/ruff format --quiet --check && $(BIN)/ruff check --quiet
	@echo "mypy" && $(BIN)/mypy && $(BIN)/mypy tests hack examples bench
	@echo "import rules" && $(BIN)/lint-imports
	@echo "generated files" && $(BIN)/python hack/generate.py --check

check: lint test ## lint and test; what CI runs

generate: $(READY) ## everything generated: CRD, reference documents
	@$(BIN)/python hack/generate.py

LOCK := .cache/uv/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-annotate --no-header --quiet

lock: .cache/uv/bin/uv ## the locked dependencies anew from pyproject.toml
	@echo "locking"
	@$(LOCK) --group dev --extra local --output-file requirements/dev.txt
	@$(LOCK) --extra operator --output-file requirements/operator.txt
	@$(LOCK) --extra router --output-file requirements/router.txt
	@$(LOCK) --extra browser --output-file requirements/browser-pod.txt
	@$(LOCK) --output-file requirements/demo-site.txt

clean: ## remove what make has made here
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

chromium: $(READY)
	@$(BIN)/python hack/ensure_chromium.py

kubernetes: $(READY) ## the Kubernetes binaries of the API-level tests: found, or built once with Go (6 to 10 minutes)
	@$(BIN)/python -m hack.ensure_kubernetes

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed; $(PYTHON) is: $$($(PYTHON) --version 2>&1). Another one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "Python's venv module is missing. On Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "making $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.dependencies: requirements/dev.txt | $(BIN)/python
	@echo "installing the locked dependencies"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

$(READY): $(VENV)/.dependencies pyproject.toml
	@echo "installing the bridge itself"
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.cache/uv/bin/uv:
	@echo "installing uv"
	@$(PYTHON) -m venv .cache/uv
	@.cache/uv/bin/python -m pip install --quiet uv
