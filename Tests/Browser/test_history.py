"""The history over a year of one reading a minute: zoom, gaps, extremes, keys, files."""

import csv
import json
import os
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from year import DAY_US, GAP_DAYS, SPIKE

#: A process of several lays the year once.
pytestmark = pytest.mark.xdist_group("year")

#: Of processor time, at the daemon and in the page's own thread together; nothing here says how
#: long others had the machine meanwhile.
ZOOM_MAX_S = 1.0
#: The first zoom of a page also compiles what no zoom before it has run.
FIRST_ZOOM_MAX_S = 5.0
OVERVIEW = "points=416"  # asked once, for the range selector
LINE = "[11, 92, 173]"  # --line-0 by day


def rest(page):
    """Waits until what is asked for is drawn."""
    charts = page.locator(".charts")
    expect(charts.locator("canvas").first).to_be_visible(timeout=15_000)
    expect(charts).not_to_have_attribute("aria-busy", "true", timeout=15_000)


def asked(page):
    """The questions for points that the page asks from now on."""
    found = []
    page.on("request", lambda request: found.append(parse_qs(urlsplit(request.url).query))
            if "points=" in request.url and OVERVIEW not in request.url else None)
    return found


def picture(page):
    """Where the chart is on the page."""
    return page.locator(".charts .canvas").first.bounding_box()


def drag(page, first, last):
    """Pulls a frame over a part of the chart."""
    box = picture(page)
    left, width = box["x"] + 55, box["width"] - 60
    y = box["y"] + box["height"] / 2
    page.mouse.move(left + first * width, y)
    page.mouse.down()
    page.mouse.move(left + last * width, y, steps=4)
    page.mouse.up()


