"""The challenge, as a term plays it: runs are handed in, and each gets the mark and the message that it should."""

import csv
import json
import os
import re
import stat
import subprocess
import sys
import zipfile

import pytest
from conftest import COURSE, new_course

from fashionlab_grading.entries import MARKS, RULES
from fashionlab_grading.toolbox import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sandboxes are made of what Linux has")
STUDENTS = ["ada", "big", "cheat", "copy", "forger", "late", "none", "torn"]


def go(*arguments):
    subprocess.run(["go", "run", *map(str, arguments)], cwd=ROOT, check=True, env={**os.environ, "GOMLX_BACKEND": "go"})


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Trained runs: an honest one, one with more parameters, one on the test images."""
    folder = tmp_path_factory.mktemp("runs")
    train = ["./fashion/cmd/fashion", "train", "-split-size", "60000"]
    go(*train, "-model", "softmax", "-epochs", "2", "-optimizer", "adam", "-lr", "0.005", "-run", folder / "honest")
    go(*train, "-model", "cnn", "-steps", "1", "-batch", "8", "-run", folder / "large")
    go("./lessons/grading/tests/testdata/cheat", folder / "tested")
    return folder


def files(run):
    return {name: (run / name).read_bytes() for name in ("config.json", "checkpoint.safetensors")}


def with_history(checkpoint, change):
    """A checkpoint with another history. A safetensors file is the length of its header, the header, the values."""
    size = int.from_bytes(checkpoint[:8], "little")
    header = json.loads(checkpoint[8 : 8 + size])
    info = json.loads(header["__metadata__"]["run"])
    change(info["history"])
    header["__metadata__"]["run"] = json.dumps(info)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + checkpoint[8 + size :]


def hand_in(folder, student, contents):
    (folder / student / "runs" / "mine").mkdir(parents=True)
    for name, content in contents.items():
        (folder / student / "runs" / "mine" / name).write_bytes(content)


def boast(history):
    """What a forger writes: another accuracy, no time."""
    for epoch in history["epochs"]:
        epoch["validated"], epoch["val_accuracy"] = True, 0.99
    history["wall_seconds"] = 1e-3


def marks(course):
    with (course.folder / MARKS).open(encoding="utf-8-sig", newline="") as f:
        return {row["id"]: row for row in csv.DictReader(f)}


@pytest.fixture(scope="module")
def graded(runs, tmp_path_factory):
    """A course in which everybody's entry is marked, and what the command printed."""
    course = new_course(tmp_path_factory.mktemp("term") / "course")
    for student in STUDENTS:
        course.add_student(id=student)
    command = [COURSE, "challenge", course.folder]
    first = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert first.returncode == 0, first.stdout + first.stderr
    rules = json.loads((course.folder / RULES).read_text(encoding="utf-8"))
    rules |= {"parameters": 10_000, "minutes": 20, "replayed_steps": 10, "accuracy_for_no_points": 0.5, "accuracy_for_all_points": 0.9, "images": 1000}
    (course.folder / RULES).write_text(json.dumps(rules), encoding="utf-8")

    honest, tested = files(runs / "honest"), files(runs / "tested")
    folder = tmp_path_factory.mktemp("handed in")
    hand_in(folder, "ada", honest)
    hand_in(folder, "big", files(runs / "large"))
    hand_in(folder, "cheat", tested)
    # The settings of the honest run around the weights that know the test images.
    hand_in(folder, "copy", {**tested, "config.json": honest["config.json"]})
    hand_in(folder, "forger", {**honest, "checkpoint.safetensors": with_history(honest["checkpoint.safetensors"], boast)})
    slow = with_history(honest["checkpoint.safetensors"], lambda history: history.update(wall_seconds=1300))
    (folder / "late").mkdir()
    with zipfile.ZipFile(folder / "late" / "my run.zip", "w") as z:
        for name, content in {**honest, "checkpoint.safetensors": slow}.items():
            z.writestr(f"a folder/{name}", content)
    hand_in(folder, "torn", {**honest, "checkpoint.safetensors": honest["checkpoint.safetensors"][:1000]})
    (folder / "none").mkdir()
    (folder / "none" / "config.json").write_bytes(honest["config.json"])
    done = subprocess.run([*command, folder], capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    return course, done.stdout


def test_an_honest_entry_earns_points_for_its_accuracy_on_secret_images(graded):
    course, _ = graded
    mark = marks(course)["ada"]
    accuracy = float(mark["accuracy"])
    assert 0.7 < accuracy < 0.86, mark
    assert float(mark["points"]) == pytest.approx(20 * (accuracy - 0.5) / 0.4, abs=0.051)
    assert (mark["of"], mark["parameters"], mark["problems"]) == ("20", "7850", "")


def test_forged_numbers_change_nothing(graded):
    course, _ = graded
    honest, forged = marks(course)["ada"], marks(course)["forger"]
    assert [forged[c] for c in ("points", "accuracy", "problems")] == [honest[c] for c in ("points", "accuracy", "problems")]


@pytest.mark.parametrize(("student", "why"), [
    ("big", "28938 parameters, want at most 10000"),
    ("late", "21.7 minutes of training, want at most 20"),
    ("cheat", "trained on other images than the 60000"),
    ("copy", "it was trained in another way than it says"),
    ("none", "no run was handed in"),
    ("torn", "^(?!run ).*checkpoint.safetensors"),
])
def test_what_does_not_hold_earns_nothing_and_says_why(graded, student, why):
    course, printed = graded
    mark = marks(course)[student]
    assert mark["points"] == "0"
    assert re.search(why, mark["problems"]), mark
    assert f"{student}: 0 of 20 points" in printed


def test_the_secret_is_drawn_once_and_only_the_instructor_reads_it(graded, run):
    course, printed = graded
    path = course.folder / RULES
    secret = json.loads(path.read_text(encoding="utf-8"))["secret"]
    assert len(secret) == 64 and secret not in printed
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_rules_that_cannot_be_are_named(graded, run):
    course, _ = graded
    path = course.folder / RULES
    before = path.read_text(encoding="utf-8")
    table = (course.folder / MARKS).read_bytes()
    try:
        path.write_text(json.dumps({**json.loads(before), "accuracy_for_no_points": 0.99}), encoding="utf-8")
        done = run("challenge", course.folder, "--student", "ada")
        assert done.returncode == 1 and "accuracy_for_no_points" in done.stderr, done
        assert (course.folder / MARKS).read_bytes() == table
    finally:
        path.write_text(before, encoding="utf-8")
    again = run("challenge", course.folder, "--student", "ada")
    assert again.returncode == 0 and "[1/1] ada: " in again.stdout, again
    assert (course.folder / MARKS).read_bytes() == table
