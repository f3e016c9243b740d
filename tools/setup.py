#!/usr/bin/env python3
"""Sets up everything that the notebooks need, inside this folder.

    python3 tools/setup.py [--test] [--lint] [--site] [--browser] [--without-course]

It fills .venv: JupyterLab and its tools (requirements.txt), the XLA plugin
(requirements-xla.txt), the Go kernel GoNB with goimports and gopls (go.mod), the
command course and the program readgo (lessons/grading), and
the kernel's registration, which only this project's JupyterLab sees. --test
adds pytest, ruff, mypy and ONNX Runtime (requirements-dev.txt), --lint these and
staticcheck, actionlint and govulncheck with its database, --site Sphinx
(requirements-site.txt), --browser what tests pages in a browser (requirements-browser.txt); --without-course leaves out what needs
more than the files with pinned versions (docker/Dockerfile). A step runs again only if
its inputs have changed; a failed step prints what to do. Outside of .venv and the
caches of pip and Go there is at most one link to this folder, in the user's cache, where the
folder's name has a character that the kernel cannot take (harmless).
"""

from __future__ import annotations  # an old Python must be able to report that it is too old

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True  # no __pycache__ next to the sources
import isolated

if __name__ == "__main__":
    isolated.restart()

import configparser
import contextlib
import errno
import hashlib
import json
import platform
import re
import shlex
import shutil
import signal
import sysconfig
from pathlib import Path

import environment
from environment import BIN, ROOT, VENV, Environment, dotted
from steps import Commands, Display, Failed, Step, carry_out

DONE = VENV / "done"
GOROOT_FILE = VENV / "goroot"  # where the Go that runs is
GOPLS = "golang.org/x/tools/gopls@v0.24.0"
LINTERS = {
    "staticcheck": "honnef.co/go/tools/cmd/staticcheck@v0.8.2",
    "govulncheck": "golang.org/x/vuln/cmd/govulncheck@v1.9.0",
    "actionlint": "github.com/rhysd/actionlint/cmd/actionlint@v1.7.7",
}
# The database of vulnerabilities, as a module: the same for everyone, without its server.
VULNDB = "golang.org/x/vulndb@v0.0.0-20261105234957-e22db6528018"
PIP = ("venv", "packages", "xla", "dev", "site", "browser")  # steps that write to the same folder, one after the other
PYTHON = (3, 11)  # nbgrader 0.9.6 asks for it


def fingerprint(*parts) -> str:
    """A hash of files and texts that a step depends on."""
    h = hashlib.sha256()
    for part in parts:
        h.update(part.read_bytes() if isinstance(part, Path) and part.is_file() else str(part).encode())
        h.update(b"\0")
    return h.hexdigest()


def check_python() -> None:
    if sys.version_info < PYTHON:
        raise Failed(
            f"This is Python {platform.python_version()}; the course needs {dotted(PYTHON)} or newer.\n"
            "Install one from https://www.python.org/downloads/ and run: make setup PYTHON=/path/to/python3"
        )


def check_folder(root: Path) -> None:
    """Raises Failed where the folder's name has a character that a part of the course cannot take."""
    for character, why in ((os.pathsep, "separates folders in PATH"), ("\n", "ends a line"), ("\r", "ends a line")):
        if character in str(root):
            raise Failed(f"The folder {str(root)!r} has {character!r} in its name, which {why}: rename the folder, or move the project to another one.")
    try:
        str(root).encode("utf-8")
    except UnicodeEncodeError:
        raise Failed(f"The name of the folder {str(root)!r} is not UTF-8: rename the folder, or move the project to another one.") from None


# GoNB splits folders at commas, Jupyter replaces ${NAME} and {name} in a kernel's registration, Go takes \ for Windows.
HARMFUL = re.compile(r"[,${}\\]")


