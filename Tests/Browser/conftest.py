"""What browser tests share: a daemon with its page, Chromium, and pages that must be clean."""

import os
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "Tests/EndToEnd"))
CHROMIUM = Path(os.environ.get("BIVOUAC_CHROMIUM", "/usr/bin/chromium"))


def pytest_configure(config):
    """A suite that cannot run is a failure, never a skip."""
    from daemon import BINARY
    for needed in (BINARY, CHROMIUM):
        if not needed.exists():
            raise pytest.UsageError(f"{needed} is missing: make build, tools/install test")


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests."""
    from playwright.sync_api import sync_playwright
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox"] if os.getuid() == 0 else [])
        yield launched
        launched.close()


@pytest.fixture
def daemon(tmp_path):
    """A running daemon with quick commits; at the end its loop lag is asserted."""
    from browser_node import BrowserDaemon
    running = BrowserDaemon(tmp_path).start()
    yield running
    running.finish()


@pytest.fixture
def simulate(daemon):
    """Plays boards until the test ends."""
    from daemon import Simulation
    made = []

    def play(*arguments, **fields):
        made.append(Simulation(daemon, *arguments, **fields))
        return made[-1]

    yield play
    for each in made:
        each.end()


@pytest.fixture
def make_board(daemon):
    """Boards of the test's own making, plugged into the daemon."""
    from browser_node import TestBoard
    made = []

    def make(*arguments, **fields):
        made.append(TestBoard(*arguments, **fields))
        return made[-1].plug(daemon)

    yield make
    for board in made:
        if not board.is_unplugged:
            board.close()


class Visits:
    """Pages of a daemon; whatever their consoles complained of is kept."""

    def __init__(self, browser, daemon):
        self.browser, self.daemon = browser, daemon
        self.opened = []

    def open(self, language="en-GB", width=1440, scheme="light", url=None, cut=False,
             role="admin", **fields):
        """Opens the page as a reader of a language, signed in with a role; None is nobody.

        What fails on the network is told on the console by the browser itself: `cut` allows that.
        """
        context = self.browser.new_context(
            viewport={"width": width, "height": 900}, locale=language, color_scheme=scheme,
            **fields)
        if role is not None:
            context.add_cookies(self.daemon.access.cookies(self.daemon.url, role))
        page = context.new_page()
        complaints = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text)
                if message.type in ("error", "warning")
                and not (cut and "Failed to load resource" in message.text) else None)
        page.on("request", lambda request: complaints.append(f"outside: {request.url}")
                if not request.url.startswith((self.daemon.url, "data:", "blob:")) else None)
        self.opened.append((context, complaints))
        page.goto(url or self.daemon.url)
        return page

    def close(self):
        """At the end of a test: nobody complained."""
        for context, complaints in self.opened:
            context.close()
            assert complaints == []


@pytest.fixture
def visit(browser, daemon):
    """Opens the page; whatever its console complains of fails the test."""
    visits = Visits(browser, daemon)
    yield visits.open
    visits.close()


@pytest.fixture(scope="session")
def year(tmp_path_factory):
    """A daemon and its board that have a year behind them."""
    from year import Year
    laid = Year(tmp_path_factory.mktemp("year"))
    yield laid
    laid.close()


@pytest.fixture
def look(browser, year):
    """Opens the history of the year: what is shown of it, as the address says it."""
    visits = Visits(browser, year.daemon)

    def look_at(query="channel=t&last=31536000", **fields):
        fields.setdefault("timezone_id", "Europe/Paris")
        return visits.open(**{"url": year.address(query), **fields})

    yield look_at
    visits.close()
