"""What systemd is told: ready, stopping, and that all is well only while loop and storage turn."""

import ctypes
import os
import time
from pathlib import Path

from daemon import Daemon, Handover, wait_for
from link import Board
from rig_systemd import Notifications
from shim import shim
from test_disk import SmallDisk, until_full

ALLOWED_US = 1_000_000
PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207
ANY_THREAD = 0x40000000
"""waitpid's __WALL: also for threads."""

HANGING_SYNC = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>
static int perhaps(const char *name, int descriptor) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  while (access(getenv("HANGING"), F_OK) == 0) usleep(10 * 1000);
  return real(descriptor);
}
int fsync(int descriptor) { return perhaps("fsync", descriptor); }
int fdatasync(int descriptor) { return perhaps("fdatasync", descriptor); }
"""


class FrozenThread:
    """One thread of a process stands still, as if the machine never gave it a turn."""

    def __init__(self, process, name):
        library = ctypes.CDLL(None, use_errno=True)
        self.ptrace = library.ptrace
        self.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        self.ptrace.restype = ctypes.c_long
        tasks = Path(f"/proc/{process}/task").iterdir()
        self.thread, = [int(task.name) for task in tasks
                        if (task / "comm").read_text().strip() == name]
        self._call(PTRACE_SEIZE)
        self._call(PTRACE_INTERRUPT)
        os.waitpid(self.thread, ANY_THREAD)
        status = Path(f"/proc/{process}/task/{self.thread}/stat").read_text()
        assert status.rpartition(")")[2].split()[0] == "t", status

    def _call(self, request):
        assert self.ptrace(request, self.thread, None, None) == 0, os.strerror(ctypes.get_errno())

    def go_on(self):
        """The thread runs again."""
        self._call(PTRACE_DETACH)


def _watched(tmp_path, **environment):
    notifications = Notifications(tmp_path / "notify")
    environment.update(NOTIFY_SOCKET=str(notifications.path), WATCHDOG_USEC=str(ALLOWED_US))
    daemon = Daemon(tmp_path, "commit_interval = 1\n", environment=environment)
    return daemon, notifications


def _starves(notifications):
    """From now on nothing is fed for three times what systemd allows."""
    # One feeding may have been on its way.
    time.sleep(0.2)
    notifications.clear()
    time.sleep(3 * ALLOWED_US / 1e6)
    return notifications.fed() == 0


def _is_fed(notifications):
    before = notifications.fed()
    wait_for(lambda: notifications.fed() >= before + 3, 5, "feedings")
    return True


def test_ready_then_fed_at_twice_the_rate_then_stopping(tmp_path):
    """READY once, a feeding each half of the time that is allowed, STOPPING, and no more."""
    daemon, notifications = _watched(tmp_path)
    daemon.start()
    wait_for(lambda: notifications.fed() >= 8, 8, "8 feedings")
    assert sum("READY=1" in text for _, text in notifications.all()) == 1
    assert "READY=1" in notifications.all()[0][1]
    times = [when for when, text in notifications.all() if text == "WATCHDOG=1"]
    gaps = [later - earlier for earlier, later in zip(times, times[1:])]
    assert max(gaps) < ALLOWED_US / 1e6, gaps
    middle = sorted(gaps)[len(gaps) // 2]
    assert 0.4 < middle < 0.6, gaps
    daemon.finish()
    texts = [text for _, text in notifications.all()]
    assert texts[-1] == "STOPPING=1", texts


def test_not_fed_when_nobody_watches(tmp_path):
    """Without WATCHDOG_USEC, or with another process's WATCHDOG_PID, only READY and STOPPING."""
    for number, environment in enumerate(({}, {"WATCHDOG_USEC": "100000", "WATCHDOG_PID": "1"})):
        notifications = Notifications(tmp_path / f"notify{number}")
        environment["NOTIFY_SOCKET"] = str(notifications.path)
        daemon = Daemon(tmp_path / str(number), environment=environment).start()
        time.sleep(0.5)
        daemon.finish()
        assert notifications.fed() == 0
        assert len(notifications.all()) == 2, notifications.all()


def test_starves_while_the_storage_thread_stands_still(tmp_path):
    """The loop goes on and answers; systemd hears nothing until storage turns again."""
    daemon, notifications = _watched(tmp_path)
    daemon.start()
    assert _is_fed(notifications)
    frozen = FrozenThread(daemon.process.pid, "store")
    assert _starves(notifications)
    assert daemon.get("/api/v1/status"), "the loop turns"
    frozen.go_on()
    assert _is_fed(notifications)
    daemon.finish()


def test_starves_while_the_loop_stands_still(tmp_path):
    """Storage has nothing to say then: a thread that nobody asks feeds nothing."""
    daemon, notifications = _watched(tmp_path)
    daemon.start()
    assert _is_fed(notifications)
    frozen = FrozenThread(daemon.process.pid, "bivouac")
    assert _starves(notifications)
    frozen.go_on()
    assert _is_fed(notifications)
    daemon.stop()


def test_starves_while_a_write_hangs(tmp_path):
    """A disk that never ends a sync: readings wait, systemd hears nothing, then all goes on."""
    hanging = tmp_path / "hanging"
    daemon, notifications = _watched(
        tmp_path, LD_PRELOAD=shim(tmp_path, HANGING_SYNC), HANGING=str(hanging))
    daemon.start()
    assert _is_fed(notifications)
    board = Board(ring=10_000)
    Handover(daemon).give(board.slave)
    board.attach()
    hanging.touch()
    board.samples([1, 2, 3])
    wait_for(lambda: daemon.get("/api/v1/status")["storage"]["pendingReadings"] == 3)
    assert _starves(notifications)
    assert board.durable == 0
    hanging.unlink()
    wait_for(lambda: board.durable == 3, what="the acknowledgement")
    assert _is_fed(notifications)
    daemon.finish()
    board.close()


def test_fed_while_the_disk_is_full(tmp_path):
    """Waiting for room is no hang: a restart would not make any."""
    notifications = Notifications(tmp_path / "notify")
    os.environ.update(NOTIFY_SOCKET=str(notifications.path), WATCHDOG_USEC=str(ALLOWED_US))
    try:
        disk = SmallDisk(tmp_path)
    finally:
        del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]
    board = Board(ring=100_000)
    Handover(disk.daemon).give(board.slave)
    board.attach()
    until_full(disk, board)
    assert _is_fed(notifications)
    assert disk.daemon.get("/api/v1/status")["storage"]["state"] == "waiting"
    disk.free()
    wait_for(lambda: board.durable == board.next, 15, "the acknowledgement of everything")
    disk.daemon.finish()
    board.close()
