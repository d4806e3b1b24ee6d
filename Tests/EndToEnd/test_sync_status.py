"""What `sync status` says of what waits: records, bytes and for how long, measured and not guessed."""

import sqlite3

from daemon import Simulation, wait_for


def stored(node):
    """Bytes of the bodies that this node has written."""
    base = sqlite3.connect(f"file:{node.state}/bivouac.db?mode=ro", uri=True)
    try:
        return sum(base.execute(f"SELECT coalesce(sum(length(body)), 0) FROM {table}").fetchone()[0]
                   for table in ("hot", "journal"))
    finally:
        base.close()


def peer(node):
    return wait_for(lambda: next((p for p in node.get("/api/v1/sync")["peers"]
                                  if p["label"] == "hub"), None), 10, "a peer")


def test_what_waits_is_told_in_records_bytes_and_time(site):
    north = site.nodes["north"]
    site.even()
    before = {}

    def is_even():
        """Nothing waits, and nothing was written meanwhile."""
        first, here = stored(north), peer(north)
        before["bytes"] = first
        # Of bytes nothing is said before both channels were compared.
        return here.get("backlogBytes") == here.get("backlogRecords") == 0 \
            and stored(north) == first

    wait_for(is_even, 20, "a hub that has all")
    north.cable.cut()
    # Whatever was written before the cut may have gone over it.
    wait_for(lambda: peer(north)["state"] == "unreachable", 10, "the cut")
    before["bytes"] = stored(north) - peer(north)["backlogBytes"]
    simulation = Simulation(north)
    wait_for(lambda: any(c.get("last") for d in north.devices().values() for c in d["channels"]),
             20, "a board")
    simulation.end()
    north.settle()
    waiting = peer(north)
    assert waiting["backlogRecords"] > 3
    assert waiting["backlogBytes"] == stored(north) - before["bytes"] > 0
    assert waiting["backlogSeconds"] >= 1 and waiting["state"] == "unreachable"
    told = north.command_line("sync", "status").stdout
    assert "SIZE" in told and "SINCE" in told and "hub" in told
    assert "TAILLE" in north.command_line("sync", "status", language="fr").stdout
    north.cable.mend()
    north.command_line("sync", "now")
    wait_for(lambda: peer(north).get("backlogRecords") == 0 or None, 30, "a hub that has all again")
    after = peer(north)
    assert after["backlogBytes"] == 0 and after.get("backlogSeconds") is None


def test_what_nobody_knows_is_not_told(site):
    north = site.nodes["north"]
    site.even()
    north.cable.cut()
    north.finish()
    north.start()
    # Since this start it has heard of nobody what it has.
    waiting = peer(north)
    assert waiting.get("backlogRecords") is None and waiting.get("backlogBytes") is None
    assert "?" in north.command_line("sync", "status").stdout
