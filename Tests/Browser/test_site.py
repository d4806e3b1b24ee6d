"""The site on the page: founded, a node invited by a QR code, joined, seen, and shut out."""

import pytest
from playwright.sync_api import expect

from browser_node import BrowserDaemon
from test_access import violations

SYNC = 'commit_interval = 1\n[sync]\nlisten = ["127.0.0.1:0"]\nlabel = "{}"\n'


@pytest.fixture
def daemon(tmp_path):
    """A node that is reached by others and belongs to no site."""
    running = BrowserDaemon(tmp_path / "hub", SYNC.format("hub")).start()
    yield running
    running.finish()


@pytest.fixture
def other(tmp_path):
    """Another one."""
    running = BrowserDaemon(tmp_path / "north", SYNC.format("north")).start()
    yield running
    running.finish()


def open_site(visit, daemon, **fields):
    return visit(url=f"{daemon.url}#/site", cut=True, **fields)


def test_a_site_is_founded_and_another_node_joins_it(visit, daemon, other):
    """The keys are shown once; the nodes and how records travel are seen without asking again."""
    page = open_site(visit, daemon)
    expect(page.locator("#panel")).to_contain_text("belongs to no site")
    page.locator("section.plate:has(#site-found) [name=name]").fill("Green farm")
    page.get_by_role("button", name="Found it").click()
    key = page.get_by_role("textbox", name="The site's key")
    expect(key).to_be_focused()
    assert len(key.input_value().replace("-", "")) == 56
    page.get_by_role("button", name="I have kept it").click()
    expect(key).to_have_count(0)
    expect(page.locator("[data-node]")).to_have_count(1)
    page.get_by_role("button", name="Invite").click()
    link = page.get_by_label("Link", exact=True).input_value()
    assert link.startswith("bivouac:1:")
    expect(page.get_by_role("img", name="The link as a QR code")).to_be_visible()
    assert len(page.locator(".qr path").get_attribute("d")) > 1_000
    other.post("/api/v1/pairing", {"key": link})
    north = page.locator("[data-node]", has_text="north")
    expect(north.locator(".role")).to_have_text("calls this node", timeout=20_000)
    north.get_by_role("button", name="Take its rights").click()
    page.locator("dialog").get_by_role("button", name="Take its rights").click()
    expect(north).to_contain_text("no rights")
    page.goto(f"{daemon.url}#/people")
    expect(page.get_by_label("Link", exact=True)).to_have_count(0)


def test_a_node_joins_from_the_page_and_a_wrong_key_is_said_so(visit, daemon, other):
    """A wrong key, an address where nobody is, then the link."""
    other.post("/api/v1/site", {"name": "Green farm"})
    link = other.post("/api/v1/invitations", {})["link"]
    page = open_site(visit, daemon, language="fr-FR")
    form = page.locator("section.plate:has(#site-join) form")
    form.locator("[name=url]").fill("http://127.0.0.1:9")
    form.locator("[name=key]").fill("0000-0000-0000-0000-0000-0000-0000")
    page.keyboard.press("Enter")
    expect(form.locator(".error:visible")).to_be_visible()
    form.locator("[name=url]").fill("")
    form.locator("[name=key]").fill(link)
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("Ce nœud est maintenant du site Green farm.")
    expect(page.locator("[data-node]")).to_have_count(2)
    expect(page.locator("[data-node]", has_text="à jour")).to_have_count(1, timeout=20_000)


def test_a_viewer_sees_the_site_and_changes_nothing(visit, daemon):
    """No form, no button."""
    daemon.post("/api/v1/site", {"name": "Green farm"})
    page = open_site(visit, daemon, role="viewer")
    expect(page.locator("[data-node]")).to_have_count(1)
    expect(page.locator("#panel form:visible")).to_have_count(0)
    expect(page.locator("#panel button:visible")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1400])
def test_the_site_breaks_no_rule_of_access(visit, daemon, scheme, width):
    """With an invitation shown; nothing is wider than the screen."""
    daemon.post("/api/v1/site", {"name": "Green farm"})
    page = open_site(visit, daemon, scheme=scheme, width=width)
    page.get_by_role("button", name="Invite").click()
    expect(page.locator(".qr")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
