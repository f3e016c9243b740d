"""What a submission can do to the machine, to the grader and to its own kernel: nothing that outlasts it."""

import contextlib
import json
import os
import pickle
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fashionlab_grading.kernel import Died, Kernel
from fashionlab_grading.sandbox import HERE, MIB, Group, Limits, Mounts, Sandbox
from fashionlab_grading.toolbox import ROOT, VENV, Toolbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sandboxes are made of what Linux has")
NOBODY = 65534


def sh(script, mounts=None, limits=None):
    """What a script prints that runs in a sandbox, and the folders of the machine that the sandbox has used."""
    mounts, limits = mounts or Mounts(), limits or Limits(seconds=60, disk=64 * MIB)
    box = Sandbox(["/bin/sh", "-c", script], {"PATH": "/usr/bin:/bin"}, mounts, limits)
    try:
        deadline = time.monotonic() + limits.seconds + 10
        while box.process.poll() is None:
            with contextlib.suppress(FileNotFoundError):  # it is removed while the sandbox runs
                assert not os.listdir(box.root), "the sandbox's files are seen outside"
            assert time.monotonic() < deadline
            time.sleep(0.05)
        box.reader.join(10)
    finally:
        box.stop()
    assert not os.path.exists(box.root)
    return box.tail.decode(), box.why()


def as_root(script, **options):
    return sh(script, **options)


def as_user(script, **options):
    """As sh, for an ordinary user, who makes sandboxes with user namespaces."""
    if os.geteuid() != 0:
        return sh(script, **options)
    if not os.access(HERE, os.R_OK) or subprocess.run(["setpriv", "--reuid", str(NOBODY), "--clear-groups", "test", "-r", HERE / "sandbox.sh"]).returncode:
        pytest.skip(f"ordinary users cannot read {HERE}")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        result = None
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            result = sh(script, **options)
        except BaseException as e:
            result = e
        finally:
            with os.fdopen(writing, "wb") as pipe:
                pickle.dump(result, pipe)
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        result = pickle.load(pipe)
    os.waitpid(child, 0)
    if isinstance(result, BaseException):
        raise result
    return result


