"""A node changes its key: real daemons, while connected and while not, and killed at any step."""

import shutil
import stat
from urllib.parse import quote

import pytest

from daemon import Daemon, Simulation, wait_for
from site_nodes import Cable, played, port, readings


def members(node):
    """Who is of the site, by id."""
    return {one["node"]: one for one in node.get("/api/v1/site")["members"]}


def own(node):
    return node.get("/api/v1/site")["node"]


def rotate(node):
    """Asks for another key; its id from the next start on."""
    node.command_line("peers", "rotate")
    return node.get("/api/v1/site")["nextNode"]


def restart(node, kill=False):
    """Starts it again; who calls it finds it where it was."""
    node.kill() if kill else node.finish()
    node.start()


def retired(node, old, new):
    """Waits until a node knows that one key took the place of another, and that alone has rights."""
    def known():
        found = members(node)
        if old not in found or new not in found or found[old]["scopes"]:
            return None
        return found[new]["scopes"] and found[old]["successor"] == new or None

    wait_for(known, 30, "a successor")


def board(node):
    simulation = Simulation(node)
    device = wait_for(
        lambda: next((d["id"] for d in node.get("/api/v1/devices")
                      if any(c.get("last") for c in d["channels"])), None), 20, "a board")
    return simulation, device


def test_who_never_speaks_with_it_hears_of_the_new_key_by_the_hub(site):
    hub, north = site.nodes["hub"], site.nodes["north"]
    south = site.add("south", founder=hub)
    wait_for(lambda: own(north) in members(south), 20, "north at south")
    old, new = own(north), rotate(north)
    restart(north)
    retired(hub, old, new)
    retired(south, old, new)
    device = played(north)
    wait_for(lambda: readings(south, device) == readings(north, device), 20, "its readings")
    assert readings(south, device)


def test_a_gateway_changes_its_key_while_connected_and_goes_on(site):
    hub, north = site.nodes["hub"], site.nodes["north"]
    simulation, device = board(north)
    wait_for(lambda: device in hub.devices(), 20, "the device at the hub")
    old = own(north)
    before = members(hub)[old]["scopes"]
    new = rotate(north)
    assert new != old and own(north) == old
    # Asked twice it is one change, and until the next start the key that is there works.
    assert rotate(north) == new
    wait_for(lambda: hub.readings(device=device, last=1), 20, "a reading under the old key")
    status, problem = north.request(
        "POST", f"/api/v1/devices/{device}/commands", {"name": "led", "arguments": ["1"]})
    assert status == 409 and problem["code"] == "site.key-next", problem
    assert "site.key-next" in {n["code"] for n in north.get("/api/v1/status")["notices"]}
    simulation.end()
    restart(north)
    assert own(north) == new
    for name in ("node.key", "node.key.former"):
        assert stat.S_IMODE((north.state / name).stat().st_mode) == 0o600
    retired(hub, old, new)
    found = members(hub)
    assert found[new]["label"] == "north" and found[new]["scopes"] == before
    # Ownership and names follow, and what is new comes as before.
    second, device = board(north)
    wait_for(lambda: hub.devices().get(device, {}).get("gateway") == "north", 20, "its gateway")
    hub.request("PUT", f"/api/v1/devices/{device}/name", {"name": "Serre"})
    wait_for(lambda: north.devices()[device].get("name") == "Serre", 20, "the name")
    sent = hub.post(f"/api/v1/devices/{device}/commands",
                    {"name": "led", "arguments": ["1"], "lifeMs": 30000})
    wait_for(lambda: hub.get(f"/api/v1/commands/{sent['id']}")["state"] == "acked", 30, "an ack")
    second.end()
    north.settle()
    wait_for(lambda: readings(hub, device) == readings(north, device) or None, 30, "all readings")
    # Who did it is told on the node itself.
    audit = north.get("/api/v1/audit?limit=50")["entries"]
    told = {one["what"]: one for one in audit}
    assert told["site.key-changed"]["parameters"]["node"] == old
    assert told["site.key-changed"]["author"] == told["site.revoked"]["author"] != "node"


