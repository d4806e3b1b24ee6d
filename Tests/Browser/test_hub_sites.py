"""Several sites of one hub on the page: each says which one it is, and leads to the others where
whoever reads is known too."""

import pytest
from playwright.sync_api import expect

from access import PASSWORD
from browser_node import BrowserDaemon
from signed_in import ask
from test_access import violations

HUB = 'role = "hub"\ncommit_interval = 1\n[sync]\nlabel = "hub"\n'


@pytest.fixture
def daemon(tmp_path):
    """A hub of two sites."""
    running = BrowserDaemon(tmp_path / "hub", HUB).start()
    running.post("/api/v1/site", {"name": "Green farm"})
    running.post("/api/v1/sites", {"place": "north"})
    running.post("/site/north/api/v1/site", {"name": "Ferme du Nord"})
    yield running
    running.finish()


def cookie(daemon, path):
    """What a browser holds once somebody has claimed a site."""
    code = daemon.get(f"{path}/api/v1/status")["access"]["claimCode"]
    _, _, headers = ask(daemon, "POST", f"{path}/api/v1/claim", {
        "code": code, "user": "ada", "password": PASSWORD})
    name, _, value = headers["Set-Cookie"].split(";")[0].partition("=")
    return {"name": name, "value": value, "url": daemon.url}


def menu(page):
    page.locator("#account-button").click()
    return page.get_by_role("navigation", name="Sites of this hub")


def test_a_page_says_which_site_it_is_and_leads_to_the_other(visit, daemon):
    """By keyboard too; somebody who is known at one alone is led nowhere."""
    first = cookie(daemon, "")
    page = visit(role=None, cut=True)
    page.context.add_cookies([first])
    page.reload()
    expect(page.locator("#site-name")).to_have_text("Green farm")
    expect(menu(page)).to_have_count(0)
    page.context.add_cookies([cookie(daemon, "/site/north")])
    page.reload()
    expect(page.locator("#site-name")).to_have_text("Green farm")
    sites = menu(page)
    expect(sites.get_by_role("link")).to_have_text(["Green farm", "Ferme du Nord"])
    expect(sites.locator("[aria-current=page]")).to_have_text("Green farm")
    sites.get_by_role("link", name="Ferme du Nord").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{daemon.url}site/north/")
    expect(page.locator("#site-name")).to_have_text("Ferme du Nord")
    menu(page).get_by_role("link", name="Green farm").click()
    expect(page).to_have_url(daemon.url)


def test_who_is_known_at_one_site_meets_the_door_of_the_other(visit, daemon):
    """The door, and nothing of what is behind it."""
    page = visit(role=None, cut=True)
    page.context.add_cookies([cookie(daemon, "")])
    cookie(daemon, "/site/north")
    page.goto(f"{daemon.url}site/north")
    expect(page.locator("#door")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("Ferme du Nord")


@pytest.mark.parametrize("width", [320, 1400])
def test_the_sites_break_no_rule_of_access(visit, daemon, width):
    """With the menu open; nothing is wider than the screen."""
    page = visit(role=None, width=width, cut=True)
    page.context.add_cookies([cookie(daemon, ""), cookie(daemon, "/site/north")])
    page.reload()
    expect(menu(page)).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
