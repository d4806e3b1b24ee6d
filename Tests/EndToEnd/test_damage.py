"""Pages of the database that a disk has altered: every reading right, or the loss named."""

import os
import random

import pytest

from daemon import Daemon, Handover, wait_for
from link import Board

#: One process of several has what they share.
pytestmark = pytest.mark.xdist_group("damage")

PAGE = 4096
SEED = int(os.environ.get("BIVOUAC_SEED", "20261121"))
#: Damages of each kind, spread over the file. Whole pages are flipped in turn besides.
EACH = 60 if os.environ.get("BIVOUAC_SOAK") else 8
NOTICES = ("storage.altered", "storage.rebuilt", "storage.damaged")
REFUSALS = ("storage.damaged", "storage.not-ours", "storage.newer", "storage.other-node")


def _record(daemon, runs=2, commits=24):
    """Two runs of a daemon with a board; every reading as the API gives it."""
    chance = random.Random(1)
    for _ in range(runs):
        daemon.start()
        # Each batch is half of the ring: it is committed at once.
        board = Board(ring=80)
        Handover(daemon).give(board.slave)
        board.attach()
        for _ in range(commits):
            # Few large commits, whose bodies go on in pages of their own, among many small ones.
            for _ in range(30 if board.next == 400 else 1):
                values = [chance.randrange(-9999, 9999) for _ in range(40)]
                board.samples(values, ticks=1000 + board.next * 10)
            wait_for(lambda: board.durable == board.next)
        daemon.finish()
        board.close()
    daemon.start()
    found = _all(daemon)
    daemon.finish()
    assert len(found) == runs * (commits * 40 + 29 * 40)
    return found


def _fields(reading):
    names = ("device", "channel", "unit", "value", "epoch", "seq", "ticksMs", "nodeUs")
    return tuple(reading.get(name) for name in names)


def _all(daemon):
    return [_fields(reading) for reading in daemon.readings()]


def _asked(daemon, query):
    """(readings that came, the refusal or None), page by page."""
    found, cursor = [], ""
    while True:
        status, page = daemon.request("GET", f"/api/v1/readings?limit=500{query}{cursor}")
        if status != 200:
            return found, page
        found += [_fields(reading) for reading in page["readings"]]
        if "next" not in page:
            return found, None
        cursor = f"&cursor={page['next']}"


def _settled(daemon):
    """The daemon has ended, or has looked at everything stored."""
    if daemon.process.poll() is not None:
        return True
    try:
        status, body = daemon.request("GET", "/api/v1/status")
    except OSError:
        return False
    inspection = body["storage"]["inspection"] if status == 200 else {"state": "running"}
    failed = any("storage.inspection.failed" in line for line in daemon.log)
    return inspection["state"] == "done" or failed


def _said(daemon, database):
    """What a damage must leave behind: a log line and a notice that name table or file."""
    def lines():
        return [line for line in daemon.log if "storage.damage" in line]

    wait_for(lambda: any(str(database) in line and "what=" in line for line in lines()),
             what="a line that names it")
    notices = daemon.get("/api/v1/status")["notices"]
    told = [notice for notice in notices if notice["code"] in NOTICES]
    assert told and all(str(database) in notice["detail"] for notice in told), notices


def _judge(daemon, expected, where):
    """One start on an altered file: `refused`, `named` or `whole`; anything else fails."""
    database = daemon.state / "bivouac.db"
    daemon.log.clear()
    daemon.start(ready=False)
    wait_for(lambda: _settled(daemon), 30, f"a start or a refusal with {where}")
    if daemon.process.poll() is not None:
        log = "\n".join(daemon.log)
        assert daemon.process.returncode == 1, (where, log)
        wait_for(lambda: any("start.failed" in line for line in daemon.log), what=where)
        refusal = next(line for line in daemon.log if "start.failed" in line)
        assert any(f"code={code}" in refusal for code in REFUSALS), (where, refusal)
        assert str(database) in refusal, (where, refusal)
        return "refused"
    status = daemon.get("/api/v1/status")
    named = any(notice["code"] in NOTICES for notice in status["notices"])
    assert named or status["storage"]["inspection"]["damages"] == 0, (where, "counted, not named")
    # A clock fit that was in an altered entry is missing: then dates are as without it.
    fields = slice(0, 7 if named else 8)
    outcome = "whole"
    device = expected[0][0]
    for query in ("", f"&device={device}"):
        right = [
            reading[fields] for reading in expected if not query or reading[0] == device]
        found, refusal = _asked(daemon, query)
        found = [reading[fields] for reading in found]
        # A page before the damage may come; not one reading may be another, or left out.
        assert found == right[:len(found)], (where, query, "a false reading")
        if refusal is None:
            assert len(found) == len(right), (where, query, f"{len(found)} of {len(right)}")
            continue
        outcome = "named"
        # With the entries that remember a device it is itself unknown: that is named too.
        if query and named and refusal["code"] == "not-found":
            continue
        assert refusal["code"] == "storage.damaged", (where, refusal)
        assert "table hot" in refusal["detail"] and "commit" in refusal["detail"], (where, refusal)
        assert named, (where, "refused and not counted", refusal)
    if named:
        _said(daemon, database)
        outcome = "named"
    daemon.kill()
    return outcome


