"""Files come under the names that platforms give them, in archives that may hold anything."""

import json
import os
import random
import stat
import struct
import unicodedata
import zipfile
import zlib
from pathlib import Path
from types import SimpleNamespace

import pytest

from fashionlab_grading import archive, collect
from fashionlab_grading.folder import Problem, check_identity

STUDENTS = {
    "jana": ("Jana", "Nováková", "jn@example.org", "501"),
    "ada": ("Ada", "Okafor", "ada@example.org", "9001"),
    "li": ("雷", "李", "", ""),
    "al": ("Anna-Lena", "Schmidt", "", ""),
    "lena": ("Lena", "Schmidt", "", ""),
    "sam1": ("Sam", "Smith", "", ""),
    "sam2": ("Sam", "Smith", "", "777"),
    "rama": ("रमा", "शर्मा", "", "88"),
    "S1": ("", "", "", ""),
    "s1": ("", "", "", ""),
}


def notebook(text="x", assignment="first"):
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {"fashionlab": {"assignment": assignment}}, "cells": [{"cell_type": "markdown", "source": text, "metadata": {}}]}).encode()


@pytest.fixture
def course(tmp_path):
    """As much of a course as collecting needs: its folder, assignments and students."""
    people = {i: dict(zip(("id", "first_name", "last_name", "email", "lms_user_id"), (i, *values), strict=True)) for i, values in STUDENTS.items()}

    def add_student(**values):
        people[values["id"]] = {"email": "", **values}

    folder = tmp_path / "course"
    return SimpleNamespace(folder=folder, own=folder / ".grading", known=lambda name: name, names=lambda: ["first", "second"], students=lambda: dict(people), add_student=add_student)


@pytest.fixture
def bring(course, tmp_path):
    """Collects from a zip file with these entries: names, or names and contents; returns who handed in what, and what was said."""

    def collected(*entries, add=False, title="download", change=lambda path: None):
        path = tmp_path / f"{title}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
            for entry in entries:
                name, content = entry if isinstance(entry, tuple) else (entry, notebook(str(entry)))
                z.writestr(name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name, (2026, 11, 1, 12, 0, 0)), content)
        change(path)
        lines, problems = collect.collect(course, "first", path, add)
        taken = {p.parent.parent.name: p.read_bytes() for p in (course.folder / "submitted").glob("*/*/*") if p.name != "timestamp.txt"}
        return taken, lines, problems

    return collected


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("Jana Nováková_9001_assignsubmission_file_/my work.ipynb", "jana"),  # 9001 is a participant's number, and ada's elsewhere
        ("Jana Nováková_9001_assignsubmission_file/my work.ipynb", "jana"),
        ("Jana Nováková_9001_assignsubmission_file_/folder/my work.ipynb", "jana"),
        ("Nováková, Jana_9001_assignsubmission_file_/a.ipynb", "jana"),
        ("JANA NOVÁKOVÁ_9001_assignsubmission_file_a.ipynb", "jana"),
        (unicodedata.normalize("NFD", "Jana Nováková") + "_1_assignsubmission_file_/a.ipynb", "jana"),
        ("雷 李_9001_assignsubmission_file_/a.ipynb", "li"),
        ("李雷_9001_assignsubmission_file_/a.ipynb", "li"),
        ("Gruppe A-Jana Nováková_9001_assignsubmission_file_/a.ipynb", "jana"),
        ("Skupina - 1-Jana Nováková_9001_assignsubmission_file_/a.ipynb", "jana"),
        ("Výchozí skupina-Jana Nováková_9001_assignsubmission_file_a.ipynb", "jana"),
        ("download/Jana Nováková_9001_assignsubmission_file_/a.ipynb", "jana"),
        ("novakovajana_501_88_hw.ipynb", "jana"),
        ("novakovajana_LATE_501_88_hw-2.ipynb", "jana"),
        ("janamarianovak_501_88_hw.ipynb", "jana"),
        ("schmidt_annalena_17_88_hw.ipynb", "al"),
        ("शर्मारमा_88_5_a.ipynb", "rama"),
        ("शर्मा रमा_7_assignsubmission_file_/a.ipynb", "rama"),
        ("smithsam_777_5_a.ipynb", "sam2"),  # the number says who of two with one name
        ("jana/anything.ipynb", "jana"),
        ("jana/first/first.ipynb", "jana"),
        ("jana.ipynb", "jana"),
        ("jn@example.org/a.ipynb", "jana"),
        ("S1/a.ipynb", "S1"),
        ("s1/a.ipynb", "s1"),
        ("jana\\first\\first.ipynb", "jana"),
    ],
)
def test_the_platform_names_the_student(bring, name, student):
    taken, _, problems = bring(name)
    assert list(taken) == [student], problems
    assert problems == []


