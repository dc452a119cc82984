# The whole set-up: `make demo` and `make test` need Python 3.11 or newer and make, nothing else.
# Works with GNU make 3.81 (macOS) and later. On Windows use uv: `uv run mes demo`, `uv run pytest`.

PYTHON ?= python3
ARGS ?=
# One worker runs the tests that need whole plants one after the other, the others run the rest beside it.
WORKERS ?= 2

UV := .tools/bin/uv
BIN := .venv/bin
IN_STEP := .venv/.in-step-with-lock
CODE := mes plc_sim tests $(wildcard bench)

.DEFAULT_GOAL := help
.PHONY: help demo test coverage check lint types imports browser env lock bench wheel format clean
.DELETE_ON_ERROR:

help:
	@echo "make demo [ARGS=...]  set up, then make a lot on both simulated lines (http://127.0.0.1:8080)"
	@echo "make test [ARGS=...]  set up, then lint, types, floors and all tests"
	@echo "make coverage         all tests again, and which lines they leave out"
	@echo "make check            lint, types and floors only"
	@echo "make format           apply the automatic fixes of the linter"
	@echo "make bench            run the measurements in bench/"
	@echo "make env              set up .venv from requirements.lock only"
	@echo "make lock [ARGS=--upgrade]  renew requirements.lock from pyproject.toml"
	@echo "make wheel            build dist/*.whl"
	@echo "make clean            remove everything that make made"

demo: env
	$(BIN)/mes demo $(ARGS)

test: check browser
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --durations=10 $(ARGS)

# Apart from `make test`, which it would make a third slower.
coverage: env browser
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --cov --cov-report=term --durations=10 $(ARGS)

check: lint types imports

lint: env
	$(BIN)/ruff check $(CODE)

types: env
	$(BIN)/mypy

imports: env
	$(BIN)/lint-imports --no-logo

format: env
	$(BIN)/ruff check --fix $(CODE)

bench: env
	@set -e; for measurement in bench/*.py; do echo "== $$measurement"; $(BIN)/python "$$measurement"; done

wheel: env
	$(UV) build --wheel --no-build-isolation --python $(BIN)/python --out-dir dist

# The browser tests need a Chromium, Chrome or Edge. Only root on Debian can be served without asking; elsewhere the
# test itself fails and says what to install.
browser: env
	@$(BIN)/python tests/browser.py >/dev/null 2>&1 && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "No browser found: installing chromium for the browser tests"; \
	    apt-get -qq update </dev/null; \
	    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium </dev/null >/dev/null; \
	else \
	    $(BIN)/python tests/browser.py || exit 0; \
	fi

env: $(IN_STEP)

# A .venv that uv made is taken over as it is; one whose Python is gone is made anew.
$(IN_STEP): requirements.lock pyproject.toml $(UV)
	@$(BIN)/python -c '' 2>/dev/null || $(UV) venv --quiet --clear --python "$$(command -v $(PYTHON))" .venv
	$(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(UV): bootstrap.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	    echo "make: '$(PYTHON)' is not a Python 3.11 or newer; say which one is: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv --clear .tools || { \
	    echo "make: '$(PYTHON) -m venv' failed; Debian and Ubuntu keep it in the package python3-venv" >&2; exit 1; }
	.tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bootstrap.lock
	@touch $@

lock: $(UV)
	$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	    pyproject.toml --group dev --all-extras -o requirements.lock $(ARGS)
	$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	    --group bootstrap -o bootstrap.lock $(ARGS)

clean:
	rm -rf .venv .tools dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
