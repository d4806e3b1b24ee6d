"""Whatever a board or a person says is text: it never becomes markup or runs."""

import re

from playwright.sync_api import expect

from browser_node import WEB
from link import LOG, frame

MARKUP = "<img src=x onerror=window.bitten=1><b>b</b>"
LINES = ["<script>window.bitten=1</script>", MARKUP, "&lt;i&gt; \u202eevil\u202c {port} $&",
         "javascript:window.bitten=1", "</li></ol><style>*{display:none}</style>"]


def test_hostile_names_and_log_lines_stay_text(visit, daemon, make_board):
    """Model, unit, name and log, each with markup in it; keys have no such letters."""
    board = make_board(model=b"<svg onload=window.bitten=1>", unit="<u>k</u>", identity=0x66)
    board.measure(1, 2)
    page = visit()
    card = page.locator(".card")
    device = card.get_attribute("data-device", timeout=15_000)
    name = "</h2><script>window.bitten=1</script>"
    assert daemon.request("PUT", f"/api/v1/devices/{device}/name", {"name": name})[0] == 200
    expect(card.locator("h2")).to_have_text(name)
    expect(card.locator(".about")).to_contain_text("<svg onload=window.bitten=1>")
    expect(card.locator(".tile .value .unit")).to_have_text("<u>k</u>")
    expect(card.locator(".plot .unit")).to_have_text("<u>k</u>", timeout=10_000)
    for line in LINES:
        board.send(frame(bytes([LOG, 6]) + line.encode()))
    card.locator("summary", has_text="Log of the board").click(timeout=20_000)
    expect(card.locator(".log li").last).to_have_text(LINES[-1], timeout=20_000)
    assert card.locator(".log li").all_text_contents()[-5:] == LINES
    found = card.evaluate("card => card.querySelectorAll('script, img, svg, style, i, b, u, s')"
                          ".length")
    assert found == 0
    assert page.evaluate("window.bitten") is None


def test_the_page_has_no_way_to_make_markup():
    """No innerHTML and its like, no script or style in the page itself."""
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|\beval\(|new Function|"
        r"DOMParser|createContextualFragment|setHTML")
    for file in WEB.rglob("*.js"):
        assert not forbidden.search(file.read_text()), file
    page = (WEB / "index.html").read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
