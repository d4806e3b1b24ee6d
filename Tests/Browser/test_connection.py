"""The line between the page and the daemon: lost, said so, and taken up again by itself."""

import re
import signal

from playwright.sync_api import expect

from browser_node import WEB


def test_a_restart_of_the_daemon_under_an_open_page(visit, daemon, make_board):
    """kill -9: since when, values greyed; started again: live, and new values, on the same page."""
    board = make_board()
    board.measure(215)
    page = visit(cut=True)
    number = page.locator(".tile .number")
    expect(number).to_have_text("21.5", timeout=15_000)
    page.evaluate("window.sameRun = true")
    colour = "getComputedStyle(document.querySelector('.tile .number')).color"
    page.wait_for_timeout(1_500)
    fresh = page.evaluate(colour)
    daemon.kill()
    live = page.locator("#health-live")
    expect(live).to_have_attribute("data-health", "lost", timeout=10_000)
    expect(live).to_contain_text("Reconnecting since")
    expect(page.locator("#health-storage")).to_be_hidden()
    expect(page.locator("#retry")).to_be_visible()
    expect(page.locator("#said")).to_contain_text("What is shown is old.")
    expect(number).to_have_text("21.5")
    page.wait_for_timeout(1_500)
    assert page.evaluate(colour) != fresh
    daemon.start()
    page.locator("#retry").click()
    expect(live).to_have_attribute("data-health", "live", timeout=10_000)
    expect(page.locator("#health-storage")).to_be_visible()
    board.plug(daemon)
    board.measure(333)
    expect(number).to_have_text("33.3", timeout=15_000)
    expect(page.locator(".card")).to_have_count(1)
    assert page.evaluate("window.sameRun")


def test_a_cut_stream_goes_on_where_it_ended(visit, make_board):
    """The next request names the last event it had; nothing that came meanwhile is missing."""
    board = make_board()
    board.measure(100)
    page = visit(cut=True)
    expect(page.locator(".tile .number")).to_have_text("10.0", timeout=15_000)
    asked = []
    page.on("request", lambda request: asked.append(request.headers.get("last-event-id"))
            if request.url.endswith("/api/v1/events") else None)
    page.route("**/api/v1/events", lambda route: route.abort())
    page.evaluate("window.dispatchEvent(new Event('pagehide'))")  # ends the stream
    expect(page.locator("#health-live")).to_have_attribute("data-health", "lost")
    board.measure(120)
    page.unroute("**/api/v1/events")
    expect(page.locator(".tile .number")).to_have_text("12.0", timeout=10_000)
    assert asked and asked[-1] and "-" in asked[-1], asked


def test_a_daemon_that_says_nothing_is_noticed(visit, daemon, make_board):
    """Stopped in its tracks, with its connections open: said so, long before TCP would."""
    make_board()
    page = visit(cut=True)
    live = page.locator("#health-live")
    expect(live).to_have_attribute("data-health", "live", timeout=15_000)
    daemon.process.send_signal(signal.SIGSTOP)
    try:
        expect(live).to_have_attribute("data-health", "lost", timeout=25_000)
    finally:
        daemon.process.send_signal(signal.SIGCONT)
    expect(live).to_have_attribute("data-health", "live", timeout=15_000)


def test_every_address_is_relative(visit, daemon):
    """Behind a proxy's prefix the same files ask for nothing above it."""
    absolute = re.compile(r"""(?:fetch\(|from |src=|href=)\s*[`'"](?:/|https?:)""")
    for file in [*WEB.glob("*.js"), *WEB.glob("*.html")]:
        assert not absolute.search(file.read_text()), file
    page = visit()
    expect(page.locator("#health-live")).to_have_attribute("data-health", "live", timeout=10_000)
