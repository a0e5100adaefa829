# Every target calls dev.py, which needs Python alone: `python3 dev.py help`.
#   make scan ARGS="--top 5"    make test ARGS="-k risk"    make bench-scan QUICK=1

# A complete environment answers at once; otherwise whichever Python the machine offers.
PYTHON ?= $(if $(wildcard .venv/dev-stamp),$(or $(realpath .venv/bin/python),python3),python3)
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup scan test lint types quality docs lock clean

help setup scan test lint types quality docs lock clean:
	@$(PYTHON) dev.py $@ $(ARGS)

bench-%:
	@$(PYTHON) dev.py bench $* $(ARGS)
