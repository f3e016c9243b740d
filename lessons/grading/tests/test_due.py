"""Due dates: what due.toml may say, what lateness is and costs, and which time of handing in counts."""

import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
import pytest
from conftest import new_course

from fashionlab_grading import archive, collect, due, exports, handedin, late, marks
from fashionlab_grading.due import HandedIn
from fashionlab_grading.folder import Problem

ASSIGNMENTS = ["1-data", "2-softmax", "3-loss"]
STUDENTS = ["s01", "s02", "ada@example.org"]


@pytest.fixture
def rules(tmp_path):
    """Reads a text as due.toml."""

    def read(text, encoding="utf-8"):
        (tmp_path / "due.toml").write_bytes(text.encode(encoding))
        return due.rules(tmp_path, ASSIGNMENTS, STUDENTS)

    return read


def days(found, when, student="s01", name="1-data"):
    return due.verdicts(found, student, {name: HandedIn(exactly=when)})[name].days


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


PRAGUE = 'timezone = "Europe/Prague"\n'


@pytest.mark.parametrize(
    ("zone", "date", "when", "late"),
    [
        ("Europe/Prague", "2026-10-12 23:59", "2026-10-12 21:59", 0),  # summer: two hours before UTC
        ("Europe/Prague", "2026-10-12 23:59", "2026-10-12 21:59:01", 1),
        ("Europe/Prague", "2026-10-12", "2026-10-12 22:00", 0),  # until the end of the day
        ("Europe/Prague", "2026-10-12", "2026-10-12 22:00:01", 1),
        ("Europe/Prague", "2026-10-24 23:59", "2026-10-25 22:59", 1),  # a day of 25 hours
        ("Europe/Prague", "2026-10-24 23:59", "2026-10-25 22:59:01", 2),
        ("Europe/Prague", "2026-03-28 23:59", "2026-03-29 21:59", 1),  # a day of 23 hours
        ("Europe/Prague", "2026-03-28 23:59", "2026-03-29 21:59:01", 2),
        ("Europe/Prague", "2026-10-25 02:30", "2026-10-25 01:30", 0),  # the hour that there is twice: the later one
        ("Europe/Prague", "2026-10-25 02:30", "2026-10-25 01:30:01", 1),
        ("Europe/Prague", "2026-03-28 02:30", "2026-03-29 01:30", 1),  # the hour that there is not, as the end of a day
        ("Europe/Prague", "2026-03-28 02:30", "2026-03-29 01:30:01", 2),
        ("Europe/Prague", "2026-10-12 23:59+00:00", "2026-10-12 23:59", 0),
        ("America/New_York", "2026-10-12 23:59", "2026-10-13 03:59", 0),
        ("Asia/Kolkata", "2026-10-12 23:59", "2026-10-12 18:29:01", 1),
        ("UTC", "2026-10-12 23:59", "2027-10-12 23:59", 365),
    ],
)
def test_days_are_those_of_the_wall_clock_in_the_courses_time_zone(rules, zone, date, when, late):
    assert days(rules(f'timezone = "{zone}"\n[due]\n1-data = "{date}"\n'), utc(when)) == late


@pytest.mark.parametrize("grace", [0, 1, 10, 90])
@pytest.mark.parametrize("day", [0, 1, 2])
def test_grace_is_of_each_day(rules, grace, day):
    found = rules(f'{PRAGUE}grace_minutes = {grace}\n[due]\n1-data = "2026-10-12 12:00"\n')
    end = utc("2026-10-12 10:00") + timedelta(days=day, minutes=grace)
    assert days(found, end) == day
    assert days(found, end + timedelta(seconds=1)) == day + 1


