"""What every end-to-end test shares: a daemon of its own, whose loop was never slow."""

import pytest

from daemon import BINARY, Daemon
from site_nodes import Site


def pytest_configure(config):
    """A suite that cannot run is a failure, never a skip."""
    if not BINARY.exists():
        raise pytest.UsageError(f"{BINARY} is missing: make build")


@pytest.fixture
def daemon(tmp_path):
    """A running daemon with quick commits; at the end its loop lag is asserted."""
    running = Daemon(tmp_path, "commit_interval = 1\n").start()
    yield running
    running.finish()


@pytest.fixture
def site(tmp_path):
    """A site with a hub and one gateway; more may be added."""
    made = Site(tmp_path)
    hub = made.add("hub")
    made.add("north", founder=hub)
    yield made
    made.end()