def worked_s(client, process):
    """Processor time, in s, that the page's thread and the daemon have used by now."""
    metrics = {each["name"]: each["value"]
               for each in client.send("Performance.getMetrics")["metrics"]}
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
        user, system = file.read().rpartition(")")[2].split()[11:13]
    return metrics["TaskDuration"] + (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def shown(page):
    """The span in the address, in seconds."""
    query = parse_qs(page.url.partition("?")[2])
    if "last" in query:
        return float(query["last"][0])
    ends = [query[name][0].replace("Z", "+00:00") for name in ("from", "to")]
    return page.evaluate("([from, to]) => (Date.parse(to) - Date.parse(from)) / 1000", ends)


def ink(page, first, last):
    """Pixels in the colour of the first line, between two parts of the chart's width."""
    return page.evaluate("""([first, last, line]) => {
      const canvas = document.querySelector('.charts .canvas canvas');
      const scale = canvas.width / canvas.clientWidth;
      const [left, width] = [55 * scale, canvas.width - (55 + 5) * scale];
      const copy = new OffscreenCanvas(canvas.width, canvas.height)
        .getContext('2d', { willReadFrequently: true });
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(left + first * width, 0,
        Math.max(1, (last - first) * width), canvas.height);
      let count = 0;
      for (let i = 0; i < data.length; i += 4) {
        if (data[i + 3] > 128 && Math.abs(data[i] - line[0]) < 24
          && Math.abs(data[i + 1] - line[1]) < 24 && Math.abs(data[i + 2] - line[2]) < 24) {
          count += 1;
        }
      }
      return count;
    }""", [first, last, json.loads(LINE)])


def label(page):
    """What the first chart says to those who do not see it."""
    return page.locator(".charts [role=img]").first.get_attribute("aria-label")


def test_a_year_is_zoomed_to_seconds_and_back(look, year):
    """One question a zoom, of what is seen; a day's one minute is kept; back undoes each zoom."""
    page = look()
    rest(page)
    assert f"{SPIKE / 10:.1f}" in label(page), "the extreme of one minute of the year is lost"
    questions = asked(page)
    client = page.context.new_cdp_session(page)
    client.send("Performance.enable", {"timeDomain": "threadTicks"})
    spans, times = [shown(page)], []
    while spans[-1] > 60:
        before = len(questions)
        began = worked_s(client, year.daemon.process)
        drag(page, 0.45, 0.55)
        expect(page.locator(".charts")).not_to_have_attribute("aria-busy", "true", timeout=15_000)
        times.append(worked_s(client, year.daemon.process) - began)
        assert len(questions) == before + 1
        spans.append(shown(page))
        seen = (int(questions[-1]["to"][0]) - int(questions[-1]["from"][0])) / 1e6
        assert spans[-1] <= seen <= spans[-1] * 1.1
        assert spans[-1] < spans[-2] / 5
    print(f"\nzooms of a year to {spans[-1]:.0f} s, each with the mouse, until drawn, of processor time: "
          + ", ".join(f"{each * 1000:.0f} ms" for each in times))
    assert times[0] < FIRST_ZOOM_MAX_S
    assert max(times[1:]) < ZOOM_MAX_S
    for span in reversed(spans[:-1]):
        page.go_back()
        rest(page)
        assert shown(page) == pytest.approx(span, rel=0.01)
    assert "History" in page.title()
    page.locator(".back").click()
    expect(page.locator("#live")).to_be_visible()
    page.go_back()
    expect(page.locator("#history")).to_be_visible()


def test_a_gap_of_the_year_stays_a_gap(look, year):
    """Nothing is drawn through three days without readings, seen in a year and in a month."""
    first, last = GAP_DAYS
    page = look("channel=t&" + year.span(first - 9, last + 9))
    rest(page)
    assert ink(page, 0.02, 0.35) > 300 and ink(page, 0.65, 0.98) > 300
    assert ink(page, 0.47, 0.53) == 0
    page = look("channel=t&" + year.span(first - 180, last + 180))
    rest(page)
    assert ink(page, 0.4, 0.48) > 300
    assert ink(page, 0.499, 0.501) == 0


def test_the_old_picture_stays_until_the_new_one_is_there(look, year):
    """Meanwhile the chart says that it is busy; a newer question cancels the one before."""
    page = look("channel=t&" + year.span(20, 60))
    rest(page)
    before = ink(page, 0.05, 0.95)
    held, cancelled = [], []
    # The range selector asks once, whenever the daemon has said which series there are.
    page.route("**/readings?*points=*", lambda route: route.continue_()
               if OVERVIEW in route.request.url else held.append(route))
    page.on("requestfailed", lambda request: cancelled.append(request.url)
            if "points=" in request.url else None)
    for count in (1, 2):
        drag(page, 0.3, 0.7)
        expect(page.locator(".charts")).to_have_attribute("aria-busy", "true")
        assert ink(page, 0.05, 0.95) > before / 5
        for _ in range(100):  # the question comes a moment after the picture is called busy
            if len(held) == count:
                break
            page.wait_for_timeout(50)
        assert len(held) == count
    assert cancelled == [held[0].request.url]
    held[1].continue_()
    rest(page)
    assert ink(page, 0.05, 0.95) > 300


def test_the_wheel_zooms_only_with_a_key(look, year):
    """Else the page scrolls; many steps ask some questions, and one step back undoes them."""
    page = look("channel=t&" + year.span(20, 60))
    rest(page)
    questions = asked(page)
    box = picture(page)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 80)
    page.mouse.wheel(0, 300)
    page.wait_for_timeout(400)
    assert shown(page) == 40 * 86_400 and not questions
    page.evaluate("""([x, y]) => {
      // At once: on a busy machine a pause would end the gesture.
      for (let step = 0; step < 20; step += 1) {
        document.querySelector('.charts .canvas').dispatchEvent(new WheelEvent('wheel', {
          deltaY: -100, ctrlKey: true, clientX: x, clientY: y, bubbles: true, cancelable: true }));
      }
    }""", [box["x"] + box["width"] / 2, box["y"] + 80])
    expect(page).to_have_url(re.compile("from=(?!" + re.escape(year.day(20)[:10]) + ")"))
    rest(page)
    assert shown(page) < 10 * 86_400
    assert 1 <= len(questions) <= 3
    page.go_back()
    rest(page)
    assert shown(page) == 40 * 86_400


