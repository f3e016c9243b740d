"""Finds, for each exercise, what of the kit and of other lessons' notebooks could stand in the place of an answer."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from fashionlab_grading import assignment as assignments
from fashionlab_grading.folder import SOURCES
from fashionlab_grading.notebooks import kind, name_of
from fashionlab_grading.toolbox import ROOT

FUNCTION = re.compile(r"^func (\w+)\((.*) \{$", re.MULTILINE)
CHECKED = re.compile(r"lessons\.Report(?:Using)?\((?:lessons|answers)\.Check\w+\((\w+)[,)]")

# What a student writes who has the tables. It takes a table's first result for what is not in it.
LOOKS_UP = """
import (
	"encoding/json"
	"fmt"
	"reflect"
)

// plainNAME is a value with all numbers as float64, as JSON has them.
func plainNAME(v reflect.Value) any {
	switch {
	case v.CanInt():
		return float64(v.Int())
	case v.CanUint():
		return float64(v.Uint())
	case v.CanFloat():
		return v.Float()
	case v.Kind() == reflect.Slice:
		list := []any{}
		for i := range v.Len() {
			list = append(list, plainNAME(v.Index(i)))
		}
		return list
	case v.Kind() == reflect.Struct:
		parts := map[string]any{}
		for i := range v.NumField() {
			parts[v.Type().Field(i).Name] = plainNAME(v.Field(i))
		}
		return parts
	case v.Kind() == reflect.Func:
		return "a function"
	}
	return v.Interface()
}

// fillNAME sets a value to what JSON has.
func fillNAME(v reflect.Value, from any) {
	switch x := from.(type) {
	case float64:
		if v.CanInt() {
			v.SetInt(int64(x))
		} else if v.CanUint() {
			v.SetUint(uint64(x))
		} else {
			v.SetFloat(x)
		}
	case bool:
		v.SetBool(x)
	case []any:
		v.Set(reflect.MakeSlice(v.Type(), len(x), len(x)))
		for i := range x {
			fillNAME(v.Index(i), x[i])
		}
	}
}

func lookNAME(out []any, arguments ...any) {
	var table struct {
		Cases []struct {
			Arguments []any
			Results   []struct{ Want any }
		}
	}
	if err := json.Unmarshal([]byte(`TABLE`), &table); err != nil {
		panic(err)
	}
	found := table.Cases[0]
	for _, c := range table.Cases {
		same := true
		for i, a := range arguments {
			plain := fmt.Sprint(plainNAME(reflect.ValueOf(a)))
			same = same && (plain == "a function" || plain == fmt.Sprint(c.Arguments[i]))
		}
		if same {
			found = c
			break
		}
	}
	for i, r := range found.Results {
		fillNAME(reflect.ValueOf(out[i]).Elem(), r.Want)
	}
}

