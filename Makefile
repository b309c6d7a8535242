# `make help` lists the targets. Each sets up what it needs in .venv: once, and again when pyproject.toml changes.
# PYTHON names the interpreter to begin with (3.11 or later).

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -q

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check fix bench bench-crawl bench-cluster scrapy-suite clean
MAKEFLAGS += --no-print-directory

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1~\2/p' Makefile | awk -F'~' '{ printf "  %-12s %s\n", $$1, $$2 }'

demo: $(VENV)/installed ## everything at work on this machine's loopback; leaves results and pictures in demo-results/
	@$(BIN)/python examples/demo

test: $(VENV)/developing $(VENV)/programs ## the whole test suite
	@$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/developing ## lint, format, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/developing ## repair what can be repaired: imports, format, simple lint
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: $(VENV)/developing $(VENV)/programs ## measure against nmap and fping; writes benchmarks/results/
	@$(BIN)/python -m benchmarks $(ARGS)

bench-crawl: $(VENV)/developing ## measure against Scrapy, Crawlee, spider-rs, wget2; writes benchmarks/results/
	@$(BIN)/python -m benchmarks.crawl $(ARGS)

bench-cluster: $(VENV)/developing ## what a cluster costs, and what many machines would do; writes benchmarks/results/
	@$(BIN)/python -m benchmarks.cluster $(ARGS)
	@$(BIN)/python -m benchmarks.simulation --calibrate

scrapy-suite: $(VENV)/developing ## Scrapy's own tests against our crawler; writes docs/scrapy-compatibility.md
	@$(BIN)/python tools/scrapy_suite $(ARGS)

clean: ## remove everything that was made here
	rm -rf $(VENV) demo-results build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/pyvenv.cfg: tools/venv.sh
	@PYTHON='$(PYTHON)' tools/venv.sh $(VENV)
	@touch $@

# An installation that follows the sources; `shoal` and `pmap.py` are in .venv/bin.
$(VENV)/installed: $(VENV)/pyvenv.cfg pyproject.toml
	@echo 'installing Shoal in $(VENV)'
	@$(PIP) install -e '.[survey,cluster]'
	@touch $@

$(VENV)/developing: $(VENV)/pyvenv.cfg pyproject.toml
	@echo 'installing Shoal and the tools of its developers in $(VENV)'
	@$(PIP) install -e '.[dev]'
	@touch $@ $(VENV)/installed

$(VENV)/programs: tools/programs.sh $(VENV)/pyvenv.cfg
	@tools/programs.sh
	@touch $@
