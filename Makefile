# Every target sees to the packages that it needs; only Python 3.11 and make must be there.
.DEFAULT_GOAL := help
.PHONY: help demo run test test-sqlite test-postgresql soak check check-types check-style bench screenshots lock clean-demo

python := .venv/bin/python
# Many tests wait for processes that they started: three at once keep two cores busy.
parallel := --numprocesses 3 --dist worksteal
# Dozens of processes start in a demo and in the tests. Each would compile every module anew, for seconds, where the
# environment forbids compiled files; so they are kept, but in .venv and not beside the sources.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/compiled
# Checks read settings; this keeps them away from the real state folder.
scratch := SKYLEDGER_STATE=.venv/scratch

help: ## explain every target
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/demo.installed ## show a sample organisation: emulator, workers and pages; Ctrl-C ends it, and it may be started again
	@$(python) -m demo

run: .venv/runtime.installed ## run the product against your own AWS accounts
	@$(python) -m config.serve

test: test-postgresql test-sqlite ## run every test on PostgreSQL and SQLite, with real workers, the emulator and Chromium

test-sqlite: .venv/all.installed ## run every test on SQLite
	@scripts/install_chromium.sh
	$(python) -m pytest $(parallel)

test-postgresql: .venv/all.installed ## run the tests that need a database, and in the browser the journeys alone, on PostgreSQL
	@scripts/install_chromium.sh
	$(python) -m pytest $(parallel) --database=postgresql -m "not browser or journey"

soak: .venv/all.installed ## random schedules of faults for MINUTES=40, then 100 killed workers; DATABASE=postgresql for the other database
	@rm -f .venv/soak.txt
	PROOF_MINUTES=$(or $(MINUTES),40) PROOF_REPORT=.venv/soak.txt PROOF_KILLS=100 $(python) -m pytest $(parallel) \
		--override-ini faulthandler_timeout=0 --database=$(or $(DATABASE),sqlite) tests/proof/soak.py tests/proof/test_workers_die.py
	@cat .venv/soak.txt

check: check-types check-style ## look for mistakes without running anything: style, types, imports, templates, migrations, security

check-types: .venv/all.installed ## of these checks the one that takes longest: types
	$(scratch) $(python) -m mypy

check-style: .venv/all.installed ## of these checks all but types
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	.venv/bin/lint-imports
	.venv/bin/djlint --quiet --check --lint templates
	$(scratch) $(python) manage.py makemigrations --check --dry-run
	$(scratch) PUBLIC_URL=https://ledger.example.com $(python) manage.py check --deploy --fail-level WARNING

bench: .venv/all.installed ## measure snapshots and pages against plain boto3 and an exact COUNT; small sizes with: make bench QUICK=1
	@$(python) -m bench $(if $(QUICK),--quick)

screenshots: .venv/all.installed ## take the pictures of the README anew, of the demo's pages
	@$(python) -m tests.pictures

lock: .venv/all.installed ## write the lists of pinned packages anew from requirements/*.in; newer ones with: make lock UPGRADE=--upgrade
	@cd requirements && \
	compile="../$(python) -m uv pip compile --quiet --universal --python-version 3.11 --no-annotate --custom-compile-command" && \
	$$compile "make lock" $(UPGRADE) --output-file ../requirements.txt all.in && \
	for list in runtime demo test; do \
		rm -f $$list.txt && $$compile "make lock" --constraint ../requirements.txt --output-file $$list.txt $$list.in || exit 1; \
	done

clean-demo: ## forget the sample organisation: remove its state folder, and never that of a real ledger
	@state="$${SKYLEDGER_STATE:-.state}"; \
	if [ ! -e "$$state" ]; then echo "There is no $$state."; \
	elif [ -e "$$state/demo.json" ]; then rm -rf "$$state"; \
	else echo "$$state does not hold the sample organisation: it stays." >&2; exit 1; fi

.venv/all.installed: requirements.txt
	@scripts/install.sh $<
	@touch $@

.venv/%.installed: requirements/%.txt
	@scripts/install.sh $<
	@touch $@
