"""What the measurements of the daemon share: CPU times, the verdict lines, boards on ptys."""

import os
import pty
import subprocess
import sys
import time
import tty
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "Tests" / "EndToEnd"))
BUILT = REPOSITORY / "build" / "bench"
BOARDS = 32


def cpu_s(process):
    """CPU time of all threads of a process, in seconds, as getrusage would give it."""
    return time.clock_gettime((~process << 3) | 2)


def verdict(what, figure, reference, limit, ok):
    """One line of the table."""
    print(f"  {what}: {figure}; {reference}; limit {limit}: {'ok' if ok else 'MISSED'}",
          flush=True)


def build():
    """Compiles the player and the peer."""
    BUILT.mkdir(parents=True, exist_ok=True)
    here, firmware = REPOSITORY / "bench" / "daemon", REPOSITORY / "firmware-spec" / "c"
    port = firmware / "ports" / "posix"
    flags = ["gcc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O2"]
    subprocess.run(
        [*flags, "-DBIVOUAC_WIDE=1", "-I", firmware / "include", "-I", port, here / "player.c",
         port / "bivouac_posix.c", *sorted((firmware / "src").glob("*.c")), "-lutil",
         "-o", BUILT / "player"], check=True)
    peer = REPOSITORY / "bench" / "CPeer"
    subprocess.run(
        [*flags, "-D_Nonnull=", "-I", peer / "include", here / "peer.c", peer / "decode.c",
         "-lsqlite3", "-o", BUILT / "peer"], check=True)


class Lines:
    """Ptys in raw mode, and the player behind them."""

    def __init__(self, count=BOARDS):
        self.masters, self.slaves = zip(*(pty.openpty() for _ in range(count)))
        for slave in self.slaves:
            tty.setraw(slave)
        self.player = None

    def play(self, mode, rate, readings, body=40):
        """Starts the player."""
        self.player = subprocess.Popen(
            [str(BUILT / "player"), mode, str(rate), str(readings), str(body),
             *map(str, self.masters)], pass_fds=self.masters, stdout=subprocess.PIPE, text=True)

    def told(self):
        """The next thing the player says: readings, frames and bytes so far."""
        line = self.player.stdout.readline()
        assert line, f"the player ended: {self.player.wait()}"
        return [int(number) for number in line.split()]

    def measure(self, process, warm_s, seconds):
        """CPU seconds of a process, and the readings, frames and bytes, of so many seconds."""
        for _ in range(warm_s):
            before = self.told()
        cpu = cpu_s(process)
        for _ in range(seconds):
            after = self.told()
        return cpu_s(process) - cpu, [end - begin for begin, end in zip(before, after)]

    def close(self):
        """Unplugs everything."""
        if self.player:
            self.player.kill()
            self.player.wait()
        for descriptor in self.masters + self.slaves:
            os.close(descriptor)
