# Every target works from a fresh clone: what is missing is installed first. `make` alone lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Settings of the services: .env where there is one; `make replay NAME=value` wins over it.
-include .env
export

PYTHON ?= python3
VENV_PYTHON := .venv/bin/python

.PHONY: help setup replay test lint clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

setup: ## Install Python packages, Java (as root with apt-get) and jars; does nothing when all is there
	@$(PYTHON) -m local.setup

replay: setup ## Replay recorded events through the whole pipeline, isolated: make replay FILE=events.csv.gz
	@$(VENV_PYTHON) -m local.replay $(if $(FILE),"$(FILE)")

test: setup ## Run all tests; a part of them: make test ARGS=tests/fast
	@$(VENV_PYTHON) -m pytest $(ARGS)

lint: setup ## Check style, format and types
	@$(VENV_PYTHON) -m ruff check .
	@$(VENV_PYTHON) -m ruff format --check .
	@$(VENV_PYTHON) -m mypy

clean: ## Remove what setup and the tools made; with DATA=1 also ./data (every stored event and metric)
	@echo "Removing .venv, .cache and the tools' caches"
	@rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
ifeq ($(DATA),1)
	@echo "Removing ./data"
	@rm -rf data
endif
