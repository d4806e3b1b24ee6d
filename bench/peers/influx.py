"""InfluxDB on a folder and a port of its own, as an unprivileged process."""

import http.client
import json
import socket
import subprocess
import time
import urllib.parse

import peers

CONFIGURATION = """
reporting-disabled = true
bind-address = "127.0.0.1:{backup}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  cache-snapshot-write-cold-duration = "1s"
  compact-full-write-cold-duration = "2s"
  compact-throughput = "1g"
  compact-throughput-burst = "1g"
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:{http}"
  log-enabled = false
"""
STARTED_S, COMPACTED_S, STEADY_S = 30, 120, 3
LINES_BYTES = 1 << 20


def free_ports(count):
    """Ports of the loopback interface that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Influx:
    """A running server."""

    def __init__(self, folder):
        self.folder = folder
        self.port, backup = free_ports(2)
        configuration = folder / "influx.conf"
        configuration.write_text(
            CONFIGURATION.format(folder=folder, http=self.port, backup=backup))
        peers.give(folder)
        self.log = (folder / "log").open("wb")
        self.process = subprocess.Popen(
            [*peers.unprivileged(), "influxd", "-config", str(configuration)], cwd=folder,
            stdout=self.log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + STARTED_S
        while True:
            try:
                self.ask("GET", "/ping")
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"influxd did not start, see {folder}/log") from None
                time.sleep(0.1)

    def ask(self, method, path, body=None):
        """One request; what is not a success is an error."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status >= 300:
                raise RuntimeError(f"influxd: {answer.status} {text[:200]!r}")
            return text
        finally:
            connection.close()

    def query(self, text):
        """A statement of InfluxQL."""
        return self.ask("POST", "/query?" + urllib.parse.urlencode({"q": text}))

    def write(self, name, lines):
        """Everything a stream of line protocol holds, into a database of one shard."""
        self.query(f'CREATE DATABASE "{name}" WITH DURATION INF SHARD DURATION 52w')
        path = f"/write?db={urllib.parse.quote(name)}&precision=ms"
        rest = b""
        while chunk := lines.read(LINES_BYTES):
            head, newline, rest = (rest + chunk).rpartition(b"\n")
            self.ask("POST", path, head + newline)
        assert not rest, "the last line is whole"

    def count(self, name):
        """Readings that it gives back."""
        answer = json.loads(self.ask("GET", "/query?" + urllib.parse.urlencode(
            {"db": name, "q": "SELECT count(value) FROM reading"})))
        return answer["results"][0]["series"][0]["values"][0][1]

    def size(self, name):
        """Bytes of a database once nothing is left to compact: logs empty, size steady.

        The 32 MB that it sets aside for the names of the series of any database are left out.
        """
        deadline = time.monotonic() + COMPACTED_S
        before, since = None, time.monotonic()
        while time.monotonic() < deadline:
            files = [(path, path.stat().st_size)
                     for path in (self.folder / "data" / name / "autogen").rglob("*")
                     if path.is_file()]
            logs = sum(path.stat().st_size for path in (self.folder / "wal" / name).rglob("*.wal"))
            now = (logs, tuple(files))
            if now != before:
                before, since = now, time.monotonic()
            elif logs == 0 and time.monotonic() - since >= STEADY_S:
                return sum(size for _, size in files)
            time.sleep(0.1)
        raise RuntimeError(f"influxd still compacts {name}: {before}")

    def stop(self):
        """Ends the server."""
        self.process.terminate()
        self.process.wait()
        self.log.close()
