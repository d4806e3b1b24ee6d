"""How tests come in by the page's door: a token, and people who are signed in, all made over the
unix socket, whose peer needs neither."""

import http.cookies
import json
import socket
import urllib.request

PERMISSIONS = ("metrics", "read", "operate", "administer")
PASSWORD = "a horse and its staple"


def request_over(path, method, target, body=None, timeout=10.0):
    """One HTTP request over a unix socket: (status, decoded body)."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout)
        connection.connect(str(path))
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        if body is not None:
            head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        connection.sendall(head.encode() + b"\r\n" + content)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    head, _, content = answer.partition(b"\r\n\r\n")
    if not head:
        raise ConnectionError("the daemon closed the connection without an answer")
    if b"transfer-encoding: chunked" in head.lower():
        content = _dechunked(content)
    return int(head.split()[1]), json.loads(content) if content else None


def _dechunked(content):
    body = b""
    while content:
        size, _, rest = content.partition(b"\r\n")
        count = int(size, 16)
        if count == 0:
            return body
        body, content = body + rest[:count], rest[count + 2:]
    return body


class Access:
    """What one daemon gave this test; it is in its state, so it outlives a restart."""

    def __init__(self, path):
        self.path = path
        self._headers = None
        self._cookies = {}
        self._people = set()

    def request(self, method, target, body=None):
        """One request over the unix socket."""
        return request_over(self.path, method, target, body)

    def token(self, *permissions, name="tests"):
        """The secret of a new token, which may do everything unless told."""
        status, made = self.request("POST", "/api/v1/tokens", {
            "name": name, "permissions": list(permissions or PERMISSIONS)})
        assert status == 201, (status, made)
        return made["secret"]

    @property
    def headers(self):
        """What a program that may do everything sends with each request over TCP."""
        if self._headers is None:
            self._headers = {"Authorization": f"Bearer {self.token()}"}
        return self._headers

    def user(self, role="admin", name=None):
        """Makes a person, once, called like the role unless told."""
        name = name or role
        if name in self._people:
            return
        status, made = self.request("POST", "/api/v1/users", {
            "name": name, "role": role, "password": PASSWORD})
        assert status == 201, (status, made)
        self._people.add(name)

    def cookies(self, url, role="admin"):
        """Cookies of a person of a role who has signed in where the page is."""
        if role not in self._cookies:
            code = self.request("GET", "/api/v1/status")[1]["access"].get("claimCode")
            if role == "admin" and code:
                # One password to hash instead of two: most tests come this way.
                self._cookies[role] = self._come_in(url, "claim", {"code": code, "user": role})
                self._people.add(role)
                return self._cookies[role]
            # Nobody comes in by the page before there is an administrator.
            self.user("admin")
            self.user(role)
            self._cookies[role] = self._come_in(url, "session", {"user": role})
        return self._cookies[role]

    def _come_in(self, url, door, said):
        content = json.dumps({**said, "password": PASSWORD}).encode()
        question = urllib.request.Request(
            f"{url}api/v1/{door}", content, {"Content-Type": "application/json"})
        with urllib.request.urlopen(question, timeout=10) as answer:
            said = http.cookies.SimpleCookie(answer.headers["Set-Cookie"])
        return [{"name": one.key, "value": one.value, "url": url, "httpOnly": True,
                 "sameSite": "Strict"} for one in said.values()]
