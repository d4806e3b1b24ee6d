"""How much the page server holds, on what disk, and behind which proxy."""

import http.client
import http.server
import re
import resource
import socket
import subprocess
import threading
import time
import urllib.parse
from pathlib import Path

import pytest

from daemon import REPOSITORY, Daemon, Handover, wait_for
from link import Board

SLOW_DISK = Path(__file__).parents[1] / "Hotplug" / "slow_disk.c"
# As Sources/Web/Limits.swift and Sources/Gateway/Http/PageServer.swift have it.
CONNECTIONS_MAX = 1_100
OTHER_FILES = 768
RSS_ANON_MAX_KB = 8_192


def fetch(address, path, host=None, **headers):
    """Status, headers and body of one GET."""
    door = http.client.HTTPConnection(*address, timeout=10)
    try:
        door.request("GET", path, headers={
            "Host": host or f"{address[0]}:{address[1]}",
            **{name.replace("_", "-"): value for name, value in headers.items()}})
        answer = door.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        door.close()


def wait_connections(daemon, count):
    wait_for(lambda: daemon.get("/api/v1/status")["http"]["connections"] == count + 1, 20,
             f"{count} connections beside that of the question")


def test_a_thousand_and_one_hundred_at_once(tmp_path):
    """From a shell's usual 1,024 descriptors: all are held, one more waits and gets its turn."""
    daemon = Daemon(tmp_path, wrapper=["prlimit", "--nofile=1024:4096"]).start()
    board = Board()  # its side is opened first: select() takes no descriptor from 1,024 on
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    held = []
    try:
        address, question = daemon.address, daemon.head("/api/v1/status")
        held = [socket.create_connection(address, timeout=10) for _ in range(CONNECTIONS_MAX)]
        wait_connections(daemon, CONNECTIONS_MAX)
        with socket.create_connection(address, timeout=10) as late:
            late.sendall(question)
            late.settimeout(0.5)
            with pytest.raises(TimeoutError):
                late.recv(1)
            assert daemon.get("/api/v1/devices") == []  # the unix socket goes on
            held.pop().close()
            late.settimeout(10)
            assert late.recv(100).startswith(b"HTTP/1.1 200")
        # What these clients hold is not taken from ports.
        Handover(daemon).give(board.slave)
        board.attach()
        board.samples([215])
        wait_for(lambda: daemon.readings(), what="a reading")
    finally:
        board.close()
        for client in held:
            client.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        daemon.finish()


def test_few_descriptors_are_left_to_ports(tmp_path):
    """Where the system gives 1,024 at most, the page takes fewer connections, never all."""
    daemon = Daemon(tmp_path, wrapper=["prlimit", "--nofile=1024:1024"]).start()
    held = [socket.create_connection(daemon.address, timeout=10) for _ in range(300)]
    wait_connections(daemon, 1024 - OTHER_FILES)
    assert daemon.get("/api/v1/devices") == []
    for client in held:
        client.close()
    wait_connections(daemon, 0)
    daemon.finish()


def test_a_disk_of_half_a_second_holds_nobody_up(tmp_path):
    """500 ms for every sync: pages and values come meanwhile; the end asserts the loop's lag."""
    library = tmp_path / "slow_disk.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O", "-DSYNC_MS=500", "-o", library, SLOW_DISK,
                    "-ldl"], check=True)
    daemon = Daemon(tmp_path, "commit_interval = 1\n",
                    environment={"LD_PRELOAD": str(library)}).start()
    address, who = daemon.address, daemon.access.headers
    board = Board(ring=10_000)
    Handover(daemon).give(board.slave)
    board.attach()
    tab = socket.create_connection(address, timeout=10)
    tab.sendall(daemon.head("/api/v1/events"))
    slowest = 0
    for number in range(60):
        board.samples([number], ticks=1_000 + 100 * number)
        began = time.monotonic()
        assert fetch(address, "/")[0] == fetch(address, "/api/v1/devices", **who)[0] == 200
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.05)  # the time over which several slow commits are made
    wait_for(lambda: board.durable >= 60, 20, "all of it on disk")
    assert slowest < 0.25, f"the slowest page took {slowest:.3f} s"
    seen = b""
    while b'"5.9"' not in seen:
        chunk = tab.recv(65536)
        assert chunk, seen[-500:]
        seen += chunk
    tab.close()
    board.close()
    daemon.finish()


