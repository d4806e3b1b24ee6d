"""Whatever a device sends is counted and visible on it, and disturbs nothing else."""

import os
import random
import struct
import threading
import time

import pytest

from daemon import Handover, wait_for
from link import DESCRIPTION, SAMPLES, Board, channel, frame, tlv, varint


def _plug(daemon, board, label="board"):
    Handover(daemon).give(board.slave, label)
    return board


def _link(daemon, identity):
    device = daemon.devices().get(f"sim-{identity}")
    return device and device.get("link")


def _id(board):
    return struct.pack("<Q", board.identity).hex()


@pytest.fixture
def witness(daemon):
    """A well-behaved board beside the others: it must lose nothing."""
    board = _plug(daemon, Board(identity=0x0807060504030201, ring=100_000), "witness")
    board.attach()
    running = threading.Event()
    running.set()

    def run():
        tick = 1000
        while running.is_set():
            board.samples([board.next % 500], ticks=tick)
            tick += 20
            time.sleep(0.02)

    thread = threading.Thread(target=run)
    thread.start()
    yield board
    running.clear()
    thread.join()
    wait_for(lambda: board.durable == board.next, what="the witness's last acknowledgement")
    seqs = [r["seq"] for r in daemon.readings(device=f"sim-{_id(board)}")]
    assert sorted(seqs) == list(range(board.next))
    link = _link(daemon, _id(board))
    assert link["framesCorrupt"] == link["lossesSeen"] == link["samplesDeclaredLost"] == 0
    board.close()


def test_noise_at_line_rate(daemon, witness):
    """Random bytes at 115200 baud and beyond: counted, and memory does not grow."""
    seed = 7
    noise = random.Random(seed)
    board = _plug(daemon, Board())
    board.attach()

    def resident():
        text = open(f"/proc/{daemon.process.pid}/status").read()
        return int(text.split("RssAnon:")[1].split()[0])

    board.send(noise.randbytes(100_000))
    before = resident()
    for _ in range(20):
        board.send(noise.randbytes(50_000))
    board.send(b"\0")
    wait_for(lambda: _link(daemon, _id(board))["bytesIn"] >= 1_100_000, 30)
    link = _link(daemon, _id(board))
    assert link["framesCorrupt"] > 0 and link["noiseLines"] > 0, f"seed {seed}"
    assert resident() - before < 4096, "memory grew"
    board.samples([215])
    wait_for(lambda: any(r["value"] == "21.5" for r in daemon.readings(device=f"sim-{_id(board)}")))
    board.close()


def test_a_frame_torn_at_every_byte(daemon, witness):
    """A samples frame cut anywhere adds nothing, and the whole one that follows is stored."""
    board = _plug(daemon, Board())
    board.attach()
    body = bytes([SAMPLES, 0]) + varint(0) + varint(1000) + bytes([0, 1, 1, 0, 0, 20])
    whole = frame(body)
    for cut in range(1, len(whole) - 1):
        board.send(whole[:cut] + b"\0")
    board.samples([215])
    wait_for(lambda: board.durable == 1)
    assert [r["value"] for r in daemon.readings(device=f"sim-{_id(board)}")] == ["21.5"]
    assert _link(daemon, _id(board))["framesCorrupt"] > 0
    board.close()


def test_printf_between_and_inside_frames(daemon, witness):
    """Text between frames is the device's log; inside one it spoils that one only."""
    board = _plug(daemon, Board())
    board.attach()
    board.send(b"hello from setup()\r\n")
    board.samples([1])
    whole = frame(bytes([SAMPLES, 0]) + varint(1) + varint(2000) + bytes([0, 1, 1, 0, 0, 4]))
    board.send(whole[:6] + b"oops\r\n" + whole[6:])
    board.samples([2], ticks=2000, first=1)
    wait_for(lambda: board.durable == 2)
    device = daemon.devices()[f"sim-{_id(board)}"]
    assert any("hello from setup()" in line for line in device["log"])
    assert device["link"]["framesCorrupt"] == 1
    board.close()


