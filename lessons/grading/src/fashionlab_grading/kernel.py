"""Runs cells in a Go kernel that lives in a sandbox.

The kernel compiles and runs what a student wrote; this side, outside, sends it cells
and takes what they print, in bounded amounts. Nothing that the kernel says decides a mark.
"""

import contextlib
import json
import os
import queue
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from nbformat import NotebookNode
from nbformat.v4 import output_from_msg

from fashionlab_grading.sandbox import Limits, Sandbox, descendants
from fashionlab_grading.toolbox import Toolbox

MAX_TEXT = 20_000  # characters of text that a cell may print and keep
MAX_RICH = 1_000_000  # characters of pictures and the like
FLOOD = 4_000_000  # characters after which a cell is stopped
PATIENCE = 8  # seconds for a program to end after it was asked to: GoNB itself waits for 5


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
        self.folder = Path(tempfile.mkdtemp(prefix="fl-", dir="/tmp"))  # paths of sockets must be short
        connection = self.folder / "kernel.json"
        ports = {f"{name}_port": number for number, name in enumerate(["shell", "iopub", "stdin", "control", "hb"], 1)}
        key = secrets.token_hex(16)
        connection.write_text(json.dumps({
            **ports, "transport": "ipc", "ip": str(self.folder / "k"), "key": key, "signature_scheme": "hmac-sha256",
        }), encoding="utf-8")
        connection.chmod(0o644)
        command: list[str | Path] = [*tools.kernel_command(sandboxed), "--kernel", connection, "-raw_error=true", "-logtostderr=true", f"-go_work={tools.root}"]
        environment, mounts = tools.environment(sandboxed), tools.mounts()
        mounts.writable.append(self.folder)
        self.client = BlockingKernelClient(connection_file=str(connection))
        self.sandbox = Sandbox(command, environment, mounts, limits, sandboxed)
        try:
            self.connect()
        except BaseException:
            self.stop()
            raise

    def connect(self) -> None:
        deadline = time.monotonic() + 60
        while not all((self.folder / f"k-{n}").exists() for n in range(1, 6)):
            self.alive()
            if time.monotonic() > deadline:
                raise Died("the kernel did not start within a minute")
            time.sleep(0.02)
        self.client.load_connection_file()
        self.client.context.setsockopt(zmq.MAXMSGSIZE, 16_000_000)
        self.client.context.setsockopt(zmq.RCVHWM, 200)
        self.client.start_channels(shell=True, iopub=True, stdin=False, hb=False, control=True)
        # The kernel is ready when it answers, and the subscription to its outputs holds when they arrive.
        while time.monotonic() < deadline:
            asked = self.client.kernel_info()
            ended = time.monotonic() + 1
            while time.monotonic() < ended:
                message = self.next(0.1)
                if message and message["parent_header"].get("msg_id") == asked:
                    return
        raise Died("the kernel did not answer within a minute")

    def alive(self) -> None:
        if self.sandbox.process.poll() is not None:
            said = self.sandbox.tail.decode(errors="replace").strip().splitlines()[-5:]
            raise Died(self.sandbox.why() or "the kernel ended: " + "\n".join(said))

    def next(self, seconds: float) -> dict[str, Any] | None:
        """The next message of the kernel's outputs, None if there is none in time."""
        try:
            message: dict[str, Any] = self.client.get_iopub_msg(timeout=seconds)
            return message
        except queue.Empty:
            self.alive()
        except (ValueError, KeyError, TypeError, UnicodeDecodeError, zmq.ZMQError):
            self.alive()  # not a message at all, or one with a wrong signature: somebody else's than the kernel's
        return None

    def run(self, code: str, seconds: float) -> Result:
        """Runs a cell, for no longer than so many seconds."""
        result = Result()
        asked = self.client.execute(code, store_history=True, allow_stdin=False, stop_on_error=False)
        deadline = time.monotonic() + seconds
        size = {"text": 0, "rich": 0}
        while True:
            now = time.monotonic()
            if now > deadline:
                if result.stopped:
                    raise Died(result.stopped)
                result.stopped = f"it ran for more than {seconds:.0f} s"
                self.interrupt()
                deadline = now + PATIENCE
            message = self.next(min(0.5, max(deadline - now, 0.01)))
            if not message or message.get("parent_header", {}).get("msg_id") != asked:
                continue
            kind, content = message["header"].get("msg_type"), message.get("content", {})
            if kind == "status" and content.get("execution_state") == "idle":
                break
            if kind not in ("stream", "display_data", "execute_result", "error"):
                continue
            try:
                add(result, output_from_msg(message), size)
            except (ValueError, KeyError, AttributeError, TypeError):
                continue  # a message that was made to confuse
            if sum(size.values()) > FLOOD and not result.stopped:
                result.stopped = "it printed more than anybody reads"
                self.interrupt()
                deadline = time.monotonic() + PATIENCE
        self.alive()
        result.failed = bool(result.stopped) or any(o.output_type == "error" for o in result.outputs)
        return result

    def interrupt(self) -> None:
        self.client.control_channel.send(self.client.session.msg("interrupt_request", {}))

    def stop(self) -> None:
        """Ends the kernel and everything that was started in its sandbox."""
        started = [] if self.sandbox.sandboxed else descendants(self.sandbox.process.pid)[1:]
        if self.client.channels_running:
            if not self.sandbox.sandboxed and self.sandbox.process.poll() is None:
                # It removes its folder, which nobody else would.
                self.client.shutdown()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.sandbox.process.wait(5)
            self.client.stop_channels()
        self.sandbox.stop()
        for pid in started:  # in a sandbox all end with its first process; here gopls would stay
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)


def add(result: Result, output: NotebookNode, size: dict[str, int]) -> None:
    """Adds an output, shortened where there is too much."""
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
