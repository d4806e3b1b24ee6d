"""The page server over TCP: who may ask, what it holds out, and how it ends."""

import http.client
import json
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import time

from daemon import Daemon, wait_for


def ask(address, path, method="GET", body=None, host=None, **headers):
    """Status, headers and body of one request, by nobody unless a header says who."""
    door = http.client.HTTPConnection(*address, timeout=10)
    door.putrequest(method, path, skip_host=True)
    door.putheader("Host", host or f"{address[0]}:{address[1]}")
    content = b"" if body is None else body
    if body is not None:
        door.putheader("Content-Length", str(len(content)))
    for name, value in headers.items():
        door.putheader(name.replace("_", "-"), value)
    door.endheaders(content)
    answer = door.getresponse()
    return answer.status, answer.headers, answer.read()


def test_who_may_ask(daemon):
    """Foreign hosts, origins and forms are refused before anything is done."""
    address, who = daemon.address, daemon.access.headers
    port = address[1]
    assert ask(address, "/api/v1/status", **who)[0] == 200
    assert ask(address, "/api/v1/status", host=f"localhost:{port}", **who)[0] == 200
    for host in ("evil.example", f"evil.example:{port}", "localhost", "127.0.0.1"):
        status, headers, body = ask(address, "/api/v1/status", host=host, **who)
        assert status == 403 and headers.get_content_type() == "application/problem+json", host
        assert json.loads(body)["type"] == "urn:bivouac:problem:foreign-host"
    path = "/api/v1/devices/x/commands"
    for origin in ("http://evil.example", "null", f"http://127.0.0.1:{port + 1}"):
        status, _, body = ask(address, path, "POST", b"{}", Origin=origin,
                              Content_Type="application/json", **who)
        assert (status, json.loads(body)["status"]) == (403, 403), origin
    for form in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        assert ask(address, path, "POST", b"{}", Content_Type=form, **who)[0] == 415
    ours = f"http://127.0.0.1:{port}"
    assert ask(address, path, "POST", b'{"name":"x","arguments":[]}', Origin=ours,
               Content_Type="application/json", **who)[0] == 404


def test_it_listens_on_this_machine_alone(tmp_path):
    """Another address is refused with what to do; readings are recorded as ever."""
    daemon = Daemon(tmp_path, '[http]\nlisten = ["0.0.0.0:0", "192.168.1.1:80"]\n')
    daemon.start(listen=None)
    try:
        status = daemon.get("/api/v1/status")
        assert status["http"]["addresses"] == []
        assert [n["code"] for n in status["notices"]] == ["http.not-loopback"] * 2
        assert "ssh -L" in status["notices"][0]["detail"]
        mine = subprocess.run(
            ["ss", "-ltnpH"], capture_output=True, text=True, check=True).stdout
        assert f"pid={daemon.process.pid}," not in mine
    finally:
        daemon.finish()


def test_a_port_that_is_taken_is_tried_again(tmp_path):
    """A notice says so; when it is free the page is there by itself."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        daemon = Daemon(tmp_path).start(listen=f"127.0.0.1:{port}")
        try:
            notices = daemon.get("/api/v1/status")["notices"]
            assert [n["code"] for n in notices] == ["http.port-in-use"]
        finally:
            holder.close()
    try:
        wait_for(lambda: not daemon.get("/api/v1/status")["notices"], 15, "the port")
        assert ask(("127.0.0.1", port), "/api/v1/status", **daemon.access.headers)[0] == 200
    finally:
        daemon.finish()


def test_pages_have_what_keeps_them_safe(daemon):
    status, headers, body = ask(daemon.address, "/")
    assert status == 200 and b"<script" in body
    assert b"<script>" not in body and b"style=" not in body and b"onclick" not in body
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert ask(daemon.address, "/", If_None_Match=headers["ETag"])[0] == 304
    for path in ("/../Package.swift", "/%2e%2e/Package.swift", "/web/", "/web/messages/"):
        assert ask(daemon.address, path)[0] in (400, 404), path


def streams(daemon):
    """Live feeds that the daemon holds open."""
    return daemon.get("/api/v1/status")["http"]["streams"]


def tabs(daemon, count):
    """Open live feeds, each read up to its first event."""
    address, question = daemon.address, daemon.head("/api/v1/events")
    opened = []
    for _ in range(count):
        tab = socket.create_connection(address, timeout=10)
        tab.sendall(question)
        opened.append(tab)
    for tab in opened:
        head = b""
        while b"event: open" not in head:
            chunk = tab.recv(4096)
            assert chunk, head
            head += chunk
    return opened


def test_the_end_with_fifty_tabs_open(daemon):
    """SIGTERM ends in order and in time; every tab sees its stream end."""
    opened = tabs(daemon, 50)
    assert daemon.stop() < 2.0
    for tab in opened:
        while tab.recv(65536):
            pass
        tab.close()


def test_a_thousand_tabs_that_vanish(tmp_path):
    """Half are reset, half fall silent: all slots are free within 30 s.

    In a network of its own, whose loopback is then taken down: what is sent is lost without a
    word, as when a machine vanishes. The unix socket goes on.
    """
    result = subprocess.run(
        ["unshare", "--net", "--map-root-user", sys.executable, __file__, str(tmp_path)],
        capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr


def vanish(folder):
    """The test above, inside."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    daemon = Daemon(folder).start()
    opened = tabs(daemon, 1000)
    assert streams(daemon) == 1000
    for tab in opened[:500]:
        tab.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        tab.close()
    wait_for(lambda: streams(daemon) == 500, 10, "the slots of those that were reset")
    subprocess.run(["ip", "link", "set", "lo", "down"], check=True)
    wait_for(lambda: streams(daemon) == 0, 30, "the slots of those that fell silent")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    assert ask(daemon.address, "/api/v1/status", **daemon.access.headers)[0] == 200
    daemon.finish()


