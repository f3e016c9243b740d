"""What students get: the repository without solutions, references and hidden checks."""

import json
import os
import re
import subprocess

import pytest

from fashionlab_grading.folder import Problem
from fashionlab_grading.kit import graded, kit
from fashionlab_grading.toolbox import ROOT

# Checks of numbers, of texts that only nil will do for, and of a function that gets a function.
USES_THE_CHECKS = """package main

import (
	"fmt"
	"math"

	"fashionlab/lessons"
)

func main() {
	fmt.Println(lessons.CheckScale(func(pixels []byte) []float64 {
		out := make([]float64, len(pixels))
		for i, v := range pixels {
			out[i] = float64(v) / 255
		}
		return out
	}))
	fmt.Println(lessons.CheckSoftmax(func(z []float64) []float64 {
		out, sum := make([]float64, len(z)), 0.0
		for _, v := range z {
			sum += math.Exp(v)
		}
		for i, v := range z {
			out[i] = math.Exp(v) / sum
		}
		return out
	}))
	fmt.Println(lessons.CheckShape(func([]byte) []int { return nil }))
}
"""


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    """The kit."""
    folder = tmp_path_factory.mktemp("students") / "kit"
    kit(folder)
    return folder


def test_what_students_get_holds_no_solutions_and_no_hidden_checks(target):
    files = {p.relative_to(target).as_posix(): p.read_text(errors="replace", encoding="utf-8") for p in target.rglob("*") if p.is_file()}
    assert "Makefile" in files
    assert (target / "data/fashion/train-images-idx3-ubyte.gz").stat().st_size > 26_000_000
    left_out = ("lessons/source/", "lessons/answers/", "lessons/grading/tests/")
    assert not [name for name in files if name.startswith(left_out) or name.endswith("_test.go") or "/testdata/" in name]
    assert not [name for name, text in files.items() if name.endswith(".go") and "Further(" in text and "grading" not in name]
    assert "func CheckSoftmax(" in files["lessons/softmax.go"]


def test_no_program_of_a_student_can_link_a_function_of_the_answers(target):
    answers = set()
    for path in (ROOT / "lessons" / "answers").glob("*.go"):
        if not path.name.endswith("_test.go"):
            answers |= functions(path.read_text(encoding="utf-8"))
    students = set()
    for path in (target / "lessons").glob("*.go"):
        students |= functions(path.read_text(encoding="utf-8"))
    assert len(answers) > 50
    # Helpers without an answer in them may have the same name.
    assert answers & students <= {"firstError", "newRandom", "total", "alike", "each", "show"}


def functions(source):
    """The names of the functions that a file declares."""
    return {line[len("func "):].split("(")[0].split("[")[0] for line in source.splitlines() if line.startswith("func ") and not line.startswith("func (")}


