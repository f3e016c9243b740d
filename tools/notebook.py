"""Executes, checks and exports the course's notebooks.

    python tools/notebook.py make NAME…
    python tools/notebook.py execute NOTEBOOK.md [-o NOTEBOOK.ipynb]
    python tools/notebook.py text NOTEBOOK.md
    python tools/notebook.py check NOTEBOOK.ipynb
    python tools/notebook.py export NOTEBOOK.ipynb [-o PAGE.html]

A notebook's source is the Markdown file beside it; its outputs are made by
execute alone. text takes over changed text where the code is the same. check
fails when the two disagree, when an output shows an error, when a figure in
NOTEBOOK.checks.toml is not there or not in its range, or when a number in the
text is not the one that the notebook beside the source shows. export writes a page that
needs no network. make says how long it takes, and then executes, exports and
checks notebooks/NAME.md, one after the other.
"""

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from notebook_stop import Stopped, stop


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    several = verbs.add_parser("make", help="estimate the time; then execute, export and check")
    several.add_argument("names", nargs="+", metavar="NAME", help="homework, insight, tour, challenge, …")
    several.add_argument("--target", help="make's target that runs this, for messages")
    until = {"default": "", "metavar": "HEADING", "help": "stop before this heading, such as '## Training'"}
    execute = verbs.add_parser("execute", help="run all cells and keep their outputs")
    execute.add_argument("source", type=Path)
    execute.add_argument("-o", "--output", type=Path, help="default: next to the source, .ipynb")
    execute.add_argument("--until", **until)
    text = verbs.add_parser("text", help="copy changed text without executing; the code must be the same")
    text.add_argument("source", type=Path)
    text.add_argument("-o", "--output", type=Path, help="default: next to the source, .ipynb")
    check = verbs.add_parser("check", help="compare with the source and with the expected figures")
    check.add_argument("notebook", type=Path)
    check.add_argument("--source", type=Path, help="default: next to the notebook, .md")
    check.add_argument("--until", **until)
    check.add_argument("--full", action="store_true", help="fail if it was made with fewer epochs (FASHION_EPOCHS)")
    export = verbs.add_parser("export", help="write a page that needs no network")
    export.add_argument("notebook", type=Path)
    export.add_argument("-o", "--output", type=Path, help="default: next to the notebook, .html")
    return parser.parse_args()


def perform(a: argparse.Namespace) -> None:
    """Carries out the command, or exits with the reason why not."""
    try:
        import notebook_check
        import notebook_estimate
        import notebook_execute
        import notebook_export
        import notebook_make
        from fashionlab_grading.toolbox import Missing
    except ImportError as e:
        sys.exit(f"{a.verb}: {e}. The packages in .venv are not complete: make setup installs what is missing.")
    try:
        if a.verb == "make":
            notebook_make.make(a.names, f"make {a.target}" if a.target else f"notebook.py make {' '.join(a.names)}")
        elif a.verb == "execute":
            notebook_execute.execute(a.source, a.until, a.output or a.source.with_suffix(".ipynb"))
        elif a.verb == "text":
            notebook_execute.take_text(a.source, a.output or a.source.with_suffix(".ipynb"))
        elif a.verb == "check":
            notebook_check.check(a.notebook, a.source or a.notebook.with_suffix(".md"), a.until, a.full)
        else:
            notebook_export.export(a.notebook, a.output or a.notebook.with_suffix(".html"))
    except (notebook_execute.CellFailed, notebook_check.Disagrees, notebook_estimate.WrongEpochs, Missing) as e:
        sys.exit(str(e))
    except OSError as e:
        sys.exit(f"{a.verb}: {e}")


def main() -> int:
    """The exit status: 0 done, 1 failed, 2 wrong usage, and 128 and the signal's number where one ended it."""
    sys.stdout, sys.stderr = (stream or open(os.devnull, "w", encoding="utf-8") for stream in (sys.stdout, sys.stderr))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a terminal without UTF-8 shows a question mark
    stop.listen()
    try:
        perform(arguments())
        status = 0
    except Stopped as e:
        try:
            print(e, file=sys.stderr)
        except OSError:
            pass  # the reader of the pipe has ended
        status = e.status
    except SystemExit as e:
        if isinstance(e.code, str):
            try:
                print(e.code, file=sys.stderr)
            except OSError:
                pass
        status = e.code if isinstance(e.code, int) else 1
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # otherwise Python would try again at its end, and report an error
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return status


if __name__ == "__main__":
    sys.exit(main())
