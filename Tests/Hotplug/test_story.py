"""The main job, from the plug to the disk, with a real ATmega2560 firmware behind an emulated USB.

Run with -s it prints the transcript of what a person sees.
"""

import os
import signal
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from daemon import BINARY, Daemon, wait_for

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "EndToEnd" / "rig"))
from avr import ATTACHED, AvrBoard  # noqa: E402


class Adopted:
    """The board's pty as a terminal that `Port` links to."""

    def __init__(self, board):
        self.path = board.path
        # A pty without any opener hangs up at its master; a USB line does not.
        self.keeper = os.open(self.path, os.O_RDWR | os.O_NOCTTY)

    def close(self):
        """Lets go of the line."""
        os.close(self.keeper)


@pytest.fixture
def daemon(tmp_path, bus):
    """A daemon that sees the emulated bus."""
    running = Daemon(tmp_path, environment=bus.environment()).start()
    yield running
    running.finish()


def attached(board, after=0):
    """The board's status once it talks, in a later epoch than `after`."""
    return wait_for(
        lambda: (lambda s: s["state"] == ATTACHED and s["epoch"] > after and s)(board.status()),
        30, "an attached board")


def test_plugged_read_commanded_unplugged_killed_and_nothing_lost(daemon, bus, tmp_path):
    """Everything the first slice promises, in one sitting."""

    def say(*arguments):
        result = daemon.command_line(*arguments)
        print("$ bivouac " + " ".join(arguments), result.stdout, sep="\n")
        return result.stdout

    def watch(count):
        with subprocess.Popen(
                [str(BINARY), "watch", "serre-1", "--socket", str(daemon.socket)],
                env=daemon.environment, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                text=True) as process:
            lines = [process.stdout.readline() for _ in range(count)]
            process.send_signal(signal.SIGINT)
        print("$ bivouac watch serre-1", "".join(lines), sep="\n")
        return lines

    def stored():
        books = {}
        for reading in daemon.readings():
            books.setdefault(reading["epoch"], []).append(reading["seq"])
        return books

    with AvrBoard(tmp_path, "otomate-steady", adopted=True) as board:
        terminal = Adopted(board)
        say("status")
        port = bus.plug(vendor="1a86", model="7523", number=0, terminal=terminal)
        first = attached(board)
        device = "board-" + struct.pack("<Q", int(first["id"], 16)).hex()
        wait_for(lambda: stored().get(first["epoch"]), what="a first reading on disk")
        say("devices", "name", device, "serre-1")
        assert "serre-1" in say("devices")
        say("query", "serre-1", "in_temp", "--last", "3")
        assert all("serre-1" in line for line in watch(27))
        assert "done" in say("send", "serre-1", "d1", "1", "--lease", "30s")

        port.unplug()
        wait_for(lambda: daemon.devices()[device]["state"] == "absent")
        say("devices")
        port = bus.plug(vendor="1a86", model="7523", number=3, socket="2", terminal=terminal)
        wait_for(lambda: daemon.devices()[device]["state"] == "connected", 20)
        assert daemon.devices()[device]["name"] == "serre-1"
        assert daemon.get("/api/v1/questions") == []

        daemon.kill()
        made_before = board.status()["made"]
        daemon.start()
        wait_for(lambda: daemon.devices()[device]["state"] == "connected", 20)
        say("devices")
        wait_for(lambda: board.status()["made"] > made_before + 54, what="two more scans")
        made = board.status()["made"]
        wait_for(lambda: len(stored().get(first["epoch"], [])) >= made, 30, "all of it on disk")

        board.reset()
        second = attached(board, after=first["epoch"])
        wait_for(lambda: stored().get(second["epoch"]), what="the next epoch")
        for epoch, seqs in stored().items():
            assert seqs == list(range(len(seqs))), f"epoch {epoch}: lost, doubled or out of order"
        totals = {epoch: made for (_, epoch), made in board.made().items()}
        lost = totals[first["epoch"]] - len(stored()[first["epoch"]])
        print(f"made {totals[first['epoch']]} in the first epoch, {lost} between the last"
              " acknowledgement and the reset button")
        assert 0 <= lost <= 512, "more than one ring"
        say("query", "serre-1", "in_temp", "--last", "2")
        say("status")
        port.unplug()
        terminal.close()
