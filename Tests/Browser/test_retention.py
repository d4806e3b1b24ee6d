"""How long a channel is kept, what is stored of it and what went, as the page of the history has
it."""

import pytest
from playwright.sync_api import expect

from answers import amend
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

    @property
    def access(self):
        """Who a test is to the daemon."""
        return self.daemon.access


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
    gone = held(kept.daemon, kept.device)["minutes"]
    expect(notices).to_contain_text(f"{gone:,} readings")
    channel = page.locator("[data-channel=t]")
    expect(channel.locator("[data-level=raw]")).to_contain_text("readings")
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


def test_what_is_left_of_a_span_is_said_beside_its_chart(look, kept):
    """In words and in the table where readings went, in neither where they are all there.

    Nobody vouches for the clock of this machine, so blocks are dated by nothing here: the test says
    when they were, as the daemon does where its clock was synchronised."""
    series = next(one for one in kept.daemon.get("/api/v1/series")["series"]
                  if one["channel"] == "t")
    length = series["to_us"] - series["from_us"]
    share = held(kept.daemon, kept.device)["minutes"] / series["count"]
    gone = {"fromUs": series["from_us"], "toUs": round(series["from_us"] + share * length)}

    def dated(body):
        for channel in body["channels"]:
            for one in channel["held"]:
                one.update(gone if one["level"] == "minutes" else {})

    page = look(cut=True)
    amend(page, f"**/retention/{kept.device}", dated)
    words = page.locator("[data-part=kept]")
    address = f"{kept.url}#/history?device={kept.device}&channel=t&window=1h&zone=UTC"
    page.goto(f"{address}&from={gone['fromUs'] / 1e6 - 60}&to={series['to_us'] / 1e6}")
    page.reload()
    expect(words).to_contain_text("is kept as sums of minutes")
    expect(page.locator(".rows tbody tr").first).to_contain_text("(readings gone, sums kept)")
    assert hatched(page, 0.2) > hatched(page, 0.98)
    page.screenshot(path=str(kept.disk.daemon.directory / "kept.png"))
    page.goto(f"{address}&from={gone['toUs'] / 1e6 + 30}&to={series['to_us'] / 1e6 + 1}")
    expect(words).to_be_hidden()
    expect(page.locator(".rows tbody tr").last).not_to_contain_text("gone")


def hatched(page, part):
    """Pixels drawn behind the lines, in a column of the chart."""
    page.wait_for_function("document.querySelector('.charts .canvas canvas') !== null")
    return page.evaluate("""(part) => {
      const canvas = document.querySelector('.charts .canvas canvas');
      const copy = new OffscreenCanvas(canvas.width, canvas.height)
        .getContext('2d', { willReadFrequently: true });
      copy.drawImage(canvas, 0, 0);
      const left = 55 + part * (canvas.width - 60);
      const { data } = copy.getImageData(left, 0, 8, canvas.height * 0.9);
      let count = 0;
      for (let i = 3; i < data.length; i += 4) count += data[i] > 0;
      return count;
    }""", part)


def test_it_is_said_in_french_on_a_narrow_screen(look, kept):
    """Nothing is wider than the screen."""
    page = look("fr-FR", width=320)
    expect(page.locator("[data-channel=t] [data-level=minutes]")).to_contain_text("par minute")
    expect(page.locator("#notices")).to_contain_text("quart d")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.screenshot(path=str(kept.disk.daemon.directory / "narrow.png"), full_page=True)
