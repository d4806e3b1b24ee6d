"""Readings give way on a small disk that is really full: recording goes on, what goes is said
exactly, and a person acknowledges it."""

import json
import os
import random
import struct
import subprocess
import time

import pytest

from daemon import BINARY, Daemon, Handover, wait_for
from link import Board

UNSHARE = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]


class SmallDisk:
    """A file system of its own, which outlives the daemons that run on it."""

    def __init__(self, directory, size, configuration=""):
        self.state = directory / "state"
        self.state.mkdir(parents=True)
        script = f'mount -t tmpfs -o size={size},mode=700 small "{self.state}" && exec sleep 600'
        self.holder = subprocess.Popen([*UNSHARE, "sh", "-c", script], stdin=subprocess.DEVNULL)
        self.inside = f"/proc/{self.holder.pid}/root{self.state}"
        wait_for(lambda: os.statvfs(self.inside).f_blocks * 4096 < 1 << 30, what="the small disk")
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        self.daemon = Daemon(
            directory, "commit_interval = 1\n" + configuration,
            wrapper=["nsenter", f"--target={self.holder.pid}", *user, "--mount"])

    def free(self):
        """Bytes that are free."""
        status = os.statvfs(self.inside)
        return status.f_bavail * status.f_frsize

    def fill(self, leave=0):
        """Takes what room there is, but for some."""
        with open(self.inside + "/filler", "ab", buffering=0) as filler:
            while self.free() > leave:
                try:
                    filler.write(b"x" * min(65536, self.free() - leave))
                except OSError:
                    break

    def empty(self):
        """Gives it back."""
        os.unlink(self.inside + "/filler")

    def end(self):
        """Unmounts."""
        self.holder.kill()
        self.holder.wait()


@pytest.fixture
def small(tmp_path):
    """Makes small disks, and ends what runs on them."""
    disks = []

    def make(*arguments):
        disks.append(SmallDisk(tmp_path, *arguments))
        return disks[-1]
    yield make
    for disk in disks:
        if disk.daemon.process and disk.daemon.process.poll() is None:
            disk.daemon.finish()
        disk.end()


def plug(daemon, board=None):
    """A board in a daemon; the one that was in another goes on where it was."""
    board = board or Board(ring=10_000)
    board.session, board.oldest = None, board.durable
    Handover(daemon).give(board.slave)
    board.attach()
    return board


def measure(board, count, noise):
    """Readings that no codec makes smaller, a hundred in a second."""
    while count > 0:
        # No more than the node holds in memory for its next commit.
        wait_for(lambda: board.next - board.durable < 8_000, 20, "an acknowledgement")
        values = [noise.getrandbits(40) for _ in range(min(30, count))]
        board.samples(values, ticks=1000 + board.next * 10)
        count -= len(values)


def recorded(disk, count):
    """A board whose readings lie on the disk, of a daemon that was killed: they can be compacted."""
    noise = random.Random(7)
    daemon = disk.daemon.start()
    board = plug(daemon)
    measure(board, count, noise)
    wait_for(lambda: board.durable == count, 30, "the readings on the disk")
    daemon.kill()
    return "sim-" + struct.pack("<Q", board.identity).hex(), board, noise


def storage(daemon):
    return daemon.get("/api/v1/status")["storage"]


def alarm(daemon):
    notices = daemon.get("/api/v1/status")["notices"]
    return next((n for n in notices if n["code"] == "retention.went"), None)


def held(daemon, device):
    """Readings of the one channel in blocks, by level."""
    channels = daemon.get(f"/api/v1/retention/{device}")["channels"]
    return {one["level"]: one["readings"] for channel in channels for one in channel["held"]}


def went(daemon):
    """Readings on record as gone from raw."""
    return sum(one["readings"] for record in daemon.get("/api/v1/retention")["went"]
               for one in record["went"] if one["left"] == "minutes")


def compacted(disk, count):
    """The same under a new daemon, as blocks: where room is scarce they are made at once."""
    device, board, noise = recorded(disk, count)
    disk.fill(leave=1_500_000)
    daemon = disk.daemon.start()
    plug(daemon, board)
    measure(board, 30, noise)
    wait_for(lambda: board.durable == board.next)
    # Whoever sets a rule wants it looked at now.
    bivouac(daemon, "set", device, "--raw", "forever")
    wait_for(lambda: held(daemon, device) == {"raw": count}, 20, "the blocks")
    return device, board, noise


