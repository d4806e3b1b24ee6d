"""Who may do what, on the shipped daemon: claim, sign in, roles, tokens, and restarts."""

import concurrent.futures
import http.client
import re
import time

from access import PASSWORD
from signed_in import ask, claim, code, sign_in, who


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


def test_everything_asks_who(daemon):
    """Over TCP every route of the API but the way in asks for somebody, claimed or not."""
    document = daemon.get("/api/v1/openapi.json")
    opened = set()
    for path, item in document["paths"].items():
        target = re.sub(r"\{[a-z]+\}", "x", path)
        for method, operation in item.items():
            body = {} if method in ("post", "put") else None
            if not operation["security"]:
                opened.add((method, path))
                continue
            for headers in ({}, {"Cookie": "bivouac_00000000=" + "0" * 64}, {
                    "Cookie": f"bivouac_{daemon.get('/api/v1/status')['node'][:8]}=" + "0" * 64}, {
                    "Authorization": "Bearer biv_0000000000000000_" + "0" * 32}):
                status, said, answer = ask(daemon, method.upper(), target, body, **headers)
                assert (status, said["code"]) == (401, "unauthenticated"), (method, path)
                assert answer["WWW-Authenticate"] == "Bearer"
    assert opened == {
        ("get", "/api/v1/session"), ("post", "/api/v1/session"), ("delete", "/api/v1/session"),
        ("post", "/api/v1/claim"), ("get", "/api/v1/simulated"), ("post", "/api/v1/simulated"),
        ("post", "/api/v1/sites")}
    assert ask(daemon, "GET", "/api/v1/simulated")[0] == 403
    assert ask(daemon, "POST", "/api/v1/sites", {"place": "x"})[0] == 403
    # A body is not waited for: whoever may not is told so from the head.
    door = http.client.HTTPConnection(*daemon.address, timeout=5)
    door.putrequest("POST", "/api/v1/annotations")
    door.putheader("Content-Type", "application/json")
    door.putheader("Content-Length", "100000")
    door.putheader("Expect", "100-continue")
    door.endheaders()
    assert door.getresponse().status == 401
    door.close()
    # The pages are there for everybody: else nobody could sign in.
    assert ask(daemon, "GET", "/")[0] == 200


def test_roles_do_what_they_may(daemon):
    """A viewer looks, an operator works with devices, an admin decides who may."""
    ada = claim(daemon)
    for name, role in (("vera", "viewer"), ("otto", "operator")):
        body = {"name": name, "role": role, "password": PASSWORD}
        assert ask(daemon, "POST", "/api/v1/users", body, **ada)[0] == 201
    vera, otto = sign_in(daemon, "vera"), sign_in(daemon, "otto")
    words = {"fromUs": 5, "text": "window opened"}
    assert ask(daemon, "GET", "/api/v1/devices", **vera)[0] == 200
    assert ask(daemon, "GET", "/metrics", **vera)[0] == 200
    status, said, _ = ask(daemon, "POST", "/api/v1/annotations", words, **vera)
    assert (status, said["code"]) == (403, "forbidden")
    assert said["parameters"] == {"needs": "operate", "has": "metrics, read"}
    status, said, _ = ask(daemon, "POST", "/api/v1/annotations", words, **otto)
    assert status == 201 and said["author"] == "user:otto"
    assert ask(daemon, "GET", "/api/v1/audit", **otto)[0] == 403
    assert ask(daemon, "GET", "/api/v1/audit", **ada)[1]["entries"][0]["author"] == "user:otto"


def test_a_feed_ends_with_its_session(daemon):
    """Who signs out sees nothing more, at the latest at the next heartbeat."""
    claim(daemon)
    other = sign_in(daemon)
    door = http.client.HTTPConnection(*daemon.address, timeout=30)
    door.request("GET", "/api/v1/events", headers={"Cookie": other["Cookie"]})
    feed = door.getresponse()
    assert feed.status == 200 and feed.read1(10)
    assert ask(daemon, "DELETE", "/api/v1/session", **other)[0] == 204
    began = time.monotonic()
    while feed.read1(100):
        pass
    assert time.monotonic() - began < 15
    door.close()


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
    assert ask(daemon, "GET", "/metrics", **bearer)[0] == 401
    status, said, _ = ask(daemon, "DELETE", "/api/v1/tokens/" + made["token"]["id"], **ada)
    assert (status, said["code"]) == (404, "token.not-found")
