"""What the hot-plug suite shares: one emulated bus a test, and the end-to-end harness."""

import os
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "Tests/EndToEnd"))


def pytest_configure(config):
    """A suite that cannot run is a failure, never a skip."""
    if "umockdev" not in os.environ.get("LD_PRELOAD", ""):
        raise pytest.UsageError("run it as: umockdev-wrapper /usr/bin/python3 -m pytest Tests/Hotplug")


@pytest.fixture
def bus():
    """An empty bus."""
    from usb import Bus
    bus = Bus()
    yield bus
    bus.clear()
