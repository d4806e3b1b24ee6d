"""What a history cannot say for certain: values that are not there, and times that may be off."""

import pytest
from playwright.sync_api import expect

from answers import amend
from test_history import picture, rest
from year import SPIKE_DAY

#: A process of several lays the year once.
pytestmark = pytest.mark.xdist_group("year")


def test_a_value_that_is_not_there_is_not_about(look, year):
    """A dash alone, where sums have no such number; large ones are not cut."""
    def emptied(body):
        for bucket in body["buckets"]:
            bucket["approximate"] = True
            bucket.pop("first", None)

    def large(body):
        for series in body:
            for name in ("min", "avg", "max"):
                series[name] = [value * 1e9 for value in series[name]]

    page = look(url="about:blank")
    amend(page, "**/readings?*window=*", emptied)
    amend(page, "**/readings?*points=*", large)
    page.goto(year.address("channel=t&" + year.span(SPIKE_DAY - 1, SPIKE_DAY + 1)))
    rest(page)
    expect(page.locator("[data-number=first] dd")).to_have_text("–", timeout=15_000)
    expect(page.locator("[data-number=avg] dd")).to_contain_text("≈ ")
    labels = page.locator(".charts .dygraph-axis-label-y").all()
    assert len(labels) > 3 and all("B" in label.inner_text() for label in labels[1:])
    for label in labels:
        assert label.evaluate("(one) => one.scrollWidth <= one.clientWidth"), label.inner_text()


def test_uncertain_times_are_said_and_drawn(look, year):
    """Where a slot's bound is wider than itself, it stands in words, in a strip, as a ruler, in the
    legend and in the table; where nobody can say it, that is said."""
    def doubt(body):
        for series in body:
            count = len(series["time_us"])
            assert len(series["bounds_us"]) == count > 10
            first = [worst[0]] * (count // 2)
            series["bounds_us"] = first + [0] * (count - count // 2)

    def unknown(body):
        for bucket in body["buckets"]:
            bucket.pop("bound_us", None)    # an empty one has none

    worst = [900_000]
    page = look(url="about:blank")
    amend(page, "**/readings?*points=*", doubt)
    page.goto(year.address("channel=t&" + year.span(SPIKE_DAY - 1, SPIKE_DAY + 1)))
    rest(page)
    words = page.locator(".picture")
    assert "Times may be off" not in words.inner_text()
    expect(page.locator(".rows tbody tr").first).to_be_visible()
    assert page.locator(".doubt").count() == 0
    assert strip(page, 0.3) == strip(page, 0.7) == 0
    worst[0] = 1_560_000_000
    amend(page, "**/readings?*window=*", unknown)
    page.locator("[data-act=in]").click()
    expect(words).to_contain_text("Times may be off by up to 26\u00a0min")
    expect(words).to_contain_text("Readings above the strip")
    assert "nobody can say" not in words.inner_text()
    assert strip(page, 0.3) > 0 and strip(page, 0.7) == 0
    box = picture(page)
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + box["height"] / 2)
    expect(page.locator(".history-plot figcaption")).to_contain_text("(time ± 26\u00a0min)")
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2)
    expect(page.locator(".history-plot figcaption")).not_to_contain_text("time ±")
    expect(page.locator(".rows tbody tr").first).to_contain_text("(time unknown)")


def strip(page, part):
    """Pixels in the colour of the strip, at the foot of the chart at a part of its width."""
    return page.evaluate("""(part) => {
      const canvas = document.querySelector('.charts .canvas canvas');
      const scale = canvas.width / canvas.clientWidth;
      const colour = document.createElement('canvas').getContext('2d');
      colour.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--wait');
      colour.fillRect(0, 0, 1, 1);
      const [r, g, b] = colour.getImageData(0, 0, 1, 1).data;
      const copy = new OffscreenCanvas(canvas.width, canvas.height)
        .getContext('2d', { willReadFrequently: true });
      copy.drawImage(canvas, 0, 0);
      const left = 55 * scale + part * (canvas.width - 60 * scale);
      const { data } = copy.getImageData(left, canvas.height * 0.8, 1, canvas.height * 0.2);
      let count = 0;
      for (let i = 0; i < data.length; i += 4) {
        if (data[i + 3] > 200 && Math.abs(data[i] - r) < 8 && Math.abs(data[i + 1] - g) < 8
          && Math.abs(data[i + 2] - b) < 8) count += 1;
      }
      return count;
    }""", part)
