"""The students of a simulated term: what each hands in, and the mark that is right for it."""

import copy
import json
import re
from dataclasses import dataclass

import nbformat

from fashionlab_grading.notebooks import kind, name_of
from fashionlab_grading.toolbox import ROOT


@dataclass
class Lesson:
    """An assignment, and the answer in it that trouble happens to: no other graded answer uses it."""

    name: str
    victim: str
    test: str  # the visible check; the hidden one has the same name, and -further
    rare: str  # a case that only the hidden check has


# Whose exercise has numbers of the student's own: the mark of who copies is all but the victim's. Only OWN_NUMBERS hand it in.
OWN = Lesson("7-convolution", "own-network", "test-own-network", "")
LESSONS = [Lesson("2-softmax", "softmax-at", "test-softmax-at", "len(logits) == 1"), Lesson("3-loss", "gradient", "test-gradient", "len(logits) == 10"), OWN]
QUICK = [Lesson("first", "softmax", "test-softmax", "len(logits) == 1"), Lesson("second", "argmax", "test-argmax", "len(values) == 1")]

# Marks: all, none, all but the victim's, or all but the victim's hidden check.
ALL, NONE, BUT, RARE = "all", "none", "all but one", "all but a rare case"


class Notebook:
    """A student's copy of a release, to be worked on. solution is the instructor's version."""

    def __init__(self, lesson: Lesson, released, solution):
        self.lesson, self.nb, self.solution = lesson, copy.deepcopy(released), solution

    def cell(self, name: str):
        return next(c for c in self.nb.cells if name_of(c) == name)

    def solved(self, name: str) -> str:
        source = next(c for c in self.solution.cells if name_of(c) == name).source
        return "\n".join(l for l in source.splitlines() if "BEGIN SOLUTION" not in l and "END SOLUTION" not in l)

    def solve(self, words: bool = True):
        """Answers everything rightly."""
        for cell in self.nb.cells:
            if kind(cell) == "answer" or kind(cell) == "written" and words:
                cell.source = self.solved(name_of(cell))
        return self

    def begin_victim(self, statement: str, head: str = ""):
        """Puts statements at the beginning of the victim's body, before the right answer."""
        self.solve()
        source = self.solved(self.lesson.victim)
        changed, count = re.subn(r"^(func [A-Z]\w*\(.*\{)$", lambda m: f"{head}\n{m[1]}\n{statement}", source, count=1, flags=re.M)
        assert count == 1, source
        self.cell(self.lesson.victim).source = changed
        return self

    def replace_victim(self, body: str):
        """Another body for the victim."""
        self.solve()
        source = self.solved(self.lesson.victim)
        head = re.search(r"^func [A-Z]\w*\(.*\{$", source, re.M)
        self.cell(self.lesson.victim).source = f"{head[0]}\n{body}\n}}"
        return self

    def result(self) -> str:
        """The victim's result type."""
        return re.search(r"^func [A-Z]\w*\(.*\) (\S+) \{$", self.solved(self.lesson.victim), re.M)[1]

    def signature(self) -> tuple[str, str, str]:
        """The victim's name, parameters and result type."""
        return re.search(r"^func ([A-Z]\w*)\((.*)\) (\S+) \{$", self.solved(self.lesson.victim), re.M).groups()

    def helped(self, head: str = "", body: str = "\treturn CALL", where: str = "with it"):
        """The right answer as a function ownAnswer, with the victim's cell or above it, and a victim that calls it: in head and body CALL stands for the call."""
        self.solve()
        name, parameters, result = self.signature()
        helper = self.solved(self.lesson.victim).replace(f"func {name}(", "func ownAnswer(")
        call = f"ownAnswer({', '.join(p.split()[0] for p in parameters.split(', '))})"
        head = head or f"func {name}({parameters}) {result} {{"
        victim = f"{head}\n{body.replace('CALL', call)}\n}}"
        if where == "above":
            self.add(helper, self.first_code())
        self.cell(self.lesson.victim).source = victim if where == "above" else f"{helper}\n\n{victim}"
        return self

    def behind(self, text: str, before: str = ""):
        """Puts text behind the right answer of the victim, and before it."""
        self.solve()
        self.cell(self.lesson.victim).source = before + self.solved(self.lesson.victim) + text
        return self

    def add(self, source: str, place: int = 1):
        """Adds a cell of the student's own, behind the imports."""
        self.nb.cells.insert(place if place >= 0 else len(self.nb.cells), nbformat.v4.new_code_cell(source))
        return self

    def first_code(self) -> int:
        return 1 + next(i for i, c in enumerate(self.nb.cells) if c.cell_type == "code")

    def bytes(self) -> bytes:
        return nbformat.writes(self.nb).encode()


