"""Full, slow, read-only and damaged disks: nothing that was acknowledged is lost."""

import os
import shutil
import signal
import sqlite3
import struct
import subprocess
import time

import pytest

from daemon import BINARY, Daemon, Handover, wait_for
from link import Board
from shim import shim

SLOW_SYNC = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
static int slowly(const char *name, int descriptor) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  int result = real(descriptor);
  usleep(500 * 1000);
  return result;
}
int fsync(int descriptor) { return slowly("fsync", descriptor); }
int fdatasync(int descriptor) { return slowly("fdatasync", descriptor); }
"""


def _plug(daemon, **options):
    board = Board(**options)
    Handover(daemon).give(board.slave)
    board.attach()
    return board


def identity(board):
    """What the daemon calls a simulated board."""
    return "sim-" + struct.pack("<Q", board.identity).hex()


def _storage(daemon):
    return daemon.get("/api/v1/status")["storage"]


def _seqs(daemon, board):
    return [reading["seq"] for reading in daemon.readings(device=identity(board))]


def _resident_kib(process):
    return int(open(f"/proc/{process}/status").read().split("RssAnon:")[1].split()[0])


UNSHARE = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]


def _joining(process):
    """What runs a program among the mounts of `process`, in whose user namespace they may be."""
    user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
    return ["nsenter", f"--target={process.pid}", *user, "--mount"]


class SmallDisk:
    """A daemon whose state lies on a file system of 4 MiB of its own."""

    def __init__(self, directory):
        state = directory / "state"
        script = f'mount -t tmpfs -o size=4m,mode=700 small "{state}" && exec "$@"'
        self.daemon = Daemon(
            directory, "commit_interval = 1\n", wrapper=UNSHARE + ["sh", "-c", script, "sh"])
        self.daemon.start()
        self.filler = f"/proc/{self.daemon.process.pid}/root{state}/filler"

    def fill(self):
        """Takes what space there is."""
        descriptor = os.open(self.filler, os.O_WRONLY | os.O_CREAT)
        try:
            for size in (65536, 4096, 1):
                while True:
                    os.write(descriptor, b"x" * size)
        except OSError:
            pass
        for size in (4096, 1):
            try:
                while True:
                    os.write(descriptor, b"x" * size)
            except OSError:
                pass
        os.close(descriptor)

    def free(self):
        """Gives it back."""
        os.unlink(self.filler)


def until_full(disk, board):
    """Samples until commits fail for 2 s: at first the log has pages to reuse, then the ballast."""
    def waits():
        disk.fill()
        board.samples([board.next % 100] * 20, ticks=1000 + board.next * 10)
        storage = _storage(disk.daemon)
        if storage["state"] != "waiting" or storage["ballast"]["state"] == "held":
            since[0] = time.monotonic()
        return time.monotonic() - since[0] > 2
    since = [time.monotonic()]
    wait_for(waits, 30, "a full disk")


def test_a_full_disk_is_said_and_recording_resumes(tmp_path):
    """Nothing is acknowledged that is not on disk; with space it goes on, once and whole."""
    disk = SmallDisk(tmp_path)
    daemon = disk.daemon
    board = _plug(daemon, ring=100_000)
    board.samples([1, 2, 3])
    wait_for(lambda: board.durable == 3)
    until_full(disk, board)
    assert _storage(daemon)["problem"]["code"] == "storage.full"
    text = daemon.command_line("status", check=False)
    assert "no space left" in text.stdout + text.stderr
    durable, memory = board.durable, _resident_kib(daemon.process.pid)
    status, refusal = daemon.request(
        "POST", f"/api/v1/devices/{identity(board)}/commands", {"name": "led", "arguments": ["1"]})
    assert (status, refusal["code"]) == (507, "storage.full"), refusal
    for _ in range(100):
        board.samples([board.next % 100] * 20, ticks=1000 + board.next * 10)
        time.sleep(0.02)
    assert board.durable == durable < board.next, "acknowledged without a disk"
    assert not any(body[0] == 16 for body in board.received), "a command without a claim on disk"
    assert _resident_kib(daemon.process.pid) - memory < 8192, "memory grew"
    disk.free()
    wait_for(lambda: board.durable == board.next, 15, "the acknowledgement of everything")
    storage = _storage(daemon)
    assert storage["state"] == "recording" and "problem" not in storage
    assert _seqs(daemon, board) == list(range(board.next))
    daemon.finish()
    board.close()


def test_a_board_beyond_what_memory_holds_is_held_back_not_lost(tmp_path):
    """A full disk for longer than the memory lasts: the rest stays in the board's ring."""
    disk = SmallDisk(tmp_path)
    daemon = disk.daemon
    board = _plug(daemon, ring=1_000_000)
    board.samples([1])
    wait_for(lambda: board.durable == 1)
    until_full(disk, board)
    durable, first = board.durable, board.next
    for _ in range(400):
        board.samples([board.next % 50] * 200, ticks=1000 + board.next * 10)
    wait_for(lambda: _storage(daemon)["pendingReadings"] > 500, what="a backlog")
    assert board.durable == durable
    assert _resident_kib(daemon.process.pid) < 200_000
    disk.free()
    wait_for(lambda: board.durable >= first, 20, "an acknowledgement")

    def again():
        # What the host did not take is sent again from the ring, from where it stands.
        board.session = None
        board.attach()
        start = board.durable
        while start < board.next:
            count = min(200, board.next - start)
            values = [(start + place) % 50 for place in range(count)]
            board.samples(values, ticks=1000 + start * 10, first=start)
            start += count
        time.sleep(1)
        return board.durable == board.next
    wait_for(again, 60, "the acknowledgement of everything")
    assert _seqs(daemon, board) == list(range(board.next))
    daemon.finish()
    board.close()


