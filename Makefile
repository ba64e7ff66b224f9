# One command a job, the same at home and in CI.
PYTHON ?= python3
BIN := .venv/bin

# What bench-quality judges models on: items.csv, interactions.csv and maybe users.csv.
DATA ?= ../shared/data/movies

.PHONY: demo test test-system lint bench bench-http bench-quality clean
.DEFAULT_GOAL := demo

demo: .venv/.runtime
	$(BIN)/plait demo --workspace workspaces

# Two files of tests at once. Each computes with one thread, for threads that share out what is small take several times
# as long where others have the cores.
PYTEST := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 --dist loadfile

test: .venv/.development
	$(PYTEST)

test-system: .venv/.development
	$(PYTEST) -m system

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

bench-http: .venv/.development
	$(BIN)/python -m scripts.bench_http
	$(BIN)/python -m scripts.bench_connections

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