def test_slow_heads_hinder_nobody(daemon):
    """Two hundred clients that send a byte now and then: others are served, and they are closed."""
    address, who = daemon.address, daemon.access.headers
    slow = [socket.create_connection(address) for _ in range(200)]
    head = daemon.head("/api/v1/status").removesuffix(b"\r\n") + b"X: "
    for client in slow:
        client.sendall(head)
    began = time.monotonic()
    assert ask(address, "/api/v1/status", **who)[0] == 200
    assert time.monotonic() - began < 1.0

    def closed():
        gone = 0
        for client in slow:
            try:
                client.send(b"y")
                client.setblocking(False)
                gone += client.recv(1024) is not None
            except BlockingIOError:
                pass
            except OSError:
                gone += 1
        return gone == len(slow)

    wait_for(closed, 45, "an end of the slow clients")
    for client in slow:
        client.close()


def test_idle_costs_little(daemon):
    """With the page server on and nobody there, the daemon wakes at most five times a second."""
    def wakes():
        total = 0
        for task in os.listdir(f"/proc/{daemon.process.pid}/task"):
            with open(f"/proc/{daemon.process.pid}/task/{task}/status") as lines:
                total += sum(int(line.split()[1]) for line in lines
                             if line.startswith("voluntary_ctxt"))
        return total

    ask(daemon.address, "/")
    before = wakes()
    time.sleep(5)  # the duration is what is measured
    assert (wakes() - before) / 5 <= 5


def test_idle_takes_little_memory(daemon):
    """What only the command line needs is not in the daemon's memory (docs/adr/0006)."""
    ask(daemon.address, "/")
    with open(f"/proc/{daemon.process.pid}/maps", encoding="utf-8") as lines:
        libraries = {line.split()[5].rsplit("/", 1)[-1] for line in lines if ".so" in line}
    assert any(name.startswith("libmicrohttpd") for name in libraries)
    assert not any(name.startswith(("libcurl", "libcrypto", "libldap")) for name in libraries)
    def sizes():
        with open(f"/proc/{daemon.process.pid}/status", encoding="utf-8") as lines:
            return {line.split(":")[0]: int(line.split()[1])
                    for line in lines if line.endswith("kB\n")}

    # What only the start runs leaves the memory when the start is over.
    wait_for(lambda: sizes()["VmRSS"] <= 15 * 1024, 10, "15 MB at rest")
    for path in ("/", "/api/v1/status", "/api/v1/devices", "/metrics", "/api/v1/openapi.json"):
        ask(daemon.address, path)
    after = sizes()
    assert after["VmRSS"] <= 20 * 1024 and after["RssAnon"] <= 8 * 1024, after


def test_signals_while_a_request_waits(daemon):
    """A request under way gets its answer before the end."""
    door = http.client.HTTPConnection(*daemon.address, timeout=10)
    door.request("GET", "/api/v1/status", headers=daemon.access.headers)
    daemon.process.send_signal(signal.SIGTERM)
    assert door.getresponse().status in (200, 503)
    daemon.process.wait(timeout=5)
    assert daemon.process.returncode == 0


if __name__ == "__main__":
    vanish(sys.argv[1])