def wrong(n: Notebook) -> str:
    return f"\tvar zero {n.result()}\n\treturn zero"


ESCAPES = r'''	open := func(pattern string) bool {
		found, _ := filepath.Glob(pattern)
		for _, file := range found {
			if _, err := os.ReadFile(file); err == nil {
				return true
			}
			if entries, err := os.ReadDir(file); err == nil && len(entries) > 0 {
				return true
			}
		}
		return false
	}
	_, dialled := net.DialTimeout("tcp", "127.0.0.1:22", time.Second)
	_, looked := net.LookupHost("go.dev")
	written := os.WriteFile(os.Getenv("GOCACHE")+"/00/poison", []byte("x"), 0o666)
	changed := os.Chmod(os.Getenv("GOCACHE"), 0o777)
	mounted := syscall.Mount("none", "/tmp", "tmpfs", 0, "")
	repository := "REPOSITORY"
	if dialled == nil || looked == nil || written == nil || changed == nil || mounted == nil ||
		open(repository+"/lessons/source/*") || open(repository+"/lessons/grading/*") || open(repository+"/.git*") ||
		open("COURSE/*") || open("/etc/shadow") || open("/root/.ssh") || open("/home/*/.ssh") || open("/proc/1/environ") {
		panic("there is a way out of the sandbox")
	}
'''

FORGE = r'''import "fashionlab/lessons/remote"

func init_forge() {
	fmt.Println("✓ all checks passed")
	fmt.Println("--- PASS: TestAll\nPASS\nok")
	known, _ := os.ReadFile("/proc/net/unix")
	for _, word := range strings.Fields(string(known)) {
		if strings.HasPrefix(word, "@") {
			go remote.Serve(word, func() error { return nil }, func() error { return nil })
		}
	}
	time.Sleep(time.Second)
	lessons.Report(nil)
	os.Exit(0)
}'''


