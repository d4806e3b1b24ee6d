"""Passwords are hashed by a process of its own, which shares neither memory nor secrets."""

import concurrent.futures
import os
import signal
import time
from pathlib import Path

from access import PASSWORD
from daemon import wait_for
from signed_in import ask, claim, code, who


def children(daemon):
    """The daemon's children."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                # After the name, which may hold anything but ends with a parenthesis.
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[1]) == daemon.process.pid:
                found.append(int(entry.name))
    return found


def hasher(daemon):
    """The child that hashes, stopped in the midst of it."""
    def caught():
        for child in children(daemon):
            try:
                # Until its exec it is a copy of the daemon.
                if b"hash-password" in Path(f"/proc/{child}/cmdline").read_bytes():
                    os.kill(child, signal.SIGSTOP)
                    return child
            except (FileNotFoundError, ProcessLookupError):
                pass
        return None
    child = wait_for(caught, 10, "a process that hashes")

    def hashes():
        if int(Path(f"/proc/{child}/statm").read_text().split()[1]) * 4096 > 24 << 20:
            return True
        # On by a millisecond: it still loads its libraries.
        os.kill(child, signal.SIGCONT)
        time.sleep(0.001)
        os.kill(child, signal.SIGSTOP)
        return False
    wait_for(hashes, 10, "the memory of a hash")
    return child


def claim_later(daemon, pool):
    """A claim that is under way."""
    body = {"code": code(daemon), "user": "ada", "password": PASSWORD}
    return pool.submit(ask, daemon, "POST", "/api/v1/claim", body)


def test_nobody_sees_the_password(daemon):
    """It is no argument and in no environment; meanwhile the daemon answers, and nothing is left."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        claimed = claim_later(daemon, pool)
        child = hasher(daemon)
        shown = Path(f"/proc/{child}/cmdline").read_bytes() + Path(f"/proc/{child}/environ").read_bytes()
        assert PASSWORD.encode() not in shown
        # Its two pipes and the daemon's log: no port, no database, no connection.
        assert sorted(os.listdir(f"/proc/{child}/fd")) == ["0", "1", "2"]
        for _ in range(20):
            assert daemon.get("/api/v1/status")["access"]["claimed"] is False
        os.kill(child, signal.SIGCONT)
        assert claimed.result(20)[0] == 200
    assert children(daemon) == []


def test_a_hash_that_fails_is_said(daemon):
    """The process is killed, as when memory is short: 503, the log says why, and the next one works."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        claimed = claim_later(daemon, pool)
        os.kill(hasher(daemon), signal.SIGKILL)
        status, said, _ = claimed.result(20)
        assert (status, said["code"]) == (503, "login.busy")
    assert any("password.unhashed" in line for line in daemon.log)
    assert who(daemon, claim(daemon)) == "ada"


def test_it_ends_with_the_daemon(daemon):
    """kill -9 of the daemon ends it too, even one that stands still."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        claimed = claim_later(daemon, pool)
        child = hasher(daemon)
        daemon.kill()
        wait_for(lambda: not Path(f"/proc/{child}/exe").exists(), 10, "the end of the child")
        assert claimed.exception(20) is not None
    daemon.start()
    assert who(daemon, claim(daemon)) == "ada"
