# One command a job, the same at home and in CI.
PYTHON ?= python3
BIN := .venv/bin

# What bench-quality judges models on: items.csv, interactions.csv and maybe users.csv.
DATA ?= ../shared/data/movies

.PHONY: demo test test-system lint bench bench-quality clean
.DEFAULT_GOAL := demo

demo: .venv/.runtime
	$(BIN)/plait demo --workspace workspaces

test: .venv/.development
	$(BIN)/python -m pytest -q

test-system: .venv/.development
	$(BIN)/python -m pytest -q -m system

lint: .venv/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.development
	$(BIN)/python -m scripts.bench_index
	$(BIN)/python -m scripts.bench_latency
	$(BIN)/python -m scripts.bench_lexical
	$(BIN)/python -m scripts.bench_memory

bench-quality: .venv/.development
	$(BIN)/python -m scripts.bench_quality $(DATA)

clean:
	rm -rf .venv workspaces downloads reports dist

.venv/.runtime: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "plait needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/.development: .venv/.runtime
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@
