# Everything a newcomer needs: `make demo` and `make test` set up by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test torture bench bench-quick lint catalogue clean

demo: $(READY)
	@$(BIN)/rakuten-orders demo

test: $(READY)
	@$(BIN)/pytest $(PYTEST_ARGS)

# Processes killed, calls faulted, disks full; `make torture SEED=7` repeats a run, `KILLS=1000` makes it longer.
torture: $(READY)
	@PYTHONPATH=tests $(BIN)/python -m torture $(addprefix --seed ,$(SEED)) $(addprefix --kills ,$(KILLS)) $(TORTURE_ARGS)

# What the engine costs against code written by hand, and what others cost on the same work: bench/README.md.
bench: bench/.venv/.ready
	@bench/.venv/bin/python -m bench $(BENCH_ARGS)

# The same in less than a minute, without the others.
bench-quick: $(READY)
	@$(BIN)/python -m bench --quick $(BENCH_ARGS)

lint: $(READY)
	@$(BIN)/ruff check engine tests bench
	@$(BIN)/ruff format --check engine tests bench
	@$(BIN)/mypy
	@$(BIN)/yamllint --strict rules carriers.d engine

# What is derived from carriers.d/: its table, and the report of what overlaps. To be run, and read, after a change there.
catalogue: $(READY)
	@{ sed '/^<!-- table: carriers -->$$/q' carriers.d/CATALOGUE.md; $(BIN)/rakuten-orders carriers list --markdown; } \
	  > carriers.d/.catalogue && mv carriers.d/.catalogue carriers.d/CATALOGUE.md || { rm -f carriers.d/.catalogue; exit 1; }
	@$(BIN)/rakuten-orders carriers overlaps > tests/snapshots/overlaps.txt

clean:
	rm -rf $(VENV) bench/.venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Done once, and again only when what it depends on changed.
$(READY): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "Python is missing: install Python 3.11 or newer (Debian and Ubuntu: apt-get install python3 python3-venv)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$$($(PYTHON) --version) is too old: install Python 3.11 or newer, or name one with make PYTHON=python3.12." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "This Python has no venv module: install it (Debian and Ubuntu: apt-get install python3-venv)." >&2; exit 1; }
	@echo "Setting up $(VENV) (once) ..." >&2
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt pip
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --group dev --editable .
	@touch $(READY)

# What the measured things are compared with has no business in the project's own environment.
bench/.venv/.ready: $(READY) bench/peers.txt
	@echo "Setting up bench/.venv (once) ..." >&2
	@$(PYTHON) -m venv --clear bench/.venv
	@bench/.venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt pip
	@bench/.venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
	  --requirement bench/peers.txt --editable .
	@touch $@
