"""The command course takes what people type, and says what is wrong with it."""

import os
import shlex
import subprocess
import sys

import pytest


def test_a_tilde_is_the_home_folder_where_no_shell_expanded_it(run, tmp_path):
    options = {"cwd": tmp_path, "env": {**os.environ, "HOME": str(tmp_path)}}
    for command in (["create", "~/my course"], ["students", "~/my course"]):
        done = run(*command, **options)
        assert done.returncode == 0, done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["my course"]
    done = run("create", "~nobody-of-this-name/x", **options)
    assert done.returncode == 2
    assert "Write the whole path" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "why"),
    [(["marks", "/nowhere"], "no course folder"), (["validate", "/nowhere.ipynb"], "cannot be read")],
)
def test_the_commands_say_what_is_wrong(run, arguments, why):
    done = run(*arguments)
    assert done.returncode == 1
    assert why in done.stderr
    assert "Traceback" not in done.stderr


def test_the_next_command_can_be_copied_whatever_the_folder_is_called(run, tmp_path):
    course = tmp_path / "Ada's & Bo's; $HOME"
    for command in (["create", course], ["release", course, "2-softmax"]):
        done = run(*command)
        assert done.returncode == 0, done.stderr
        assert f"COURSE={course}" in shlex.split(done.stdout.splitlines()[-1])
    done = run("students", course / "not there")
    assert done.returncode == 1
    assert f"COURSE={course / 'not there'}" in shlex.split(done.stderr.splitlines()[-1])


def test_no_command_makes_a_parser_at_its_start_that_nobody_uses():
    names = "import sys, nbformat, nbgrader.apps; print('lark' in sys.modules, 'jsonschema' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", names], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.split() == ["False", "True"]
