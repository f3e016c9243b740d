#!/usr/bin/env python3
"""Measures `fashion serve` under load, next to ONNX Runtime without a server, and tries what it refuses and how it ends.

    make test    # installs httpx and ONNX Runtime; so does python3 tools/setup.py --test
    sudo apt install wrk
    .venv/bin/python tools/environment.py .venv/bin/python fashion/bench/serve.py --run runs/mine

wrk sends the requests, binary tensors of bytes, from clients that each wait for an answer before they send the next request.
The server and wrk share the machine. ONNX Runtime computes the exported model in a loop, in one process with two threads.
Then the script counts the answers to requests that are wrong or too many, and those around a SIGTERM in the middle of
load: it fails if the server has accepted a request, by its log, whose answer did not arrive.
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import onnxruntime
import psutil
from compare import ROOT, load, processor, run

HEADER = "Inference-Header-Content-Length"
WRK = """
local file = assert(io.open("BODY", "rb"))
wrk.method, wrk.body = "POST", file:read("*a")
wrk.headers["Inference-Header-Content-Length"] = "LENGTH"
done = function(summary, latency)
  local e = summary.errors
  print(string.format('\\n{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "failed": %d}', summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, e.connect + e.read + e.write + e.status + e.timeout))
end
"""


class Server:
    """A running `fashion serve`."""

    def __init__(self, process: subprocess.Popen, log: Path) -> None:
        first = json.loads(process.stdout.readline())
        self.process, self.log = process, log
        self.base, self.infer = first["url"], f"{first['url']}/v2/models/{first['model']}/infer"

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        if status := self.process.wait(60):
            sys.exit(f"fashion serve ended with status {status}:\n{self.log.read_text(encoding='utf-8')[-2000:]}")


@contextlib.contextmanager
def serving(program: str, folder: str, directory: str, *flags: str) -> Iterator[Server]:
    log = Path(tempfile.mkstemp(dir=folder)[1])
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen([program, "serve", "-run", directory, "-addr", "127.0.0.1:0", "-json", *flags],
                                   stdout=subprocess.PIPE, stderr=errors, encoding="utf-8", cwd=ROOT)
    try:
        yield Server(process, log)
    finally:
        process.kill()
        process.wait()


def request(images: int, count: int | None = None) -> tuple[bytes, dict[str, str]]:
    """A body and its header fields: images of noise as bytes. A count is the number that it claims to have."""
    pixels = np.random.default_rng(0).integers(0, 256, images * 784, np.uint8).tobytes()
    text = json.dumps({
        "parameters": {"binary_data_output": True},
        "inputs": [{"name": "images", "datatype": "UINT8", "shape": [count or images, 784], "parameters": {"binary_data_size": len(pixels)}}],
    }).encode()
    return text + pixels, {HEADER: str(len(text))}


def batches(server: Server) -> tuple[float, float]:
    """The numbers of images and of batches that were computed so far."""
    text = httpx.get(server.base + "/metrics").text
    return tuple(float(re.search(rf"^fashion_batch_images_{what} (\S+)$", text, re.MULTILINE).group(1)) for what in ("sum", "count"))


def loaded(server: Server, folder: str, images: int, clients: int, seconds: int) -> str:
    """A row of the table: the server with one number of clients and of images in a request."""
    body, header = request(images)
    (Path(folder) / "body").write_bytes(body)
    script = Path(folder) / "wrk.lua"
    script.write_text(WRK.replace("BODY", f"{folder}/body").replace("LENGTH", header[HEADER]), encoding="utf-8")
    before = batches(server)
    done = subprocess.run(["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "-s", script, server.infer], capture_output=True, encoding="utf-8", check=True)
    r = json.loads(done.stdout.splitlines()[-1])
    if r["failed"]:
        sys.exit(f"{r['failed']} requests failed under load:\n{done.stdout}")
    rate = r["requests"] / r["seconds"]
    total, count = (a - b for a, b in zip(batches(server), before))
    memory = psutil.Process(server.process.pid).memory_info().rss / 1e6
    return f"| {images} | {clients} | {rate:,.0f} | {rate * images:,.0f} | {r['p50']:.1f} | {r['p99']:.1f} | {total / count:.1f} | {memory:.0f} |"


def alone(model: str, images: int, seconds: int) -> float:
    """Images a second in ONNX Runtime without a server, with two threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    pixels = np.random.default_rng(0).random((images, 1, 28, 28), np.float32)
    session.run(None, {"images": pixels})
    steps, begin = 0, time.perf_counter()
    while time.perf_counter() < begin + seconds:
        session.run(None, {"images": pixels})
        steps += 1
    return steps * images / (time.perf_counter() - begin)


