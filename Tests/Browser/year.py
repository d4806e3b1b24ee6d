"""A daemon that has recorded for a year, laid in seconds: its clock is moved on (moved_clock.py), and
a board sends what it sampled meanwhile, one reading a minute of each of two channels."""

import math
import random
import struct
import time

from browser_node import BrowserDaemon, TestBoard
from daemon import Handover
from link import SAMPLES, TIME, TIME_REPLY, channel, frame, tlv, varint, zigzag
from moved_clock import MovedClock

DAYS = 366
STEP_DAYS = 2  # so many samples the host takes at a time
PERIOD_MS = 60_000
ROWS = 50  # scans in one message: it must stay below 250 bytes
DAY_US = 86_400_000_000
#: How far the clock goes while the board waits for its readings to be on disk, and how often.
MOMENT_US, MOMENTS, ATTEMPTS = 200_000, 50, 10
SEED = 20_261_121
#: Days of the year without readings, and the one minute that reads far too high.
GAP_DAYS = (99, 102)
SPIKE_DAY, SPIKE = 210, 893  # 89.3 °C


class YearDaemon(BrowserDaemon):
    """The daemon under that clock, which stands at the beginning of the year."""

    def __init__(self, directory):
        self.clock = MovedClock(directory)
        self.move(0)
        super().__init__(directory)
        self.environment.update(self.clock.environment)

    def move(self, us):
        """Sets its clocks so far behind the beginning of the year; at the end they are ours."""
        self.ahead_us = us
        self.clock.set(us, us - DAYS * DAY_US)

    @property
    def boot_us(self):
        """Its CLOCK_BOOTTIME."""
        return self.clock.boot_us

    def finish(self):
        """No lag is asserted: its time was skipped."""
        self.stop()


class YearBoard(TestBoard):
    """Samples by the node's own skipped time, and sends late."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.started_us = daemon.boot_us
        keys = (("t", "Cel"), ("rh", "%RH"))
        super().__init__(keys=(), ring=2_000_000)
        self.description = tlv(1, b"year") + b"".join(
            channel(key, unit, -1) for key, unit in keys)
        self.prng = random.Random(SEED)

    @property
    def ticks(self):
        """Milliseconds since it was switched on."""
        return (self.daemon.boot_us - self.started_us) // 1000

    def _answer(self, body):
        if body[0] == TIME:
            ticks = struct.pack("<Q", self.ticks)[:6]
            self.send(frame(bytes([TIME_REPLY]) + body[1:5] + ticks + bytes(6)))
        else:
            super()._answer(body)

    def scan(self, minute):
        """Both readings of a minute, in tenths."""
        day = minute / 1440
        temperature = 150 + 80 * math.sin(math.tau * day / 365) + 40 * math.sin(math.tau * day)
        value = round(temperature + self.prng.gauss(0, 3))
        if minute == SPIKE_DAY * 1440:
            value = SPIKE
        return value, round(600 - temperature + self.prng.gauss(0, 8))

    def record(self, daemon, first, last):
        """Sends what it sampled in these minutes until it is on disk, again where it must."""
        messages = self.messages(first, last)
        for _ in range(ATTEMPTS):
            self.session = None  # nothing was heard for long
            self.attach()
            for end, message in messages:
                if end > self.durable:
                    self.send(message)
            for _ in range(MOMENTS):
                if self.durable >= self.next:
                    return
                time.sleep(0.01)
                daemon.move(daemon.ahead_us + MOMENT_US)  # so that it is committed
        raise AssertionError(f"{self.durable} of {self.next} samples are on disk")

    def messages(self, first, last):
        """What it sampled in these minutes, oldest first: where each message ends, and it."""
        made = []
        scans = [(minute, self.scan(minute)) for minute in range(first, last)
                 if not GAP_DAYS[0] * 1440 <= minute < GAP_DAYS[1] * 1440]
        for at in range(0, len(scans), ROWS):
            part = scans[at:at + ROWS]
            before = part[0][1]
            body = bytes([SAMPLES, 0]) + varint(self.next) + varint(part[0][0] * PERIOD_MS)
            body += bytes([0, 2, len(part)]) + varint(0) + varint(PERIOD_MS)
            body += b"".join(zigzag(value) for value in before)
            for _, values in part[1:]:
                body += b"".join(zigzag(a - b) for a, b in zip(values, before))
                before = values
            self.next += 2 * len(part)
            made.append((self.next, frame(body)))
        return made


class Year:
    """A daemon and its board after a year, both still running."""

    def __init__(self, directory):
        self.daemon = daemon = YearDaemon(directory).start()
        self.board = board = YearBoard(daemon)
        self.start_us = daemon.boot_us + _wall_ahead_us(daemon)
        board.door = Handover(daemon)
        board.door.give(board.slave, "year")
        board.attach()
        for day in range(0, DAYS, STEP_DAYS):
            daemon.move((day + STEP_DAYS) * DAY_US)
            board.record(daemon, day * 1440, (day + STEP_DAYS) * 1440)
        self.minutes = board.next // 2
        self.device = next(iter(daemon.devices()))

    def close(self):
        """Ends both."""
        self.board.close()
        self.daemon.finish()

    def address(self, query):
        """Where the history of it is."""
        return f"{self.daemon.url}#/history?device={self.device}&{query}"

    def day(self, day):
        """The time of a day of the year, as an address has it."""
        ms = (self.start_us + day * DAY_US) / 1_000_000
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ms))

    def span(self, first, last):
        """Days of the year, as an address has them."""
        return f"from={self.day(first)}&to={self.day(last)}"


def _wall_ahead_us(daemon):
    clock = daemon.get("/api/v1/status")["clock"]
    return clock["wallUs"] - clock["bootUs"]
