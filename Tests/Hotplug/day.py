"""A daemon whose day passes in seconds (day_clock.c), and what an Otomate says in one."""

import mmap
import os
import random
import struct
import subprocess
import time
from pathlib import Path

from node import Node

PORTS = 8
BANNER = b"Version : 113\r\n" * 3 + (
    b"Initializing SD card...Card failed, or not present\r\n"
    b"Could not create parameters folder \r\n")
#: What sensors and SD card that are absent say, over and over, in an older build.
FLOOD = [b"failure!\r\n", b"-40.00\r\n", b"-4.65\r\n", b"Error writing to file\r\n"]
FLOOD_BYTES_PER_S = 9600 // 10 * 8 // 10


class DayNode(Node):
    """The daemon under that clock. Beyond `skip` its time passes as ours does."""

    def __init__(self, directory, bus, configuration=""):
        directory.mkdir()
        library, page = directory / "day_clock.so", directory / "clock"
        source = Path(__file__).with_name("day_clock.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-O", "-Wall", "-Wextra", "-Werror", "-I",
                        source.parents[1] / "EndToEnd", "-o", library, source, "-ldl"], check=True)
        page.write_bytes(bytes(mmap.PAGESIZE))
        with open(page, "r+b") as file:
            self.page = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        super().__init__(directory, bus, configuration)
        # In front of umockdev, which passes what is opened on to libc alone.
        self.environment["LD_PRELOAD"] = f"{library}:{os.environ['LD_PRELOAD']}"
        self.environment["DAY_CLOCK"] = str(page)

    def _number(self, index):
        return struct.unpack_from("<q", self.page, 8 * index)[0]

    @property
    def now_us(self):
        """Its time, when it last had nothing to do."""
        return self._number(1)

    @property
    def skips(self):
        """How often its time was skipped to that of a timer."""
        return self._number(2)

    @property
    def opens(self):
        """How often each /dev/ttyUSB<n> was opened."""
        return [self._number(3 + port) for port in range(PORTS)]

    @property
    def bytes_taken(self):
        """How many bytes it has read from each."""
        return [self._number(3 + PORTS + port) for port in range(PORTS)]

    def skip_to(self, time_us):
        """Lets its time pass; what it had to do meanwhile is done when this returns."""
        struct.pack_into("<q", self.page, 0, time_us)
        self._until(lambda: self.now_us >= time_us, f"the time {time_us}")

    def wait_taken(self, port, count):
        """Waits until it has read so many bytes from a port."""
        self._until(lambda: self.bytes_taken[port] >= count, f"{count} bytes of port {port}")

    def _until(self, condition, what, seconds=20):
        deadline = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, "\n".join(self.log[-20:])
            assert time.monotonic() < deadline, f"{what} did not come; it is {self.now_us}"
            time.sleep(0.00002)


def otomate_day(seed):
    """What a stock Otomate says in 24 hours, in order: (second, text). Its SD card is absent."""
    prng = random.Random(seed)
    said = []
    for second in range(300, 86_401, 300):
        said.append((second, b"DDATALOG/20260511.txt\r\nCard failed, or not present\r\n"))
        if second % 3600 == 0:
            said.append((second, b"MDATALOG/202605.txt\r\nError writing to file\r\n"))
    for _ in range(40):
        said.append((prng.randrange(60, 86_400), prng.choice([
            b"variable updated\r\n", b"PARAMETERS rewrite\r\n", b"disabled menu\r\n",
            b"first closing\r\nstart opening\r\nrotation up : 7\r\n"])))
    return sorted(said, key=lambda line: line[0])


def flood(prng, seconds):
    """What the older build says in so long; lines are not torn where a piece ends."""
    said = b""
    while len(said) < FLOOD_BYTES_PER_S * seconds:
        said += prng.choice(FLOOD)
    return said
