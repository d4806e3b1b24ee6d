"""A hub's page and a gateway elsewhere: rules, commands, and what was set at both at once."""

import pytest
from playwright.sync_api import expect

from browser_node import BrowserDaemon, TestBoard
from daemon import wait_for
from site_nodes import Cable, port
from test_access import unfold, violations

SYNC = 'role = "{1}"\ncommit_interval = 1\n[sync]\nlisten = ["127.0.0.1:0"]\nlabel = "{0}"\n'


@pytest.fixture
def daemon(tmp_path):
    """The hub."""
    running = BrowserDaemon(tmp_path / "hub", SYNC.format("hub", "hub")).start()
    running.post("/api/v1/site", {"name": "Green farm"})
    yield running
    running.finish()


@pytest.fixture
def north(tmp_path, daemon):
    """A gateway of the hub's site; its line can be cut."""
    running = BrowserDaemon(tmp_path / "north", SYNC.format("north", "gateway")).start()
    running.cable = Cable(port(daemon))
    invited = daemon.post("/api/v1/invitations", {
        "url": running.cable.url, "scopes": ["record", "state", "command", "people", "serve"]})
    running.post("/api/v1/pairing", {"key": invited["link"]})
    yield running
    running.finish()
    running.cable.close()


@pytest.fixture
def board(north):
    """A board at the gateway."""
    played = TestBoard().plug(north)
    played.measure(200)
    yield played
    played.close()


@pytest.fixture
def device(daemon, board):
    """Its id, once the hub has heard of it and of what it takes."""
    return wait_for(lambda: next((one for one, view in daemon.devices().items()
                                  if view["channels"] and view["commands"]), None),
                    20, "the device at the hub")


def test_a_command_from_the_hubs_page_is_carried_out_elsewhere_and_its_life_is_seen(
        visit, daemon, north, board, device):
    """Asked at the hub, done at the gateway's board; then refused by it, in words."""
    page = visit(cut=True)
    form = page.locator(f"[data-device='{device}'] [data-command=led]")
    expect(page.locator(".state-word")).to_have_text("at north", timeout=15_000)
    unfold(page)
    form.locator("input").first.fill("1")
    form.locator("button").click()
    expect(form).to_have_attribute("data-command-state", "acked", timeout=20_000)
    expect(form.locator(".asked")).to_contain_text("done")
    board.result = (7, 0)
    form.locator("button").click()
    expect(form).to_have_attribute("data-command-state", "refused", timeout=20_000)
    expect(form.locator(".asked")).to_contain_text("the device runs another one")
    north.cable.cut()
    form.locator("button").click()
    expect(form).to_have_attribute("data-command-state", "queued", timeout=10_000)
    lives = {one["state"] for one in north.get("/api/v1/commands?limit=10")}
    assert lives == {"acked", "refused"}


def test_a_rule_for_a_device_elsewhere_is_judged_there_and_its_alarm_seen_here(
        visit, daemon, north, board, device):
    """Written on the hub's page, which says where it is judged and where it was noticed."""
    page = visit(url=f"{daemon.url}#/alarms?device={device}", cut=True)
    form = page.locator("[data-fold=add-rule] form")
    form.locator("[name=name]").fill("North is hot", timeout=15_000)
    expect(form.locator("[name=channel]")).to_have_value("t", timeout=15_000)
    form.locator("[name=limit]").fill("21.5")
    page.keyboard.press("Enter")
    rule = page.locator("[data-rule]")
    expect(rule).to_contain_text("judged at north")
    wait_for(lambda: north.get("/api/v1/rules")["rules"] or None, 20, "the rule at the gateway")
    board.measure(220)
    alarm = page.locator("section.plate:has(#alarms-open) [data-alarm]")
    expect(alarm).to_contain_text("noticed at north", timeout=20_000)
    alarm.locator("summary").click()
    alarm.locator("form button").click()
    expect(alarm).to_contain_text("Acknowledged by admin")
    seen = wait_for(lambda: north.get("/api/v1/alarms")["alarms"][0].get("acknowledged"), 20,
                    "the acknowledgement at the gateway")
    assert seen["author"] == "user:admin"


