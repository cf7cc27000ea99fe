# `make run` and `make test` are all that a newcomer needs; both work in a clean checkout.
PORT ?= 8000
PYTHON ?= python3
BIN := .venv/bin
SIDE_BY_SIDE = --numprocesses=auto --dist=loadfile

.PHONY: run test test-postgresql bench lint lock audit mutants breakages load figures install install-dev install-bench browser postgresql nginx

run: install
	@$(BIN)/python manage.py prepare
	@echo "Open http://127.0.0.1:$(PORT)/ (stop with Ctrl-C)"
	@DJANGO_LOCAL=1 exec $(BIN)/granian --interface wsgi --host 127.0.0.1 --port $(PORT) --workers 1 --blocking-threads 1 --no-ws --respawn-failed-workers \
	--log-level warning prescreen.wsgi:application

# The journeys run by themselves: the browser's event loop, once begun in a process, keeps Django there from its database.
test: install-dev browser postgresql nginx
	@$(BIN)/python -m pytest tests/unit tests/integration $(SIDE_BY_SIDE) --cov=trials --cov=prescreen --cov-report=
	@$(BIN)/python -m pytest tests/journeys $(SIDE_BY_SIDE)
	@$(MAKE) test-postgresql
	@$(BIN)/coverage report --include='trials/eligibility/*' --fail-under=100
	@echo "Branches and lines run by the tests, in percent (95 are asked for):" && $(BIN)/coverage report --format=total --fail-under=95

# The integration tests and the journeys with a PostgreSQL server of their own.
test-postgresql: install-dev browser postgresql
	@$(BIN)/python -m tests.on_postgresql $(BIN)/python -m pytest tests/integration -m "not own_database" $(SIDE_BY_SIDE)
	@$(BIN)/python -m tests.on_postgresql $(BIN)/python -m pytest tests/journeys $(SIDE_BY_SIDE)

# All sizes take about 20 minutes; `make bench SIZES=5000` takes under 3.
bench: install-bench postgresql
	@$(BIN)/python -m pytest --quiet tests/benchmarks
	@$(BIN)/python -m tests.benchmarks.run $(SIZES)

lint: install-dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports && \
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml deploy prescreen trials manage.py

# After a change of requirements.txt. UPGRADE=--upgrade takes the newest versions that it allows.
lock: .venv/installed-tools
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
	$(UPGRADE) --output-file requirements.lock requirements.txt >/dev/null

# Asks a public list about every locked package, so it needs the network; a package that could not be asked about is a failure.
audit: .venv/installed-tools
	@$(BIN)/pip-audit --strict --require-hashes --disable-pip --progress-spinner off --timeout 30 --requirement requirements.lock || \
	{ echo "NOT CLEAN. Either a weakness is named above, or the list could not be asked: then nothing is known about these packages. Try again with the network."; exit 1; }

# Needs the machine for itself; about four minutes.
load: install-dev
	@$(BIN)/python -m tests.load.run

# The table of figures of the README: attacks, kills and load. Needs the machine for itself; about a quarter of an hour.
figures: install-dev browser
	@$(BIN)/python -m tests.figures

# Hours for all modules; `make mutants MODULES="rows answers"` for some. See docs/mutants.md.
mutants: .venv/installed-tools
	@$(BIN)/python -m tests.mutants $(MODULES)

# About a quarter of an hour; `make breakages ONLY="desk web"` for some subjects. See docs/breakages.md.
breakages: install-dev browser postgresql nginx
	@$(BIN)/python -m tests.breakages $(ONLY)

install: .venv/installed
install-dev: .venv/installed-dev
install-bench: .venv/installed-bench

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with PYTHON="; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "python3-venv is missing: install it (Debian: apt-get install python3-venv)"; rm -rf .venv; exit 1; }

# Every file must have the hash that the lock names. Only where an index does not have a version at all, a developer's machine takes another that requirements.txt allows;
# a server does not (docs/deploy.md, Dockerfile).
.venv/installed: .venv/bin/python requirements.txt requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock 2>.venv/refused || { cat .venv/refused; \
	grep -q "No matching distribution" .venv/refused && echo "This index lacks a locked version: installing what requirements.txt allows, NOT checked by hash." && \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt; }
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

.venv/installed-tools: .venv/installed-dev requirements-tools.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-tools.txt
	@touch $@

.venv/installed-bench: .venv/installed-dev requirements-bench.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	@touch $@

# PostgreSQL is one of the peers; without it the benchmark says so and goes on.
postgresql:
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || \
	(apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y postgresql >/dev/null) || echo "PostgreSQL could not be installed"

# For the tests of deploy/nginx. With RUNLEVEL=1 the package does not start its server.
nginx:
	@command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || \
	(apt-get -qq update && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get -qq install -y nginx-light >/dev/null) || echo "nginx could not be installed"

# The browser for the journeys, and the PDF tools, are Debian packages.
browser:
	@command -v chromium >/dev/null && command -v pdfinfo >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y chromium poppler-utils >/dev/null; \
	else echo "Chromium and poppler-utils are needed for the tests (Debian: apt-get install chromium poppler-utils)"; exit 1; fi