def trouble() -> list[tuple]:
    """Trouble of every kind, of which nothing is new."""

    def deleted(n):
        n.solve()
        n.nb.cells = [c for c in n.nb.cells if kind(c) in ("answer", "written")]
        return n

    def moved(n):
        n.solve()
        n.nb.cells = n.nb.cells[:1] + n.nb.cells[:0:-1]
        return n

    def duplicated(n):
        n.replace_victim(wrong(n))
        i = n.nb.cells.index(n.cell(n.lesson.victim))
        second = copy.deepcopy(n.nb.cells[i])
        second.source = n.solved(n.lesson.victim)
        second.id = "copy"
        n.nb.cells.insert(i + 1, second)
        return n

    def edited(n):
        n.replace_victim(wrong(n))
        cell = n.cell(n.lesson.test)
        cell.source = '%%\nfmt.Println("✓ all checks passed")'
        cell.metadata.nbgrader["points"] = 100
        cell.metadata.nbgrader["locked"] = False
        return n

    def relabelled(n):
        n.replace_victim(wrong(n))
        n.cell(n.lesson.test).metadata.nbgrader.update(grade=False, solution=True, grade_id="nothing")
        n.cell(n.lesson.victim).metadata.nbgrader.update(grade=True, points=50)
        return n

    def kernel(n):
        n.solve()
        n.nb.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        return n

    def megabytes(n):
        n.solve()
        cell = n.cell(n.lesson.test)
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="much\n" * 1_000_000)]
        return n

    def stub(n):
        given = n.cell(n.lesson.victim).source
        n.solve()
        n.cell(n.lesson.victim).source = given
        return n

    return [
        ("Ann", "Right", lambda n: n.solve(), ALL),
        ("Žofie", "Nováková Malá", lambda n: n.solve(), ALL),
        ("伟", "王", lambda n: n.solve(), ALL),
        ("Ольга", "Іваненко", stub, BUT),
        ("Nils", "Nothing", lambda n: n, NONE),
        ("Rare", "Case", lambda n: n.begin_victim(f"\tif {n.lesson.rare} {{\n\t\tpanic(\"not thought of\")\n\t}}"), RARE),
        ("Wanda", "Wrong", lambda n: n.replace_victim(wrong(n)), BUT),
        ("Syd", "Syntax", lambda n: n.begin_victim("\tfor {{ ("), BUT),
        ("Una", "Unused", lambda n: n.begin_victim("\tunused := 1"), BUT),
        ("Lou", "Loop", lambda n: n.begin_victim("\tfor {\n\t}"), BUT),
        ("Priya", "Print", lambda n: n.begin_victim('\tfor {\n\t\tfmt.Println("again and again and again")\n\t}'), BUT),
        ("Forky", "Bomb", lambda n: n.begin_victim('\tfor {\n\t\texec.Command(os.Args[0]).Start()\n\t\texec.Command("sleep", "60").Start()\n\t}'), BUT),
        ("Meg", "Memory", lambda n: n.begin_victim("\tvar keep [][]byte\n\tfor {\n\t\tb := make([]byte, 1<<26)\n\t\tfor i := 0; i < len(b); i += 4096 {\n\t\t\tb[i] = 1\n\t\t}\n\t\tkeep = append(keep, b)\n\t}\n\tfmt.Println(len(keep))"), BUT),
        ("Rec", "Ursion", lambda n: n.begin_victim("\tvar f func(int) int\n\tf = func(i int) int { return f(i+1) + 1 }\n\tfmt.Println(f(0))"), BUT),
        ("Pan", "Ic", lambda n: n.solve().add('var boom = func() int { panic("at the top") }()', n.first_code()), NONE),
        ("Exit", "Zero", lambda n: n.begin_victim("\tos.Exit(0)"), BUT),
        ("Init", "Exit", lambda n: n.solve().add("func init_out() { os.Exit(0) }", n.first_code()), NONE),
        ("Fred", "Forger", lambda n: n.begin_victim('\tfmt.Println("✓ all checks passed\\n--- PASS: TestAll\\nPASS")\n\tos.Exit(0)'), BUT),
        ("Fiona", "Forge-All", lambda n: n.add(FORGE, n.first_code()), NONE),
        ("Cher", "Report", lambda n: n.begin_victim("\tlessons.Report(nil)\n\tos.Exit(0)"), BUT),
        ("Red", "Efined", lambda n: n.replace_victim(wrong(n)).add("var lessons = struct{ Report func(...any) }{func(...any) {}}", n.first_code()), BUT),
        ("Helen", "Helper", lambda n: n.solve().add("func Report(...error) {}\nfunc CheckAll() error { return nil }", n.first_code()), ALL),
        ("Ed", "Ited", edited, BUT),
        ("Rella", "Belled", relabelled, BUT),
        ("Dele", "Ted", deleted, ALL),
        ("Mo", "Ved", moved, ALL),
        ("Dupli", "Cated", duplicated, ALL),
        ("Kern", "El", kernel, ALL),
        ("Mega", "Byte", megabytes, ALL),
        ("Pedro", "Portable", b"%PDF-1.7\n\xff\xfe not a notebook at all", NONE),
        ("Emp", "Ty", b"", NONE),
        ("Jason", "Json", b'{"cells": [1, {"cell_type": []}], "nbformat": 4}', NONE),
        ("Oth", "Er", "other", NONE),
        ("Esc", "Ape", lambda n: n.begin_victim(ESCAPES), ALL),
        ("Dae", "Mon", lambda n: n.begin_victim('\texec.Command("sleep", "1000").Start()'), ALL),
        ("Scratch", "Pad", lambda n: n.solve().add("!rm -rf ~ /tmp/* ; exit 3", n.first_code()).add("%%\nos.Exit(3)", 2).add("func broken( {", -1).add("%%\nprintln(undefinedThing)", -1), ALL),
        ("Log", "Ger", lambda n: n.begin_victim('\tlog.Println("on standard error")\n\tfmt.Fprintln(os.Stderr, "me too")'), ALL),
    ]


