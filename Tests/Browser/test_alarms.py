"""Alarms on the page: what goes on and what was, who has seen it, the rules, and who is told."""

import pytest
from playwright.sync_api import expect

from daemon import Simulation, wait_for
from receivers import Hook
from test_access import unfold, violations


@pytest.fixture
def board(make_board):
    """A board that says 20.0."""
    played = make_board()
    played.measure(200)
    return played


@pytest.fixture
def device(daemon, board):
    """Its id."""
    return wait_for(lambda: next((one for one, view in daemon.devices().items()
                                  if view["channels"]), None), 10, "the device")


@pytest.fixture
def hook():
    """A web server that takes what it is told."""
    server = Hook()
    yield server
    server.close()


def add_rule(daemon, device, **fields):
    """A rule that 22.0 breaks and 20.0 keeps; its id."""
    body = {"name": "Too hot", "device": device, "channel": "t", "condition": "above",
            "limit": "21.5", **fields}
    return daemon.post("/api/v1/rules", body)["id"]


def open_alarms(visit, daemon, **fields):
    return visit(url=f"{daemon.url}#/alarms", cut=True, **fields)


def going_on(page):
    return page.locator("section.plate:has(#alarms-open) [data-alarm]")


def over(page):
    return page.locator("section.plate:has(#alarms-past) [data-alarm]")


