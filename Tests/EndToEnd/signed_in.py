"""Requests over TCP, and people who are signed in, as the tests of access make them."""

import http.client
import json

from access import PASSWORD


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
