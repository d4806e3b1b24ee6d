"""Two nodes on a line that never lasts: what came of a push before a cut is kept, so that a line that
carries less at a time than is asked for at once still carries everything."""

import pytest

from daemon import Simulation, wait_for
from narrow_line import NarrowLine
from site_nodes import Site, port

#: Bytes that a line carries before it is cut: less than a push holds.
LASTS = 7_000
CUTS_MAX = 60


@pytest.fixture
def site(tmp_path):
    """A hub, and a gateway that was paired over a line of its own."""
    made = Site(tmp_path)
    hub = made.add("hub")
    made.line = NarrowLine(port(hub))
    made.add("north", founder=hub, url=made.line.url)
    yield made
    made.end()
    made.line.close()


def counts(node):
    """How many readings of each series a node shows: less to ask than the readings themselves."""
    return {(one["device"], one["channel"]): one["count"]
            for one in node.get("/api/v1/series")["series"]}


def count(node):
    """All of them."""
    return sum(counts(node).values())


def test_what_came_before_a_cut_counts_whichever_side_asks(site):
    hub, north, line = site.nodes["hub"], site.nodes["north"], site.line
    wait_for(lambda: north.get("/api/v1/sync")["peers"][0]["state"] == "even", 20, "a session")
    line.cut()
    boards = Simulation(north, "otomate-companion", count=12)
    wait_for(lambda: count(north) > 6_000, 90, "a backlog")
    boards.end()
    north.settle()
    line.mend()
    made = count(north)
    cuts, grew, before = 0, 0, 0
    while line.connected and cuts < CUTS_MAX:
        line.cut_after(LASTS, "up")
        north.post("/api/v1/sync/now")
        wait_for(lambda: not line.connected or count(hub) == made, 60,
                 "the cut, or all readings")
        if line.connected:
            break
        cuts += 1
        line.mend()
        now = count(hub)
        grew, before = grew + (now > before), now
    assert counts(hub) == counts(north), f"{before} of {made} after {cuts} cuts"
    assert cuts >= 3, "the backlog was too short to say anything"
    assert grew >= cuts // 2, f"of {cuts} lines {grew} brought something"
