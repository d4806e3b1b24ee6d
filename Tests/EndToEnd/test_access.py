"""Who may do what, on the shipped daemon: claim, sign in, tokens, restarts, and what never leaks."""

import concurrent.futures
import http.client
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


def ask(daemon, method, path, body=None, **headers):
    """One request over TCP: (status, body or None, headers)."""
    door = http.client.HTTPConnection(*daemon.address, timeout=20)
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    content = None
    if body is not None:
        content = json.dumps(body)
        fields["Content-Type"] = "application/json"
    door.request(method, path, content, fields)
    answer = door.getresponse()
    content = answer.read()
    door.close()
    is_json = (answer.headers["Content-Type"] or "").endswith("json")
    return answer.status, json.loads(content) if is_json else None, answer.headers


def code(daemon):
    """The claim code, as who is at the machine sees it."""
    return daemon.get("/api/v1/status")["access"]["claimCode"]


def sign_in(daemon, name="ada", password=PASSWORD):
    """(Cookie, X-Bivouac-CSRF) of somebody who signs in."""
    status, said, headers = ask(
        daemon, "POST", "/api/v1/session", {"user": name, "password": password})
    assert status == 200, (status, said)
    return {"Cookie": headers["Set-Cookie"].split(";")[0], "X_Bivouac_CSRF": said["csrf"]}


def claim(daemon, name="ada"):
    """Claims a node over TCP, and signs in."""
    status, said, headers = ask(daemon, "POST", "/api/v1/claim", {
        "code": code(daemon), "user": name, "password": PASSWORD})
    assert status == 200, (status, said)
    return {"Cookie": headers["Set-Cookie"].split(";")[0], "X_Bivouac_CSRF": said["csrf"]}


def who(daemon, ada):
    """The name in a session; None when it is nobody's."""
    status, said, _ = ask(daemon, "GET", "/api/v1/session", **ada)
    assert status == 200
    return said.get("user")


def test_claim(daemon):
    """The code on the machine makes the first administrator, once."""
    assert ask(daemon, "GET", "/api/v1/session")[1] == {"claimed": False, "permissions": []}
    assert ask(daemon, "POST", "/api/v1/session", {"user": "a", "password": "b"})[1]["code"] == "claim.first"
    wrong = {"code": "AAAAA-AAAAA", "user": "ada", "password": PASSWORD}
    status, said, _ = ask(daemon, "POST", "/api/v1/claim", wrong)
    assert (status, said["code"]) == (403, "claim.wrong")
    short = {"code": code(daemon), "user": "ada", "password": "short"}
    status, said, _ = ask(daemon, "POST", "/api/v1/claim", short)
    assert (status, said["code"], said["parameters"]) == (400, "password.refused", {"reason": "short"})
    typed = {"code": code(daemon).lower().replace("-", " "), "user": "Ada", "password": PASSWORD}
    status, said, headers = ask(daemon, "POST", "/api/v1/claim", typed, Origin=f"http://localhost:{daemon.address[1]}")
    assert status == 200 and said["user"] == "ada" and said["role"] == "admin"
    node = daemon.get("/api/v1/status")["node"]
    assert re.fullmatch(
        rf"bivouac_{node[:8]}=[0-9a-f]{{64}}; HttpOnly; SameSite=Strict; Path=/", headers["Set-Cookie"])
    assert "claimCode" not in daemon.get("/api/v1/status")["access"]
    status, said, _ = ask(daemon, "POST", "/api/v1/claim", typed)
    assert (status, said["code"]) == (409, "claim.done")


def test_two_claims_at_once(daemon):
    """Of two who claim at once one wins."""
    known = code(daemon)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(
            lambda name: ask(daemon, "POST", "/api/v1/claim", {
                "code": known, "user": name, "password": PASSWORD}), ["ada", "bob", "eve", "joe"]))
    assert sorted(status for status, _, _ in answers) == [200, 409, 409, 409]
    assert len(daemon.get("/api/v1/users")["users"]) == 1


def test_sessions_outlive_restarts(daemon):
    """Neither an end in order nor kill -9 signs anybody out; signing out does, for good."""
    ada, other = claim(daemon), sign_in(daemon)
    daemon.stop()
    daemon.start()
    assert who(daemon, ada) == "ada" and who(daemon, other) == "ada"
    daemon.kill()
    daemon.start()
    assert who(daemon, ada) == "ada"
    status, said, _ = ask(daemon, "DELETE", "/api/v1/session", Cookie=other["Cookie"])
    assert (status, said["code"]) == (403, "csrf")
    assert who(daemon, other) == "ada"
    status, _, headers = ask(daemon, "DELETE", "/api/v1/session", **other)
    assert status == 204 and "Max-Age=0" in headers["Set-Cookie"]
    daemon.kill()
    daemon.start()
    assert who(daemon, other) is None and who(daemon, ada) == "ada"