def test_keys_alone_do_all_that_a_mouse_does(look, year):
    """Zoom, move, all, the present, the ends of the range selector; focus is always seen."""
    page = look("channel=t&" + year.span(100, 120))
    rest(page)
    charts = page.locator(".charts")
    for _ in range(40):
        page.keyboard.press("Tab")
        if charts.evaluate("each => each === document.activeElement"):
            break
    expect(charts).to_be_focused()
    assert charts.evaluate("each => parseFloat(getComputedStyle(each).outlineWidth)") >= 2
    day = 86_400
    for key, wanted in (("+", 10), ("-", 20), ("ArrowUp", 10), ("ArrowDown", 20)):
        page.keyboard.press(key)
        rest(page)
        assert shown(page) == pytest.approx(wanted * day)
    page.keyboard.press("ArrowLeft")
    assert year.day(95)[:13] in page.url.replace("%3A", ":")
    page.keyboard.press("ArrowRight")
    assert year.day(100)[:13] in page.url.replace("%3A", ":")
    page.keyboard.press("Home")
    expect(page).to_have_url(re.compile("last="))
    rest(page)
    assert shown(page) > 360 * day
    page.keyboard.press("+")
    page.keyboard.press("End")
    rest(page)
    expect(page.locator("[data-act=now]")).to_have_attribute("aria-pressed", "true")
    end = page.locator("[data-end=from]")
    end.focus()
    before = shown(page)
    page.keyboard.press("PageUp")
    rest(page)
    assert shown(page) == pytest.approx(before - 0.1 * 366 * day, rel=0.05)
    expect(end).to_be_focused()


def test_the_present_goes_on_at_the_right_edge(look, year):
    """A reading that comes is drawn without a question; and not one pixel moves when none comes."""
    page = look("channel=t&last=3600")
    rest(page)
    expect(page.locator("#health-live")).to_have_text("Live")
    questions = asked(page)
    year.board.samples([321], ticks=year.board.ticks)
    # It is drawn when it moves the picture by a pixel: of an hour, some seconds.
    expect(page.locator(".charts [role=img]")).to_have_attribute(
        "aria-label", re.compile("to 32.1 °C"), timeout=10_000)
    assert not questions
    page.wait_for_timeout(1_000)
    still = "document.querySelector('.charts canvas').toDataURL()"
    before = page.evaluate(still)
    page.wait_for_timeout(1_500)
    assert page.evaluate(still) == before


def test_the_address_is_all_there_is_to_share(look, year):
    """What is set changes the address; whoever opens that sees the same."""
    page = look("channel=t&" + year.span(10, 17))
    rest(page)
    page.locator(".picker select").select_option(index=0)
    page.locator(".picker button", has_text="Add").click()
    expect(page.locator(".chip")).to_have_count(2)
    page.locator(".zone").select_option("Pacific/Auckland")
    page.locator("summary", has_text="Limits").click()
    page.locator("form", has_text="Value").locator("input[type=text]").fill("25,5")
    page.locator("form button", has_text="Draw").click()
    page.locator("summary", has_text="Only some hours").click()
    page.locator(".days input").nth(6).uncheck()
    page.locator(".numbers select").nth(1).select_option("1h")
    rest(page)
    for part in ("channel=t&channel=rh", "zone=Pacific", "limit=0%3A25.5", "weekdays=1%2C2%2C3%2C4",
                 "window=1h"):
        assert part in page.url, page.url
    address, words = page.url, page.locator(".when").text_content()
    page.reload()
    rest(page)
    assert page.url == address and page.locator(".when").text_content() == words
    expect(page.locator(".chip")).to_have_count(3)
    expect(page.locator(".days input").nth(6)).not_to_be_checked()


