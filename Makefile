# Everything starts here: `make run` and `make test` do all their own set-up.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8000
HOST   ?= 127.0.0.1
HOLDFAST_DATA ?= .holdfast
UV_VERSION := $(shell sed -n 's/^uv==\([^ ;]*\).*/\1/p' requirements/uv.txt)
export UV_NO_CONFIG_HINT = 1
# Python keeps what it compiled, whatever the shell says: half of a command's start was compiling.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install install-run run test check format lint types contracts docs bench golden lock clean

help:
	@echo "make run [PORT=8000 HOLDFAST_DATA=.holdfast]  start Holdfast with embedded stores and a demonstration study"
	@echo "make test                                     run all tests"
	@echo "make check                                    format, lint, types, import contracts, tests, docs"
	@echo "make bench                                    the benchmarks and the long rounds"
	@echo "make golden                                   remake the statistics' golden values (needs R)"
	@echo "make install                                  set up .venv for development"
	@echo "make lock                                     pin dependencies anew"

# uv comes from a hash-pinned wheel, so that a bare Python is enough.
$(BIN)/uv: requirements/uv.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/.run: requirements/run.txt pyproject.toml $(BIN)/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/run.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/build.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.bench: requirements/bench.txt $(VENV)/.dev
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/bench.txt
	@touch $@

install-run: $(VENV)/.run
install: $(VENV)/.dev

run: install-run
	@HOST=$(HOST) PORT=$(PORT) HOLDFAST_DATA=$(HOLDFAST_DATA) exec $(BIN)/holdfast serve --demo

test: install
	$(BIN)/pytest -n 2 --dist loadfile

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/check.py
	$(BIN)/pytest -n 2 --dist loadfile

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks $(BENCH)

# Values of R against which the statistics are tested; packages are named in make_values.R.
golden: install
	$(BIN)/python tests/research/statistics/golden/make_data.py
	Rscript tests/research/statistics/golden/make_values.R tests/research/statistics/golden

# Locks name packages, versions and hashes, never where they were found.
lock: $(BIN)/uv
	$(BIN)/python requirements/compile.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
