"""Readings give way on a small disk that is really full: recording goes on, what goes is said
exactly, and a person acknowledges it."""

import os
import random
import struct
import time

import pytest

from daemon import Daemon, wait_for
from small_disk import SmallDisk, alarm, bivouac, compacted, held, measure, plug, recorded
from small_disk import storage, went


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


def trimmed(daemon, device, board, noise, count):
    """Measures until readings gave way and all that went is told; what is left whole, by numbers."""
    bivouac(daemon, "set", device, "--raw", "forever")

    def is_alarm():
        measure(board, 30, noise)
        return alarm(daemon) and storage(daemon)["trimming"]["state"] == "idle"
    wait_for(is_alarm, 20, "the alarm")
    whole = []

    def is_told():
        # A disk that is full to the last byte may have needed more than one run.
        whole[:] = [one["seq"] for one in daemon.readings(device=device)]
        gone = count - sum(1 for seq in whole if seq < count)
        return went(daemon) == gone == int(alarm(daemon)["parameters"]["readings"])
    wait_for(is_told, 10, "the record of all that went")
    return whole


def test_a_full_disk_takes_the_oldest_says_so_and_recording_goes_on(small):
    """Others fill the disk: the oldest readings become minutes, a person hears of it, and the
    ballast comes back with the room."""
    disk = small("16m")
    daemon, count = disk.daemon, 130_000
    device, board, noise = compacted(disk, count)
    disk.fill()
    whole = trimmed(daemon, device, board, noise, count)
    gone = count - sum(1 for seq in whole if seq < count)
    left = held(daemon, device)
    assert 0 < gone < count and left["minutes"] == gone and "summaries" not in left, left
    # The oldest went, and nothing of what came last.
    assert whole == list(range(gone, gone + len(whole)))
    for record in bivouac(daemon)["went"]:
        assert [(one["left"], one["reason"]) for one in record["went"]] == [("minutes", "space")]
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

    def is_exact():
        # Another run may go on between two pages: then all is asked for again.
        gone = held(daemon, device)["minutes"]
        here = [one["seq"] for one in daemon.readings(device=device)]
        return 0 < gone < count and here == list(range(gone, count + 30)) and (
            held(daemon, device)["minutes"] == gone)
    wait_for(is_exact, 20, "what is on record to be what went")


def test_what_waited_for_its_record_is_told_on_a_full_disk_without_a_ballast(small):
    """What a run took before the power went is on record, and so is what makes room for it now."""
    disk = small("16m", '[retention]\nballast = "none"\n')
    daemon = disk.daemon
    device, board, noise = compacted(disk, 60_000)
    # The log stays, as after a power cut: without it nothing can be opened on a full disk.
    disk.sql("INSERT INTO trimmed SELECT kind, identity, 'before', 1, 2, 4711, 1, 9, 1, 2 "
             "FROM series LIMIT 1")
    daemon.kill()
    disk.fill()
    daemon.start()
    plug(daemon, board)
    measure(board, 600, noise)
    wait_for(lambda: board.durable == board.next, 30, "recording")
    assert disk.free() == 0

    def told(channel):
        return sum(one["readings"] for record in bivouac(daemon)["went"] for one in record["went"]
                   if (one["channel"], one["left"]) == (channel, "minutes"))
    wait_for(lambda: told("before") == 4711, 15, "the record that waited")
    wait_for(lambda: 0 < told("t") == held(daemon, device)["minutes"], 15, "what made the room")
    board.close()


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
