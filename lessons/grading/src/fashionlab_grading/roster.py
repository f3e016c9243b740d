"""Reads a list of students, as spreadsheets, Moodle and Canvas write it."""

import csv
import io
import re
import unicodedata
from pathlib import Path

from fashionlab_grading.folder import Problem, check_identity

COLUMNS = ["id", "first_name", "last_name", "email", "lms_user_id"]

# What platforms call these columns, in the languages of their pages. A column's own name is the first.
HEADERS = {
    "id": ["id", "ID number", "student_id", "ID-Nummer", "Matrikelnummer", "Numéro d'identification", "Número de ID", "Número de identificação", "Numero ID", "Codice identificativo",
           "ID-nummer", "Identifikační číslo", "ID číslo", "Numer ID", "Numer identyfikacyjny", "Идентификационный номер", "Індивідуальний номер", "ID番号", "IDナンバー", "ID号", "学号", "SIS User ID"],
    "username": ["username", "Anmeldename", "Benutzername", "Nom d'utilisateur", "Nombre de usuario", "Nome de usuário", "Gebruikersnaam", "Uživatelské jméno", "Nazwa użytkownika", "Логин", "用户名", "ユーザ名", "SIS Login ID"],
    "first_name": ["first_name", "First name", "Given name", "Vorname", "Prénom", "Nombre", "Nombre(s)", "Nome", "Voornaam", "Křestní jméno", "Jméno", "Imię", "Имя", "Ім'я", "Förnamn", "Fornavn", "Etunimi", "Ad", "名"],
    "last_name": ["last_name", "Last name", "Surname", "Family name", "Nachname", "Nom", "Nom de famille", "Apellido(s)", "Apellidos", "Apelido", "Sobrenome", "Cognome", "Achternaam", "Příjmení", "Nazwisko", "Фамилия",
                  "Прізвище", "Efternamn", "Etternavn", "Efternavn", "Sukunimi", "Soyad", "姓"],
    "email": ["email", "Email address", "E-mail address", "E-Mail", "E-Mail-Adresse", "Adresse de courriel", "Adresse courriel", "Dirección de correo", "Dirección Email", "Correo electrónico", "Endereço de email",
              "Endereço de e-mail", "Indirizzo email", "E-mailadres", "E-mailová adresa", "Adres e-mail", "Адрес электронной почты", "Електронна пошта", "E-postadress", "E-postadresse", "电子邮件地址", "メールアドレス"],
    "lms_user_id": ["lms_user_id", "Canvas User ID"],
    "name": ["Student", "Student name", "Full name", "Name", "Vollständiger Name", "Nom complet", "Nombre completo"],
}


def plain(header: str) -> str:
    """A column's name as it is compared."""
    return "".join(c for c in unicodedata.normalize("NFKC", header).casefold() if c.isalnum())


MEANING = {plain(h): column for column, headers in HEADERS.items() for h in headers}


def decoded(raw: bytes, file: Path) -> tuple[str, str]:
    """A file's text, and a line on what was guessed."""
    if raw.startswith(b"PK\x03\x04") or raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise Problem(f"{file} is a workbook. Save it as CSV UTF-8, and give that file.")
    encodings = ["utf-8-sig", "cp1252"]
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in raw[:100]:  # UTF-16 without a mark, whose first line is mostly ASCII
        encodings = ["utf-16-be" if raw[:1] == b"\0" else "utf-16-le"]
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, f"{file.name} is not in UTF-8 and was read as Windows-1252. If names look wrong, save it as CSV UTF-8." if encoding == "cp1252" else ""
    raise Problem(f"{file} is in an unknown encoding: save it as CSV UTF-8.")