def _recorded(directory, count=40):
    """A state folder with readings, of a daemon that has ended."""
    daemon = Daemon(directory, "commit_interval = 1\n").start()
    board = _plug(daemon, ring=10_000)
    for _ in range(count // 10):
        before = board.next
        board.samples(list(range(10)), ticks=1000 + board.next * 10)
        wait_for(lambda: board.durable == before + 10)
    daemon.finish()
    board.close()
    return daemon


def _refused(daemon, code, *words):
    """The daemon ends with 1 and says why, in both languages, and touches nothing."""
    database = daemon.state / "bivouac.db"
    before = database.read_bytes()
    said = {}
    for language in ("en", "fr"):
        environment = dict(os.environ, LC_ALL=f"{language}_XX.UTF-8", NO_COLOR="1")
        result = subprocess.run(
            [*daemon.wrapper, str(BINARY), "run", "--state", str(daemon.state), "--config",
             str(daemon.configuration), "--socket", str(daemon.socket)],
            env=environment, capture_output=True, text=True, timeout=30,
            stdin=subprocess.DEVNULL)
        assert result.returncode == 1, (language, result)
        assert f"code={code}" in result.stderr, result.stderr
        said[language] = result.stderr.splitlines()[-1]
        assert "bivouac.db" in result.stderr
    for word in words:
        assert word in said["en"], said
    assert said["en"] != said["fr"], said
    assert database.read_bytes() == before, "the file was changed"
    return said


def test_a_file_that_is_no_database_is_refused(tmp_path):
    """Garbage: damaged, with what to do, and left as it is."""
    daemon = _recorded(tmp_path)
    (daemon.state / "bivouac.db").write_bytes(os.urandom(8192))
    _refused(daemon, "storage.damaged", "damaged", ".recover")


def test_a_truncated_database_is_refused(tmp_path):
    """Half a file is damaged, never taken for a small one."""
    daemon = _recorded(tmp_path)
    database = daemon.state / "bivouac.db"
    database.write_bytes(database.read_bytes()[:database.stat().st_size // 2 // 4096 * 4096])
    _refused(daemon, "storage.damaged", "damaged", ".recover")


def test_a_database_of_a_newer_version_is_refused(tmp_path):
    """A later layout is not ours to read, and not ours to change."""
    daemon = _recorded(tmp_path)
    with sqlite3.connect(daemon.state / "bivouac.db") as database:
        database.execute("PRAGMA journal_mode=DELETE")
        database.execute("PRAGMA user_version=99")
    database.close()
    said = _refused(daemon, "storage.newer", "99", "newer")
    assert "99" in said["fr"]


def test_a_database_of_another_program_is_refused(tmp_path):
    """Somebody else's file stays as it is."""
    daemon = Daemon(tmp_path)
    with sqlite3.connect(daemon.state / "bivouac.db") as database:
        database.execute("CREATE TABLE cats(name TEXT)")
    database.close()
    _refused(daemon, "storage.not-ours", "another program", "state folder")


def test_a_database_of_another_node_is_refused(tmp_path):
    """A key that is not the database's: the right one is asked for."""
    daemon = _recorded(tmp_path)
    (daemon.state / "node.key").write_bytes(bytes(range(32)))
    _refused(daemon, "storage.other-node", "another key", "node.key")


def test_a_read_only_folder_is_refused(tmp_path):
    """On a file system that may not be written nothing is begun."""
    daemon = _recorded(tmp_path)
    state = daemon.state
    script = (f'mount --bind "{state}" "{state}" && mount -o remount,ro,bind "{state}"'
              ' && exec "$@"')
    daemon.wrapper = UNSHARE + ["sh", "-c", script, "sh"]
    before = (state / "bivouac.db").read_bytes()
    daemon.start(ready=False)
    assert daemon.process.wait(timeout=20) == 1
    wait_for(lambda: any("storage.readonly" in line for line in daemon.log), what="the reason")
    assert (state / "bivouac.db").read_bytes() == before


def test_a_slow_disk_delays_acknowledgements_and_nothing_else(tmp_path):
    """With syncs of half a second the board flows, the loop turns, and acks follow the syncs."""
    environment = {"LD_PRELOAD": shim(tmp_path, SLOW_SYNC)}
    daemon = Daemon(tmp_path, "commit_interval = 1\n", environment=environment).start()
    board = _plug(daemon, ring=100_000)
    board.samples([1])
    sent = time.monotonic()
    wait_for(lambda: board.durable == 1)
    assert time.monotonic() - sent >= 0.45, "acknowledged before the sync"
    acknowledged = []
    begun = time.monotonic()
    while time.monotonic() - begun < 4:
        board.samples([board.next % 100], ticks=1000 + board.next * 20)
        acknowledged.append(board.durable)
        before = time.monotonic()
        daemon.get("/api/v1/status")
        assert time.monotonic() - before < 0.3, "an answer waited for the disk"
        time.sleep(0.02)
    assert len(set(acknowledged)) <= 9, "more acknowledgements than syncs have time for"
    assert daemon.get("/api/v1/devices")[0]["link"]["samplesStored"] >= board.next - 2
    wait_for(lambda: board.durable == board.next)
    daemon.kill()
    daemon.environment.pop("LD_PRELOAD")
    daemon.start()
    assert _seqs(daemon, board) == list(range(board.next))
    daemon.finish()
    board.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_an_end_on_a_full_disk_loses_nothing_acknowledged(tmp_path, number):
    """Killed or ended while the disk is full: what the board was told is there afterwards."""
    disk = SmallDisk(tmp_path)
    daemon = disk.daemon
    board = _plug(daemon, ring=100_000)
    board.samples(list(range(10)))
    wait_for(lambda: board.durable == 10)
    until_full(disk, board)
    safe = board.durable
    # The mount dies with its last process: one is kept in it.
    keeper = subprocess.Popen([*_joining(daemon.process), "sleep", "60"])
    wait_for(lambda: os.readlink(f"/proc/{keeper.pid}/ns/mnt")
             == os.readlink(f"/proc/{daemon.process.pid}/ns/mnt"))
    disk.filler = disk.filler.replace(str(daemon.process.pid), str(keeper.pid), 1)
    daemon.process.send_signal(number)
    code = daemon.process.wait(timeout=10)
    assert code == (1 if number == signal.SIGTERM else -signal.SIGKILL)
    disk.free()
    daemon.wrapper = _joining(keeper)
    daemon.start()
    assert _seqs(daemon, board)[:safe] == list(range(safe))
    daemon.finish()
    keeper.kill()
    keeper.wait()
    board.close()


def _full_from_the_start(directory, prepare=""):
    """A daemon whose file system has no room before it starts, and what gives it room."""
    keeper = subprocess.Popen(
        [*UNSHARE, "sh", "-c",
         f'mount -t tmpfs -o size=4m,mode=700 small "{directory / "state"}" && {prepare or "true"}'
         ' && echo ready && exec sleep 120'],
        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    assert keeper.stdout.readline() == "ready\n"
    disk = SmallDisk.__new__(SmallDisk)
    disk.filler = f"/proc/{keeper.pid}/root{directory / 'state'}/filler"
    disk.fill()
    disk.daemon = Daemon(directory, "commit_interval = 1\n", wrapper=_joining(keeper))
    return disk, keeper


def _waits_for_room(daemon):
    """It says what is wrong and what to do: in its log, over the socket and in both languages."""
    def refused():
        assert daemon.process.poll() is None, "\n".join(daemon.log)
        try:
            return daemon.request("GET", "/api/v1/status")
        except OSError:
            return None
    status, problem = wait_for(refused, 10, "an answer while it waits")
    assert (status, problem["code"]) == (507, "storage.full"), problem
    assert "free some space" in problem["remedy"]
    line = next(line for line in daemon.log if "start.waiting" in line)
    assert "storage.full" in line and "no space left" in line and str(daemon.state) in line, line
    for language, words in (("en", "no space left"), ("fr", "faites de la place")):
        result = daemon.command_line("status", language=language, check=False)
        assert result.returncode == 1 and words in result.stdout + result.stderr, result


@pytest.mark.parametrize("state", ["new", "existing"])
def test_a_disk_full_at_the_start_is_waited_for(tmp_path, state):
    """No room to begin: said with cause and remedy, nothing harmed; with room it begins."""
    old, prepare = 0, ""
    if state == "existing":
        before = _recorded(tmp_path / "before")
        shutil.copytree(before.state, tmp_path / "copy")
        (tmp_path / "copy" / "ballast").unlink()  # else it would begin with that room
        # What a crash leaves: a write-ahead log is to be made anew.
        prepare = f'cp -a "{tmp_path / "copy"}/." "{tmp_path / "state"}/"'
        old = 40
    (tmp_path / "state").mkdir()
    disk, keeper = _full_from_the_start(tmp_path, prepare)
    daemon = disk.daemon
    try:
        daemon.start(ready=False)
        _waits_for_room(daemon)
        # It ends in order while it waits, and comes again.
        daemon.stop()
        daemon.log.clear()
        daemon.start(ready=False)
        _waits_for_room(daemon)
        disk.free()

        def records():
            try:
                return daemon.request("GET", "/api/v1/status")[0] == 200
            except OSError:
                return False
        wait_for(records, 10, "the start, once there is room")
        assert len(daemon.readings()) == old
        board = _plug(daemon, ring=100, identity=0x1234567812345678)
        board.samples([1, 2, 3])
        wait_for(lambda: board.durable == 3)
        assert _seqs(daemon, board) == [0, 1, 2]
        assert not daemon.get("/api/v1/status")["notices"]
        daemon.finish()
        board.close()
    finally:
        if daemon.process.poll() is None:
            daemon.kill()
        keeper.kill()
        keeper.wait()
