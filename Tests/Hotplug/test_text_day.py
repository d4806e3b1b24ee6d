"""A day with devices that know nothing but text: 24 hours of the daemon's time, every timer in turn.

None of them is written to, opened twice, or taken for something that measures; none makes the
daemon larger, or its log longer; and one that learns the link protocol in the end is welcome.
"""

import os
import random

import pytest

from day import BANNER, DayNode, flood, otomate_day
from node import finishing, wait_for

SEED = int(os.environ.get("BIVOUAC_SEED", "24"))
SOAK = os.environ.get("BIVOUAC_SOAK") == "1"
STOCK, AT_START, SILENT, FLOODING, TURNED = range(5)
OPENED = (STOCK, SILENT, FLOODING, TURNED)
SECOND_US = 1_000_000
HOURS = 24
#: The hours in which the old build floods; in soak it does all day.
FLOOD_HOURS = range(HOURS) if SOAK else (0, 12, 23)
FLOOD_PIECE_S = 10
#: A board that has fallen silent is given up after a minute; until then an ACK goes out every
#: second (27 bytes at most), and a few probes of its clock.
GIVEN_UP_S = 61
GIVEN_UP_BYTES_MAX = 2048
GROWTH_KIB_MAX = 512
LOG_LINES_MAX = 24


@pytest.fixture
def make_day(bus, tmp_path):
    """Makes the daemon of a long day; at its end the loop was never slow."""
    with finishing() as made:

        def make():
            made.append(DayNode(tmp_path / "node", bus))
            return made[-1]

        yield make


class Day:
    """Ports that talk to a daemon through its day, and what was said on each."""

    def __init__(self, node, ports):
        self.node, self.ports = node, ports
        self.said = dict.fromkeys(ports, b"")
        self.bytes_before = node.bytes_taken

    def say(self, number, text):
        """Says something, and waits until the daemon has taken it."""
        self.said[number] += text
        self.ports[number].terminal.send(text)
        self.node.wait_taken(number, self.bytes_before[number] + len(self.said[number]))

    def live(self, events, begun_us):
        """Says and checks what `events` tell, in order: (second, function)."""
        for second, act in sorted(events, key=lambda event: event[0]):
            self.node.skip_to(begun_us + second * SECOND_US)
            act()

    def card(self, number):
        """What a person sees of a device, without what counts up."""
        return {key: value for key, value in self.node.at(self.ports[number]).items()
                if key not in ("link", "log", "heardAgoMs")}

    def written(self, number):
        """How many bytes the daemon has given to a port."""
        return self.node.at(self.ports[number])["link"]["bytesOut"]

    def check_lines(self, number):
        """The last lines are there to be read, and no more than fifty."""
        lines = [line for line in self.said[number].decode().split("\r\n") if line]
        shown = self.node.at(self.ports[number])["log"]
        assert shown == lines[-50:], (number, shown[-3:], lines[-3:])


def plug_all(bus, node, make_board):
    """One Otomate before the start and one after, a silent port, an old build, and a board."""
    boards = {STOCK: make_board(), TURNED: make_board()}
    ports = {AT_START: bus.plug(
        socket="9", number=AT_START, vendor="2341", model="0042", serial="7533")}
    node.start()
    for number in OPENED:
        ports[number] = bus.plug(socket=str(number + 1), number=number, model=f"75{number}3",
                                 terminal=boards.get(number))
        node.wait_event("port.opened", node=f"/dev/ttyUSB{number}")
    return boards, ports


def talk(day, prng):
    """What is said through the day: (second, function)."""
    def say(number, text):
        return lambda: day.say(number, text)

    events = [(second, say(number, text)) for number in (STOCK, TURNED)
              for second, text in otomate_day(SEED + number)]
    for hour in FLOOD_HOURS:
        for second in range(hour * 3600 + FLOOD_PIECE_S, (hour + 1) * 3600, FLOOD_PIECE_S):
            events.append((second, say(FLOODING, flood(prng, FLOOD_PIECE_S))))
    return events


