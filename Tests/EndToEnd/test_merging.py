"""Nodes of one site that meet end up knowing the same, whatever happened in between: real daemons,
real sockets, cables that are cut and processes that are killed."""

import http.client
import json
import shutil
import time

import pytest

from daemon import Daemon, Simulation, wait_for
from moved_clock import MovedClock
from site_nodes import Nginx, Site, port, readings


def board(node):
    """A simulated board on a node that has sent readings: what plays it, and its id."""
    simulation = Simulation(node)
    device = wait_for(
        lambda: next((d["id"] for d in node.get("/api/v1/devices")
                      if any(c.get("last") for c in d["channels"])), None), 20, "a board")
    return simulation, device


def peer(node, label):
    """How records travel between a node and the one of that label."""
    return next(p for p in node.get("/api/v1/sync")["peers"] if p["label"] == label)


def test_a_board_of_one_node_is_known_to_the_other_with_its_readings(site):
    hub, north = site.nodes["hub"], site.nodes["north"]
    simulation, device = board(north)
    wait_for(lambda: hub.readings(device=device, last=1), 20, "a reading at the hub")
    shown = hub.devices()[device]
    assert shown["gateway"] == "north" and shown["state"] == "elsewhere" and shown["simulated"]
    wait_for(lambda: all(c.get("last") for c in hub.devices()[device]["channels"]), 20,
             "last values at the hub")
    assert [c["key"] for c in shown["channels"]] == [
        c["key"] for c in north.devices()[device]["channels"]]
    simulation.end()
    north.settle()
    wait_for(lambda: readings(hub, device) == readings(north, device) or None, 20, "all readings")
    assert len(set(readings(hub, device))) == len(readings(hub, device)) > 0


def test_names_that_are_given_anywhere_hold_everywhere(site):
    hub, north = site.nodes["hub"], site.nodes["north"]
    simulation, device = board(north)
    wait_for(lambda: device in hub.devices(), 20, "the device at the hub")
    hub.request("PUT", f"/api/v1/devices/{device}/name", {"name": "Serre"})
    wait_for(lambda: north.devices()[device].get("name") == "Serre", 10, "the name at the gateway")
    north.request("PUT", f"/api/v1/devices/{device}/name", {"name": "Serre 2"})
    wait_for(lambda: hub.devices()[device].get("name") == "Serre 2", 10, "the name at the hub")
    simulation.end()


def test_nothing_is_lost_or_doubled_by_cuts_and_kills(site):
    hub, north = site.nodes["hub"], site.nodes["north"]
    simulation, device = board(north)
    for turn in range(6):
        wait_for(lambda: hub.readings(device=device, last=1), 20, "a reading at the hub")
        if turn % 2:
            hub.kill()
            hub.start()
            # It came up on another port of the kernel's: the cable leads there now.
            north.cable.port = port(hub)
        else:
            north.cable.cut()
            time.sleep(0.3)     # the fault itself, not a wait for anything
            north.cable.mend()
        north.post("/api/v1/sync/now")
    simulation.end()
    north.settle()
    wait_for(lambda: readings(hub, device) == readings(north, device) or None, 40, "all readings")
    assert len(set(readings(hub, device))) == len(readings(hub, device)) > 0
    assert hub.get("/api/v1/sync")["conflicts"] == 0


def test_a_command_from_the_hub_runs_once_and_its_end_is_known_there(site):
    hub, north = site.nodes["hub"], site.nodes["north"]
    simulation = Simulation(north, "otomate-companion")
    device = wait_for(
        lambda: next((d["id"] for d in hub.get("/api/v1/devices") if d["commands"]), None), 20,
        "a device with commands at the hub")
    began = time.monotonic()
    sent = hub.post(f"/api/v1/devices/{device}/commands",
                    {"name": "d2", "arguments": ["1"], "leaseMs": 60000})
    wait_for(lambda: hub.get(f"/api/v1/commands/{sent['id']}")["state"] == "acked", 10,
             "the command's end at the hub")
    assert time.monotonic() - began < 5
    assert [c["id"] for c in north.get("/api/v1/commands")].count(sent["id"]) == 1
    simulation.end()


def test_a_second_board_of_a_model_is_known_elsewhere_as_the_first_is(site):
    hub, north = site.nodes["hub"], site.nodes["north"]
    seen = set()
    for _ in range(2):
        simulation = Simulation(north, "otomate-companion")
        seen.add(wait_for(
            lambda: next((d["id"] for d in hub.get("/api/v1/devices")
                          if d["commands"] and d["id"] not in seen), None), 20,
            "the commands of one more board at the hub"))
        simulation.end()


