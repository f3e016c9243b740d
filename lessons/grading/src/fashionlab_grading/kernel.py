"""Runs cells in a Go kernel that lives in a sandbox.

The kernel compiles and runs what a student wrote, and inside.py beside it speaks its protocol. This side, outside, sends
cells and takes what they print, in bounded amounts. Nothing that comes from inside decides a mark.

jupyter_client's KernelProvisioner, which starts kernels elsewhere, is not used: with one, the kernel's ZeroMQ channels
would have to come out of the sandbox, as files that both sides see or as ports, and this process would take apart what a
stranger's program sends. inside.py uses jupyter_client as it is, where the kernel is.
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode, ValidationError
from nbformat.v4 import output_from_msg

from fashionlab_grading.sandbox import Limits, Sandbox, descendants
from fashionlab_grading.toolbox import Toolbox

MAX_TEXT = 20_000  # characters of text that a cell may print and keep
MAX_RICH = 1_000_000  # characters of pictures and the like
FLOOD = 4_000_000  # characters after which a cell is stopped
MAX_LINE = 16_000_000  # bytes of one message
MAX_SOCKETS = 200
PATIENCE = 8  # seconds for a program to end after it was asked to: GoNB itself waits for 5
START = 60  # seconds for a kernel to start


class Died(Exception):
    """The kernel is gone, and with it all that was declared. The message says why."""


@dataclass
class Result:
    """What became of a cell."""

    outputs: list[NotebookNode] = field(default_factory=list)
    failed: bool = False
    stopped: str = ""  # why it was stopped, "" if it ended by itself


class Kernel:
    """A Go kernel in a sandbox of its own."""

    def __init__(self, tools: Toolbox, limits: Limits, sandboxed: bool = True) -> None:
        self.sandbox = Sandbox(tools.kernel_command(sandboxed), tools.environment(sandboxed), tools.mounts(), limits, sandboxed)
        self.control = self.sandbox.control
        self.pending = b""
        self.lines: deque[bytes] = deque()
        self.sockets: list[int] = []  # what came with the lines
        try:
            self.answer("ready", START)
            self.own = len(descendants(self.sandbox.process.pid))  # processes that are not the student's
        except BaseException:
            self.stop()
            raise

    def died(self) -> Died:
        """Why the kernel is gone, once its sandbox has ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.sandbox.process.wait(PATIENCE)
        self.sandbox.reader.join(1)
        said = self.sandbox.tail.decode(errors="replace").strip().splitlines()[-5:]
        return Died(self.sandbox.why() or "the kernel ended: " + "\n".join(said))

    def next(self, seconds: float) -> dict[str, Any] | None:
        """The next message from inside, None if there is none in time."""
        deadline = time.monotonic() + seconds
        while not self.lines:
            if not select.select([self.control], [], [], max(0, deadline - time.monotonic()))[0]:
                return None
            try:
                block, sockets, _, _ = socket.recv_fds(self.control, 1 << 16, MAX_SOCKETS)
            except ConnectionResetError:
                block, sockets = b"", []
            self.sockets += sockets
            if not block:
                raise self.died()
            *lines, self.pending = (self.pending + block).split(b"\n")
            self.lines += lines
            if len(self.pending) > MAX_LINE or len(self.sockets) > MAX_SOCKETS:
                raise Died("the kernel sent more than it was asked for")
        try:
            message = json.loads(self.lines.popleft())
        except (ValueError, RecursionError):
            message = None
        return message if isinstance(message, dict) else {}

    def answer(self, word: str, seconds: float) -> Any:
        """Waits for the message that answers a request; what cells print in between is nobody's."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            message = self.next(left)
            if message and word in message:
                return message[word]
        raise Died(f"the kernel did not answer within {seconds:.0f} s")

    def ask(self, **request: Any) -> None:
        try:
            self.control.settimeout(PATIENCE)
            self.control.sendall(json.dumps(request).encode() + b"\n")
        except TimeoutError:
            raise Died("the kernel takes no more requests") from None
        except OSError:
            raise self.died() from None

    def listen(self, count: int) -> list[tuple[str, int]]:
        """Sockets that wait for connections of the programs inside: their names there, and file descriptors for the caller to close."""
        self.forget()
        self.ask(listen=count)
        names, sockets = self.answer("listening", START), self.sockets
        self.sockets = []
        if not isinstance(names, list) or len(names) != count or len(sockets) != count:
            for number in sockets:
                os.close(number)
            raise Died("the kernel gave no sockets for the checks")
        return list(zip(map(str, names), sockets))

    def forget(self) -> None:
        """Closes the sockets that nobody asked for."""
        while self.sockets:
            os.close(self.sockets.pop())

    def run(self, code: str, seconds: float) -> Result:
        """Runs a cell, for no longer than so many seconds."""
        result = Result()
        self.ask(run=code)
        deadline = time.monotonic() + seconds
        size = {"text": 0, "rich": 0}
        displays: dict[str, NotebookNode] = {}  # outputs that may be updated, by their ids
        while True:
            now = time.monotonic()
            if now > deadline:
                if result.stopped:
                    raise Died(result.stopped)
                result.stopped = f"it ran for more than {seconds:.0f} s"
                self.ask(interrupt=True)
                deadline = now + PATIENCE
            message = self.next(max(deadline - now, 0.01))
            if not message:
                continue
            if "idle" in message:
                break
            try:
                # output_from_msg knows four types and refuses others.
                update = message["type"] == "update_display_data"
                before, identity = len(result.outputs), message["content"].get("transient", {}).get("display_id")
                add(result, output_from_msg({"header": {"msg_type": "display_data" if update else message["type"]}, "content": message["content"]}), size)
                if update and len(result.outputs) > before:
                    displays[identity].data = result.outputs.pop().data
                elif identity and len(result.outputs) > before:
                    displays[identity] = result.outputs[-1]
            except (ValueError, KeyError, AttributeError, TypeError, RecursionError, ValidationError):
                continue  # a message that was made to confuse
            if sum(size.values()) > FLOOD and not result.stopped:
                result.stopped = "it printed more than anybody reads"
                self.ask(interrupt=True)
                deadline = time.monotonic() + PATIENCE
        result.failed = bool(result.stopped) or any(o.output_type == "error" for o in result.outputs)
        return result

    def leftovers(self) -> bool:
        """Whether a cell has left something running."""
        return len(descendants(self.sandbox.process.pid)) > self.own

    def stop(self) -> None:
        """Ends the kernel and everything that was started in its sandbox."""
        self.forget()
        started = [] if self.sandbox.sandboxed else descendants(self.sandbox.process.pid)[1:]
        if not self.sandbox.sandboxed and self.sandbox.process.poll() is None:
            # It removes its folders, which nobody else would.
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                self.control.shutdown(socket.SHUT_WR)
                self.sandbox.process.wait(PATIENCE)
        self.sandbox.stop()
        for pid in started:  # in a sandbox all end with its first process; here gopls would stay
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def add(result: Result, output: NotebookNode, size: dict[str, int]) -> None:
    """Adds an output, shortened where there is too much. Raises ValueError for one that no notebook can hold."""
    texts = [output.get(name, "") for name in ("text", "ename", "evalue")] + output.get("traceback", []) + list(output.get("data", {}).values())
    if not all(isinstance(text, str) for text in texts) or output.get("name", "stdout") not in ("stdout", "stderr"):
        raise ValueError("an output of something else than text")
    "".join(texts).encode()  # half a surrogate pair cannot be written
    output.pop("metadata", None) if output.output_type in ("stream", "error") else output.update(metadata={})
    if output.output_type == "stream":
        text = str(output.text)
        room = MAX_TEXT - size["text"]
        size["text"] += len(text)
        if room <= 0:
            return
        if len(text) > room:
            text = text[:room] + "\n… the rest of the output was left out\n"
        last = result.outputs[-1] if result.outputs else None
        if last and last.output_type == "stream" and last.name == output.name:
            last.text += text
        else:
            output.text = text
            result.outputs.append(output)
        return
    length = len(json.dumps(output))
    size["rich"] += length
    if size["rich"] <= MAX_RICH or output.output_type == "error" and length < MAX_TEXT:
        result.outputs.append(output)
