"""A submission is put back into the instructor's cells and order; what is no notebook is said to be none."""

import copy

import pytest
from nbformat.v4 import new_code_cell

from fashionlab_grading.notebooks import Unreadable, kind, name_of, read_submission, restore


@pytest.fixture
def restored(instructor):
    """Hands in what a change makes of the released notebook, and returns what is graded and the notes."""
    released = copy.deepcopy(instructor)
    for c in released.cells:
        if kind(c) == "answer":
            c.source = "stub of " + name_of(c)

    def hand_in(change):
        student = copy.deepcopy(released)
        change(student)
        return restore(student, instructor, released)

    return hand_in


def names(nb):
    return [name_of(c) for c in nb.cells if name_of(c)]


def test_graded_cells_and_points_are_the_instructors(instructor, restored):
    def change(nb):
        for c in nb.cells:
            if kind(c) == "test":
                c.source = "%%\n"
                c.metadata.nbgrader.points = 99

    nb, notes = restored(change)
    graded = [[(c.source, c.metadata.nbgrader.points) for c in n.cells if kind(c) == "test"] for n in (nb, instructor)]
    assert graded[0] == graded[1]
    assert len(notes) == len(graded[0])


def test_deleted_and_moved_cells_come_back_in_order(instructor, restored):
    def change(nb):
        nb.cells = [c for c in nb.cells[::-1] if name_of(c) != "test-argmax"]

    nb, _ = restored(change)
    assert names(nb) == names(instructor)


def test_answers_are_the_students_and_own_cells_stay_behind_what_they_follow(restored):
    def change(nb):
        at = names_with_all(nb).index("softmax")
        nb.cells[at].source = "mine"
        nb.cells.insert(at + 1, new_code_cell("my own"))

    nb, _ = restored(change)
    at = names_with_all(nb).index("softmax")
    assert [nb.cells[at].source, nb.cells[at + 1].source] == ["mine", "my own"]


def names_with_all(nb):
    return [name_of(c) for c in nb.cells]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"%PDF-1.4", "PDF"),
        (b"PK\x03\x04", "ZIP"),
        (b"[1]", "no notebook"),
        (b'{"nbformat": 4, "cells": 3}', "format"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "bad", "source": "x", "metadata": {}}]}', "format"),
        (b"[" * 100000, "no notebook"),
    ],
    ids=["empty", "pdf", "zip", "list", "cells", "cell_type", "nested"],
)
def test_nonsense_is_unreadable_and_says_why(tmp_path, content, why):
    file = tmp_path / "first.ipynb"
    file.write_bytes(content)
    with pytest.raises(Unreadable, match=why):
        read_submission(file)