def test_a_command_whose_life_is_over_when_it_arrives_is_not_run(site):
    hub, north = site.nodes["hub"], site.nodes["north"]
    simulation = Simulation(north, "otomate-companion")
    device = wait_for(
        lambda: next((d["id"] for d in hub.get("/api/v1/devices") if d["commands"]), None), 20,
        "a device with commands at the hub")
    north.cable.cut()
    sent = hub.post(f"/api/v1/devices/{device}/commands",
                    {"name": "d2", "arguments": ["1"], "leaseMs": 60000, "lifeMs": 1000})
    time.sleep(1.2)     # its life
    north.cable.mend()
    north.post("/api/v1/sync/now")
    ended = wait_for(
        lambda: next((c for c in hub.get("/api/v1/commands")
                      if c["id"] == sent["id"] and c["state"] == "refused"), None), 20,
        "the refusal at the hub")
    assert ended["reason"] == "expired"
    simulation.end()


@pytest.mark.parametrize("owner", ["hub", "north"])
def test_a_commands_age_is_measured_in_a_session_where_no_clock_can_be_trusted(tmp_path, owner):
    clock = MovedClock(tmp_path / "clock")
    clock.reboot(wall_ahead_us=-50 * 365 * 86_400_000_000, synchronised=False)
    site = Site(tmp_path)
    try:
        hub = site.add("hub")
        north = site.add("north", founder=hub, environment=clock.environment)
        has, orders = (hub, north) if owner == "hub" else (north, hub)
        simulation = Simulation(has, "otomate-companion")
        device = wait_for(
            lambda: next((d["id"] for d in orders.get("/api/v1/devices") if d["commands"]), None),
            20, "a device with commands elsewhere")

        def order(life_ms):
            return orders.post(f"/api/v1/devices/{device}/commands",
                               {"name": "d2", "arguments": ["1"], "leaseMs": 60000,
                                "lifeMs": life_ms})["id"]

        def ended(command):
            found = orders.get(f"/api/v1/commands/{command}")
            return found if found["state"] in ("acked", "refused", "failed", "unknown") else None

        run = order(20_000)
        assert wait_for(lambda: ended(run), 20, "the command's end")["state"] == "acked"
        north.cable.cut()
        late = order(1_000)
        time.sleep(1.2)     # its life
        north.cable.mend()
        north.post("/api/v1/sync/now")
        refused = wait_for(lambda: ended(late), 20, "the refusal")
        assert (refused["state"], refused["reason"]) == ("refused", "expired")
        simulation.end()
    finally:
        site.end()


def test_who_asks_for_its_own_readings_alone_gives_all_and_knows_the_others_devices(site):
    hub, north = site.nodes["hub"], site.nodes["north"]
    south = site.add("south", founder=hub, extra='readings = "own"\n')
    ends, boards = zip(*(board(node) for node in (north, south)))
    wait_for(lambda: all(hub.readings(device=one, last=1) for one in boards), 20,
             "readings of both at the hub")
    for end in ends:
        end.end()
    for node in (north, south):
        node.settle()
    site.even()
    wait_for(lambda: readings(hub, boards[1]) == readings(south, boards[1]) or None, 20,
             "all it has read at the hub")
    wait_for(lambda: readings(north, boards[1]) == readings(south, boards[1]) or None, 20,
             "all it has read at the third")
    told = wait_for(lambda: (lambda one: one["state"] == "even" and one)(peer(south, "hub")), 20,
                    "a link at rest")
    assert told["missingRecords"] == 0
    assert boards[0] in south.devices() and readings(south, boards[0]) == []
    assert readings(hub, boards[0])


def test_three_nodes_in_a_ring_come_to_rest(site):
    hub, north = site.nodes["hub"], site.nodes["north"]
    south = site.add("south", founder=hub)
    south.post("/api/v1/peers", {"url": f"http://127.0.0.1:{port(north)}"})
    simulation, device = board(north)
    wait_for(lambda: south.readings(device=device, last=1), 20, "a reading in the south")
    simulation.end()
    north.settle()
    wait_for(lambda: readings(south, device) == readings(north, device) or None, 30, "the same")
    wait_for(lambda: readings(hub, device) == readings(north, device) or None, 30, "the same")

    def sent():
        return sum(p["sentBytes"] + p["receivedBytes"]
                   for node in site.nodes.values() for p in node.get("/api/v1/sync")["peers"])

    before = [None]

    def rests():
        now = sent()
        still, before[0] = now == before[0], now
        time.sleep(0.5)     # how long nothing may move
        return still

    wait_for(rests, 20, "rest")


def test_who_lost_its_rights_is_heard_no_more_and_what_it_wrote_before_stays(site):
    hub, north = site.nodes["hub"], site.nodes["north"]
    simulation, device = board(north)
    wait_for(lambda: hub.readings(device=device, last=1), 20, "a reading at the hub")
    hub.post("/api/v1/peers/north/revocation", {"reason": "sold"})
    wait_for(lambda: peer(north, "hub")["state"] == "unreachable", 20, "the end of the session")
    north.request("PUT", f"/api/v1/devices/{device}/name", {"name": "Volé"})
    north.post("/api/v1/sync/now")
    simulation.end()
    assert hub.devices()[device].get("name") != "Volé"
    assert hub.readings(device=device, last=1)


