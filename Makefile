# Everything runs in a virtual environment of the repository's own; nothing is installed beside it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MODES := oauth credentials credentials+oauth dev-shim unconfigured

.DEFAULT_GOAL := help
.PHONY: help setup run quick test test-real site lint check format generate bench bench-source bench-canary bench-fleet bench-identity selftest mutants lock vulnerabilities dist clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/ready ## make the virtual environment, with the pinned tools and this package

$(VENV)/ready: pyproject.toml requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: Python 3.11 or newer is needed"; echo "  fix: make PYTHON=/path/to/python3.11"; exit 64; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

run: setup ## start the demo deployment, probe it in each mode, then once with a door open
	@for mode in $(MODES); do \
		printf '%-18s ' "$$mode"; \
		$(BIN)/prober demo --mode "$$mode" -- $(BIN)/prober run --profile "$$mode" --surface all --quiet || exit $$?; \
	done
	@printf '\nAnd so a report looks when a door is open (exit status 1 is right here):\n\n'
	@$(BIN)/prober demo --mode oauth --open mcp-any-bearer -- $(BIN)/prober run --profile oauth --surface mcp --surface migrate; \
	status=$$?; [ $$status -eq 1 ] || { echo "expected exit status 1, not $$status"; exit 70; }

# make test T=tests/unit/judge runs a part of them
T := tests

quick: setup ## run the tests that start no server and no process (under a minute)
	$(BIN)/python -m pytest -n logical --dist loadfile --no-loadscope-reorder -m 'not integration and not slow and not real' tests/unit

test: setup ## run the tests (T=PATH: some of them)
	$(BIN)/python -m pytest -n logical --dist loadfile --no-loadscope-reorder $(T)

test-real: setup ## the same against real servers: Next.js, MCP, FastAPI, Django, Express, nginx, Caddy (needs npm and apt)
	$(BIN)/python -m pytest -m real -n logical --dist loadfile --no-loadscope-reorder tests/real

site: setup $(VENV)-site/ready ## build the site of docs/ with strict links (build/site)
	$(BIN)/python -m tools.site
	$(VENV)-site/bin/zensical build --strict --clean

$(VENV)-site/ready: requirements-docs.txt
	$(PYTHON) -m venv $(VENV)-site
	$(VENV)-site/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-docs.txt
	@touch $@

lint: setup ## format, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

check: lint test ## all of it: format, lint, types, tests

format: setup ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

generate: setup ## write what is generated: JSON Schemas, tables in docs/
	$(BIN)/python -m tools.generate

bench: setup ## measure speed and memory, each beside what it is compared with
	$(BIN)/python bench/bench.py
	$(BIN)/python bench/compare.py
	$(BIN)/python bench/wide.py

bench-source: setup ## audit the small applications of bench/source and compare with their labels
	$(BIN)/python -m bench.source_audit

bench-canary: setup ## measure memory, open files and CPU of 'prober watch' over 1,000 runs (five minutes)
	$(BIN)/python bench/canary.py

bench-fleet: setup ## measure a fleet beside a shell loop of 'prober run', and on a Dask cluster (ten minutes)
	$(BIN)/python bench/fleet.py

# make bench-identity BEFORE=v1.2.0 compares with that commit; MOST=20 runs fewer combinations
BEFORE := HEAD
MOST := 100

bench-identity: setup ## see that plans and reports are those of another commit (a quarter of an hour)
	$(BIN)/python bench/identity.py $(BEFORE) --most $(MOST)

selftest: setup ## open every door of the demo and see that each is caught
	$(BIN)/prober selftest

# make mutants M='prober.judge.verdicts.*' breaks one module
M :=

mutants: setup ## break judge/, plan/ and the canary's pure rooms piece by piece and list what no test notices (docs/mutants.md)
	rm -rf mutants
	$(BIN)/mutmut run $(if $(M),'$(M)')
	$(BIN)/mutmut results

COMPILE := uv pip compile --quiet --universal --python-version 3.11 --upgrade pyproject.toml

lock: ## pin the development tools and, with hashes, what the container and the action install (needs uv)
	$(COMPILE) --generate-hashes --output-file requirements.lock
	$(COMPILE) --generate-hashes --all-extras --output-file requirements-extras.lock
	uv pip compile --quiet --universal --python-version 3.11 --upgrade --group build --generate-hashes --output-file requirements-build.lock
	uv pip compile --quiet --universal --python-version 3.11 --group dev pyproject.toml --output-file requirements-dev.txt --upgrade
	uv pip compile --quiet --universal --python-version 3.11 --group docs --output-file requirements-docs.txt --upgrade

vulnerabilities: setup ## look up known vulnerabilities of what is pinned (skipped where no service of advisories answers)
	$(BIN)/python -m tools.vulnerabilities

BUILD = $(BIN)/python -m build --no-isolation --outdir
dist: export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct)
dist: setup ## build a release twice and compare: wheel, sdist, SBOM, changes and checksums (dist/)
	rm -rf dist build/again
	$(BUILD) dist
	$(BUILD) build/again
	for folder in dist build/again; do $(BIN)/python -m tools.sbom $$folder/lockdown-prober.cdx.json && $(BIN)/python -m tools.release_notes $$folder/CHANGES.md || exit; done
	cd dist && sha256sum -- * > SHA256SUMS
	cd build/again && sha256sum --check --quiet ../../dist/SHA256SUMS

clean: ## remove what these targets made
	rm -rf $(VENV) .venv-real $(VENV)-site .cache dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis mutants
