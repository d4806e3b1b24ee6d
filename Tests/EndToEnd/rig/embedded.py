"""A board in Embedded Swift on qemu's riscv32 virt machine, as a board that tests can plug and reset.

    with EmbeddedBoard(directory, rate=100) as board:
        board.path          # the pty's slave
        board.reset()
        board.status()["made"]

It has what `PosixBoard` has, so that the rig of the fault tests can take it for one. One page of
its RAM is shared (firmware-spec/embedded-swift/virt/BenchPage.swift): what the board made and lost is
read there, not from its line. Its flash is a file too, which outlives its power.
"""

import functools
import json
import mmap
import os
import socket
import struct
import subprocess
import threading
import time
import tty
from pathlib import Path

from daemon import REPOSITORY, wait_for

RAM_BYTES = 16 * 2**20
RAM_AT = 0x80000000
PAGE_AT, PAGE_BYTES = 0xF00000, 0x1100
FLASH_BYTES = 32 * 2**20
SECTOR_BYTES = 256 * 2**10
RING = 1024
PAINT = b"\xa5\xa5\xa5\xa5"
STACK_SPARE = 1024

# Offsets in the page: orders, and reports.
RATE, PAUSED, SLEEPS, FIRST_TICKS = 0x00, 0x04, 0x08, 0x0C
LOCK, RUNS, FIRST_RUN, RUN_BYTES, RUNS_MAX = 0x40, 0x70, 0x100, 0x10, 256
REPORTS = ("boots", "id_low", "id_high", "epoch", "made", "lost", "attached", "ticks", "valve",
           "trap_cause", "trap_address", "runs", "corrupt", "malformed", "ignored",
           "stack_bottom", "stack_top")


@functools.cache
def firmware():
    """Builds the firmware and gives its path."""
    folder = REPOSITORY / "firmware-spec" / "embedded-swift"
    subprocess.run(["make", "-s", "-C", str(folder)], check=True)
    return REPOSITORY / "build" / "embedded" / "board.elf"


def expected(epoch, seq):
    """What sample `seq` of `epoch` is: its channel's key and its value as a person writes it."""
    value = ((seq * 2654435761 & 0xFFFFFFFF ^ epoch * 40503 & 0xFFFFFFFF) >> 22) - 512
    return ("f", value / 8) if seq % 97 == 96 else ("abcd"[seq % 4], value)


