"""What students get: the repository without solutions and hidden checks."""

from pathlib import Path

import pytest

from fashionlab_grading.folder import Problem
from fashionlab_grading.kit import kit, sources


def test_what_students_get_compiles_and_holds_no_solutions(tmp_path):
    target = tmp_path / "kit"
    kit(target)
    files = {p.relative_to(target).as_posix(): p.read_text(errors="replace", encoding="utf-8") for p in target.rglob("*") if p.is_file()}
    assert "Makefile" in files
    assert (target / "data/fashion/train-images-idx3-ubyte.gz").stat().st_size > 26_000_000
    assert not [name for name in files if name.startswith("lessons/source") or name.startswith("lessons/") and name.count("/") == 1 and name.endswith("_test.go")]
    assert not [name for name, text in files.items() if name.endswith(".go") and "Further(" in text and "grading" not in name]
    assert "func CheckSoftmax(" in files["lessons/softmax.go"]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine").write_text("x", encoding="utf-8")
    with pytest.raises(Problem):
        kit(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]


def test_what_graded_programs_are_built_from_is_a_part_of_what_students_get(tmp_path):
    kit(tmp_path / "kit")
    sources(tmp_path / "sources")
    names = [p.relative_to(tmp_path / "sources") for p in (tmp_path / "sources").rglob("*") if p.is_file()]
    assert {Path("go.mod"), Path("go.sum"), Path("lessons/softmax.go"), Path("fashion/model.go")} <= set(names)
    for name in names:
        assert (tmp_path / "kit" / name).read_bytes() == (tmp_path / "sources" / name).read_bytes(), name
