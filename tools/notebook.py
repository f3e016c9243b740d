"""Executes, checks and exports the course's notebooks.

    python tools/notebook.py execute NOTEBOOK.md [-o NOTEBOOK.ipynb] [--runs-of OTHER.md]
    python tools/notebook.py text NOTEBOOK.md
    python tools/notebook.py check NOTEBOOK.ipynb
    python tools/notebook.py export NOTEBOOK.ipynb [-o PAGE.html]

A notebook's source is the Markdown file beside it; its outputs are made by
execute alone. text takes over changed text where the code is the same. check fails when the two disagree, when an output shows an
error, or when a figure in NOTEBOOK.checks.toml is not there or not in its range.
export writes a page that needs no network.
"""

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import notebook_check
import notebook_execute
import notebook_export


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    until = {"default": "", "metavar": "HEADING", "help": "stop before this heading, such as '## Training'"}
    execute = verbs.add_parser("execute", help="run all cells and keep their outputs")
    execute.add_argument("source", type=Path)
    execute.add_argument("-o", "--output", type=Path, help="default: beside the source, .ipynb")
    execute.add_argument("--until", **until)
    execute.add_argument("--runs-of", type=Path, metavar="NOTEBOOK.md",
                         help="use the trained networks of this notebook, which was executed before")
    text = verbs.add_parser("text", help="take over changed text, without executing: the code must be the same")
    text.add_argument("source", type=Path)
    text.add_argument("-o", "--output", type=Path, help="default: beside the source, .ipynb")
    check = verbs.add_parser("check", help="compare with the source and with the expected figures")
    check.add_argument("notebook", type=Path)
    check.add_argument("--source", type=Path, help="default: beside the notebook, .md")
    check.add_argument("--until", **until)
    check.add_argument("--short", action="store_true", default=bool(os.environ.get("FASHION_EPOCHS")),
                       help="skip figures that need all epochs (default: when FASHION_EPOCHS is set)")
    export = verbs.add_parser("export", help="write a page that needs no network")
    export.add_argument("notebook", type=Path)
    export.add_argument("-o", "--output", type=Path, help="default: beside the notebook, .html")
    a = parser.parse_args()
    try:
        if a.verb == "execute":
            notebook_execute.execute(a.source, a.until, a.output or a.source.with_suffix(".ipynb"), a.runs_of)
        elif a.verb == "text":
            notebook_execute.take_text(a.source, a.output or a.source.with_suffix(".ipynb"))
        elif a.verb == "check":
            notebook_check.check(a.notebook, a.source or a.notebook.with_suffix(".md"), a.until, a.short)
        else:
            notebook_export.export(a.notebook, a.output or a.notebook.with_suffix(".html"))
    except (notebook_execute.CellFailed, notebook_check.Disagrees) as e:
        sys.exit(str(e))
    except OSError as e:
        sys.exit(f"{a.verb}: {e}")


if __name__ == "__main__":
    main()
