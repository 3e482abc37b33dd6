# Every target sets itself up: a machine needs Python 3.11 or newer (with venv) and make; from `test` on also a C compiler,
# for durable-rules comes as source.

PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(shell $(name) -c 'import sys; sys.version_info >= (3, 11) and print("$(name)")' 2>/dev/null)) python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
DEMO_DAY := 2026-11-22
DATE ?= $(shell date +%F)
BENCH ?=
ADAPTERS := $(patsubst %/pyproject.toml,%,$(wildcard adapters/*/pyproject.toml))

.DEFAULT_GOAL := help
.PHONY: help demo test lint format goldens reference oracle mutants bench constraints clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# An environment is made anew only when what it is made from has changed. `run` is what a user needs, `dev` is everything.
.venv/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one: make PYTHON=/path/to/python3")'
	$(PYTHON) -m venv .venv
	@touch $@
.venv/.run: .venv/.created pyproject.toml constraints.txt
	$(PIP) hatchling
	$(PIP) --no-build-isolation --editable ".[excel]"
	@touch $@
.venv/.dev: .venv/.created pyproject.toml constraints.txt
	$(PIP) hatchling durable-rules
	$(PIP) --no-build-isolation --editable ".[dev]"
	@touch $@
.venv/.adapters: .venv/.dev $(ADAPTERS:%=%/pyproject.toml)
	$(PIP) --no-build-isolation --no-deps $(foreach adapter,$(ADAPTERS),--editable $(adapter))
	$(PIP) $(foreach adapter,$(filter dunning-%,$(notdir $(ADAPTERS))),"$(adapter)[test]")
	@touch $@
.venv/.bench: .venv/.dev pyproject.toml constraints.txt
	$(PIP) --no-build-isolation --editable ".[bench]"
	@touch $@

demo: .venv/.run ## assess the example portfolio: what every household owes, and since when
	@rm -rf out/demo
	$(BIN)/dunning assess examples/portfolio --on $(DEMO_DAY) --out out/demo || [ $$? -eq 1 ]

test: lint ## every check: lint, types, tests, and those of the adapters (with PostgreSQL, MariaDB and a Tryton)
	$(BIN)/python -m pytest -n 2 --dist loadfile
	@for adapter in $(ADAPTERS); do \
		echo "== $$adapter"; $(BIN)/python -m pytest -n 2 --dist loadfile --rootdir $$adapter -c $$adapter/pyproject.toml $$adapter || exit 1; \
	done

lint: .venv/.adapters ## ruff and mypy alone
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/mypy $(ADAPTERS:%=%/src)

format: .venv/.dev ## ruff format, and ruff's safe fixes
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

goldens: .venv/.dev ## write the expected screens of tests/findings anew; look at the difference before committing
	$(BIN)/python -m pytest --quiet tests/test_findings.py --reset

reference: .venv/.dev ## write docs/reference and rules/schema.json anew from the code
	$(BIN)/python scripts/reference.py

oracle: .venv/.dev ## 100,000 generated accounts through the day-by-day oracle
	$(BIN)/python tests/run_oracle.py

mutants: .venv/.dev ## change money, fees and ledger one token at a time; the tests must notice 95%
	$(BIN)/python scripts/mutants.py

bench: .venv/.bench ## measure columns, assess, files and peers, and write docs/benchmarks.md (BENCH=--quick: a minute)
	$(BIN)/python benchmarks/run.py --date $(DATE) $(BENCH)

constraints: ## pin the newest versions that pyproject.toml allows
	$(PYTHON) scripts/constraints.py

clean: ## remove what the other targets made
	rm -rf .venv out mutants build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
