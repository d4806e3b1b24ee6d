"""Earlier values of settings on the page of what was changed: given back by who may, once they have
read what that is."""

import json

import pytest
from playwright.sync_api import expect

from test_access import violations

RULE = {"name": "Too hot", "channel": "t", "condition": "above", "limit": "30"}


@pytest.fixture
def device(daemon, make_board):
    """A board that was called otherwise twice."""
    make_board().measure(215)
    found = next(iter(daemon.devices()))
    for name in ("Boiler", "Stove"):
        status, said = daemon.request("PUT", f"/api/v1/devices/{found}/name", {"name": name})
        assert status in (200, 204), said
    return found


def opened(visit, daemon, **fields):
    return visit(url=f"{daemon.url}#/changes", cut=True, **fields)


def entry(page, words):
    return page.locator(".changes li", has_text=words)


def name(daemon, device):
    return daemon.devices()[device].get("name")


def test_an_earlier_name_is_given_back_after_it_was_read(visit, daemon, device):
    """What comes back is said; "back" changes nothing; then it is told as the newest change."""
    page = opened(visit, daemon)
    earlier = entry(page, "Boiler")
    expect(page.locator("[data-what='user.added'] button")).to_have_count(0)
    earlier.get_by_role("button", name="Give back").click()
    dialog = page.locator("dialog")
    expect(dialog).to_contain_text("Give this back: “Boiler”?")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert name(daemon, device) == "Stove"
    earlier.get_by_role("button", name="Give back").click()
    dialog.get_by_role("button", name="Give back").click()
    expect(page.locator("#said")).to_have_text("Given back: Boiler")
    first = page.locator(".changes li").first
    expect(first).to_contain_text("Boiler")
    expect(first).to_be_focused()
    assert name(daemon, device) == "Boiler"
    # That can be given back alike.
    entry(page, "Stove").get_by_role("button", name="Give back").click()
    dialog.get_by_role("button", name="Give back").click()
    expect(page.locator("#said")).to_have_text("Given back: Stove")
    assert name(daemon, device) == "Stove"


def test_what_a_rule_said_is_shown_before_it_comes_back(visit, daemon, device):
    """In French too; where there was nothing, that is said."""
    rule = daemon.post("/api/v1/rules", dict(RULE, device=device))["id"]
    changed = dict(RULE, device=device, limit="60")
    assert daemon.request("PUT", f"/api/v1/rules/{rule}", changed)[0] in (200, 204)
    assert daemon.request("DELETE", f"/api/v1/rules/{rule}")[0] == 204
    page = opened(visit, daemon, language="fr-FR")
    rules = page.locator("[data-what='alarm.rule']")
    expect(rules).to_have_count(3)
    dialog = page.locator("dialog")
    rules.nth(0).get_by_role("button", name="Rétablir").click()
    expect(dialog).to_contain_text("Rétablir « retiré » ?")
    page.keyboard.press("Escape")
    rules.nth(2).get_by_role("button", name="Rétablir").click()
    expect(dialog).to_contain_text("Too hot")
    expect(dialog).to_contain_text("30")
    dialog.get_by_role("button", name="Rétablir").click()
    expect(page.locator("#said")).to_contain_text("Rétabli : Too hot")
    assert [one["rule"]["limit"] for one in daemon.get("/api/v1/rules")["rules"]] == ["30"]


def test_a_refusal_is_told_and_changes_nothing(visit, daemon, device):
    """In the words of its code."""
    page = opened(visit, daemon)

    def refuse(route):
        route.fulfill(status=404, content_type="application/problem+json", body=json.dumps(
            {"type": "about:blank", "title": "Not Found", "status": 404, "code": "audit.unknown",
             "parameters": {"entry": "7"}, "detail": "the audit has no entry 7"}))

    page.route("**/restoration", refuse)
    entry(page, "Boiler").get_by_role("button", name="Give back").click()
    page.locator("dialog").get_by_role("button", name="Give back").click()
    expect(page.locator("#panel .error:visible")).to_have_text("The changes have no entry 7.")
    assert name(daemon, device) == "Stove"
    # Whoever tries again is not told of what was before.
    page.unroute("**/restoration")
    entry(page, "Boiler").get_by_role("button", name="Give back").click()
    page.locator("dialog").get_by_role("button", name="Give back").click()
    expect(page.locator("#said")).to_have_text("Given back: Boiler")
    expect(page.locator("#panel .error:visible")).to_have_count(0)


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_who_may_not_sees_no_button(visit, daemon, device, role):
    """Nor the page of what was changed."""
    page = opened(visit, daemon, role=role)
    expect(page.locator("#panel")).to_be_visible()
    expect(page.get_by_role("button", name="Give back")).to_have_count(0)
    assert name(daemon, device) == "Stove"
