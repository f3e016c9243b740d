#!/usr/bin/env python3
"""Starts JupyterHub, lets a class work through a notebook at once, and says how much memory each student's server uses.

    docker/hub/test.py [--students 8] [--notebook notebooks/tour.ipynb] [--cells N] [--spawner local|docker]

The hub, its proxy and the students' servers are real. With --spawner local the servers are processes of this
machine with the project's own .venv (make setup). With docker they are containers, started with jupyterhub_config.py through
Docker's socket ($DOCKER_HOST) from the image fashionlab:cpu. Each student has a browser's part played: a
kernel, and the notebook's cells one after the other. Needs npm. The hub's packages go to build/hub.

It fails if a cell fails, if a student can reach another's server, or (local) if the instructor's Formgrader is not the guarded one.
"""

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import statistics
import subprocess
import sys
import time
import uuid
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "build" / "hub"
PYTHON = WORK / "venv" / "bin" / "python"
GIB = 1 << 30


def install() -> None:
    """Installs the hub and its proxy, and for local servers what they lack, unless it was done before."""
    stamp, mark = WORK / "done", ""
    for name in ("requirements.txt", "package-lock.json", "../requirements-hub.txt"):
        mark += (HERE / name).read_text(encoding="utf-8")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == mark:
        return
    print("Installing JupyterHub into build/hub …", flush=True)
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, WORK)
    for command in (
        [sys.executable, "-m", "venv", WORK / "venv"],
        [PYTHON, *pip, "-r", HERE / "requirements.txt"],
        [ROOT / ".venv" / "bin" / "python", *pip, "--no-deps", "--target", WORK / "single", "-r", HERE.parent / "requirements-hub.txt"],
        ["npm", "ci", "--omit=dev", "--silent"],
    ):
        subprocess.run([str(c) for c in command], cwd=WORK, check=True)
    stamp.write_text(mark, encoding="utf-8")


CONFIG = '''
import os
c = get_config()
docker = {docker!r}
if docker:
    load_subconfig({hub_config!r})
    c.JupyterHub.hub_connect_ip = {hub_ip!r}
    c.DockerSpawner.image = {image!r}
    c.DockerSpawner.volumes = {{
        "fashion-test-home-{{username}}": "/home/jovyan",
        "fashion-test-exchange": "/srv/nbgrader/exchange",
    }}
else:
    c.JupyterHub.authenticator_class = "dummy"
    c.JupyterHub.spawner_class = "jupyterhub.spawner.SimpleLocalProcessSpawner"
    c.Authenticator.allow_all = True
    c.SimpleLocalProcessSpawner.home_dir_template = {homes!r} + "/{{username}}"
    c.Spawner.cmd = [{python!r}, "-m", "jupyterhub.singleuser"]
    c.Spawner.environment = {{
        "PYTHONPATH": {single!r}, "VIRTUAL_ENV": {venv!r},
        "JUPYTER_DATA_DIR": {venv!r} + "/share/jupyter", "GOMLX_NO_AUTO_INSTALL": "1",
        "GOMODCACHE": {gomodcache!r}, "GOCACHE": {gocache!r}, "FASHION_CACHE": {homes!r} + "/cache",
    }}
    c.Spawner.notebook_dir = {homes!r} + "/{{username}}"
    c.Spawner.args = ["--allow-root"]  # for machines where the tests run as root
    c.Spawner.start_timeout = 120
    c.Spawner.http_timeout = 120
    c.JupyterHub.allow_named_servers = True

    def before_start(spawner):
        if spawner.name == "formgrader":
            spawner.cmd = [{python!r}, "-P", "-m", "fashionlab_grading", "formgrader", {homes!r} + "/course"]
            spawner.default_url = "/formgrader/gradebook"

    c.Spawner.pre_spawn_hook = before_start
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {port} + 1
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:%d" % ({port} + 2)
c.JupyterHub.db_url = "sqlite:///" + {work!r} + "/hub.sqlite"
c.JupyterHub.cookie_secret_file = {work!r} + "/cookie_secret"
c.JupyterHub.services = [{{"name": "class", "api_token": {token!r}}}]
c.JupyterHub.load_roles = [{{"name": "class", "services": ["class"], "scopes": ["admin:users", "admin:servers", "tokens", "access:servers"]}}]
c.JupyterHub.cleanup_servers = True
'''


