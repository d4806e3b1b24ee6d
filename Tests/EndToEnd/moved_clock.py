"""Clocks of a daemon that a test moves (moved_clock.c): its boot, its wall clock, and what the kernel
says of that."""

import mmap
import struct
import subprocess
import time
import uuid
from pathlib import Path


class MovedClock:
    """The clocks of one machine; `environment` is for its daemon."""

    def __init__(self, directory):
        directory.mkdir(parents=True, exist_ok=True)
        library, page = directory / "moved_clock.so", directory / "clock"
        source = Path(__file__).with_name("moved_clock.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-O", "-Wall", "-Wextra", "-Werror", "-o",
                        library, source, "-ldl"], check=True)
        page.write_bytes(bytes(mmap.PAGESIZE))
        with open(page, "r+b") as file:
            self.page = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        self.boot = directory / "boot_id"
        self.environment = {"LD_PRELOAD": str(library), "MOVED_CLOCK": str(page)}
        self.boot_ahead_us = self.wall_ahead_us = 0
        self.is_synchronised = True

    def set(self, boot_ahead_us, wall_ahead_us, synchronised=True):
        """How far its clocks are ahead of ours."""
        self.boot_ahead_us, self.wall_ahead_us = boot_ahead_us, wall_ahead_us
        self.is_synchronised = synchronised
        struct.pack_into("<qqq", self.page, 0, boot_ahead_us, wall_ahead_us, not synchronised)

    def pass_us(self, us):
        """Lets time pass at once, on both clocks."""
        self.set(self.boot_ahead_us + us, self.wall_ahead_us + us, self.is_synchronised)

    def reboot(self, wall_ahead_us, synchronised):
        """Another boot: CLOCK_BOOTTIME begins at a second. To be called while no daemon runs."""
        self.boot.write_text(f"{uuid.uuid4()}\n")
        self.environment["MOVED_BOOT"] = str(self.boot)
        self.set(1_000_000 - time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000, wall_ahead_us,
                 synchronised)

    @property
    def boot_us(self):
        """Its CLOCK_BOOTTIME now."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000 + self.boot_ahead_us

    @property
    def wall_us(self):
        """Its wall clock now."""
        return time.time_ns() // 1000 + self.wall_ahead_us