def harmless_name(root: Path, variables: dict) -> Path:
    """The folder by a name that the kernel can take: its own, or that of a link in the user's cache."""
    if not HARMFUL.search(str(root)):
        return root
    cache = variables.get("XDG_CACHE_HOME") or os.path.join(variables.get("HOME", ""), "Library/Caches" if sys.platform == "darwin" else ".cache")
    link = Path(cache) / "fashionlab" / "folders" / fingerprint(root)[:12]
    if HARMFUL.search(str(link)) or not link.is_absolute():
        raise Failed(
            f"The folder {root} has one of , $ {{ }} \\ in its name, which the kernel cannot take, and {cache}, where a link would help, has so too: "
            "rename the folder, or let XDG_CACHE_HOME name one without such characters."
        )
    return link


def harmless(root: Path, variables: dict) -> Path:
    """As harmless_name, with the link made."""
    link = harmless_name(root, variables)
    if link != root and not (link.is_symlink() and os.readlink(link) == str(root)):
        try:
            link.parent.mkdir(parents=True, exist_ok=True)
            part = link.with_suffix(f".{os.getpid()}")
            part.symlink_to(root)
            part.replace(link)
        except OSError as e:
            raise Failed(f"The folder {root} has one of , $ {{ }} \\ in its name: the kernel needs a link to it, which cannot be made: {e}") from e
    return link


def cell_flags() -> str:
    """GOFLAGS for cells; toolbox.py of lessons/grading has the same. A cell is a draft: no vet.

    Without tables for a debugger it is linked in half of the time, and without a C compiler's linker in four fifths of that. Go
    chooses that one for a program with C, which XLA needs; its own has been tried with this program on this platform.
    """
    internal = " -linkmode=internal" if sys.platform == "linux" and platform.machine() == "x86_64" else ""
    return f"-buildvcs=false -vet=off '-ldflags=-s -w{internal}'"


def kernel_spec(place: Path, env: Environment, goroot: Path, display_name: str = "Go (fashionlab)") -> dict:
    """What Jupyter needs to know of the Go kernel in the project at place, a name that is harmless.

    It does not rely on how Jupyter was started: Go and the tools come first in PATH, and Go's
    settings are those of the project, but for the network and the caches.
    """
    venv = place / ".venv"
    settings = {k: v for k, v in env.variables.items() if k in ("CC", "CXX") or k.startswith("CGO_")}
    settings.update(env.from_file)  # GOENV=off hides the file
    settings.update({
        "PATH": os.pathsep.join([str(venv / "bin"), str(goroot / "bin"), "${PATH}"]),
        "VIRTUAL_ENV": str(venv),  # cells find the plugin there
        "GOMLX_NO_AUTO_INSTALL": "1",  # no download while a cell runs
        "GOROOT": str(goroot), "GOTOOLCHAIN": "local", "GOENV": "off", "GO111MODULE": "on",
        "GOWORK": "",  # GoNB makes one for the cells
        "GOOS": "", "GOARCH": "", "GOEXPERIMENT": env.variables.get("GOEXPERIMENT", ""),
        "GOFLAGS": cell_flags(),
    })
    return {
        # As `gonb --install` writes it: standard error is the log, messages interrupt.
        "argv": [str(venv / "bin" / "gonb"), "--kernel", "{connection_file}", "-logtostderr=true", f"-go_work={place}"],
        "display_name": display_name,
        "language": "go",
        "interrupt_mode": "message",
        "env": settings,
    }


# If a kernel is killed, its gopls would continue to run; this script ends it, too. GOGC makes it
# collect its garbage earlier, for a third of its memory (0.9 GB with a notebook that trains).
GOPLS_WITH_KERNEL = """#!/bin/sh
# gopls, for as long as the kernel that starts it (tools/setup.py).
kernel=$PPID self=$$
(
    while kill -0 "$kernel" && kill -0 "$self"; do sleep 3; done
    kill -0 "$kernel" || kill "$self"
) </dev/null >/dev/null 2>&1 &
# The course's packages have no page on pkg.go.dev: gopls links to none for a private module.
GOGC=30 GOPRIVATE="${GOPRIVATE:+$GOPRIVATE,}fashionlab" exec "${0%/*}/../libexec/gopls" "$@"
"""


