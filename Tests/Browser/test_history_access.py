"""The history for everybody: axe-core, narrow screens, hostile words, notes and hidden spans."""

import re

import pytest
from playwright.sync_api import expect

from daemon import wait_for
from test_access import unfold, violations
from test_history import ink, rest
from year import DAY_US

#: A process of several lays the year once.
pytestmark = pytest.mark.xdist_group("year")

BOTH = "channel=t&channel=rh&limit=0:25&limit=1:80&daytime=09:00-19:00&weekdays=1-5&"
MARKUP = "<img src=x onerror=window.bitten=1><b>b</b> \u202eevil\u202c {channel} $&"


def wait_for_numbers(page):
    """Until the table is there."""
    expect(page.locator(".rows tbody tr").first).to_be_visible(timeout=15_000)
    expect(page.locator("[data-number=count] dd")).to_be_visible()


@pytest.fixture
def facts(year):
    """Notes and hidden spans made for a test; taken back at its end."""
    made = []

    def make(kind, **fields):
        answer = year.daemon.post(f"/api/v1/{kind}", {"device": year.device, **fields})
        found = answer.get("deletions", [answer])
        made.extend((kind, each["id"]) for each in found)
        return found[0]

    yield make
    for kind, fact in made:
        word = "undo" if kind == "deletions" else "remove"
        year.daemon.request("POST", f"/api/v1/{kind}/{fact}/{word}", {})


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en-GB", "fr-FR"])
def test_axe_finds_nothing_in_the_history(look, year, facts, language, scheme):
    """Nothing chosen; then two units, limits, a filter, a note, a hidden span, all unfolded."""
    start = year.start_us + 40 * DAY_US
    facts("annotations", channel="t", fromUs=start + 60_000_000, text="window opened")
    facts("deletions", channel="t", fromUs=start + DAY_US, toUs=start + 2 * DAY_US, reason="fell")
    page = look("", language=language, scheme=scheme)
    expect(page.locator(".quiet-note")).to_be_visible(timeout=10_000)
    assert violations(page) == []
    page = look(BOTH + year.span(40, 44), language=language, scheme=scheme)
    rest(page)
    unfold(page)
    wait_for_numbers(page)
    expect(page.locator(".notes li")).to_have_count(2)
    assert violations(page) == []


@pytest.mark.parametrize("language", ["en-GB", "fr-FR"])
@pytest.mark.parametrize("width", [320, 768])
def test_the_history_is_not_wider_than_the_screen(look, year, facts, language, width):
    """Everything unfolded, a long note: no scrolling to the side; each target 24 by 24 pixels."""
    facts("annotations", channel="t", fromUs=year.start_us + 40 * DAY_US + 1, text="W" * 200)
    page = look(BOTH + year.span(40, 44), language=language, width=width)
    rest(page)
    unfold(page)
    wait_for_numbers(page)
    expect(page.locator(".notes li")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = page.evaluate("""() => [...document.querySelectorAll(
        '#history :is(button, input, select, summary, [role=slider])')]
      .filter((each) => each.checkVisibility()).map((each) => [each.outerHTML.slice(0, 80),
        each.getBoundingClientRect()]).filter(([, box]) => box.width < 24 || box.height < 24)
      .map(([html]) => html)""")
    assert small == []
    cut = page.evaluate("""() => [...document.querySelectorAll('#history button, .summary dd')]
      .filter((each) => each.scrollWidth > each.clientWidth + 1)
      .map((each) => each.textContent)""")
    assert cut == []


def test_hostile_words_stay_text(look, year, facts):
    """The device's name, a note, the reason of a deletion, and the address itself."""
    start = year.start_us + 60 * DAY_US
    facts("annotations", channel="t", fromUs=start + 5, text=MARKUP)
    facts("deletions", channel="t", fromUs=start + DAY_US, toUs=start + 2 * DAY_US, reason=MARKUP)
    name = f"/api/v1/devices/{year.device}/name"
    assert year.daemon.request("PUT", name, {"name": "</h2><script>window.bitten=1</script>"})[0] \
        == 200
    try:
        page = look("channel=t&channel=%3Cimg%20src%3Dx%3E&zone=%3Cb%3E&" + year.span(60, 63),
                    cut=True)
        expect(page.locator(".chip-name").first).to_have_text(
            "</h2><script>window.bitten=1</script> · t", timeout=15_000)
        expect(page.locator(".chip-name").nth(1)).to_contain_text("<img src=x>")
        unfold(page)
        words = page.locator(".notes li > span:nth-child(2)")
        expect(words.first).to_have_text(MARKUP)
        expect(words.nth(1)).to_contain_text(MARKUP)
        found = page.evaluate(
            "document.querySelectorAll('#history :is(script, img, svg, b, style)').length")
        assert found == 0 and page.evaluate("window.bitten") is None
    finally:
        year.daemon.request("PUT", name, {"name": None})


def test_a_note_is_written_seen_and_removed_in_place(look, year):
    """At the time that was clicked; others see it too, with its author; wrong ones are refused."""
    page = look("channel=t&" + year.span(70, 71))
    rest(page)
    fold = page.locator("[data-fold=notes]")
    fold.locator("summary").click()
    fold.locator("form button").click()
    expect(fold.locator(".error")).to_be_visible()
    box = page.locator(".charts .canvas").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 80)
    fold.locator("form input[type=text]").fill("filter changed")
    fold.locator("form button").click()
    expect(fold.locator(".notes li")).to_have_count(1, timeout=10_000)
    expect(fold.locator(".notes .flag")).to_have_text("1")
    expect(fold.locator(".notes li")).to_contain_text("filter changed")
    expect(fold.locator(".error")).to_be_hidden()
    stored, = year.daemon.get("/api/v1/annotations")["annotations"]
    middle = year.start_us + 70.5 * DAY_US
    assert abs(stored["fromUs"] - middle) < DAY_US / 20
    other = look("channel=t&" + year.span(69, 72))
    rest(other)
    unfold(other)
    expect(other.locator(".notes li")).to_contain_text(re.compile("filter changed.*admin"))
    fold.locator(".notes li button").click()
    expect(fold.locator(".notes li")).to_have_count(0)
    expect(other.locator(".notes li")).to_have_count(0, timeout=10_000)  # the feed told of it


def test_hidden_readings_are_shown_as_such_and_can_come_back(look, year, facts):
    """The line is broken there, the list says why; undone in place, it is whole again."""
    start = year.start_us + 80 * DAY_US
    facts("deletions", channel="t", fromUs=start + 2 * DAY_US, toUs=start + 3 * DAY_US,
          reason="sensor fell")
    page = look("channel=t&" + year.span(80, 85))
    rest(page)
    unfold(page)
    hidden = page.locator(".notes li")
    expect(hidden).to_contain_text("sensor fell")
    wait_for(lambda: ink(page, 0.1, 0.3) > 100, 20, "the line beside it")
    assert ink(page, 0.45, 0.55) == 0
    hidden.locator("button").click()
    expect(hidden).to_have_count(0)
    # The feed tells of the change; then it is asked for again and drawn.
    wait_for(lambda: ink(page, 0.45, 0.55) > 50, 20, "the line is whole again")