FORGED = [
    "x_9001_assignsubmission_file_first.ipynb",
    "Ada Okafor_9001_assignsubmission_file_/first.ipynb",
    "Ada Okafor_9001_assignsubmission_file_first.ipynb",
    "okaforada_9001_5_first.ipynb",
    "ada.ipynb",
    "ada/first/first.ipynb",
    "../ada/first.ipynb",
    "..\\ada\\first.ipynb",
    "x-Ada Okafor.ipynb",
]
OUTER = ["Jana Nováková_17_assignsubmission_file_/", "Jana Nováková_17_assignsubmission_file_", "novakovajana_501_88_", "novakovajana_LATE_501_88_", "jana/", "jana/first/", "nobody/", "Nobody At All_4_assignsubmission_file_/"]


@pytest.mark.parametrize("add", [False, True])
@pytest.mark.parametrize("outer", OUTER)
@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize("own", [True, False])
def test_nobody_hands_in_for_somebody_else(bring, outer, forged, own, add):
    adas = {"J": "Ada Okafor_18_assignsubmission_file_/a.ipynb", "N": "Ada Okafor_18_assignsubmission_file_/a.ipynb", "n": "okaforada_9001_4_a.ipynb", "j": "ada/a.ipynb"}[outer[0]] if outer != "nobody/" else "ada/a.ipynb"
    taken, lines, problems = bring((outer + forged, notebook("forged")), *([(adas, notebook("hers"))] if own else []), add=add)
    assert taken.get("ada") == (notebook("hers") if own else None)
    assert lines or problems
    if notebook("forged") not in taken.values():
        assert any(f"{who}" in p for who in ("Jana", "jana", "Nobody", "nobody") for p in problems)


@pytest.mark.parametrize(
    ("names", "both"),
    [
        (["Sam Smith_9_assignsubmission_file_/a.ipynb"], ["sam1", "sam2"]),
        (["Ada Okafor_1_assignsubmission_file_/a.ipynb", "Ada Okafor_2_assignsubmission_file_/a.ipynb"], ["number 1", "number 2"]),
        (["Anna-Lena Schmidt_1_assignsubmission_file_/a.ipynb"], ["al", "lena"]),
        (["okaforada_8_5_a.ipynb"], ["number 8", "ada", "9001"]),
        (["okaforada_501_5_a.ipynb"], ["ada", "jana"]),
        (["li_1_2_501_88_9001_5_a.ipynb"], ["ada", "jana"]),
        (["Ada/a.ipynb", "ADA/a.ipynb"], ["Ada", "ADA"]),
        (["Jana Nováková/a.ipynb", "Jana Novakova/a.ipynb"], ["Nováková", "Novakova"]),
        (["okaforada_9001_5_a.ipynb", "jana.ipynb", "li.ipynb"], ["okaforada", "ada"]),  # among plain names a student's own may look so
    ],
)
def test_where_there_is_doubt_nothing_is_taken_and_both_are_named(bring, names, both):
    taken, _, problems = bring(*names)
    assert "ada" not in taken and "al" not in taken
    assert set(taken) <= {"jana", "li"} - set(both)
    for who in both:
        assert who in problems[0]


def test_groups_are_known_by_all_names_having_one(bring):
    taken, _, problems = bring("Anna-Lena Schmidt_1_assignsubmission_file_/a.ipynb", "Ada Okafor_2_assignsubmission_file_/a.ipynb")
    assert set(taken) == {"al", "ada"}
    assert problems == []