def test_names_given_on_both_sides_of_a_cut_are_shown_and_decided_by_a_person(site):
    hub, north = site.nodes["hub"], site.nodes["north"]
    simulation, device = board(north)
    wait_for(lambda: device in hub.devices(), 20, "the device at the hub")
    north.cable.cut()
    hub.request("PUT", f"/api/v1/devices/{device}/name", {"name": "Serre"})
    north.request("PUT", f"/api/v1/devices/{device}/name", {"name": "Verger"})
    north.cable.mend()
    north.post("/api/v1/sync/now")
    conflict = wait_for(
        lambda: next(iter(hub.get("/api/v1/conflicts")["conflicts"]), None), 20, "the conflict")
    names = {v["parameters"]["value"]: v for v in conflict["values"]}
    assert set(names) == {"Serre", "Verger"}
    assert names["Verger"]["node"] == "north" and names["Serre"]["node"] == "hub"
    assert all(v["author"].startswith("local:") and v["atUs"] > 0 for v in conflict["values"])
    wait_for(lambda: hub.devices()[device]["name"] == north.devices()[device]["name"] or None, 20,
             "one name")
    lost = conflict["values"][1]
    hub.post(f"/api/v1/conflicts/{conflict['id']}/decide", {"record": lost["record"]})
    for node in (hub, north):
        wait_for(lambda: node.devices()[device]["name"] == lost["parameters"]["value"] or None, 20,
                 "the chosen name")
        wait_for(lambda: not node.get("/api/v1/conflicts")["conflicts"], 20, "no conflict")
    simulation.end()


def test_a_person_who_is_added_at_the_hub_signs_in_at_the_gateway_until_removed(site):
    hub, north = site.nodes["hub"], site.nodes["north"]
    for name, role in (("eve", "admin"), ("ada", "operator")):
        hub.post("/api/v1/users", {"name": name, "role": role, "password": "correct horse 9"})
    wait_for(lambda: any(u["name"] == "ada" for u in north.get("/api/v1/users")["users"]), 20,
             "the person at the gateway")

    def sign_in():
        host, port_ = north.address
        line = http.client.HTTPConnection(host, port_, timeout=20)
        line.request(
            "POST", "/api/v1/session", json.dumps({"user": "ada", "password": "correct horse 9"}),
            {"Content-Type": "application/json", "Origin": f"http://{host}:{port_}"})
        return line.getresponse().status

    assert sign_in() == 200
    hub.request("DELETE", "/api/v1/users/ada")
    wait_for(lambda: sign_in() == 401 or None, 20, "the end of the person")


def test_records_travel_through_a_reverse_proxy_with_a_path_prefix(site, tmp_path):
    hub = site.nodes["hub"]
    with Nginx(tmp_path, hub.address[1]) as proxy:
        south = site.add("south", founder=hub, url=proxy.url + "/bivouac")
        simulation, device = board(south)
        wait_for(lambda: hub.readings(device=device, last=1), 20, "a reading at the hub")
        simulation.end()


def test_a_copied_card_is_told_and_loses_nothing(site, tmp_path):
    hub, north = site.nodes["hub"], site.nodes["north"]
    simulation, device = board(north)
    wait_for(lambda: hub.readings(device=device, last=1), 20, "a reading at the hub")
    simulation.end()
    north.stop()
    shutil.copytree(north.state, tmp_path / "copy" / "state")
    copy = Daemon(tmp_path / "copy", "commit_interval = 1\n").start()
    site.nodes["copy"] = copy
    north.start()
    boards = [board(copy), board(north)]
    for node in (north, copy):
        wait_for(lambda: [n for n in node.get("/api/v1/status")["notices"]
                          if n["code"] == "site.own-elsewhere"], 30, "word of the copy")
    for simulation, _ in boards:
        simulation.end()
    for node, (_, one) in zip((copy, north), boards):
        node.settle()
        wait_for(lambda: readings(hub, one) == readings(node, one) or None, 30, "all readings")


def test_what_was_written_without_the_right_counts_once_the_right_is_given(site):
    hub = site.nodes["hub"]
    south = site.add("south", founder=hub, scopes=["record", "serve"])
    simulation, device = board(south)
    south.request("PUT", f"/api/v1/devices/{device}/name", {"name": "Serre"})
    south.post("/api/v1/sync/now")

    def is_even():
        here = peer(south, "hub")
        return here["state"] == "even" and here.get("backlogRecords") == 0

    wait_for(is_even, 20, "an even link")
    assert device not in hub.devices()
    # Revoked, it may come back; the new grant is one generation more, and has the right.
    hub.post("/api/v1/peers/south/revocation", {"reason": "too little"})
    invited = hub.post("/api/v1/invitations", {"url": south.cable.url, "scopes": ["record", "state"]})
    south.post("/api/v1/pairing", {"key": invited["link"]})
    south.post("/api/v1/sync/now")
    wait_for(lambda: hub.devices().get(device, {}).get("name") == "Serre" or None, 20, "the name")
    simulation.end()