# ---- honest work in unusual forms


def generic(n: Notebook) -> Notebook:
    name, parameters, result = n.signature()
    (first, kind_of), *others = [p.split() for p in parameters.split(", ")]
    return n.helped(f"func {name}[T ~{kind_of}]({', '.join([f'{first} T', *map(' '.join, others)])}) {result} {{")


def redefined(n: Notebook) -> Notebook:
    """Wrong in the answer's cell, and right in a cell below the check."""
    n.replace_victim(wrong(n))
    return n.add(n.solved(n.lesson.victim), -1)


def right_later(n: Notebook) -> Notebook:
    """The answer's cell is as it was released, and a cell below the check has the answer."""
    given = n.cell(n.lesson.victim).source
    n.solve()
    n.cell(n.lesson.victim).source = given
    return n.add(n.solved(n.lesson.victim), -1)


def single(n: Notebook) -> Notebook:
    """Computed with the precision of float32."""
    rows = n.signature()[2] == "[][]float64"
    round_all = "for i := range VALUES {\n\t\tVALUES[i] = float64(float32(VALUES[i]))\n\t}"
    loop = round_all.replace("VALUES", "row")
    return n.helped(body="\tout := CALL\n\t" + (f"for _, row := range out {{\n\t{loop}\n\t}}" if rows else round_all.replace("VALUES", "out")) + "\n\treturn out")


def windows(n: Notebook) -> bytes:
    """As VS Code and others save it on Windows."""
    n.solve()
    for cell in n.nb.cells:
        cell.source = cell.source.replace("\n", "\r\n")
    return b"\xef\xbb\xbf" + n.bytes().replace(b"\n", b"\r\n")


IMPORTED = '\t_ = strings.ToUpper("a")'
HONEST = [
    ("Cora", "Comment", lambda n: n.begin_victim(IMPORTED, 'import "strings" // for ToUpper'), ALL),
    ("Gregor", "Group", lambda n: n.begin_victim(IMPORTED + "\n\tsort.Ints(nil)", 'import ("strings"; "sort")'), ALL),
    ("Beatrice", "Quotes", lambda n: n.begin_victim(IMPORTED, "import `strings`"), ALL),
    ("Rawad", "String", lambda n: n.begin_victim('\t_ = `\nimport "no/such/package"\n`'), ALL),
    ("Maina", "Line", lambda n: n.behind("\n%main\nfmt.Println(1)"), ALL),
    ("Gonbert", "Comment", lambda n: n.behind("\n//gonb:%%\nfmt.Println(1)"), ALL),
    ("Tabea", "Bar", lambda n: n.behind("\n%%\t-v\nfmt.Println(1)"), ALL),
    ("Conny", "Tinued", lambda n: n.behind("", "!echo one \\\nfunc two three\n"), ALL),
    ("Uni", "Code", lambda n: n.begin_victim('\t// one\u2028two\u0085three\u000cfour\n\t_ = "one\u2028two\u0085three\u000cfour"'), ALL),
    ("Wynn", "Dose", windows, ALL),
    ("Jen", "Eric", generic, ALL),
    ("Sepp", "Arate", lambda n: n.helped(where="above"), ALL),
    ("Rhea", "Defined", redefined, ALL),
    ("Flo", "Thirty-Two", single, BUT),
    ("Stu", "Later", right_later, ALL),
]


