"""Starts a Go kernel and runs cells in it: the only program of grading that is inside the sandbox.

    python inside.py PROGRAM ARGUMENT…

Its standard input is a socket to kernel.py, which is outside. Both sides send lines of JSON:

    {"run": CODE}         is answered by {"type": …, "content": …} for each output, and {"idle": true} at the end
    {"interrupt": true}   interrupts what runs
    {"listen": N}         is answered by {"listening": [NAME, …]} with N listening sockets, as file descriptors

The first line is {"ready": true}, when the kernel answers. The kernel's own protocol, ZeroMQ's, ends here: what the side
outside reads of a stranger's program are lines of bounded length, and nothing of it has to be on a disk that both see.
"""

import ctypes
import json
import os
import queue
import secrets
import socket
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

import zmq
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

SHOWN = ("stream", "display_data", "execute_result", "error")
PR_SET_DUMPABLE = 4


class GoKernel(KernelManager):
    """A kernel whose command is given, and not looked for among the installed ones."""

    command: list[str] = []

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(argv=self.command, display_name="Go", language="go", interrupt_mode="message")


class Relay:
    """Passes cells on to the kernel, and what they print to the side outside."""

    def __init__(self, outside: socket.socket, command: list[str]) -> None:
        self.outside = outside
        self.folder = tempfile.mkdtemp(prefix="k", dir="/tmp")  # paths of sockets must be short
        self.kernel = GoKernel(transport="ipc", ip=f"{self.folder}/k", connection_file=f"{self.folder}/kernel.json")
        self.kernel.command = [command[0], "--kernel", "{connection_file}", *command[1:]]
        self.kernel.start_kernel()
        self.client = self.kernel.blocking_client()
        self.client.context.setsockopt(zmq.MAXMSGSIZE, 16_000_000)
        self.client.context.setsockopt(zmq.RCVHWM, 200)
        self.client.start_channels(stdin=False, hb=False)
        self.asked = ""  # the message that the cell which runs was sent with

    def serve(self) -> None:
        """Works until the side outside, or the kernel, is gone."""
        self.client.wait_for_ready(timeout=60)
        self.send({"ready": True})
        requests = self.requests()
        poller = zmq.Poller()
        poller.register(self.outside, zmq.POLLIN)
        poller.register(self.client.iopub_channel.socket, zmq.POLLIN)
        while self.kernel.is_alive():
            for ready, _ in poller.poll(500):
                if ready != self.outside.fileno():
                    self.forward()
                elif not next(requests):
                    return

    def requests(self) -> Iterator[bool]:
        """Reads what there is of requests and does what is asked; False at their end."""
        pending = b""
        while block := self.outside.recv(1 << 16):
            *lines, pending = (pending + block).split(b"\n")
            for line in lines:
                self.do(json.loads(line))
            yield True
        yield False

    def do(self, request: dict[str, Any]) -> None:
        if "run" in request:
            self.asked = self.client.execute(request["run"], store_history=True, allow_stdin=False, stop_on_error=False)
        elif "interrupt" in request:
            self.client.control_channel.send(self.client.session.msg("interrupt_request", {}))
        elif "listen" in request:
            self.listen(int(request["listen"]))

    def forward(self) -> None:
        try:
            message = self.client.get_iopub_msg(timeout=0)
        except (queue.Empty, ValueError, KeyError, TypeError, UnicodeDecodeError):
            return  # not a message at all, or one with a wrong signature: somebody else's than the kernel's
        if message["parent_header"].get("msg_id") != self.asked or not self.asked:
            return
        kind, content = message["header"].get("msg_type"), message["content"]
        if kind == "status" and content.get("execution_state") == "idle":
            self.asked = ""
            self.send({"idle": True})
        elif kind in SHOWN or kind == "update_display_data" and isinstance(data := content.get("data"), dict) and all(mime.startswith("text/") for mime in data):
            # A text that grows is shown again and again; pictures of a training in progress would be too many.
            self.send({"type": kind, "content": content})

    def listen(self, count: int) -> None:
        """Makes sockets that this network namespace's programs can connect to, and hands them to the side outside.

        Their names are abstract: there is no file.
        """
        names, sockets = [], []
        for _ in range(count):
            names.append("@check-" + secrets.token_hex(8))
            sockets.append(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            sockets[-1].bind("\0" + names[-1][1:])
            sockets[-1].listen(1)
        line = json.dumps({"listening": names}).encode() + b"\n"
        sent = socket.send_fds(self.outside, [line], [s.fileno() for s in sockets])
        self.outside.sendall(line[sent:])
        for s in sockets:
            s.close()

    def send(self, line: dict[str, Any]) -> None:
        self.outside.sendall(json.dumps(line).encode() + b"\n")

    def stop(self) -> None:
        self.client.stop_channels()
        self.kernel.shutdown_kernel()
        os.rmdir(self.folder)


def main() -> None:
    if sys.platform == "linux":
        # No program of the same user can read or write this one's memory, or take its open files.
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    outside = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    relay = Relay(outside, sys.argv[1:])
    try:
        relay.serve()
    finally:
        relay.stop()


if __name__ == "__main__":
    main()
