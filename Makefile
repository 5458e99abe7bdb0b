# Sets up and calls: everything else is the command line, `.venv/bin/abckg --help`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
BENCH := benchmarks/.venv
PIN := $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --no-emit-index-url --no-emit-options \
	--no-emit-find-links --no-emit-trusted-host --allow-unsafe

.PHONY: serve test bench bench-isolation bench-validation lock clean

serve: $(VENV)/installed
	$(BIN)/abckg build
	$(BIN)/abckg serve --store build/store --host $(HOST) --port $(PORT)

test: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/abckg fmt --check
	$(BIN)/pytest -n 2 --dist worksteal

# Needs wrk, and virtuoso-t for a comparison with Virtuoso; SIZES="1000000 10000000" takes longer and says how times grow.
bench: SIZES ?= 10000
bench: $(VENV)/installed $(BENCH)/installed
	$(BIN)/python benchmarks/bench.py $(SIZES) --peers $(BENCH)/bin $(OPTIONS)

# What others notice of queries that run away; SIZE=1000000 takes longer.
bench-isolation: SIZE ?= 100000
bench-isolation: $(VENV)/installed $(BENCH)/installed
	$(BIN)/python benchmarks/isolation.py $(SIZE) --peers $(BENCH)/bin $(OPTIONS)

# SHACL engines side by side; Jena is asked where Debian's libapache-jena-java is installed.
bench-validation: SIZES ?= 10000 100000
bench-validation: $(VENV)/installed $(BENCH)/installed
	$(BIN)/python benchmarks/validation.py $(SIZES) --peers $(BENCH)/bin/python

$(BENCH)/installed: benchmarks/requirements.txt
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r benchmarks/requirements.txt
	touch $@

$(VENV)/installed: requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

$(VENV)/installed-test: $(VENV)/installed requirements-test.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.txt
	touch $@

# Pins every dependency with its hashes; run it after a change of the ranges in pyproject.toml.
lock: export CUSTOM_COMPILE_COMMAND = make lock
lock: $(VENV)/installed-test
	$(PIN) --output-file requirements.txt pyproject.toml
	$(PIN) --extra test --constraint requirements.txt --output-file requirements-test.txt pyproject.toml
	$(PIN) --output-file benchmarks/requirements.txt benchmarks/requirements.in

clean:
	rm -rf $(VENV) $(BENCH) build dist