def test_a_rule_is_made_by_keyboard_and_its_alarm_is_seen_acknowledged_and_over(
        visit, daemon, board, device):
    """From the device's card to the end, without a reload; the badge follows by the feed."""
    page = visit(cut=True)
    page.locator(f"[data-device='{device}'] a", has_text="Add an alarm").click(timeout=15_000)
    form = page.locator("[data-fold=add-rule] form")
    expect(form.locator("[name=name]")).to_be_focused()
    expect(form.locator("[name=device]")).to_have_value(device)
    expect(form.locator("[name=channel]")).to_have_value("t")
    expect(form.locator("label", has_text="Limit")).to_have_text("Limit (°C)")
    page.keyboard.type("Greenhouse too hot")
    form.locator("[name=limit]").focus()
    page.keyboard.type("much")
    form.locator("[name=severity]").select_option("alarm")
    form.locator("[name=commentRequired]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(form.locator(".error:visible")).to_contain_text("Write a decimal number")
    expect(form.locator("[name=limit]")).to_be_focused()
    page.keyboard.type("21,5")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("Added: Greenhouse too hot")
    expect(page.locator("#rules-title")).to_be_focused()
    rule = page.locator("[data-rule]")
    expect(rule).to_contain_text("above 21.5\u00a0°C")
    expect(rule).to_contain_text("judged here")
    assert [one["rule"]["limit"] for one in daemon.get("/api/v1/rules")["rules"]] == ["21.5"]
    badge = page.locator("#alarms-link .count")
    expect(badge).to_be_hidden()
    board.measure(220)
    alarm = going_on(page)
    expect(alarm).to_have_count(1, timeout=5_000)
    expect(alarm).to_contain_text("Greenhouse too hot")
    expect(alarm).to_contain_text("then 22.0\u00a0°C")
    expect(alarm).to_contain_text("Nobody has acknowledged it.")
    expect(badge).to_contain_text("1 alarm goes on")
    alarm.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(alarm.locator(".error:visible")).to_have_count(1)
    page.keyboard.type("vent opened")
    page.keyboard.press("Enter")
    expect(alarm).to_contain_text("Acknowledged by admin")
    expect(alarm).to_contain_text("“vent opened”")
    expect(alarm.locator("strong")).to_be_focused()
    expect(badge).to_be_hidden()
    board.measure(200)
    expect(going_on(page)).to_have_count(0)
    expect(over(page)).to_contain_text("at its end 20.0\u00a0°C")
    expect(over(page)).to_contain_text("Until")


def test_an_age_is_certain_within_this_boot_and_said_to_be_unknown_where_it_is(
        visit, daemon, board, device):
    """By the monotonic clock; of an earlier boot under a clock that nobody had set, no age."""
    from answers import amend
    add_rule(daemon, device)
    board.measure(220)
    page = open_alarms(visit, daemon)
    expect(going_on(page)).to_contain_text(" s ago)")

    def forget(body):
        for alarm in body["alarms"]:
            alarm.pop("sinceBootUs", None)
            alarm["trusted"] = False

    amend(page, "**/api/v1/alarms?*", forget)
    page.reload()
    expect(going_on(page)).to_contain_text("age unknown")
    expect(going_on(page)).not_to_contain_text("ago)")


@pytest.mark.parametrize("role,forms,acknowledges", [
    ("viewer", False, False), ("operator", False, True), ("admin", True, True)])
def test_what_a_role_may_not_do_is_not_offered(
        visit, daemon, board, device, role, forms, acknowledges):
    """A viewer sees, an operator acknowledges, an administrator writes rules and recipients."""
    add_rule(daemon, device)
    board.measure(220)
    page = open_alarms(visit, daemon, role=role)
    expect(going_on(page)).to_have_count(1, timeout=5_000)
    expect(page.locator("[data-rule]")).to_have_count(1)
    unfold(page)
    expect(page.locator("[data-rule] button:visible")).to_have_count(2 if forms else 0)
    expect(page.locator("[data-fold=add-rule]")).to_be_visible(visible=forms)
    expect(page.locator("#recipients-title")).to_be_visible(visible=forms)
    expect(going_on(page).locator("form")).to_be_visible(visible=acknowledges)
    if acknowledges:
        going_on(page).locator("form button").click()
        expect(going_on(page)).to_contain_text(f"Acknowledged by {role}")


def test_a_rule_is_changed_and_removed(visit, daemon, board, device):
    """In place, with what stood there; a removal is asked about first."""
    add_rule(daemon, device, hysteresis="0.5", delayMs=90_000)
    page = open_alarms(visit, daemon, language="fr-FR")
    rule = page.locator("[data-rule]")
    expect(rule).to_contain_text("au-dessus de 21,5\u00a0°C · pendant 90\u00a0s")
    rule.locator("summary").click()
    form = rule.locator("form")
    expect(form.locator("[name=hysteresis]")).to_have_value("0,5")
    form.locator("[name=condition]").select_option("silent")
    expect(form.locator("[name=limit]")).to_be_hidden()
    form.locator("[name=channel]").select_option("")
    form.locator("[name=durationMs]").fill("2")
    form.locator("[name=enabled]").uncheck()
    form.locator("button[type=submit]").click()
    expect(rule).to_contain_text("muet depuis 2\u00a0min")
    expect(rule).to_contain_text("tout l'appareil")
    expect(rule.locator(".badge:visible")).to_have_text("inactive")
    expect(rule.locator("summary")).to_be_focused()
    rule.locator("summary").click()
    rule.get_by_role("button", name="Supprimer").click()
    page.keyboard.press("Escape")
    expect(rule).to_have_count(1)
    rule.get_by_role("button", name="Supprimer").click()
    page.locator("dialog").get_by_role("button", name="Supprimer").click()
    expect(rule).to_have_count(0)
    expect(page.locator("#rules-title")).to_be_focused()
    assert daemon.get("/api/v1/rules")["rules"] == []


def test_a_recipient_is_tried_and_each_outcome_is_said(visit, daemon, hook):
    """Sent, refused with its cause, unreachable; an address of the wrong form is of its field."""
    page = open_alarms(visit, daemon)
    page.locator("[data-fold=add-recipient] summary").click()
    form = page.locator("[data-fold=add-recipient] form")
    form.locator("[name=name]").fill("The farm's chat")
    form.locator("[name=address]").fill("no address")
    page.keyboard.press("Enter")
    expect(form.locator(".error:visible")).to_contain_text("https://host/path")
    expect(form.locator("[name=address]")).to_be_focused()
    form.locator("[name=address]").fill(hook.address)
    page.keyboard.press("Enter")
    row = page.locator("[data-recipient]")
    expect(row).to_contain_text("The farm's chat")
    test = row.get_by_role("button", name="Test")
    test.click()
    expect(row.locator(".outcome")).to_have_text("Sent: the other side took it.")
    assert [one["type"] for one in hook.taken()] == ["alarm.test"]
    hook.status = 403
    test.click()
    expect(row.locator(".outcome")).to_contain_text("Refused: ")
    expect(row.locator(".outcome")).to_contain_text("403")
    hook.close()
    test.click()
    expect(row.locator(".outcome")).to_contain_text("Unreachable: ", timeout=15_000)
    row.locator("summary").click()
    row.locator("[name=severity]").select_option("alarm")
    row.locator("[name=enabled]").uncheck()
    row.get_by_role("button", name="Save").click()
    expect(row.locator(".badge:visible")).to_have_text("off")
    row.locator("summary").click()
    row.get_by_role("button", name="Remove").click()
    page.locator("dialog").get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)


