"""The real daemon under a clock that is wrong: at boot, for a whole boot, and while it runs. Dates are
right afterwards, by clock and by hand, and not one stored row is rewritten for it."""

import sqlite3
import struct
import time

import pytest

from daemon import Daemon, Handover, wait_for
from link import SAMPLES, TIME, TIME_REPLY, Board, frame, varint, zigzag
from moved_clock import MovedClock

MINUTE_US, HOUR_US, DAY_US = 60_000_000, 3_600_000_000, 86_400_000_000
YEAR_US = 365 * DAY_US
TABLES = ("hot", "journal", "block", "pack", "commit_range", "series")
# So far off that a date is wrong: a reading's own bound is asserted besides.
SECOND_US = 1_000_000
# How far the clock goes while the board waits for its readings to be on disk, and how often.
MOMENT_US, MOMENTS = 200_000, 50


class ClockBoard(Board):
    """A board that was switched on with its node, and sampled every minute."""

    def __init__(self, daemon, epoch):
        self.clock, self.started_us = daemon.clock, daemon.clock.boot_us
        self.is_held = False
        super().__init__(epoch=epoch, nonce=0xC0FFEE + epoch, ring=4096)
        self.door = Handover(daemon)
        self.door.give(self.slave, "clock")
        self.attach()

    @property
    def ticks(self):
        """Milliseconds since it was switched on."""
        return (self.clock.boot_us - self.started_us) // 1000

    def _answer(self, body):
        if body[0] == TIME and self.is_held:
            return  # a probe must not be under way while time jumps
        if body[0] == TIME:
            ticks = struct.pack("<Q", self.ticks)[:6]
            self.send(frame(bytes([TIME_REPLY]) + body[1:5] + ticks + bytes(6)))
        else:
            super()._answer(body)

    def record(self, count):
        """Sends what it sampled every minute up to now, and waits until that is on disk. Its true
        times, in µs since the board was switched on."""
        first = self.ticks - (count - 1) * 60_000
        body = bytes([SAMPLES, 0]) + varint(self.next) + varint(first)
        body += bytes([0, 1, count]) + varint(0) + varint(60_000)
        body += zigzag(self.next) + b"".join(zigzag(1) for _ in range(count - 1))
        self.next += count
        wait_for(lambda: self._deliver(frame(body)), 10, "the readings on disk")
        return [(first + minute * 60_000) * 1000 for minute in range(count)]

    def _deliver(self, message):
        self.session = None  # nothing was heard for half an hour
        self.attach()
        self.send(message)
        for _ in range(MOMENTS):
            if self.durable >= self.next:
                return True
            time.sleep(0.01)
            self.clock.pass_us(MOMENT_US)  # so that it is committed
        return False


class Node(Daemon):
    """A machine whose clocks the test moves; each start is a boot of it."""

    def __init__(self, directory):
        self.clock = MovedClock(directory)
        super().__init__(directory, "commit_interval = 1\n", self.clock.environment)
        self.boots = 0
        self.board = None
        # Where the true time is, of which the wall clock may be ahead.
        self.true_ahead_us = 0
        self.truth = {}

    def boot(self, wrong_us=0, synchronised=True):
        """Starts, with a board, an hour and a half after the last boot ended."""
        self.boots += 1
        self.true_ahead_us += 90 * MINUTE_US
        self.clock.reboot(self.true_ahead_us + wrong_us, synchronised)
        self.wrong_us = wrong_us
        self.environment.update(self.clock.environment)
        self.start()
        self.board = ClockBoard(self, self.boots)
        # The true time at which the board was switched on.
        self.began_us = self.clock.wall_us - wrong_us - (self.clock.boot_us - self.board.started_us)
        return self

    def pass_us(self, us):
        """Time passes at once, while no probe of the board's clock is under way."""
        self.board.is_held = True
        for _ in range(2):
            self.get("/api/v1/status")
        self.clock.pass_us(us)
        self.true_ahead_us = self.clock.wall_ahead_us - self.wrong_us
        self.get("/api/v1/status")
        self.board.is_held = False

    def record(self, minutes=30):
        """Half an hour passes, and its readings come to the disk; their true times by value."""
        self.pass_us(minutes * MINUTE_US)
        first = self.board.next
        for index, us in enumerate(self.board.record(minutes)):
            self.truth[(self.boots, first + index)] = self.began_us + us
        wait_for(lambda: self.clock.pass_us(MOMENT_US) or self.fits() > 0, 10, "a fit")
        # It went on while the board waited.
        self.true_ahead_us = self.clock.wall_ahead_us - self.wrong_us

    def synchronise(self, wrong_us=0):
        """NTP sets the wall clock, and the daemon looks at it: a step, or an hour later."""
        anchors = self.count("journal WHERE kind = 4")
        self.wrong_us = wrong_us
        self.clock.set(self.clock.boot_ahead_us, self.true_ahead_us + wrong_us, True)
        self.pass_us(HOUR_US + MINUTE_US)
        wait_for(lambda: self.count("journal WHERE kind = 4") > anchors, 10, "an anchor")

    def shut_down(self):
        """The end of a boot."""
        if self.board:
            self.board.close()
        self.board = None
        self.stop()

    def sql(self, text):
        """What stands in its database."""
        database = sqlite3.connect(f"file:{self.state}/bivouac.db?mode=ro", uri=True)
        try:
            return database.execute(text).fetchall()
        finally:
            database.close()

    def count(self, what):
        """Rows of a table."""
        return self.sql(f"SELECT count(*) FROM {what}")[0][0]

    def rows(self):
        """Every stored row, byte for byte."""
        return {table: self.sql(f"SELECT * FROM {table}") for table in TABLES}

    def stored(self):
        """Its readings by (boot, value): (time, bound), both missing where nothing dates them."""
        return {(r["epoch"], round(r["number"] * 10)): (r.get("timeUs"), r.get("boundUs"))
                for r in self.readings()}

    def fits(self):
        """How often the board's clock was fitted to the node's in this boot."""
        return self.count("journal WHERE kind = 5 AND clock_epoch = "
                          "(SELECT max(id) FROM clock_epoch)")

    def clocks(self):
        """What `clock list` shows, oldest first."""
        return self.get("/api/v1/clocks")["clocks"]