def _whole_pages(sound, _):
    for page in range(len(sound) // PAGE):
        start = page * PAGE
        flipped = bytes(byte ^ 0xFF for byte in sound[start:start + PAGE])
        yield f"page {page} inverted", sound[:start] + flipped + sound[start + PAGE:]


def _bits(sound, chance):
    for _ in range(4 * EACH):
        at, bit = chance.randrange(len(sound)), chance.randrange(8)
        altered = bytearray(sound)
        altered[at] ^= 1 << bit
        yield f"page {at // PAGE}, byte {at % PAGE}, bit {bit} flipped", bytes(altered)


def _heads(sound, chance):
    """The first bytes of a page say how many rows it has and where they lie."""
    for _ in range(2 * EACH):
        page = chance.randrange(1, len(sound) // PAGE)
        at, value = page * PAGE + chance.randrange(12), chance.randrange(256)
        altered = bytearray(sound)
        altered[at] = value
        yield f"page {page}, byte {at % PAGE} set to {value}", bytes(altered)


def _runs(sound, chance):
    # Many pages of a young file are empty tables, in which nothing is to be found.
    for _ in range(2 * EACH):
        at, count = chance.randrange(len(sound)), chance.randrange(2, 700)
        altered = bytearray(sound)
        altered[at:at + count] = chance.randbytes(len(altered[at:at + count]))
        yield f"page {at // PAGE}, byte {at % PAGE}: {count} random bytes", bytes(altered)


def _blank(sound, chance):
    for _ in range(EACH):
        page = chance.randrange(1, len(sound) // PAGE)
        yield f"page {page} zeroed", (
            sound[:page * PAGE] + bytes(PAGE) + sound[(page + 1) * PAGE:])


def _misdirected(sound, chance):
    """A disk that wrote a page to the place of another."""
    for _ in range(EACH):
        page, other = (chance.randrange(1, len(sound) // PAGE) for _ in range(2))
        yield f"page {other} in place of page {page}", (
            sound[:page * PAGE] + sound[other * PAGE:(other + 1) * PAGE]
            + sound[(page + 1) * PAGE:])


KINDS = [_whole_pages, _bits, _heads, _runs, _blank, _misdirected]


@pytest.fixture(scope="module", name="recorded")
def _recorded(tmp_path_factory):
    daemon = Daemon(tmp_path_factory.mktemp("damage"), "commit_interval = 1\n")
    expected = _record(daemon)
    return daemon, expected, (daemon.state / "bivouac.db").read_bytes()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__.strip("_"))
def test_what_the_disk_alters_is_right_or_named(recorded, kind):
    """Wherever bytes change: all readings right, or the damage is named, counted and seen."""
    daemon, expected, sound = recorded
    print(f"seed {SEED}, {len(sound) // PAGE} pages")
    counts = {"refused": 0, "named": 0, "whole": 0}
    for where, altered in kind(sound, random.Random(f"{SEED} {kind.__name__}")):
        for path in daemon.state.glob("bivouac.db*"):
            path.unlink()
        (daemon.state / "bivouac.db").write_bytes(altered)
        try:
            counts[_judge(daemon, expected, f"{where} (seed {SEED})")] += 1
        finally:
            if daemon.process.poll() is None:
                daemon.kill()
    print(f"{kind.__name__}: {counts}")
    assert counts["refused"] + counts["named"] > 0, "no damage was found at all"
