"""Starts a script again without the user's Python settings, before it imports anything else.

A PYTHONPATH with a json.py of the user's own, or an output without the character for an arrow, would end it. Imports only what Python
has loaded already.
"""

import os
import sys


def restart() -> None:
    """Returns if Python runs with -I and -X utf8; otherwise starts the script again with them. (-B: no __pycache__.)"""
    if sys.flags.isolated and sys.flags.utf8_mode:
        return
    command = [sys.executable, "-I", "-B", "-X", "utf8"] + sys.argv
    if os.name == "nt":  # where exec returns to the shell before the new process has ended
        sys.exit(os.spawnv(os.P_WAIT, sys.executable, command))
    os.execv(sys.executable, command)
