"""Attempts, the audit, the command line, and what never leaks."""

import json
import os
import pty
import re
import sqlite3
import stat
import subprocess
import time

from access import PASSWORD
from daemon import BINARY, REPOSITORY, wait_for
from signed_in import ask, claim, code, sign_in


def test_attempts_are_limited(daemon):
    """Five failures are free; then it says how long to wait, and the right password waits too."""
    claim(daemon)
    wrong = {"user": "ada", "password": "wrong password"}
    refused = 0
    while (answer := ask(daemon, "POST", "/api/v1/session", wrong))[0] == 401:
        # A wait is over meanwhile where an attempt takes longer than it; the next one is twice as long.
        refused += 1
        assert refused < 15
    status, said, headers = answer
    assert refused >= 5 and (status, said["code"]) == (429, "login.too-many")
    assert 1 <= int(headers["Retry-After"]) <= 300
    right = {"user": "ada", "password": PASSWORD}
    wait_for(lambda: ask(daemon, "POST", "/api/v1/session", right)[0] == 200, 60, "an end of the wait")
    assert daemon.get("/api/v1/status")["access"]["loginFailures"] == refused
    failed = [line for line in daemon.log if "login.failed" in line]
    assert len(failed) == refused and not any("wrong password" in line or "ada" in line for line in failed)


def test_a_name_that_nobody_has_costs_as_much(daemon):
    """From the time of a refusal nobody learns who is here."""
    claim(daemon)

    def took(name):
        began = time.monotonic()
        assert ask(daemon, "POST", "/api/v1/session", {"user": name, "password": "wrong one"})[0] == 401
        return time.monotonic() - began

    known, unknown = min(took("ada"), took("ada")), min(took("eve"), took("eve"))
    assert known / 4 < unknown < known * 4, (known, unknown)


def test_audit(daemon):
    """Who changed what, newest first, page by page."""
    ada = claim(daemon)
    ask(daemon, "POST", "/api/v1/users", {"name": "bob", "role": "viewer", "password": PASSWORD}, **ada)
    ask(daemon, "PUT", "/api/v1/users/bob", {"role": "operator"}, **ada)
    daemon.kill()
    daemon.start()
    daemon.request("PUT", "/api/v1/users/bob", {"password": "another long one"})
    made = daemon.post("/api/v1/tokens", {"name": "G", "permissions": ["metrics", "read"]})
    daemon.request("DELETE", "/api/v1/tokens/" + made["token"]["id"])
    daemon.request("DELETE", "/api/v1/users/bob")
    daemon.post("/api/v1/annotations", {"fromUs": 5, "text": "window opened"})
    local = f"local:{os.getuid()}"
    expected = [
        (local, "annotation"), (local, "user.removed"), (local, "token.revoked"),
        (local, "token.created"), (local, "user.password"), ("user:ada", "user.role"),
        ("user:ada", "user.added"), ("user:ada", "user.added")]
    found, cursor = [], ""
    while True:
        page = ask(daemon, "GET", "/api/v1/audit?limit=3" + cursor, **ada)[1]
        found += page["entries"]
        if "next" not in page:
            break
        cursor = "&cursor=" + page["next"]
    assert [(entry["author"], entry["what"]) for entry in found] == expected
    assert found[5]["parameters"] == {"user": "bob", "role": "operator"}
    assert ask(daemon, "GET", "/api/v1/audit?cursor=x", **ada)[0] == 400
    lines = daemon.command_line("audit", "--limit", "2").stdout.splitlines()
    assert len(lines) == 2 and lines[1].endswith("removed bob")


def test_command_line(daemon, tmp_path):
    """People and tokens by the command line; a password is never one of its words."""
    secret = tmp_path / "password"
    secret.write_text(PASSWORD + "\n")
    told = daemon.command_line("status").stdout
    assert code(daemon) in told and "http://localhost:" in told
    daemon.command_line("user", "add", "Ada", "--role", "admin", "--password-file", str(secret))
    assert code_is_gone(daemon)
    assert sign_in(daemon)
    daemon.command_line("user", "role", "ada", "operator")
    assert "operator" in daemon.command_line("user").stdout
    made = json.loads(daemon.command_line(
        "token", "create", "G", "--permissions", "metrics,read", "--json").stdout)
    assert made["secret"].startswith("biv_" + made["token"]["id"])
    daemon.command_line("token", "revoke", made["token"]["id"])
    daemon.command_line("user", "remove", "ada")
    # Without a terminal and without a file there is nothing to take it from.
    assert daemon.command_line("user", "add", "bob", check=False).returncode == 2
    assert daemon.command_line(
        "user", "remove", "nobody", language="fr", check=False).returncode == 5


