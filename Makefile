# make lab       opens the course in JupyterLab
# make homework  executes the homework's notebook, and those that look at its networks, and leaves HTML pages
# make tour      executes the tour only, which takes a minute
# make test      tests everything
# make doctor    says what is installed, which backend computes, and how to mend what is missing
# make setup     what lab, homework and test do first: fills .venv, once
# make check     gofmt, go vet, staticcheck
# make clean     removes what was built; .venv and the trained runs stay
PYTHON ?= python3

# Cells and tests use the processor's vector instructions also in GoMLX's own
# Go backend, where Go offers it (2.5 times faster; see fashion/PERFORMANCE.md).
SIMD := $(shell [ "$$(go env GOARCH 2>/dev/null)" = amd64 ] && GOEXPERIMENT=simd go version >/dev/null 2>&1 && echo simd)
ifneq ($(SIMD),)
export GOEXPERIMENT := $(SIMD)
endif
# Jupyter's configuration of this project only; nothing is fetched while it runs.
export JUPYTER_CONFIG_DIR := $(CURDIR)/.venv/etc/jupyter
export JUPYTER_DATA_DIR := $(CURDIR)/.venv/share/jupyter
export GOMLX_NO_AUTO_INSTALL := 1

.PHONY: help setup lab homework tour test check doctor clean
help:
	@sed -n 's/^# make /make /p' Makefile

setup:
	@$(PYTHON) tools/setup.py

lab: setup
	@tools/lab $(ARGS)

# Executes notebooks/$(1).md with the options $(2), and exports and checks what comes out.
define notebook
	@.venv/bin/python -P tools/notebook.py execute notebooks/$(1).md $(2)
	@.venv/bin/python -P tools/notebook.py export notebooks/$(1).ipynb
	@.venv/bin/python -P tools/notebook.py check notebooks/$(1).ipynb
endef

homework: setup
	$(call notebook,homework)
	$(call notebook,insight,--runs-of notebooks/homework.md)
	$(call notebook,tour)

tour: setup
	$(call notebook,tour)

test: setup
	@tools/test

check: setup
	@$(PYTHON) tools/setup.py --lint
	@tools/check

doctor:
	@$(PYTHON) tools/doctor.py

clean:
	rm -rf build notebooks/*.html