def set_twice(daemon, north, device):
    """A name given at each while neither heard of the other."""
    north.cable.cut()
    daemon.request("PUT", f"/api/v1/devices/{device}/name", {"name": "Greenhouse"})
    north.request("PUT", f"/api/v1/devices/{device}/name", {"name": "<b>Orchard</b>"})
    rule = {"name": "Hot", "device": device, "channel": "t", "condition": "above", "limit": "21"}
    north.cable.mend()
    made = daemon.post("/api/v1/rules", rule)["id"]
    wait_for(lambda: north.get("/api/v1/rules")["rules"] or None, 20, "the rule at the gateway")
    north.cable.cut()
    daemon.request("PUT", f"/api/v1/rules/{made}", {**rule, "limit": "25"})
    north.request("PUT", f"/api/v1/rules/{made}", {**rule, "limit": "30"})
    north.cable.mend()
    north.post("/api/v1/sync/now")
    wait_for(lambda: len(daemon.get("/api/v1/conflicts")["conflicts"]) == 2 or None, 20,
             "the conflicts")


def test_what_was_set_at_two_places_is_shown_beside_its_name_and_decided_by_a_person(
        visit, daemon, north, device):
    """Every value with who set it where; the one that a person takes holds at both."""
    set_twice(daemon, north, device)
    page = visit(cut=True)
    mark = page.locator(f"[data-device='{device}'] .badge.conflict")
    expect(mark).to_have_text("set twice", timeout=20_000)
    mark.click()
    name = page.locator("[data-conflict]", has_text="Name of")
    expect(name.locator("ol > li")).to_have_count(2)
    orchard = name.locator("li", has=page.locator("strong", has_text="<b>Orchard</b>"))
    expect(orchard).to_contain_text("at north")
    orchard.get_by_role("button").click()
    expect(page.locator("#said")).to_have_text("Decided: <b>Orchard</b>")
    expect(page.locator("#conflicts-list")).to_be_focused()
    expect(name).to_have_count(0)
    rule = page.locator("[data-conflict]", has_text="Rule of alarms “Hot”")
    expect(rule).to_contain_text("above 25")
    rule.locator("li", has_text="above 30").get_by_role("button").click()
    expect(page.locator("#panel")).to_contain_text("Nothing was set in two places at once.")
    for node in (daemon, north):
        wait_for(lambda: node.devices()[device]["name"] == "<b>Orchard</b>" or None, 20, "the name")
        wait_for(lambda: node.get("/api/v1/rules")["rules"][0]["rule"]["limit"] == "30" or None,
                 20, "the limit")
    page.locator(".back").click()
    expect(mark).to_be_hidden(timeout=10_000)


@pytest.mark.parametrize("language,scheme,width", [
    ("fr-FR", "dark", 320), ("en-GB", "light", 1280)])
def test_conflicts_break_no_rule_of_access(
        visit, daemon, north, device, language, scheme, width):
    """A viewer sees all of it and decides nothing."""
    set_twice(daemon, north, device)
    page = visit(url=f"{daemon.url}#/conflicts", cut=True, language=language, scheme=scheme,
                 width=width)
    expect(page.locator("[data-conflict]")).to_have_count(2)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    viewer = visit(url=f"{daemon.url}#/conflicts", cut=True, role="viewer")
    expect(viewer.locator("[data-conflict]")).to_have_count(2)
    expect(viewer.locator("#panel button:visible")).to_have_count(0)


def test_a_hub_says_which_node_it_does_not_hear_and_after_which_time(visit, daemon, north):
    """The time is set on the page; what is raised is acknowledged like any alarm."""
    page = visit(url=f"{daemon.url}#/alarms", cut=True)
    silence = page.locator(".silence")
    expect(silence).to_contain_text("not heard for 15\u00a0min")
    expect(silence).to_contain_text("This node is a hub")
    silence.locator("summary").click()
    silence.locator("[name=ms]").fill("soon")
    page.keyboard.press("Enter")
    expect(silence.locator(".error:visible")).to_contain_text("Write a time from 1 s")
    silence.locator("[name=ms]").fill("3")
    silence.locator("select").select_option("s")
    silence.locator("button").click()
    expect(silence).to_contain_text("not heard for 3\u00a0s")
    expect(silence.locator("summary")).to_be_focused()
    assert daemon.get("/api/v1/silence")["ms"] == 3_000
    north.stop()
    alarm = page.locator("section.plate:has(#alarms-open) [data-alarm]")
    expect(alarm).to_contain_text("north is not heard", timeout=20_000)
    alarm.locator("summary").click()
    alarm.locator("form button").click()
    expect(alarm).to_contain_text("Acknowledged by admin")
    assert violations(page) == []
    north.start()
    expect(alarm).to_have_count(0, timeout=40_000)
