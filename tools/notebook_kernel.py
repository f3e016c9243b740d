"""Runs a notebook's cells in a kernel. No process remains afterwards, in any case."""

import asyncio
import contextlib
import logging
import os
import signal
import time
from pathlib import Path

import psutil
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient

from notebook_files import shown
from notebook_progress import Progress
from notebook_stop import stop

KERNEL = "fashionlab"
MARK = "FASHIONLAB_KERNEL"  # the variable by which a kernel's processes are found
START = 120  # seconds within which a kernel answers
GRACE = 10  # seconds in which a training saves its state; GoNB allows five
AGAIN = 0.5  # seconds until a kernel is interrupted again: one that compiles ignores it
WORDS = 15  # lines of the kernel's own messages that are shown

# This module reports errors itself, once and in words; the Jupyter libraries would write them on standard error too.
quiet = logging.getLogger("fashionlab.quiet")
quiet.addHandler(logging.NullHandler())
quiet.propagate = False


class NoKernel(Exception):
    """The kernel did not start. The message explains why."""


class Client(NotebookClient):
    """Passes the output of running cells on to the progress."""

    def __init__(self, nb, progress: Progress, **options):
        super().__init__(nb, timeout=None, record_timing=False, log=quiet, **options)
        self.progress = progress

    def process_message(self, msg, cell, cell_index):
        content = msg["content"]
        self.progress.said(content.get("text") or content.get("data", {}).get("text/plain", ""))
        return super().process_message(msg, cell, cell_index)


def last_words(log: Path) -> str:
    """The end of the kernel's messages, for a message of this program."""
    lines = [l for l in log.read_text(encoding="utf-8", errors="replace").splitlines() if l.strip()]
    if not lines:
        return "It wrote no message."
    return f"Its last messages ({shown(log)} has all):\n" + "\n".join(f"  {l}" for l in lines[-WORDS:])


async def start(manager: AsyncKernelManager, folder: Path, env: dict, log: Path):
    """Starts the kernel in the folder and waits for its first answer."""
    try:
        with log.open("wb") as file:  # GoNB's own messages; what cells write comes as outputs
            await manager.start_kernel(cwd=str(folder), env=env, stdout=file, stderr=file)
    except NoSuchKernel:
        raise NoKernel(f"The kernel {KERNEL} is not registered: make setup registers it, make doctor finds what is missing.") from None
    except Exception as e:  # the libraries raise many kinds of errors for a damaged description
        raise NoKernel(f"The kernel {KERNEL} cannot be started: {e}. make setup repairs it, make doctor finds what is missing.") from None
    client = manager.client()
    client.start_channels()
    client.allow_stdin = False
    try:
        await client.wait_for_ready(timeout=START)
    except RuntimeError as e:
        client.stop_channels()
        raise NoKernel(f"The kernel {KERNEL} does not answer: {e}. {last_words(log)}") from None
    return client


def started_by(mark: str) -> list[psutil.Process]:
    """The processes that still run of those that a kernel has started, itself among them: they have its mark.

    Groups and parents do not tell: gopls is given a session of its own, and whatever outlives the kernel another parent.
    """
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):  # another user's, or it has just ended
            pass
    return found


async def end(manager: AsyncKernelManager, mark: str) -> None:
    """Ends the kernel and all that it has started: gopls, and the cell's program, also where the kernel is dead already."""
    for ask, seconds in ((psutil.Process.terminate, GRACE), (psutil.Process.kill, 3)):
        asked, until = set(), time.monotonic() + seconds
        while (left := started_by(mark)) and time.monotonic() < until:
            for process in set(left) - asked:  # another may have been started meanwhile
                asked.add(process)
                with contextlib.suppress(psutil.Error):
                    ask(process)
            await asyncio.sleep(0.05)
    await manager.is_alive()  # takes notice of its end
    await manager.cleanup_resources()


async def give_up(told: asyncio.Event, work: asyncio.Task, manager: AsyncKernelManager, client: Client) -> None:
    """Ends the work on request: first the running cell saves its state, while its kernel still runs."""
    await told.wait()
    until = time.monotonic() + GRACE
    while client.kc and not work.done() and time.monotonic() < until:
        with contextlib.suppress(OSError):
            os.kill(manager.provisioner.pid, signal.SIGINT)
        await asyncio.wait({work}, timeout=AGAIN)
    work.cancel()


async def _run(nb, folder: Path, env: dict, log: Path, progress: Progress) -> None:
    manager = AsyncKernelManager(kernel_name=KERNEL, log=quiet)
    mark = f"{os.getpid()}-{time.time_ns()}"
    client = Client(nb, progress, km=manager)

    async def cells() -> None:
        client.kc = await start(manager, folder, env | {MARK: mark}, log)
        number = 0
        for index, cell in enumerate(nb.cells):
            if cell.cell_type == "code":
                if stop.by is not None:
                    return
                number += 1
                progress.begin()
                await client.async_execute_cell(cell, index, execution_count=number)
                progress.end()

    work, ticks = asyncio.ensure_future(cells()), asyncio.ensure_future(progress.ticks())
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    stop.react = lambda _: loop.call_soon_threadsafe(told.set)
    if stop.by is not None:
        told.set()
    giving_up = asyncio.ensure_future(give_up(told, work, manager, client))
    try:
        await work
    finally:
        stop.react = lambda _: None  # the kernel is ending already
        giving_up.cancel()
        ticks.cancel()
        if client.kc:
            client.kc.stop_channels()
        await end(manager, mark)


def run(nb, folder: Path, env: dict, log: Path, progress: Progress) -> None:
    """Runs the cells in the folder. Raises Stopped, NoKernel, and nbclient's CellExecutionError and DeadKernelError.

    nbclient's own execute answers signals by ending the kernel under its waiting
    tasks, which then fail in many ways; here the one task that runs the cells is cancelled.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with stop.held():
        asyncio.run(_run(nb, folder, env, log, progress))