@pytest.mark.parametrize("value", ["2026-10-12", '"2026-10-12"', "2026-10-12T23:59:59", '"2026-10-12 23:59:59"', '"2026-10-12T23:59:59"', "2026-10-12T21:59:59Z"])
@pytest.mark.parametrize(("encoding", "end"), [("utf-8", "\n"), ("utf-8-sig", "\r\n")])
def test_dates_are_written_in_several_ways(rules, value, encoding, end):
    found = rules(f"{PRAGUE}# Žluťoučký kůň\n[due]\n1-data = {value} # a comment\n".replace("\n", end), encoding)
    assert found.due["1-data"].astimezone(UTC) - utc("2026-10-12 22:00") in (timedelta(), timedelta(seconds=-1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('timezone = "Europe/Prag"\n[due]\n1-data = "2026-10-12"\n', "line 1: timezone is 'Europe/Prag'"),
        ('[due]\n1-data = "2026-10-12"\n', "add a line such as timezone"),
        (PRAGUE + "\n\n[due]\n1-date = \"2026-10-12\"\n", "line 5: due.1-date is no assignment. There are: 1-data"),
        (PRAGUE + '[due]\n1-data = "12.10.2026"\n', "line 3: due.1-data is '12.10.2026'"),
        (PRAGUE + '[due]\n1-data = "2026-10-12 24:00"\n', "line 3: due.1-data"),
        (PRAGUE + '[due]\n1-data = "9999-12-31"\n', "line 3: due.1-data"),
        (PRAGUE + '[due]\n1-data = 7\n', "line 3: due.1-data is 7"),
        (PRAGUE + '[due]\n1-data = "2026-03-29 02:30"\n', "line 3: due.1-data is 2026-03-29 02:30, which no clock shows"),
        (PRAGUE + "[due]\n1-data = 2026-10-12 23:59\n", "line 3"),  # TOML wants seconds, or quotes
        (PRAGUE + "[due\n", "line 2"),
        (PRAGUE + "due = 3\n", "line 2: due must be a table"),
        ("# x\ngrace_minutes = -1\n" + PRAGUE + '[due]\n1-data = "2026-10-12"\n', "line 2: grace_minutes is -1"),
        ('percent_per_day = "10 %"\n' + PRAGUE + '[due]\n1-data = "2026-10-12"\n', "line 1: percent_per_day is '10 %'"),
        ("percent_per_day = 101\n", "line 1: percent_per_day is 101"),
        ("late_days = 1.5\n", "line 1: late_days is 1.5"),
        ("late_days = true\n", "line 1: late_days is True"),
        ("latedays = 3\n", "line 1: latedays is no setting"),
        (PRAGUE + '[due]\n1-data = "2026-10-12"\n[student.s03]\n1-data = "2026-10-13"\n', "line 4: student.s03 is not enrolled"),
        (PRAGUE + '[due]\n1-data = "2026-10-12"\n[student.ada@example.org]\n', "line 4"),
        (PRAGUE + '[due]\n1-data = "2026-10-12"\n[student.s01]\n2-softmax = "2026-10-13"\n', "line 5: student.s01.2-softmax has no due date"),
        (PRAGUE + '[due]\n1-data = "2026-10-12"\n[student]\ns01 = 5\n', "line 5: student.s01 must be a table"),
        (PRAGUE + '[due]\n1-data = "2026-10-12"\n[student.s01]\nlate_days = -1\n', "line 5: student.s01.late_days is -1"),
    ],
)
def test_faults_name_their_line(rules, text, said):
    with pytest.raises(Problem) as e:
        rules(text)
    assert said in str(e.value)


def test_nothing_is_due_without_dates(rules, tmp_path):
    assert due.rules(tmp_path, ASSIGNMENTS, STUDENTS) is None
    assert due.begin(tmp_path) and not due.begin(tmp_path)
    assert due.rules(tmp_path, ASSIGNMENTS, STUDENTS) is None
    used = due.TEMPLATE.replace("# timezone", "timezone").replace("# 1-data", "1-data").replace("# 2-", "2-").replace("# [student", "[student").replace("# late_days =", "late_days =")
    for name in ("grace_minutes", "percent_per_day", "most_percent"):
        used = used.replace(f"# {name}", name)
    found = rules(used)  # every line that has a # before it is right
    assert found.late_days == 3 and found.days_of == {"s02": 5} and found.grace == timedelta(minutes=10) and found.most_percent == 50
    assert found.due_for("s02", "2-softmax") - found.due_for("s01", "2-softmax") == timedelta(days=7)


