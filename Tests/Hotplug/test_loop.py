"""What must not make the loop wait; how long its turns were is asserted when each test ends."""

import subprocess
from pathlib import Path

CONSOLES = 200


def test_a_slow_disk_does_not_hold_the_loop(bus, make_node, make_board, tmp_path):
    """200 ms for every sync, from the first start on: boards are served meanwhile."""
    library = tmp_path / "slow_disk.so"
    source = Path(__file__).with_name("slow_disk.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O", "-o", library, source, "-ldl"], check=True)
    node = make_node("commit_interval = 1\n", preload=library).start()
    board = make_board()
    port = board.plug(bus)
    board.wait_safe()
    board.measure(1)
    port.unplug()
    node.wait_event("port.vanished")
    board.plug(bus, socket="2")
    board.wait_safe()
    node.command_line("devices", "name", board.id, "slow")
    assert [r["value"] for r in node.readings(device=board.id)] == ["21.5", "0.1"]


def test_many_consoles_do_not_hold_the_loop(bus, make_node):
    """What has no hardware behind it is not looked at: a desktop has 64 such, a server more."""
    for number in range(CONSOLES):
        bus.virtual_console(number)
    node = make_node().start()
    port = bus.plug()
    node.wait_event("port.opened", node=f"/dev/{port.name}")