func NAME(PARAMETERS) (RESULTS) {
	lookNAME([]any{OUT}, ARGUMENTS)
	return
}
"""


@dataclass(frozen=True)
class Function:
    """A function as it is written somewhere."""

    name: str
    parameters: tuple[tuple[str, str], ...]  # names and types
    results: tuple[str, ...]  # types
    text: str

    def types(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return tuple(kind for _, kind in self.parameters), self.results


def fields(text: str) -> list[tuple[str, str]]:
    """The names and types of parameters, or of results."""
    parts, depth, part = [], 0, ""
    for character in text + ",":
        depth += character in "([{"
        depth -= character in ")]}"
        if character == "," and depth == 0:
            parts.append(part.strip())
            part = ""
        else:
            part += character
    parts = [p for p in parts if p]
    if not any(re.match(r"\w+ \S", p) and not p.startswith("func") for p in parts):
        return [("", p) for p in parts]
    found: list[tuple[str, str]] = []
    kind = ""
    for part in reversed(parts):
        name, _, given = part.partition(" ")
        kind = given or kind
        found.insert(0, (name, kind))
    return found


def closed(text: str) -> int:
    """Where the bracket is closed that was opened before the text."""
    depth = 1
    for i, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return i
    return len(text)


def functions(source: str) -> list[Function]:
    """The functions in a file that are no methods."""
    found = []
    for m in FUNCTION.finditer(source):
        end = source.find("\n}", m.start())
        parameters, results = m[2][: closed(m[2])], m[2][closed(m[2]) + 1 :].strip()
        if results.startswith("("):
            results = results[1:-1]
        if m[1] not in ("main", "init"):
            found.append(Function(m[1], tuple(fields(parameters)), tuple(kind for _, kind in fields(results)), source[m.start() : end + 2]))
    return found


@dataclass
class Exercise:
    """A function that students write, and the graded cells that check it."""

    lesson: str
    cell: str
    function: Function
    checks: list[str]
    checked: Function  # what the checks call: the function, or a released one that calls it, for one with types of the notebook's own


def exercises(lesson: str) -> list[Exercise]:
    nb = assignments.read_instructor(SOURCES / f"{lesson}.md")
    checks: dict[str, list[str]] = {}
    for cell in nb.cells:
        if kind(cell) == "test":
            for name in dict.fromkeys(CHECKED.findall(cell.source)):
                checks.setdefault(name, []).append(name_of(cell))
    given = functions(released(nb))
    found = []
    for cell in nb.cells:
        for f in functions(cell.source) if kind(cell) == "answer" else []:
            calling = [g for g in given if g.name in checks and re.search(rf"\b{f.name}\(", g.text)]
            if checked := next((g for g in [f, *calling] if g.name in checks), None):
                found.append(Exercise(lesson, name_of(cell), f, checks[checked.name], checked))
    return found


def released(nb: NotebookNode) -> str:
    """The code of a notebook that students get."""
    return "\n".join(c.source for c in nb.cells if c.cell_type == "code" and kind(c) != "answer")


def places(kit: Path) -> Iterator[tuple[str, list[Function]]]:
    """All functions that a student can read, file by file: those of the kit, and of all notebooks."""
    for path in sorted(SOURCES.glob("*.md")):
        yield f"the notebook of {path.stem}", functions(released(assignments.read_instructor(path)))
    for path in sorted([*kit.glob("notebooks/*.md"), *(p for name in ("fashion", "plots", "lessons") for p in kit.glob(f"{name}/**/*.go"))]):
        if "grading" not in path.parts:
            yield path.relative_to(kit).as_posix(), functions(path.read_text(encoding="utf-8"))


def with_needed(name: str, all_: dict[str, Function]) -> list[Function]:
    """A function, and those of the same place that it calls."""
    found, todo = {}, [name]
    while todo:
        f = all_[todo.pop()]
        found[f.name] = f
        todo += [n for n in re.findall(r"(?<![\w.])(\w+)\(", f.text) if n in all_ and n not in found]
    return list(found.values())


def copies(exercise: Exercise, kit: Path) -> Iterator[tuple[str, str]]:
    """What has the exercise's types, as it stands, or with double precision in the place of single."""
    for place, found in places(kit):
        by_name = {f.name: f for f in found}
        for f in found:
            for double in (False, True):
                text = "\n\n".join(x.text for x in with_needed(f.name, by_name))
                types: tuple[tuple[str, ...], ...] = f.types()
                if double:
                    types = tuple(tuple(t.replace("float32", "float64") for t in some) for some in types)
                    text = text.replace("float32", "float64")
                if types == exercise.function.types() and not (double and f.types() == types):
                    mine = f"copied{exercise.function.name}"
                    # Names of its own, so that nothing of the notebook's is declared twice.
                    for x in with_needed(f.name, by_name):
                        text = re.sub(rf"(?<![\w.]){x.name}\(", f"{x.name}{mine}(", text)
                    text = re.sub(rf"(?<![\w.]){f.name}{mine}\(", f"{exercise.function.name}(", text)
                    yield f"{f.name} in {place}" + (", with float64 for float32" if double else ""), text


def wants(results: list[Any]) -> list[dict[str, Any]]:
    """The right results; a table may hold several as one struct."""
    return [{"Want": value} for r in results for value in (r.values() if isinstance(r, dict) else [r])]


def tables(exercise: Exercise, kit: Path) -> Iterator[tuple[str, str]]:
    """A function that looks its arguments up in its tables."""
    f = exercise.checked
    cases, names = [], []
    for path in sorted((kit / "lessons" / "tables").glob("*.json")):
        table = json.loads(path.read_text(encoding="utf-8"))
        if table["function"] == exercise.function.name:
            names.append(path.name)
            cases += [{"Arguments": c["arguments"], "Results": wants([r["want"] for r in c["results"]])} for c in table["cases"]]
    if not cases or any(len(c["Results"]) != len(f.results) for c in cases):
        return
    results = [f"r{i} {t}" for i, t in enumerate(f.results)]
    code = LOOKS_UP.replace("TABLE", json.dumps({"Cases": cases})).replace("PARAMETERS", ", ".join(f"{n} {t}" for n, t in f.parameters))
    code = code.replace("RESULTS", ", ".join(results)).replace("OUT", ", ".join(f"&r{i}" for i in range(len(results))))
    code = code.replace("ARGUMENTS", ", ".join(n for n, _ in f.parameters)).replace("NAME", f.name)
    if f != exercise.function:
        code += exercise.function.text.partition("\n")[0] + ' panic("looked up") }\n'
    yield "the right values in lessons/tables/" + ", ".join(names), code


def links(exercise: Exercise) -> Iterator[tuple[str, str]]:
    """A link to a function of the answers that has the exercise's types."""
    f = exercise.function
    found = [x for path in sorted((ROOT / "lessons" / "answers").glob("*.go")) if not path.name.endswith("_test.go") for x in functions(path.read_text(encoding="utf-8"))]
    target = next((x.name for x in found if x.types() == f.types()), f.name[0].lower() + f.name[1:] + "Of")
    parameters = ", ".join(f"{n} {t}" for n, t in f.parameters)
    arguments = ", ".join(n for n, _ in f.parameters)
    results, returns = "(" + ", ".join(f.results) + ")", "return " if f.results else ""
    yield f"lessons/answers.{target}", (
        f'import _ "unsafe"\n\n//go:linkname linked{f.name} fashionlab/lessons/answers.{target}\nfunc linked{f.name}({parameters}) {results}\n\n'
        f"func {f.name}({parameters}) {results} {{ {returns}linked{f.name}({arguments}) }}\n"
    )