@pytest.fixture
def node(tmp_path):
    running = Node(tmp_path)
    yield running
    if running.process and running.process.poll() is None:
        running.shut_down()


def assert_untouched(before, node):
    """Rows may have come; none has changed, and none has gone but commits that are compacted."""
    after = node.rows()
    compacted = [(row[0], row[1]) for row in after["commit_range"]]
    for table, rows in before.items():
        gone = set(rows) - set(after[table])
        if table == "hot":
            gone = {row for row in gone if not any(a <= row[0] <= b for a, b in compacted)}
        assert not gone, table


def assert_dated(node, boots=None):
    """Each reading is where it was truly taken, as exactly as it says, in every view."""
    found = node.stored()
    assert set(found) == set(node.truth)
    for key, true_us in node.truth.items():
        if boots and key[0] not in boots:
            continue
        time_us, bound_us = found[key]
        assert time_us is not None, key
        assert abs(time_us - true_us) <= min(bound_us, 2 * SECOND_US), (key, time_us - true_us)
    assert_views(node)


def assert_views(node):
    """Buckets, points and the list of series lie where the readings are."""
    (device,) = node.devices()
    query = f"/api/v1/readings?device={device}&channel=t"
    width = 15 * MINUTE_US

    def told():
        """The same by each way; a fit that comes meanwhile moves all of them."""
        times = sorted(when for when, _ in node.stored().values())
        expected = {}
        for when in times:
            expected[when // width * width] = expected.get(when // width * width, 0) + 1
        buckets = node.get(f"{query}&window=15m&agg=count&limit=1000")["buckets"]
        (points,) = node.get(f"{query}&points=5000")
        (series,) = node.get("/api/v1/series")["series"]
        return ((expected, times, (len(times), times[0], times[-1])),
                ({b["from_us"]: b["count"] for b in buckets}, points["time_us"],
                 (series["count"], series["from_us"], series["to_us"])))

    try:
        wait_for(lambda: len({str(one) for one in told()}) == 1, 3, "the same by each way")
    except AssertionError:
        expected, found = told()
        assert found == expected


WRONG = {
    "in 1970": lambda now: 10 * SECOND_US - now,
    "a fortnight behind": lambda now: -14 * DAY_US,
    "fifty years ahead": lambda now: 50 * YEAR_US,
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_a_boot_with_a_wrong_clock_is_dated_when_the_clock_is_set(node, wrong):
    node.boot()
    node.record()
    node.shut_down()
    node.boot(wrong(node.clock.wall_us), synchronised=False)
    node.record()
    for (boot, value), (time_us, bound_us) in node.stored().items():
        assert (bound_us is None) == (boot == 2), "no time is invented"
    before = node.rows()
    node.synchronise()
    assert_dated(node)
    assert_untouched(before, node)
    node.record()
    assert_dated(node)


def test_a_step_of_a_synchronised_clock_moves_what_was_dated_by_it(node):
    node.boot(wrong_us=7 * HOUR_US)
    node.synchronise(7 * HOUR_US)
    node.record()
    wrong = node.stored()
    for key, true_us in node.truth.items():
        assert abs(wrong[key][0] - true_us - 7 * HOUR_US) < 2 * SECOND_US
    before = node.rows()
    node.synchronise()
    assert_dated(node)
    assert_untouched(before, node)


def test_an_administrator_dates_a_boot_that_no_clock_did_and_takes_it_back(node):
    node.boot()
    node.record()
    node.shut_down()
    node.boot(10 * SECOND_US - node.clock.wall_us, synchronised=False)
    node.record()
    began_us = node.began_us - node.board.started_us
    node.shut_down()
    node.boot()
    node.record()
    wait_for(lambda: node.clocks()[1]["basis"] == "neighbours", 10, "a place between")
    placed = node.stored()
    for key, true_us in node.truth.items():
        assert abs(placed[key][0] - true_us) <= placed[key][1]
    assert_views(node)
    before = node.rows()
    epoch = node.clocks()[1]["epoch"]

    when = f"@{began_us / 1e6}"
    said = node.command_line("clock", "set", epoch[:8], when, "--within", "1s", "--note", "lamp")
    assert epoch[:8] in said.stdout
    assert_dated(node)
    assert_untouched(before, node)
    listed = node.clocks()[1]
    assert (listed["basis"], listed["override"]["note"]) == ("override", "lamp")
    assert listed["override"]["author"].startswith("local:")
    assert "une personne" in node.command_line("clock", language="fr").stdout
    # It holds over a restart of the daemon, in the same boot.
    node.shut_down()
    node.start()
    assert_dated(node)

    node.command_line("clock", "reset", epoch[:8])
    again = node.stored()
    assert all(again[key] == placed[key] for key in placed if key[0] < 3)
    assert_views(node)
    assert_untouched(before, node)


def test_what_cannot_be_is_refused_and_says_why(node):
    node.boot()
    node.record()
    present = node.clocks()[0]
    assert (present["present"], present["basis"]) == (True, "anchors")

    def put(epoch, **body):
        return node.request("PUT", f"/api/v1/clocks/{epoch}", body)

    status, problem = put("present", utcUs=-1)
    assert (status, problem["code"]) == (422, "bad-value") and "1970" in problem["detail"]
    status, problem = put("present", utcUs=5 * SECOND_US, bootUs=6 * SECOND_US)
    assert (status, problem["code"]) == (422, "bad-value") and "1970" in problem["detail"]
    assert put("deadbeef", utcUs=9)[0] == 404
    status, problem = put("present", utcUs=present["fromUs"] + HOUR_US, boundUs=SECOND_US)
    assert (status, problem["code"]) == (409, "clock-contradicted")
    assert "3600 s after" in problem["detail"], problem
    wrong = node.command_line("clock", "set", "present", "1969-12-31T00:00Z", check=False)
    assert wrong.returncode == 2
    unknown = node.command_line("clock", "reset", "deadbeef", language="fr", check=False)
    assert unknown.returncode == 5 and "aucun démarrage" in unknown.stderr
    none = node.command_line("clock", "reset", "present", check=False)
    assert none.returncode == 1 and "nobody has said" in none.stderr
    # A person who knows better than the clock is obeyed, and live values follow.
    status, view = put("present", utcUs=present["fromUs"] + HOUR_US, boundUs=SECOND_US, anyway=True)
    assert status == 200 and view["basis"] == "override"
    node.true_ahead_us += HOUR_US
    node.began_us += HOUR_US
    for key in node.truth:
        node.truth[key] += HOUR_US
    assert_dated(node)
    (device,) = node.devices().values()
    last = device["channels"][0]["last"]
    assert abs(last["timeUs"] - max(node.truth.values())) <= 2 * SECOND_US


def test_a_last_value_that_is_deleted_is_not_shown_until_that_is_undone(node):
    node.boot()
    node.record()
    (device,) = node.devices()

    def last():
        return node.devices()[device]["channels"][0].get("last")

    assert last()["number"] == 2.9
    at = last()["timeUs"]
    early = node.post("/api/v1/deletions", {
        "device": device, "fromUs": at - HOUR_US, "toUs": at - MINUTE_US // 2})
    assert last()["number"] == 2.9, "an older one is no last one"
    gone = node.post("/api/v1/deletions", {
        "device": device, "channel": "t", "fromUs": at - SECOND_US, "toUs": at + SECOND_US})
    assert last() is None
    node.post(f"/api/v1/deletions/{gone['deletions'][0]['id']}/undo")
    assert last()["number"] == 2.9
    node.post(f"/api/v1/deletions/{early['deletions'][0]['id']}/undo")