def test_changes_end_sessions(daemon):
    """Another password ends the other sessions, another role counts at once, a removal for ever."""
    ada, other = claim(daemon), sign_in(daemon)
    status, said, _ = ask(daemon, "PUT", "/api/v1/session/password", {
        "old": PASSWORD + "x", "new": "another long one"}, **ada)
    assert (status, said["code"]) == (403, "password.wrong")
    status, said, _ = ask(daemon, "PUT", "/api/v1/session/password", {
        "old": PASSWORD, "new": "another long one"}, **ada)
    assert status == 200 and said["user"] == "ada"
    ada["X_Bivouac_CSRF"] = said["csrf"]
    assert who(daemon, ada) == "ada" and who(daemon, other) is None
    status, said, _ = ask(daemon, "POST", "/api/v1/users", {
        "name": "Bob", "role": "viewer", "password": PASSWORD}, **ada)
    assert status == 201 and said["name"] == "bob" and said["author"] == "user:ada"
    bob = sign_in(daemon, "bob")
    status, said, _ = ask(daemon, "GET", "/api/v1/users", **bob)
    assert (status, said["parameters"]["needs"]) == (403, "administer")
    assert ask(daemon, "PUT", "/api/v1/users/bob", {"role": "admin"}, **ada)[0] == 200
    assert ask(daemon, "GET", "/api/v1/users", **bob)[0] == 200
    assert ask(daemon, "DELETE", "/api/v1/users/bob", **ada)[0] == 204
    assert who(daemon, bob) is None
    status, said, _ = ask(daemon, "POST", "/api/v1/session", {"user": "bob", "password": PASSWORD})
    assert (status, said["code"]) == (401, "login.wrong")
    # Who comes back under that name is somebody else, also after a restart.
    ask(daemon, "POST", "/api/v1/users", {"name": "bob", "role": "viewer", "password": PASSWORD}, **ada)
    daemon.kill()
    daemon.start()
    assert who(daemon, bob) is None
    status, said, _ = ask(daemon, "DELETE", "/api/v1/users/ada", **ada)
    assert (status, said["code"]) == (409, "user.last-admin")
    status, said, _ = ask(daemon, "PUT", "/api/v1/users/ada", {"role": "viewer"}, **ada)
    assert (status, said["code"]) == (409, "user.last-admin")
    assert daemon.request("DELETE", "/api/v1/users/ada")[0] == 204
    assert code(daemon)


def test_changes_need_the_secret_of_the_session(daemon):
    """A cookie alone, which a browser adds by itself, changes nothing."""
    ada = claim(daemon)
    body = {"name": "bob", "role": "viewer", "password": PASSWORD}
    for wrong in ({}, {"X_Bivouac_CSRF": "0" * 32}):
        status, said, _ = ask(daemon, "POST", "/api/v1/users", body, Cookie=ada["Cookie"], **wrong)
        assert (status, said["code"]) == (403, "csrf")
    assert ask(daemon, "GET", "/api/v1/users", Cookie=ada["Cookie"])[0] == 200
    assert ask(daemon, "POST", "/api/v1/users", body, **ada)[0] == 201


def test_tokens(daemon):
    """A token does what it was given, until it is revoked."""
    ada = claim(daemon)
    status, made, headers = ask(daemon, "POST", "/api/v1/tokens", {
        "name": "Prometheus", "permissions": ["metrics"]}, **ada)
    assert status == 201 and re.fullmatch(r"biv_[0-9a-f]{16}_[0-9a-hjkmnp-tv-z]{32}", made["secret"])
    assert headers["Cache-Control"] == "no-store"
    bearer = {"Authorization": "Bearer " + made["secret"]}
    assert ask(daemon, "GET", "/metrics", **bearer)[0] == 200
    status, said, _ = ask(daemon, "GET", "/api/v1/users", **bearer)
    assert (status, said["code"]) == (403, "forbidden")
    assert made["token"] in ask(daemon, "GET", "/api/v1/tokens", **ada)[1]["tokens"]
    daemon.kill()
    daemon.start()
    assert ask(daemon, "GET", "/api/v1/session", **bearer)[1]["token"] == "Prometheus"
    assert ask(daemon, "DELETE", "/api/v1/tokens/" + made["token"]["id"], **ada)[0] == 204
    assert ask(daemon, "GET", "/api/v1/session", **bearer)[1]["permissions"] == []
    status, said, _ = ask(daemon, "DELETE", "/api/v1/tokens/" + made["token"]["id"], **ada)
    assert (status, said["code"]) == (404, "token.not-found")


def test_attempts_are_limited(daemon):
    """Five failures are free; then it says how long to wait, and the right password waits too."""
    claim(daemon)
    wrong = {"user": "ada", "password": "wrong password"}
    for _ in range(5):
        assert ask(daemon, "POST", "/api/v1/session", wrong)[0] == 401
    status, said, headers = ask(daemon, "POST", "/api/v1/session", wrong)
    assert (status, said["code"]) == (429, "login.too-many")
    assert 1 <= int(headers["Retry-After"]) <= 2
    right = {"user": "ada", "password": PASSWORD}
    wait_for(lambda: ask(daemon, "POST", "/api/v1/session", right)[0] == 200, 10, "an end of the wait")
    assert daemon.get("/api/v1/status")["access"]["loginFailures"] == 5
    failed = [line for line in daemon.log if "login.failed" in line]
    assert len(failed) == 5 and not any("wrong password" in line or "ada" in line for line in failed)


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
