"""What the hot-plug suite shares: one emulated bus a test, and the end-to-end harness."""

import os
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "Tests/EndToEnd"))


def pytest_configure(config):
    """A suite that cannot run is a failure, never a skip."""
    from daemon import BINARY
    if not BINARY.exists():
        raise pytest.UsageError(f"{BINARY} is missing: make build")
    if "umockdev" not in os.environ.get("LD_PRELOAD", ""):
        raise pytest.UsageError(
            "run it as: umockdev-wrapper /usr/bin/python3 -m pytest Tests/Hotplug")


@pytest.fixture
def bus():
    """An empty bus."""
    from usb import Bus
    bus = Bus()
    yield bus
    bus.clear()


@pytest.fixture
def make_node(bus, tmp_path):
    """Makes daemons on the bus; at the end of the test the loop of each was never slow."""
    from node import Node, finishing
    with finishing() as made:

        def make(*arguments, **fields):
            made.append(Node(tmp_path / f"node{len(made)}", bus, *arguments, **fields))
            return made[-1]

        yield make


@pytest.fixture
def node(make_node):
    """A running daemon without configuration."""
    return make_node().start()


@pytest.fixture
def make_board():
    """Makes boards with companion firmware, as `PluggedBoard` describes them."""
    from node import PluggedBoard
    made = []

    def make(*arguments, **fields):
        made.append(PluggedBoard(*arguments, **fields))
        return made[-1]

    yield make
    for board in made:
        board.close()
