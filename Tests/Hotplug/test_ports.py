"""What udev says twice or should not, and ports that do not open."""

import grp
import os
import subprocess
import sys

import pytest

from link import SAMPLES, frame
from node import wait_for

HOLDER = """
import fcntl, os, sys, termios
line = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
fcntl.ioctl(line, termios.TIOCEXCL)
print("held", flush=True)
sys.stdin.read()
fcntl.ioctl(line, termios.TIOCNXCL)  # a serial line forgets it at close, a pty does not
"""


def _without(*capabilities):
    """Runs a command without powers of root, where it has them: those see no locked door."""
    if os.geteuid() != 0:
        return []
    taken = ",".join(f"-{capability}" for capability in capabilities)
    return ["setpriv", f"--bounding-set={taken}", f"--inh-caps={taken}"]


def test_an_add_that_comes_twice_opens_once(bus, make_node, make_board):
    """Also while a board is attached: its session goes on."""
    node = make_node("commit_interval = 1\n").start()
    board = make_board()
    port = board.plug(bus)
    port.announce_again()
    port.announce_again()
    board.wait_safe()
    session = board.session
    port.announce_again()
    other = bus.plug(socket="2", number=1)
    node.wait_event("port.opened", node=f"/dev/{other.name}")
    board.measure(100)
    wait_for(lambda: board.durable == 2, 15, "the second reading")
    assert board.session == session
    assert len(node.events("port.appeared")) == len(node.events("port.opened")) == 2


@pytest.mark.parametrize("when", ["before", "while"])
def test_lines_without_usb_are_left_alone(bus, make_node, when):
    """ttyS* of the board itself, and a gadget's own end: neither listed nor opened."""
    node = make_node('open_at_start = "all"\n')
    if when == "while":
        node.start()
    strange = [bus.platform_port(name) for name in ("ttyS0", "ttyS4", "ttyGS0", "ttyAMA0")]
    strange.append(bus.plug(socket="6", number=3, name="ttyS"))
    if when == "before":
        node.start()
    port = bus.plug(number=1)
    node.wait_event("port.opened", node=f"/dev/{port.name}")
    assert len(node.get("/api/v1/devices")) == 1
    assert len(node.events("port.appeared")) == 1
    for one in strange:
        assert not node.holds(one) and one.terminal.bytes_received == 0


def test_a_locked_door_names_the_group_to_join(bus, make_node):
    """EACCES: which group, in both languages; opened on request once that is mended."""
    node = make_node(wrapper=_without("dac_override", "dac_read_search")).start()
    port = bus.plug(locked=True)
    device = node.wait_at(port, state="cannot-open")
    group = grp.getgrgid(os.stat(port.terminal.path).st_gid).gr_name
    problem = wait_for(lambda: (lambda p: p["parameters"]["group"] and p)(
        node.at(port)["problem"]), what="the group")
    assert problem["code"] == "port.permission"
    assert problem["parameters"] == {"node": f"/dev/{port.name}", "group": group}
    for language in ("en", "fr"):
        shown = node.command_line("devices", "show", device["id"], language=language).stdout
        assert group in shown, shown
    os.chmod(port.terminal.path, 0o600)
    node.post(f"/api/v1/devices/{device['id']}/open")
    node.wait_at(port, state="listening")


def test_a_problem_leaves_with_its_port(bus, make_node):
    """The next plug in that socket begins without it: what is wrong then is said anew."""
    node = make_node(wrapper=_without("dac_override", "dac_read_search")).start()
    for plug in (1, 2):
        port = bus.plug(locked=True)
        node.wait_event("port.failed", count=plug, cause="permission-denied")
        port.unplug()
        node.wait_event("port.vanished", count=plug)


def test_a_held_port_names_its_holder_and_is_opened_when_free(bus, make_node):
    """EBUSY: which process; tried again by itself."""
    node = make_node(wrapper=_without("sys_admin")).start()
    terminal = bus.terminal()
    # Not under umockdev, which knows no TIOCEXCL.
    environment = {key: value for key, value in os.environ.items() if key != "LD_PRELOAD"}
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, terminal.path], env=environment,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"held\n"
    port = bus.plug(terminal=terminal)
    node.wait_at(port, state="cannot-open")
    problem = wait_for(lambda: (lambda p: p["parameters"]["pid"] and p)(
        node.at(port)["problem"]), what="the holder")
    assert problem["code"] == "port.held"
    assert problem["parameters"]["pid"] == str(holder.pid)
    assert problem["parameters"]["holder"] == open(f"/proc/{holder.pid}/comm").read().strip()
    holder.communicate()
    node.wait_at(port, 20, state="listening")
    assert "problem" not in node.at(port) and terminal.bytes_received == 0


def test_two_hundred_cycles_lose_nothing_and_leak_nothing(bus, make_node, make_board):
    """In and out: each is heard and opened; a board gets all its readings through meanwhile."""
    node = make_node("commit_interval = 1\n").start()
    board = make_board()
    board.plug(bus, socket="8", number=8).unplug()
    node.wait_event("port.vanished", count=1)
    descriptors = node.descriptors
    for cycle in range(200):
        board.measure(cycle)
        if cycle % 8 == 0:
            port = board.plug(bus, socket=str(1 + cycle % 3), number=cycle % 2)
            wait_for(lambda: board.durable > 0)
        else:
            port = bus.plug(socket=str(1 + cycle % 3), number=cycle % 2)
        node.wait_event("port.opened", count=2 + cycle)
        port.unplug()
        node.wait_event("port.vanished", count=2 + cycle)
        if cycle == 100:
            resident = node.resident_kib
    assert len(node.events("port.appeared")) == 201
    assert node.resident_kib - resident < 2048, "memory grew"
    wait_for(lambda: node.descriptors <= descriptors, 10, "as few open files as before")
    port = board.plug(bus)
    board.wait_safe()
    readings = [(r["seq"], r["value"]) for r in node.readings(device=board.id)]
    assert readings == [(seq, f"{value / 10:.1f}") for seq, value in enumerate(board.values)]
    assert node.questions() == []


def test_a_second_reader_of_an_open_port_is_named(bus, make_node, make_board):
    """Frames that keep breaking while another process has the port open: the device says who."""
    node = make_node("commit_interval = 1\n").start()
    board = make_board()
    port = board.plug(bus)
    board.wait_safe()
    second = subprocess.Popen(
        [sys.executable, "-c", "import os, sys; os.open(sys.argv[1], os.O_RDWR); print('open',"
         " flush=True); sys.stdin.read()", os.ttyname(board.slave)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert second.stdout.readline() == "open\n"
        whole = frame(bytes([SAMPLES, 0]) + bytes(8))
        for _ in range(5):
            board.send(whole[:5] + whole[6:])
        problem = wait_for(
            lambda: (lambda p: p and p["code"] == "port.shared" and p)(
                node.at(port).get("problem")), 15, "a word about the second reader")
        assert problem["parameters"]["holder"].startswith("python")
        assert node.at(port)["link"]["framesCorrupt"] >= 3
        board.measure(100)
        wait_for(lambda: board.durable == 2, 15, "a reading all the same")
    finally:
        second.stdin.close()
        second.wait()