def test_lies_about_lengths_and_counts(daemon, witness):
    """Valid frames with absurd contents are malformed, counted, and answered by nothing."""
    board = _plug(daemon, Board())
    board.attach()
    lies = [
        bytes([SAMPLES]), bytes([SAMPLES, 9]) + b"\0\0", bytes([SAMPLES, 0]) + b"\xff" * 11,
        bytes([SAMPLES, 0, 0, 0, 0, 240, 250]) + b"\1" * 20,
        bytes([4]) + struct.pack("<H", 65535) + b"x", bytes([15, 0]) + b"\xff" * 8,
        bytes([17]) + b"\xff" * 3, bytes([0x16, 1, 2]), bytes([0x1F]) * 250,
    ]
    for body in lies:
        board.send(frame(body))
    board.samples([3])
    wait_for(lambda: board.durable == 1)
    link = _link(daemon, _id(board))
    assert link["framesMalformed"] >= 5 and link["framesUnknown"] >= 2, link
    board.close()


def test_flood(daemon, witness):
    """A board that sends far beyond what it was granted is held to it."""
    board = _plug(daemon, Board(ring=1_000_000))
    board.attach()
    for _ in range(400):
        board.samples([1] * 200, ticks=1000 + board.next * 10)
    wait_for(lambda: board.durable > 0, 20)
    daemon.assert_no_lag(daemon.get("/api/v1/status")["loop"])
    board.close()


def test_reset_in_mid_frame_and_a_new_epoch(daemon, witness):
    """A reboot within a frame: the old epoch is closed with a tail of at most one ring."""
    board = _plug(daemon, Board(ring=64))
    board.attach()
    board.samples([1, 2, 3])
    wait_for(lambda: board.durable == 3)
    board.send(frame(bytes([SAMPLES, 0]) + bytes(12))[:7])
    board.epoch, board.nonce, board.next, board.session = 2, 0xBEEF, 0, None
    board.attach()
    board.samples([4])
    wait_for(lambda: board.durable == 1)
    readings = daemon.readings(device=f"sim-{_id(board)}")
    assert [(r["epoch"], r["seq"]) for r in readings] == [(1, 0), (1, 1), (1, 2), (2, 0)]
    assert _link(daemon, _id(board))["samplesUnknownTail"] == 64
    board.close()


def test_a_changed_descriptor_is_read_again(daemon, witness):
    """New firmware, new channels: nothing is filed under the old ones."""
    board = _plug(daemon, Board())
    board.attach()
    board.samples([215])
    wait_for(lambda: board.durable == 1)
    board.description = tlv(1, b"hostile") + channel("rh", "%RH")
    board.epoch, board.nonce, board.next, board.session = 2, 0xBEEF, 0, None
    board.attach()
    board.samples([55])
    wait_for(lambda: board.durable == 1 and len(daemon.readings(device=f"sim-{_id(board)}")) == 2)
    readings = daemon.readings(device=f"sim-{_id(board)}")
    assert [(r["channel"], r["value"], r["unit"]) for r in readings] == [
        ("t", "21.5", "Cel"), ("rh", "55", "%RH")]
    board.close()


def test_a_clone_is_filed_apart(daemon, witness):
    """Same id and epoch, other nonce: provisional, with a question, and nothing is mixed."""
    board = _plug(daemon, Board())
    board.attach()
    board.samples([1, 2, 3])
    wait_for(lambda: board.durable == 3)
    board.nonce, board.next, board.session = 0xDEAD, 0, None
    board.attach()
    board.samples([9])
    wait_for(lambda: board.durable == 1)
    mine = [r["value"] for r in daemon.readings(device=f"sim-{_id(board)}")]
    assert mine == ["0.1", "0.2", "0.3"]
    assert any(r["value"] == "0.9" and r["device"] != f"sim-{_id(board)}" and r["simulated"]
               for r in daemon.readings())
    assert any(q["kind"] in ("clone", "same-identity")
               for q in daemon.get("/api/v1/questions"))
    board.close()


