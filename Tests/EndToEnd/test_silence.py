"""What a hub does for gateways: it notices that one is silent, and tells alarms that one cannot."""

import pytest

from daemon import wait_for
from receivers import Hook, Post
from site_nodes import Site, port
from test_alarms import WarmBoard, add


@pytest.fixture
def site(tmp_path):
    """A hub and a gateway, whose silence is noticed after four seconds."""
    made = Site(tmp_path)
    hub = made.add("hub", role="hub")
    made.add("north", hub)
    assert hub.get("/api/v1/silence") == {"ms": 900_000, "judged": True}
    assert hub.request("PUT", "/api/v1/silence", {"ms": 999})[0] == 400
    assert hub.request("PUT", "/api/v1/silence", {"ms": 4_000})[0] == 200
    yield made
    made.end()


def alarms(node, state="open"):
    return node.get(f"/api/v1/alarms?state={state}")["alarms"]


def silent(node, name="north"):
    """The alarm of a node that is not heard, once it is on disk."""
    return wait_for(lambda: next((one for one in alarms(node) if one.get("gateway") == name
                                  and one["recorded"]), None), 20, "the silence")


def test_a_gateway_that_is_not_heard_is_an_alarm_until_it_is_heard_again(site):
    hub, north = site.nodes["hub"], site.nodes["north"]
    hook = Hook()
    hub.post("/api/v1/recipients", {"name": "Ada", "way": "webhook", "address": hook.address})
    wait_for(lambda: north.get("/api/v1/silence")["ms"] == 4_000 or None, 20, "the setting there")
    assert north.get("/api/v1/silence")["judged"] is False
    assert alarms(hub) == []
    north.stop()
    found = silent(hub)
    assert found["content"]["condition"] == "unheard" and found["content"]["name"] == "north"
    told = wait_for(lambda: hook.taken("alarm.raised") or None, 20, "the telling")
    assert told[0]["text"] == "Warning: north is not heard any more"
    seen = hub.post(f"/api/v1/alarms/{found['id']}/acknowledge", {"comment": "no power there"})
    assert seen["acknowledged"]["reason"] == "no power there"
    hub.stop()
    hub.start()
    north.cable.port = port(hub)
    assert [one["id"] for one in alarms(hub)] == [found["id"]]
    north.start()
    wait_for(lambda: not alarms(hub) or None, 40, "the end")
    ended, = alarms(hub, "all")
    assert (ended["id"], ended["cleared"]) == (found["id"], "normal")
    hook.close()


def test_a_restart_of_the_hub_makes_up_no_silence_and_never_is_never(site):
    hub, north = site.nodes["hub"], site.nodes["north"]
    hub.stop()
    hub.start()
    north.cable.port = port(hub)
    wait_for(lambda: hub.get("/api/v1/sync")["peers"][0].get("lastContactSeconds") is not None
             or None, 20, "a session after the restart")
    assert alarms(hub, "all") == []
    assert hub.request("PUT", "/api/v1/silence", {"ms": 0})[0] == 200
    north.stop()
    beats = hub.get("/api/v1/status")["clock"]["bootUs"]
    wait_for(lambda: hub.get("/api/v1/status")["clock"]["bootUs"] - beats > 8_000_000 or None,
             20, "twice the time")
    assert alarms(hub, "all") == []


def test_a_hub_tells_for_a_gateway_that_cannot_and_the_gateway_stops(tmp_path):
    """The gateway knows no mail server; the hub, which does, tells after its time, once."""
    post = Post()
    site = Site(tmp_path)
    alarms_of_hub = (f'[alarms]\nmail_server = "smtp://127.0.0.1:{post.port}"\n'
                     'mail_from = "hub@example.org"\nstand_in = 2\n')
    hub = site.add("hub", role="hub", extra=alarms_of_hub)
    north = site.add("north", hub)
    board = WarmBoard(north)
    board.say(200)
    hub.post("/api/v1/recipients", {"name": "Ada", "way": "mail", "address": "ada@example.org"})
    wait_for(lambda: hub.devices().get(board.device), 20, "the device at the hub")
    add(hub, board.device, "above", channel="t", limit="21.5")
    wait_for(lambda: north.get("/api/v1/rules")["rules"] or None, 20, "the rule at the gateway")
    wait_for(lambda: north.get("/api/v1/recipients")["recipients"], 20, "whom to tell, there")
    board.say(220)
    wait_for(lambda: len(post.mails) == 1 or None, 30, "the mail of the hub")
    wait_for(lambda: north.get("/api/v1/recipients")["recipients"][0]["waiting"] == 0 or None, 20,
             "a gateway that stopped")
    assert len(post.mails) == 1
    board.close()
    site.end()
    post.close()
