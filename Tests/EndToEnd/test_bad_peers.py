"""Nodes that meet others who stall, babble or have no room: what they were owed comes later, what
they have stays, and the others do not notice."""

import random
import socket
import struct
import threading

import pytest

from daemon import Daemon, wait_for
from site_nodes import EVERYTHING, Cable, port, readings
from small_disk import SmallDisk, measure, plug
from test_merging import board


class Staller:
    """A port that takes connections and requests, and says what it is told to, or nothing."""

    def __init__(self, answer):
        self.answer, self.heard, self._open = answer, 0, []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                end, _ = self._listener.accept()
                self._open.append(end)
                if end.recv(65536):
                    self.heard += 1
                end.sendall(self.answer)
            except OSError:
                return

    def close(self):
        self._listener.close()
        for end in self._open:
            end.close()


ANSWERS = {
    "nothing": b"",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "a body that never comes": b"HTTP/1.1 200 OK\r\nContent-Length: 161\r\n\r\n\1",
    "a body without an end": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                             + b"10000\r\n" + b"\7" * 0x10000 + b"\r\n",
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_peer_that_stalls_keeps_nothing_from_the_others(site, kind):
    hub, north = site.nodes["hub"], site.nodes["north"]
    staller = Staller(ANSWERS[kind])
    try:
        north.post("/api/v1/peers", {"url": staller.url})
        wait_for(lambda: staller.heard, 10, "a greeting")
        simulation, device = board(north)
        wait_for(lambda: hub.readings(device=device, last=1), 20, "a reading at the hub")
        simulation.end()
        north.settle()
        wait_for(lambda: readings(hub, device) == readings(north, device) or None, 20,
                 "all readings")
        peers = {peer.get("url"): peer["state"] for peer in north.get("/api/v1/sync")["peers"]}
        assert peers[staller.url] in ("connecting", "unreachable")
        assert peers[north.cable.url] == "even"
    finally:
        staller.close()


@pytest.fixture
def cramped(tmp_path):
    """A hub on a disk of its own and a gateway that calls it."""
    disk = SmallDisk(tmp_path / "hub", "24m", '[retention]\nballast = "none"\n'
                     '[sync]\nlisten = ["127.0.0.1:0"]\nlabel = "hub"\n')
    hub = disk.daemon.start()
    hub.post("/api/v1/site", {"name": "Ferme"})
    cable = Cable(port(hub))
    north = Daemon(tmp_path / "north", 'commit_interval = 1\n[sync]\n'
                   'listen = ["127.0.0.1:0"]\nlabel = "north"\n').start()
    invited = hub.post("/api/v1/invitations", {"url": cable.url, "scopes": EVERYTHING})
    north.post("/api/v1/pairing", {"key": invited["link"]})
    yield disk, hub, north
    for node in (north, hub):
        if node.process is not None and node.process.poll() is None:
            node.kill()
    cable.close()
    disk.end()


def test_a_hub_without_room_takes_nothing_it_cannot_keep_and_all_once_it_can(cramped):
    disk, hub, north = cramped
    noise = random.Random(5)
    sensors = plug(north)
    device = "sim-" + struct.pack("<Q", sensors.identity).hex()
    measure(sensors, 300, noise)
    wait_for(lambda: sensors.durable == sensors.next, 20, "the first readings on the gateway")
    wait_for(lambda: len(hub.readings(device=device)) == 300, 20, "the first readings at the hub")
    disk.fill()
    measure(sensors, 3_000, noise)
    wait_for(lambda: sensors.durable == sensors.next, 20, "all readings on the gateway")
    waiting = wait_for(
        lambda: next((p for p in north.get("/api/v1/sync")["peers"]
                      if p["state"] == "unreachable"), None), 30, "a link that waits")
    assert waiting["code"] == "disk"
    # What it has it shows, while it takes no more; and it lives on.
    held = readings(hub, device)
    assert 300 <= len(held) < 3_300 and hub.process.poll() is None
    assert set(held) <= set(readings(north, device))
    disk.empty()
    north.post("/api/v1/sync/now")
    wait_for(lambda: len(readings(hub, device)) == 3_300 or None, 60, "all readings at the hub")
    assert readings(hub, device) == readings(north, device)