TERM = PRAGUE + 'percent_per_day = 10\nmost_percent = 25\nlate_days = 3\n[due]\n1-data = "2026-10-12"\n3-loss = "2026-10-19"\n2-softmax = "2026-10-26"\n'


def test_late_days_are_spent_in_the_order_of_the_deadlines(rules):
    found = rules(TERM + '[student.s02]\nlate_days = 0\n[student."ada@example.org"]\n1-data = "2026-11-02"\n')
    ends = {"1-data": utc("2026-10-12 22:00"), "3-loss": utc("2026-10-19 22:00"), "2-softmax": utc("2026-10-26 23:00")}
    works = {name: HandedIn(exactly=ends[name] + timedelta(days=d, seconds=-1)) for name, d in {"2-softmax": 2, "1-data": 2, "3-loss": 4}.items()}
    spent = {n: (v.days, v.spent, v.left, v.percent) for n, v in due.verdicts(found, "s01", works).items()}
    assert spent == {"1-data": (2, 2, 1, 0), "3-loss": (4, 1, 0, 25), "2-softmax": (2, 0, 0, 20)}
    assert [v.percent for _, v in sorted(due.verdicts(found, "s02", works).items())] == [20, 20, 25]
    extended = due.verdicts(found, "ada@example.org", works)
    assert (extended["1-data"].days, extended["3-loss"].spent, extended["2-softmax"].percent) == (0, 3, 20)


@pytest.mark.parametrize(
    ("known", "doubt"),
    [
        (HandedIn(by=utc("2026-10-12 21:00")), ""),
        (HandedIn(by=utc("2026-10-13 21:00")), "nothing says"),
        (HandedIn(by=utc("2026-10-13 21:00"), late=False), ""),
        (HandedIn(by=utc("2026-10-13 21:00"), late=True), "but not how late"),
        (HandedIn(), "nothing says"),
    ],
)
def test_a_doubt_costs_nothing(rules, known, doubt):
    verdict = due.verdicts(rules(TERM), "s01", {"1-data": known})["1-data"]
    assert (verdict.days, verdict.percent) == (0, 0)
    assert doubt in verdict.doubt and bool(doubt) == bool(verdict.doubt)


# ---- which time counts

NOTEBOOK = '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}'
PEOPLE = [("s01", "Ada", "Okafor", "9001"), ("s02", "Bo", "Larsen", "9002"), ("s03", "Žofie", "Nováková", "9003")]


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    course = new_course(tmp_path_factory.mktemp("due") / "course")
    course.release("first")
    for identity, first, last, number in PEOPLE:
        course.add_student(id=identity, first_name=first, last_name=last, email=f"{identity}@example.org", lms_user_id=number)
    yield course


@pytest.fixture
def course(released):
    """A course with one released assignment, due at the end of 12 October, in which nobody has handed in anything."""
    import shutil

    for name in ("submitted", ".grading/handed-in", ".grading/earlier"):
        shutil.rmtree(released.folder / name, ignore_errors=True)
    (released.folder / "due.toml").write_text(PRAGUE + 'percent_per_day = 10\ngrace_minutes = 5\n[due]\nfirst = "2026-10-12"\n', encoding="utf-8")
    return released


def pack(path, entries):
    with zipfile.ZipFile(path, "w") as z:
        for name, when in entries.items():
            z.writestr(zipfile.ZipInfo(name, tuple(datetime.fromisoformat(when).timetuple()[:6])), NOTEBOOK + " " * len(name))
    return path


def known(course):
    return {p: handedin.load(course, "first", p, None) for p, *_ in PEOPLE if (course.folder / "submitted" / p).exists()}


