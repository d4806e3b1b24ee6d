"""A gateway whose disk was put back to a copy: what others have of its earlier runs comes back to it,
once, and it goes on in a new run. Real daemons and real sockets."""

import os
import shutil
import sqlite3
import subprocess

import pytest

from daemon import BINARY, Simulation, wait_for
from site_nodes import readings


def local(node, *arguments):
    """Runs a verb that works with the state folder itself."""
    return subprocess.run(
        [str(BINARY), *arguments, "--state", str(node.state)], capture_output=True, text=True, check=True,
        env={**os.environ, "LC_ALL": "C"})


def record(node, hub, known=()):
    """Has a new board send for a while; its id, once the hub has all that the node has of it."""
    simulation = Simulation(node)
    device = wait_for(
        lambda: next((d["id"] for d in node.get("/api/v1/devices")
                      if d["id"] not in known and any(c.get("last") for c in d["channels"])), None),
        20, "a board")
    wait_for(lambda: hub.readings(device=device, last=1), 20, "a reading at the hub")
    simulation.end()
    node.settle()
    wait_for(lambda: readings(hub, device) == readings(node, device) or None, 30, "all readings")
    return device


def runs(node):
    """How many runs of the node are on its disk, whoever told it of them."""
    with sqlite3.connect(f"file:{node.state}/bivouac.db?mode=ro", uri=True) as database:
        return database.execute(
            "SELECT count(DISTINCT incarnation) FROM journal_entries WHERE origin = "
            "(SELECT lower(hex(key)) FROM node WHERE id = 1)").fetchone()[0]


@pytest.mark.parametrize("is_running", [True, False], ids=["backup", "copied folder"])
def test_what_the_hub_has_of_earlier_runs_comes_back(site, tmp_path, is_running):
    hub, north = site.nodes["hub"], site.nodes["north"]
    first = record(north, hub)
    if is_running:
        # The run goes on behind what the copy has of it.
        local(north, "backup", str(tmp_path / "copy.db"))
    else:
        north.stop()
        shutil.copytree(north.state, tmp_path / "copy")
        north.start()
    second = record(north, hub, known=[first])
    north.request("PUT", f"/api/v1/devices/{first}/name", {"name": "Serre"})
    wait_for(lambda: hub.devices()[first].get("name") == "Serre", 10, "the name at the hub")
    before = {device: readings(north, device) for device in (first, second)}
    assert all(before.values())

    north.stop()
    if is_running:
        local(north, "restore", str(tmp_path / "copy.db"), "--replace")
    else:
        shutil.rmtree(north.state)
        shutil.copytree(tmp_path / "copy", north.state)
    kept = runs(north)
    north.start()

    def is_back():
        known = north.devices()
        return all(device in known and readings(north, device) == before[device]
                   for device in before) or None

    wait_for(is_back, 30, "the readings of before")
    wait_for(lambda: north.devices()[first].get("name") == "Serre", 20, "the name of before")
    assert [n for n in north.get("/api/v1/status")["notices"] if n["code"] == "site.own-elsewhere"]
    for device, all_of_it in before.items():
        assert len(set(all_of_it)) == len(all_of_it)
        assert readings(hub, device) == all_of_it

    # It goes on: what is new travels, and what came back is there after the next start too.
    third = record(north, hub, known=[first, second])
    assert runs(north) > kept
    north.stop()
    local(north, "verify")
    north.start()
    assert is_back() and readings(north, third) == readings(hub, third)
    assert north.devices()[first]["name"] == "Serre"
    for node in (hub, north):
        assert node.get("/api/v1/sync")["conflicts"] == 0