def test_the_checks_of_the_students_copy_work(target):
    main = target / "build" / "uses"
    main.mkdir(parents=True)
    (main / "main.go").write_text(USES_THE_CHECKS, encoding="utf-8")
    done = subprocess.run(["go", "run", "./build/uses"], cwd=target, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    right, overflow, nothing = done.stdout.splitlines()
    assert right == "<nil>"
    assert overflow.startswith("Softmax([1000 1001 999]) is [NaN NaN NaN], expected [0.2447 0.6652 0.09003]: probably because e^1001 is more than a float64 holds")
    assert "this is a proper file" in nothing


def test_each_check_of_the_students_copy_has_its_table(target):
    tables = {p.stem for p in (target / "lessons" / "tables").glob("*.json")}
    text = "".join(p.read_text(encoding="utf-8") for p in (target / "lessons").glob("*.go"))
    assert tables == {part.split('"')[1] for part in text.split("checkTable(")[1:] if part.startswith('"')}
    for path in (target / "lessons" / "tables").glob("*.json"):
        assert json.loads(path.read_text(encoding="utf-8"))["generated"].endswith("DO NOT EDIT.")


def test_the_readme_of_the_students_copy_links_to_files_that_are_there(target):
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", (target / "README.md").read_text(encoding="utf-8"))
    assert len(links) > 10
    assert [link for link in links if not (target / link).exists()] == []


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine").write_text("x", encoding="utf-8")
    with pytest.raises(Problem):
        kit(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]


@pytest.fixture(scope="module")
def outline(tmp_path_factory):
    """What graded programs are built from."""
    folder = tmp_path_factory.mktemp("graded") / "outline"
    graded(folder)
    return folder


def test_graded_programs_are_built_from_packages_that_have_every_exported_name(outline):
    def exported(package, folder):
        done = subprocess.run(["go", "doc", "-all", package], cwd=folder, capture_output=True, encoding="utf-8", env={**os.environ, "GOWORK": "off"})
        assert done.returncode == 0, done.stderr
        return {line.split("//")[0].strip() for line in done.stdout.splitlines() if line.startswith("func ")}

    for package in ["./fashion", "./plots", "./plots/display", "./lessons"]:
        there = {head.split("(")[0] if not head.startswith("func (") else head.split(")")[1].split("(")[0] for head in exported(package, outline)}
        assert there == {head.split("(")[0] if not head.startswith("func (") else head.split(")")[1].split("(")[0] for head in exported(package, ROOT)}
        assert there


ASKS_THE_LIBRARY = """package main

import (
	"encoding/json"
	"fmt"

	"fashionlab/fashion"
)

func main() {
	fmt.Println(fashion.CNN() == nil, fashion.CNNv1() == nil)
	t := fashion.NewTensor(1, 2)
	fmt.Println(t == nil, t.Softmax() == nil)
	model := fashion.NewModel("m", fashion.Block("b", fashion.Conv2D(1, 2, 3, fashion.Padding(1)), fashion.ReLU()), fashion.Flatten(), fashion.Linear(1568, 10))
	fmt.Println(model.NumParameters())
	text, err := json.Marshal(model)
	fmt.Println(string(text), err)
	read := &fashion.Model{}
	fmt.Println(read.UnmarshalJSON(text), read.Name() == "")
}
"""


def test_in_graded_programs_models_are_described_and_nothing_is_computed(outline):
    main = outline / "asks"
    main.mkdir()
    (main / "main.go").write_text(ASKS_THE_LIBRARY, encoding="utf-8")
    done = subprocess.run(["go", "run", "./asks"], cwd=outline, capture_output=True, encoding="utf-8", env={**os.environ, "GOWORK": "off"})
    assert done.returncode == 0, done.stderr
    zoo, tensors, parameters, described, read = done.stdout.splitlines()
    assert (zoo, tensors, parameters, read) == ("true true", "true true", "0", "<nil> true")
    assert '"kind":"Conv2d","in":1,"out":2,"kernel":3,"stride":1,"padding":1' in described


def test_what_graded_programs_can_reach_computes_nothing(outline):
    """Neither the library's inner functions nor a module that could stand in for them is there."""
    text = "".join(p.read_text(encoding="utf-8") for p in (outline / "fashion").rglob("*.go"))
    assert "math.Exp(" not in text and "kernels.ReLU" not in text and "graph." in text
    modules = (outline / "modules").read_text(encoding="utf-8")
    described = [p.relative_to(outline).as_posix() for p in (outline / "download").rglob("*") if p.is_file()]
    assert "/gofrs/flock@" in modules and any("/gofrs/flock/@v/" in name for name in described)
    assert {name.rpartition(".")[2] for name in described} == {"mod", "info", "ziphash"}  # and no sources
    assert not [name for name in ("gomlx", "gonum.org/v1", "go-xla") if f"/{name}" in (modules + "\n".join(described)).replace("/gomlx-", "")]
    assert not list(outline.glob("lessons/tables/*")) and not list(outline.glob("lessons/models/*"))


def test_the_list_of_what_works_names_functions_that_there_are(outline, tmp_path):
    works = tmp_path / "works.txt"
    works.write_text("fashion.Nothing\n", encoding="utf-8")
    done = subprocess.run(["go", "run", "./lessons/grading/outline", works, tmp_path / "out"], cwd=ROOT, capture_output=True, encoding="utf-8")
    assert done.returncode != 0 and "there is no function fashionlab/fashion.Nothing" in done.stderr
    assert not (tmp_path / "out").exists()
