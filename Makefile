# make lab       opens the course in JupyterLab (FOLDER=DIR: another folder, such as that of your lessons)
# make homework  executes the homework, insight and tour, and writes HTML pages
# make tour      executes only the tour, which takes a minute
# make recipes   executes the notebook challenge, which takes an hour
# make site      builds the site of static pages (docs/site.md; REPOSITORY=https://github.com/OWNER/NAME for links to it)
# make readme    writes the parts of README.md that come from the notebooks, the lessons and PERFORMANCE.md
# make quick     quick tests: format, go vet and short tests on the Go backend, in a minute
# make test      all tests that do not take long: 15 to 20 minutes on two cores
# make test-all  the other tests: executes all notebooks and lessons and simulates a term, in 30 to 40 minutes
# make doctor    lists what is installed and what is missing, how to fix it, and the backend
# make setup     fills .venv; the other targets do this first, once
# make check     gofmt, go vet, staticcheck, govulncheck, ruff, mypy, actionlint; the images' files (docker/lint)
# make image     builds the image fashionlab:cpu with Docker (docker/README.md; TARGET=gpu, grade or hub for the others)
# make kernel    lets VS Code, your own JupyterLab, nbconvert and papermill use the course's kernel (docs/ways-in.md)
# make kernel-remove  removes this kernel
# make clean     removes built files, but not .venv and the trained runs
#
# For students:
# make validate FILE=2-softmax.ipynb        runs the checks before handing in
#
# For instructors (lessons/README.md walks through a term; every target takes ARGS=--help):
# make course   COURSE=DIR                  makes a course folder, or updates its sources
# make release  COURSE=DIR [ASSIGNMENT=…]   makes the students' notebooks for all assignments, or for one
# make kit      KIT=NEWDIR                  makes the copy of this repository for students
# make students COURSE=DIR [CSV=FILE]       lists the students, or adds those in a file
# make collect  COURSE=DIR ASSIGNMENT=… FROM=… [TIMES=FILE]  takes submissions from a folder or a zip file
# make grade    COURSE=DIR [ASSIGNMENT=…]   runs the submissions in sandboxes and records the marks
# make marks    COURSE=DIR                  shows the marks, and the answers to grade by hand
# make formgrader COURSE=DIR                opens nbgrader's Formgrader in the browser, to grade by hand
# make similar  COURSE=DIR ASSIGNMENT=…     makes a page with submissions that resemble each other
# make feedback COURSE=DIR [ASSIGNMENT=…]   makes a page for each student
# make export   COURSE=DIR [FORMAT=…] [FILE=FILE]  writes all marks, for FORMAT csv, moodle, canvas or gradescope
# make challenge COURSE=DIR [FROM=…]        marks the runs that students hand in for the challenge
# make lessons  [ASSIGNMENT=…]              checks the assignments: for those who change them
PYTHON ?= python3

# Everything except the set-up runs in the project's own environment, independent of the
# user's settings: $(RUN) COMMAND.
ISOLATED := "$(PYTHON)" -I -B -X utf8
RUN := .venv/bin/python -I -B -X utf8 tools/environment.py

COURSE_CMD := $(RUN) .venv/bin/course
# Stops if a required variable is missing: $(call need,COURSE,the course folder)
need = $(if $($(1)),,$(error $(1) is missing: $(2)))

.PHONY: validate course release kit students collect grade marks formgrader similar feedback export challenge lessons
.PHONY: help setup lab homework tour recipes site readme quick test test-all check doctor kernel kernel-remove image clean
help:
	@sed -n '1,/^PYTHON/s/^# \{0,1\}//p' Makefile

setup:
	@$(ISOLATED) tools/setup.py $(SETUP)

lab: setup
	@$(RUN) tools/lab $(if $(FOLDER),--folder "$(FOLDER)") $(ARGS)

# The recipe has no character that needs a shell: make passes SIGTERM on to its child, and a shell would not.
homework: setup
	@$(RUN) .venv/bin/python -P tools/notebook.py make homework insight tour --target $@

tour: setup
	@$(RUN) .venv/bin/python -P tools/notebook.py make tour --target $@

