"""The detection alone - monitor, registry, serial port - run by its own Swift test as a child."""

import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from usb import Terminal

REPOSITORY = Path(__file__).resolve().parents[2]
TESTS = Path(os.environ.get(
    "BIVOUAC_TESTS", REPOSITORY / ".build/debug/BivouacPackageTests.xctest"))
CYCLES = 200
UEVENT_TO_OPEN_MAX_US = 50_000


class Detection:
    """The Swift side: says a line for each thing that happens, ends when a port `END` appears."""

    def __init__(self, bus, opens=True):
        self.bus = bus
        assert TESTS.exists(), f"{TESTS} is missing: swift build --build-tests"
        self.process = subprocess.Popen(
            [str(TESTS), "--testing-library", "swift-testing", "--filter",
             "DevicesTests.HotplugTests"],
            env=dict(os.environ, BIVOUAC_HOTPLUG_OPENS="yes" if opens else "no",
                     **bus.environment()),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True)
        self.lines = []
        self.output = []
        self.heard = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()
        self.wait(lambda lines: "ready" in lines)

    def _read(self):
        for line in self.process.stdout:
            with self.heard:
                if line.startswith("hotplug: "):
                    self.lines.append(line.removeprefix("hotplug: ").strip())
                self.output.append(line)
                self.heard.notify_all()

    def wait(self, condition, seconds=20):
        """Waits until what was said fulfils the condition."""
        with self.heard:
            fulfilled = self.heard.wait_for(lambda: condition(self.lines), seconds)
        assert fulfilled, "".join(self.output[-40:])

    def count(self, word):
        """How many lines begin with a word."""
        return sum(line.split()[0] == word for line in self.lines)

    def finish(self):
        """Ends it; its own expectations must have held."""
        self.bus.plug(socket="9", number=9, vendor="0403", model="6001", serial="END")
        self.process.wait(timeout=20)
        assert self.process.returncode == 0, "".join(self.output[-40:])


@pytest.fixture
def detection(bus):
    running = Detection(bus)
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.wait()


def test_every_cycle_is_seen_and_opened_in_time(bus, detection):
    """200 times in and out: each one heard, opened within 50 ms of its uevent, nothing written."""
    written = 0
    for cycle in range(CYCLES):
        port = bus.plug(socket=str(1 + cycle % 3), number=cycle % 2)
        detection.wait(lambda lines: detection.count("opened") > cycle)
        port.unplug()
        written += port.terminal.bytes_received
        detection.wait(lambda lines: detection.count("vanished") > cycle)
    detection.finish()
    spans = sorted(int(line.split()[2]) for line in detection.lines if line.startswith("opened"))
    print(f"uevent to open: median {spans[len(spans) // 2]} us, most {spans[-1]} us")
    # One in a hundred may have waited for a processor that other tests had.
    assert spans[-1 - len(spans) // 100] <= UEVENT_TO_OPEN_MAX_US
    assert detection.count("appeared") == CYCLES + 1
    assert written == 0


def test_a_burst_of_cycles_loses_none(bus):
    """200 times in and out at once: as many appearances as disappearances are told.

    Without opening: umockdev ends a process whose opens fail 50 times. And with at most two cycles
    unheard: where ten of its datagrams wait (net.unix.max_dgram_qlen) umockdev ends this process.
    """
    watching = Detection(bus, opens=False)
    terminal = Terminal()
    for cycle in range(CYCLES):
        bus.plug(socket="2", number=0, terminal=terminal).unplug()
        watching.wait(lambda lines: watching.count("vanished") >= cycle)
    terminal.close()
    watching.finish()
    assert watching.count("appeared") == CYCLES + 1
    assert watching.count("vanished") == CYCLES


def test_an_add_that_comes_twice_is_told_once(bus, detection):
    """Duplicate uevents open nothing twice."""
    port = bus.plug()
    port.announce_again()
    port.announce_again()
    detection.wait(lambda lines: detection.count("opened") == 1)
    detection.finish()
    assert detection.count("appeared") == 2
    assert detection.count("opened") <= 2


def test_a_port_found_at_start_is_not_opened(bus):
    """It is told as found at start; without any property of udev's too."""
    port = bus.plug(socket="4", initialised=False)
    running = Detection(bus)
    running.wait(lambda lines: running.count("present") == 1)
    running.finish()
    assert not any("ttyUSB0" in line for line in running.lines if line.startswith("opened"))
    assert port.terminal.bytes_received == 0


def test_a_line_that_hangs_up_before_its_uevent_is_lost_once(bus, detection):
    """The read error comes first, the removal after it."""
    port = bus.plug()
    detection.wait(lambda lines: detection.count("opened") == 1)
    port.terminal.send(b"hello\r\n")
    detection.wait(lambda lines: detection.count("read") >= 1)
    port.terminal.close()
    port.own = False
    detection.wait(lambda lines: detection.count("lost") == 1)
    port.unplug()
    detection.wait(lambda lines: detection.count("vanished") == 1)
    detection.finish()
    assert detection.count("lost") == 1


def test_a_fresh_line_that_echoes_is_raw_before_a_byte_comes_back(bus, detection):
    """What a board says right after the plug is not heard by itself as an order."""
    terminal = Terminal(raw=False)
    bus.plug(terminal=terminal)
    detection.wait(lambda lines: detection.count("opened") == 1)
    terminal.send(b"G28\r\n")
    detection.wait(lambda lines: any(line.startswith("read") for line in lines))
    deadline = time.monotonic() + 0.1
    while time.monotonic() < deadline:
        assert terminal.bytes_received == 0
        time.sleep(0.005)
    detection.finish()
    terminal.close()
