"""The points, links and numbers that the text of a lesson states are those of its cells and outputs."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from fashionlab_grading import texts
from fashionlab_grading.assignment import read_instructor
from fashionlab_grading.folder import SOURCES

LESSONS = sorted(p.stem for p in SOURCES.glob("*.md"))


@pytest.fixture(scope="session")
def lesson():
    """Reads a lesson's instructor's version, anew for each test."""
    return lambda name: read_instructor(SOURCES / f"{name}.md")


@pytest.mark.parametrize("name", LESSONS)
def test_the_points_in_a_lessons_text_are_those_of_its_cells(name, lesson):
    assert texts.points(lesson(name)) == []


@pytest.mark.parametrize("name", LESSONS)
def test_links_of_a_lesson_work_after_the_release(name, lesson):
    assert texts.links(lesson(name), LESSONS) == []


@pytest.mark.parametrize("name", LESSONS)
def test_the_numbers_in_a_lessons_text_are_vouched_for(name, lesson):
    assert texts.numbers(lesson(name), SOURCES / f"{name}.checks.toml") == []


def changed(nb, old, new):
    """A lesson in whose text, which holds old once, something else stands."""
    cells = [c for c in nb.cells if c.cell_type == "markdown" and old in c.source]
    assert len(cells) == 1
    cells[0].source = cells[0].source.replace(old, new)
    return nb


CHECKS = """
given = [28]

[[number]]
says = 'got ([\\d,]+) right'
cell = 'count()'
pattern = '(\\d+) of'
stored = 1686

[[number]]
says = 'about two in three'
cell = 'count()'
pattern = '(\\d+) of'
stored = 1686
times = 0.0004
between = [0.6, 0.7]

[[number]]
says = 'with ([\\d.]+) nats'
computed = 'log(10)'
"""


@pytest.fixture
def small(tmp_path):
    """A text with numbers, and its rules."""
    (tmp_path / "x.checks.toml").write_text(CHECKS, encoding="utf-8")
    return lambda text: texts.numbers(new_notebook(cells=[new_markdown_cell(text)]), tmp_path / "x.checks.toml")


RIGHT = "Images of 28×28 pixels. It got\n1,686 right, about two in three, with 2.30 nats."


def test_a_text_whose_numbers_agree_is_right(small):
    assert small(RIGHT) == []


@pytest.mark.parametrize("old, new, message", [
    ("1,686", "1,687", "stored output is 1686"),
    ("2.30", "2.31", "what is computed is 2.30259"),
    ("28×28", "28×29", "nothing vouches for the number 29"),
    ("got\n1,686", "has\n1,686", "no text fits"),
    ("two in three", "three in three", "no text fits"),
])
def test_a_number_changed_by_hand_is_noticed(small, old, new, message):
    assert any(message in w for w in small(RIGHT.replace(old, new)))


def test_the_sentence_of_a_wrong_number_is_named(small):
    assert any('the text says "It got 1,687 right, about two in three, with 2.30 nats."' in w for w in small(RIGHT.replace("1,686", "1,687")))
    assert any('number 29 in the text "Images of 28×29 pixels."' in w for w in small(RIGHT.replace("28×28", "28×29")))


def test_a_rule_vouches_for_the_place_that_it_fits_only(small):
    assert len(small(RIGHT + " Later it got 1,686.")) == 1


SEVERAL = """
[[number]]
says = 'from ([\\d.]+) to ([\\d.]+)'
computed = '(1 / 2, 2 / 3)'

[[number]]
says = 'over (\\d+) seeds'
measured = 8

[[number]]
says = 'the best is ([\\d.]+)'
cell = 'count()'
pattern = 'accuracy ([\\d.]+)'
of = "largest"
"""


@pytest.mark.parametrize("text, wrong", [
    ("from 0.5 to 0.67 over 8 seeds; the best is 0.9", ""),
    ("from 0.5 to 0.66 over 8 seeds; the best is 0.9", "what is computed is 0.5 and 0.666667"),
    ("from 0.5 to 0.67 over 9 seeds; the best is 0.9", "what was measured is 8"),
    ("from 0.5 to 0.67 over 8 seeds; the best is 0.8", "the output is 0.9"),
])
def test_a_rule_has_several_numbers_or_a_measured_one_or_the_largest_of_an_output(tmp_path, text, wrong):
    (tmp_path / "x.checks.toml").write_text(SEVERAL, encoding="utf-8")
    cell = new_code_cell("%%\ncount()", outputs=[new_output("stream", text="accuracy 0.8\naccuracy 0.90\naccuracy 0.7")])
    found = texts.numbers(new_notebook(cells=[new_markdown_cell(text), cell]), tmp_path / "x.checks.toml")
    assert len(found) == bool(wrong) and all(wrong in f for f in found)


def test_a_number_in_words_has_a_range(small, tmp_path):
    (tmp_path / "x.checks.toml").write_text(CHECKS.replace("times = 0.0004", "times = 0.0005"), encoding="utf-8")
    assert any("not between 0.6 and 0.7" in w for w in small(RIGHT))


@pytest.mark.parametrize("shown, wrong", [("1686 of 2500", 0), ("1687 of 2500", 0), ("1690 of 2500", 1), ("none", 2)])
def test_the_output_of_an_executed_lesson_is_compared_with_its_text(tmp_path, shown, wrong):
    (tmp_path / "x.checks.toml").write_text(CHECKS, encoding="utf-8")
    cell = new_code_cell("%%\ncount()", outputs=[new_output("stream", text=shown)])
    nb = new_notebook(cells=[new_markdown_cell(RIGHT), cell])
    assert len(texts.executed(nb, tmp_path / "x.checks.toml")) == wrong


def test_points_in_a_heading_that_are_not_those_of_its_cells_are_noticed(lesson):
    assert any("its graded cells have 4 points" in w for w in texts.points(changed(lesson("5-backpropagation"), "### Exercise 3: backward (4 points)", "### Exercise 3: backward (5 points)")))


def test_a_wrong_sum_of_points_is_noticed(lesson):
    assert any("the graded cells have 21" in w for w in texts.points(changed(lesson("5-backpropagation"), "**Points:** 21 in all", "**Points:** 20 in all")))


def test_a_link_to_a_source_is_noticed(lesson):
    assert len(texts.links(changed(lesson("5-backpropagation"), "../glossary.md", "6-hidden-layer.md"), LESSONS)) == 1
