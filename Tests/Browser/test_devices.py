"""Cards, values, the chart: what comes and goes is seen without a reload."""

import pytest
from playwright.sync_api import expect

WORDS = {
    "en-GB": {"connected": "connected", "absent": "absent", "empty": "No device yet",
              "simulated": "simulated", "decimal": ".", "silent": "No data since"},
    "fr-FR": {"connected": "connecté", "absent": "absent", "empty": "Aucun appareil encore",
              "simulated": "simulé", "decimal": ",", "silent": "Pas de données depuis"},
}


@pytest.mark.parametrize("language", WORDS)
def test_a_card_comes_with_its_board_and_greys_when_it_goes(visit, simulate, language):
    """Empty at first; then a card with its state in words; unplugged in place; and back again."""
    words = WORDS[language]
    page = visit(language)
    expect(page.locator("#empty h2")).to_have_text(words["empty"])
    board = simulate("esp32")
    card = page.locator(".card")
    expect(card).to_have_attribute("data-state", "connected", timeout=15_000)
    expect(card.locator(".state-word")).to_have_text(words["connected"])
    expect(card.locator(".badge:visible")).to_have_text([words["simulated"]])
    expect(page.locator("#empty")).to_be_hidden()
    number = card.locator(".tile .number")
    expect(number).to_contain_text(words["decimal"], timeout=10_000)
    board.end()
    expect(card).to_have_attribute("data-state", "absent", timeout=10_000)
    expect(card.locator(".state-word")).to_have_text(words["absent"])
    expect(card.locator(".tiles")).to_have_attribute("data-old", "")
    expect(number).to_contain_text(words["decimal"])  # its last values stay, greyed
    expect(page.locator("#said")).to_contain_text("sim-")


def test_what_was_absent_when_the_page_opened_waits_below(visit, daemon, make_board):
    """Folded away and counted; plugged in, its card moves up among the others."""
    board = make_board(identity=0x77)
    board.measure(215)
    seen = visit()
    expect(seen.locator(".card")).to_have_attribute("data-state", "connected", timeout=15_000)
    board.close()
    expect(seen.locator(".card")).to_have_attribute("data-state", "absent", timeout=10_000)
    page = visit()
    expect(page.locator("#absent-title")).to_have_text("1 device not plugged in", timeout=10_000)
    expect(page.locator("#empty h2")).to_have_text("No device plugged in")
    expect(page.locator(".card")).to_be_hidden()
    make_board(identity=0x77, epoch=2)  # its next run
    expect(page.locator("#devices .card")).to_have_attribute(
        "data-state", "connected", timeout=15_000)
    expect(page.locator("#absent")).to_be_hidden()
    expect(page.locator("#empty")).to_be_hidden()
    expect(seen.locator(".card")).to_have_attribute("data-state", "connected")


def test_values_live_with_their_age_and_their_marks(visit, make_board):
    """A value as people write it; not on disk at first, then on it; and its age counts."""
    board = make_board()
    page = visit(cut=True)
    tile = page.locator(".tile")
    board.measure(215)
    expect(tile.locator(".value")).to_have_text("21.5°C", timeout=10_000)
    expect(tile.locator(".age")).to_have_text("now")
    expect(tile.locator("[data-mark=uncertain]")).to_be_visible()
    page.route("**/api/v1/devices", lambda route: route.abort())  # what comes now, the feed brings
    board.measure(-42)
    expect(tile.locator(".number")).to_have_text("\u22124.2")
    page.unroute("**/api/v1/devices")
    expect(tile.locator("[data-mark=pending]")).to_be_hidden(timeout=10_000)
    expect(tile.locator(".age")).to_have_text("6\u00a0s", timeout=10_000)


def test_a_value_is_marked_until_it_is_on_disk(visit, tmp_path, browser):
    """With commits far apart the mark is there; it goes with the commit and no sooner."""
    from browser_node import BrowserDaemon, TestBoard
    node = BrowserDaemon(tmp_path / "slow", "commit_interval = 30\n").start()
    page = browser.new_page()
    page.context.add_cookies(node.access.cookies(node.url))
    board = TestBoard().plug(node)
    try:
        page.goto(node.url)
        for value in (1, 2, 3):
            board.measure(value)
        expect(page.locator(".tile .number")).to_have_text("0.3", timeout=10_000)
        # The first reading of a board is committed at once; the next ones wait.
        board.measure(4)
        expect(page.locator(".tile .number")).to_have_text("0.4")
        page.wait_for_timeout(6_500)  # a status and a list of devices came meanwhile
        durable = node.get("/api/v1/devices")[0]["channels"][0]["last"]["pending"]
        assert durable, "the daemon committed: this test proves nothing"
        expect(page.locator("[data-mark=pending]")).to_be_visible()
        page.close()
    finally:
        board.close()
        node.finish()