# ---- cheating

LINKED = '''import _ "unsafe"

//go:linkname reference fashionlab/lessons.REFERENCE
func reference(PARAMETERS) RESULT
'''


def linked(n: Notebook) -> Notebook:
    name, parameters, result = n.signature()
    words = {"REFERENCE": name[0].lower() + name[1:], "PARAMETERS": parameters, "RESULT": result}
    head = re.sub("|".join(words), lambda m: words[m[0]], LINKED)
    n.replace_victim(f"\treturn reference({', '.join(p.split()[0] for p in parameters.split(', '))})")
    n.cell(n.lesson.victim).source = head + "\n" + n.cell(n.lesson.victim).source
    return n


def literal(value: object) -> str:
    """A value of a table as Go writes it, without its type."""
    return "{" + ", ".join(map(literal, value)) + "}" if isinstance(value, list) else str(value)


def copied(n: Notebook) -> Notebook:
    """Looks its results up among those in the table that comes with the visible check."""
    name, parameters, result = n.signature()
    first, of = parameters.split(", ")[0].split()
    table = json.loads((ROOT / "lessons" / "tables" / f"{name}.json").read_text(encoding="utf-8"))
    cases = [f"\tcase fmt.Sprint({of}{literal(c['arguments'][0])}):\n\t\treturn {result}{literal(c['results'][0]['want'])}" for c in table["cases"]]
    return n.replace_victim(f"\tswitch fmt.Sprint({first}) {{\n" + "\n".join(cases) + "\n\t}\n" + wrong(n))


FRAMES = '''func init_frames() {
	known, _ := os.ReadFile("/proc/net/unix")
	for _, frame := range [][]byte{{0, 0, 0, 0, 'P'}, {0, 0, 0, 1, 'P'}, {0, 0, 0, 0, 'Q'}, {'P', 0, 0, 0, 0}, []byte("true\\n")} {
		for _, word := range strings.Fields(string(known)) {
			if strings.HasPrefix(word, "@") || strings.HasPrefix(word, "/") {
				if check, err := net.Dial("unix", word); err == nil {
					check.Write(frame)
					defer check.Close()
				}
			}
		}
	}
	time.Sleep(time.Second)
	os.Exit(0)
}'''

# Each of these does it once, and panics if it has got what it must not get; the answer is right.
LOOK = '''	needles := []string{"BEGIN " + "HIDDEN TESTS", "func " + "visibleSoftmax", "BEGIN " + "SOLUTION"}
	for _, place := range []string{"REPOSITORY", "COURSE", "/tmp", "/home", "/root", "/srv", "/var/tmp", "/dev/shm"} {
		filepath.WalkDir(place, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() && (entry.Name() == ".venv" || entry.Name() == "pkg") {
				return fs.SkipDir
			}
			if strings.HasSuffix(path, ".go") || strings.HasSuffix(path, ".md") || strings.HasSuffix(path, ".ipynb") {
				content, _ := os.ReadFile(path)
				for _, needle := range needles {
					if strings.Contains(string(content), needle) {
						panic(path + "\\n" + string(content))
					}
				}
			}
			return nil
		})
	}
'''
GIGABYTES = '''	folder := "/tmp/one/two/three"
	if _, err := os.Stat(folder); err != nil {
		os.MkdirAll(folder, 0o777)
		written, block := 0, make([]byte, 1<<20)
		for i := range 24 {
			file, err := os.Create(fmt.Sprint(folder, "/", i))
			for err == nil && written < (i+1)<<28 {
				var n int
				n, err = file.Write(block)
				written += n
			}
			file.Close()
		}
		if written > 2<<30 {
			panic(written)
		}
	}
'''
NESTED = '''	if _, err := os.Stat("/tmp/deep"); err != nil {
		before, _ := os.Getwd()
		os.Mkdir("/tmp/deep", 0o777)
		os.Chdir("/tmp/deep")
		for range 6000 {
			os.Mkdir("d", 0o777)
			os.Chdir("d")
		}
		os.Chdir(before)
	}
'''
SETUID = '''	shell, _ := os.ReadFile("/bin/sh")
	here, _ := os.Getwd()
	for _, folder := range []string{here, "/tmp", "/var/tmp", "/dev/shm", "/home", "COURSE", "REPOSITORY"} {
		copied := folder + "/setuid"
		os.WriteFile(copied, shell, 0o755)
		os.Chmod(copied, 0o755|os.ModeSetuid|os.ModeSetgid)
	}
'''
CHMOD = '''	for i, file := range []string{"COURSE/gradebook.db", "COURSE/due.toml", "COURSE", "REPOSITORY/README.md", "/etc/shadow"} {
		link := fmt.Sprint("/tmp/link-", i)
		os.Symlink(file, link)
		os.Chmod(link, 0o777)
		os.WriteFile(link, []byte("mine"), 0o666)
	}
	filepath.WalkDir("/tmp", func(path string, entry fs.DirEntry, err error) error {
		os.Chmod(path, 0o777)
		return nil
	})
'''
MEMORY = '''	for pid := os.Getppid(); pid > 0; {
		if memory, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", pid), os.O_RDWR, 0); err == nil {
			panic(memory.Name())
		}
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		pid = 0
		for _, line := range strings.Split(string(status), "\\n") {
			fmt.Sscanf(line, "PPid: %d", &pid)
		}
	}
'''
MARK = "window.fired=1"  # what a script of a student's would do
VERDICT = "\x1b[2K\x1b[1A[1/1] s01: 0 of 8 checks passed"


