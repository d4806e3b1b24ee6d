"""The page server: idle, 1,000 viewers of the feed, and small JSON beside nginx."""

import os
import re
import selectors
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import harness
from harness import Lines, cpu_s, verdict

VIEWERS, IDLE_S, FEED_S, LOAD_S = 1000, 20, 15, 6
NGINX = """daemon off; worker_processes 1; pid {d}/nginx.pid; error_log {d}/error.log;
events {{ worker_connections 512; }}
http {{ access_log off; keepalive_requests 100000000; client_body_temp_path {d}/b;
 proxy_temp_path {d}/p; fastcgi_temp_path {d}/f; uwsgi_temp_path {d}/u; scgi_temp_path {d}/s;
 types {{ application/json json; }}
 server {{ listen 127.0.0.1:{port}; root {d}; }} }}
"""


def memory_mb(process):
    """RssAnon and VmRSS of a process, in MB."""
    text = Path(f"/proc/{process}/status").read_text()
    return [int(re.search(rf"{name}:\s+(\d+)", text)[1]) / 1024 for name in ("RssAnon", "VmRSS")]


def wakes(process):
    """Voluntary context switches of all threads."""
    return sum(int(re.search(r"\nvoluntary_ctxt_switches:\s+(\d+)", path.read_text())[1])
               for path in Path(f"/proc/{process}/task").glob("*/status"))


def idle(node):
    """A daemon to whom nothing happens."""
    process = node.process.pid
    time.sleep(5)
    before, cpu = wakes(process), cpu_s(process)
    time.sleep(IDLE_S)
    woken, cpu = (wakes(process) - before) / IDLE_S, cpu_s(process) - cpu
    anonymous, resident = memory_mb(process)
    share = f"{100 * cpu / IDLE_S:.2f} % of a core"
    verdict("idle, RssAnon", f"{anonymous:.1f} MB", "no reference", "8 MB", anonymous <= 8)
    verdict("idle, RSS", f"{resident:.1f} MB", "no reference", "20 MB", resident <= 20)
    verdict("idle, wake-ups a second", f"{woken:.1f}", share, "5", woken <= 5)


def feed(node):
    """Viewers of one board that measures once a second."""
    from daemon import Handover
    process, lines = node.process.pid, Lines(1)
    door = Handover(node)
    door.give(lines.slaves[0], "bench")
    lines.play("boards", 1, 1)
    for _ in range(5):
        lines.told()
    alone_mb, cpu = memory_mb(process)[1], cpu_s(process)
    time.sleep(5)
    alone = (cpu_s(process) - cpu) / 5
    address, question = node.address, node.head("/api/v1/events")
    ready, viewers, heard, stop = selectors.DefaultSelector(), [], [0], threading.Event()

    def listen():
        while not stop.is_set():
            for key, _ in ready.select(0.2):
                heard[0] += key.fileobj.recv(65536).count(b"event: reading")

    for _ in range(VIEWERS):
        viewer = socket.create_connection(address, 10)
        viewer.sendall(question)
        ready.register(viewer, selectors.EVENT_READ)
        viewers.append(viewer)
    threading.Thread(target=listen, daemon=True).start()
    time.sleep(4)
    cpu, before, began = cpu_s(process), heard[0], time.monotonic()
    time.sleep(FEED_S)
    took = time.monotonic() - began
    share, events = (cpu_s(process) - cpu) / took - alone, (heard[0] - before) / took
    grown = memory_mb(process)[1] - alone_mb
    stop.set()
    for viewer in viewers:
        viewer.close()
    lines.close()
    reference = f"{events:.0f} readings/s reached {VIEWERS} viewers"
    verdict("1,000 viewers, RSS more", f"{grown:.1f} MB", reference, "15 MB", grown <= 15)
    verdict("1,000 viewers, CPU more", f"{100 * share:.1f} % of a core", reference, "10 %",
            share <= 0.1)


def load(process, url, *fields):
    """CPU of a request in µs, under wrk with keep-alive."""
    cpu = cpu_s(process)
    said = subprocess.run(["wrk", "-t1", "-c8", f"-d{LOAD_S}s", *fields, url], capture_output=True,
                          text=True, check=True).stdout
    assert "Non-2xx" not in said, said
    return 1e6 * (cpu_s(process) - cpu) / int(re.search(r"(\d+) requests in", said)[1])


def small_json(node, directory, path):
    """One small answer, beside nginx and a file of the same size."""
    host, port = node.address
    url = f"http://{host}:{port}{path}"
    fields = [part for name, value in node.access.headers.items()
              for part in ("-H", f"{name}: {value}")]
    content = subprocess.run(["curl", "-s", *fields, url], capture_output=True, check=True).stdout
    (directory / "body.json").write_bytes(content)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    (directory / "nginx.conf").write_text(NGINX.format(d=directory, port=free))
    os.chmod(directory, 0o755)
    nginx = subprocess.Popen(["nginx", "-c", directory / "nginx.conf", "-p", directory,
                              "-e", directory / "error.log"])
    try:
        time.sleep(1)
        children = Path(f"/proc/{nginx.pid}/task/{nginx.pid}/children").read_text()
        theirs = load(int(children.split()[0]), f"http://127.0.0.1:{free}/body.json")
        ours = load(node.process.pid, url, *fields)
    finally:
        nginx.terminate()
        nginx.wait()
    verdict(f"{path}, {len(content)} bytes, CPU a request", f"{ours:.1f} µs",
            f"nginx {theirs:.1f} µs, ratio {ours / theirs:.2f}", "1.3", ours <= 1.3 * theirs)


def run():
    """Everything of the page server, on one daemon."""
    from daemon import Daemon
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        node = Daemon(directory).start()
        try:
            idle(node)
            feed(node)
            for path in ("/api/v1/questions", "/api/v1/status"):
                small_json(node, directory, path)
        finally:
            node.stop(seconds=10)


if __name__ == "__main__":
    harness.build()
    run()