async def statuses(server: Server, body: bytes, header: dict, clients: int) -> Counter:
    """The numbers of answers by status, of clients that send one request each at the same time."""
    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=None)) as client:
        answers = await asyncio.gather(*(client.post(server.infer, content=body, headers=header) for _ in range(clients)))
    return Counter(a.status_code for a in answers)


def refusals(server: Server, most: int) -> str:
    good, header = request(1)
    lines = []
    for what, body, fields, clients in (
        ("a request that is not JSON", b"x" * len(good), {}, 1),
        ("a request with fewer pixels than its shape says", *request(1, 2), 1),
        ("a request with 65 images", *request(65), 1),
        ("a request of 5 MiB", bytes(5 << 20), {}, 1),
        (f"{8 * most} requests at once, where {most} may wait", good, header, 8 * most),
    ):
        counts = asyncio.run(statuses(server, body, fields, clients))
        lines.append(f"- {what}: " + ", ".join(f"{n} × {status}" for status, n in sorted(counts.items())))
    return "\n".join(lines)


async def until_it_ends(server: Server, clients: int) -> tuple[int, Counter]:
    """SIGTERM after a second of load. Returns the number of answers and those of errors by kind."""
    body, header = request(1)
    answers, errors = 0, Counter()

    async def one(client: httpx.AsyncClient) -> None:
        nonlocal answers
        while True:
            try:
                answer = await client.post(server.infer, content=body, headers=header)
            except httpx.ConnectError:  # the server has ended
                errors["refused"] += 1
                return
            except httpx.TransportError as e:  # the connection was closed before the server had read the request
                errors[type(e).__name__] += 1
                continue
            answers += answer.status_code == 200
            if answer.status_code != 200:
                errors[answer.status_code] += 1

    async with httpx.AsyncClient(timeout=60) as client:
        tasks = [asyncio.create_task(one(client)) for _ in range(clients)]
        await asyncio.sleep(1)
        server.process.send_signal(signal.SIGTERM)
        await asyncio.gather(*tasks)
    return answers, errors


def shutdown(server: Server, clients: int) -> str:
    answers, errors = asyncio.run(until_it_ends(server, clients))
    server.end()
    accepted = len(re.findall(r"/infer status=200\b", server.log.read_text(encoding="utf-8")))
    text = f"- {accepted} requests accepted, {answers} answers received; " + ", ".join(f"{n} × {kind}" for kind, n in errors.items())
    if accepted != answers:
        sys.exit(f"{text}\n{accepted - answers} accepted requests have lost their answers")
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", required=True, help="folder of a run")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--seconds", type=int, default=10, help="length of each measurement")
    parser.add_argument("--shutdowns", type=int, default=3)
    a = parser.parse_args()
    directory, before = str(Path(a.run).resolve()), load()
    with tempfile.TemporaryDirectory() as folder:
        program, model = f"{folder}/fashion", f"{folder}/model.onnx"
        subprocess.run(["go", "build", "-o", program, "./fashion/cmd/fashion"], cwd=ROOT, check=True)
        run([program, "export", "-run", directory, "-format", "onnx", "-out", model, "-json"])
        rates = {images: alone(model, images, a.seconds) for images in (1, 32)}
        with serving(program, folder, directory) as server:
            rows = [loaded(server, folder, images, clients, a.seconds) for images in (1, 32) for clients in a.clients]
            server.end()
        print(f"{processor({})}; {before} before, {load()} after; {os.path.basename(directory)}.\n")
        print("| images in a request | clients | requests/s | images/s | p50, ms | p99, ms | images in a batch | memory, MB |\n" + "|---" * 8 + "|")
        print("\n".join(rows))
        print("\n| ONNX Runtime " + onnxruntime.__version__ + ", images in a batch | images/s |\n|---|---|")
        print("\n".join(f"| {images} | {rate:,.0f} |" for images, rate in rates.items()))
        most = 8
        with serving(program, folder, directory, "-max-requests", str(most), "-max-wait", "50ms") as server:
            print(f"\nRefused:\n\n{refusals(server, most)}")
            server.end()
        print("\nSIGTERM in the middle of load:\n")
        for _ in range(a.shutdowns):
            with serving(program, folder, directory) as server:
                print(shutdown(server, max(a.clients)))


if __name__ == "__main__":
    main()
