# Two commands do everything: `make demo` and `make test`. Both need only Python 3.11 or newer and make.
PYTHON ?= python3
UV := .venv/bin/uv
RUN := .venv/bin/python -m
# Compiled modules are kept, whatever the environment says: the tests start the program a few hundred times.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test pictures format benchmark clean

demo: .venv/ready
	.venv/bin/zusage demo

test: .venv/ready
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(RUN) tests.chromium
	.venv/bin/coverage erase
	.venv/bin/coverage run -m pytest -n 2 --dist worksteal
	ZUSAGE_TEST_DATABASE=postgresql $(RUN) pytest -n 2 --dist worksteal tests/web tests/journeys/test_told_in_browser.py tests/journeys/test_waves_in_browser.py
	.venv/bin/coverage combine -q
	.venv/bin/coverage report --fail-under=90

# The pictures of the README anew, from the example firm.
pictures: .venv/ready
	$(RUN) tests.chromium
	ZUSAGE_SHOTS=docs/pictures $(RUN) pytest -q tests/journeys/test_pictures.py tests/core/test_letters_pictures.py

format: .venv/ready
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

benchmark: .venv/ready
	$(RUN) benchmarks.run

.venv/ready: pyproject.toml uv.lock
	$(PYTHON) -m venv .venv
	$(RUN) pip install --quiet "uv>=0.9,<1"
	$(UV) sync --quiet --frozen --inexact --all-groups --all-extras
	@touch $@

clean:
	rm -rf .venv dist .coverage* .pytest_cache .mypy_cache .ruff_cache .hypothesis result
