"""The badge reader of the examples: texts as events, and a door that locks by itself."""

import os
import subprocess
import threading

import pytest

from daemon import REPOSITORY, Handover, wait_for

READER = REPOSITORY / "build" / "companion" / "badge"


class Reader:
    """One badge reader on a pty; `said` is what its door did."""

    def __init__(self, directory):
        subprocess.run(
            ["make", "-s", "-C", str(REPOSITORY / "firmware-spec" / "c"), "examples"], check=True)
        self.process = subprocess.Popen(
            [str(READER), str(directory / "identity")], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        self.path = self.process.stdout.readline().strip()
        self.said = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.said.append(line.strip())

    def show(self, badge):
        """Holds a badge to the reader."""
        self.process.stdin.write(badge + "\n")
        self.process.stdin.flush()


@pytest.fixture
def reader(tmp_path):
    """A reader that is ended after the test."""
    running = Reader(tmp_path)
    yield running
    running.process.kill()
    running.process.wait()


def give(daemon, reader):
    """Hands the reader's pty over and gives the device when it is attached and described."""
    slave = os.open(reader.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        Handover(daemon).give(slave, "badge")
    finally:
        os.close(slave)
    return wait_for(lambda: next(
        (d for d in daemon.devices().values()
         if [c["key"] for c in d.get("channels", [])] == ["badge", "door"]), None), 20,
        "an attached reader")


def test_badges_are_stored_as_texts(daemon, reader):
    """Each badge is one event, in order, whatever its letters."""
    device = give(daemon, reader)
    badges = ["04:A2:1F:9B", "Élise", "0000000001"]
    for badge in badges:
        reader.show(badge)
    wait_for(lambda: [r["value"] for r in daemon.readings(device=device["id"], channel="badge")]
             == badges, 20, "three badges on disk")


def test_the_door_locks_when_its_lease_lapses(daemon, reader):
    """A command opens the door; nothing has to be said for it to lock."""
    device = give(daemon, reader)
    issued = daemon.post(f"/api/v1/devices/{device['id']}/commands",
                         {"name": "door", "arguments": ["1"], "leaseMs": 1000})
    wait_for(lambda: daemon.get(f"/api/v1/commands/{issued['id']}")["state"] == "acked")
    wait_for(lambda: reader.said == ["door open", "door locked"], 10, "a locked door")
    wait_for(lambda: [r["value"] for r in daemon.readings(device=device["id"], channel="door")]
             == ["1", "0"], 20, "both changes on disk")
