"""A command runs once, and its end is known, though the line loses the word that says so."""

import os
import pty
import select
import struct
import threading
import tty

import pytest

from daemon import Handover, wait_for
from link import COMMAND, RESULT, RESUME, unframe
from posix_board import PosixBoard

RUNNING = 1


class Line:
    """Between a board and the daemon: takes whole frames of the board out, and keeps the rest."""

    def __init__(self, board, loses):
        self.board, self.loses = board, loses
        self.lost = []      # bodies of the board that were taken out
        self.said = []      # bodies of the host
        self.master, slave = pty.openpty()
        tty.setraw(slave)
        self.slave = slave
        self._open = {board.master: b"", self.master: b""}
        self._running = True
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def hosts(self, kind):
        """The bodies of one type that the host has said."""
        return [body for body in self.said if body[0] == kind]

    def close(self):
        """Ends the line, not the board."""
        self._running = False
        self._thread.join()
        os.close(self.master)
        os.close(self.slave)

    def _run(self):
        ends = {self.board.master: self.master, self.master: self.board.master}
        while self._running:
            for end in select.select(list(ends), [], [], 0.05)[0]:
                *segments, self._open[end] = (self._open[end] + os.read(end, 4096)).split(b"\0")
                for segment in segments:
                    body = unframe(segment)
                    if end == self.master and body:
                        self.said.append(body)
                    if end == self.board.master and body and self.loses(body):
                        self.lost.append(body)
                        continue
                    self._write(ends[end], segment + b"\0")

    @staticmethod
    def _write(end, data):
        while data:
            try:
                data = data[os.write(end, data):]
            except BlockingIOError:
                select.select([], [end], [], 0.05)


def _final(body):
    """A RESULT that says how a command ended."""
    return body[0] == RESULT and struct.unpack_from("<I", body, 5)[0] != 0 and body[11] != RUNNING


@pytest.fixture
def make_line(tmp_path):
    """Makes lines with the C library's board behind each."""
    made = []

    def make(loses):
        board = PosixBoard(tmp_path / f"board{len(made)}", rate=20, ring=600, seed=1)
        made.append(Line(board, loses))
        return made[-1]

    yield make
    for line in made:
        line.close()
        line.board.stop()


def _connected(daemon):
    found = [device for device in daemon.get("/api/v1/devices") if device["state"] == "connected"]
    return found[0]["id"] if found else None


def _mark(daemon, device, number, life_ms):
    """Sends the board's command; `number` % 5 == 1 runs for 40 ms."""
    return daemon.post(f"/api/v1/devices/{device}/commands",
                       {"name": "mark", "arguments": [str(number)], "lifeMs": life_ms})["id"]


def _ended(daemon, command, seconds):
    def look():
        found = daemon.get(f"/api/v1/commands/{command}")
        return found["state"] not in ("queued", "claimed", "running") and found
    return wait_for(look, seconds, "the end of the command")


def test_a_lost_end_of_a_running_command_is_asked_for(daemon, make_line):
    """RUNNING came through, DONE did not, nor did two answers: seconds later it is known; once."""
    line = make_line(lambda body: _final(body) and len(line.lost) < 3)
    Handover(daemon).give(line.slave)
    device = wait_for(lambda: _connected(daemon))
    command = _mark(daemon, device, 11, life_ms=1500)
    final = _ended(daemon, command, 10)
    assert (final["state"], final["value"]) == ("acked", 11), final
    assert len(line.lost) == 3, "what this test is for did not happen"
    assert [run["number"] for run in line.board.runs] == [11]
    # It was asked after beyond its life, by the same COMMAND: the board had it already.
    asked = [struct.unpack_from("<IIHI", body, 1) for body in line.hosts(COMMAND)]
    assert len({key[:3] for key in asked}) == 1 and asked[-1][3] == 1, asked
    assert len(line.hosts(RESUME)) == 1
    # Nothing is left in the way of the next one.
    following = _mark(daemon, device, 12, life_ms=5000)
    assert _ended(daemon, following, 3)["state"] == "acked"
    assert [run["number"] for run in line.board.runs] == [11, 12]


def test_a_running_command_is_recovered_by_a_daemon_that_was_killed(daemon, make_line):
    """Its end is lost, and so is the daemon: the next one learns it, and runs nothing."""
    line = make_line(_final)
    Handover(daemon).give(line.slave)
    device = wait_for(lambda: _connected(daemon))
    command = _mark(daemon, device, 16, life_ms=60_000)
    wait_for(lambda: line.lost, what="a lost end")
    daemon.kill()
    daemon.start()
    line.loses = lambda body: False
    Handover(daemon).give(line.slave)
    # Unknown at first, and acked on the board's own word alone.
    final = wait_for(lambda: (lambda found: found["state"] == "acked" and found)(
        daemon.get(f"/api/v1/commands/{command}")), 15, "the word of the board")
    assert final["value"] == 16
    assert [run["number"] for run in line.board.runs] == [16]
