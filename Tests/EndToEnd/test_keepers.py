"""Readings go by their age once a keeper has proven to have them, and not before: a gateway whose
clocks the test moves, and a hub whose disk it alters."""

import sqlite3

import pytest

from daemon import Daemon, Simulation, wait_for
from moved_clock import MovedClock
from site_nodes import Cable, port

HOUR_US, DAY_US = 3_600_000_000, 86_400_000_000
SITE = 'commit_interval = 1\n[sync]\nlisten = ["127.0.0.1:0"]\nlabel = "{}"\n'
AGES = '[retention]\nraw = "1d"\nminutes = "1d"\nkeep_after_ack = "1d"\n'


class Field:
    """A gateway and the hub that keeps its readings, with a cable between them."""

    def __init__(self, folder):
        self.hub = Daemon(folder / "hub", SITE.format("hub")).start()
        self.clock = MovedClock(folder / "north")
        self.north = Daemon(folder / "north", SITE.format("north") + AGES, self.clock.environment)
        self.clock.reboot(0, True)
        self.north.environment.update(self.clock.environment)
        self.north.start()
        self.pair()

    def pair(self):
        self.hub.post("/api/v1/site", {"name": "Ferme"})
        self.cable = Cable(port(self.hub))
        invited = self.hub.post("/api/v1/invitations", {"url": self.cable.url})
        self.north.post("/api/v1/pairing", {"key": invited["link"]})

    def restart(self):
        """Another run of the gateway."""
        self.north.stop()
        self.north.start()

    def record(self):
        """Some seconds of a board, which the hub has too: then the run ends, and its commits become
        blocks."""
        before = self.sum("readings")
        simulation = Simulation(self.north)
        wait_for(lambda: self.sum("readings") > before + 8, 30, "readings of a board")
        simulation.end()
        self.north.settle()
        wait_for(lambda: self.peer().get("backlogRecords") == 0 or None, 20, "a hub that has all")
        self.cable.cut()
        self.restart()
        self.pass_us(2 * HOUR_US)
        wait_for(lambda: self.pass_us(60_000_000) or self.compaction()["ranges"] > 0, 20, "blocks")

    def pass_us(self, us):
        self.north.get("/api/v1/status")
        self.clock.pass_us(us)
        self.north.get("/api/v1/status")

    def status(self):
        return self.north.get("/api/v1/status")

    def sum(self, what):
        return self.status()["storage"][what]

    def compaction(self):
        return self.status()["storage"]["compaction"]

    def trimming(self):
        return self.status()["storage"]["trimming"]

    def peer(self):
        return self.north.get("/api/v1/sync")["peers"][0]

    def levels(self):
        """What is left of the gateway's blocks: how many at each level."""
        database = sqlite3.connect(f"file:{self.north.state}/bivouac.db?mode=ro", uri=True)
        try:
            return dict(database.execute("SELECT level, count(*) FROM block GROUP BY level"))
        finally:
            database.close()

    def later(self, condition, what, step_us=HOUR_US):
        """Waits while an hour after the other passes at the gateway."""
        return wait_for(lambda: condition() or self.pass_us(step_us), 40, what)

    def alter(self):
        """Ends the hub, and alters one commit of the gateway on its disk."""
        self.hub.stop()
        database = sqlite3.connect(self.hub.state / "bivouac.db")
        with database:
            key, body = database.execute(
                "SELECT id, body FROM hot WHERE id >= 4194304 << 40 ORDER BY id LIMIT 1 OFFSET 3"
            ).fetchone()
            altered = bytearray(body)
            altered[len(body) // 2] ^= 1
            database.execute("UPDATE hot SET body = ? WHERE id = ?", (bytes(altered), key))
        database.close()

    def stay_a_day_more(self):
        """What the hub has proven stays as long as is configured, and then goes, also with no hub
        and over a kill: what was proven is on the disk."""
        proven = self.peer()["provenRecords"]
        self.pass_us(2 * HOUR_US)
        assert self.trimming()["byAge"] == 0 and set(self.levels()) == {0}
        self.cable.cut()
        self.north.kill()
        self.north.start()
        assert self.peer()["provenRecords"] == proven
        self.later(lambda: self.trimming()["byAge"] > 0, "readings that went")
        assert 0 not in self.levels()

    def end(self):
        for node in (self.north, self.hub):
            if node.process.poll() is None:
                node.stop()
        self.cable.close()


def words(result):
    """What a command printed, however its lines were broken."""
    return " ".join(result.stdout.split())


@pytest.fixture
def field(tmp_path):
    made = Field(tmp_path)
    yield made
    made.end()


def test_readings_wait_for_the_hubs_proof_and_go_a_day_after_it(field):
    field.record()
    # The hub is cut off: they have their age, and wait.
    field.later(lambda: field.trimming()["waiting"] > 0, "readings that wait")
    for _ in range(6):
        field.pass_us(12 * HOUR_US)
    assert field.trimming()["byAge"] == 0
    assert set(field.levels()) == {0}
    retention = field.north.get("/api/v1/retention")
    assert retention["keepers"] == ["hub"] and retention["keepAfterAck"] == "1d"
    assert retention["waiting"] > 0
    said = words(field.north.command_line("retention"))
    assert "hub" in said and "wait for that proof" in said
    assert "attendent cette preuve" in words(field.north.command_line("retention", language="fr"))

    # It is back, proves what it has, and they stay a day more.
    field.cable.mend()
    field.later(lambda: field.peer().get("provenRecords"), "a proof", 60_000_000)
    peer = field.peer()
    assert 0 < peer["provenRecords"] <= peer["acknowledgedRecords"]
    table = field.north.command_line("sync").stdout
    assert "PROVEN" in table and "KEPT" in table
    assert "PROUVÉS" in field.north.command_line("sync", language="fr").stdout
    assert field.status()["sync"]["proofs"] > 0 and field.status()["sync"]["proofsFailed"] == 0
    field.stay_a_day_more()


def test_a_hub_whose_disk_altered_one_block_proves_it_not_and_it_is_told(field):
    field.record()
    field.alter()
    # It listens elsewhere now.
    field.hub.start()
    field.cable.port = port(field.hub)
    field.cable.mend()
    notice = field.later(
        lambda: next((n for n in field.status()["notices"] if n["code"] == "keeper.unproven"),
                     None), "a notice", 60_000_000)
    assert notice["parameters"]["peer"] == "hub" and int(notice["parameters"]["count"]) > 0
    assert "gardien" in field.north.command_line("status", language="fr").stdout
    field.pass_us(DAY_US)
    field.later(lambda: field.trimming()["waiting"] > 0, "readings that wait")
    for _ in range(4):
        field.pass_us(12 * HOUR_US)
    # The range with that block never went; it is the only one there is.
    assert field.peer()["provenRecords"] == 0
    assert set(field.levels()) == {0}
