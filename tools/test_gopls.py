"""gopls ends with the kernel that started it."""

import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import setup


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@unittest.skipUnless(sys.platform == "linux", "reads /proc")
class GoplsTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in ("bin", "libexec"):
            (self.folder / name).mkdir()
        self.gopls = self.folder / "bin" / "gopls"
        self.gopls.write_text(setup.GOPLS_WITH_KERNEL, encoding="utf-8")
        self.gopls.chmod(0o755)
        server = self.folder / "libexec" / "gopls"
        server.write_text('#!/bin/sh\necho $$ "$@" >"${0%/*}/said"\nexec sleep 60\n', encoding="utf-8")
        server.chmod(0o755)

    def start(self):
        """Starts a kernel that starts gopls, and returns the kernel and gopls's number."""
        kernel = subprocess.Popen([sys.executable, "-c", f"import subprocess, time; subprocess.Popen([{str(self.gopls)!r}, '-listen', 'here']); time.sleep(60)"])
        self.addCleanup(kernel.kill)
        said = self.folder / "libexec" / "said"
        for _ in range(100):
            if said.exists() and said.read_text(encoding="utf-8").endswith("\n"):
                break
            time.sleep(0.1)
        number, *arguments = said.read_text(encoding="utf-8").split()
        self.assertEqual(arguments, ["-listen", "here"])
        return kernel, int(number)

    def test_it_ends_when_its_kernel_is_killed(self):
        kernel, gopls = self.start()
        time.sleep(4)
        self.assertTrue(alive(gopls), "gopls ended while its kernel was running")
        kernel.kill()
        kernel.wait()
        for _ in range(100):
            if not alive(gopls):
                return
            time.sleep(0.1)
        self.fail("gopls is still there ten seconds after its kernel")


if __name__ == "__main__":
    unittest.main()