def bivouac(daemon, *words, code=0):
    """What `bivouac retention` answers, as JSON."""
    done = subprocess.run(
        [str(BINARY), "retention", *words, "--json", "--socket", str(daemon.socket)],
        capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == code, (words, done.stdout, done.stderr)
    return json.loads(done.stdout) if code == 0 and done.stdout else done.stderr


def trimmed(daemon, device, board, noise):
    """Measures until readings gave way and nothing more does; what is left whole, by numbers."""
    bivouac(daemon, "set", device, "--raw", "forever")

    def is_alarm():
        measure(board, 30, noise)
        return alarm(daemon) and storage(daemon)["trimming"]["state"] == "idle"
    wait_for(is_alarm, 20, "the alarm")
    return [one["seq"] for one in daemon.readings(device=device)]


def test_a_full_disk_takes_the_oldest_says_so_and_recording_goes_on(small):
    """Others fill the disk: the oldest readings become minutes, a person hears of it, and the
    ballast comes back with the room."""
    disk = small("16m")
    daemon, count = disk.daemon, 130_000
    device, board, noise = compacted(disk, count)
    disk.fill()
    whole = trimmed(daemon, device, board, noise)
    gone = count - sum(1 for seq in whole if seq < count)
    left = held(daemon, device)
    assert 0 < gone < count and left["minutes"] == gone and "summaries" not in left, left
    # The oldest went, and nothing of what came last.
    assert whole == list(range(gone, gone + len(whole)))
    record = bivouac(daemon)["went"][0]
    assert [(one["left"], one["reason"]) for one in record["went"]] == [("minutes", "space")]
    assert record["readings"] == gone == int(alarm(daemon)["parameters"]["readings"])
    text = daemon.command_line("status", language="fr").stdout
    assert f"{gone} mesures" in text.replace("\n", " ")

    # Recording goes on where nothing at all is free outside the database.
    assert disk.free() == 0
    before = board.next
    measure(board, 3_000, noise)
    wait_for(lambda: board.durable == before + 3_000, 15, "recording on a full disk")

    # A person says so, and it stays said.
    assert bivouac(daemon, "acknowledge", "--note", "carte commandée")["unseen"] == 0
    assert alarm(daemon) is None
    daemon.kill()
    daemon.start()
    again = bivouac(daemon)
    assert alarm(daemon) is None and again["unseen"] == 0
    seen = [one["seen"] for one in again["went"]]
    assert [one["reason"] for one in seen] == ["carte commandée"] * len(seen)
    assert all(one["author"].startswith("local:") for one in seen)
    board.close()


def test_a_disk_full_at_the_start_gives_the_ballast_and_the_daemon_records(small):
    """A power cut on a disk that others then filled to the last byte."""
    disk = small("16m")
    daemon = disk.daemon
    device, board, noise = recorded(disk, 3_000)
    # Of the write-ahead log a copy is left, as when the machine went down.
    disk.fill()
    daemon.start()
    plug(daemon, board)
    measure(board, 600, noise)
    wait_for(lambda: board.durable == board.next, 15, "recording")
    ballast = storage(daemon)["ballast"]
    assert ballast["state"] in ("held", "released", "missing"), ballast
    assert len(daemon.readings(device=device)) == 3_600
    disk.empty()
    wait_for(lambda: storage(daemon)["ballast"]["state"] == "held", 15, "the ballast")
    assert os.stat(disk.inside + "/ballast").st_blocks * 512 == storage(daemon)["ballast"]["bytes"]
    board.close()


def test_what_a_kill_cuts_off_is_on_record_all_the_same(small):
    """kill -9 while readings give way, again and again: each is whole or on record as gone, and
    what is on record is exactly what went."""
    disk = small("16m")
    daemon, count = disk.daemon, 60_000
    device, board, noise = compacted(disk, count)
    board.close()
    chance = random.Random(3)
    for quota in ("280KB", "240KB", "200KB", "160KB", "120KB"):
        bivouac(daemon, "set", device, "t", "--quota", quota)
        time.sleep(chance.random() / 30)
        daemon.kill()
        daemon.start()
    bivouac(daemon, "set", device, "t", "--quota", "100KB")

    def is_told():
        left = held(daemon, device)
        return left.get("minutes") and went(daemon) == left["minutes"] and (
            storage(daemon)["trimming"]["state"] == "idle")
    wait_for(is_told, 10, "the record of all that went")
    gone = held(daemon, device)["minutes"]
    assert 0 < gone < count
    assert [one["seq"] for one in daemon.readings(device=device)] == list(range(gone, count + 30))


@pytest.mark.parametrize("words,code,why", [
    (["t", "--raw", "90x"], 2, "90x"), (["t", "--raw", "0d"], 2, "not above 0"),
    (["t", "--minutes", "-2y"], 2, "not above 0"), (["t", "--quota", "1KB"], 2, "100KB"),
    (["t", "--raw", "2y", "--minutes", "90d"], 2, "at least as long"),
    (["nothing", "--raw", "90d"], 5, "no channel nothing"), ([], 2, "--raw"),
])
def test_what_makes_no_sense_is_refused_with_a_reason(board_daemon, words, code, why):
    """And changes nothing."""
    daemon, device = board_daemon
    said = bivouac(daemon, "set", device, *words, code=code)
    assert why in said, said
    assert bivouac(daemon)["settings"] == []


@pytest.fixture(scope="module")
def board_daemon(tmp_path_factory):
    """A daemon with one board that has a reading on the disk."""
    daemon = Daemon(tmp_path_factory.mktemp("rules"), "commit_interval = 1\n").start()
    board = plug(daemon)
    measure(board, 30, random.Random(1))
    wait_for(lambda: board.durable == 30)
    yield daemon, "sim-" + struct.pack("<Q", board.identity).hex()
    daemon.finish()
    board.close()


def test_a_rule_is_kept_listed_and_taken_back(board_daemon):
    """By channel and by device, in both languages, over a restart."""
    daemon, device = board_daemon
    bivouac(daemon, "set", device, "--raw", "2y")
    set_ = bivouac(daemon, "set", device, "t", "--minutes", "5y", "--quota", "100MB")
    assert set_["rule"] == {"raw": "2y", "minutes": "5y", "quota": "100MB"}
    assert "nothing" in bivouac(daemon, "set", "nothing-like-it", "--raw", "1d", code=5)
    daemon.kill()
    daemon.start()
    listed = bivouac(daemon)
    assert [one.get("channel") for one in listed["settings"]] == [None, "t"]
    shown = daemon.command_line("retention", language="fr").stdout
    assert "5 ans" in shown and "100Mo" in shown, shown
    bivouac(daemon, "reset", device, "t")
    bivouac(daemon, "reset", device)
    assert bivouac(daemon)["settings"] == []
    assert "lists" in bivouac(daemon, "reset", device, code=5)
