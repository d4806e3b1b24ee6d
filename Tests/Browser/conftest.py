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
    from browser_node import Simulation
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


@pytest.fixture
def visit(browser, daemon):
    """Opens the page as a reader of a language; whatever its console complains of fails the test.

    What fails on the network is told there by the browser itself: `cut` allows that.
    """
    opened = []

    def open_page(language="en-GB", width=1440, scheme="light", url=None, cut=False, **fields):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, locale=language, color_scheme=scheme,
            **fields)
        page = context.new_page()
        complaints = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text)
                if message.type in ("error", "warning")
                and not (cut and "Failed to load resource" in message.text) else None)
        page.on("request", lambda request: complaints.append(f"outside: {request.url}")
                if not request.url.startswith((daemon.url, "data:")) else None)
        opened.append((context, complaints))
        page.goto(url or daemon.url)
        return page

    yield open_page
    for context, complaints in opened:
        context.close()
        assert complaints == []
