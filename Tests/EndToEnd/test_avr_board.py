"""A real AVR alone: its EEPROM when power fails in mid-record or at 10 Hz, its receive ring when
more comes than it may.

No daemon here: a few frames are enough to give a board its identity, and its RAM says the rest.
"""

import os
import select
import struct
import sys
import time
import tty
from pathlib import Path

import pytest

from daemon import wait_for
from link import HELLO, PROVISION, TIME, TIME_REPLY, frame, unframe

sys.path.insert(0, str(Path(__file__).parent / "rig"))
from avr import QUIET, AvrBoard  # noqa: E402

ID = 0x1122334455667788


def hear(line, kind=HELLO, seconds=10.0):
    """The body of the next message of a kind on an open line; None if none comes in time, however
    much else does."""
    buffer, deadline = b"", time.monotonic() + seconds
    while select.select([line], [], [], max(0, deadline - time.monotonic()))[0]:
        buffer += os.read(line, 4096)
        *segments, buffer = buffer.split(b"\0")
        for segment in segments:
            body = unframe(segment)
            if body and body[0] == kind:
                return body
        if time.monotonic() > deadline:
            break
    return None


@pytest.fixture
def board(tmp_path):
    """A board that was just given an identity; its time runs as fast as this machine can."""
    with AvrBoard(tmp_path, "otomate-steady", seed=5, paced=False) as made:
        line = os.open(made.path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(line)
        hello = hear(line)
        assert hello, "the board says nothing"
        nonce = struct.unpack_from("<I", hello, 11)[0]
        os.write(line, b"\0" + frame(bytes([PROVISION]) + struct.pack("<IQ", nonce, ID)))
        wait_for(lambda: made.status()["epoch"] == 1, 20, "an identity")
        made.line = line
        yield made
        os.close(line)


def awake(board):
    """The board's status after Quiet."""
    return wait_for(lambda: (lambda s: s["state"] != QUIET and s)(board.status()), 30, "a boot")


def test_torn_records_keep_the_id_and_use_no_epoch_twice(board):
    """Power fails at bytes of the record all over it; every later epoch is a higher one."""
    epochs = [1]
    for byte in (13, 0, 2, 3, 1):
        board.tear_eeprom(byte)
        board.reset()
        board.wait_torn()
        status = awake(board)
        assert int(status["id"], 16) == ID, f"torn after {byte} changed bytes"
        assert status["epoch"] > epochs[-1], f"torn after {byte} changed bytes"
        epochs.append(status["epoch"])
    assert len(set(epochs)) == len(epochs)


def test_brown_outs_write_nothing(board):
    """Two seconds pass before the first write, so 50 brown-outs cost neither EEPROM nor epoch."""
    board.reset()
    before = awake(board)["epoch"]
    written = board.eeprom.read_bytes()
    board.brown_out(10, 50)
    assert board.eeprom.read_bytes() == written
    assert awake(board)["epoch"] == before + 1


def test_more_than_the_window_is_dropped_and_counted(board):
    """Three frames at once fit no ring of 55 bytes while the loop sleeps; what comes after them is
    heard, be it the second: the first may meet the rest of them."""
    before = board.status()
    probe = frame(bytes([TIME]) + b"\1\2\3\4" + b"\x80\x20" + bytes(32))
    os.write(board.line, probe * 6)
    wait_for(lambda: board.status()["overruns"] != before["overruns"], 20, "an overrun")
    for attempt in range(1, 6):
        token = bytes([5, 6, 7, attempt])
        os.write(board.line, b"\0" + frame(bytes([TIME]) + token))
        reply = hear(board.line, TIME_REPLY, 2)
        while reply and reply[1:5] != token:
            reply = hear(board.line, TIME_REPLY, 2)
        if reply:
            break
    assert reply, "nothing after them is heard"
    assert board.status()["acted"] > before["acted"]
