"""A real ATmega2560 firmware under simavr, on a pty, as a board that tests can plug and reset.

    with AvrBoard(directory) as board:
        board.path          # the pty's slave, or the link to it
        board.reset()
        board.status()["made"]

`firmware()` builds what is missing. Runs of the board (epochs) are in `board.epochs`, each a dict
with "epoch", "id", "made" (samples numbered) and "lost" (dropped by a full ring), written by the
runner from the board's own RAM just before it lost it.
"""

import json
import os
import pty
import queue
import subprocess
import threading
import tty
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
BUILT = REPOSITORY / "build" / "companion"
QUIET, UNATTACHED, ATTACHED = 0, 1, 2


def firmware(name="otomate"):
    """The path of a built firmware: otomate, otomate-wrap or otomate-steady."""
    subprocess.run(
        ["make", "-s", "-C", str(REPOSITORY / "firmware-spec" / "c"), "firmware"], check=True)
    return BUILT / f"{name}.elf"


class AvrBoard:
    """One emulated board. Its EEPROM lives in `directory`, so it stays itself over runs.

    With `adopted` the pty is made here: `board.path` is the slave, and a rig such as umockdev
    links to it. Otherwise the runner makes one, links `directory/tty` to it, and a new one at
    every `plug`.
    """

    def __init__(self, directory, name="otomate", seed=None, adopted=False, paced=True):
        self.directory = Path(directory)
        self.eeprom = self.directory / "eeprom.bin"
        self.epochs = []
        self.end = None
        self._answers = queue.Queue()
        command = [str(BUILT / "avr_board"), "-e", str(self.eeprom)]
        elf = firmware(name)
        passed = ()
        if seed is not None:
            command += ["-s", str(seed)]
        if not paced:
            command.append("-p")
        if adopted:
            master, slave = pty.openpty()
            tty.setraw(slave)
            self.path = os.ttyname(slave)
            os.close(slave)
            command += ["-F", str(master)]
            passed = (master,)
        else:
            self.path = str(self.directory / "tty")
            command += ["-l", self.path]
        self.process = subprocess.Popen(
            command + [str(elf)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, pass_fds=passed)
        if adopted:
            os.close(master)
        threading.Thread(target=self._read, daemon=True).start()
        self._expect("ready")

    def _read(self):
        for line in self.process.stdout:
            event = json.loads(line)
            if event["event"] == "epoch":
                self.epochs.append(event)
            elif event["event"] == "end":
                self.end = event
            else:
                self._answers.put(event)

    def _expect(self, name, seconds=30):
        while True:
            try:
                event = self._answers.get(timeout=seconds)
            except queue.Empty:
                code = self.process.poll()
                raise AssertionError(f"no {name!r} within {seconds} s (exit code {code})") from None
            if event["event"] == name:
                return event

    def _say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def reset(self):
        """The reset button: a new epoch after two seconds, and the ring is gone."""
        self._say("reset")

    def brown_out(self, hz, count, seconds=60):
        """Power comes back `count` times, `hz` times a second; returns when that is over."""
        self._say(f"brownout {hz} {count}")
        self._expect("brownout-over", seconds)

    def erase_eeprom(self):
        """Erases the identity, and resets."""
        self._say("erase-eeprom")
        self._say("reset")

    def tear_eeprom(self, after):
        """Lets power fail in the byte of EEPROM that is written after `after` more."""
        self._say(f"tear-eeprom {after}")

    def wait_torn(self, seconds=30):
        """Returns when the power has failed as `tear_eeprom` asked."""
        self._expect("torn", seconds)

    def unplug(self):
        """Takes the board off its port: no line and no power."""
        self._say("unplug")

    def plug(self):
        """Puts it back: power, and a new pty under the same link."""
        self._say("plug")
        self.path = str(self.directory / "tty")
        return self._expect("ready")["path"]

    def status(self):
        """What the board's RAM says now: state, id, epoch, made, lost, counts, stack."""
        self._say("status")
        return self._expect("status")

    def made(self):
        """Samples made by (id, epoch), over all runs so far; the running one included."""
        totals = {}
        runs = self.epochs + ([self.status()] if self.process.poll() is None else [])
        for run in runs:
            if run["epoch"] != 0:
                totals[(run["id"], run["epoch"])] = run["made"]
        return totals

    def close(self):
        """Ends the runner; `end` then holds the last status."""
        if self.process.poll() is None:
            self._say("quit")
            self.process.wait(timeout=10)
        return self.end

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()