def test_times_in_a_zip_file_are_those_of_the_wall_in_the_courses_zone(course, tmp_path):
    source = pack(tmp_path / "a.zip", {"s01/a.ipynb": "2026-10-12 23:58", "s02/a.ipynb": "2026-10-14 00:10", "s03/a.ipynb": "2026-10-25 12:00"})
    lines, problems = collect.collect(course, "first", source, False)
    assert not problems and "Times: those of the files in a.zip, in Europe/Prague" in lines
    assert {p: k.exactly for p, k in known(course).items()} == {"s01": utc("2026-10-12 21:58"), "s02": utc("2026-10-13 22:10"), "s03": utc("2026-10-25 11:00")}
    assert (course.folder / "submitted" / "s01" / "first" / "timestamp.txt").read_text() == "2026-10-12 21:58:00 UTC\n"


@pytest.mark.parametrize(("downloaded", "doubted"), [("2026-10-12 23:30", []), ("2026-10-13 00:04:58", []), ("2026-11-01 08:00", ["s01", "s02"])])
@pytest.mark.parametrize("names", [["Ada Okafor_1_assignsubmission_file_/a.ipynb", "Bo Larsen_2_assignsubmission_file_/a.ipynb"], ["s01/a.ipynb", "s02/b.ipynb"]])
def test_the_time_of_a_download_makes_nobody_late(course, tmp_path, names, downloaded, doubted):
    lines, _ = collect.collect(course, "first", pack(tmp_path / "a.zip", dict.fromkeys(names, downloaded)), False)
    assert any("those of its download" in l for l in lines)
    assert [l for l in lines if "Not known" in l and "s01, s02" in l] == [l for l in lines if doubted and "Not known" in l]
    assert bool(doubted) == any("Not known" in l for l in lines)
    assert all(v["first"].percent == 0 for v in late.ledger(course).verdicts.values())
    assert bool(doubted) == any("nothing says" in l for l in marks.table(course, []))


def test_collected_again_the_earlier_download_counts(course, tmp_path):
    for when in ("2026-10-12 20:00", "2026-11-01 08:00"):
        collect.collect(course, "first", pack(tmp_path / "a.zip", {"s01/a.ipynb": when}), False)
    assert known(course)["s01"].by == utc("2026-10-12 18:00")
    pack(tmp_path / "b.zip", {"s01/other name.ipynb": "2026-11-01 08:00"})  # other content
    lines, _ = collect.collect(course, "first", tmp_path / "b.zip", False)
    assert any("Not known" in l for l in lines)


def test_canvas_says_who_is_late(course, tmp_path):
    source = pack(tmp_path / "a.zip", {"okaforada_9001_5_a.ipynb": "2026-10-20 08:00", "larsenbo_LATE_9002_6_a.ipynb": "2026-10-20 08:00", "novakovazofie_9003_7_x_LATE_9003_7_a.ipynb": "2026-10-20 08:00"})
    lines, _ = collect.collect(course, "first", source, False)
    assert {p: k.late for p, k in known(course).items()} == {"s01": False, "s02": True, "s03": False}
    assert any("Not known" in l and l.split(": ")[1].startswith("s02.") for l in lines)


def test_a_student_cannot_set_the_clock(course, tmp_path):
    inner = pack(tmp_path / "inner.zip", {"a.ipynb": "2026-10-01 08:00", "timestamp.txt": "2026-10-01 08:00"})
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as z:
        z.writestr(zipfile.ZipInfo("s01/work.zip", (2026, 10, 14, 8, 0, 0)), inner.read_bytes())
        z.writestr(zipfile.ZipInfo("s01/timestamp.txt", (2026, 10, 1, 8, 0, 0)), "2026-10-01 08:00:00 UTC")
        z.writestr(zipfile.ZipInfo("s02/a.ipynb", (2026, 10, 10, 8, 0, 0)), NOTEBOOK)
    collect.collect(course, "first", tmp_path / "a.zip", False)
    assert known(course)["s01"].exactly == utc("2026-10-14 06:00")


MOODLE = 'Identifier,"Full name","ID number","Email address",Status,"Last modified (submission)"\n'