recipes: setup
	@$(RUN) .venv/bin/python -P tools/notebook.py make challenge --target $@

BRANCH ?= main
site: setup
	@$(ISOLATED) tools/setup.py --site
	@$(RUN) .venv/bin/python -P tools/website/build.py --branch "$(BRANCH)" $(if $(REPOSITORY),--repository "$(REPOSITORY)")

readme: setup
	@$(RUN) .venv/bin/python -P tools/readme.py write

quick: setup
	@$(RUN) tools/test quick

test: setup
	@$(ISOLATED) tools/setup.py --test
	@$(RUN) tools/test

test-all: setup
	@$(ISOLATED) tools/setup.py --test --site --browser
	@$(RUN) tools/test all

check: setup
	@$(ISOLATED) tools/setup.py --lint
	@$(RUN) tools/check
	@$(RUN) docker/lint

doctor:
	@$(ISOLATED) tools/doctor.py

kernel: setup
	@.venv/bin/python -I tools/kernel.py add

kernel-remove:
	@test -x .venv/bin/python || $(MAKE) setup
	@.venv/bin/python -I tools/kernel.py remove

TARGET ?= cpu
image:
	docker build -f docker/Dockerfile --target $(TARGET) -t fashionlab:$(TARGET) .

clean:
	rm -rf build notebooks/*.html

validate: setup
	$(call need,FILE,the notebook)
	@$(COURSE_CMD) validate "$(FILE)" $(ARGS)

course: setup
	$(call need,COURSE,a folder outside of this one)
	@$(COURSE_CMD) create "$(COURSE)" $(if $(OVERWRITE),--overwrite) $(ARGS)

release: setup
	$(call need,COURSE,the course folder)
	@$(COURSE_CMD) release "$(COURSE)" $(ASSIGNMENT) $(ARGS)

kit: setup
	$(call need,KIT,a new folder outside of this one)
	@$(COURSE_CMD) kit "$(KIT)" $(ARGS)

students: setup
	$(call need,COURSE,the course folder)
	@$(COURSE_CMD) students "$(COURSE)" $(if $(CSV),"$(CSV)") $(ARGS)

collect: setup
	$(call need,COURSE,the course folder)
	$(call need,ASSIGNMENT,the name of an assignment)
	$(call need,FROM,a folder or a zip file)
	@$(COURSE_CMD) collect "$(COURSE)" $(ASSIGNMENT) "$(FROM)" $(if $(TIMES),--times "$(TIMES)") $(ARGS)

grade: setup
	$(call need,COURSE,the course folder)
	@$(COURSE_CMD) grade "$(COURSE)" $(ASSIGNMENT) $(ARGS)

marks: setup
	$(call need,COURSE,the course folder)
	@$(COURSE_CMD) marks "$(COURSE)" $(ASSIGNMENT) $(ARGS)

formgrader: setup
	$(call need,COURSE,the course folder)
	@$(COURSE_CMD) formgrader "$(COURSE)" $(ARGS)

similar: setup
	$(call need,COURSE,the course folder)
	$(call need,ASSIGNMENT,the name of an assignment)
	@$(COURSE_CMD) similar "$(COURSE)" $(ASSIGNMENT) $(if $(FILE),--file "$(FILE)") $(ARGS)

challenge: setup
	$(call need,COURSE,the course folder)
	@$(COURSE_CMD) challenge "$(COURSE)" $(if $(FROM),"$(FROM)") $(ARGS)

feedback: setup
	$(call need,COURSE,the course folder)
	@$(COURSE_CMD) feedback "$(COURSE)" $(ASSIGNMENT) $(ARGS)

export: setup
	$(call need,COURSE,the course folder)
	@$(COURSE_CMD) export "$(COURSE)" $(if $(FILE)$(CSV),"$(or $(FILE),$(CSV))") $(if $(FORMAT),--format "$(FORMAT)") $(if $(ASSIGNMENT),--assignment "$(ASSIGNMENT)") $(ARGS)

lessons: setup
	@$(COURSE_CMD) check $(ASSIGNMENT) $(ARGS)
