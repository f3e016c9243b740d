"""Lists of students are read as spreadsheets, Moodle and Canvas write them."""

import csv
import io

import pytest

from fashionlab_grading import roster
from fashionlab_grading.folder import Problem, create

PEOPLE = [("s01", "Ada", "Okafor", "ada@example.org"), ("s02", "Žofie", "Nováková", "zofie@example.org"), ("s03", "Ann\nMarie", "O'Neil, Jr.", "ann@example.org")]
EXPECTED = [("s01", "Ada", "Okafor", "ada@example.org"), ("s02", "Žofie", "Nováková", "zofie@example.org"), ("s03", "Ann Marie", "O'Neil, Jr.", "ann@example.org")]
HEADERS = {
    "own": ["id", "first_name", "last_name", "email"],
    "English": ["ID number", "First name", "Last name", "Email address"],
    "German": ["ID-Nummer", "Vorname", "Nachname", "E-Mail-Adresse"],
    "French": ["Numéro d'identification", "Prénom", "Nom de famille", "Adresse de courriel"],
    "Spanish": ["Número de ID", "Nombre", "Apellido(s)", "Dirección de correo"],
    "Italian": ["Codice identificativo", "Nome", "Cognome", "Indirizzo email"],
    "Dutch": ["ID-nummer", "Voornaam", "Achternaam", "E-mailadres"],
    "Czech": ["Identifikační číslo", "Křestní jméno", "Příjmení", "E-mailová adresa"],
    "Polish": ["Numer ID", "Imię", "Nazwisko", "Adres e-mail"],
    "Russian": ["Идентификационный номер", "Имя", "Фамилия", "Адрес электронной почты"],
    "Chinese": ["学号", "名", "姓", "电子邮件地址"],
}


@pytest.fixture
def read(tmp_path):
    """Reads a file with this content."""

    def students(content):
        file = tmp_path / "class.csv"
        file.write_bytes(content)
        people, lines = roster.read(file)
        return [(p["id"], p["first_name"], p["last_name"], p["email"]) for p in people], lines, people

    return students


def written(rows, delimiter=",", ends="\r\n", quoting=csv.QUOTE_MINIMAL):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=ends, quoting=quoting).writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(("ends", "quoting"), [("\n", csv.QUOTE_MINIMAL), ("\r\n", csv.QUOTE_MINIMAL), ("\r\n", csv.QUOTE_ALL), ("\r", csv.QUOTE_ALL)])
def test_separators_marks_and_line_ends(read, encoding, delimiter, ends, quoting):
    assert read(written([HEADERS["own"], *PEOPLE], delimiter, ends, quoting).encode(encoding))[0] == EXPECTED


@pytest.mark.parametrize("language", HEADERS)
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_columns_in_the_platforms_languages(read, language, delimiter):
    people, lines, _ = read(written([[*HEADERS[language], "Groups"], *[[*p, "A"] for p in PEOPLE]], delimiter).encode("utf-8-sig"))
    assert people == EXPECTED
    assert lines == ["Columns that are not used: Groups"]


def test_a_line_for_excel_is_no_student(read):
    assert read(b"sep=;\r\n" + written([HEADERS["own"], *PEOPLE], ";").encode())[0] == EXPECTED


def test_windows_1252_is_read_and_said(read):
    people, lines, _ = read(written([HEADERS["German"], ("1", "Zoë", "Müller", "z@example.org")], ";").encode("cp1252"))
    assert people == [("1", "Zoë", "Müller", "z@example.org")]
    assert "Windows-1252" in lines[0]


CANVAS = [
    ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "2-softmax (77)", "Final Score"],
    ["    Points Possible", "", "", "", "", "20", "(read only)"],
    ["Okafor, Ada", "9001", "s01", "ada@example.org", "A", "", ""],
    ["Nováková, Žofie", "9002", "s02", "zofie@example.org", "A", "", ""],
    ["Student, Test", "9009", "", "0123456789abcdef", "A", "", ""],
]


@pytest.mark.parametrize("sis", [True, False])
def test_canvas_gradebook(read, sis):
    rows = CANVAS if sis else [[c for i, c in enumerate(r) if i != 2] for r in CANVAS]
    _, _, people = read(written(rows).encode())
    assert [(p["id"], p["first_name"], p["last_name"], p["email"], p["lms_user_id"]) for p in people] == [
        ("s01" if sis else "ada@example.org", "Ada", "Okafor", "ada@example.org", "9001"),
        ("s02" if sis else "zofie@example.org", "Žofie", "Nováková", "zofie@example.org", "9002"),
    ]


def test_without_ids_the_first_column_that_tells_all_apart_is_taken(read):
    people, lines, _ = read(written([["Vorname", "Nachname", "ID-Nummer", "E-Mail-Adresse"], ["Sam", "Smith", "", "a@example.org"], ["Sam", "Smith", "7", "b@example.org"]]).encode())
    assert [p[0] for p in people] == ["a@example.org", "b@example.org"]
    assert "E-Mail-Adresse" in lines[0]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "needs a first line"),
        (b"id,first_name\n", "needs a first line"),
        (b"nothing,known\na,b\n", "needs a first line"),
        (b"id,email\n1,a\n,b\n", "line 3: it has no id"),
        (b'id,email\n1,"a\nb"\n,b\n', "line 4: it has no id"),
        (b"id,email\n1,a,b\n", "more fields"),
        (b"id,email\n1,a\n1,b\n", "two students have the id 1"),
        (b"First name,Last name\nSam,Smith\nSam,Smith\n", "add a column id"),
        (b"id,ID number\n1,2\n", "more than one column for id"),
        (b"id,email\n../x,a\n", "cannot be a student's id"),
        (b"PK\x03\x04....", "workbook"),
        (b"id,email\n\x8d\x81,a\n", "unknown encoding"),
        (b"id,email\n1,\0a\n2,\0", "unknown encoding"),
    ],
)
def test_what_cannot_be_read_is_said(read, content, why):
    with pytest.raises(Problem, match=why):
        read(content)


def test_the_same_student_twice_is_one(read):
    assert len(read(b"id,email\n1,a\n1,a\n")[0]) == 1


def test_the_command_adds_them(run, tmp_path):
    create(tmp_path / "course")
    (tmp_path / "class.csv").write_bytes(written([HEADERS["German"], *PEOPLE], ";").encode("utf-16"))
    done = run("students", tmp_path / "course", tmp_path / "class.csv")
    assert done.returncode == 0, done.stderr
    assert "Žofie Nováková" in done.stdout and "3 students" in done.stdout