def test_memory_of_its_own_while_idle(daemon):
    """The page server is on and its page was asked for: memory of our own is bounded."""
    for path in ("/", "/web/app.js", "/lib/dygraphs/dygraph.min.js", "/metrics"):
        assert fetch(daemon.address, path, **daemon.access.headers)[0] == 200, path
    status = Path(f"/proc/{daemon.process.pid}/status").read_text()
    assert int(re.search(r"RssAnon:\s+(\d+) kB", status)[1]) <= RSS_ANON_MAX_KB


def test_no_pages_is_said_where_the_page_would_be(tmp_path):
    daemon = Daemon(tmp_path, f'[http]\nlisten = ["127.0.0.1:0"]\nweb = "{tmp_path}/nowhere"\n')
    daemon.start(listen=None, web=None)
    status, headers, body = fetch(daemon.address, "/")
    assert status == 503 and headers.get_content_type() == "text/plain"
    assert b"--web" in body and "default-src 'none'" in headers["Content-Security-Policy"]
    assert [n["code"] for n in daemon.get("/api/v1/status")["notices"]] == ["http.no-pages"]
    assert fetch(daemon.address, "/api/v1/devices", **daemon.access.headers)[0] == 200
    french = daemon.command_line("status", language="fr").stdout
    assert "installez-les" in french
    daemon.finish()


class Prefix(http.server.BaseHTTPRequestHandler):
    """A reverse proxy that serves the daemon under /gateway/, as nginx does by
    `location /gateway/ { proxy_pass http://127.0.0.1:8420/; }`."""

    backend = None

    def do_GET(self):
        path = self.path.removeprefix("/gateway")
        if path == self.path:
            return self.send_error(404)
        status, headers, body = fetch(self.backend, path)
        self.send_response(status)
        self.send_header("Content-Type", headers["Content-Type"])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing."""


def test_the_page_works_under_the_prefix_of_a_proxy(daemon):
    """Every address in the page and its modules is relative."""
    Prefix.backend = daemon.address
    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Prefix)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        base = "http://127.0.0.1/gateway/"
        waiting, seen = [base], set()
        while waiting:
            url = waiting.pop()
            if url in seen:
                continue
            seen.add(url)
            status, headers, body = fetch(proxy.server_address, urllib.parse.urlsplit(url).path)
            assert status == 200, url
            text = body.decode()
            if headers.get_content_type() == "text/html":
                found = re.findall(r'(?:href|src)="([^"#]+)"', text)
            elif "/web/" in url and url.endswith(".js"):
                found = re.findall(r"from '([^']+)'", text)
                # What a module fetches is relative to the page.
                assert not re.search(r"fetch\([`'\"](?!api/|web/)", text), url
            else:
                found = []
            waiting += [urllib.parse.urljoin(url, name) for name in found]
        assert f"{base}web/app.js" in seen and f"{base}lib/dygraphs/dygraph.min.js" in seen
        assert len(seen) > 10, seen
    finally:
        proxy.shutdown()
        proxy.server_close()


def test_the_feed_is_not_held_back_by_a_proxy(daemon):
    with socket.create_connection(daemon.address, timeout=10) as tab:
        tab.sendall(daemon.head("/api/v1/events"))
        head = b""
        while b"\r\n\r\n" not in head:
            head += tab.recv(4096)
    assert b"\r\nX-Accel-Buffering: no\r\n" in head and b"\r\nCache-Control: no-store\r\n" in head


def test_every_page_that_there_is_is_served(daemon):
    """What stands in web/ has a type that is known."""
    for file in (REPOSITORY / "web").rglob("*"):
        if file.is_file() and file.suffix != ".md":
            path = f"/web/{file.relative_to(REPOSITORY / 'web')}"
            assert fetch(daemon.address, path)[0] == 200, path
