"""A board that is a process of its own: the C library on its POSIX port (posix_board.c)."""

import functools
import json
import os
import pty
import subprocess
import threading
import tty

from daemon import REPOSITORY, wait_for

BUILT = REPOSITORY / "build" / "faults"


@functools.cache
def program():
    """Compiles the board and gives its path."""
    BUILT.mkdir(parents=True, exist_ok=True)
    firmware = REPOSITORY / "firmware-spec" / "c"
    port = firmware / "ports" / "posix"
    output = BUILT / f"posix_board.{os.getpid()}"
    sources = [REPOSITORY / "Tests" / "EndToEnd" / "posix_board.c", port / "bivouac_posix.c",
               *sorted((firmware / "src").glob("*.c"))]
    subprocess.run(
        ["gcc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O1", "-g",
         "-fsanitize=undefined", "-fno-sanitize-recover=all", "-DBIVOUAC_WIDE=1",
         "-I", firmware / "include", "-I", port, *sources, "-lutil", "-o", output], check=True)
    final = BUILT / "posix_board"
    output.replace(final)
    return final


def expected(epoch, seq):
    """What sample `seq` of `epoch` is: its channel's key and its value as a person writes it."""
    value = ((seq * 2654435761 & 0xFFFFFFFF ^ epoch * 40503 & 0xFFFFFFFF) >> 22) - 512
    if seq % 97 == 96:
        return "f", value / 8
    if seq % 101 == 100:
        return "t", f"e{epoch}s{seq}"
    return "abcd"[seq % 4], value


class PosixBoard:
    """One board; its identity lives in `directory`, and its runs are kept in `epochs`."""

    expected = staticmethod(expected)

    def __init__(self, directory, rate, ring, seed, narrow=False):
        self.ring = ring
        self.identity = None
        self.epochs = []      # {"epoch", "made", "lost"} of every run that ended
        self.runs = []        # {"number", "us", "epoch"} of every command carried out
        self.resets = 0
        self._status = None
        directory.mkdir(parents=True)
        self.master, slave = pty.openpty()
        tty.setraw(slave)
        os.set_blocking(self.master, False)
        self.process = subprocess.Popen(
            [str(program()), str(slave), str(directory / "identity"), str(rate), str(ring),
             str(seed), str(int(narrow))],
            pass_fds=[slave], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        os.close(slave)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        for line in self.process.stdout:
            event = json.loads(line)
            kind = event.pop("event")
            if kind == "ran":
                self.runs.append(event)
                continue
            if event["epoch"]:
                self.identity = event["id"]
            if kind == "epoch" and event["epoch"]:
                self.epochs.append(event)
            elif kind == "reset":
                self.resets += 1
            elif kind == "status":
                self._status = event

    def _order(self, letter):
        self.process.stdin.write(letter)
        self.process.stdin.flush()

    def status(self, order="s"):
        """What the board says of itself now."""
        self._status = None
        self._order(order)
        return wait_for(lambda: self._status, what="the board's status")

    def pause(self):
        """Samples no more, and says how many it made."""
        return self.status("p")

    def sleep(self):
        """Three seconds pass for the board: it notices that nobody acknowledges any more."""
        self._order("w")

    def reset(self):
        """The reset button: what was in RAM is gone. Returns when the board starts anew."""
        before = self.resets
        self._order("r")
        wait_for(lambda: self.resets > before, what="the board's reset")

    def stop(self):
        """Ends the program; its last epoch is told."""
        self._order("q")
        code = self.process.wait(timeout=10)
        self._thread.join(timeout=10)
        os.close(self.master)
        assert code == 0, f"the board ended with {code}"