def memory(pids: list[int]) -> int:
    """Bytes of the processes' proportional set size: pages that several share count once, in parts."""
    total = 0
    for pid in pids:
        try:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
        except OSError:
            continue
    return total


def processes() -> dict[str, list[int]]:
    """The processes of each student's server, found by what JupyterHub puts into their environment."""
    found: dict[str, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            for item in (entry / "environ").read_bytes().split(b"\0"):
                if item.startswith(b"JUPYTERHUB_USER="):
                    found.setdefault(item.split(b"=", 1)[1].decode(), []).append(int(entry.name))
        except OSError:
            continue
    return found


def program(pid: int) -> str:
    """The name of a process's program, "" if the process has ended."""
    try:
        return os.path.basename(os.readlink(f"/proc/{pid}/exe"))
    except OSError:
        return ""


class Student:
    def __init__(self, name: str):
        self.name = name
        self.started = 0.0
        self.cells: list[float] = []
        self.now, self.peak, self.idle = 0, 0, 0


class Class:
    def __init__(self, port: int, token: str):
        from tornado.httpclient import AsyncHTTPClient

        AsyncHTTPClient.configure(None, max_clients=200)
        self.client = AsyncHTTPClient()
        self.address, self.token = f"http://127.0.0.1:{port}", token

    async def ask(self, method: str, path: str, token: str = "", body: dict | None = None, may_fail: bool = False):
        from tornado.httpclient import HTTPRequest

        answer = await self.client.fetch(
            HTTPRequest(
                self.address + path, method=method, headers={"Authorization": f"token {token or self.token}"}, follow_redirects=False,
                body=json.dumps(body or {}) if method == "POST" else None, request_timeout=300, connect_timeout=60,
            ),
            raise_error=False,
        )
        if answer.code >= 400 and not may_fail:
            raise SystemExit(f"{method} {path}: {answer.code} {answer.body.decode(errors='replace')[:500]}")
        return answer

    async def begin(self, student: Student, server: str = "") -> None:
        """Starts the student's server and waits until it is ready."""
        began = time.monotonic()
        await self.ask("POST", f"/hub/api/users/{student.name}")
        await self.ask("POST", f"/hub/api/users/{student.name}/{f'servers/{server}' if server else 'server'}")
        while True:
            user = json.loads((await self.ask("GET", f"/hub/api/users/{student.name}")).body)
            if (user.get("servers") or {}).get(server, {}).get("ready"):
                break
            if time.monotonic() - began > 300:
                raise SystemExit(f"{student.name}: the server did not start")
            await asyncio.sleep(0.3)
        student.started = time.monotonic() - began
        made = await self.ask("POST", f"/hub/api/users/{student.name}/tokens", body={"note": "class"})
        student.token = json.loads(made.body)["token"]

    async def work(self, student: Student, cells: list[str]) -> None:
        """Runs the cells in a kernel of the student's, as JupyterLab does."""
        from tornado.httpclient import HTTPRequest
        from tornado.websocket import websocket_connect

        base = f"/user/{student.name}"
        kernel = json.loads((await self.ask("POST", f"{base}/api/kernels", student.token, {"name": "fashionlab", "path": "notebooks/class.ipynb"})).body)
        url = f"ws{self.address.removeprefix('http')}{base}/api/kernels/{kernel['id']}/channels"
        socket = await websocket_connect(HTTPRequest(url, headers={"Authorization": f"token {student.token}"}, connect_timeout=60), max_message_size=1 << 28)
        for number, cell in enumerate(cells, 1):
            began, message = time.monotonic(), uuid.uuid4().hex
            socket.write_message(json.dumps({
                "channel": "shell", "parent_header": {}, "metadata": {}, "buffers": [],
                "header": {"msg_id": message, "msg_type": "execute_request", "username": student.name, "session": kernel["id"], "version": "5.3", "date": ""},
                "content": {"code": cell, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False},
            }))
            said = []
            while True:
                text = await asyncio.wait_for(socket.read_message(), 900)
                if text is None:
                    raise SystemExit(f"{student.name}: the kernel's connection was lost in cell {number}")
                answer = json.loads(text)
                if answer["parent_header"].get("msg_id") != message:
                    continue
                if answer["msg_type"] in ("error", "stream"):
                    said.append(answer["content"])
                if answer["msg_type"] == "execute_reply":
                    if answer["content"]["status"] != "ok":
                        raise SystemExit(f"{student.name}, cell {number}:\n{cell}\n{json.dumps(said)[-3000:]}")
                    break
            student.cells.append(time.monotonic() - began)
        student.kernel = kernel["id"]
        socket.close()

    async def end(self, student: Student) -> None:
        """Shuts the kernel down, which leaves nothing behind, and stops the server."""
        await self.ask("DELETE", f"/user/{student.name}/api/kernels/{student.kernel}", student.token)
        for _ in range(60):
            left = [name for pid in processes().get(student.name, []) if (name := program(pid)) in ("gonb", "gopls")]
            if not left:
                break
            await asyncio.sleep(0.5)
        else:
            raise SystemExit(f"{student.name}: the kernel was shut down half a minute ago, and {', '.join(left)} is still there")
        await self.ask("DELETE", f"/hub/api/users/{student.name}/server")

    async def outsiders(self, students: list[Student]) -> None:
        """Access needs a token, and a student's token gives no access to another student's server."""
        for who, token in (("without a token", "none"), ("with another student's token", students[1].token)):
            for path in ("api/contents", "api/kernels", "lab"):
                answer = await self.ask("GET", f"/user/{students[0].name}/{path}", token, may_fail=True)
                if answer.code not in (302, 403):
                    raise SystemExit(f"{path} of {students[0].name} {who}: {answer.code}")


    async def formgrader(self, student: Student) -> None:
        """An instructor's Formgrader is guarded and has nothing else; students' servers have none."""
        instructor = Student("instructor")
        await self.begin(instructor, "formgrader")
        base = "/user/instructor/formgrader"
        page = await self.ask("GET", f"{base}/formgrader/gradebook", instructor.token)
        text, rules = page.body.decode(), page.headers["Content-Security-Policy"]
        if f'src="{base}/formgrader/static/' not in text or "default-src 'none'; script-src 'nonce-" not in rules:
            raise SystemExit(f"the Formgrader's page is not the guarded one: {rules}\n{text[:500]}")
        for path, token in ((f"{base}/api/kernels", instructor.token), (f"{base}/api/contents", instructor.token), (f"{base}/terminals/1", instructor.token),
                            (f"{base}/formgrader/gradebook", student.token), (f"/user/{student.name}/formgrader/gradebook", student.token)):
            answer = await self.ask("GET", path, token, may_fail=True)
            if answer.code not in (302, 403, 404):
                raise SystemExit(f"{path}: {answer.code}")
        await self.ask("DELETE", "/hub/api/users/instructor/servers/formgrader")


async def watch(students: list[Student], most: list[int]) -> None:
    """Samples how much memory the servers use, every half second."""
    while True:
        found = await asyncio.get_running_loop().run_in_executor(None, processes)
        for student in students:
            student.now = memory(found.get(student.name, []))
            student.peak = max(student.peak, student.now)
        most[0] = max(most[0], sum(s.now for s in students))
        await asyncio.sleep(0.5)


async def play(a, port: int, token: str) -> None:
    course = Class(port, token)
    for _ in range(120):
        with contextlib.suppress(OSError):  # the proxy is not there yet, then the hub behind it
            if (await course.ask("GET", "/hub/api/", may_fail=True)).code == 200:
                break
        await asyncio.sleep(0.5)
    else:
        raise SystemExit(f"the hub does not answer; see {WORK / 'hub.log'}")
    students = [Student(f"student{n:02}") for n in range(1, a.students + 1)]
    cells = ["".join(c["source"]) for c in json.loads((ROOT / a.notebook).read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"][: a.cells]
    most = [0]
    watcher = asyncio.create_task(watch(students, most))
    began = time.monotonic()
    await asyncio.gather(*(course.begin(s) for s in students))
    print(f"{len(students)} servers are up after {time.monotonic() - began:.0f} s", flush=True)
    await asyncio.sleep(3)
    servers = [s.now for s in students]
    await course.outsiders(students)
    print("ok  nobody reaches another's server", flush=True)
    if a.spawner == "local":
        await course.formgrader(students[0])
        print("ok  the instructor's Formgrader is guarded, and no student has one", flush=True)
    began = time.monotonic()
    await asyncio.gather(*(course.work(s, cells) for s in students))
    took = time.monotonic() - began
    await asyncio.sleep(5)
    for s in students:
        s.idle = s.now
    watcher.cancel()
    await asyncio.gather(*(course.end(s) for s in students))
    print(f"ok  {len(students)} students ran {len(cells)} cells of {a.notebook} at once, {took:.0f} s, on {os.cpu_count()} processors")
    print("ok  nothing is left of a kernel that was shut down\n")
    print("| student | server starts, s | a cell, s: median (most) | all cells, s | server alone, GiB | with its kernel, GiB | most, GiB |")
    print("|---|---|---|---|---|---|---|")
    for s, alone in zip(students, servers):
        print(f"| {s.name} | {s.started:.1f} | {statistics.median(s.cells):.1f} ({max(s.cells):.1f}) | {sum(s.cells):.0f} | {alone / GIB:.2f} | {s.idle / GIB:.2f} | {s.peak / GIB:.2f} |")
    idle, peak = statistics.mean(s.idle for s in students), max(s.peak for s in students)
    at_once = most[0] / len(students)
    print(f"\nAll servers together took at most {most[0] / GIB:.2f} GiB, {at_once / GIB:.2f} for each student.")
    room = 60 * GIB  # of 64: the rest is for the system, the hub and the proxy
    print(f"A server of 64 GiB, 4 of them for itself, holds {int(room / at_once)} students who all compile and train at once as here,")
    print(f"and {int(room / (idle + (peak - idle) / 10))} of whom one in ten does so at any moment (the others have an open notebook: {idle / GIB:.2f} GiB).")


def command(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, encoding="utf-8").stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=8)
    parser.add_argument("--notebook", default="notebooks/tour.ipynb")
    parser.add_argument("--cells", type=int, default=None, help="only so many code cells")
    parser.add_argument("--spawner", choices=["local", "docker"], default="local")
    parser.add_argument("--image", default="fashionlab:cpu")
    parser.add_argument("--hub-ip", default="127.0.0.1", help="address of this machine in the containers' network")
    parser.add_argument("--port", type=int, default=18000)
    a = parser.parse_args()
    if a.students < 2:
        parser.error("--students: at least 2, since one must not reach the other's server")
    if not (ROOT / ".venv" / "bin" / "gonb").exists():
        sys.exit("The project's environment is not there: make setup")
    install()
    if Path(sys.prefix) != WORK / "venv":  # tornado is there
        os.execv(PYTHON, [str(PYTHON), str(Path(__file__).resolve()), *sys.argv[1:]])
    homes = WORK / "homes"
    for old in (homes, WORK / "hub.sqlite", WORK / "cookie_secret"):
        shutil.rmtree(old, ignore_errors=True) if old.is_dir() else old.unlink(missing_ok=True)
    for n in range(1, a.students + 1):
        (homes / f"student{n:02}" / "notebooks").mkdir(parents=True)
    command(str(ROOT / ".venv" / "bin" / "course"), "create", str(homes / "course"))
    (homes / "instructor").mkdir()
    token = secrets.token_hex(16)
    config = WORK / "config.py"
    config.write_text(CONFIG.format(
        docker=a.spawner == "docker", hub_config=str(HERE / "jupyterhub_config.py"), hub_ip=a.hub_ip, image=a.image, homes=str(homes),
        python=str(ROOT / ".venv" / "bin" / "python"), single=str(WORK / "single"), venv=str(ROOT / ".venv"), port=a.port,
        proxy=str(WORK / "node_modules" / ".bin" / "configurable-http-proxy"), work=str(WORK), token=token,
        gomodcache=command("go", "env", "GOMODCACHE"), gocache=command("go", "env", "GOCACHE"),
    ), encoding="utf-8")
    config.chmod(0o600)
    env = {**os.environ, "PATH": f"{PYTHON.parent}:{os.environ['PATH']}"}
    with (WORK / "hub.log").open("w") as log:
        hub = subprocess.Popen([PYTHON, "-m", "jupyterhub", "-f", str(config)], cwd=WORK, env=env, stdout=log, stderr=log, start_new_session=True)
        try:
            asyncio.run(play(a, a.port, token))
        except BaseException:
            print("\n".join((WORK / "hub.log").read_text(encoding="utf-8").splitlines()[-15:]), file=sys.stderr)
            raise
        finally:
            hub.send_signal(signal.SIGTERM)  # it ends the servers too
            try:
                hub.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(hub.pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
