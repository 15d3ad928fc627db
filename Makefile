# Every target prepares what it needs; see infra/README.md. Needed: python3 >= 3.11 and make.
PYTHON ?= python3
ARGS ?=
PERSONA ?= administrator
DIRECTORY ?=
DATABASE ?=
RUN := .venv/bin/python
RELEASE := $(RUN) -m release
DEVSTACK := $(RUN) -m devstack $(if $(DIRECTORY),--directory $(DIRECTORY))
# Two test processes, each with servers of its own; a file's tests stay together and in order.
TWO_AT_ONCE := -n 2 --dist loadfile --no-loadscope-reorder
MYPY_PATHS := shared/auditor/src shared/contracts/src shared/servicekit/src \
	services/assessment/src services/content/src services/notification/src \
	services/people/src services/portal/src services/workflow/src \
	infra/devstack/src infra/release/src demo/src tests docs

.DEFAULT_GOAL := help
.PHONY: help setup demo test up down status logs token lint docs bench screenshots chaos drill soak sbom \
	vulnerabilities release-notes environment

help: ## list these targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:[^#]*## /\t/' | \
		while IFS='	' read -r name text; do printf '  make %-15s %s\n' "$$name" "$$text"; done

setup: environment ## fetch everything, so that the rest works without a network
	@$(RUN) -m devstack artifacts > /dev/null
	@PYTHONPATH=tests $(RUN) -m support.npm_packages
	@PYTHONPATH=tests $(RUN) -m support.go_tools

demo: environment ## run a whole introduction on sample data (ARGS="--units 200", --keep)
	@$(RUN) -m demo $(ARGS)

test: environment ## run the tests on real servers (ARGS="tests/unit -k name")
	@$(RUN) -m pytest $(if $(ARGS),$(ARGS),tests --ignore=tests/chaos $(TWO_AT_ONCE))

up: environment ## start the stack and print every address (ARGS="--traces --metrics")
	@$(DEVSTACK) up $(ARGS)

down: environment ## stop the stack; its data stay (ARGS=--delete-data)
	@$(DEVSTACK) down $(ARGS)

status: environment ## list the stack's processes
	@$(DEVSTACK) status $(ARGS)

logs: environment ## show a process's log (ARGS="assessment-api -f")
	@$(DEVSTACK) logs $(ARGS)

token: environment ## print a bearer token (PERSONA=administrator)
	@$(DEVSTACK) token $(PERSONA)

lint: environment ## check style, types, import rules and licence notices
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy $(MYPY_PATHS)
	@.venv/bin/lint-imports
	@.venv/bin/reuse lint --quiet

docs: environment ## write the generated references, schemas and samples
	@$(RUN) docs/generate.py

bench: environment ## measure rates and ratios; writes bench.json
	@$(RUN) tests/bench/run.py $(ARGS)

capacity: environment ## load each kind of work up to its knee (6 minutes); writes docs/capacity.md
	@PYTHONPATH=tests $(RUN) -m bench.capacity $(ARGS)

drill: environment ## destroy a stack's databases, restore them, write a signed report
	@PYTHONPATH=tests $(RUN) -m drill $(ARGS)

screenshots: environment ## take pictures of the portal's pages, of a demo that was kept
	@PYTHONPATH=tests $(RUN) -m screenshots $(ARGS)

chaos: environment ## faults, restarts and upgrades under load: docs/chaos.md (ARGS="-k outage")
	@REQUIRE_STACK=1 $(RUN) -m pytest tests/chaos $(ARGS)

soak: environment ## a steady load for hours: memory, files, old rows (ARGS="--minutes 120")
	@PYTHONPATH=tests $(RUN) -m soak $(ARGS)

sbom: environment ## write a bill of materials of each image and wheel to dist/sbom
	@$(RELEASE).sbom

vulnerabilities: environment ## compare the lock file with a database (DATABASE=all.zip)
	@$(RELEASE).vulnerabilities $(DATABASE)

release-notes: environment ## write dist/release-notes.md (ARGS="--since v0.1.0 --key FILE")
	@$(RELEASE).notes $(ARGS)

environment:
	@$(PYTHON) infra/bootstrap.py