def test_a_gateway_changes_its_key_offline_with_a_backlog(site):
    hub, north = site.nodes["hub"], site.nodes["north"]
    site.even()
    north.cable.cut()
    simulation, device = board(north)
    simulation.end()
    north.settle()
    old, new = own(north), rotate(north)
    restart(north)
    # Twice, before anybody has heard of the first.
    newest = rotate(north)
    restart(north)
    assert own(north) == newest and old in members(hub) and new not in members(hub)
    north.cable.mend()
    retired(hub, new, newest)
    found = members(hub)
    assert found[old]["scopes"] == [] and found[old]["successor"] == newest
    wait_for(lambda: device in hub.devices(), 30, "the device at the hub")
    wait_for(lambda: readings(hub, device) == readings(north, device) or None, 30, "the backlog")
    assert readings(hub, device)


@pytest.mark.parametrize("turn", range(3))
def test_a_kill_at_any_step_leaves_one_key_that_works(site, turn):
    hub, north = site.nodes["hub"], site.nodes["north"]
    site.even()
    old, new = own(north), rotate(north)
    # Killed with the key made; then while the start with it goes on; then right behind it.
    north.kill()
    if turn > 0:
        north.start(ready=False)
        wait_for(lambda: (north.state / "node.key.next").exists() is False, 10, "the change")
        if turn > 1:
            wait_for(lambda: any("started" in line for line in north.log), 20, "a start")
        north.kill()
    north.start()
    assert own(north) == new
    retired(hub, old, new)
    wait_for(lambda: hub.get("/api/v1/status")["sync"]["reached"] == 1, 20, "the gateway")


def test_who_calls_a_node_that_changed_its_key_meets_the_new_one(site):
    hub, north = site.nodes["hub"], site.nodes["north"]
    site.even()
    cable = Cable(port(north))
    site.cables.append(cable)
    hub.post("/api/v1/peers", {"url": cable.url})
    wait_for(lambda: any(p.get("url") == cable.url and p.get("node") == own(north)
                         for p in hub.get("/api/v1/sync")["peers"]), 20, "a called gateway")
    # From here on the gateway calls nobody: only the hub can find out.
    url = next(p["url"] for p in north.get("/api/v1/sync")["peers"] if p.get("url"))
    north.request("DELETE", f"/api/v1/peers/{quote(url, safe='')}")
    old, new = own(north), rotate(north)
    restart(north)
    cable.port = port(north)
    retired(hub, old, new)
    wait_for(lambda: any(p.get("url") == cable.url and p.get("node") == new
                         for p in hub.get("/api/v1/sync")["peers"]), 20, "the new key")


def test_a_copy_of_the_old_key_is_nobody_after_the_change(site, tmp_path):
    hub, north = site.nodes["hub"], site.nodes["north"]
    site.even()
    old = own(north)
    north.finish()
    # Somebody has the card as it was.
    shutil.copytree(north.state, tmp_path / "thief" / "state")
    north.start()
    new = rotate(north)
    restart(north)
    retired(hub, old, new)
    thief = Daemon(tmp_path / "thief", north.configuration.read_text()).start()
    said = wait_for(lambda: next((p for p in thief.get("/api/v1/sync")["peers"]
                                  if p["state"] == "unreachable"), None), 20, "a refusal")
    assert said["code"] == "membership"
    # It changes its key too: the hub has heard of the other successor, and takes no second one.
    stolen = rotate(thief)
    restart(thief)
    wait_for(lambda: next((p for p in thief.get("/api/v1/sync")["peers"]
                           if p["state"] == "unreachable"), None), 20, "a refusal")
    found = members(hub)
    assert not found.get(stolen, {"scopes": []})["scopes"] and found[new]["scopes"]
    thief.finish()
    assert hub.get("/api/v1/status")["sync"]["reached"] == 1


def test_what_is_refused(site, tmp_path):
    north = site.nodes["north"]
    alone = Daemon(tmp_path / "alone", "").start()
    status, problem = alone.request("POST", "/api/v1/site/key", {})
    assert status == 409 and problem["code"] == "site.none"
    alone.finish()
    old = own(north)
    assert "prochain démarrage" in north.command_line("peers", "rotate", language="fr").stdout
    (north.state / "node.key.next").write_bytes(b"no key")
    restart(north)
    assert own(north) == old