def escapes(n: Notebook) -> Notebook:
    n.solve()
    n.nb.metadata["title"] = VERDICT
    n.nb.metadata["fashionlab"] = {"assignment": VERDICT}
    n.nb.metadata["kernelspec"]["display_name"] = VERDICT
    for cell in n.nb.cells:
        cell.metadata["name"] = VERDICT
    return n


def script(n: Notebook) -> Notebook:
    n.solve()
    for cell in n.nb.cells:
        if kind(cell) == "written":
            cell.source = f'A <script>{MARK}</script> and <img src=x onerror="{MARK}"> [x](javascript:{MARK})'
    return n


def one_id(n: Notebook) -> bytes:
    """All cells have one id, which the format forbids."""
    n.solve()
    return json.dumps({**n.nb, "cells": [{**cell, "id": "same"} for cell in n.nb.cells]}).encode()


def not_a_number(n: Notebook) -> Notebook:
    """A value that no comparison finds too far from another."""
    _, parameters, result = n.signature()
    first = parameters.split(", ")[0].split()[0]
    filled = "\tfor i := range out {\n\t\tout[i] = math.NaN()\n\t}\n"
    if result == "[][]float64":
        filled = "\tfor i := range out {\n\t\tout[i] = make([]float64, len(" + first + "[i]))\n\t\tfor j := range out[i] {\n\t\t\tout[i][j] = math.NaN()\n\t\t}\n\t}\n"
    return n.replace_victim(f"\tout := make({result}, len({first}))\n{filled}\treturn out")


def other_question(n: Notebook) -> Notebook:
    """Changes what it is asked, which travels back, to a question whose answer is known."""
    _, parameters, result = n.signature()
    first = parameters.split(", ")[0].split()[0]
    rows = first if result == "[][]float64" else f"[][]float64{{{first}}}"
    body = f"\tvar out [][]float64\n\tfor _, row := range {rows} {{\n\t\tp := make([]float64, len(row))\n\t\tfor i := range row {{\n\t\t\trow[i], p[i] = 0, 1/float64(len(row))\n\t\t}}\n\t\tout = append(out, p)\n\t}}\n"
    return n.replace_victim(body + ("\treturn out" if result == "[][]float64" else "\treturn out[0]"))


# Names that Go declares itself mean something else in all of the program.
SHADOWS = """func panic(any) { os.Exit(0) }

func recover() any { return nil }

func println(...any) {}

type comparable = any"""