@pytest.mark.parametrize(
    ("table", "when"),
    [
        ("id,time\ns01,2026-10-13 23:58\n", "2026-10-13 21:58"),
        ("id;time\ns01;2026-10-13 23:58:30\n", "2026-10-13 21:58:30"),
        ("id,time\ns01,2026-10-13T23:58:00Z\n", "2026-10-13 23:58"),
        ("id,time\ns01,2026-10-13 23:58 +0000\n", "2026-10-13 23:58"),
        ("lms_user_id,submitted_at\n9001,2026-10-13T23:58:00Z\n", "2026-10-13 23:58"),
        ("email,time\nS01@Example.org,2026-10-25 02:30\n", "2026-10-25 00:30"),  # the earlier of two
        (MOODLE + 'Participant 7,"Ada Okafor",s01,,Submitted,"Tuesday, 13 October 2026, 11:58 PM"\nParticipant 8,"Bo Larsen",s02,,"No submission",-\n', "2026-10-13 21:58"),
        (MOODLE + 'Participant 7,"Ada Okafor",,,Submitted,"Tuesday, 13 October 2026, 11:58 PM"\n', "2026-10-13 21:58"),
        (MOODLE + 'Participant 7,"Ada Okafor",,,Submitted,"Tuesday, October 13, 2026, 11:58 PM"\n', "2026-10-13 21:58"),
    ],
)
def test_the_instructors_table_counts_before_all_else(course, tmp_path, table, when):
    (tmp_path / "times.csv").write_text(table, encoding="utf-8")
    source = pack(tmp_path / "a.zip", {"okaforada_LATE_9001_5_a.ipynb": "2026-11-20 08:00"})
    for _ in range(2):
        collect.collect(course, "first", source, False, tmp_path / "times.csv")
        assert known(course)["s01"] == HandedIn(exactly=utc(when))
    collect.collect(course, "first", source, False)  # what is known stays known
    assert known(course)["s01"].exactly == utc(when)


def test_whose_work_is_missing_is_told(course, tmp_path):
    (tmp_path / "times.csv").write_text("id,time\ns01,2026-10-12 23:58\ns02,2026-10-12 23:58\n", encoding="utf-8")
    _, problems = collect.collect(course, "first", pack(tmp_path / "a.zip", {"s01/a.ipynb": "2026-11-20 08:00"}), False, tmp_path / "times.csv")
    assert len(problems) == 1 and problems[0].endswith("nothing is in a.zip: s02")


def test_a_fault_in_the_file_is_told_before_grading(course, run):
    (course.folder / "due.toml").write_text("late_days = x\n", encoding="utf-8")
    done = run("grade", course.folder, "first")
    assert done.returncode == 1 and "line 1" in done.stderr and not done.stdout


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("id,when\ns01,2026-10-13 23:58\n", "no column with times"),
        ("id,time\ns09,2026-10-13 23:58\n", "line 2: s09 is not enrolled"),
        ("id,time\ns01,13.10.2026 23:58\n", "line 2: '13.10.2026 23:58' is no time"),
        ("id,time\ns01,2026-02-30 23:58\n", "line 2"),
        ("id,time\ns01,2026-10-13\n", "line 2"),
        ("id,time\ns01,2026-10-13 23:58\ns01,2026-10-14 23:58\n", "line 3: s01 is there already"),
        (MOODLE + 'Participant 7,"Ada Okafor",s01,,Abgegeben,"Dienstag, 13. Oktober 2026, 23:58"\n', "line 2"),
    ],
)
def test_a_table_with_a_fault_changes_nothing(course, tmp_path, table, said):
    (tmp_path / "times.csv").write_text(table, encoding="utf-8")
    with pytest.raises(Problem) as e:
        collect.collect(course, "first", pack(tmp_path / "a.zip", {"s01/a.ipynb": "2026-11-20 08:00"}), False, tmp_path / "times.csv")
    assert said in str(e.value) and not known(course)


def test_info_zips_times_are_absolute(tmp_path):
    info = zipfile.ZipInfo("a", (2026, 10, 13, 1, 2, 4))
    stamp = int(utc("2026-10-12 23:02:05").timestamp())
    info.extra = b"UT\x05\x00\x01" + stamp.to_bytes(4, "little")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as z:
        z.writestr(info, "x")
    assert archive.in_zip(tmp_path / "a.zip")[0].when == utc("2026-10-12 23:02:05")