def test_going_back_in_sequence_is_treated_as_a_clone(daemon, witness):
    """A board whose memory was put back does not overwrite what is known."""
    board = _plug(daemon, Board())
    board.attach()
    board.samples([1, 2, 3, 4, 5])
    wait_for(lambda: board.durable == 5)
    board.next, board.session = 2, None
    board.attach()
    board.samples([8], first=2)
    wait_for(lambda: any(r["value"] == "0.8" for r in daemon.readings()))
    mine = [r["value"] for r in daemon.readings(device=f"sim-{_id(board)}")]
    assert mine == ["0.1", "0.2", "0.3", "0.4", "0.5"]
    board.close()


def test_an_erased_identity_gets_a_new_one(daemon, witness):
    """A board with id 0 is given one, once, and its samples are taken."""
    board = _plug(daemon, Board(identity=0))
    board.attach()
    assert board.identity != 0
    board.samples([215])
    wait_for(lambda: board.durable == 1)
    assert daemon.devices()[f"sim-{_id(board)}"]["simulated"]
    board.close()


def test_an_invalid_descriptor_loses_no_sample(daemon, witness):
    """Channels then have no names, and say so; the readings are there."""
    board = _plug(daemon, Board(description=b"\x10\xff\x01"))
    board.attach()
    board.samples([215])
    wait_for(lambda: board.durable == 1)
    device = daemon.devices()[f"sim-{_id(board)}"]
    assert device["problem"]["code"] == "descriptor.invalid"
    assert [(r["channel"], r["value"]) for r in daemon.readings(device=device["id"])] == [
        ("ch0", "215")]
    board.close()


def test_another_version_is_shown_and_not_answered(daemon, witness):
    """The host writes nothing to a board it does not understand."""
    board = _plug(daemon, Board())
    board.hello(version=9)
    wait_for(lambda: any((d.get("problem") or {}).get("code") == "link.version"
                         for d in daemon.devices().values()))
    assert board.bytes_received == 0
    board.close()


def test_a_port_that_vanishes_during_a_write(daemon, witness):
    """Unplugged while the host writes: the device goes, the daemon stays."""
    for _ in range(10):
        board = _plug(daemon, Board())
        board.answers = False
        board.hello()
        wait_for(lambda: board.bytes_received > 0)
        board.close()
    wait_for(lambda: all(d["state"] == "absent" or "0807060504030201"[:2] in d["id"] or
                         d["id"] == f"sim-{_id(witness)}" for d in daemon.devices().values()))


def test_only_ptys_are_taken_at_the_simulated_door(daemon, tmp_path):
    """A file, a socket or /dev/null is refused with its reason."""
    door = Handover(daemon)
    for path in (str(tmp_path / "file"), "/dev/null"):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
        answer = door.give(descriptor)
        os.close(descriptor)
        assert answer["problem"]["code"] == "simulation.not-a-pty", answer
    assert DESCRIPTION


def test_commands_to_a_board_are_acknowledged(daemon, witness):
    """send, over the API, to the end of its life."""
    board = _plug(daemon, Board())
    board.attach()
    issued = daemon.post(f"/api/v1/devices/sim-{_id(board)}/commands",
                         {"name": "led", "arguments": ["1"]})
    final = wait_for(lambda: (lambda c: c["state"] == "acked" and c)(
        daemon.get(f"/api/v1/commands/{issued['id']}")))
    assert final["value"] == 7
    board.answers = False
    lost = daemon.post(f"/api/v1/devices/sim-{_id(board)}/commands",
                       {"name": "led", "arguments": ["0"], "lifeMs": 700})
    final = wait_for(lambda: (lambda c: c["state"] == "unknown" and c)(
        daemon.get(f"/api/v1/commands/{lost['id']}")))
    assert final["reason"] == "no-answer"
    board.close()
