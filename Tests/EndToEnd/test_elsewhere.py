"""What a node shows of devices that live elsewhere, when nothing new comes: after a restart, and after a
bundle."""

import pytest

from daemon import wait_for
from moved_clock import MovedClock
from site_nodes import Site, played, readings

HOUR_US = 3_600_000_000


class Clocks:
    """A clock for each of two machines; where nobody vouches for them they date nothing."""

    def __init__(self, folder, synchronised):
        self.is_synchronised = synchronised
        self.hub, self.north = MovedClock(folder / "hub-clock"), MovedClock(folder / "north-clock")
        for clock in (self.hub, self.north):
            clock.reboot(0, synchronised)

    def pass_us(self, us):
        """Time passes for both."""
        for clock in (self.hub, self.north):
            clock.pass_us(us)


@pytest.fixture(params=[True, False], ids=["synchronised", "unsynchronised"])
def clock(tmp_path, request):
    """The clocks of both nodes."""
    return Clocks(tmp_path, request.param)


@pytest.fixture
def pair(tmp_path, clock):
    """A hub and a gateway of its site."""
    site = Site(tmp_path)
    hub = site.add("hub", environment=clock.hub.environment, role="hub")
    north = site.add("north", founder=hub, environment=clock.north.environment)
    yield hub, north
    site.end()


def lasts(node, device):
    """The last values that a node shows of a device; None until each channel has one."""
    shown = node.devices().get(device)
    if shown is None or not shown["channels"]:
        return None
    values = {c["key"]: c["last"]["value"] for c in shown["channels"] if c.get("last")}
    return values if len(values) == len(shown["channels"]) else None


def heard_an_hour_ago(hub, device, clock):
    """An hour and a little, by a clock that is vouched for; by no other anything is said."""
    ago = hub.devices()[device].get("heardAgoMs")
    if not clock.is_synchronised:
        assert ago is None
        return
    assert 3_600_000 <= ago < 3_900_000
    line = next(line for line in hub.command_line("devices").stdout.splitlines() if "north" in line)
    assert "1 h" in line


def test_a_restart_shows_what_was_heard_before(pair, clock):
    hub, north = pair
    device = played(north)
    wait_for(lambda: readings(hub, device) == readings(north, device), 20, "even readings")
    before = wait_for(lambda: lasts(hub, device), 20, "last values")
    assert hub.devices()[device]["heardAgoMs"] < 60_000
    north.cable.cut()
    hub.stop()
    clock.pass_us(HOUR_US)
    hub.start()
    assert wait_for(lambda: lasts(hub, device), 20, "last values after the restart") == before
    heard_an_hour_ago(hub, device, clock)


def test_a_bundle_shows_when_its_devices_were_heard(pair, clock, tmp_path):
    hub, north = pair
    north.cable.cut()
    device = played(north)
    bundle = tmp_path / "north.bundle"
    north.command_line("sync", "export", str(bundle))
    clock.pass_us(HOUR_US)
    assert device not in hub.devices()
    hub.command_line("sync", "import", str(bundle))
    last = wait_for(lambda: lasts(hub, device), 20, "last values of the bundle")
    newest = {r["channel"]: r["value"] for r in north.readings(device=device, last=1)}
    assert last == newest
    heard_an_hour_ago(hub, device, clock)
