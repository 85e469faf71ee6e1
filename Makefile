# Xunshan: one command per task, nothing hidden behind it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
WEB    := field_api/web

# Compiled once, not at the start of every process: machines may switch that off for everybody.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test bench soak lint fmt lock web wheel image sbom licences clean system-packages

help:  ## List the tasks
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | expand -t 18

demo: $(VENV)/.run web  ## Install, start everything and open the console (DEMO="--port 8700" passes options)
	$(BIN)/xunshan demo $(DEMO)

test: system-packages $(VENV)/.dev web  ## Install and run the whole suite
	@# Types take one processor; the pages' own tests have the other meanwhile.
	@$(MAKE) --no-print-directory lint & lint=$$!; trap 'kill $$lint 2>/dev/null' INT TERM; \
	  ( cd $(WEB) && PATH="$(NODE_PATH_PREFIX)$$PATH" npm run --silent test ); web=$$?; \
	  wait $$lint && [ $$web = 0 ]
	$(TEST_FILES) $(BIN)/python -m pytest -n 3 --dist worksteal tests -m "not serial" --durations 25
	@# Flights wait for their aircraft, pages for their browser: side by side they fill two processors.
	@( $(SERIAL) -n 3 --dist worksteal tests/fleet tests/interop && $(SERIAL) $(STORY) ) > $(FLIGHTS) 2>&1 & flights=$$!; \
	  trap 'kill $$flights 2>/dev/null' INT TERM; \
	  $(SERIAL) tests --durations 10 --ignore tests/fleet --ignore tests/interop --ignore $(STORY); pages=$$?; \
	  wait $$flights; flown=$$?; cat $(FLIGHTS); [ $$pages = 0 ] && [ $$flown = 0 ]

SERIAL   = $(TEST_FILES) $(BIN)/python -m pytest -m serial
STORY   := tests/browser/test_story.py
FLIGHTS := $(VENV)/flights.log

# Tests keep their files in memory where there is room: how fast a disk is proves nothing.
TEST_FILES := $(shell [ "$$(df -k --output=avail /dev/shm 2>/dev/null | tail -1)" -gt 4000000 ] 2>/dev/null && echo PYTEST_DEBUG_TEMPROOT=/dev/shm)

bench: system-packages $(VENV)/.dev web  ## Measure the budget table of the architecture page
	$(BIN)/python -m tests.benchmarks

soak: $(VENV)/.dev web  ## Long runs under faults
	$(BIN)/python -m pytest -n 2 -q tests/soak

lint: $(VENV)/.dev  ## Formatting, lint, types and import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

fmt: $(VENV)/.dev  ## Format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:  ## Pin and hash every dependency again
	$(BIN)/uv pip compile -q pyproject.toml --generate-hashes --no-emit-index-url -o requirements/run.txt
	$(BIN)/uv pip compile -q pyproject.toml --extra dev --generate-hashes --no-emit-index-url -c requirements/run.txt -o requirements/dev.txt
	$(BIN)/uv pip compile -q pyproject.toml --extra release --generate-hashes --no-emit-index-url -c requirements/dev.txt -o requirements/release.txt

# --- Releases -------------------------------------------------------------------------------
wheel: $(VENV)/.dev web  ## Build the installable package into dist/, web pages inside
	$(BIN)/uv build -q --wheel --build-constraints requirements/release.txt --require-hashes -o dist .

image: wheel  ## Build the container image xunshan:VERSION (podman, buildah or docker)
	PYTHON=$(abspath $(BIN))/python deploy/build-image

sbom: $(VENV)/.dev web  ## Write the bill of materials, dist/xunshan.cdx.json (CycloneDX)
	$(BIN)/python -m release.sbom dist/xunshan.cdx.json

licences: $(VENV)/.dev web  ## Check every licence shipped and write docs/licences.md
	$(BIN)/python -m release.licences

# --- Python -------------------------------------------------------------------------------
$(BIN)/uv: requirements/bootstrap.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Xunshan needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Try: make PYTHON=python3.11"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { \
	  echo "No virtual environment could be made here. On Debian: apt-get install python3-venv"; exit 2; }
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt

$(VENV)/.run: $(BIN)/uv requirements/run.txt pyproject.toml
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/run.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps -e .
	touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt requirements/release.txt requirements/mavproxy.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/dev.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/release.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --require-hashes -r requirements/mavproxy.txt
	touch $@

# --- Web: Node from the system where it is new enough, else from its PyPI wheel -----------
NODE_OK := $(shell node -e 'process.exit(+process.versions.node.split(".")[0] >= 20 ? 0 : 1)' 2>/dev/null && command -v npm >/dev/null && echo yes)
ifeq ($(NODE_OK),yes)
NODE_STAMP :=
NODE_PATH_PREFIX :=
else
NODE_STAMP := $(VENV)/.node
NODE_PATH_PREFIX := $(abspath $(BIN)):
endif

$(VENV)/.node: $(BIN)/uv requirements/node.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/node.txt
	touch $@

WEB_SOURCES := $(shell find $(WEB) -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)

web: $(WEB)/dist/.built  ## Build the console and the handheld page

$(WEB)/node_modules/.installed: $(WEB)/package-lock.json | $(NODE_STAMP)
	cd $(WEB) && PATH="$(NODE_PATH_PREFIX)$$PATH" npm ci --no-audit --no-fund --loglevel=error
	touch $@

$(WEB)/dist/.built: $(WEB)/node_modules/.installed $(WEB_SOURCES)
	cd $(WEB) && PATH="$(NODE_PATH_PREFIX)$$PATH" npm run --silent build
	touch $@

# --- Debian: a browser with a Chinese font, a database server, a broker -------------------
system-packages:
	@command -v chromium >/dev/null && fc-list 2>/dev/null | grep -qi wqy && command -v nats-server >/dev/null \
	  && command -v janus >/dev/null && ls /usr/lib/*/girepository-1.0/GstRtspServer-1.0.typelib >/dev/null 2>&1 \
	  && ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { \
	  if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-wqy-zenhei \
	      fontconfig postgresql nats-server janus python3-gi gir1.2-gst-rtsp-server-1.0 \
	      gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly >/dev/null; \
	  else echo "Tests of browser, PostgreSQL, workers, Janus and RTSP cameras will be skipped: install" \
	    "chromium, fonts-wqy-zenhei, postgresql, nats-server, janus, python3-gi, gir1.2-gst-rtsp-server-1.0," \
	    "gstreamer1.0-plugins-base, -good and -ugly to run them."; fi; }

clean:  ## Remove everything that can be made again
	rm -rf $(VENV) $(WEB)/node_modules $(WEB)/dist dist var .pytest_cache .ruff_cache .hypothesis
