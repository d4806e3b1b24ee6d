"""A small disk of its own for a daemon, and readings that fill it as blocks."""

import json
import os
import random
import struct
import subprocess

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
        self.enter = ["nsenter", f"--target={self.holder.pid}", *user, "--mount"]
        self.daemon = Daemon(
            directory, "commit_interval = 1\n" + configuration, wrapper=self.enter)

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

    def sql(self, statements):
        """Runs statements on the database, inside: SQLite takes no path through /proc."""
        subprocess.run([*self.enter, "sqlite3", "-bail", str(self.state / "bivouac.db"), statements],
                       check=True, timeout=20, stdout=subprocess.DEVNULL)

    def empty(self):
        """Gives it back."""
        os.unlink(self.inside + "/filler")

    def end(self):
        """Unmounts."""
        self.holder.kill()
        self.holder.wait()


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
    disk.fill(leave=2_050_000)
    daemon = disk.daemon.start()
    plug(daemon, board)
    measure(board, 30, noise)
    wait_for(lambda: board.durable == board.next)
    # Whoever sets a rule wants it looked at now.
    bivouac(daemon, "set", device, "--raw", "forever")
    wait_for(lambda: held(daemon, device).get("raw", 0) >= count, 30,
             "the blocks")
    return device, board, noise


def bivouac(daemon, *words, code=0):
    """What `bivouac retention` answers, as JSON."""
    done = subprocess.run(
        [str(BINARY), "retention", *words, "--json", "--socket", str(daemon.socket)],
        capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == code, (words, done.stdout, done.stderr)
    return json.loads(done.stdout) if code == 0 and done.stdout else done.stderr