# ---- what it costs


def test_points_are_taken_off_by_nbgraders_plugin_and_follow_the_file(course, tmp_path):
    (tmp_path / "times.csv").write_text("id,time\ns01,2026-10-14 12:00\ns02,2026-10-13 00:04\n", encoding="utf-8")
    collect.collect(course, "first", pack(tmp_path / "a.zip", dict.fromkeys(["s01/a.ipynb", "s02/a.ipynb"], "2026-11-20 08:00")), False, tmp_path / "times.csv")
    nb = nbformat.read(course.source("first"), as_version=4)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="✓ passed\n")]
    for student in ("s01", "s02"):
        executed = course.folder / ".grading" / "executed" / student / "first"
        executed.mkdir(parents=True, exist_ok=True)
        nbformat.write(nb, executed / "first.ipynb")
        course.result("record", course.api(submitted_directory=str(Path(".grading") / "executed")).autograde("first", student, force=True, create=True))
    late.settle(course)

    def penalties():
        with course.gradebook() as gb:
            return {s.student.id: s.late_submission_penalty or 0 for s in gb.assignment_submissions("first")}, gb.find_assignment("first").max_score

    taken, most = penalties()
    assert taken == {"s01": pytest.approx(min(most * 0.2, most)), "s02": 0}
    table = marks.table(course, [])
    assert "s01, first: 2 days late, which costs 20 % of the assignment's points" in table
    marks.feedback(course, [], "*")
    page = (course.folder / "feedback" / "s01" / "first" / "first.html").read_text(encoding="utf-8")
    assert "<p>Handed in 2 days late, which costs 20 % of the assignment&#39;s points.</p>" in page
    assert "Handed in" not in (course.folder / "feedback" / "s02" / "first" / "first.html").read_text(encoding="utf-8")
    exports.export(course, "moodle", tmp_path / "m.csv", [])

    (course.folder / "due.toml").write_text(PRAGUE + 'percent_per_day = 100\nlate_days = 1\n[due]\nfirst = "2026-10-12"\n[student.s02]\nfirst = "2026-10-20"\n', encoding="utf-8")
    assert "s01, first: 2 days late, for which 1 late day is spent (0 left), which costs 100 % of the assignment's points" in marks.table(course, [])
    assert marks.marks(course, ["first"])["s01"]["first"][0] == 0  # and not less
    (course.folder / "due.toml").write_text(PRAGUE + 'percent_per_day = 100\n[due]\nfirst = "2026-10-14"\n', encoding="utf-8")
    late.settle(course)
    assert set(penalties()[0].values()) == {0}
    (course.folder / "due.toml").write_text(PRAGUE + 'percent_per_day = 100\n[due]\nfirst = "2026-10-01"\n', encoding="utf-8")
    late.settle(course)
    assert all(penalties()[0].values())
    (course.folder / "due.toml").unlink()  # and so do its penalties go
    late.settle(course)
    assert set(penalties()[0].values()) == {0}
    with course.gradebook() as gb:  # what is set by hand then stays
        gb.find_assignment("first").duedate = datetime(2026, 10, 3)
        gb.db.commit()
    late.settle(course)
    with course.gradebook() as gb:
        assert gb.find_assignment("first").duedate == datetime(2026, 10, 3)


def test_nbgraders_own_penalty_stays_where_there_are_no_due_dates(course):
    from nbgrader.preprocessors import AssignLatePenalties

    (course.folder / "due.toml").write_text(due.TEMPLATE, encoding="utf-8")
    assert late.settle(course) is None
    config = course.api().config
    for method, penalty in (("zero", 7), ("none", None)):
        config.LateSubmissionPlugin.penalty_method = method
        assigning = AssignLatePenalties(config=config)
        assigning.init_plugin()
        assert isinstance(assigning.plugin_inst, late.Days)
        assert assigning.plugin_inst.late_submission_penalty("s01", 7, 60) == penalty
    config.LateSubmissionPlugin.pop("penalty_method")