@pytest.mark.parametrize(
    ("title", "outer", "inner", "expected"),
    [
        ("hw1", "hw1/", "jana/a.ipynb", {"jana"}),
        ("hw1 (2)", "hw1/hw1/", "novakovajana_501_88_a.ipynb", {"jana"}),
        ("jana", "jana/", "ada.ipynb", {"jana"}),
        ("a", "alice/", "ada.ipynb", set()),
        ("alice-and-others", "alice/", "okaforada_9001_5_a.ipynb", set()),
        ("hw1", "Jana Nováková_9_assignsubmission_file_/", "ada/a.ipynb", {"jana"}),
    ],
)
def test_only_a_folder_named_as_the_download_is_around_all(bring, title, outer, inner, expected):
    assert set(bring(outer + inner, title=title)[0]) == expected


def test_two_of_one_name_are_both_added(bring, course):
    taken, _, problems = bring("Kim Lee_31_assignsubmission_file_/a.ipynb", "Kim Lee_32_assignsubmission_file_/a.ipynb", add=True)
    assert set(taken) == {"Kim Lee 31", "Kim Lee 32"}
    assert problems == []
    assert {course.students()[s]["lms_user_id"] for s in taken} == {""}  # the number is of this assignment only


def test_a_team_is_no_student(bring, course):
    taken, _, problems = bring("Default group_assignsubmission_file_/a.ipynb", add=True)
    assert taken == {}
    assert "team" in problems[0]
    assert set(course.students()) == set(STUDENTS)


def entry(name, **values):
    info = zipfile.ZipInfo("placeholder", (2026, 11, 1, 12, 0, 0))
    info.filename = info.orig_filename = name
    for key, value in values.items():
        setattr(info, key, value)
    return info


def nested(*names, name="work.zip"):
    def made(path):
        inner = path.with_name(name)
        with zipfile.ZipFile(inner, "w") as z:
            for n in names:
                z.writestr(n, notebook(n))
        data = inner.read_bytes()
        inner.unlink()
        return data

    return made


def encrypt(path):
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    struct.pack_into("<H", data, at + 8, struct.unpack_from("<H", data, at + 8)[0] | 1)
    path.write_bytes(data)


def corrupt(path):
    with zipfile.ZipFile(path) as z:
        info = z.infolist()[-1]
    data = bytearray(path.read_bytes())
    at = info.header_offset + 30 + len(info.orig_filename.encode()) + 3
    data[at] ^= 0xFF
    path.write_bytes(data)


def undated(path):
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    struct.pack_into("<HH", data, at + 12, 0, 0)
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("odd", "change"),
    [
        ("ada/a.ipynb", undated),
        ("ada/./a.ipynb", None),
        ("./ada/a.ipynb", None),
        ("ada//a.ipynb", None),
        ("ada\\a.ipynb", None),
        ("ada/" + "я" * 150 + ".ipynb", None),
        ("ada/" + "x" * 5000 + ".ipynb", None),
        ("ada/a\x1b[31m\n.ipynb", None),
        (("ada/work.zip", nested("a.ipynb")(Path("/tmp/x"))), None),
        (("ada/work.zip", nested("folder/a.ipynb", "__MACOSX/._a.ipynb")(Path("/tmp/x"))), None),
    ],
)
def test_what_is_odd_is_mended(bring, odd, change):
    taken, lines, problems = bring("jana/a.ipynb", odd, change=change or (lambda path: None))
    assert set(taken) == {"jana", "ada"}
    assert problems == []
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize(
    ("odd", "change"),
    [
        ("ada/a.ipynb", encrypt),
        ("ada/a.ipynb", corrupt),
        ("ada/../a.ipynb", None),
        ("ada/../../a.ipynb", None),
        ("/ada/a.ipynb", None),
        ("C:/ada/a.ipynb", None),
        ("..\\ada", None),
        (".", None),
        ("\0", None),
        (entry("ada/a.ipynb", external_attr=(stat.S_IFLNK | 0o777) << 16), None),
        (entry("ada/a.ipynb", external_attr=(stat.S_IFIFO | 0o777) << 16), None),
        (("ada/a.ipynb", bytes(archive.MAX_FILE + 1)), None),
        ("nobody/a.ipynb", None),
        ("राम शर्मा_7_assignsubmission_file_/a.ipynb", None),  # other vowels, another person
        (("ada/.DS_Store", b"x"), None),
    ],
    ids=lambda v: getattr(v, "__name__", repr(v))[:30],  # an address in an id would differ between the processes of pytest-xdist
)
def test_what_cannot_be_taken_is_named_and_the_others_are_taken(bring, tmp_path, odd, change):
    odd = odd if isinstance(odd, tuple) else (odd, notebook())
    before = set(tmp_path.rglob("*"))
    taken, _, problems = bring("jana/a.ipynb", odd, change=change or (lambda path: None))
    assert list(taken) == ["jana"]
    assert len(problems) == 1
    assert problems[0].isprintable()
    outside = {p for p in set(tmp_path.rglob("*")) - before if not p.is_relative_to(tmp_path / "course")}
    assert outside == {tmp_path / "download.zip"}