class EmbeddedBoard:
    """One emulated board; its flash lives in `directory`, and its runs are kept in `epochs`."""

    expected = staticmethod(expected)
    ring = RING

    def __init__(self, directory, rate=100, ring=RING, seed=0, narrow=False, first_ticks=0):
        assert ring == RING and not narrow, "one firmware, of one size"
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.flash = self.directory / "flash.bin"
        if not self.flash.exists():
            # Not erased, as from the factory, but as good: neither is a record.
            self.flash.touch()
            os.truncate(self.flash, FLASH_BYTES)
        self.rate, self.first_ticks = rate, first_ticks
        self._identity = None
        self.epochs = []    # {"id", "epoch", "made", "lost"} of every run that ended
        self.runs = []      # {"number", "us", "epoch"} of every command carried out
        self.resets = 0
        self._line = None
        self._lock = threading.RLock()
        self.process = None
        self.plug()

    # Power and line.

    def plug(self):
        """Power, a new pty, and RAM in which nothing was."""
        # Not on a disk: a busy one would hold the board up whenever its RAM is written back.
        ram = os.memfd_create("ram")
        os.truncate(ram, RAM_BYTES)
        self._ram = mmap.mmap(ram, RAM_BYTES)
        self._order(RATE, self.rate)
        self._order(FIRST_TICKS, self.first_ticks)
        self._taken = 0
        ours, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            ["qemu-system-riscv32", "-M", "virt,memory-backend=ram", "-m", str(RAM_BYTES >> 20),
             "-object", f"memory-backend-file,id=ram,size={RAM_BYTES},mem-path=/proc/self/fd/{ram},share=on",
             "-drive", f"if=pflash,unit=1,format=raw,file={self.flash}",
             "-bios", str(firmware()), "-display", "none", "-nodefaults",
             "-chardev", "pty,id=line", "-serial", "chardev:line",
             "-chardev", f"socket,id=qmp,fd={theirs.fileno()}",
             "-mon", "chardev=qmp,mode=control", "-S"],
            pass_fds=[theirs.fileno(), ram], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL)
        os.close(ram)
        theirs.close()
        self._qmp = ours.makefile("rw")
        ours.close()
        self._qmp.readline()
        self._ask("qmp_capabilities")
        line = next(each for each in self._ask("query-chardev") if each["label"] == "line")
        self.path = line["filename"].removeprefix("pty:")
        return self.path

    def start(self):
        """Lets it run; whoever is to hear its first word has opened its line."""
        self._ask("cont")
        wait_for(lambda: self.status()["boots"], what="the board's start")

    @property
    def master(self):
        """The board's line, open for a proxy, as the master of a pty would be."""
        if self._line is None:
            self._line = os.open(self.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
            tty.setraw(self._line)
            self.start()
        return self._line

    def unplug(self):
        """Takes the board off its port: no line and no power."""
        with self._lock:
            self._end_run()
            self.process.kill()
            self.process.wait()
            self._qmp.close()
            self._ram.close()
            if self._line is not None:
                os.close(self._line)
                self._line = None

    def stop(self):
        """Ends it; its last epoch is told, and how much stack it took at most."""
        self._check()
        self.stack_bytes, reserved = self._stack_bytes()
        assert self.stack_bytes + STACK_SPARE <= reserved, f"{self.stack_bytes} bytes of stack"
        self.unplug()

    def reset(self):
        """The reset button: what was in RAM is gone. Returns when the board starts anew."""
        with self._lock:
            boots = self._end_run()["boots"]
            self._ask("system_reset")
            self._ask("cont")
            wait_for(lambda: self.status()["boots"] > boots, what="the board's reset")
            self.resets += 1

    def _ask(self, command):
        with self._lock:
            self._qmp.write(json.dumps({"execute": command}) + "\n")
            self._qmp.flush()
            while True:
                answer = json.loads(self._qmp.readline())
                if "event" not in answer:
                    return answer["return"]

    def _end_run(self):
        """Halts the machine between two reports, and keeps the last one."""
        while True:
            self._ask("stop")
            report = self._report()
            if report:
                break
            self._ask("cont")
        self._keep_runs()
        if report["epoch"]:
            self.epochs.append({key: report[key] for key in ("id", "epoch", "made", "lost")})
        return report

    # The page.

    def _order(self, offset, value):
        self._ram[PAGE_AT + offset:PAGE_AT + offset + 4] = struct.pack("<I", value)

    def _word(self, offset):
        return struct.unpack_from("<I", self._ram, PAGE_AT + offset)[0]

    def _report(self):
        """The reports as they stand; None while the board is writing them."""
        before = self._word(LOCK)
        words = struct.unpack_from(f"<{len(REPORTS)}I", self._ram, PAGE_AT + LOCK + 4)
        if before % 2 or self._word(LOCK) != before:
            return None
        report = dict(zip(REPORTS, words))
        raw = struct.pack("<II", report["id_low"], report["id_high"])
        report["id"] = raw.hex() if any(raw) else None
        report["attached"] = bool(report["attached"])
        if report["id"]:
            self._identity = report["id"]
        return report

    @property
    def identity(self):
        """The id that the board has, or had last; None before the first."""
        with self._lock:
            if self.process.poll() is None:
                self._report()
            return self._identity

    def status(self):
        """What the board says of itself now."""
        with self._lock:
            report = wait_for(self._report, what="the board's report")
            self._keep_runs()
        self._check(report)
        return report

    def _check(self, report=None):
        report = report or wait_for(self._report, what="the board's report")
        assert report["trap_cause"] == 0, (
            f"trap {report['trap_cause'] - 1} at {report['trap_address']:08x}: {report}")

    def _keep_runs(self):
        """Takes over what the board carried out since the last look."""
        count = self._word(RUNS)
        assert count - self._taken <= RUNS_MAX, "commands were not looked at in time"
        day_us = time.time() * 1e6 - time.clock_gettime(time.CLOCK_BOOTTIME) * 1e6
        for index in range(self._taken, count):
            number, epoch, ns = struct.unpack_from(
                "<iIQ", self._ram, PAGE_AT + FIRST_RUN + index % RUNS_MAX * RUN_BYTES)
            self.runs.append({"number": number, "epoch": epoch, "us": ns / 1000 - day_us})
        self._taken = count

    def _stack_bytes(self):
        """The most stack that was used, down to the last word that is not as painted; and all."""
        report = wait_for(self._report, what="the board's report")
        bottom, top = (report[key] - RAM_AT for key in ("stack_bottom", "stack_top"))
        stack = self._ram[bottom:top]
        at = 0
        while stack[at:at + 4] == PAINT:
            at += 4
        return len(stack) - at, len(stack)

    # What tests order.

    def pause(self):
        """Samples no more, and says how many it made."""
        self._order(PAUSED, 1)
        began = self.status()["ticks"]
        # A turn that had begun before the order is over by then.
        return wait_for(lambda: (lambda now: now["ticks"] - began > 5 and now)(self.status()),
                        what="a turn of the board")

    def sleep(self):
        """Three seconds pass for the board: it notices that nobody acknowledges any more."""
        self._order(SLEEPS, self._word(SLEEPS) + 1)

    # Its flash, while it has no power.

    def tear_record(self, slot, count):
        """Power failed while a slot was written: erased, and `count` bytes in place."""
        with self.flash.open("r+b") as file:
            file.seek(slot * SECTOR_BYTES + count)
            file.write(b"\xff" * (20 - count))

    def records(self):
        """The two identity records, as (id, epoch), or None where there is none."""
        found = []
        with self.flash.open("rb") as file:
            for slot in range(2):
                file.seek(slot * SECTOR_BYTES)
                record = file.read(20)
                good = record[:4] == b"\x42\x56\x01\x00"
                found.append((record[4:12].hex(), *struct.unpack_from("<I", record, 12))
                             if good else None)
        return found

    def erase_flash(self):
        """Erases the identity."""
        for slot in range(2):
            self.tear_record(slot, 0)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.process.poll() is None:
            if error[0] is None:
                self.stop()
            else:
                self.process.kill()
                self.process.wait()
