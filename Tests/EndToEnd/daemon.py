"""Runs the real daemon and speaks to it as people and programs do."""

import json
import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

from access import Access, request_over

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("BIVOUAC_BIN", REPOSITORY / ".build/release/bivouac"))
# What the daemon itself may keep everything waiting for, and what may be added by a machine that is
# busy with other things: a page of memory to be read, a lock whose holder waits for a processor.
BUSY_MAX_US = 50_000
LAG_MAX_US = 250_000
HELD_UP_MAX = 2


def wait_for(condition, seconds=10.0, what="the condition"):
    """Polls until `condition` gives something true, and returns that; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {seconds} s (last: {value!r})")
        time.sleep(0.02)


def stolen_s():
    """For how long, in s since its start, others had the processors of this machine where it is a
    virtual one: nothing that waited then is the daemon's doing."""
    with open("/proc/stat", encoding="ascii") as file:
        return int(file.readline().split()[8]) / os.sysconf("SC_CLK_TCK")


class Daemon:
    """One state directory and the daemon that runs on it; may be killed and started again."""

    def __init__(self, directory, configuration="", environment=None, wrapper=()):
        self.directory = Path(directory)
        self.state = self.directory / "state"
        self.state.mkdir(parents=True, exist_ok=True)
        self.configuration = self.directory / "bivouac.toml"
        self.configuration.write_text(configuration)
        self.socket = self.directory / "bivouac.sock"
        self.environment = dict(os.environ, LC_ALL="C.UTF-8", **(environment or {}))
        self.wrapper = list(wrapper)
        self.access = Access(self.socket)
        self.process = None
        self.log = []

    def start(self, ready=True, listen="127.0.0.1:0", web=REPOSITORY / "web"):
        """Starts it and, unless told otherwise, waits until it answers.

        Its page is on a free port, where `listen` says, or with None where the file says; so is
        its folder."""
        command = self.wrapper + [
            str(BINARY), "run", "--state", str(self.state), "--config", str(self.configuration),
            "--socket", str(self.socket),
        ]
        if listen is not None:
            command += ["--listen", listen]
        if web is not None:
            command += ["--web", str(web)]
        self.stolen_before_s = stolen_s()
        self.process = subprocess.Popen(
            command, env=self.environment, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
            text=True, errors="replace")
        threading.Thread(target=self._read_log, args=(self.process,), daemon=True).start()
        if ready:
            wait_for(self._answers, 20, "an answer of the daemon")
        return self

    def _read_log(self, process):
        for line in process.stderr:
            self.log.append(line.rstrip("\n"))

    def _answers(self):
        assert self.process.poll() is None, "the daemon ended:\n" + "\n".join(self.log[-20:])
        try:
            self.get("/api/v1/status")
            return True
        except OSError:
            return False

    def kill(self):
        """kill -9, as a power cut that spares the disk."""
        self.process.kill()
        self.process.wait()

    def stop(self, number=signal.SIGTERM, seconds=2.0):
        """Ends it in order and returns how long that took."""
        began, stolen = time.monotonic(), stolen_s()
        self.process.send_signal(number)
        self.process.wait(timeout=seconds + 5)
        took = time.monotonic() - began
        assert self.process.returncode == 0, "\n".join(self.log[-20:])
        assert took <= seconds + stolen_s() - stolen, f"the daemon took {took:.2f} s to end"
        return took

    def finish(self):
        """At the end of a test: no turn of the loop was too long, and it stops in order."""
        if self.process is None or self.process.poll() is not None:
            return
        loop = self.get("/api/v1/status")["loop"]
        self.stop()
        self.assert_no_lag(loop)

    def assert_no_lag(self, loop):
        """No turn was too long but for what the machine itself was not there for."""
        stolen_us = int((stolen_s() - self.stolen_before_s) * 1e6)
        assert loop["busyMaxUs"] <= BUSY_MAX_US + stolen_us, f"loop busy {loop}"
        assert loop["lagMaxUs"] <= LAG_MAX_US + stolen_us, f"loop lag {loop}"
        assert loop["over50Ms"] <= HELD_UP_MAX or stolen_us > BUSY_MAX_US, f"loop lag {loop}"

    def connect(self):
        """A connection to its socket."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(str(self.socket))
        return connection

    def request(self, method, path, body=None, timeout=10.0):
        """One HTTP request over the unix socket: (status, decoded body)."""
        return request_over(self.socket, method, path, body, timeout)

    def get(self, path):
        """GET that must succeed."""
        status, body = self.request("GET", path)
        assert status == 200, (path, status, body)
        return body

    def post(self, path, body=None):
        """POST that must succeed."""
        status, answer = self.request("POST", path, body if body is not None else {})
        assert status in (200, 201, 202, 204), (path, status, answer)
        return answer

    @property
    def address(self):
        """Where the page is served: host and port."""
        host, port = self.get("/api/v1/status")["http"]["addresses"][0].rsplit(":", 1)
        return host, int(port)

    def head(self, path):
        """A GET over TCP, whole, as a program with a token sends it."""
        host, port = self.address
        fields = {"Host": f"{host}:{port}", **self.access.headers}
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {fields[name]}" for name in fields), "", ""]
        return "\r\n".join(lines).encode()

    def settle(self):
        """Waits until boards that are unplugged have left nothing to write: each is absent, and no
        commit came for longer than two windows, in which their clocks' last fits are written."""
        last = [None, 0]

        def is_still():
            status = self.get("/api/v1/status")
            commits, uptime = status["storage"]["commits"], status["uptimeSeconds"]
            if commits != last[0]:
                last[:] = commits, uptime
            return status["storage"]["pendingReadings"] == 0 and uptime >= last[1] + 3

        wait_for(lambda: {d["state"] for d in self.devices().values()} <= {"absent", "elsewhere"},
                 20, "the end of the boards")
        wait_for(is_still, 30, "the last commit")

    def devices(self):
        """Every device, by its id."""
        return {device["id"]: device for device in self.get("/api/v1/devices")}

    def readings(self, **query):
        """All stored readings that a query gives, page by page."""
        readings, cursor = [], None
        while True:
            fields = dict(query, limit=10000)
            if cursor:
                fields["cursor"] = cursor
            path = "/api/v1/readings?" + "&".join(f"{k}={v}" for k, v in fields.items())
            page = self.get(path)
            readings += page["readings"]
            cursor = page.get("next")
            if not cursor:
                return readings

    def command_line(self, *arguments, language="en", check=True):
        """Runs the command line against this daemon."""
        environment = dict(self.environment, LC_ALL=f"{language}_XX.UTF-8", NO_COLOR="1")
        result = subprocess.run(
            [str(BINARY), *arguments, "--socket", str(self.socket)], env=environment,
            capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        if check:
            assert result.returncode == 0, (arguments, result.stdout, result.stderr)
        return result


class Simulation:
    """`bivouac simulate`, until it is ended: then its boards are unplugged."""

    def __init__(self, daemon, kind="esp32", count=1):
        self.process = subprocess.Popen(
            [str(BINARY), "simulate", kind, "--count", str(count), "--socket", str(daemon.socket)],
            stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=daemon.environment)

    def end(self):
        """Unplugs."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=10)


class Handover:
    """The door for simulated boards: passes the slave side of ptys to the daemon."""

    def __init__(self, daemon):
        self.socket = daemon.connect()
        self.socket.settimeout(10)
        self.socket.sendall(
            b"POST /api/v1/simulated HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
            b"Upgrade: bivouac-boards\r\nContent-Length: 0\r\n\r\n")
        self.buffer = b""
        head = self._until(b"\r\n\r\n")
        assert b" 101 " in head.split(b"\r\n")[0], head

    def _until(self, mark):
        while mark not in self.buffer:
            chunk = self.socket.recv(4096)
            if not chunk:
                raise ConnectionError(f"closed before {mark!r}: {self.buffer!r}")
            self.buffer += chunk
        head, _, self.buffer = self.buffer.partition(mark)
        return head

    def give(self, descriptor, label="board"):
        """Hands one descriptor over; the daemon's answer as a dictionary."""
        line = json.dumps({"label": label}).encode() + b"\n"
        socket.send_fds(self.socket, [line], [descriptor])
        return json.loads(self._until(b"\n"))

    def close(self):
        """Closes the door; ports that were handed over stay until their masters close."""
        self.socket.close()
