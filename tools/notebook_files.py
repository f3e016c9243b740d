"""Writes a file as a whole or not at all."""

import os
import tempfile
from pathlib import Path


def shown(path: Path) -> str:
    """The path as a reader types it: relative if it is below the current folder."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _mode(target: Path) -> int:
    """The permissions of the file, or those that a new one gets."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def check_writable(target: Path) -> None:
    """Raises the OSError of replace early, before the content is computed."""
    target = target.resolve()  # a link stays a link
    if target.is_dir():
        raise IsADirectoryError(f"{shown(target)} is a folder; name a file, or move the folder away")
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(f"{shown(target)} cannot be written; change its permissions, or name another file")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=target.parent).close()
    except OSError as e:
        raise OSError(f"{shown(target)} cannot be written: {e.strerror or e}; make its folder writable, or name another file") from None


def replace(target: Path, text: str, before=lambda: None) -> None:
    """Puts text into the file: where that fails, what was there stays.

    before is called when the text is on the disk and the old file is still there.
    """
    check_writable(target)
    target = target.resolve()
    number, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    part = Path(name)
    try:
        with open(number, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(number)
        part.chmod(_mode(target))
        before()
        part.replace(target)
    except OSError as e:
        raise OSError(f"{shown(target)} cannot be written: {e.strerror or e}") from None
    finally:
        part.unlink(missing_ok=True)
