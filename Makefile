.PHONY: run test lint client bench bench-milo calibration crash freshness setup clean

PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready

run: $(READY)
	@exec $(VENV)/bin/python -m inventory_service run

test: $(READY)
	@$(VENV)/bin/python -m pytest -n auto

lint: $(READY)
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy geo inventory_service store_sync

bench: $(READY)
	@$(VENV)/bin/python -m loadtests.bench --plot docs/performance.svg

bench-milo: $(READY)
	@$(VENV)/bin/python -m loadtests.bench --milo --soak 600 --plot docs/performance.svg

calibration: $(READY)
	@$(VENV)/bin/python -m loadtests.calibration --therapeutics ../shared/data/therapeutics --plot docs/calibration.svg

crash: $(READY)
	@$(VENV)/bin/python -m loadtests.crash --rows 1000000 --kills 30

freshness: $(READY)
	@$(VENV)/bin/python -m loadtests.freshness

client: $(READY)
	@mkdir -p build
	@$(VENV)/bin/python -m inventory_service openapi > build/openapi.json
	@$(VENV)/bin/openapi-python-client generate --path build/openapi.json --config docs/python-client.yaml \
	  --meta setup --output-path build/client --overwrite --fail-on-warning
	@echo "build/client: pip install it, or put it on PYTHONPATH, and import nearshelf_client"

setup: $(READY)

$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Nearshelf needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1)."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Prerequisites: python3 python3-venv make. On Debian: apt-get install python3 python3-venv make"; exit 1; }
	@echo "Setting up $(VENV) (once, about a minute) …"
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	@touch $@

clean:
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