def test_the_chart_follows_and_stands_still(visit, make_board):
    """Readings of before the page, then live ones; and not one pixel moves when none comes."""
    board = make_board()
    for value in (200, 210, 220):
        board.measure(value)
    page = visit()
    plot = page.locator(".plot .canvas")
    expect(plot).to_have_attribute("aria-label", "t: last 22.0 °C, from 20.0 to 22.0.",
                                   timeout=15_000)
    board.measure(250)
    expect(plot).to_have_attribute("aria-label", "t: last 25.0 °C, from 20.0 to 25.0.")
    expect(page.locator(".since")).to_contain_text("No data since", timeout=15_000)
    page.wait_for_timeout(9_000)  # the second look at the history is over too
    picture = "document.querySelector('.plot canvas').toDataURL()"
    before = page.evaluate(picture)
    page.wait_for_timeout(3_000)
    assert page.evaluate(picture) == before
    board.measure(230)
    expect(plot).to_have_attribute("aria-label", "t: last 23.0 °C, from 20.0 to 25.0.")
    page.wait_for_timeout(500)
    assert page.evaluate(picture) != before


def test_a_gap_is_a_gap(visit):
    """Nothing is drawn through a time without readings, nor broken within the usual interval."""
    page = visit()
    broken = page.evaluate("""async () => {
      const { Series, rows } = await import(new URL('web/series.js', document.baseURI));
      const one = new Series();
      const other = new Series();
      for (const s of [0, 1, 2, 3, 4.2, 5, 30, 31]) one.add(s * 1000, s, s);
      for (const s of [0.5, 10.5, 20.5, 30.5]) other.add(s * 1000, s, s);
      return rows([one, other], 0, (ms) => ms)
        .filter((row) => row.some((value) => Number.isNaN(value)))
        .map((row) => [Math.round(row[0]), row[1] === null || Number.isNaN(row[1]), row[2]]);
    }""")
    assert broken == [[30_000, True, None]]


def test_a_series_is_bounded_ordered_and_without_twins(visit):
    """One number is one reading, with its newest time; numbers go before times; the oldest go."""
    page = visit()
    found = page.evaluate("""async () => {
      const { Series, POINTS_MAX } = await import(new URL('web/series.js', document.baseURI));
      const series = new Series();
      for (const ms of [1000, 3000, 2000]) series.add(ms, ms, ms);
      const twin = series.add(2004, 2000, 2000);
      const ordered = [...series.times];
      series.add(2990, 3500, 3500); // put on the clock by a fit that disagrees
      const disagreeing = [series.times.at(-1), series.values.at(-1)];
      for (let i = 4; i < 9000; i += 1) series.add(i * 1000, i, i * 1000);
      return { twin, ordered, disagreeing, kept: series.times.length, max: POINTS_MAX,
               last: series.times.at(-1) };
    }""")
    assert found["twin"] is False
    assert found["ordered"] == [1000, 2004, 3000]
    assert found["disagreeing"] == [3000, 3500]
    assert found["max"] <= found["kept"] <= found["max"] * 1.1 + 1
    assert found["last"] == 8_999_000


def test_channels_are_chosen_and_grouped_by_unit(visit, simulate):
    """27 channels: at first one unit; another unit gets a plot of its own; and off again."""
    simulate("otomate-companion")
    page = visit()
    expect(page.locator(".tile")).to_have_count(27, timeout=15_000)
    expect(page.locator(".plot")).to_have_count(1)
    expect(page.locator(".plot .line")).to_have_text(["in.temp", "out.temp"])
    humidity = page.locator("[data-channel='in.hum']")
    expect(humidity).to_have_attribute("aria-pressed", "false")
    humidity.click()
    expect(humidity).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".plot")).to_have_count(2)
    expect(page.locator(".plot .unit")).to_have_text(["°C", "% RH"])
    page.locator("[data-channel='out.temp']").click()
    expect(page.locator(".plot .line")).to_have_text(["in.temp", "in.hum"])
    page.locator("summary", has_text="Table of readings").click()
    expect(page.locator("thead th")).to_have_text(["Time", "in.temp (°C)", "in.hum (% RH)"])
    expect(page.locator("tbody tr").first).to_contain_text(".", timeout=10_000)


def test_a_board_keeps_its_place_over_unplug_and_replug(visit, daemon, simulate):
    """Two boards; one goes and comes: no card moves."""
    simulate("esp32")
    page = visit()
    expect(page.locator(".card[data-state=connected]")).to_have_count(1, timeout=15_000)
    first = page.locator(".card").first.get_attribute("data-device")
    other = simulate("otomate-companion")
    expect(page.locator(".card[data-state=connected]")).to_have_count(2, timeout=15_000)
    order = [card.get_attribute("data-device") for card in page.locator(".card").all()]
    assert order[0] == first
    boxes = [card.bounding_box()["y"] for card in page.locator(".card").all()]
    other.end()
    expect(page.locator(".card[data-state=absent]")).to_have_count(1, timeout=10_000)
    assert order == [card.get_attribute("data-device") for card in page.locator(".card").all()]
    assert boxes == [card.bounding_box()["y"] for card in page.locator(".card").all()]
