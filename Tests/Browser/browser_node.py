"""The real daemon with its page on a port of loopback, and the boards that are played for it."""

import socket
import struct
import time

from daemon import REPOSITORY, Daemon, Handover
from link import COMMAND, RESULT, Board, channel, command, frame, tlv

WEB = REPOSITORY / "web"


def free_port():
    """A port that nobody listens on now; the daemon keeps it over its restarts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class BrowserDaemon(Daemon):
    """A daemon that serves the repository's page."""

    def __init__(self, directory, extra="commit_interval = 1\n"):
        self.port = free_port()
        super().__init__(directory, self.settings(extra))

    def settings(self, extra):
        """The configuration: what a test wants, and the page."""
        return f'{extra}[http]\nlisten = ["127.0.0.1:{self.port}"]\nweb = "{WEB}"\n'

    def start(self, ready=True, listen=None):
        """Starts it; its page stays at one address, also after a restart."""
        return super().start(ready, listen)

    @property
    def url(self):
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}/"

    def _answers(self):
        """Ready once both doors are open."""
        if not super()._answers():
            return False
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False


class TestBoard(Board):
    """A board whose every sample and answer the test decides; its id survives a replug."""

    __test__ = False

    def __init__(self, model=b"tester", keys=("t",), unit="Cel", commands=("led",), **fields):
        description = tlv(1, model)
        description += b"".join(channel(key, unit, -1) for key in keys)
        description += b"".join(command(name, number)
                                for number, name in enumerate(commands, 1))
        super().__init__(description=description, **fields)
        self.result = (0, 0)
        self.is_unplugged = False

    def plug(self, daemon, label="tester"):
        """Hands the board over and waits until the daemon has resumed it."""
        self.door = Handover(daemon)
        self.door.give(self.slave, label)
        self.session = None
        self.attach()
        return self

    def close(self):
        """Unplugs."""
        self.is_unplugged = True
        super().close()

    def measure(self, *values):
        """Samples of the first channel, taken now."""
        self.samples(list(values), ticks=int(time.monotonic() * 1000))

    def _answer(self, body):
        if body[0] == COMMAND:
            session, number = struct.unpack_from("<IH", body, 5)
            code, value = self.result
            self.send(frame(struct.pack("<BIIHBi", RESULT, session, session, number, code, value)))
        else:
            super()._answer(body)


def bus_door(directory):
    """How to run `bus_scene.py`, where its page is, and what to call when it has ended."""
    port = free_port()
    scene = REPOSITORY / "Tests/Browser/bus_scene.py"
    command = ["umockdev-wrapper", "/usr/bin/python3", str(scene), str(directory), str(port)]
    return command, f"http://127.0.0.1:{port}/", lambda: None