# The package of lessons/grading is imported from where it is, as pip's --editable has it. No character of a folder's
# name matters: the .pth file has a relative path.
GRADING = ROOT / "lessons" / "grading" / "src"
SOURCES = ROOT / "lessons" / "source"
READGO = sorted(p for name in ("gocell", "readgo") for p in (ROOT / "lessons" / "grading" / name).glob("*.go"))
PACKAGES = Path(sysconfig.get_path("purelib", "venv", {"base": str(VENV)})) if sys.version_info >= PYTHON else VENV
# jsonschema, which nbformat imports, takes a checker of web addresses if there is one. This one makes its parser at every start, which takes a
# second, and no schema here asks for it.
PTH = os.path.relpath(GRADING, PACKAGES) + '\nimport sys; sys.modules.setdefault("rfc3987_syntax", None)\n'
COURSE = f"""#!/bin/sh
# Releases, collects and grades: course --help (tools/setup.py)
exec {shlex.quote(str(BIN / "python"))} -I -B -X utf8 -m fashionlab_grading "$@"
"""


# What JupyterLab may load and run: what comes from its own server. Its settings' validator compiles functions (unsafe-eval), and
# its page has a script, named here by its hash, that takes the token out of the address.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval' 'sha256-DHk7PmJD5wtdpNjEzpkYISzoAstMGRwG1GNWZ25R2pM='; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; frame-src 'self' data: blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
ETC = VENV / "etc" / "jupyter"
STYLE = ETC / "custom" / "custom.css"
LAB_CSS = """/* How JupyterLab shows the errors of Go cells (tools/setup.py). GoNB reports an error two or three times: what the program
   wrote to standard error, a table with the lines of the cell, and the exit status. Each is shown once; the notebook's
   file keeps all. */

/* The table, where standard error stands above it: it repeats lines of that. */
.jp-OutputArea-child:has(> .jp-RenderedText[data-mime-type="application/vnd.jupyter.stderr"])
  + .jp-OutputArea-child:has(.gonb-cell-line-info),
/* The exit status, and the command line of the compiler, below a table. */
.jp-OutputArea-child:has(.gonb-cell-line-info)
  + .jp-OutputArea-child:has(> .jp-RenderedText),
/* In the table of the compiler's messages, its header (# gonb_…) and the empty last line. */
.jp-RenderedText[data-mime-type="application/vnd.jupyter.stderr"]:has(.gonb-cell-line-info)
  > div:not(:has(.gonb-cell-line-info)):is(:first-of-type, :last-of-type),
/* The place in GoNB's own file, beside the one in the cell. */
.gonb-cell-line-info + .gonb-err-location {
  display: none;
}

.gonb-cell-line-info {
  color: var(--jp-content-font-color1) !important;
}
"""
# The course's extension of JupyterLab: one file, and the description by which JupyterLab finds it.
EXTENSION = VENV / "share" / "jupyter" / "labextensions" / "fashionlab"
EXTENSION_FILES = {
    "package.json": json.dumps({
        "name": "fashionlab", "version": "1.0.0",
        "jupyterlab": {"extension": True, "_build": {"load": "static/remoteEntry.js", "extension": "./extension"}},
    }),
    "static/remoteEntry.js": ROOT / "tools" / "labextension.js",
}
# nbgrader's parts for instructors. Its Formgrader has a server of its own, which can do nothing else (make formgrader).
INSTRUCTORS = ["formgrader", "course-list"]


def settings(instructor: bool) -> dict:
    """Jupyter's settings, by file. Students, whose copy has no sources of lessons, make no assignments."""
    menus = INSTRUCTORS if instructor else [*INSTRUCTORS, "create-assignment"]
    return {
        ETC / "labconfig" / "page_config.json": {"disabledExtensions": {f"@jupyter/nbgrader:{name}": True for name in menus}},
        ETC / "jupyter_lab_config.json": {"LabApp": {"custom_css": True}},
        ETC / "jupyter_server_config.json": {"ServerApp": {
            "jpserver_extensions": {f"nbgrader.server_extensions.{name.replace('-', '_')}": False for name in INSTRUCTORS},
            "tornado_settings": {"headers": {"Content-Security-Policy": POLICY}},
        }},
    }


