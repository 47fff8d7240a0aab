# One entry for everything a developer does; `make` is what CI does.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
FILES = generator tests benchmarks

.PHONY: ci setup example lint types layers test coverage golden render hostile kills faults bench e2e e2e-assets e2e-argocd parity clean

ci: lint types layers test

# Everything but the package itself is installed once; the stamp is renewed when pyproject.toml changes.
setup: $(VENV)/.installed
$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $@

example: setup
	$(BIN)/qatgen render

render: example

lint: setup
	$(BIN)/ruff format --check $(FILES)
	$(BIN)/ruff check $(FILES)

types: setup
	$(BIN)/mypy

layers: setup
	$(BIN)/lint-imports

test: setup
	$(BIN)/python -m pytest -q -n auto --ignore=tests/e2e

# The same with a table of what no test reaches; it takes two to three times as long.
coverage: setup
	$(BIN)/python -m pytest -q -n auto --ignore=tests/e2e --cov --cov-report=term:skip-covered

# The programs of a real cluster, built once a version into a cache outside the tree, and our answers beside theirs.
e2e-assets:
	tests/e2e/build/all.sh

e2e: setup
	$(BIN)/python -m pytest -q tests/e2e

# Argo CD's own programs alone; among them a whole Argo CD that delivers every environment.
e2e-argocd: setup
	$(BIN)/python -m pytest -q tests/e2e/argocd

# The same run, and the table it fills: of this run alone, with what differs, too.
parity: setup
	rm -rf build/parity
	-$(BIN)/python -m pytest -q tests/e2e
	$(BIN)/python -m tests.e2e.parity

# Golden trees are written by this command alone, and read before they are committed.
golden: setup
	$(BIN)/python -m tests.golden

# The full runs of what the suite runs in part; each prints its counts.
# hostile: values, templates, expressions and files that must change no structure, end in time, and never be a bug.
hostile: setup
	$(BIN)/python -m tests.property.hostile --values 1000000
	$(BIN)/python -m tests.property.hostile_templates --values 1000000
	$(BIN)/python -m tests.property.bombs --full
	$(BIN)/python -m tests.property.forms --full
	$(BIN)/python -m tests.property.wrong_forms

# kills: of a writer at every step of a commit of four trees and at drawn moments, of a render and of its workers.
kills: setup
	$(BIN)/python -m tests.property.kill --kills 2000
	$(BIN)/python -m tests.property.ends --kills 200

# faults: faults met in the field; links and odd files in every place; changes and ways to hide them; what the system refuses.
faults: setup
	$(BIN)/python -m tests.property.faults $(BIN)/qatgen
	$(BIN)/python -m tests.property.doors --full
	$(BIN)/python -m tests.property.changes --full
	$(BIN)/python -m tests.property.conditions --full

bench: setup
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
