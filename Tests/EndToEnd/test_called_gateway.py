"""A gateway that calls nobody: the hub that keeps its readings calls it, and offers the proofs that
let them go by their age. Whoever lies there is not believed."""

import pytest

from caller import Caller, Over, Refused
from daemon import Daemon, wait_for
from site_nodes import Cable, port
from test_keepers import HOUR_US, SITE, Field

SECOND_US = 1_000_000
KEEPER = ["record", "state", "serve", "keeper"]


class Called(Field):
    """The gateway has founded the site, and knows no address of the hub."""

    def pair(self):
        made = self.north.post("/api/v1/site", {"name": "Ferme"})
        self.site = bytes.fromhex(made["site"]["site"])
        self.cable = Cable(port(self.north))
        self.invite(self.hub, KEEPER)

    def invite(self, node, scopes):
        invited = self.north.post(
            "/api/v1/invitations", {"url": self.cable.url, "scopes": scopes})
        node.post("/api/v1/pairing", {"key": invited["link"]})

    def restart(self):
        super().restart()
        # It listens elsewhere now.
        self.cable.port = port(self.north)

    def proofs(self):
        """Proven, failed, refused."""
        sync = self.status()["sync"]
        return sync["proofs"], sync["proofsFailed"], sync["proofsRefused"]

    def caller(self, node, version=2):
        """Somebody who has the key of a node that does not run."""
        node.stop()
        return Caller(port(self.north), (node.state / "node.key").read_bytes(), self.site, version)

    def days_pass(self):
        for _ in range(6):
            self.pass_us(12 * HOUR_US)
        self.later(lambda: self.trimming()["waiting"] > 0, "readings that wait")


@pytest.fixture
def field(tmp_path):
    made = Called(tmp_path)
    yield made
    made.end()


def test_readings_go_a_day_after_the_proof_of_a_hub_that_calls(field):
    field.record()
    assert all("url" not in peer for peer in field.north.get("/api/v1/sync")["peers"])
    field.days_pass()
    assert field.trimming()["byAge"] == 0 and set(field.levels()) == {0}

    # It calls again, proves what it has, and they stay a day more.
    field.cable.mend()
    wait_for(lambda: field.peer().get("provenRecords"), 40, "a proof")
    peer = field.peer()
    assert 0 < peer["provenRecords"] <= peer["acknowledgedRecords"]
    proven, failed, refused = field.proofs()
    assert proven > 0 and failed == 0 and refused == 0
    assert not field.status()["notices"]
    field.stay_a_day_more()


def test_a_hub_that_calls_with_an_altered_disk_proves_nothing(field):
    field.record()
    field.alter()
    field.cable.mend()
    field.hub.start()
    notice = wait_for(
        lambda: next((n for n in field.status()["notices"] if n["code"] == "keeper.unproven"),
                     None), 40, "a notice")
    assert notice["parameters"]["peer"] == "hub" and int(notice["parameters"]["count"]) > 0
    field.days_pass()
    # The range with that block never went; it is the only one there is.
    assert field.peer()["provenRecords"] == 0
    assert field.trimming()["byAge"] == 0 and set(field.levels()) == {0}


def test_what_a_keeper_makes_up_repeats_or_says_too_late_is_not_believed(field):
    field.record()
    caller = field.caller(field.hub)
    assert caller.offer() is None, "who has told nothing is asked nothing"
    caller.claim()
    field.pass_us(31 * SECOND_US)
    first = caller.offer()
    assert first.count > 0
    # Made up.
    assert caller.send(caller.proof(first)) == b"\0"
    assert field.proofs() == (0, first.count, 0)
    assert "keeper.unproven" in {notice["code"] for notice in field.status()["notices"]}

    # Asked again: with a number of its own, and an answer to the first does not count.
    field.pass_us(11 * 60 * SECOND_US)
    second = caller.offer()
    assert second.nonce != first.nonce
    with pytest.raises(Refused, match="other-question"):
        caller.send(caller.proof(second, nonce=first.nonce))
    with pytest.raises(Refused, match="no-question"):
        caller.send(caller.proof(second))
    assert field.proofs() == (0, first.count, 2)

    # Too late; and not at all.
    field.pass_us(31 * SECOND_US)
    third = caller.offer()
    field.pass_us(121 * SECOND_US)
    with pytest.raises(Refused, match="late"):
        caller.send(caller.proof(third))
    assert caller.offer().count > 0
    field.pass_us(31 * SECOND_US)
    last = caller.offer()
    assert field.proofs() == (0, first.count, 4)

    # The same message twice ends the session.
    message = caller.proof(last, [None] * last.count)
    caller.send(message)
    with pytest.raises(Over):
        caller.send(message)
    with pytest.raises(Over):
        caller.offer()
    field.days_pass()
    assert field.peer()["provenRecords"] == 0
    assert field.trimming()["byAge"] == 0 and set(field.levels()) == {0}


def test_who_is_no_keeper_proves_nothing_and_version_1_knows_no_offers(field, tmp_path):
    field.record()
    field.cable.mend()
    field.hub.stop()
    east = Daemon(tmp_path / "east", SITE.format("east")).start()
    field.invite(east, ["record", "state", "serve"])
    caller = field.caller(east)
    caller.claim()
    with pytest.raises(Refused, match="no-keeper"):
        caller.offer()
    assert field.proofs() == (0, 0, 1)
    caller.claim()

    earlier = Caller(port(field.north), (field.hub.state / "node.key").read_bytes(), field.site, 1)
    assert earlier.version == 1
    earlier.claim()
    with pytest.raises(Over):
        earlier.offer()