def test_a_signal_of_a_board_is_chosen_tried_and_written_anew(visit, daemon):
    """Only what a board calls a signal is offered; the fields of a letter are not shown for it."""
    simulation = Simulation(daemon)
    lamp = wait_for(lambda: next((f"{d['id']} {c['name']}" for d in daemon.get("/api/v1/devices")
                                  for c in d["commands"] if c["signal"]), None), 20, "a signal")
    page = open_alarms(visit, daemon)
    page.locator("[data-fold=add-recipient] summary").click()
    form = page.locator("[data-fold=add-recipient] form")
    expect(form.locator("[name=output]")).to_be_hidden()
    form.locator("[name=name]").fill("Lamp")
    form.locator("[name=way]").select_option("output")
    expect(form.locator("[name=output]")).to_be_visible()
    for name in ("address", "language", "end"):
        expect(form.locator(f"[name={name}]")).to_be_hidden()
    assert form.locator("[name=output] option").evaluate_all("all => all.map((o) => o.value)") == [lamp]
    assert violations(page) == []
    form.get_by_role("button", name="Add it").click()
    row = page.locator("[data-recipient]")
    expect(row).to_contain_text("off now")
    row.get_by_role("button", name="Test").click()
    expect(row.locator(".outcome")).to_have_text("Its board switched it on, for 2 seconds.")
    row.locator("summary").click()
    expect(row.locator("[name=output]")).to_have_value(lamp)
    row.locator("[name=severity]").select_option("alarm")
    row.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("from alarm")
    written = daemon.get("/api/v1/recipients")["recipients"][0]["recipient"]
    assert f"{written['device']} {written['command']}" == lamp and written["severity"] == "alarm"
    simulation.end()


def test_nothing_that_people_write_becomes_markup(visit, daemon, board, device):
    """Names of rules, comments, and names of recipients."""
    evil = "<img src=x onerror=\"document.title='owned'\">"
    add_rule(daemon, device, name=evil)
    daemon.post("/api/v1/recipients", {
        "name": evil, "way": "webhook", "address": "http://127.0.0.1:9/", "enabled": False})
    board.measure(220)
    page = open_alarms(visit, daemon)
    expect(going_on(page).locator("strong")).to_have_text(evil, timeout=5_000)
    unfold(page)
    going_on(page).locator("[name=comment]").fill(evil)
    page.keyboard.press("Enter")
    expect(going_on(page)).to_contain_text(f"“{evil}”")
    expect(page.locator("[data-rule] strong")).to_have_text(evil)
    expect(page.locator("[data-recipient] strong")).to_have_text(evil)
    expect(page.locator("#panel img")).to_have_count(0)
    expect(page).to_have_title("Alarms · Bivouac")


@pytest.mark.parametrize("language,scheme,width", [
    ("en-GB", "light", 320), ("fr-FR", "dark", 320), ("fr-FR", "light", 1280)])
def test_the_alarms_break_no_rule_of_access(
        visit, daemon, board, device, language, scheme, width):
    """With one that goes on, one that is over, and everything unfolded."""
    add_rule(daemon, device, severity="alarm")
    daemon.post("/api/v1/recipients", {
        "name": "nobody", "way": "webhook", "address": "http://127.0.0.1:9/", "enabled": False})
    board.measure(220)
    wait_for(lambda: daemon.get("/api/v1/alarms")["open"] == 1, 10, "the alarm")
    board.measure(200)
    wait_for(lambda: daemon.get("/api/v1/alarms")["open"] == 0, 10, "its end")
    board.measure(221)
    page = open_alarms(visit, daemon, language=language, scheme=scheme, width=width)
    expect(going_on(page)).to_have_count(1, timeout=5_000)
    expect(over(page)).to_have_count(1)
    expect(page.locator("[data-recipient]")).to_have_count(1)
    assert violations(page) == []
    unfold(page)
    expect(page.locator("[data-rule] form")).to_be_visible()
    expect(page.locator("[data-fold=add-rule] form")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
