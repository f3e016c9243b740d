"""Python understands what Go says about Go, whatever a notebook holds."""

import pytest

from fashionlab_grading import readgo
from fashionlab_grading.toolbox import Missing


def test_cells_come_back_in_order_with_what_is_in_them():
    first, second, third = readgo.cells(['import x "os"\nfunc F() { x.Exit(g()) }\n%%\nF()', "", "%%\nfmt.Println(1)"])
    assert (first.imports, first.functions, first.calls) == (['x "os"'], [readgo.Function("F", ["x.Exit", "g"])], ["F"])
    assert first.names() == {"import x": 'import x: x "os"', "F": "func F: func F() { x.Exit(g()) }"}
    assert (second.declares, second.main, second.runs) == ("", False, "")
    assert (third.main, third.runs) == (True, "fmt.Println(1)")


def test_commands_and_errors_come_with_their_lines():
    first, second = readgo.cells(["func F() {}\n!ls \\\n -l", "\n\u00a0"])
    assert (first.commands, first.error) == ([readgo.Command(2, "!ls   -l")], "")
    assert "line 2: the character U+00A0" in second.error


@pytest.mark.parametrize("source", ["\0", "\ud800", "\u2028", "\ufeff", "func {{{(", "(" * 100_000, "/*", "`", '"', "%", "!", "\\"])
def test_nothing_that_a_cell_holds_ends_it(source):
    (cell,) = readgo.cells([source])
    assert not cell.main


def test_what_it_is_not_asked_is_refused():
    with pytest.raises(Missing, match="usage"):
        readgo.ask(["something"], [])


def test_a_program_that_is_not_there_is_told_how_to_get(monkeypatch, tmp_path):
    monkeypatch.setattr(readgo, "PROGRAM", tmp_path / "readgo")
    with pytest.raises(Missing, match="make setup"):
        readgo.cells([])