def table(text: str, file: Path) -> tuple[list[str | None], list[str], list[tuple[int, list[str]]]]:
    """What a file's columns mean and are called, and its rows with the numbers of the lines that they end in."""
    separator = ""
    if m := re.match(r'"?sep=(.)"?\r?\n', text):  # a line that is meant for Excel
        separator, text = m[1], "\n" + text[m.end() :]
    best: tuple[int, str, list[str]] = (0, ",", [])
    try:
        for s in separator or ",;\t":
            header = next((r for r in csv.reader(io.StringIO(text, newline=""), delimiter=s) if any(c.strip() for c in r)), [])
            best = max(best, (len({MEANING.get(plain(h)) for h in header} - {None}), s, header), key=lambda b: b[0])
        _, separator, header = best
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        rows = [(reader.line_num, row) for row in reader if any(c.strip() for c in row)][1:]
    except csv.Error as e:
        raise Problem(f"{file} is no CSV file: {e}. No student was added.") from None
    canvas = {"Student", "Section"} <= set(header)
    meaning = ["lms_user_id" if canvas and h == "ID" else MEANING.get(plain(h)) for h in header]
    for column in set(meaning) - {None}:
        if meaning.count(column) > 1:
            called = [h for h, m in zip(header, meaning, strict=True) if m == column]
            raise Problem(f"{file} has more than one column for {column}: {', '.join(called)}. Delete those that do not count.")
    if canvas:
        # Below its header Canvas writes rows without a student, and one for a student that it made up.
        rows = [(n, r) for n, r in rows if "Points Possible" not in r[0] and r[0] != "Student, Test" and len(r) > 1 and r[1].strip()]
    return meaning, header, rows


def read(file: Path) -> tuple[list[dict[str, str]], list[str]]:
    """The students in a file, and lines on how it was read."""
    try:
        raw = file.read_bytes()
    except OSError as e:
        raise Problem(f"{file} cannot be read: {e.strerror}") from None
    text, guess = decoded(raw, file)
    meaning, header, rows = table(text, file)
    if not rows or not set(meaning) & {"id", "username", "email", "name", "last_name", "lms_user_id"}:
        raise Problem(f"{file} needs a first line that names its columns, as Moodle and Canvas write it, or: {', '.join(COLUMNS)}; id is enough. Below it, a line for each student.")
    people = []
    for number, row in rows:
        if len(row) > len(header) and any(c.strip() for c in row[len(header) :]):
            raise Problem(f"{file}, line {number}: it has more fields than the first line. No student was added.")
        person = {m: " ".join(v.split()) for m, v in zip(meaning, row, strict=False) if m}
        if name := person.pop("name", ""):
            last, comma, first = name.partition(",")
            if not comma:
                first, _, last = name.rpartition(" ")
            person = {"first_name": first.strip(), "last_name": last.strip(), **person}
        person["full name"] = f"{person.get('first_name', '')} {person.get('last_name', '')}".strip()
        if "@" in person.get("username", "") and not person.get("email"):
            person["email"] = person["username"]
        people.append(person)
    key = identifying(file, "id" in header, people, [n for n, _ in rows])
    students: dict[str, tuple[int, dict[str, str]]] = {}
    for (number, _), person in zip(rows, people, strict=True):
        student = {**{c: person.get(c, "") for c in COLUMNS}, "id": person[key]}
        try:
            check_identity(student["id"])
        except Problem as e:
            raise Problem(f"{file}, line {number}: {e}. No student was added.") from None
        before, other = students.setdefault(student["id"], (number, student))
        if other != student:
            raise Problem(f"{file}, lines {before} and {number}: two students have the id {student['id']}. No student was added.")
    lines = [guess] if guess else []
    if key != "id":
        called = next((h for h, m in zip(header, meaning, strict=True) if m == key), "the names")
        lines.append(f"The students' ids are taken from: {called}")
    if unused := [h for h, m in zip(header, meaning, strict=True) if not m and h.strip()]:
        lines.append(f"Columns that are not used: {', '.join(unused)}")
    return [s for _, s in students.values()], lines


def identifying(file: Path, own: bool, people: list[dict[str, str]], numbers: list[int]) -> str:
    """The column that gives each student an id: the first that nobody lacks, or id where the file has a column of this name."""
    for key in ("id", "username", "email", "lms_user_id", "full name"):
        values = [p.get(key, "") for p in people]
        if all(values) and (key == "id" or len(set(values)) == len(values)):
            return key
        if own:
            raise Problem(f"{file}, line {numbers[values.index('')]}: it has no id. No student was added.")
    raise Problem(f"{file} has no column that tells all students apart: add a column id. No student was added.")
