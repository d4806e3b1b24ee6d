"""Debian's `sqlite3` with the extension, opened read-only on the database of a daemon that records
and compacts: every answer is one state, and none is behind an earlier one."""

import struct
import subprocess
import threading

import pytest

from daemon import REPOSITORY, wait_for
from small_disk import SmallDisk, bivouac, plug

EXTENSION = REPOSITORY / "build/bivouac"
#: Any whole number that shows which reading it is of, and whether it was met once.
PERIOD = 10_007
QUESTION = """
SELECT (SELECT count(*) FROM commit_range), count(*), count(DISTINCT seq),
  ifnull(max(seq), -1), CAST(round(10 * total(value)) AS INTEGER),
  CAST(round(10 * ifnull(max(value), 0)) AS INTEGER)
FROM readings WHERE device = '{device}' AND channel = 't';
"""


def value(seq):
    """The mantissa of a reading."""
    return seq * 37 % PERIOD


class Shell:
    """`sqlite3` on the live database, read-only, among the mounts of the daemon."""

    def __init__(self, disk):
        self.process = subprocess.Popen(
            [*disk.daemon.wrapper, "sqlite3", "-batch", "-noheader", "-readonly",
             "-cmd", f".load {EXTENSION}", str(disk.state / "bivouac.db")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def ask(self, sql):
        """The lines of an answer."""
        self.begin(sql)
        return self.rest()

    def begin(self, sql):
        """Asks. What is not read soon fills the pipe, and `sqlite3` waits amid its answer."""
        self.process.stdin.write(sql.strip() + "\n.print done\n")
        self.process.stdin.flush()

    def rest(self):
        """The lines of the answer that are not read yet."""
        lines = []
        while (line := self.process.stdout.readline()) != "done\n":
            assert line, f"sqlite3 ended: {lines}"
            lines.append(line.rstrip("\n"))
        return lines

    def end(self):
        """No more questions."""
        self.process.stdin.close()
        self.process.wait(timeout=10)


class Asker(threading.Thread):
    """Asks without a pause, by one shell that stays open and others that are new each time."""

    def __init__(self, disk, device):
        super().__init__(daemon=True)
        self.disk, self.question = disk, QUESTION.format(device=device)
        self.answers, self.busy, self.wrong = [], 0, []
        self.is_asked_to_end = threading.Event()

    def run(self):
        standing = Shell(self.disk)
        try:
            while not self.is_asked_to_end.is_set():
                self.note(standing.ask(self.question))
                fresh = Shell(self.disk)
                self.note(fresh.ask(self.question))
                fresh.end()
        except (AssertionError, OSError) as error:
            self.wrong.append(repr(error))
        standing.end()

    def note(self, lines):
        """Looks at an answer: nothing twice, nothing missing, nothing less than before."""
        if len(lines) == 1 and "database is locked" in lines[0]:
            self.busy += 1
            return
        try:
            answer = tuple(int(field) for field in lines[0].split("|"))
            ranges, count, distinct, last, total, largest = answer
        except (ValueError, IndexError):
            self.wrong.append(lines)
            return
        values = [value(seq) for seq in range(count)]
        expected = (count, count, count - 1, sum(values), max(values, default=0))
        before = self.answers[-1] if self.answers else (0, 0)
        if (count, distinct, last, total, largest) != expected or (ranges, count) < before[:2]:
            self.wrong.append((before, answer, expected))
        if count < before[1]:
            self.wrong.append(("fewer than before", before, answer))
        self.answers.append(answer)

    def end(self):
        """Waits for the last answer."""
        self.is_asked_to_end.set()
        self.join(timeout=30)
        assert not self.is_alive()


@pytest.fixture
def disk(tmp_path):
    """A small disk: where room is scarce, commits become blocks as soon as they may."""
    made = SmallDisk(tmp_path, "16m")
    yield made
    made.daemon.finish()
    made.end()


@pytest.fixture
def board(disk):
    """A board, the id of its device, and what records and compacts so much that it is one range."""
    assert EXTENSION.with_suffix(".so").exists(), "make sqlite-extension"
    daemon = disk.daemon.start()
    board = plug(daemon)
    device = "sim-" + struct.pack("<Q", board.identity).hex()
    wait_for(lambda: device in daemon.devices(), 20, "the board")
    disk.fill(leave=2_050_000)

    def ranges():
        return daemon.get("/api/v1/status")["storage"]["compaction"]["ranges"]

    def record():
        # So many of one stream are due, however new they are.
        for _ in range(7_300 // 20):
            wait_for(lambda: board.next - board.durable < 2_500, 20, "an acknowledgement")
            first = board.next
            board.samples([value(first + n) for n in range(20)], ticks=1000 + first * 10)
        wait_for(lambda: board.durable == board.next, 20, "the readings on the disk")

    def compact():
        before = ranges()
        bivouac(daemon, "set", device, "--raw", "forever")
        wait_for(lambda: ranges() > before, 30, "a compaction")

    board.record, board.compact = record, compact
    return board, device


def test_answers_are_whole_while_the_daemon_records_and_compacts(disk, board):
    """Counts never fall, sums and greatest values are those of so many readings, and at the end
    all is what the daemon itself says."""
    daemon, (board, device) = disk.daemon, board
    asker = Asker(disk, device)
    asker.start()
    for _ in range(4):
        board.record()
        answered = len(asker.answers)
        board.compact()
        wait_for(lambda: asker.wrong or len(asker.answers) > answered, 30, "an answer meanwhile")
        assert not asker.wrong, asker.wrong[:3]
    asker.end()
    assert not asker.wrong, asker.wrong[:3]
    # It was asked before, between and behind compactions, or all this would say nothing.
    assert len({answer[0] for answer in asker.answers}) >= 3, asker.answers
    assert len({answer[1] for answer in asker.answers}) >= 8, asker.answers
    assert asker.busy * 10 <= len(asker.answers), asker.busy

    shell = Shell(disk)
    _, count, _, _, total, largest = map(
        int, shell.ask(QUESTION.format(device=device))[0].split("|"))
    shell.end()
    readings = daemon.readings(device=device, channel="t")
    numbers = [round(10 * reading["number"]) for reading in readings]
    assert (count, total, largest) == (len(numbers), sum(numbers), max(numbers))
    assert sorted(reading["seq"] for reading in readings) == list(range(board.next))
    summary = next(one for one in daemon.get("/api/v1/series")["series"]
                   if one["device"] == device and one["channel"] == "t")
    assert summary["count"] == count


def test_an_answer_over_a_compaction_is_of_the_state_in_which_it_began(disk, board):
    """What becomes blocks while an answer is read comes once, and what comes later does not."""
    board, device = board
    board.record()
    board.compact()
    board.record()
    shell = Shell(disk)
    shell.begin(f"SELECT printf('%032d', seq) FROM readings WHERE device = '{device}';")
    first = shell.process.stdout.readline()
    # The rest of it is longer than what a pipe takes: the block was begun, the rows were not.
    begun = board.next
    board.compact()
    board.record()
    board.compact()
    found = [int(line) for line in [first, *shell.rest()]]
    shell.end()
    assert sorted(found) == list(range(begun))
