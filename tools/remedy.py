"""Finds the cause of a failure in a command's output, and explains what to do."""

import re

AGAIN = "then run make setup again; finished steps are kept."

# The first that is found in the output counts: special causes come before general ones.
CAUSES = [
    (r"No space left on device|ENOSPC|[Dd]isk quota exceeded|not enough space on the disk",
     f"The disk is full, or your share of it: set-up needs about 2 GB, with the caches of pip and Go. Free some space, {AGAIN}"),
    (r"Read-only file system",
     "The folder, or a cache's, is on a file system that cannot be written: put the project elsewhere."),
    (r"[Pp]ermission denied|EACCES|Operation not permitted",
     f"A file or folder named above belongs to someone else (perhaps an earlier set-up ran with sudo): give it back with chown, {AGAIN}"),
    (r"DO NOT MATCH THE HASHES|SECURITY ERROR|checksum mismatch",
     "What was served is not the file that the project pins: a mirror or proxy (PIP_INDEX_URL, GOPROXY) changed it, or a download was cut off.\n"
     "Empty the caches (python3 -m pip cache purge; go clean -modcache), then run make setup again."),
    (r"checksum database disabled",
     "Go fetches another Go only where it can check it: unset GOSUMDB and GONOSUMDB (also in `go env -w`), or install the version above from https://go.dev/dl/."),
    (r"x509:|CERTIFICATE_VERIFY_FAILED|certificate verify failed",
     "A certificate on the way is not trusted, as behind a company's proxy: name its file in SSL_CERT_FILE (Go) and PIP_CERT (pip)."),
    (r"407 Proxy|Proxy Authentication Required|proxyconnect|ProxyError|Tunnel connection failed",
     f"The proxy cannot be used: check HTTPS_PROXY and HTTP_PROXY, {AGAIN}"),
    (r"Could not resolve host|[Nn]ame resolution|no such host|server misbehaving|getaddrinfo failed|Name or service not known",
     f"There is no network, or it needs a proxy (HTTPS_PROXY): packages come from the Python package index and Go's module proxy. Fix it, {AGAIN}"),
    (r"dial tcp|i/o timeout|TLS handshake timeout|[Cc]onnection (refused|reset|timed out)|[Nn]etwork is unreachable|NewConnectionError|ConnectTimeout"
     r"|ReadTimeout|Read timed out|Max retries exceeded|unexpected EOF|IncompleteRead|40[34] (Client Error|Forbidden|Not Found)|50\d (Server Error|Bad Gateway|Service Unavailable)",
     f"A server could not be reached or did not answer well: check the network, HTTPS_PROXY, and GOPROXY or PIP_INDEX_URL if you set them, {AGAIN}"),
    (r"module lookup disabled by GOPROXY=off", "GOPROXY=off keeps Go from fetching modules: unset it (also in `go env -w`)."),
    (r"No matching distribution found|Could not find a version",
     "The package index has no such version for this Python and processor: use Python 3.11 to 3.14 (make setup PYTHON=/path/to/python3), and check PIP_INDEX_URL and PIP_NO_INDEX."),
    (r"signal: killed|Killed|[Oo]ut of memory|cannot allocate memory|MemoryError",
     f"The memory was used up (set-up needs about 2 GB): close other programs, {AGAIN}"),
    (r"ensurepip",
     "Python's module ensurepip makes .venv; on Debian and Ubuntu it is a package of its own: sudo apt install python3-venv"),
    (r"[Rr]equires go ?>=|invalid go version|unknown directive: toolchain|toolchain not available",
     "The Go that runs is too old. Install a newer one from https://go.dev/dl/, open a new terminal and run make setup again."),
    (r"updates to go.mod needed|missing go.sum entry|malformed go.sum|go.mod:\d+:",
     "go.mod or go.sum is not as the project has it: git diff go.mod go.sum shows what was changed."),
    (r"(?m)^(\./)?[\w.-]+(/[\w.-]+)*\.go:\d+:\d+: ", "Go code does not compile: git status shows whether a file of the course was changed."),
]


def remedy(output: str) -> str:
    """What to do about a failure whose command printed this."""
    return next((what for pattern, what in CAUSES if re.search(pattern, output)), "The lines above explain why. Fix the cause and run make setup again; finished steps are kept.")