# What later programs of this kernel are built from.
POISON = """func init_poison() {
	folders, _ := filepath.Glob("/tmp/gonb_*")
	for _, folder := range append(folders, "/tmp", "/home") {
		os.WriteFile(folder+"/go.mod", []byte("module mine\\n\\nreplace fashionlab => /tmp/mine\\n"), 0o666)
		os.WriteFile(folder+"/go.work", []byte("go 1.26\\n\\nuse .\\n"), 0o666)
		os.WriteFile(folder+"/forged.go", []byte("package main\\n\\nimport \\"os\\"\\n\\nfunc init() { os.Exit(0) }\\n"), 0o666)
	}
	os.Mkdir("/tmp/mine", 0o777)
	os.WriteFile("/tmp/mine/go.mod", []byte("module fashionlab\\n"), 0o666)
}"""


def lookalikes(n: Notebook) -> Notebook:
    """Graded cells whose names look as those of the checks do, and are worth more."""
    n.replace_victim(wrong(n))
    for i, ending in enumerate(["\u200b", "\u00ad", " ", "\n"]):
        cell = copy.deepcopy(n.cell(n.lesson.test))
        cell.id = f"lookalike{i}"
        cell.source = '%%\nfmt.Println("✓ all checks passed")'
        cell.metadata.nbgrader.update(grade_id=n.lesson.test + ending, points=100, locked=False)
        n.nb.cells.append(cell)
    return n


# Five that differ in kind from those before: in a value, in the question, in the language, in the build, in names.
FORGERIES = [
    ("Nana", "Number", not_a_number, BUT),
    ("Quest", "Ion", other_question, BUT),
    ("Shad", "Ows", lambda n: n.replace_victim('\tpanic("right")\n' + wrong(n)).add(SHADOWS, n.first_code()), BUT),
    ("Poi", "Son", lambda n: n.replace_victim(wrong(n)).add(POISON, n.first_code()), BUT),
    ("Loo", "Kalike", lookalikes, BUT),
]

CHEATS = [
    *FORGERIES,
    ("Linka", "Name", linked, BUT),
    ("Tabula", "Copied", copied, BUT),
    ("Frame", "Writer", lambda n: n.add(FRAMES, n.first_code()), NONE),
    ("Hidda", "Printer", lambda n: n.begin_victim(LOOK), ALL),
    ("Giga", "Bytes", lambda n: n.begin_victim(GIGABYTES), ALL),
    ("Nestor", "Deep", lambda n: n.begin_victim(NESTED), ALL),
    ("Sue", "Tuid", lambda n: n.begin_victim(SETUID), ALL),
    ("Chad", "Mod", lambda n: n.begin_victim(CHMOD), ALL),
    ("Memo", "Ry", lambda n: n.begin_victim(MEMORY), ALL),
    ("Meta", "Data", escapes, NONE),
    ("Scarlett", "Ript", script, ALL),
    ("Hugo", "Huge", lambda n: b" " * 100_000_001, None),
    ("Idris", "Same", one_id, ALL),
]


# ---- collecting and lateness

COLLECTED = [
    ("Sam", "Smith", lambda n: n.solve(), ALL),
    ("Sam", "Smith", lambda n: n.replace_victim(wrong(n)), BUT),
    ("Xenia", "Forger", lambda n: n.replace_victim(wrong(n)), BUT),
    ("Fola", "Der", lambda n: n.replace_victim(wrong(n)), BUT),
]
# How works come that do not come as others do, in the first assignment.
NUMBER, UNDATED, LONG, BACKSLASHES, UNMARKED, ZIP, FORGED, FOLDER = "number", "undated", "long", "backslashes", "unmarked", "zip", "forged", "folder"
COMES = {
    "Cora Comment": NUMBER, "Gregor Group": UNDATED, "Beatrice Quotes": LONG, "Maina Line": BACKSLASHES, "Žofie Nováková Malá": UNMARKED, "Tabea Bar": ZIP,
    "Xenia Forger": FORGED, "Fola Der": FOLDER,
}
# The first assignment is due at the end of 12 October, with ten minutes of grace, and costs 10 % a day.
DUE, PENALTY = "2026-10-12 23:59", 10
LATE, GRACE, EXTENDED = "Jen Eric", "Sepp Arate", "Rhea Defined"
TIMES = {LATE: "2026-10-13 20:00", GRACE: "2026-10-13 00:05", EXTENDED: "2026-10-19 12:00"}
EXTENSION = "2026-10-20 23:59"
# What the feedback on the first assignment says to these students.
SAID = {"Flo Thirty-Two": "a number was a float32", "Una Unused": "declared and not used: unused", "Ed Ited": "the original was used", LATE: "1 day late, which costs 10 %"}


