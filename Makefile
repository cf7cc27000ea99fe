# `make run` and `make test` are all that a newcomer needs; both work in a clean checkout.
PORT ?= 8000
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test bench lint install install-dev install-bench browser postgresql

run: install
	@$(BIN)/python manage.py prepare
	@echo "Open http://127.0.0.1:$(PORT)/ (stop with Ctrl-C)"
	@DJANGO_LOCAL=1 exec $(BIN)/granian --interface wsgi --host 127.0.0.1 --port $(PORT) --workers 1 --blocking-threads 1 --no-ws --log-level warning prescreen.wsgi:application

# The journeys run by themselves: the browser's event loop, once begun in a process, keeps Django there from its database.
test: install-dev browser postgresql
	@$(BIN)/python -m pytest tests/unit tests/integration --numprocesses=auto --dist=loadfile --cov=trials --cov=prescreen --cov-report=
	@$(BIN)/python -m pytest tests/journeys --numprocesses=auto --dist=loadfile
	@$(BIN)/coverage report --include='trials/eligibility/*' --fail-under=100

# All sizes take about 20 minutes; `make bench SIZES=5000` takes under 3.
bench: install-bench postgresql
	@$(BIN)/python -m pytest --quiet tests/benchmarks
	@$(BIN)/python -m tests.benchmarks.run $(SIZES)

lint: install-dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

install: .venv/installed
install-dev: .venv/installed-dev
install-bench: .venv/installed-bench

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with PYTHON="; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "python3-venv is missing: install it (Debian: apt-get install python3-venv)"; rm -rf .venv; exit 1; }

.venv/installed: .venv/bin/python requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

.venv/installed-bench: .venv/installed-dev requirements-bench.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	@touch $@

# PostgreSQL is one of the peers; without it the benchmark says so and goes on.
postgresql:
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || \
	(apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y postgresql >/dev/null) || echo "PostgreSQL could not be installed"

# The browser for the journeys, and the PDF tools, are Debian packages.
browser:
	@command -v chromium >/dev/null && command -v pdfinfo >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y chromium poppler-utils >/dev/null; \
	else echo "Chromium and poppler-utils are needed for the tests (Debian: apt-get install chromium poppler-utils)"; exit 1; fi