def code_is_gone(daemon):
    """Whether the status shows no claim code any more."""
    return "claimCode" not in daemon.get("/api/v1/status")["access"]


def test_password_at_a_terminal(daemon):
    """A password is asked for twice, and never shown."""
    main, side = pty.openpty()
    process = subprocess.Popen(
        [str(BINARY), "user", "add", "ada", "--role", "admin", "--socket", str(daemon.socket)],
        stdin=side, stdout=side, stderr=side, env=dict(os.environ, LC_ALL="C.UTF-8"),
        start_new_session=True)
    os.close(side)
    shown = b""
    for wanted in (b"Password: ", b"again: "):
        while wanted not in shown:
            shown += os.read(main, 1024)
        os.write(main, b"x\x7f" + PASSWORD.encode() + b"\n")
    try:
        while chunk := os.read(main, 1024):
            shown += chunk
    except OSError:
        pass  # the other side is closed
    assert process.wait(timeout=10) == 0, shown
    assert PASSWORD.encode() not in shown and b"ada may sign in" in shown
    assert sign_in(daemon)


def test_run_shows_the_code_at_a_terminal_only(daemon, tmp_path):
    """Whoever started the daemon by hand reads the code; a log never has it."""
    assert not any(code(daemon) in line for line in daemon.log)
    main, side = pty.openpty()
    process = subprocess.Popen(
        [str(BINARY), "run", "--state", str(tmp_path / "other"), "--listen", "127.0.0.1:0",
         "--web", str(REPOSITORY / "web")],
        stdin=side, stdout=side, stderr=side, env=dict(os.environ, LC_ALL="C.UTF-8"),
        start_new_session=True)
    os.close(side)
    shown = b""
    while not (found := re.search(rb"http://localhost:\d+ and enter the claim code (\w{5}-\w{5})", shown)):
        shown += os.read(main, 4096)
    told = subprocess.run(
        [str(BINARY), "status", "--json", "--state", str(tmp_path / "other")],
        capture_output=True, check=True, text=True)
    assert json.loads(told.stdout)["access"]["claimCode"] == found[1].decode()
    process.terminate()
    assert process.wait(timeout=10) == 0
    os.close(main)


def test_nothing_secret_is_kept(daemon):
    """Neither log nor disk has a password, a session, a token's secret or the code in clear."""
    known = code(daemon)
    ada = claim(daemon)
    secret = daemon.post("/api/v1/tokens", {"name": "G", "permissions": ["read"]})["secret"]
    cookie = ada["Cookie"].split("=")[1]
    daemon.stop()
    words = [PASSWORD, cookie, secret.split("_")[2], known, known.replace("-", "")]
    for word in words:
        assert not any(word in line for line in daemon.log), word
        for file in daemon.state.iterdir():
            content = file.read_bytes()
            assert word.encode() not in content, (word, file)
            assert len(word) != 64 or bytes.fromhex(word) not in content, file
    for file in daemon.state.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) & 0o007 == 0, file
    with sqlite3.connect(daemon.state / "bivouac.db") as database:
        assert database.execute("SELECT count(*) FROM session").fetchone() == (1,)
    daemon.start()


def test_a_copy_signs_nobody_in(daemon, tmp_path):
    """A backup has no sessions: put back, it lets nobody in who has signed out since."""
    claim(daemon)
    copy = tmp_path / "copy.db"
    subprocess.run(
        [str(BINARY), "backup", str(copy), "--state", str(daemon.state)], check=True,
        capture_output=True)
    with sqlite3.connect(copy) as database:
        assert database.execute("SELECT count(*) FROM session").fetchone() == (0,)
