"""The shipped daemon on an emulated bus, and the boards that are plugged into it."""

import contextlib
import os
import re
import shlex
import struct
import termios
import threading
import time

from daemon import Daemon, wait_for
from link import ACK, RESUME, Board, channel, command, tlv

FIELD = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\S*)')


@contextlib.contextmanager
def finishing():
    """A list of daemons: at the end each is asked whether its loop was ever slow, and none lives on."""
    made = []
    try:
        yield made
        for node in made:
            node.finish()
    finally:
        for node in made:
            if node.process is not None and node.process.poll() is None:
                node.kill()


class Node(Daemon):
    """A daemon whose log can be asked: which events, with which fields, and when they were read."""

    def __init__(self, directory, bus, configuration="", wrapper=(), preload=None):
        environment = bus.environment()
        if preload:
            environment["LD_PRELOAD"] = f"{os.environ['LD_PRELOAD']}:{preload}"
        super().__init__(directory, configuration, environment, wrapper)
        self.heard = []
        self.changed = threading.Condition()

    def start(self, ready=True, listen="127.0.0.1:0"):
        """Starts it with an empty log."""
        self.log, self.heard = [], []
        return super().start(ready, listen)

    def _read_log(self, process):
        for line in process.stderr:
            fields = {key: shlex.split(value)[0] if value.startswith('"') else value
                      for key, value in FIELD.findall(line)}
            with self.changed:
                self.log.append(line.rstrip("\n"))
                self.heard.append((time.monotonic(), fields))
                self.changed.notify_all()

    def events(self, name, **fields):
        """When each such event was read from the log, in their order."""
        return [at for at, said in list(self.heard) if said.get("event") == name
                and all(said.get(key) == value for key, value in fields.items())]

    def wait_event(self, name, count=1, seconds=10, **fields):
        """Waits until an event was logged `count` times; when the last of them was."""
        with self.changed:
            came = self.changed.wait_for(
                lambda: len(self.events(name, **fields)) >= count, seconds)
        assert came, f"no {name} {fields} within {seconds} s:\n" + "\n".join(self.log[-30:])
        return self.events(name, **fields)[count - 1]

    def at(self, port):
        """The device behind a port, or None."""
        found = [device for device in self.get("/api/v1/devices")
                 if device.get("node") == f"/dev/{port.name}"]
        assert len(found) <= 1, found
        return found[0] if found else None

    def wait_at(self, port, seconds=10, **fields):
        """Waits until the device behind a port is as told, and returns it."""
        def ready():
            device = self.at(port)
            return device and all(device.get(key) == value for key, value in fields.items()) \
                and device
        return wait_for(ready, seconds, f"{port.name} with {fields}")

    def questions(self, port=None):
        """The open questions, of one port or all."""
        asked = self.get("/api/v1/questions")
        if port is None:
            return asked
        device = self.at(port)
        return [question for question in asked if question["id"] in device.get("questions", [])]

    def wait_question(self, port, kind, seconds=15):
        """Waits for a question about a port."""
        def found():
            return next((q for q in self.questions(port) if q["kind"] == kind), None)
        return wait_for(found, seconds, f"the question {kind} about {port.name}")

    def answer(self, question, answer):
        """Answers a question as a person does."""
        self.post(f"/api/v1/questions/{question['id']}/answer", {"answer": answer})

    def holds(self, port):
        """Whether the daemon has the port's terminal open, by /proc."""
        folder = f"/proc/{self.process.pid}/fd"

        def target(number):
            try:
                return os.readlink(f"{folder}/{number}")
            except FileNotFoundError:
                return None  # closed since it was listed: an answered request, for one

        return any(target(number) == port.terminal.path for number in os.listdir(folder))

    @property
    def descriptors(self):
        """How many files the daemon has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    @property
    def resident_kib(self):
        """The memory the daemon has of its own."""
        text = open(f"/proc/{self.process.pid}/status").read()
        return int(text.split("RssAnon:")[1].split()[0])


class PluggedBoard(Board):
    """A board with companion firmware for a port of the bus; its id is 0 unless given.

    Like the firmware it keeps samples in its ring and sends what is not safe yet whenever the host
    resumes. One is in the ring from the start.
    """

    def __init__(self, identity=0, model=b"tester", **fields):
        description = tlv(1, model) + channel("t", "Cel", -1) + command("led", 1)
        super().__init__(identity, description=description, **fields)
        self.path = os.ttyname(self.slave)
        self.values = [215]
        self.next = 1
        self.durable_at = None

    @property
    def id(self):
        """Its name with the host."""
        return "board-" + struct.pack("<Q", self.identity).hex()

    def measure(self, value):
        """Takes one more sample, and sends it when attached."""
        self.values.append(value)
        self.next = len(self.values)
        if self.session is not None:
            self.samples([value], first=self.next - 1)

    def plug(self, bus, **description):
        """Into a socket, as `Port` describes it; attached when this returns."""
        port = bus.plug(terminal=self, **description)
        self.session = None
        self.attach()
        return port

    def wait_safe(self):
        """Waits until the host has said that every sample is on its disk."""
        wait_for(lambda: self.durable == len(self.values), what="the acknowledgement of all")

    def _answer(self, body):
        super()._answer(body)
        if body[0] == RESUME:
            self.durable, = struct.unpack_from("<I", body, 14)
            for first in range(self.durable, len(self.values), 50):
                self.samples(self.values[first:first + 50], first=first)
        elif body[0] == ACK and self.durable == len(self.values):
            self.durable_at = time.monotonic()


def modes(port):
    """The modes of a port's terminal: what whoever opens it as a serial line would change."""
    return termios.tcgetattr(port.terminal.master)[:4]
