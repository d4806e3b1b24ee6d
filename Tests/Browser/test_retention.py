"""How long a channel is kept, what is stored of it and what went, as the page of the history has
it."""

import pytest
from playwright.sync_api import expect

from conftest import Visits
from small_disk import SmallDisk, bivouac, compacted, held
from daemon import wait_for


class Kept:
    """A daemon of which a channel has lost the oldest part of its readings to a quota."""

    def __init__(self, directory):
        self.disk = SmallDisk(directory, "16m")
        self.daemon = self.disk.daemon
        self.device, board, _ = compacted(self.disk, 60_000)
        board.close()
        bivouac(self.daemon, "set", self.device, "t", "--quota", "160KB")
        wait_for(lambda: held(self.daemon, self.device).get("minutes"), 10, "minutes")
        bivouac(self.daemon, "reset", self.device, "t")
        bivouac(self.daemon, "reset", self.device)

    @property
    def url(self):
        """Where the page is."""
        host, port = self.daemon.address
        return f"http://{host}:{port}/"


@pytest.fixture
def kept(tmp_path):
    """One such daemon."""
    made = Kept(tmp_path)
    yield made
    made.daemon.finish()
    made.disk.end()


@pytest.fixture
def look(browser, kept):
    """Opens the history of its channel."""
    visits = Visits(browser, kept)

    def open_history(language="en-GB", **fields):
        address = f"{kept.url}#/history?device={kept.device}&channel=t"
        page = visits.open(language, url=address, **fields)
        page.locator("[data-fold=keep] > summary").click()
        return page
    yield open_history
    visits.close()


def rule(kept):
    """What was said of the channel."""
    channels = kept.daemon.get(f"/api/v1/retention/{kept.device}")["channels"]
    return next(one for one in channels if one["channel"] == "t").get("said")


def test_what_is_kept_and_what_went_is_shown_and_changed(look, kept):
    """A rule is set, refused where it makes no sense, taken back; what went is acknowledged."""
    page = look(cut=True)
    notices = page.locator("#notices li")
    expect(notices).to_have_count(1)
    expect(notices).to_contain_text("sums of minutes")
    channel = page.locator("[data-channel=t]")
    expect(channel.locator("[data-level=raw]")).to_contain_text("readings")
    gone = held(kept.daemon, kept.device)["minutes"]
    expect(channel.locator("[data-level=minutes]")).to_contain_text(f"{gone:,} readings as sums")
    expect(page.locator("[data-fold=keep] .notes li")).to_contain_text("quota")

    raw = channel.get_by_label("Readings", exact=True)
    minutes = channel.get_by_label("Minutes", exact=True)
    raw.select_option("d")
    channel.get_by_label("Readings: how much").fill("90")
    minutes.select_option("d")
    channel.get_by_label("Minutes: how much").fill("30")
    channel.get_by_role("button", name="Save").click()
    error = page.locator("[data-fold=keep] .error")
    expect(error).to_contain_text("at least as long")
    assert rule(kept) is None

    minutes.select_option("y")
    channel.get_by_label("Minutes: how much").fill("2")
    channel.get_by_role("button", name="Save").click()
    wait_for(lambda: rule(kept) == {"raw": "90d", "minutes": "2y"}, 10, "the rule")
    expect(error).to_be_hidden()
    expect(channel.get_by_label("Readings: how much")).to_have_value("90")
    channel.get_by_role("button", name="Follow the default").click()
    wait_for(lambda: rule(kept) is None, 10, "the default")
    expect(channel.get_by_label("Readings: how much")).to_be_hidden()

    page.get_by_role("button", name="Acknowledge what went").click()
    wait_for(lambda: kept.daemon.get("/api/v1/retention")["unseen"] == 0, 10, "the word")
    expect(page.locator("[data-fold=keep] .notes")).to_be_hidden()
    expect(notices).to_have_count(0, timeout=15_000)


def test_it_is_said_in_french_on_a_narrow_screen(look, kept):
    """Nothing is wider than the screen."""
    page = look("fr-FR", width=320)
    expect(page.locator("[data-channel=t] [data-level=minutes]")).to_contain_text("par minute")
    expect(page.locator("#notices")).to_contain_text("quart d")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.screenshot(path=str(kept.disk.daemon.directory / "narrow.png"), full_page=True)
