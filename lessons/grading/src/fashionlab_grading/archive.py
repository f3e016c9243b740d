"""What a folder or a zip file holds. Nothing is written to disk, so the names in it can do no harm there."""

import io
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

MAX_FILE = 100_000_000
TOO_LARGE = f"it has more than {MAX_FILE // 10**6} MB, which no notebook needs: have the outputs cleared"
# What a damaged zip file, or one made to do harm, has zipfile raise.
BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)


class Unfit(Exception):
    """A file that cannot be taken; the message says why."""


@dataclass
class Entry:
    """A file in a folder or in a zip file."""

    parts: tuple[str, ...]  # its path
    when: datetime | None  # with its time zone; None if nobody wrote it down
    content: Callable[[], bytes]
    refused: str = ""  # why it is not even opened

    def read(self) -> bytes:
        """Its content, or Unfit."""
        if self.refused:
            raise Unfit(self.refused)
        try:
            data = self.content()
        except BROKEN as e:
            raise Unfit(f"it cannot be read ({shown(str(e))})") from None
        if len(data) > MAX_FILE:  # the size in a zip file's directory may be a lie
            raise Unfit(TOO_LARGE)
        return data


def shown(text: str) -> str:
    """A stranger's text for the terminal: what cannot be printed, or would change the direction of writing, as an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def in_folder(folder: Path) -> list[Entry]:
    """The files below a folder."""
    found = []
    todo = [folder]
    while todo:
        path = todo.pop()
        parts = path.relative_to(folder).parts
        status = path.lstat()
        if stat.S_ISDIR(status.st_mode):
            try:
                todo += path.iterdir()
            except OSError as e:
                found.append(Entry(parts or (".",), None, bytes, f"it cannot be read: {e.strerror}"))
            continue
        found.append(Entry(parts, datetime.fromtimestamp(status.st_mtime, UTC), path.read_bytes, refusal(status.st_mode, status.st_size)))
    return sorted(found, key=lambda e: e.parts)


def refusal(mode: int, size: int) -> str:
    """Why a file is not opened, or ""."""
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "it is a link" if stat.S_ISLNK(mode) else "it is no ordinary file"
    return TOO_LARGE if size > MAX_FILE else ""


def in_zip(source: Path | bytes, zone: tzinfo | None = None) -> list[Entry]:
    """The files in a zip file, or Unfit if it is none. Its times are on the wall in the zone, which is this machine's where it is None."""
    try:
        z = zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source)
    except BROKEN as e:
        raise Unfit(f"it is no zip file, or a part of it is missing ({e})") from None
    found = []
    for info in z.infolist():
        # Tools on Windows separate folders by backslashes.
        name = name_of(info).replace("\\", "/")
        if name.endswith("/"):
            continue
        parts = tuple(p for p in name.split("/") if p not in ("", ".")) or (".",)
        why = refusal(info.external_attr >> 16, info.file_size)
        if name.startswith("/") or ".." in parts or name[1:2] == ":":
            why = "its path leads out of the zip file, which no learning platform writes"
        elif info.flag_bits & 1:
            why = "it is encrypted"
        found.append(Entry(parts, time_of(info, zone), unpacker(z, info), why))
    return found


def extra(info: zipfile.ZipInfo) -> Iterator[tuple[int, bytes]]:
    """What an entry says in further fields: their kinds and contents."""
    rest = info.extra
    while len(rest) >= 4:
        kind, length = struct.unpack("<HH", rest[:4])
        yield kind, rest[4 : 4 + length]
        rest = rest[4 + length :]


def name_of(info: zipfile.ZipInfo) -> str:
    """An entry's name. What is not marked as UTF-8 is UTF-8 all the same in what many tools write."""
    name = info.orig_filename
    if info.flag_bits & 0x800:
        return name
    for kind, data in extra(info):
        # Info-ZIP's Unicode path: a version, the checksum of the name that it is for, the name.
        if kind == 0x7075 and len(data) > 5 and struct.unpack("<I", data[1:5])[0] == zlib.crc32(name.encode("cp437")):
            return data[5:].decode("utf-8", "replace")
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def time_of(info: zipfile.ZipInfo, zone: tzinfo | None) -> datetime | None:
    """An entry's time."""
    try:
        for kind, data in extra(info):
            # Info-ZIP's extended timestamp: flags, the first of which says that seconds since 1970 follow.
            if kind == 0x5455 and len(data) >= 5 and data[0] & 1:
                return datetime.fromtimestamp(struct.unpack("<i", data[1:5])[0], UTC)
        when = datetime(*info.date_time)
        return when.replace(tzinfo=zone) if zone else when.astimezone()
    except (ValueError, OverflowError, OSError):  # tools without a clock write month 0
        return None


def unpacker(z: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    def content() -> bytes:
        with z.open(info) as f:
            return f.read(MAX_FILE + 1)

    return content
