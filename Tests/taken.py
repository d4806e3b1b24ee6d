"""Whether the machine took the processors away while a test ran, and what follows from that.

On a virtual machine the host may run others in the place of this one. The kernel counts that time
as "steal" (proc(5), /proc/stat). A limit of time that a test missed meanwhile says nothing of
Bivouac: such a test is run again (ADR 0032), and the summary tells each time. What a lack of time
cannot explain, a reading lost or doubled, is `Wrong` and counts at once.
"""

import contextlib
import os
import threading
import time
from collections import deque
from pathlib import Path

STAT = Path(os.environ.get("BIVOUAC_TEST_STAT", "/proc/stat"))
STEAL = 7           # the column of stolen time, after the name
COLUMNS = 8         # user to steal; what follows is counted in them already
SHARE_MIN = 0.2     # of all processors' time within a second: a limit may be missed for that
ATTEMPTS_MAX = 3
SECONDS_MAX = 150   # a test that took longer is not run again: the limit of a test stands


class Wrong(AssertionError):
    """What no lack of time excuses: books that do not balance."""


@contextlib.contextmanager
def never_excused():
    """What does not hold inside is wrong, however slow the machine was."""
    try:
        yield
    except AssertionError as error:
        raise Wrong(str(error)) from error


class Watch:
    """Reads each second how much of the processors' time was taken; `worst` may be asked."""

    def __init__(self):
        self._shares = deque(maxlen=3600)   # (until, share), in order
        self._lock = threading.Lock()
        self._last = self._read()
        threading.Thread(target=self._run, daemon=True).start()

    @staticmethod
    def _read():
        with open(STAT, encoding="ascii") as file:
            fields = [int(field) for field in file.readline().split()[1:1 + COLUMNS]]
        return sum(fields), fields[STEAL]

    def _run(self):
        while True:
            time.sleep(1)
            self._sample()

    def _sample(self):
        with self._lock:
            total, taken = self._read()
            before_total, before_taken = self._last
            if total > before_total:
                share = (taken - before_taken) / (total - before_total)
                self._shares.append((time.monotonic(), share))
            self._last = total, taken

    def worst(self, since):
        """The largest share of a second since then, 0 to 1."""
        self._sample()
        with self._lock:
            return max((share for until, share in self._shares if until >= since), default=0.0)