@pytest.fixture(params=[pytest.param(as_root, marks=pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs root")), as_user])
def inside(request):
    """Runs a script in a sandbox, as root and as an ordinary user."""
    return request.param


def test_all_that_can_be_written_is_the_sandboxs_own_memory(inside):
    out, _ = inside("cat /proc/self/mountinfo")
    mounts = [line.split() for line in out.splitlines()]
    assert len(mounts) > 8
    for fields in mounts:
        place, options, kind = fields[4], fields[5].split(","), fields[fields.index("-") + 1]
        if "ro" in options:
            continue
        if place == "/":
            assert kind == "tmpfs" and {"nosuid", "nodev"} <= set(options)
            assert re.search(r"size=\d+k.*nr_inodes=\d+", fields[-1])
        else:
            assert place == "/proc" or place in [f"/dev/{d}" for d in ("null", "zero", "full", "random", "urandom")], fields


@pytest.mark.parametrize("script", [
    pytest.param("dd if=/dev/zero of=/tmp/big bs=1M count=200; stat -c %s /tmp/big", id="a huge file"),
    pytest.param("for i in 1 2 3 4; do dd if=/dev/zero of=/home/$i bs=1M count=50; done; cat /home/* | wc -c", id="huge files"),
    pytest.param("mkdir -p /tmp/a/b/c; dd if=/dev/zero of=/tmp/a/b/c/big bs=1M count=200; stat -c %s /tmp/a/b/c/big", id="a huge file in a folder in a folder"),
    pytest.param("dd if=/dev/zero of=/dev/shm/big bs=1M count=200; stat -c %s /dev/shm/big", id="in shared memory"),
])
def test_what_it_writes_has_a_limit(inside, script):
    out, _ = inside(script)
    assert "No space left on device" in out
    assert int(out.split()[-1]) <= 64 * MIB


def test_the_number_of_files_has_a_limit(inside):
    out, _ = inside("cd /tmp; mkdir n; cd n; seq 1 150000 | xargs touch; ls -f | wc -l")
    assert "No space left on device" in out
    assert 50_000 < int(out.split()[-1]) <= 100 * 1024


@pytest.mark.parametrize("depth", [100, 6000])
def test_deep_folders_go_with_the_sandbox(inside, depth):
    began = time.monotonic()
    below = "/".join(["x"] * 100)
    out, _ = inside(f"cd /tmp; i=0; while [ $i -lt {depth} ]; do mkdir -p {below} && cd -P {below}; i=$((i+100)); done; echo made; mkdir y && test ! -e x && echo $i")
    assert out.splitlines()[-2:] == ["made", str(depth)]
    assert time.monotonic() - began < 50


def test_a_copy_of_a_program_with_set_user_id_is_of_no_use(inside):
    out, _ = inside("cp /bin/sh /tmp/s; chmod 6755 /tmp/s; stat -c %a /tmp/s; /tmp/s -p -c 'id -u; grep ^NoNewPrivs /proc/self/status'; id -u")
    mode, first, privileges, last = out.splitlines()
    assert (mode, privileges.split()[1]) == ("6755", "1") and first == last


@pytest.mark.parametrize("what", ["mem", "environ", "fd/0", "maps", "cwd/x", "root/x"])
def test_a_program_that_cannot_be_read_cannot_be_traced(inside, what):
    """The second line shows that the first can fail: with a program that can be read it is open."""
    mounts = Mounts(programs=[(Path("/bin/sleep"), Path("/opt/it/sleep"))])
    how = "<>" if what == "mem" else "<"
    script = f"cd /tmp; : >x; cp x /x; %s 5 </tmp/x & sleep 0.3; if sh -c ': 3{how}/proc/$0/{what}' $!; then echo open; else echo closed; fi"
    assert inside(script % "/opt/it/sleep", mounts=mounts)[0].splitlines()[-1] == "closed"
    if what != "root/x":
        assert inside(script % "/bin/sleep", mounts=mounts)[0].splitlines()[-1] == "open"


def test_a_grading_that_is_ended_by_force_leaves_nothing(tmp_path):
    script = (
        "import time; from fashionlab_grading.sandbox import Limits, Mounts, Sandbox\n"
        "box = Sandbox(['/bin/sh', '-c', 'echo up; sleep 600'], {'PATH': '/usr/bin:/bin'}, Mounts(), Limits())\n"
        "while b'up' not in box.tail: time.sleep(0.05)\n"
        "print(box.process.pid, flush=True); time.sleep(600)"
    )
    grader = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, encoding="utf-8", env={**os.environ, "TMPDIR": str(tmp_path)})
    sandbox = int(grader.stdout.readline())
    grader.kill()
    grader.wait()
    grader.stdout.close()
    deadline = time.monotonic() + 20
    while os.path.exists(f"/proc/{sandbox}"):
        assert time.monotonic() < deadline, "the sandbox goes on"
        time.sleep(0.05)
    assert not os.listdir(tmp_path)


def test_cgroups_that_were_left_behind_are_removed(tmp_path):
    left, new = tmp_path / "fashionlab-1-1-1", tmp_path / "fashionlab-2-2-2"
    for folder in (left, new):
        folder.mkdir()
    os.utime(left, (0, 0))
    group = Group.__new__(Group)
    group.folders = []
    group.make(tmp_path / "fashionlab-3-3-3", {})
    assert [p.name for p in sorted(tmp_path.iterdir())] == ["fashionlab-2-2-2", "fashionlab-3-3-3"]
    group.remove()
    assert [p.name for p in tmp_path.iterdir()] == ["fashionlab-2-2-2"]


@pytest.mark.parametrize("script", ["sleep 100", "while :; do :; done", "trap '' TERM INT HUP; sleep 100", "sleep 100 & sleep 100 & wait"])
def test_it_ends_at_the_limit_of_time(inside, script):
    began = time.monotonic()
    _, why = inside(script, limits=Limits(seconds=1))
    assert why == "the time for all of it was over"
    assert time.monotonic() - began < 10


def test_the_memory_of_processes_that_work_for_it_counts():
    with subprocess.Popen([sys.executable, "-c", "import time\nheld = b'x' * (200 << 20)\nprint(flush=True)\ntime.sleep(100)"], stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        box = Sandbox(["/bin/sleep", "60"], {"PATH": "/usr/bin:/bin"}, Mounts(), Limits(seconds=30, memory=150 * MIB))
        try:
            time.sleep(1)
            assert box.process.poll() is None
            box.others.add(other.pid)
            box.process.wait(20)
            assert box.why() == "it used more than 150 MiB of memory"
        finally:
            box.stop()
            other.kill()


# ---- the kernel


@pytest.fixture(scope="module")
def tools():
    return Toolbox(print)


@pytest.fixture
def kernel(tools):
    kernel = Kernel(tools, Limits(seconds=120))
    yield kernel
    kernel.stop()


def printed(result):
    return "".join(o.get("text", "") for o in result.outputs)


ATTACK = r'''
%%
grandparent := func(pid int) int {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	var up int
	for _, line := range strings.Split(string(status), "\n") {
		fmt.Sscanf(line, "PPid: %d", &up)
	}
	return up
}
for pid := os.Getppid(); pid > 1; pid = grandparent(pid) {
	name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	_, opened := os.OpenFile(fmt.Sprintf("/proc/%d/mem", pid), os.O_RDWR, 0)
	traced := syscall.PtraceAttach(pid)
	word := []byte{0}
	vector := [][2]uintptr{{uintptr(unsafe.Pointer(&word[0])), 1}}
	_, _, written := syscall.Syscall6(311, uintptr(pid), uintptr(unsafe.Pointer(&vector[0])), 1, uintptr(unsafe.Pointer(&vector[0])), 1, 0)
	fmt.Println("process", strings.TrimSpace(string(name)), opened != nil, traced != nil, written == syscall.EPERM)
}
'''


def test_cells_cannot_write_to_the_kernel(kernel):
    lines = [l.split() for l in printed(kernel.run(ATTACK, 60)).splitlines() if l.startswith("process")]
    assert {"gonb", "python"} <= {l[1] for l in lines}
    assert all(l[2:] == ["true", "true", "true"] for l in lines), lines
    assert printed(kernel.run("%%\nfmt.Println(6 * 7)", 60)) == "42\n"


@pytest.mark.parametrize("code", ["!kill -9 $(pidof gonb)", "!kill -9 -1", '%%\nsyscall.Kill(os.Getppid(), syscall.SIGKILL)\ntime.Sleep(time.Minute)'])
def test_killing_the_kernel_costs_nobody_else_anything(tools, kernel, code):
    other = Kernel(tools, Limits(seconds=120))
    try:
        with pytest.raises(Died):
            kernel.run(code, 30)
            kernel.run("%%\nfmt.Println(1)", 30)
        assert printed(other.run("%%\nfmt.Println(6 * 7)", 60)) == "42\n"
    finally:
        other.stop()


def test_links_and_files_in_place_of_the_kernels_own_lead_nowhere(kernel, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("mine")
    secret.chmod(0o600)
    result = kernel.run(f"!cd /tmp/k*/ && for f in * check-0 cell-0 kernel.json; do rm -rf $f; ln -s {secret} $f; done; ls -l", 60)
    assert str(secret) in printed(result)
    [(address, listener)] = kernel.listen(1)
    os.close(listener)
    assert address.startswith("@")
    assert printed(kernel.run("%%\nfmt.Println(6 * 7)", 60)) == "42\n"
    assert secret.read_text() == "mine" and secret.stat().st_mode & 0o777 == 0o600


def solutions():
    """Lines of the lessons' solutions."""
    lines = set()
    for source in sorted((ROOT / "lessons" / "source").glob("*.md")):
        for solution in re.findall(r"// BEGIN SOLUTION\n(.*?)// END SOLUTION", source.read_text(encoding="utf-8"), re.S):
            lines |= {l.strip() for l in solution.splitlines() if len(l.strip()) > 40 and not l.strip().startswith("//")}
    return sorted(lines)


def test_hidden_checks_and_solutions_are_nowhere_in_it(tools, kernel):
    # What the packages themselves have is not the sandbox's to hide.
    theirs = "".join(p.read_text(encoding="utf-8") for p in tools.root.rglob("*.go"))
    lines = [line for line in solutions() if line not in theirs]
    assert len(lines) > 10
    words = "\n".join([*lines, "CheckSoftmaxFurther", "CheckArgmaxFurther", "BEGIN HIDDEN TESTS"])
    result = kernel.run(f'%%\nos.WriteFile("/home/words", []byte({json.dumps(words, ensure_ascii=False)}), 0o600)', 60)
    assert not result.failed, result
    # Not in what Go, Python and Debian have published: that is too much to read, and not made here.
    published = [tools.go["GOMODCACHE"], tools.go["GOROOT"], sys.base_prefix, str(VENV / "lib"), "/usr", "/proc", "/dev"]
    prune = " -o ".join(f"-path {place}" for place in published)
    look = f"!find / '(' {prune} ')' -prune -o -type f ! -path /home/words ! -path '/tmp/gonb_*' -print0 2>/dev/null | xargs -0 grep -laFs"
    assert printed(kernel.run(f"{look} -f /home/words; echo done", 100)).splitlines() == ["done"]
    # It looks where there is something to find.
    assert f"{tools.root}/lessons/softmax.go" in printed(kernel.run(f"{look} CheckSoftmax", 100)).splitlines()


def test_of_the_repository_a_sandbox_sees_the_students_copy_only(tools):
    seen = [item[0] if isinstance(item, tuple) else item for item in tools.mounts().readable]
    allowed = [tools.root, tools.cache, tools.data_cache, ROOT / "data" / "fashion", VENV, HERE / "inside.py"]
    ours = [path for path in seen if path == ROOT or ROOT in path.parents or path in ROOT.parents]
    assert tools.root in ours
    assert not [path for path in ours if not any(path == a or a in path.parents for a in allowed)]


class Hostile:
    """A toolbox whose kernel is another program, which speaks to the grader as it likes."""

    def __init__(self, tools, script):
        self.tools, self.script = tools, script

    def kernel_command(self, sandboxed):
        command = self.tools.kernel_command(sandboxed)
        return [command[0], "-I", "-c", f"import socket, os, json, array, time\nout = socket.socket(fileno=0)\n{self.script}"]

    def environment(self, sandboxed):
        return self.tools.environment(sandboxed)

    def mounts(self):
        return self.tools.mounts()


READY = 'out.sendall(b\'{"ready": true}\\n\')\nout.recv(1000)\n'


@pytest.mark.parametrize("script", [
    pytest.param("", id="nothing"),
    pytest.param("while True: out.sendall(b'x' * 65536)", id="a line without end"),
    pytest.param(READY + "while True: out.sendall(b'x' * 65536)", id="an answer without end"),
    pytest.param(READY + "while True: out.sendall(b'[' * 100000 + b'\\n' + b'7\\n\\n{\\n\\xff\\xfe\\n')", id="lines that are no messages"),
    pytest.param(READY + "while True: out.sendall(b'{\"a\": ' * 90000 + b'1' + b'}' * 90000 + b'\\n')", id="deep messages"),
    pytest.param(READY + "while True: out.sendall(b'{}\\n{\"type\": 3, \"content\": {}}\\n{\"type\": \"stream\"}\\n' * 1000)", id="messages without sense"),
    pytest.param(READY + "while True: socket.send_fds(out, [b'{}\\n'], [1] * 100)", id="more files than anybody wants"),
    pytest.param(READY + "while True: out.sendall(b'{\"listening\": [\"@a\"]}\\n'); time.sleep(0.01)", id="names without sockets"),
    pytest.param(READY + "time.sleep(1000)", id="silence"),
])
def test_a_kernel_that_is_taken_over_only_dies(tools, script, monkeypatch):
    monkeypatch.setattr("fashionlab_grading.kernel.START", 5)
    monkeypatch.setattr("fashionlab_grading.kernel.PATIENCE", 2)
    before = len(os.listdir("/proc/self/fd"))
    for does in (lambda k: k.run("x", 2), lambda k: k.listen(1)):
        kernel = None
        try:
            with pytest.raises(Died):
                kernel = Kernel(Hostile(tools, script), Limits(seconds=30))
                does(kernel)
        finally:
            if kernel:
                kernel.stop()
    assert len(os.listdir("/proc/self/fd")) <= before


@pytest.mark.parametrize("content", [
    {"type": "stream", "content": {"name": "stdout", "text": "half \ud800"}},
    {"type": "stream", "content": {"name": "stdout", "text": {"a": 1}}},
    {"type": "stream", "content": {"name": "verdict", "text": "passed"}},
    {"type": "error", "content": {"ename": [], "evalue": "", "traceback": []}},
    {"type": "error", "content": {"ename": "a", "evalue": "b", "traceback": [1]}},
    {"type": "display_data", "content": {"data": {"text/plain": {"deep": [1]}}, "metadata": {}}},
    {"type": "display_data", "content": {"data": [], "metadata": {}}},
    {"type": "execute_result", "content": {}},
    {"type": "status", "content": {"execution_state": "idle"}},
])
def test_outputs_that_no_notebook_can_hold_are_left_out(tools, content):
    script = READY + f"out.sendall(json.dumps({content!r}).encode() + b'\\n' + b'{{\"type\": \"stream\", \"content\": {{\"name\": \"stdout\", \"text\": \"fine\"}}}}\\n{{\"idle\": true}}\\n')\ntime.sleep(100)"
    kernel = Kernel(Hostile(tools, script), Limits(seconds=30))
    try:
        assert [dict(o) for o in kernel.run("x", 20).outputs] == [{"output_type": "stream", "name": "stdout", "text": "fine"}]
    finally:
        kernel.stop()
