#!/usr/bin/env python3
"""Registers the Go kernel for the user, so that all Jupyter programs of this user find it.

    .venv/bin/python -P tools/kernel.py add|remove

make setup registers it for the project's own JupyterLab only. With add, VS Code, a JupyterLab of
another environment, nbconvert and papermill see it too, under the name fashionlab. The
registration is one folder in the user's Jupyter folder; it points into this checkout.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True  # no __pycache__ next to the sources
import isolated

if __name__ == "__main__":
    isolated.restart()

import contextlib
import json
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager

import environment
import setup

NAME = "fashionlab"
# Go's folders: a shell may set them, and a program that is started from a desktop does not have these variables.
PLACES = ("GOCACHE", "GOMODCACHE", "GOPATH")


class Refused(Exception):
    """Nothing was changed. The message explains why, and what to do."""


def user_folder() -> Path:
    """The folder in which the user's kernels are registered."""
    return Path(KernelSpecManager().user_kernel_dir)


def user_spec(env: environment.Environment) -> dict:
    """The project's registration, changed for programs outside of this project."""
    place = setup.harmless(setup.ROOT, env.variables)
    spec = setup.kernel_spec(place, env, Path(setup.GOROOT_FILE.read_text(encoding="utf-8")))
    # The program that runs a notebook shows the kernel's standard error: keep GoNB's log out of it, and
    # let only what ends the kernel through. A compiler's messages go into the error itself (its
    # traceback, in plain text) and not into a piece of HTML, which nbconvert and papermill do not print.
    spec["argv"] += ["-legacy_stderr_threshold_behavior=false", "-stderrthreshold=FATAL", "-raw_error=true"]
    spec["env"] = {name: env.variables[name].replace("$", "$$") for name in PLACES if name in env.variables} | spec["env"]
    if env.compiler:  # packages with C are compiled with it, on some platforms cells are linked with it, and a desktop's menu starts programs with a short PATH
        own, _, rest = spec["env"]["PATH"].rpartition(os.pathsep)
        spec["env"]["PATH"] = os.pathsep.join([own, os.path.dirname(os.path.abspath(env.compiler)).replace("$", "$$"), rest])
    spec["metadata"] = {NAME: {"checkout": str(setup.ROOT)}}
    return spec


def owner(folder: Path) -> Path | None:
    """The checkout that the registration in folder points into, None where there is no registration.

    It raises Refused if the registration is not one of this project's.
    """
    if not os.path.lexists(folder / "kernel.json"):
        return None
    try:
        return Path(json.loads((folder / "kernel.json").read_text(encoding="utf-8"))["metadata"][NAME]["checkout"])
    except (OSError, ValueError, LookupError, TypeError):
        raise Refused(
            f"{folder} is a kernel of the same name that make kernel did not register. It was not changed.\n"
            "Remove or rename that folder if you do not need it."
        ) from None


def add() -> str:
    """Registers the kernel and returns what was done."""
    folder = user_folder() / NAME
    before = owner(folder)
    spec = json.dumps(user_spec(environment.decide()), indent=1) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / "kernel.json.part"
    part.write_text(spec, encoding="utf-8")
    part.replace(folder / "kernel.json")
    said = [f'The kernel "Go (fashionlab)" is registered for this user: {folder / "kernel.json"}', f"It runs what is in {setup.ROOT}."]
    if before is not None and before != setup.ROOT:
        said.append(f"This replaces its registration from {before}.")
    return "\n".join([*said, "Its name is fashionlab; docs/ways-in.md describes how to use it. make kernel-remove removes it."])


def remove() -> str:
    """Removes the registration and returns what was done."""
    folder = user_folder() / NAME
    registered = owner(folder)
    if registered is None:
        return f"No kernel {NAME} is registered for this user in {folder.parent}: nothing to remove."
    if registered != setup.ROOT and registered.exists():
        raise Refused(f"{folder} is registered from another checkout, {registered}. It was not changed.\nRun make kernel-remove there.")
    (folder / "kernel.json").unlink()
    with contextlib.suppress(OSError):  # the user's own file is there, which Jupyter ignores
        folder.rmdir()
    gone = "" if registered == setup.ROOT else f" It pointed to {registered}, which no longer exists."
    return f"Removed {folder / 'kernel.json'}.{gone}"


def main() -> None:
    commands = {"add": add, "remove": remove}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    try:
        print(commands[sys.argv[1]]())
    except (Refused, setup.Failed) as e:
        sys.exit(str(e))
    except OSError as e:
        sys.exit(f"{e}\nThe user's Jupyter folder cannot be changed. JUPYTER_DATA_DIR names another one.")


if __name__ == "__main__":
    main()
