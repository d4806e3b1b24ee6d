"""The real C library on an ATmega2560 under simavr, in conversation with the real daemon.

The firmware is the Otomate's companion: 27 values a second, a loop of 66 ms that now and then
hangs for seconds, and printf between its frames. The board says from its own RAM what it made.
"""

import os
import struct
import sys
import time
from pathlib import Path

import pytest

from daemon import Handover, wait_for
from taken import never_excused

sys.path.insert(0, str(Path(__file__).parent / "rig"))
from avr import ATTACHED, AvrBoard  # noqa: E402

SOAK = os.environ.get("BIVOUAC_SOAK") == "1"


class Plugged:
    """A board on the daemon, as a simulated one: the pty is handed over."""

    def __init__(self, daemon, board):
        self.daemon, self.board = daemon, board
        self.give()

    def give(self):
        """Hands the board's present pty over."""
        slave = os.open(self.board.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            Handover(self.daemon).give(slave, "otomate")
        finally:
            os.close(slave)

    def attached(self, seconds=20):
        """Waits until board and daemon talk, and gives the board's status."""
        return wait_for(
            lambda: (lambda s: s["state"] == ATTACHED and s)(self.board.status()), seconds,
            "an attached board")

    @property
    def device(self):
        """The daemon's view of the board as it now calls itself."""
        return self.daemon.devices()[identity(self.board.status()["id"])]


def running(board, after):
    """Waits until a later epoch than `after` is attached, and gives the board's status."""
    return wait_for(
        lambda: (lambda s: s["state"] == ATTACHED and s["epoch"] > after and s)(board.status()),
        20, f"an epoch after {after}")


def identity(number):
    """The daemon's name of a board's id."""
    raw = number if isinstance(number, int) else int(str(number), 16)
    return "sim-" + struct.pack("<Q", raw).hex()


def stored(daemon):
    """The stored samples of every (device, epoch), each with its numbers in order."""
    books = {}
    for reading in daemon.readings():
        books.setdefault((reading["device"], reading["epoch"]), []).append(reading["seq"])
    return books


@never_excused()
def assert_books(daemon, board, ring):
    """made = stored + declared gaps + unknown tails, with no number twice."""
    books = stored(daemon)
    for (number, epoch), made in board.made().items():
        seqs = books.get((identity(number), epoch), [])
        assert len(seqs) == len(set(seqs)), f"epoch {epoch}: a sample is stored twice"
        assert seqs == sorted(seqs), f"epoch {epoch}: out of order"
        missing = made - len(seqs)
        assert 0 <= missing <= ring, f"epoch {epoch}: made {made}, stored {len(seqs)}"


@pytest.fixture
def ring():
    """Samples that the firmware's ring holds."""
    return 512


def scans_made(seconds, calibrates):
    """The scans that the firmware makes in so long: one a second, and none while its loop hangs.

    After every 45th scan it hangs for 2, 3 or 4 s in turn; seconds that passed are not made up for.
    """
    scans = calibrations = at = 0
    while at < seconds:
        scans += 1
        if calibrates and scans % 45 == 0:
            at += 2 + calibrations % 3
            calibrations += 1
        else:
            at += 1
    return scans


def assert_nothing_missing(daemon, plugged, begun, seconds, calibrates):
    """Every scan that the board should have made by its own clock is stored, once and in order."""
    status, device = plugged.board.status(), plugged.device
    assert device["link"]["samplesDeclaredLost"] == 0
    assert device["link"]["samplesUnknownTail"] == 0
    assert status["lost"] == 0
    # By the board's own time: on a busy machine the emulator runs behind the wall clock.
    ran = status["simulated_s"] - begun["simulated_s"]
    assert ran > seconds / 2, "the emulator could not keep up at all"
    made = status["made"]
    assert abs(made - 27 * scans_made(ran, calibrates)) <= 2 * 27, "not 27 values a second"
    wait_for(lambda: max(r["seq"] for r in daemon.readings(device=device["id"], last=1))
             >= made - 1, 20, "the last scan on disk")
    seqs = [r["seq"] for r in daemon.readings(device=device["id"])]
    assert seqs == list(range(len(seqs))), "a sample is missing, doubled or out of order"
    assert len({c["key"] for c in device["channels"]}) == 27
    print(f"{made} samples in {ran:.1f} s of its own, {device['link']}")


def test_27_values_a_second_without_a_gap(daemon, tmp_path):
    """A minute (ten in soak) of two boards, of which one's loop hangs, and not one GAP."""
    seconds = 600 if SOAK else 60
    folders = [tmp_path / name for name in ("hangs", "steady")]
    for folder in folders:
        folder.mkdir()
    with AvrBoard(folders[0], seed=27) as hanging, \
            AvrBoard(folders[1], "otomate-steady", seed=28) as steady:
        boards = [Plugged(daemon, board) for board in (hanging, steady)]
        begun = [plugged.attached() for plugged in boards]
        time.sleep(seconds)  # the duration is what is tested, not a synchronisation
        for plugged, start, calibrates in zip(boards, begun, (True, False)):
            assert_nothing_missing(daemon, plugged, start, seconds, calibrates)


def test_a_command_with_a_lease(daemon, tmp_path):
    """A relay is switched from the API, acknowledged by the board, and falls back by itself."""
    with AvrBoard(tmp_path, "otomate-steady") as board:
        plugged = Plugged(daemon, board)
        plugged.attached()
        device = plugged.device
        issued = daemon.post(f"/api/v1/devices/{device['id']}/commands",
                             {"name": "d1", "arguments": ["1"], "leaseMs": 3000})
        wait_for(lambda: daemon.get(f"/api/v1/commands/{issued['id']}")["state"] == "acked")

        def relay(value):
            last = {c["key"]: c.get("last") for c in plugged.device["channels"]}["d1"]
            return last and last["value"] == value

        wait_for(lambda: relay("1"), 10, "the relay on")
        wait_for(lambda: relay("0"), 10, "the relay back in its safe state")


def test_unplugged_replugged_and_killed(daemon, tmp_path, ring):
    """Pulled plugs, resets and kill -9 of the daemon: the books balance."""
    with AvrBoard(tmp_path, "otomate-steady", seed=11) as board:
        plugged = Plugged(daemon, board)
        plugged.attached()
        wait_for(lambda: board.status()["made"] > 60)
        board.reset()
        running(board, after=1)
        board.unplug()
        wait_for(lambda: all(d["state"] == "absent" for d in daemon.devices().values()))
        board.plug()
        plugged.give()
        plugged.attached()
        daemon.kill()
        daemon.start()
        plugged.give()
        plugged.attached()
        now = board.status()
        wait_for(lambda: len(stored(daemon).get((identity(now["id"]), now["epoch"]), []))
                 >= now["made"], 20, "the samples on disk")
        assert_books(daemon, board, ring)
        assert len({device for device, _ in stored(daemon)}) == 1, "one board, one identity"


def test_an_erased_eeprom_is_a_new_board(daemon, tmp_path, ring):
    """The id is gone: a new one is given, and nothing is filed under the old one again."""
    with AvrBoard(tmp_path, "otomate-steady", seed=12) as board:
        plugged = Plugged(daemon, board)
        first = plugged.attached()["id"]
        wait_for(lambda: board.status()["made"] > 30)
        board.erase_eeprom()
        second = wait_for(lambda: (lambda s: s["state"] == ATTACHED and s["id"] != first
                                   and s["id"])(board.status()), 20, "another id")
        wait_for(lambda: any(d == identity(second) for d, _ in stored(daemon)))
        assert_books(daemon, board, ring)


def test_brown_outs_at_ten_a_second(daemon, tmp_path, ring):
    """Power that comes and goes burns no epoch and writes no EEPROM; then all goes on."""
    with AvrBoard(tmp_path, "otomate-steady", seed=13) as board:
        plugged = Plugged(daemon, board)
        first = plugged.attached()
        board.reset()
        before = running(board, after=first["epoch"])
        board.brown_out(10, 50)
        after = running(board, after=before["epoch"])
        assert after["id"] == before["id"]
        assert after["epoch"] == before["epoch"] + 1, "a brown-out burnt an epoch"
        wait_for(lambda: any(e == after["epoch"] for _, e in stored(daemon)))
        assert_books(daemon, board, ring)


def test_ticks_wrap_after_49_7_days(daemon, tmp_path):
    """The board's millisecond counter wraps 10 s after its start: time goes on."""
    with AvrBoard(tmp_path, "otomate-wrap", seed=14) as board:
        plugged = Plugged(daemon, board)
        plugged.attached()
        wait_for(lambda: board.status()["made"] > 27 * 15, 60, "15 s of scans")
        device = plugged.device["id"]
        ticks = [r["ticksMs"] for r in daemon.readings(device=device, channel="in_temp")]
        assert ticks == sorted(ticks)
        assert min(ticks) < 2**32 <= max(ticks)
        steps = [b - a for a, b in zip(ticks, ticks[1:])]
        assert max(steps) < 6000, "a hole where the counter wrapped"
