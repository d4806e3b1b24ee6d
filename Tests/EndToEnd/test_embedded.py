"""The board in Embedded Swift, bare metal on an emulated riscv32, in conversation with the real daemon.

The firmware is firmware-spec/embedded-swift, made of the files of Sources/Protocol. What it made
and lost is read from its RAM; its samples are a function of epoch and seq, so that every value is
checked.
"""

import os
import random
import struct
import sys
import tty
from pathlib import Path

import pytest

from daemon import Handover, wait_for
from link import frame
from proxy import FAULTS
from rig_faults import Rig
import stored
from taken import never_excused

sys.path.insert(0, str(Path(__file__).parent / "rig"))
from embedded import RING, EmbeddedBoard, expected  # noqa: E402

SOAK = os.environ.get("BIVOUAC_SOAK") == "1"
TIMES = 10 if SOAK else 1
RESET_TO_BOOT = 0x15


class Plugged:
    """A board on the daemon, as a simulated one: the pty is handed over before the board starts."""

    def __init__(self, daemon, board):
        self.daemon, self.board = daemon, board
        self.give()
        board.start()

    def give(self):
        """Hands the board's present pty over."""
        slave = os.open(self.board.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            Handover(self.daemon).give(slave, "embedded")
        finally:
            os.close(slave)

    def replug(self):
        """Power and line again."""
        self.board.plug()
        self.give()
        self.board.start()

    def attached(self, after=0, seconds=20):
        """Waits until board and daemon talk in an epoch after `after`; the board's status."""
        return wait_for(
            lambda: (lambda s: s["attached"] and s["epoch"] > after and s)(self.board.status()),
            seconds, f"an attached board after epoch {after}")

    @property
    def device(self):
        """The daemon's view of the board as it now calls itself, once its descriptor was read."""
        name = f"sim-{self.board.identity}"
        return wait_for(
            lambda: (lambda d: d and len(d.get("channels", [])) > 5 and d)(
                self.daemon.devices().get(name)), what=f"a described {name}")


def drained(daemon, board, seconds=20):
    """Has the board sample no more, till its power is cut, and waits until all is on disk."""
    made = board.pause()

    def look():
        # A board that was stopped before its first sample has nothing on disk, and misses nothing.
        key = (stored.SIMULATED, made["id"], made["epoch"])
        return stored.read(daemon.state).get(key, stored.Epoch()).next() >= made["made"]

    wait_for(look, seconds, f"{made['made']} samples on disk")


def assert_books(daemon, board):
    """made = stored + declared gaps + unknown tails; each sample once, in order, and right."""
    drained(daemon, board)
    return _balanced(daemon, board)


@never_excused()
def _balanced(daemon, board):
    now = board.status()
    found = stored.read(daemon.state)
    for run in [*board.epochs, now]:
        where = f"epoch {run['epoch']} of {run}"
        book = found.pop((stored.SIMULATED, run["id"], run["epoch"]), stored.Epoch())
        known, tail = book.next(), book.count(stored.TAIL)
        assert book.count(stored.SAMPLES) == len(book.samples), where
        assert book.count(stored.GAP) <= run["lost"], where
        assert known <= run["made"] <= known + tail + run["lost"], f"{where}: {known}, {tail}"
        assert tail in (0, RING), where
        ticks = [sample[1] for sample in book.samples]
        assert ticks == sorted(ticks), where
        for seq, _, key, value in book.samples:
            assert (key, value) == expected(run["epoch"], seq), f"{where}: {seq} is {key} {value}"
    assert not found, f"epochs that never ran: {list(found)}"
    book = stored.read(daemon.state)[(stored.SIMULATED, now["id"], now["epoch"])]
    assert book.next() == now["made"] and book.count(stored.TAIL) == 0
    return book


@pytest.fixture
def make_board(tmp_path):
    """Makes boards whose machines end with the test."""
    made = []

    def make(**arguments):
        made.append(EmbeddedBoard(tmp_path / f"board{len(made)}", **arguments))
        return made[-1]

    yield make
    for board in made:
        board.__exit__(None)


def test_a_new_board_is_provisioned_described_and_stored(daemon, make_board, capsys):
    """An id, a descriptor, and 300 samples a second: all on disk, once, in order, none lost."""
    board = make_board(rate=300)
    plugged = Plugged(daemon, board)
    begun = plugged.attached()
    assert begun["epoch"] == 1
    device = plugged.device
    assert [c["key"] for c in device["channels"]] == ["a", "b", "c", "d", "f", "valve"]
    assert {c["unit"] for c in device["channels"][:4]} == {"Cel"}
    assert [c["name"] for c in device["commands"]] == ["mark", "valve"]
    assert device["model"] == "Embedded Swift board"
    later = wait_for(lambda: (lambda s: s["made"] >= begun["made"] + 1500 and s)(board.status()),
                     20, "1500 samples")
    made, ms = (later[key] - begun[key] for key in ("made", "ticks"))
    # Only where the machine held the emulator up for longer than it makes up for are there fewer.
    assert 0.25 <= made / ms <= 0.301, f"{made} samples in {ms} ms are not 300 a second"
    book = assert_books(daemon, board)
    status = board.status()
    assert status["lost"] == 0 and book.count(stored.GAP) == 0
    assert (status["malformed"], status["corrupt"]) == (0, 0), status
    board.stop()
    with capsys.disabled():
        print(f"\n  stack: {board.stack_bytes} bytes at most, the session in it")


def test_a_command_is_carried_out_once(daemon, make_board):
    """Two commands, of which one takes its time; one that is not understood is refused."""
    board = make_board(rate=20)
    plugged = Plugged(daemon, board)
    plugged.attached()
    path = f"/api/v1/devices/{plugged.device['id']}/commands"
    for number in (11, 12):
        issued = daemon.post(path, {"name": "mark", "arguments": [str(number)]})
        final = wait_for(lambda: (lambda c: c["state"] == "acked" and c)(
            daemon.get(f"/api/v1/commands/{issued['id']}")), what="an acknowledgement")
        assert final["value"] == number
    status, _ = daemon.request("POST", path, {"name": "valve", "arguments": ["7"]})
    assert status in (400, 422), "an argument out of the descriptor's range"
    board.status()
    assert [run["number"] for run in board.runs] == [11, 12]


def test_a_lease_ends_in_the_safe_state(daemon, make_board):
    """A valve is opened from the API, and closes by itself: also after the daemon is killed."""
    board = make_board(rate=0)
    plugged = Plugged(daemon, board)
    plugged.attached()
    path = f"/api/v1/devices/{plugged.device['id']}/commands"

    def opened(lease_ms):
        issued = daemon.post(path, {"name": "valve", "arguments": ["1"], "leaseMs": lease_ms})
        wait_for(lambda: daemon.get(f"/api/v1/commands/{issued['id']}")["state"] == "acked")
        return wait_for(lambda: (lambda s: s["valve"] and s)(board.status()), what="an open valve")

    began = opened(1000)["ticks"]
    closed = wait_for(lambda: (lambda s: not s["valve"] and s)(board.status()), what="a close")
    assert closed["ticks"] - began < 1500
    values = []

    def told():
        values[:] = [r["value"] for r in daemon.readings(channel="valve")]
        return len(values) >= 2

    wait_for(told, what="both moves on disk")
    assert values == ["1", "0"]
    opened(1500)
    daemon.kill()
    wait_for(lambda: not board.status()["valve"], what="a close without a host")
    daemon.start()
    plugged.give()
    plugged.attached()
    wait_for(lambda: told() and len(values) == 4, what="all moves on disk")
    assert values == ["1", "0", "1", "0"]


def test_unplugged_replugged_reset_and_killed(daemon, make_board):
    """Resets, power cuts and kill -9 of the daemon: one board, one id, and the books balance."""
    board = make_board(rate=100)
    plugged = Plugged(daemon, board)
    plugged.attached()
    wait_for(lambda: board.status()["made"] > 200)
    board.reset()
    first = plugged.attached(after=1)
    wait_for(lambda: board.status()["made"] > 50)
    board.unplug()
    wait_for(lambda: all(d["state"] == "absent" for d in daemon.devices().values()))
    plugged.replug()
    plugged.attached(after=first["epoch"])
    daemon.kill()
    daemon.start()
    plugged.give()
    plugged.attached()
    wait_for(lambda: board.status()["made"] > 50)
    assert_books(daemon, board)
    epochs = [run["epoch"] for run in board.epochs] + [board.status()["epoch"]]
    assert epochs == sorted(set(epochs)) and len(epochs) == 3
    assert {run["id"] for run in board.epochs} == {board.identity}


def test_a_full_ring_declares_its_gap(daemon, make_board):
    """Nobody listens for longer than the ring lasts: what it dropped is declared, to the sample."""
    board = make_board(rate=800)
    plugged = Plugged(daemon, board)
    plugged.attached()
    wait_for(lambda: board.status()["made"] > 400)
    daemon.kill()
    wait_for(lambda: board.status()["lost"] > 300, what="a full ring")
    daemon.start()
    plugged.give()
    plugged.attached()
    book = assert_books(daemon, board)
    # What a full ring drops while it is being read is either declared or was sent already.
    assert 0 < book.count(stored.GAP) <= board.status()["lost"]
    assert book.count(stored.GAP) + len(book.samples) == board.status()["made"]


def test_torn_and_erased_records(daemon, make_board):
    """Power fails while a record is written: the id stays, no epoch comes twice. Erased: a new id."""
    board = make_board(rate=100)
    plugged = Plugged(daemon, board)
    identity = plugged.attached()["id"]
    board.unplug()
    plugged.replug()
    known = plugged.attached(after=1)
    for count in (0, 13):
        board.unplug()
        # The one that the next boot writes first; what it had to say may have been one epoch ahead.
        older = min(range(2), key=lambda slot: board.records()[slot][1])
        board.tear_record(older, count)
        plugged.replug()
        now = plugged.attached(after=known["epoch"])
        assert (now["id"], now["epoch"]) == (identity, known["epoch"] + 2)
        known = now
    drained(daemon, board)
    board.unplug()
    assert all(board.records())
    board.erase_flash()
    plugged.replug()
    fresh = wait_for(lambda: (lambda s: s["attached"] and s["id"] != identity and s)(
        board.status()), 20, "another id")
    assert fresh["epoch"] == 1
    wait_for(lambda: board.status()["made"] > 0, what="a sample under the new id")
    assert_books(daemon, board)


def test_two_boards_of_one_firmware_are_two_devices(daemon, make_board):
    """Flashed alike, they differ from the moment that each was given its id."""
    boards = [make_board(rate=50) for _ in range(2)]
    plugged = [Plugged(daemon, board) for board in boards]
    for each in plugged:
        each.attached()
    assert boards[0].identity != boards[1].identity
    assert len(daemon.devices()) == 2
    assert daemon.get("/api/v1/questions") == []


def test_ticks_wrap_after_49_7_days(daemon, make_board):
    """The board's millisecond counter wraps 4 s after its start: time goes on."""
    board = make_board(rate=50, first_ticks=2**32 - 4000)
    plugged = Plugged(daemon, board)
    plugged.attached()
    wait_for(lambda: board.status()["made"] > 50 * 4, 20, "4 s of samples")
    book = assert_books(daemon, board)
    ticks = [sample[1] for sample in book.samples]
    assert min(ticks) < 2**32 <= max(ticks)
    assert max(b - a for a, b in zip(ticks, ticks[1:])) < 1000, "a hole where it wrapped"


def test_reset_to_boot_restarts_the_board(make_board):
    """The one frame that every version understands, if it carries the board's id."""
    board = make_board()
    line = os.open(board.path, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(line)
    board.start()
    wait_for(lambda: board.status()["ticks"] > 2100, what="the end of Quiet")
    for identity in (1, 0):
        os.write(line, b"\0" + frame(bytes([RESET_TO_BOOT]) + struct.pack("<Q", identity) + b"BOOT"))
        if identity:
            wait_for(lambda: board.status()["ignored"] == 1, what="a frame for another board")
    wait_for(lambda: board.status()["boots"] == 2, what="a restart")
    os.close(line)


# Faults on the line, by the same rig as the C library.

@pytest.fixture
def build(tmp_path):
    """Makes rigs of which no process outlives the test."""
    rigs = []

    def make(seed, lines):
        print(f"seed {seed}")
        lines = [{"board": EmbeddedBoard, "ring": RING, **line} for line in lines]
        rigs.append(Rig(tmp_path / f"rig{len(rigs)}", seed, lines))
        return rigs[-1]

    yield make
    for rig in rigs:
        print("\n".join(rig.daemon.log[-400:]))
        rig.abandon()


def _ending(rig, capsys):
    totals = rig.check(rig.settle())
    totals["commands"] = rig.check_commands()
    with capsys.disabled():
        print(f"\n  seed {rig.seed}: {totals}")
    return totals


@pytest.mark.parametrize("seed", range(500, 500 + TIMES))
def test_all_kinds_of_faults(build, capsys, seed):
    """Bytes lost, flipped, doubled, late, and in bursts: all comes through."""
    rig = build(seed, [{"rate": 1000, "faults": {kind: 5000 for kind in FAULTS}},
                       {"rate": 300, "faults": {kind: 1000 for kind in FAULTS}}])
    # By what happened, not by the clock: a machine that stands still for a minute tests nothing.
    rig.run(120, until=lambda: all(line.up.struck > 50 for line in rig.lines))
    totals = _ending(rig, capsys)
    assert totals["struck"] > 100 and totals["tails"] == 0


@pytest.mark.parametrize("seed", range(520, 520 + TIMES))
def test_unplugged_reset_and_killed_at_a_byte(build, capsys, seed):
    """In either direction, at any byte, with faults besides."""
    choice = random.Random(f"embedded {seed}")
    lines = []
    for actions in (("unplug", "kill", "unplug"), ("reset", "unplug", "reset")):
        events = [("up", choice.randrange(1, 4000), action) for action in actions]
        lines.append({"rate": 500, "events": events, "faults": {"flip": 3000, "drop": 3000}})
    rig = build(seed, lines)
    rig.run(120, until=lambda: not any(line.events for line in rig.lines) and not rig.killed)
    totals = _ending(rig, capsys)
    assert (totals["kills"], totals["unplug"], totals["reset"]) == (1, 3, 2)
