# Everything a contributor does. `make` alone lists it. Each target sets up what it needs.
#
#   make test PYTHON=python3.12     another interpreter for the environment
#   make test VENV="$VIRTUAL_ENV"   an environment you already have, conda's "$CONDA_PREFIX" too
#   make test JOBS=4                more processes
#   make redraw SHIFT=3             other draws

PYTHON ?= python3
VENV ?= .venv
JOBS ?= 2
SHIFT ?= 1

RUN := $(VENV)/bin/python
# Stamps: touched when an install is complete, so that an interrupted one is repeated.
BOOK := $(VENV)/.rootkappa-book
LINT := $(VENV)/.rootkappa-lint
PAPER := $(VENV)/.rootkappa-paper
BENCH := $(VENV)/.rootkappa-bench
OLDEST := $(VENV)-oldest

export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PIP_QUIET = 1

.DEFAULT_GOAL := help
.PHONY: help book pdf paper release test test-site test-portable test-oldest lint format record redraw evidence bench serve clean

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | \
		while IFS="$$(printf '\t')" read -r name what; do printf '  make %-15s %s\n' "$$name" "$$what"; done

book: $(BOOK) ## execute the chapters and build the site in _build/html
	$(RUN) tools/build_book.py

pdf: $(BOOK) ## print the built site as one PDF, _build/rootkappa.pdf; needs Chromium
	$(RUN) tools/print_book.py

paper: $(PAPER) ## build paper/paper.md as its journal does, in _build/paper
	$(RUN) tools/print_paper.py

release: book pdf ## pack library, site, PDF and ledger with their sums in _build/release
	$(RUN) tools/release.py

test: $(BOOK) ## run the unit tests, and every chapter against its stored outputs
	$(RUN) -m pytest -n $(JOBS)

test-site: $(BOOK) ## open the built site in Chromium: axe, formulas, weight, speed, search
	ROOTKAPPA_SITE=_build/html $(RUN) -m pytest tests/site -n $(JOBS) --dist=worksteal --ignore=tests/site/test_speed.py
	ROOTKAPPA_SITE=_build/html $(RUN) -m pytest tests/site/test_speed.py

test-portable: $(BOOK) ## run the chapters as on another processor by torch alone, and with two threads
	ROOTKAPPA_ENGINE=torch ATEN_CPU_CAPABILITY=default MKL_CBWR=COMPATIBLE $(RUN) -m pytest book -n $(JOBS)
	ROOTKAPPA_THREADS=2 OMP_NUM_THREADS=2 MKL_NUM_THREADS=2 $(RUN) -m pytest book

test-oldest: $(OLDEST)/.rootkappa-book ## run the unit tests with the oldest versions allowed
	$(OLDEST)/bin/python -m pytest tests lib/rootkappa -n $(JOBS)

lint: $(LINT) ## check format, style, docstrings, types and metadata
	$(RUN) -m ruff format --check .
	$(RUN) -m ruff check .
	$(RUN) tools/lint_chapters.py
	$(RUN) tools/check_docstrings.py lib
	$(RUN) -m mypy
	$(VENV)/bin/check-jsonschema --builtin-schema vendor.citation-file-format CITATION.cff
	$(VENV)/bin/check-jsonschema --schemafile tools/schemas/zenodo.json .zenodo.json
	$(VENV)/bin/check-jsonschema --schemafile tools/schemas/codecheck.json codecheck.yml
	$(VENV)/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml

format: $(LINT) ## rewrite the code in the house format
	$(RUN) -m ruff format .
	$(RUN) -m ruff check --fix .
	$(RUN) tools/lint_chapters.py --fix

record: $(BOOK) ## execute the chapters again, store their outputs and publish the ledger
	$(RUN) tools/record.py
	$(RUN) tools/publish.py

redraw: $(BOOK) ## execute the chapters on other draws (SHIFT=1) and print what comes out otherwise
	$(RUN) tools/redraw.py $(SHIFT)

evidence: $(BOOK) ## measure the stored populations again, in an hour on one core
	$(RUN) tools/evidence.py --workers $(JOBS)

bench: $(BENCH) ## measure the loop against its peers, and what kernels, a sweep and a diagnosis cost
	$(RUN) -m benchmarks
	$(RUN) -m benchmarks.starts
	$(RUN) -m benchmarks.sweeps
	$(RUN) -m benchmarks.diagnosis

serve: ## show the built site on localhost
	@test -f _build/html/index.html || { echo 'there is no site yet: run "make book" first'; exit 1; }
	$(PYTHON) -m http.server --bind 127.0.0.1 --directory _build/html 8000

clean: ## remove what was built, but not the environment
	rm -rf _build .pytest_cache .mypy_cache .ruff_cache

$(RUN):
	$(PYTHON) -m venv $(VENV)

$(BOOK): pyproject.toml constraints.txt | $(RUN)
	$(RUN) -m pip install -c constraints.txt -e ".[book,test]"
	@touch $@

$(OLDEST)/.rootkappa-book: pyproject.toml tools/oldest.py
	$(PYTHON) -m venv $(OLDEST)
	$(OLDEST)/bin/python -m pip install packaging
	$(OLDEST)/bin/python tools/oldest.py > $(OLDEST)/oldest.txt
	$(OLDEST)/bin/python -m pip install -c $(OLDEST)/oldest.txt -e ".[book,test]"
	@touch $@

$(LINT): $(BOOK)
	$(RUN) -m pip install -c constraints.txt -e ".[lint]"
	@touch $@

$(PAPER): $(BOOK)
	$(RUN) -m pip install -c constraints.txt -e ".[paper]"
	@touch $@

$(BENCH): $(BOOK)
	$(RUN) -m pip install -c constraints.txt -e ".[bench]"
	@touch $@
