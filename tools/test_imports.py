"""Every Python file of tools and grading can be imported where Unix's own modules do not exist, as on Windows."""

import json
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNIX_ONLY = ["fcntl", "grp", "posix", "pty", "pwd", "resource", "termios", "tty"]
FOLDERS = {"tools": "", "lessons/grading/src": "fashionlab_grading"}  # and the package in it, "" where the files are modules

# Other people's packages know Windows, but look for it by its name: so that these modules are refused to our files alone.
IMPORT = """
import builtins, importlib, json, sys

folder, unix_only, names = json.loads(sys.argv[1])
sys.path.insert(0, folder)
original = builtins.__import__

def without_unix(name, globals=None, *rest, **named):
    if name in unix_only and str((globals or {}).get("__file__", "")).startswith(folder):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return original(name, globals, *rest, **named)

builtins.__import__ = without_unix
failed = {}
for name in names:
    try:
        importlib.import_module(name)
    except ImportError as e:
        failed[name] = str(e)
print(json.dumps(failed))
"""


def failures(folder: Path, package: str = "") -> dict:
    """The modules in folder that cannot be imported without Unix's own, each with the reason."""
    files = (folder / package).glob("*.py")
    names = sorted(f"{package}.{f.stem}".lstrip(".") for f in files if not f.stem.startswith(("test_", "__main__")))
    assert names, f"{folder} holds no modules"
    done = subprocess.run([sys.executable, "-P", "-c", IMPORT, json.dumps([str(folder), UNIX_ONLY, names])], capture_output=True, encoding="utf-8", timeout=300)
    if done.returncode:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


class Imports(unittest.TestCase):
    def test_nothing_fails_at_import_for_want_of_a_unix_module(self):
        for folder, package in FOLDERS.items():
            with self.subTest(folder):
                self.assertEqual(failures(ROOT / folder, package), {})

    def test_an_import_at_the_top_would_be_noticed(self):
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "late.py").write_text("def f():\n    import fcntl\n", encoding="utf-8")
            for module in UNIX_ONLY:
                (Path(folder) / f"early_{module}.py").write_text(f"from {module} import *\n", encoding="utf-8")
            self.assertEqual(set(failures(Path(folder).resolve())), {f"early_{m}" for m in UNIX_ONLY})


if __name__ == "__main__":
    unittest.main()
