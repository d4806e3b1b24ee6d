"""A board that goes to another gateway before it was told that the first one has its samples sends
its ring again: both nodes have both copies then, and every sample counts once. Real daemons."""

import json
import struct

import pytest

import stored
from daemon import Handover, wait_for
from link import Board
from site_nodes import readings

NORTH, HUB = 40, 25     # samples that the first gateway stores, and that are made after the move


def attach(node, board):
    """Plugs a board into a node, and waits until the node has taken it up."""
    Handover(node).give(board.slave, "board")
    board.attach()


def send(board, seqs):
    """Samples as the ring has them: number, ticks and value are the same whoever asks for them."""
    for first in range(seqs.start, seqs.stop, 5):
        part = range(first, min(first + 5, seqs.stop))
        board.samples([200 + 3 * seq for seq in part], ticks=1000 + 10 * first, first=first)


def test_samples_that_both_gateways_have_count_once_on_both(site):
    hub, north = site.nodes["hub"], site.nodes["north"]
    made = NORTH + HUB
    board = Board()
    device = "sim-" + struct.pack("<Q", board.identity).hex()
    attach(north, board)
    send(board, range(NORTH))
    wait_for(lambda: board.durable == NORTH, 20, "that the first gateway has them")
    board.close()

    # The acknowledgement was lost: nothing left the ring.
    moved = Board()
    moved.next = NORTH
    attach(hub, moved)
    send(moved, range(made))
    wait_for(lambda: moved.durable == made, 20, "that the second gateway has them")
    moved.close()
    north.post("/api/v1/sync/now")
    wanted = [(1, seq, "t", f"{(200 + 3 * seq) / 10:.1f}") for seq in range(made)]

    wait_for(lambda: readings(hub, device) == readings(north, device) == wanted or None, 30,
             "each sample once on both")
    for node in (hub, north):
        windows = node.get(f"/api/v1/readings?device={device}&channel=t&window=1h&agg=count,sum")
        assert sum(b["count"] for b in windows["buckets"]) == made
        total = sum(200 + 3 * seq for seq in range(made)) / 10
        assert sum(b["sum"] for b in windows["buckets"]) == pytest.approx(total)
        series = [s for s in node.get("/api/v1/series")["series"] if s["device"] == device]
        assert [s["count"] for s in series] == [made]
        lines = node.command_line("export", "--format", "jsonl").stdout.splitlines()
        exported = [item for item in map(json.loads, lines) if item["device"] == device]
        assert sorted(item["seq"] for item in exported) == list(range(made))
        node.stop()
        both = stored.read(node.state)[(stored.SIMULATED, device.removeprefix("sim-"), 1)]
        assert len(both.samples) == NORTH + made, "both copies are kept"
