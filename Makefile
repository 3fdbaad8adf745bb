# Everything a fresh machine needs: Python 3.11 or 3.12, make and git.
SHELL := /bin/bash
PYTHON ?= $(shell for p in python3.11 python3.12 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null \
	&& echo $$p && break; done)
BIN := .venv/bin
AT_ONCE := -n 2 --dist worksteal

.PHONY: install demo test check docs backends bench results lint

install: .venv/installed
.venv/installed: requirements.txt setup.py
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.12 is needed."; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

demo: install
	$(BIN)/keras-mia segment --data sample:mni152 --output runs/demo --minutes 6 --overwrite
	@echo "Open runs/demo/report.html in a browser."

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint
	$(BIN)/python -m pytest $(AT_ONCE) -m "not slow"

docs: install
	$(BIN)/python -m pytest $(AT_ONCE) --doctest-modules --ignore=keras_mia/apps keras_mia tests/test_docs.py

test: lint docs
	$(BIN)/python -m pytest $(AT_ONCE) --ignore=tests/test_docs.py

.venv-jax/installed: requirements.txt
	$(PYTHON) -m venv .venv-jax
	.venv-jax/bin/pip install --quiet --disable-pip-version-check jax scipy scikit-image \
		$$(grep -E '^(keras|numpy|pytest|pytest-xdist|tqdm)==' requirements.txt)
	.venv-jax/bin/pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

backends: .venv-jax/installed
	KERAS_BACKEND=jax .venv-jax/bin/python -m pytest $(AT_ONCE) -m backends tests/contract

.venv-bench/installed: requirements.txt benchmarks/requirements.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet --disable-pip-version-check -r benchmarks/requirements.txt
	.venv-bench/bin/pip install --quiet --disable-pip-version-check --no-deps --editable .
	.venv-bench/bin/pip check
	touch $@

bench: .venv-bench/installed
	.venv-bench/bin/python benchmarks/run.py

results: install
	$(BIN)/python benchmarks/results.py
	$(BIN)/python benchmarks/synthetic.py
