"""What a stranger meets where other nodes are received: nothing but `/sync`, and no answer to whoever
is not a member."""

import http.client
import os

import pytest

from daemon import Daemon, wait_for
from site_nodes import port

SITE = 32


@pytest.fixture
def hub(tmp_path):
    running = Daemon(
        tmp_path, 'commit_interval = 1\n[sync]\nlisten = ["127.0.0.1:0"]\nlabel = "hub"\n').start()
    running.site = running.post("/api/v1/site", {"name": "Ferme"})["site"]
    yield running
    running.finish()


def ask(node, method, path, body=b"", media="application/octet-stream"):
    """One request of somebody who may be anybody: status and body."""
    line = http.client.HTTPConnection("127.0.0.1", port(node), timeout=10)
    line.request(method, path, body, {"Content-Type": media} if body else {})
    answer = line.getresponse()
    said = answer.status, answer.read()
    line.close()
    return said


def hello(node, site=None, version=1):
    """Message 1 of a hello of a node that nobody knows."""
    own = bytes.fromhex(node.site["site"] if site is None else site)
    return bytes([version, version]) + own + os.urandom(32) + os.urandom(32) + os.urandom(16)


@pytest.mark.parametrize("path", [
    "/", "/metrics", "/api/v1/status", "/api/v1/devices", "/api/v1/openapi.json", "/web/app.js",
    "/api/v1/sync", "/sync", "/sync/1", "/sync/1/", "/sync/2/hello", "/sync/1/../../api/v1/status",
    "/sync/1/%2e%2e/%2e%2e/api/v1/status"])
def test_nothing_but_sync_is_there(hub, path):
    for method in ("GET", "POST", "PUT", "DELETE"):
        assert ask(hub, method, path, b"{}", "application/json")[0] in (400, 404, 405, 415)


def test_what_is_no_hello_is_refused_and_the_next_one_is_heard(hub):
    for body in (b"\0", os.urandom(130), os.urandom(4096), hello(hub)[:-1], hello(hub) + b"\0",
                 hello(hub, site="00" * SITE), hello(hub, version=9)):
        assert ask(hub, "POST", "/sync/1/hello", body)[0] == 403
    assert ask(hub, "POST", "/sync/1/hello", os.urandom(5000))[0] == 413
    assert ask(hub, "POST", "/sync/1/hello", b"x", "text/plain")[0] == 415
    status, answer = ask(hub, "POST", "/sync/1/hello", hello(hub))
    assert status == 200 and answer[1:33].hex() == hub.site["node"]


def test_who_is_no_member_gets_no_session(hub):
    assert ask(hub, "POST", "/sync/1/hello", hello(hub))[0] == 200
    assert ask(hub, "POST", "/sync/1/session", os.urandom(120))[0] == 410
    assert ask(hub, "POST", f"/sync/1/{'ab' * 16}/0", os.urandom(60))[0] == 410
    assert ask(hub, "POST", "/sync/1/nonsense/0", os.urandom(60))[0] == 410
    assert ask(hub, "POST", f"/sync/1/{'ab' * 16}/9", os.urandom(60))[0] == 410


def test_a_flood_of_hellos_is_turned_away_and_the_daemon_goes_on(hub):
    said = [ask(hub, "POST", "/sync/1/hello", hello(hub))[0] for _ in range(400)]
    # Sixteen wait at once for their third message; of all that begin, 128 are heard, and 32 a second.
    assert said.count(200) <= 16 and said.count(503) >= 10 and said.count(429) >= 10, said
    assert said.count(200) + said.count(503) + said.count(429) == 400
    line = http.client.HTTPConnection("127.0.0.1", port(hub), timeout=10)
    for path in ("hello", "invitation", "joining", "succession"):
        # Whatever may be begun without a proof of who it is.
        for _ in range(40):
            line.request("POST", f"/sync/1/{path}", os.urandom(60),
                         {"Content-Type": "application/octet-stream"})
            answer = line.getresponse()
            answer.read()
            if answer.status == 429:
                break
        assert answer.status == 429 and 1 <= int(answer.getheader("Retry-After")) <= 10, path
    line.close()
    assert hub.get("/api/v1/status")["sync"]["hellosLimited"] >= said.count(429) + 4
    assert hub.get("/api/v1/status")["sync"]["strange"] == 0
    # Those that never came to their third message make room.
    wait_for(lambda: ask(hub, "POST", "/sync/1/hello", hello(hub))[0] == 200, 20, "room")


def test_what_is_no_pairing_is_refused_and_spends_nothing(hub, tmp_path):
    invited = hub.post("/api/v1/invitations", {})
    for body in (b"\0", os.urandom(120), os.urandom(4000)):
        status, answer = ask(hub, "POST", "/sync/1/invitation", body)
        assert status == 200 and answer[0] == 0 and answer[2:].decode() in ("malformed", "wrong-key")
        status, answer = ask(hub, "POST", "/sync/1/joining", body)
        assert status == 200 and answer[2:].decode() in ("malformed", "expired")
    joiner = Daemon(tmp_path / "joiner", 'commit_interval = 1\n[sync]\nlabel = "joiner"\n').start()
    paired = joiner.post("/api/v1/pairing", {"key": invited["link"]})
    assert paired["site"]["site"] == hub.site["site"]
    joiner.finish()


def test_the_body_of_a_stranger_is_not_waited_for(hub):
    """Who names no session is answered from the head: nobody fills the memory with bodies."""
    line = http.client.HTTPConnection("127.0.0.1", port(hub), timeout=10)
    line.putrequest("POST", f"/sync/1/{'ab' * 16}/0")
    line.putheader("Content-Type", "application/octet-stream")
    line.putheader("Content-Length", str(5 << 20))
    line.endheaders()
    assert line.getresponse().status == 410
    line.close()
