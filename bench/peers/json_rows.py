"""What most do instead of merging: rows as JSON, gzipped, over HTTP, into an indexed SQLite table.

The server is this file run with the database's path; the sender is whoever imports it. Parsing,
packing and SQLite are the C of Python's own library: little else of it is Python.
"""

import gzip
import http.client
import http.server
import json
import sqlite3
import subprocess
import sys
import time

ROWS_AT_ONCE = 5_000


class Receiver(http.server.BaseHTTPRequestHandler):
    """One transaction, synced, for each request."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        """Takes rows; answers when they are on the disk."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        rows = json.loads(gzip.decompress(body))
        with self.server.database:
            self.server.database.executemany(
                "INSERT OR IGNORE INTO readings VALUES(:device, :channel, :time, :value)", rows)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        """Says nothing."""


def serve(path):
    """Serves one sender until it is ended; says its port first."""
    database = sqlite3.connect(path)
    database.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE readings(device TEXT, channel TEXT, time INTEGER, value REAL);"
        "CREATE UNIQUE INDEX readings_by_series ON readings(device, channel, time);")
    server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    server.database = database
    print(server.server_port, flush=True)
    server.serve_forever()


def rows_of(lines, count):
    """The first rows of what `bivouac-bench readings SET copy` writes."""
    rows = []
    for line in lines:
        if len(rows) == count:
            break
        time_ms, value, channel = line.split()
        rows.append({"device": "b0", "channel": f"c{int(channel)}", "time": int(time_ms),
                     "value": float(value)})
    return rows


def send(folder, rows):
    """Seconds, and bytes of bodies, of sending rows to a server of their own."""
    server = subprocess.Popen(
        [sys.executable, __file__, f"{folder}/rows.db"], stdout=subprocess.PIPE, text=True)
    try:
        line = http.client.HTTPConnection("127.0.0.1", int(server.stdout.readline()))
        sent, began = 0, time.monotonic()
        for start in range(0, len(rows), ROWS_AT_ONCE):
            body = gzip.compress(
                json.dumps(rows[start:start + ROWS_AT_ONCE], separators=(",", ":")).encode(), 6)
            line.request("POST", "/readings", body, {
                "Content-Type": "application/json", "Content-Encoding": "gzip"})
            answer = line.getresponse()
            answer.read()
            assert answer.status == 204, answer.status
            sent += len(body)
        return time.monotonic() - began, sent
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    serve(sys.argv[1])