def test_a_damaged_zip_file_of_a_students_own_is_kept_and_named(bring):
    data = nested("a.ipynb")(Path("/tmp/x"))[:-30]
    taken, lines, problems = bring(("ada/work.zip", data), "jana/a.ipynb")
    assert taken["ada"] == data
    assert "no zip file" in problems[0] and "no notebook" in " ".join(lines)


@pytest.mark.parametrize("size", [1, 22, -22, -1])
def test_a_part_of_a_zip_file_is_refused(bring, size):
    with pytest.raises(Problem, match="Download it again"):
        bring("jana/a.ipynb", change=lambda path: path.write_bytes(path.read_bytes()[:size]))


@pytest.mark.parametrize("form", ["flagged", "utf-8", "unicode path"])
def test_names_in_utf8_are_read_as_such(bring, course, form):
    name = "Jana Nováková_9_assignsubmission_file_/řešení.ipynb"

    def change(path):
        # The two names of the entry, in the file and in its directory, are as long as the placeholders.
        data = path.read_bytes()
        path.write_bytes(data.replace(b"P" * len(name.encode()), name.encode()))

    if form == "flagged":
        taken, lines, problems = bring(name)
    elif form == "utf-8":
        taken, lines, problems = bring(("P" * len(name.encode()), notebook()), change=change)
    else:
        extra = struct.pack("<BI", 1, zlib.crc32(b"Jana.ipynb")) + name.encode()
        taken, lines, problems = bring(entry("Jana.ipynb", extra=struct.pack("<HH", 0x7075, len(extra)) + extra))
    assert list(taken) == ["jana"], problems
    assert lines == ["jana: řešení.ipynb"]


def test_the_last_notebook_of_this_assignment_counts_and_the_others_are_named(bring):
    taken, lines, _ = bring(
        ("okaforada_9001_5_a.ipynb", notebook("first")), ("okaforada_9001_6_a-1.ipynb", notebook("second")),
        ("okaforada_9001_7_notes-99.pdf", b"%PDF"), ("okaforada_9001_8_lab-7.ipynb", notebook("other", "second")))
    assert taken["ada"] == notebook("second")
    for name in ("a.ipynb", "notes-99.pdf", "lab-7.ipynb"):
        assert name in lines[0]


def test_duplicates_in_a_zip_file_are_two_files_of_one_student(bring):
    with pytest.warns(UserWarning, match="Duplicate"):
        taken, lines, problems = bring("ada/a.ipynb", ("ada/a.ipynb", b"second"), "ada/A.ipynb", "jana/a.ipynb")
    assert set(taken) == {"ada", "jana"}
    assert problems == []
    assert "not taken" in lines[0]


def test_much_is_read_of_nobody(bring, monkeypatch):
    monkeypatch.setattr(collect, "MAX_STUDENT", 1000)
    monkeypatch.setattr(collect, "MAX_FILES", 8)
    taken, _, problems = bring(*((f"ada/{i}.ipynb", notebook("x" * 300)) for i in range(12)), "jana/a.ipynb")
    assert set(taken) == {"ada", "jana"}
    assert all(p.startswith("ada: ") for p in problems)
    assert any("4 of 12" in p for p in problems) and any("MB" in p for p in problems)


