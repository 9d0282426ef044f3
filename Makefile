# Every target works from a fresh clone: what is missing is installed first. `make` alone lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Settings of the services: .env where there is one; `make replay NAME=value` wins over it.
-include .env
export

PYTHON ?= python3
VENV_PYTHON := .venv/bin/python
CONTAINERS := $(PYTHON) -m containers

# $(call running,THIS,THAT): THIS while there are containers of this checkout, else THAT. Before the first `make up`,
# which writes SECRETS_DIR into .env, nobody is asked.
running = $(if $(SECRETS_DIR),if $(CONTAINERS) running; then $(1); else $(2); fi,$(2))
# $(call inside,SERVICE,MODULE ARGUMENTS): a command in the container of a service, or here.
inside = $(call running,$(CONTAINERS) exec $(1) python -m $(2),$(VENV_PYTHON) -m $(2))

.PHONY: help setup demo up down restart status health logs inject jobs run-job replay evaluate llm test lint clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

setup: ## Install Python packages, Java (as root with apt-get) and jars; does nothing when all is there
	@$(PYTHON) -m local.setup

demo: setup ## Start the whole platform with traffic and two hours of history; Ctrl-C stops it
	@$(VENV_PYTHON) -m local.demo

up: ## Start the platform in containers (Docker or Podman with Compose); makes its secrets into .env first
	@$(CONTAINERS) up

down: ## Stop the containers; with DATA=1 also remove their volumes (every stored event and metric)
	@$(CONTAINERS) down $(if $(filter 1,$(DATA)),--data)

restart: ## Start containers again: make restart, or make restart SERVICE=detector
	@$(CONTAINERS) restart $(SERVICE)

status: ## Which processes of the platform answer, where, and their logs
	@$(call running,$(CONTAINERS) status,$(VENV_PYTHON) -m local.status)

health: ## A fresh health report: lag, freshness, processes, disk, each with what to do
	@$(call inside,exporters,local.health_command)

logs: ## Follow the logs: make logs, or make logs SERVICE=streaming
	@$(call running,$(CONTAINERS) logs $(SERVICE),tail -n 20 -F $(or $(DATA_DIR),data)/logs/$(or $(SERVICE),*).log)

inject: ## A fault on demand: make inject SERVICE=payments KIND=latency MINUTES=3 (also errors, drop, surge)
	@$(call inside,generator,local.inject_command "$(SERVICE)" "$(KIND)" "$(or $(MINUTES),3)")

jobs: ## The maintenance jobs: how often, when last, how they ended
	@$(call inside,exporters,local.jobs_command)

run-job: ## Run a maintenance job at once: make run-job JOB=retention
	@$(call inside,exporters,local.jobs_command "$(JOB)")

replay: setup ## Replay recorded events through the whole pipeline, isolated: make replay FILE=events.csv.gz
	@$(VENV_PYTHON) -m local.replay $(if $(FILE),"$(FILE)")

evaluate: setup ## Score the detector on labelled faults beside plain rules: make evaluate EVALUATION_SEEDS=5
	@$(VENV_PYTHON) -m evaluation

llm: ## A small language model on this machine, for those without Ollama: make llm, or make llm MODEL=path.gguf
	@$(PYTHON) -m local.llm $(if $(MODEL),"$(MODEL)")

test: setup ## Run all tests; a part of them: make test ARGS=tests/fast
	@$(VENV_PYTHON) -m pytest -n 3 --no-loadscope-reorder $(ARGS)

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
