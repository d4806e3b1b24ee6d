"""Earlier values of settings are given back from the audit, whatever was set since."""

import json

import pytest

from daemon import Daemon, Simulation, wait_for
from site_nodes import Site
from test_sites import refused


@pytest.fixture
def node(tmp_path):
    made = Daemon(tmp_path, "commit_interval = 1\n").start()
    yield made
    made.finish()


def changes(node, what):
    """Entries of the audit, newest first."""
    said = node.command_line("audit", "--json").stdout
    return [e for e in map(json.loads, said.splitlines()) if e["what"] == what]


def board(node):
    return wait_for(
        lambda: next((d["id"] for d in node.get("/api/v1/devices")
                      if any(c.get("last") for c in d["channels"])), None), 20, "a board")


def test_a_name_of_three_changes_ago_is_given_back_and_that_can_be_taken_back_too(node):
    simulation = Simulation(node)
    device = board(node)
    for name in ("Serre", "Verger", "Champ", "Pré"):
        node.request("PUT", f"/api/v1/devices/{device}/name", {"name": name})
    names = changes(node, "device.name")
    assert [e["parameters"]["value"] for e in names] == ["Pré", "Champ", "Verger", "Serre"]
    assert all(e["restorable"] for e in names)
    first = names[-1]
    shown = " ".join(node.command_line("audit").stdout.split())
    assert f"[{first['id']}]" in shown
    assert "Given back" in node.command_line("config", "restore", first["id"]).stdout
    assert node.devices()[device]["name"] == "Serre"
    # It is a change like others, by whoever made it; the same once more is none.
    assert len(changes(node, "device.name")) == 5
    node.command_line("config", "restore", first["id"])
    assert len(changes(node, "device.name")) == 5
    node.post(f"/api/v1/audit/{names[0]['id']}/restoration")
    assert node.devices()[device]["name"] == "Pré"
    node.kill()
    node.start()
    assert node.devices()[device]["name"] == "Pré"
    simulation.end()


def test_what_cannot_be_given_back_is_refused_with_words_of_its_own(node):
    node.access.user("operator")
    added = changes(node, "user.added")[0]
    assert "restorable" not in added
    assert "cannot be given back" in refused(node, "config", "restore", added["id"])
    for wrong in ("1", "0", "nonsense", "9223372036854775807", "1e3"):
        assert "no entry" in refused(node, "config", "restore", wrong), wrong
    said = refused(node, "config", "restore", "1", language="fr")
    assert "n’a pas d’entrée 1" in said and "bivouac audit" in said


def test_a_value_that_lost_a_conflict_is_given_back_after_it_was_decided(tmp_path):
    site = Site(tmp_path)
    hub = site.add("hub", role="hub")
    north = site.add("north", founder=hub)
    simulation = Simulation(north)
    device = board(north)
    wait_for(lambda: device in hub.devices(), 20, "the device at the hub")
    north.cable.cut()
    hub.request("PUT", f"/api/v1/devices/{device}/name", {"name": "Serre"})
    north.request("PUT", f"/api/v1/devices/{device}/name", {"name": "Verger"})
    north.cable.mend()
    north.post("/api/v1/sync/now")
    conflict = wait_for(
        lambda: next(iter(hub.get("/api/v1/conflicts")["conflicts"]), None), 20, "the conflict")
    kept = next(v for v in conflict["values"] if v["parameters"]["value"] == "Verger")
    hub.post(f"/api/v1/conflicts/{conflict['id']}/decide", {"record": kept["record"]})
    for node in (hub, north):
        wait_for(lambda: node.devices()[device].get("name") == "Verger", 20, "the decision")
        wait_for(lambda: not node.get("/api/v1/conflicts")["conflicts"], 20, "no conflict")
    # No sibling any more, but the hub's audit has it.
    lost = next(e for e in changes(hub, "device.name") if e["parameters"]["value"] == "Serre")
    hub.command_line("config", "restore", lost["id"])
    for node in (hub, north):
        wait_for(lambda: node.devices()[device].get("name") == "Serre", 20, "the earlier name")
    assert not hub.get("/api/v1/conflicts")["conflicts"]
    simulation.end()
    site.end()
