"""Files come under the names that platforms give them, in archives that may hold anything."""

import zipfile

import pytest

from fashionlab_grading import collect
from fashionlab_grading.folder import Problem, check_identity

STUDENTS = {
    "jana": {"id": "jana", "first_name": "Jana", "last_name": "Nováková", "email": "jn@example.org", "lms_user_id": "501"},
    "li": {"id": "li", "first_name": "雷", "last_name": "李", "email": "", "lms_user_id": ""},
    "sam1": {"id": "sam1", "first_name": "Sam", "last_name": "Smith", "email": "", "lms_user_id": ""},
    "sam2": {"id": "sam2", "first_name": "Sam", "last_name": "Smith", "email": "", "lms_user_id": "777"},
}


@pytest.fixture
def items(tmp_path):
    """Makes files of these names, and returns what was handed in with them."""

    def make(*names):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x", encoding="utf-8")
        return collect.items(tmp_path)

    return make


@pytest.fixture
def found(items):
    def find(name):
        (item,) = items(name)
        return collect.Roster(STUDENTS).find(item), item.name

    return find


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Jana Nováková_9001_assignsubmission_file_/my work.ipynb", ("jana", "my work.ipynb")),
        ("course-hw1-123/Jana Nováková_9001_assignsubmission_file_/a.ipynb", ("jana", "a.ipynb")),
        ("雷 李_9001_assignsubmission_file_/a.ipynb", ("li", "a.ipynb")),
        ("Jana Nováková_9001_assignsubmission_file_a.ipynb", ("jana", "a.ipynb")),
    ],
)
def test_moodle(found, name, expected):
    assert found(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("novakovajana_501_88_hw.ipynb", ("jana", "hw.ipynb")), ("novakovajana_LATE_999_88_hw-2.ipynb", ("jana", "hw-2.ipynb"))],
)
def test_canvas(found, name, expected):
    assert found(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("jana/anything.ipynb", "anything.ipynb"), ("jana/first/first.ipynb", "first.ipynb"), ("jana.ipynb", "jana.ipynb")],
)
def test_plain_folders(found, name, expected):
    assert found(name) == ("jana", expected)


@pytest.mark.parametrize(
    ("name", "student"),
    [("Sam Smith_9_assignsubmission_file_/a.ipynb", None), ("smithsam_777_5_a.ipynb", "sam2")],  # the number says who
)
def test_a_name_that_two_students_have_is_nobodys(found, name, student):
    assert found(name)[0] == student


def test_what_systems_leave_behind_is_not_handed_in(items):
    assert items("__MACOSX/jana/a.ipynb", ".DS_Store", "jana/.ipynb_checkpoints/a.ipynb") == []


@pytest.fixture
def unpack(tmp_path):
    """Unpacks an archive with files of these names, and returns the files that are then there."""

    def make(*names, link=False):
        archive = tmp_path / "a.zip"
        with zipfile.ZipFile(archive, "w") as z:
            for name in names:
                info = zipfile.ZipInfo(name)
                if link:
                    info.external_attr = 0o120777 << 16
                z.writestr(info, "x")
        inner = tmp_path / "inner"
        inner.mkdir()
        collect.unpack(archive, inner)
        return sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file())

    return make


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/etc/evil", "C:/evil", "..\\evil"])
def test_nothing_lands_outside(unpack, tmp_path, name):
    with pytest.raises(Problem):
        unpack(name)
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["a.zip"]


def test_links_are_refused(unpack):
    with pytest.raises(Problem):
        unpack("link", link=True)


def test_folders_in_an_archive_are_kept(unpack):
    assert unpack("a/b.ipynb") == ["a.zip", "inner/a/b.ipynb"]


def test_what_is_no_archive_is_refused(tmp_path):
    (tmp_path / "a.zip").write_text("no zip", encoding="utf-8")
    with pytest.raises(Problem):
        collect.unpack(tmp_path / "a.zip", tmp_path)


@pytest.mark.parametrize("bad", ["", "..", "a/b", "a*", "x\0", " a", "[a]"])
def test_ids_that_are_no_names_of_folders_are_refused(bad):
    with pytest.raises(Problem):
        check_identity(bad)


def test_ids_of_any_script_are_taken():
    check_identity("李 雷")