# ---- numbers of the student's own

# The networks of the students ada and bo, as they write them.
NETWORKS = {
    "ada": """
	return fashion.NewModel("own", fashion.Block("conv1", fashion.Conv2D(1, 7, 4, fashion.Stride(2), fashion.Padding(1)), fashion.ReLU()),
		fashion.Block("conv2", fashion.Conv2D(7, 20, 5, fashion.Padding(1)), fashion.ReLU(), fashion.MaxPool2D(2)),
		fashion.Flatten(), fashion.Named("out", fashion.Linear(20*6*6, 10)))""",
    "bo": """
	return fashion.NewModel("own", fashion.Block("conv1", fashion.Conv2D(1, 11, 6, fashion.Stride(2), fashion.Padding(1)), fashion.ReLU()),
		fashion.Block("conv2", fashion.Conv2D(11, 27, 2, fashion.Padding(1)), fashion.ReLU(), fashion.MaxPool2D(2)),
		fashion.Flatten(), fashion.Named("out", fashion.Linear(27*7*7, 10)))""",
}


def own(network: str, names: str):
    """Hands in somebody's network with an id."""

    def does(n: Notebook) -> Notebook:
        n.solve()
        n.cell(n.lesson.victim).source = f"func OwnNetwork() *fashion.Model {{{NETWORKS[network]}\n}}"
        n.cell("student").source = f'func Student() string {{\n\treturn "{names}"\n}}'
        return n

    return does


OWN_NUMBERS = [
    ("Ada", "Own", own("ada", "ADA"), ALL),
    ("Bo", "Rrower", own("ada", "bo"), BUT),
    ("Cy", "Copier", own("ada", "ada"), BUT),
]
# The first of these have the ids that their numbers are drawn from.
OWN_IDS = {"Ada Own": "ada", "Bo Rrower": "bo"}
SAID |= {"Cy Copier": "The notebook names the student ada"}


# ---- the challenge

# Who hands in a run for it, and which: entrants.py has them. The id of the first is in another script.
ENTRANTS = {"伟 王": "honest", "Meg Memory": "large", "Tabula Copied": "tested", "Linka Name": "borrowed", "Fred Forger": "forged"}


@dataclass
class Student:
    """does is a function of a Notebook that returns it or a file's bytes, or such bytes; mark is None if nothing of it can be taken."""

    number: int
    first: str
    last: str
    does: object
    mark: str | None
    always: bool  # whether the student plays the second assignment, too
    own: bool = False  # whether the student plays only the one with numbers of the student's own

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def id(self) -> str:
        if self.name in OWN_IDS:
            return OWN_IDS[self.name]
        # Some platforms' ids are names, with spaces and in any script.
        return self.name if self.number % 3 == 0 and self.name != "Sam Smith" else f"s{self.number:02}"

    @property
    def lms(self) -> int:
        return 5000 + self.number

    @property
    def comes(self) -> str:
        return COMES.get(self.name, "")


def everybody() -> list[Student]:
    both = [*trouble(), *COLLECTED]
    others = [*both, *HONEST, *CHEATS]
    return [Student(number, *what, number <= len(both), number > len(others)) for number, what in enumerate([*others, *OWN_NUMBERS], 1)]