def test_what_is_handed_in_anew_replaces_what_is_kept(bring, course):
    bring(("ada/a.ipynb", b"old"))
    assert bring(("ada/a.ipynb", b"old"))[1] == ["ada: as it was"]
    taken, lines, _ = bring(("ada/a.ipynb", b"new"))
    assert taken["ada"] == b"new"
    assert "handed in anew" in lines[0]
    assert (course.own / "earlier" / "ada" / "first-1" / "first.ipynb").read_bytes() == b"old"


def test_links_in_a_folder_are_not_followed(course, tmp_path):
    folder = tmp_path / "in"
    (folder / "ada").mkdir(parents=True)
    (folder / "jana").mkdir()
    (folder / "jana" / "a.ipynb").write_bytes(notebook())
    (tmp_path / "secret.ipynb").write_bytes(notebook("secret"))
    (folder / "ada" / "a.ipynb").symlink_to(tmp_path / "secret.ipynb")
    (folder / "li").symlink_to(tmp_path)
    os.mkfifo(folder / "ada" / "pipe")
    _, problems = collect.collect(course, "first", folder, False)
    assert [p.name for p in (course.folder / "submitted").iterdir()] == ["jana"]
    assert sorted(p[:4] for p in problems) == ["ada:", "ada:", "li: "]
    assert sum("it is a link" in p for p in problems) == 2


def test_what_systems_leave_behind_is_not_handed_in(bring):
    with pytest.raises(Problem, match="no files"):
        bring("__MACOSX/jana/a.ipynb", ".DS_Store", "._jana.ipynb")


def test_damaged_zip_files_raise_nothing_unexpected(bring, tmp_path, course):
    """Bytes of a zip file are changed at random; whatever comes of it, only students of the course are written to."""
    random.seed(20261129)
    names = ["Jana Nováková_9_assignsubmission_file_/a.ipynb", "okaforada_9001_5_a.ipynb", "li/x.zip", "sam1\\a.ipynb"]
    bring(*((n, nested("a.ipynb")(tmp_path / "n") if n.endswith("zip") else notebook(n)) for n in names))
    good = (tmp_path / "download.zip").read_bytes()
    for number in range(400):
        data = bytearray(good)
        for _ in range(random.randint(1, 8)):
            data[random.choice([random.randrange(len(data)), random.randrange(good.index(b"PK\x01\x02"), len(data))])] = random.randrange(256)
        (tmp_path / "fuzz.zip").write_bytes(data[: random.choice([len(data), random.randrange(len(data))])])
        try:
            lines, problems = collect.collect(course, "first", tmp_path / "fuzz.zip", False)
        except Problem:
            continue
        assert lines or problems, number
        assert all(l.isprintable() for l in lines + problems), (number, lines, problems)
    assert {p.name for p in (course.folder / "submitted").iterdir()} <= set(STUDENTS)
    assert {p.name for p in tmp_path.iterdir()} == {"course", "download.zip", "fuzz.zip"}


@pytest.mark.parametrize("name", ["я" * 150 + ".ipynb", "x" * 300, "." * 300, "a." + "x" * 300, "timestamp.txt", "..", "a/b\\c\n\x1b", "\udce9.pdf", ""])
def test_names_of_files_are_shortened_and_keep_their_ending(tmp_path, name):
    made = collect.safe(name)
    (tmp_path / made).write_text("x")
    assert len(made.encode()) <= 200
    assert made.isprintable() and made != "timestamp.txt"
    if name.endswith(".ipynb"):
        assert made.endswith(".ipynb")


@pytest.mark.parametrize("bad", ["", "..", "a/b", "a*", "x\0", " a", "[a]", "a\x1b[31m", "a\u202eb", "я" * 101])
def test_ids_that_are_no_names_of_folders_are_refused(bad):
    with pytest.raises(Problem):
        check_identity(bad)


def test_ids_of_any_script_are_taken():
    check_identity("李 雷")
