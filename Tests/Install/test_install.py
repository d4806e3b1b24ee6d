"""`make install` under a real systemd: from a bare machine to one that survives."""

import itertools
import os
import re
import stat

import pytest

from machine import BINARY, REPOSITORY, InstalledDaemon, Machine, pause, wait_for
from daemon import Handover
from link import Board
from shim import shim
from test_disk import identity
from test_watchdog import HANGING_SYNC

CONFIGURATION = "/etc/bivouac/bivouac.toml"
DROP_IN = "/etc/systemd/system/bivouac.service.d/rig.conf"


@pytest.fixture(scope="module")
def machine():
    """One machine for all tests: they are one story, in the order of this file."""
    machine = Machine()
    try:
        yield machine.boot()
    finally:
        machine.discard()


@pytest.fixture
def daemon(machine, tmp_path):
    """The daemon that was installed."""
    return InstalledDaemon(machine, tmp_path)


def _make(machine, target, check=True):
    return machine.run("make", "-C", REPOSITORY, target, f"BIN={BINARY.resolve()}", check=check)


BOARDS = itertools.count(0xB0A2D)


def _plug(daemon):
    """A board that the daemon has never seen."""
    number = next(BOARDS)
    board = Board(identity=number, nonce=number, ring=10_000)
    Handover(daemon).give(board.slave)
    board.attach()
    return board


def _recorded(daemon, board):
    """Ten readings that the board was told are safe."""
    before = board.next
    board.samples(list(range(10)), ticks=1000 + before * 10)
    wait_for(lambda: board.durable == before + 10, 20, "the acknowledgement")


def _all_there(daemon, board, count):
    """The first readings of the board, each once."""
    seqs = [reading["seq"] for reading in daemon.readings(device=identity(board))]
    assert seqs[:count] == list(range(count)), seqs
    assert len(set(seqs)) == len(seqs)


def test_installs_enables_and_starts(machine, daemon):
    """One command; it says where everything went and what to do next; again, it changes nothing."""
    said = _make(machine, "install").stdout
    for word in ("/usr/local/bin/bivouac", "/usr/local/lib/systemd/system/bivouac.service",
                 "/usr/local/lib/udev/rules.d/60-bivouac.rules", CONFIGURATION, "adduser",
                 "journalctl"):
        assert word in said, said
    daemon.until_it_answers()
    assert machine.unit("UnitFileState") == "enabled"
    machine.path(CONFIGURATION).write_text("commit_interval = 1\n")
    assert "left as it is" in _make(machine, "install").stdout
    assert machine.path(CONFIGURATION).read_text() == "commit_interval = 1\n"
    daemon.until_it_answers()
    assert machine.run("systemctl", "is-system-running").stdout.strip() == "running"


def test_serves_the_installed_page(machine, daemon):
    """The page itself, not the one that says there is none, through the limits of the unit."""
    program = (
        "import urllib.request as request; "
        "print(request.urlopen('http://127.0.0.1:8420/').read().decode())")
    page = machine.text("/usr/bin/python3", "-c", program)
    assert page == (REPOSITORY / "web/index.html").read_text().strip()


def test_runs_as_its_own_user_with_the_group_of_serial_ports(machine, daemon):
    """User and groups, and who may read what it wrote or speak to it."""
    process = machine.unit("MainPID")
    status = machine.text("cat", f"/proc/{process}/status")
    user = int(machine.text("id", "-u", "bivouac"))
    assert user != 0 and re.search(rf"^Uid:\t{user}\t{user}\t{user}", status, re.M)
    dialout = machine.text("getent", "group", "dialout").split(":")[2]
    assert dialout in re.search(r"^Groups:(.*)$", status, re.M)[1].split()
    for field in ("CapEff", "CapPrm", "CapBnd"):
        assert re.search(rf"^{field}:\t0+$", status, re.M), status
    for folder in ("/var/lib/bivouac", "/run/bivouac"):
        found = os.stat(machine.path(folder))
        assert (stat.S_IMODE(found.st_mode), found.st_uid) == (0o750, user), folder
    machine.run("useradd", "--groups", "bivouac", "member")
    machine.run("useradd", "stranger")
    asking = "/usr/local/bin/bivouac status --json"
    assert machine.run("runuser", "-u", "member", "--", *asking.split()).stdout.startswith("{")
    refused = machine.run("runuser", "-u", "stranger", "--", *asking.split(), check=False)
    assert refused.returncode != 0, refused


