# Every target does its own set-up: Python 3.11 or newer and make are all that a fresh machine needs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO := .grader/demo
SECRETS ?= 100

.PHONY: demo test oracle exam bench template picture figures clean

demo: $(VENV)/author.stamp
	@rm -rf $(DEMO) && mkdir -p $(DEMO)
	@$(BIN)/grader demo $(DEMO)/class --styles tests/variants $$($(BIN)/python tests/core_topics.py)
	@$(BIN)/grader grade $(DEMO)/class --out $(DEMO)/results $$($(BIN)/python tests/core_topics.py)
	@echo "One full report, as its student reads it: $(BIN)/grader show $(DEMO)/results/reports/bela.json"

test: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 4 --dist worksteal

oracle: $(VENV)/oracles.stamp
	$(BIN)/python -m pytest -m oracle tests/oracles
	$(BIN)/python -m pytest -m oracle -n 4 --dist worksteal --ignore tests/oracles

exam: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -m slow
	$(BIN)/python -m pytest tests/attacks
	$(BIN)/python tests/exam/exam.py --secrets $(SECRETS) --resume .grader/exam

picture: $(VENV)/dev.stamp
	$(BIN)/python tests/picture.py .github/report.svg

figures: $(VENV)/author.stamp
	$(BIN)/python exercises/figures.py

bench: $(VENV)/dev.stamp
	$(BIN)/python tests/bench/bench.py
	$(BIN)/python tests/bench/forks.py

template: $(VENV)/author.stamp
	rm -rf .grader/template && $(BIN)/grader release --fresh .grader/template
	rm -rf student_template && mv .grader/template student_template

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/author.stamp: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[author]'
	@touch $@

$(VENV)/dev.stamp: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/author.stamp

$(VENV)/oracles.stamp: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'torch==2.13.0' --editable '.[dev,oracles]'
	@touch $@ $(VENV)/dev.stamp $(VENV)/author.stamp

clean:
	rm -rf $(VENV) .grader build *.egg-info
