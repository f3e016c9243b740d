"""What a submission that stalls costs: its own points, and no more time than the course has set."""

import os
import re
import time

import nbformat
import pytest
from conftest import verdicts

from fashionlab_grading import grade, sanitise
from fashionlab_grading.assignment import prepare
from fashionlab_grading.execute import SPARE, Options, Run
from fashionlab_grading.grade import Grading
from fashionlab_grading.notebooks import kind
from fashionlab_grading.toolbox import Toolbox

# What connects to all checks at once, and sends each what it is asked to.
EVERY_CHECK = """func init_stall() {
	known, _ := os.ReadFile("/proc/net/unix")
	for _, word := range strings.Fields(string(known)) {
		if strings.HasPrefix(word, "@check") {
			go func() {
				c, err := net.Dial("unix", word)
				if err != nil {
					return
				}
				DOES
			}()
		}
	}
	WAITS
}"""
SLOWLY = "c.Write([]byte{0, 0, 1, 0, 'H'})\n\t\t\t\tfor {\n\t\t\t\t\tc.Write([]byte{0x81})\n\t\t\t\t\ttime.Sleep(200 * time.Millisecond)\n\t\t\t\t}"
SILENTLY = "io.Copy(io.Discard, c)"


def connecting(does, waits="select {}"):
    return EVERY_CHECK.replace("DOES", does).replace("WAITS", waits)


@pytest.fixture(scope="module")
def tools():
    return Toolbox(print)


def begin(nb, code, only=""):
    """Puts statements at the beginning of the answers, or of one."""
    for cell in nb.cells:
        if kind(cell) == "answer" and only in cell.source:
            cell.source = re.sub(r"^(func [A-Z]\w*\(.*\{)$", lambda m: f"{m[1]}\n{code}", cell.source, flags=re.MULTILINE)


def graded(nb, tools, **options):
    options = Options(**{"cell": 8, "total": 24, **options})
    began = time.monotonic()
    record = Run(nb, prepare("first", nb, tools), tools, options).execute()
    return record, time.monotonic() - began


# Each stall takes the whole time: make test has two that differ, make test-all all of them.
ALL = pytest.mark.skipif(not os.environ.get("FASHIONLAB_ALL"), reason="takes half a minute: FASHIONLAB_ALL=1 runs it")


@pytest.mark.parametrize("stall", [
    pytest.param(lambda nb: begin(nb, "\ttime.Sleep(7 * time.Second)"), id="each call takes long"),
    pytest.param(lambda nb: begin(nb, "\ttime.Sleep(time.Hour)"), id="no call returns", marks=ALL),
    pytest.param(lambda nb: begin(nb, "\tgo func() { select {} }()\n\tfor {\n\t}"), id="each call computes", marks=ALL),
    pytest.param(lambda nb: nb.cells.insert(2, nbformat.v4.new_code_cell(connecting(SLOWLY))), id="a byte each time"),
    pytest.param(lambda nb: nb.cells.insert(2, nbformat.v4.new_code_cell(connecting(SILENTLY))), id="silence", marks=ALL),
    pytest.param(lambda nb: [nb.cells.insert(2, nbformat.v4.new_code_cell(f"var wait{i} = func() int {{ time.Sleep(time.Minute); return 1 }}()")) for i in range(5)], id="each cell sleeps", marks=ALL),
])
def test_a_submission_that_stalls_is_over_when_its_time_is(instructor, tools, stall):
    stall(instructor)
    record, seconds = graded(instructor, tools)
    assert record.passed == verdicts(False, False)
    # The sandbox's end, which its own watchdog brings about, and a busy machine.
    assert seconds < 24 + SPARE + 40


def test_a_function_that_takes_long_costs_its_own_points_only(instructor, tools):
    begin(instructor, "\ttime.Sleep(3 * time.Second)", "func Softmax")
    record, _ = graded(instructor, tools, total=120)
    assert record.passed == verdicts(softmax=False)
    [softmax] = [c for c in instructor.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "test-softmax"]
    assert "the check was stopped after 8 s: all its calls together take longer than a cell may" in softmax.outputs[0].text


HUGE = {
    "a long result": "\treturn make([]float64, 1<<22)",
    "a long argument": "\treturn append(logits, make([]float64, 1<<24)...)",
}


@pytest.mark.parametrize("body", HUGE.values(), ids=HUGE.keys())
def test_a_huge_answer_is_refused_with_its_size(instructor, tools, body):
    begin(instructor, body, "func Softmax")
    record, _ = graded(instructor, tools, cell=60, total=120)
    assert record.passed == verdicts(softmax=False)
    [softmax] = [c for c in instructor.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "test-softmax"]
    assert re.search(r"its result: \d+\.\d MiB in one message, and at most 16 MiB are taken", softmax.outputs[0].text)


FLOOD = """c.Write([]byte{0xff, 0xff, 0xff, 0, 'H'})
				block := make([]byte, 1<<20)
				for i := range block {
					block[i] = 0x80
				}
				copy(block, []byte{0x81, 0x9a, 0, 0x0f, 0xff, 0xff})
				for {
					if _, err := c.Write(block); err != nil {
						return
					}
				}"""


def test_a_flood_into_all_checks_at_once_passes_none(instructor, tools):
    instructor.cells.insert(2, nbformat.v4.new_code_cell(connecting(FLOOD, "time.Sleep(5 * time.Second)")))
    record, _ = graded(instructor, tools, cell=60, total=60)
    assert record.passed == verdicts(False, False)


def test_texts_that_take_long_to_render_are_shown_as_they_are(monkeypatch):
    monkeypatch.setattr(grade, "RENDERING", 0.5)
    brackets = "[" * (sanitise.MAX_RENDERED - 1)
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(brackets) for _ in range(100)])
    nothing = nbformat.v4.new_notebook()
    grading = Grading.__new__(Grading)
    grading.instructor = grading.released = nothing
    began = time.monotonic()
    grading.settle(nb, grade.Record())
    assert time.monotonic() - began < 40
    assert nb.cells[-1].source == sanitise.fenced(brackets)