def write(file: Path, text: str, mode: int = 0o644) -> None:
    """Writes a file as a whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.chmod(mode)
    part.replace(file)


def pip_settings(debug: str, variables: dict) -> dict:
    """The environment for pip: of the files that `pip config debug` names, settings of network and cache stay.

    A file's `user`, `target` or `require-virtualenv` would break the installation, so pip reads no file any more.
    """
    files, kind = {}, ""
    for line in debug.splitlines():
        if header := re.fullmatch(r"(\w+):", line):
            kind = header.group(1)
        elif file := re.fullmatch(r"  (.+), exists: True", line):
            files.setdefault(kind, []).append(file.group(1))
    found = {"global": {}, "install": {}}
    for kind in ("global", "user", "site", "env"):  # the later one wins, as in pip
        for file in files.get(kind, []):
            parser = configparser.RawConfigParser()
            try:
                parser.read(file, encoding="utf-8")
            except (OSError, ValueError, configparser.Error) as e:
                raise Failed(f"pip's settings in {file} cannot be read: {e}\nCorrect the file, or move it away, and run make setup again.") from e
            for section in parser.sections():
                found.setdefault(section, {}).update({k.replace("_", "-"): " ".join(v.split()) for k, v in parser.items(section)})
    settings = {**found["global"], **found["install"]}
    kept = {"PIP_" + k.upper().replace("-", "_"): v for k, v in settings.items() if k in environment.PIP_KEEPS}
    return {**kept, **variables, "PIP_CONFIG_FILE": os.devnull}


# No pop-up that asks whether to fetch news from the network. Completions of a busy machine's gopls count, too: JupyterLab drops what comes
# after a second.
LAB = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/completer-extension:manager": {"providerTimeout": 10000},
}


class Setup:
    """The set-up's steps in an environment."""

    def __init__(self, env: Environment, commands: Commands) -> None:
        self.env, self.commands = env, commands

    def run(self, command: list, report=lambda line: None, cwd: Path = ROOT, **more: str) -> str:
        return self.commands.run(command, {**self.env.variables, **more}, cwd, report)

    def make_venv(self, report) -> None:
        if not (VENV / "pyvenv.cfg").exists() and any(f.name not in ("done", "goroot") for f in VENV.iterdir()):
            raise Failed(".venv is there but is no Python environment: remove it and run make setup again.")
        # A pip that was stopped leaves packages half-installed, which look complete: begin again.
        shutil.rmtree(VENV / "lib", ignore_errors=True)
        self.run([sys.executable, "-I", "-m", "venv", VENV], report)

    def pip(self, *arguments: str):
        def install(report) -> None:
            python = BIN / "python"
            settings = pip_settings(self.run([python, "-I", "-m", "pip", "config", "debug"]), self.env.variables)
            self.run([python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--require-hashes", *arguments], report, **settings)
        return install

    def fetch_go(self, report) -> None:
        goroot = self.run(["go", "env", "GOROOT"], report).splitlines()[-1]
        write(GOROOT_FILE, goroot)

    def go_install(self, *packages: str, to: Path = BIN):
        return lambda report: self.run(["go", "install", *packages], report, GOBIN=str(to))

    def install_gopls(self, report) -> None:
        self.go_install(GOPLS, to=VENV / "libexec")(report)
        write(BIN / "gopls", GOPLS_WITH_KERNEL, 0o755)

    def build(self, report) -> None:
        self.run(["go", "build", "./..."], report)
        # Cells are built in a workspace, for which Go reads the go.mod of more modules than for a build in this folder, and
        # make validate, which builds without a network, would miss them.
        self.run(["go", "list", "-m", "all"], report)

    def make_course(self, report) -> None:
        write(PACKAGES / "fashionlab_grading.pth", PTH)
        write(BIN / "course", COURSE, 0o755)
        for file, content in settings(SOURCES.is_dir()).items():
            write(file, json.dumps(content, indent=1) + "\n")
        write(STYLE, LAB_CSS)
        for name, text in EXTENSION_FILES.items():
            write(EXTENSION / name, text.read_text(encoding="utf-8") if isinstance(text, Path) else text)

    def make_kernel(self, report) -> None:
        share = VENV / "share" / "jupyter"
        spec = kernel_spec(harmless(ROOT, self.env.variables), self.env, Path(GOROOT_FILE.read_text(encoding="utf-8")))
        write(share / "kernels" / "fashionlab" / "kernel.json", json.dumps(spec, indent=1) + "\n")
        write(share / "lab" / "settings" / "overrides.json", json.dumps(LAB))

    def make_vulndb(self, report) -> None:
        source = json.loads(self.run(["go", "mod", "download", "-json", VULNDB], GOFLAGS=""))["Dir"]
        new, old = VENV / "vulndb.part", VENV / "vulndb"
        shutil.rmtree(new, ignore_errors=True)
        self.run(["go", "run", "./cmd/indexdb", "-out", new, "-vulns", "data/osv"], report, cwd=Path(source))
        shutil.rmtree(old, ignore_errors=True)
        new.rename(old)

    def steps(self, test: bool, lint: bool, site: bool, browser: bool, course: bool) -> list:
        where = fingerprint(sys.version, VENV)
        go = fingerprint(where, self.env.go, shutil.which("go", path=self.env.variables["PATH"]))
        modules = fingerprint(go, ROOT / "go.mod", ROOT / "go.sum", self.env.variables.get("GOEXPERIMENT"), self.env.no_cgo)
        packages, xla = (ROOT / f"requirements{kind}.txt" for kind in ("", "-xla"))
        goroot = [Path(GOROOT_FILE.read_text(encoding="utf-8")) / "bin" / "go"] if GOROOT_FILE.exists() else [GOROOT_FILE]
        steps = [
            Step("venv", "Python environment in .venv", where, self.make_venv, leaves=(BIN / "python", VENV / "lib")),
            Step("packages", "JupyterLab and its tools", fingerprint(where, packages), self.pip("-r", "requirements.txt"),
                 after=("venv",), leaves=(BIN / "jupyter-lab",)),
            Step("course", "Grading (course)", fingerprint(where, GRADING, COURSE, PTH, LAB_CSS, *EXTENSION_FILES.values(), str(settings(SOURCES.is_dir()))),
                 self.make_course, after=("packages",),
                 leaves=(BIN / "course", PACKAGES / "fashionlab_grading.pth", STYLE, *(EXTENSION / name for name in EXTENSION_FILES), *settings(True))),
            Step("go", f"Go {self.env.go}" + (" (fetched, 70 MB)" if self.env.fetches_go else ""), go, self.fetch_go, leaves=goroot),
            Step("gonb", "Go kernel (GoNB, goimports)", modules, self.go_install("tool"), after=("venv", "go"), leaves=(BIN / "gonb", BIN / "goimports")),
            Step("gopls", "Completion for Go (gopls)", fingerprint(go, GOPLS, GOPLS_WITH_KERNEL), self.install_gopls,
                 after=("venv", "go"), leaves=(BIN / "gopls", VENV / "libexec" / "gopls")),
        ]
        if not environment.without_xla(self.env):
            steps.append(Step("xla", "XLA plugin for this processor", fingerprint(where, xla),
                              self.pip("--no-deps", "-r", "requirements-xla.txt"), after=("packages",)))
        if course:
            place = harmless_name(ROOT, self.env.variables)
            spec = kernel_spec(place, self.env, Path())
            steps += [
                Step("build", "Go packages of the course", modules, self.build, after=("go", "gonb")),
                Step("readgo", "Reader of Go for the tools (readgo)", fingerprint(go, *READGO), self.go_install("./lessons/grading/readgo"), after=("venv", "go"), leaves=(BIN / "readgo",)),
                Step("kernel", "Kernel \"Go (fashionlab)\"", fingerprint(where, go, json.dumps(spec), json.dumps(LAB)), self.make_kernel,
                     after=("venv", "go"), leaves=(VENV / "share/jupyter/kernels/fashionlab/kernel.json", place / "go.mod")),
            ]
        for wanted, name, title, leaf in (
            (test or lint, "dev", "pytest, ruff, mypy, ONNX Runtime", "pytest"),
            (site, "site", "Sphinx, for the site", "sphinx-build"),
            (browser, "browser", "Playwright and axe", "playwright"),
        ):
            if wanted:
                file = f"requirements-{name}.txt"
                steps.append(Step(name, title, fingerprint(where, ROOT / file), self.pip("-r", file),
                                  after=tuple(s.name for s in steps if s.name in PIP), leaves=(BIN / leaf,)))
        if lint:
            steps += [Step(name, name, fingerprint(go, package), self.go_install(package), after=("venv", "go"), leaves=(BIN / name,)) for name, package in LINTERS.items()]
            steps.append(Step("vulndb", "Database of vulnerabilities", fingerprint(VULNDB), self.make_vulndb, after=("venv", "go"), leaves=(VENV / "vulndb",)))
        return steps


@contextlib.contextmanager
def alone(file: Path):
    """Waits until no other set-up works in this folder. Yields the lock's number for what may outlive this one.

    Where files cannot be locked, or the folder cannot be written, it goes on without.
    """
    try:
        import fcntl  # Windows has none

        file.parent.mkdir(parents=True, exist_ok=True)
        lock = open(file, "a", encoding="utf-8")
    except (ImportError, OSError):
        yield ()
        return
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as e:
            if e.errno in (errno.EWOULDBLOCK, errno.EACCES):
                print("Another set-up works in this folder: waiting for it.", flush=True)
                with contextlib.suppress(OSError):
                    fcntl.flock(lock, fcntl.LOCK_EX)
        yield (lock.fileno(),)


def begin_anew() -> None:
    """Removes an environment that was moved, and packages whose installation was interrupted."""
    where = fingerprint(sys.version, VENV)
    mark = DONE / "venv"
    if mark.exists() and mark.read_text(encoding="utf-8") != where:
        print("The folder was moved or Python has changed: making .venv again.", flush=True)
        shutil.rmtree(VENV)
    elif any((DONE / f"{name}.begun").exists() for name in PIP):
        for name in PIP:
            (DONE / name).unlink(missing_ok=True)


def main() -> None:
    options = set(sys.argv[1:])
    if unknown := options - {"--test", "--lint", "--site", "--browser", "--without-course"}:
        sys.exit(f"{__doc__}\nunknown: {' '.join(unknown)}")
    check_python()
    check_folder(ROOT)
    harmless_name(ROOT, dict(os.environ))
    env = environment.decide()
    if env.problem:
        raise Failed(env.problem)
    wanted = {"test": "--test" in options, "lint": "--lint" in options, "site": "--site" in options, "browser": "--browser" in options, "course": "--without-course" not in options}
    if all(step.done(DONE) for step in Setup(env, Commands()).steps(**wanted)):
        return
    with alone(ROOT / "build" / "setup.lock") as lock:
        if line := environment.without_xla(env):
            print(line, flush=True)
        begin_anew()
        commands = Commands(lock)
        carry_out(Setup(env, commands).steps(**wanted), DONE, commands, Display())


def interrupt(number: int, frame) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), interrupt)
    try:
        main()
    except Failed as e:
        sys.exit(f"\n{e}")
    except KeyboardInterrupt:
        sys.exit("\nStopped. Finished steps are kept; run make setup again.")
