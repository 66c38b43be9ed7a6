# Everything runs in .venv, made from Python 3.11+ and make alone.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test-unit test test-slow test-all coverage lint bench crash simulate docs pictures lock servers clean help

help:
	@echo "make demo    show what would be sent of the sample campaign"
	@echo "make test-unit  the quick tests, without servers, in a minute or two"
	@echo "make test    also those with real servers on loopback, in five minutes"
	@echo "make test-slow  the slow ones alone: kills, cuts, whole calls"
	@echo "make test-all   all tests"
	@echo "make coverage   how many branches of each folder the quick tests run"
	@echo "make lint    style, types, words and the subjects of commits"
	@echo "make crash   kill the program again and again: RUNS=1 KILLS=20 CHANNEL=all|sinch|telnyx|… SEED= WORKERS="
	@echo "make simulate  whole histories in a world that is made up: N=1000 SEED=1 TELL="
	@echo "make bench   what the README says about speed"

# a look only: the demo has a ledger of its own, which a dry run never makes
demo: $(READY)
	@FAXAPPEAL_LEDGER__URL=sqlite:///.venv/demo/ledger.db $(BIN)/faxappeal send --dry-run

# as many tests at a time as there are processors; TESTS="-n 0" one after the other
TESTS :=
test-unit: $(READY)
	$(BIN)/pytest tests/unit tests/cli $(TESTS)

test: $(READY) servers
	$(BIN)/pytest -m "not slow" $(TESTS)

test-slow: $(READY) servers
	THOROUGH=1 $(BIN)/pytest -m "slow or hypothesis" $(TESTS)

test-all: $(READY) servers
	THOROUGH=1 $(BIN)/pytest $(TESTS)

# branches of each layer that the unit and cli tests run; at least 90 % of each
coverage: $(READY)
	$(BIN)/pytest tests/unit tests/cli --cov --cov-report= $(TESTS)
	$(BIN)/coverage json --quiet --ignore-errors -o .coverage.json
	$(BIN)/python -m tools.coverage .coverage.json

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tools.words
	$(BIN)/python -m tools.commits

bench: $(READY)
	$(BIN)/python -m benchmarks.startup
	$(BIN)/python -m benchmarks.line
	$(BIN)/python -m benchmarks.documents
	$(BIN)/python -m benchmarks.ledger
	$(BIN)/python -m benchmarks.email
	$(BIN)/python -m benchmarks.workers
	$(BIN)/python -m benchmarks.backlog --drain 5000

# RUNS runs of 200 letters, each killed (-9) KILLS times at random moments and started again until all is
# final; SEED repeats a run, CHANNEL picks an account. With WORKERS they send from a ledger in
# PostgreSQL, which is started again RESTARTS times; STOPS workers are stopped for a while
RUNS := 1
KILLS := 20
CHANNEL := all
WORKERS := 0
RESTARTS := 0
STOPS := 0
crash: $(READY) servers
	@$(BIN)/python -m tests.chaos --runs $(RUNS) --kills $(KILLS) --channel $(CHANNEL) \
	    --workers $(WORKERS) --restarts $(RESTARTS) --stops $(STOPS) $(if $(SEED),--seed $(SEED))

# N whole histories of sending in a world that is made up, from SEED on; each that breaks a promise is
# told as a story. TELL=1 tells the one of SEED
N := 1000
simulate: $(READY)
	@$(BIN)/python -m tests.simulation --histories $(N) --seed $(or $(SEED),1) $(if $(TELL),--tell)

# the servers that the tests talk to: Debian packages, unpacked in .servers, nothing installed
servers: $(READY)
	@$(BIN)/python -m tests.support.servers.fetch

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; say which: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

# after a change of the dependencies in pyproject.toml; needs uv
lock:
	uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
	    pyproject.toml --group dev -o requirements.lock

# what in docs/ is made from the program itself, and the site in .venv/site
docs: $(READY)
	$(BIN)/python docs/tables.py
	$(BIN)/python docs/checks.py
	$(BIN)/python docs/commands.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict --site-dir .venv/site

# the pictures in README and docs, made by the program itself
pictures: $(READY)
	$(BIN)/python docs/pictures/make.py
	@FAXAPPEAL_LEDGER__URL=sqlite:///.venv/demo/ledger.db $(BIN)/python docs/pictures/screens.py

clean:
	rm -rf .venv .servers .mypy_cache .pytest_cache .ruff_cache outbox