def test_opens_serial_ports_and_no_other_device(machine):
    """The unit's device list in the kernel: a port without a driver behind it is not refused."""
    # ENXIO or ENODEV: nothing is behind the number, but opening was allowed. EPERM: it was not.
    program = (
        "import os, errno\n"
        "for name in ('ttyACM77', 'ttyUSB77', 'ttyS77', 'null'):\n"
        "    try: os.close(os.open('/dev/' + name, os.O_RDWR)); print(name, 'open')\n"
        "    except OSError as error: print(name, errno.errorcode[error.errno])\n")
    machine.path("/usr/local/lib/opens.py").write_text(program)
    for name, major, minor in (("ttyACM77", 166, 77), ("ttyUSB77", 188, 77), ("ttyS77", 4, 141)):
        machine.run("mknod", "-m", "666", f"/dev/{name}", "c", major, minor)
    text = machine.path("/usr/local/lib/systemd/system/bivouac.service").read_text()
    text = text.replace("Type=notify", "Type=oneshot").replace("Restart=always", "Restart=no")
    text = re.sub("^ExecStart=.*$", "ExecStart=/usr/bin/python3 /usr/local/lib/opens.py", text,
                  flags=re.M)
    # Folders of its own: systemd removes those of a service that ends.
    text = re.sub("^(State|Runtime)Directory=.*$", r"\1Directory=opens", text, flags=re.M)
    machine.path("/run/systemd/system/opens.service").write_text(text)
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "start", "opens.service")
    found = dict(line.split() for line in machine.text(
        "journalctl", "--output=cat", "--unit=opens.service", "--identifier=python3").splitlines())
    assert found["null"] == "open" and found["ttyS77"] == "EPERM", found
    assert found["ttyACM77"] in ("ENXIO", "ENODEV"), found
    assert found["ttyUSB77"] in ("ENXIO", "ENODEV"), found


def test_starts_at_boot(machine, daemon):
    """What was recorded before the reboot is there after it."""
    board = _plug(daemon)
    _recorded(daemon, board)
    machine.shut_down()
    machine.boot()
    daemon.until_it_answers()
    _all_there(daemon, board, 10)
    board.close()


def test_survives_kill_9(machine, daemon):
    """systemd starts it again, every time, and nothing that a board was told is safe is lost."""
    boards = []
    for times in range(1, 8):
        board = _plug(daemon)
        _recorded(daemon, board)
        # The commit of these may be under way when the process dies.
        board.samples([1] * 10, ticks=5000)
        before = machine.unit("MainPID")
        machine.run("systemctl", "kill", "--signal=KILL", "bivouac.service")
        wait_for(lambda: machine.unit("MainPID") not in ("0", before), 10, "another process")
        daemon.until_it_answers()
        assert machine.unit("NRestarts") == str(times)
        boards.append((board, board.durable))
        for killed, safe in boards:
            _all_there(daemon, killed, safe)
    for board, safe in boards:
        assert safe >= 10
        board.close()


def test_stops_in_order(machine, daemon):
    """What waits for a commit is committed, and systemd calls the end a success."""
    machine.path(CONFIGURATION).write_text("commit_interval = 60\n")
    machine.run("systemctl", "restart", "bivouac.service")
    daemon.until_it_answers()
    counted = len(daemon.readings())
    board = _plug(daemon)
    board.samples([200])
    wait_for(lambda: board.durable == 1, 20, "the first acknowledgement")
    board.samples([201, 202, 203])
    wait_for(lambda: daemon.get("/api/v1/status")["storage"]["pendingReadings"] == 3)
    machine.run("systemctl", "stop", "bivouac.service")
    assert (machine.unit("ActiveState"), machine.unit("Result")) == ("inactive", "success")
    pause(3)
    assert machine.unit("ActiveState") == "inactive", "a stop is not undone by Restart="
    machine.run("systemctl", "start", "bivouac.service")
    daemon.until_it_answers()
    assert len(daemon.readings()) == counted + 4
    board.close()


def test_is_restarted_when_a_write_hangs(machine, daemon, tmp_path):
    """A sync that never ends starves the watchdog; the process is ended and started again."""
    machine.path("/usr/local/lib/hanging.so").write_bytes(
        open(shim(tmp_path, HANGING_SYNC), "rb").read())
    machine.path(CONFIGURATION).write_text("commit_interval = 1\n")
    machine.path(DROP_IN).parent.mkdir(exist_ok=True)
    machine.path(DROP_IN).write_text(
        "[Service]\nWatchdogSec=2\nEnvironment=LD_PRELOAD=/usr/local/lib/hanging.so "
        "HANGING=/var/lib/bivouac/hanging\n")
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "restart", "bivouac.service")
    daemon.until_it_answers()
    board = _plug(daemon)
    _recorded(daemon, board)
    pause(5)
    assert machine.unit("NRestarts") == "0", "restarted without a reason"
    counted, before = len(daemon.readings()), machine.unit("MainPID")
    hanging = machine.path("/var/lib/bivouac/hanging")
    hanging.touch()
    board.samples([1, 2, 3])
    wait_for(lambda: machine.unit("MainPID") != before, 15, "the end by the watchdog")
    hanging.unlink()
    daemon.until_it_answers()
    log = machine.text("journalctl", "--unit=bivouac.service", "--output=cat")
    assert "Watchdog timeout" in log, log[-2000:]
    assert machine.unit("NRestarts") == "1"
    assert board.durable == 10 and len(daemon.readings()) >= counted
    board.close()


def test_uninstalls_and_leaves_what_was_recorded(machine):
    """The program is gone, the readings and the configuration are not; again, it is no error."""
    for _ in range(2):
        said = _make(machine, "uninstall").stdout
        assert "/var/lib/bivouac" in said
    assert machine.path("/var/lib/bivouac/bivouac.db").exists()
    assert machine.path(CONFIGURATION).exists()
    left = machine.text("find", "/usr/local", "/etc/udev", "-name", "*bivouac*")
    assert not left, left
    assert machine.run("systemctl", "is-active", "bivouac.service", check=False).returncode != 0