def test_files_hold_exactly_what_is_shown(look, year, tmp_path):
    """The table's rows, the chart's points, every reading: CSV and JSONL."""
    page = look("channel=t&window=1h&zone=UTC&" + year.span(30, 31))
    rest(page)
    rows = page.locator(".rows tbody tr")
    expect(rows).not_to_have_count(0)
    expect(page.locator(".rows .scroll")).not_to_have_attribute("aria-busy", "true")

    def download(kind, form):
        with page.expect_download() as waiting:
            page.locator(f"[data-file={kind}][data-format={form}]").click()
        path = tmp_path / f"{kind}.{form}"
        waiting.value.save_as(path)
        text = path.read_text()
        if form == "csv":
            return list(csv.DictReader(text.splitlines()))
        return [json.loads(line) for line in text.splitlines()]

    count = int(page.locator("[data-number=count] dd").text_content().replace(",", ""))
    table = download("table", "csv")
    assert len(table) == rows.count() and sum(int(row["count"]) for row in table) == count
    for row, cells in zip(table, rows.all()):
        texts = cells.locator("td").all_text_contents()
        written = [f"{float(row[name]):.1f}" for name in ("min", "max", "first", "last")]
        assert [row["count"], *written] == [texts[0], *texts[2:6]]
    lines = download("table", "jsonl")
    assert [line["count"] for line in lines] == [int(row["count"]) for row in table]
    readings = download("readings", "csv")
    assert len(readings) == count == len(download("readings", "jsonl"))
    assert {row["channel"] for row in readings} == {"t"}
    points = download("points", "csv")
    assert sum(int(row["count"]) for row in points) == pytest.approx(count, abs=4)
    low, high = (min(float(row["min"]) for row in points), max(float(row["max"]) for row in points))
    assert f"from {low:.1f} to {high:.1f}" in label(page)


def test_numbers_are_those_of_the_readings(look, year):
    """Count, smallest, largest and mean of a day, beside all of its readings."""
    page = look("channel=t&" + year.span(50, 51))
    rest(page)
    expect(page.locator("[data-number=count] dd")).to_have_text(re.compile(r"1,4\d\d"))
    start = year.start_us + 50 * DAY_US
    found = year.daemon.readings(device=year.device, channel="t", **{
        "from": start, "to": start + DAY_US})
    values = [reading["number"] for reading in found]
    for name, value in (("min", f"{min(values):.1f}"), ("max", f"{max(values):.1f}"),
                        ("avg", f"{sum(values) / len(values):.2f}")):
        expect(page.locator(f"[data-number={name}] dd")).to_have_text(f"{value} °C")


def test_numbers_of_the_span_before_are_marked_until_the_new_ones_come(look, year):
    """A zoom draws at once; what stands beside it says that it is of the span before."""
    page = look(f"channel=t&{year.span(20, 40)}", cut=True)
    numbers, count = page.locator(".numbers"), page.locator("[data-number=count] dd")
    expect(count).to_have_text("28,800", timeout=15_000)
    expect(numbers).not_to_have_attribute("data-old", "")
    waiting = []
    page.route("**/readings?*agg=*", lambda route: waiting.append(route))
    page.locator(".charts").focus()
    page.keyboard.press("+")
    expect(numbers).to_have_attribute("data-old", "")
    expect(numbers).to_contain_text("Of the span before")
    expect(count).to_have_text("28,800")
    page.wait_for_timeout(1_000)  # asked once the zoom has come to rest
    assert len(waiting) == 2, "the whole span, and the table"
    for route in waiting:
        route.continue_()
    expect(numbers).not_to_have_attribute("data-old", "", timeout=15_000)
    expect(count).not_to_have_text("28,800")
