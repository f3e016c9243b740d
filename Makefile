# make lab       opens the course in JupyterLab
# make homework  executes the homework's notebook, and those that look at its networks, and leaves HTML pages
# make tour      executes the tour only, which takes a minute
# make test      tests everything
# make doctor    says what is installed, which backend computes, and how to mend what is missing
# make setup     what lab, homework and test do first: fills .venv, once
# make check     gofmt, go vet, staticcheck
# make image     builds the image fashionlab:cpu with Docker (docker/README.md; TARGET=gpu, grade or hub for the others)
# make clean     removes what was built; .venv and the trained runs stay
#
# For students:
# make validate FILE=2-softmax.ipynb        runs the checks before handing in
#
# For instructors (lessons/README.md walks through a term; every target takes ARGS=--help):
# make course   COURSE=DIR                  makes a course folder, or brings its sources up to date
# make release  COURSE=DIR [ASSIGNMENT=…]   makes the students' notebooks: of all, or of one
# make kit      KIT=NEWDIR                  makes the copy of this repository that students get
# make students COURSE=DIR [CSV=FILE]       lists the students, or adds those in a file
# make collect  COURSE=DIR ASSIGNMENT=… FROM=…  takes submissions from a folder or a zip file
# make grade    COURSE=DIR [ASSIGNMENT=…]   runs the submissions in sandboxes and records the marks
# make marks    COURSE=DIR                  shows the marks, and what is to be graded by hand
# make feedback COURSE=DIR [ASSIGNMENT=…]   makes a page for each student
# make export   COURSE=DIR [CSV=FILE]       writes all marks to a CSV file
# make lessons  [ASSIGNMENT=…]              checks the assignments: for those who change them
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

COURSE_PY := .venv/bin/python -P lessons/grading/course.py
# What make cannot do without: $(call need,COURSE,the course folder)
need = $(if $($(1)),,$(error $(1) is missing: $(2)))

.PHONY: validate course release kit students collect grade marks feedback export lessons
.PHONY: help setup lab homework tour test check doctor image clean
help:
	@sed -n '1,/^PYTHON/s/^# \{0,1\}//p' Makefile

setup:
	@$(PYTHON) tools/setup.py $(SETUP)

lab: setup
	@tools/lab $(ARGS)

# No character that needs a shell: make passes SIGTERM on to what it started, and a shell would not.
homework: setup
	@.venv/bin/python -P tools/notebook.py make homework insight tour --target $@

tour: setup
	@.venv/bin/python -P tools/notebook.py make tour --target $@

test: setup
	@tools/test

check: setup
	@$(PYTHON) tools/setup.py --lint
	@tools/check

doctor:
	@$(PYTHON) tools/doctor.py

TARGET ?= cpu
image:
	docker build -f docker/Dockerfile --target $(TARGET) -t fashionlab:$(TARGET) .

clean:
	rm -rf build notebooks/*.html

validate: setup
	$(call need,FILE,the notebook)
	@$(COURSE_PY) validate "$(FILE)" $(ARGS)

course: setup
	$(call need,COURSE,a folder outside of this one)
	@$(COURSE_PY) create "$(COURSE)" $(if $(OVERWRITE),--overwrite) $(ARGS)

release: setup
	$(call need,COURSE,the course folder)
	@$(COURSE_PY) release "$(COURSE)" $(ASSIGNMENT) $(ARGS)

kit: setup
	$(call need,KIT,a new folder outside of this one)
	@$(COURSE_PY) kit "$(KIT)" $(ARGS)

students: setup
	$(call need,COURSE,the course folder)
	@$(COURSE_PY) students "$(COURSE)" $(if $(CSV),"$(CSV)") $(ARGS)

collect: setup
	$(call need,COURSE,the course folder)
	$(call need,ASSIGNMENT,the name of an assignment)
	$(call need,FROM,a folder or a zip file)
	@$(COURSE_PY) collect "$(COURSE)" $(ASSIGNMENT) "$(FROM)" $(ARGS)

grade: setup
	$(call need,COURSE,the course folder)
	@$(COURSE_PY) grade "$(COURSE)" $(ASSIGNMENT) $(ARGS)

marks: setup
	$(call need,COURSE,the course folder)
	@$(COURSE_PY) marks "$(COURSE)" $(ASSIGNMENT) $(ARGS)

feedback: setup
	$(call need,COURSE,the course folder)
	@$(COURSE_PY) feedback "$(COURSE)" $(ASSIGNMENT) $(ARGS)

export: setup
	$(call need,COURSE,the course folder)
	@$(COURSE_PY) export "$(COURSE)" $(if $(CSV),"$(CSV)") $(ARGS)

lessons: setup
	@$(COURSE_PY) check $(ASSIGNMENT) $(ARGS)