def test_a_day_of_text(bus, make_day, make_board):
    """24 hours: not a byte to any of them, one opening each, one question, no reading."""
    print(f"BIVOUAC_SEED={SEED}")
    node = make_day()
    boards, ports = plug_all(bus, node, make_board)
    boards[TURNED].attach()
    boards[TURNED].wait_safe()
    # New firmware, written over another cable: from now on this one knows nothing but text.
    boards[TURNED].answers = False
    day = Day(node, ports)
    begun_us = node.now_us
    for number in (STOCK, TURNED):
        day.say(number, BANNER)
    # The end of a line whose begin nobody heard, as after any opening.
    day.say(FLOODING, b"lure!\r\n" + flood(random.Random(SEED), 1))
    node.skip_to(begun_us + GIVEN_UP_S * SECOND_US)
    written = day.written(TURNED)
    wait_for(lambda: boards[TURNED].bytes_received == written, what="what was written, all of it")
    cards = {number: day.card(number) for number in (STOCK, AT_START, SILENT, TURNED)}
    assert (cards[STOCK]["kind"], cards[STOCK]["state"]) == ("text", "listening")
    assert cards[STOCK]["channels"] == cards[STOCK]["questions"] == []
    assert cards[AT_START]["state"] == "present-not-opened"
    assert cards[AT_START]["problem"]["code"] == "present-not-opened"
    assert cards[TURNED]["state"] == "quiet" and written <= GIVEN_UP_BYTES_MAX
    question, = node.questions()
    assert (question["kind"], cards[SILENT]["questions"]) == ("what-is-this", [question["id"]])
    first = {}

    def check():
        for number, before in cards.items():
            assert day.card(number) == before
        for number in (STOCK, FLOODING, TURNED):
            day.check_lines(number)
        assert [day.written(number) for number in OPENED] == [0, 0, 0, written]
        assert node.questions() == [question]
        if not first:
            first.update(kib=node.resident_kib, lines=len(node.log))

    events = talk(day, random.Random(SEED))
    events += [(hour * 3600 + 3599, check) for hour in range(HOURS)]
    day.live([(second + GIVEN_UP_S, act) for second, act in events], begun_us)

    grown_kib, lines = node.resident_kib - first["kib"], len(node.log) - first["lines"]
    print(f"{sum(map(len, day.said.values()))} bytes, {node.skips} skips, {grown_kib} KiB,"
          f" {lines} lines of log, {written} bytes to the board that was one")
    assert grown_kib <= GROWTH_KIB_MAX
    assert lines <= LOG_LINES_MAX, "\n".join(node.log[-40:])
    assert node.opens == [1, 0, 1, 1, 1, 0, 0, 0]
    received = {number: port.terminal.bytes_received for number, port in ports.items()}
    assert received == {STOCK: 0, AT_START: 0, SILENT: 0, FLOODING: 0, TURNED: written}
    assert node.at(ports[FLOODING])["kind"] == "text"
    assert [(r["device"], r["value"]) for r in node.readings()] == [(boards[TURNED].id, "21.5")]
    assert node.get("/api/v1/status")["notices"] == []
    end(node, day, boards)


def end(node, day, boards):
    """The day is over: what each of them becomes."""
    boards[TURNED].answers = True
    for number in (STOCK, TURNED):
        boards[number].session = None
        boards[number].send(b"Version : 1")
        boards[number].attach()
        boards[number].wait_safe()
        boards[number].measure(300 + number)
        wait_for(lambda: node.at(day.ports[number])["link"]["samplesStored"] == 2)
        node.skip_to(node.now_us + 15 * SECOND_US)  # beyond the window of a commit
        boards[number].wait_safe()
        device = node.wait_at(day.ports[number], state="connected")
        assert (device["id"], device["kind"]) == (boards[number].id, "companion")
    assert node.opens[:5] == [1, 0, 1, 1, 1]
    known = node.at(day.ports[AT_START])["id"]
    node.post(f"/api/v1/devices/{known}/open")
    day.say(AT_START, BANNER)
    wait_for(lambda: node.opens[AT_START] == 1, what="an opening that was asked for")
    day.check_lines(AT_START)
    node.skip_to(node.now_us + 11 * SECOND_US)
    assert day.card(AT_START)["kind"] == "text"
    assert day.ports[AT_START].terminal.bytes_received == 0
