"""Readings that are gone everywhere: a hub that is paired afterwards is told what they came to, and
tells it to a third that never met the gateway."""

import sqlite3

import pytest

from daemon import Daemon, Simulation, wait_for
from moved_clock import MovedClock
from site_nodes import Cable, port

HOUR_US = 3_600_000_000
NODE = 'commit_interval = 1\n[sync]\nlisten = ["127.0.0.1:0"]\nlabel = "{}"\n'
AGES = '[retention]\nraw = "1d"\nminutes = "1d"\n'
SCOPES = ["record", "state", "command", "people", "serve", "grant"]


class Field:
    """A gateway with some hours behind it whose readings went by their age."""

    def __init__(self, folder):
        self.folder, self.nodes, self.cables = folder, [], []
        clock = MovedClock(folder / "north")
        self.clock = clock
        self.north = Daemon(folder / "north", NODE.format("north") + AGES, clock.environment)
        clock.reboot(0, True)
        self.north.environment.update(clock.environment)
        self.nodes.append(self.north.start())
        self.north.post("/api/v1/site", {"name": "Ferme"})

    def pass_us(self, us):
        self.north.get("/api/v1/status")
        self.clock.pass_us(us)
        self.north.get("/api/v1/status")

    def storage(self):
        return self.north.get("/api/v1/status")["storage"]

    def record(self):
        """Runs of a board, hours apart; each becomes a range."""
        for run in range(2):
            before = self.storage()["readings"]
            simulation = Simulation(self.north, "otomate-companion")
            wait_for(lambda: self.storage()["readings"] > before + 60, 30, "readings of a board")
            simulation.end()
            self.north.settle()
            self.north.stop()
            self.north.start()
            self.pass_us(2 * HOUR_US)
            wait_for(lambda: self.pass_us(60_000_000) or self.storage()["compaction"]["ranges"] > 0,
                     20, f"blocks of run {run}")

    def levels(self):
        database = sqlite3.connect(f"file:{self.north.state}/bivouac.db?mode=ro", uri=True)
        try:
            return dict(database.execute("SELECT level, count(*) FROM block GROUP BY level"))
        finally:
            database.close()

    def let_go(self):
        """Days pass, until no reading is left."""
        wait_for(lambda: set(self.levels()) == {2} or self.pass_us(HOUR_US), 40, "readings that go")

    def join(self, name, founder):
        node = Daemon(self.folder / name, NODE.format(name)).start()
        self.nodes.append(node)
        cable = Cable(port(founder))
        self.cables.append(cable)
        invited = founder.post("/api/v1/invitations", {"url": cable.url, "scopes": SCOPES})
        node.post("/api/v1/pairing", {"key": invited["link"]})
        return node

    def end(self):
        for node in self.nodes:
            if node.process.poll() is None:
                node.stop()
        for cable in self.cables:
            cable.close()


@pytest.fixture
def field(tmp_path):
    made = Field(tmp_path)
    yield made
    made.end()


def sums(node):
    """What every series came to by quarter hours and minutes."""
    found = {}
    for one in node.get("/api/v1/series")["series"]:
        if not one.get("from_us"):
            continue
        query = f"device={one['device']}&channel={one['channel']}"
        for window in ("15m", "1m"):
            answer = node.get(f"/api/v1/readings?{query}&window={window}&agg=avg,min,max,sum,count")
            if answer["buckets"]:
                found[one["device"], one["channel"], window] = answer["buckets"]
    return found


def counted(found):
    return sum(bucket["count"] for (_, _, window), buckets in found.items() if window == "15m"
               for bucket in buckets)


def test_a_hub_that_comes_after_the_readings_went_has_their_sums_and_gives_them_on(field):
    field.record()
    before = counted(sums(field.north))
    field.let_go()
    there = sums(field.north)
    assert before > 100 and counted(there) >= before * 9 // 10     # texts have no windows
    assert all(bucket["basis"] == "rollup" for buckets in there.values() for bucket in buckets)
    hub = field.join("hub", field.north)
    wait_for(lambda: sums(hub) == there or None, 30, "the same sums at the hub")
    peer = hub.get("/api/v1/sync")["peers"][0]
    wait_for(lambda: hub.get("/api/v1/sync")["peers"][0]["state"] == "even", 20, "a link at rest")
    assert peer.get("conflicts", 0) == 0
    # The gateway is scrap: who comes now has it of the hub.
    field.north.kill()
    third = field.join("third", hub)
    wait_for(lambda: sums(third) == there or None, 30, "the same sums at the third")
    third.kill()
    third.start()
    assert sums(third) == there
