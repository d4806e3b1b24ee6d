"""A board with companion firmware is plugged in, pulled out, and met again: nothing is lost."""

import socket

import pytest

from node import modes, wait_for

PLUG_TO_STORED_MAX_S = 2.0


def _stored(node, board):
    return [(r["seq"], r["value"]) for r in node.readings(device=board.id)]


def _all(board):
    return [(seq, f"{value / 10:.1f}") for seq, value in enumerate(board.values)]


def _read_until(stream, *words):
    heard = b""
    while not all(word in heard for word in words):
        piece = stream.recv(65536)
        assert piece, heard
        heard += piece


def test_a_new_board_is_known_stored_and_found_again(bus, node, make_board):
    """Provisioned, its reading on disk within 2 s; gone; the same behind another tty and socket."""
    board = make_board()
    port = board.plug(bus, socket="1", number=0)
    began = node.events("port.appeared")[0]
    device = node.wait_at(port, state="connected")
    assert board.identity != 0 and device["id"] == board.id
    assert device["simulated"] is False and device["kind"] == "companion"
    assert device["model"] == "tester" and not device["provisional"]
    wait_for(lambda: board.durable_at, what="the first acknowledgement")
    assert board.durable_at - began <= PLUG_TO_STORED_MAX_S
    reading, = node.readings(device=board.id)
    assert (reading["value"], reading["unit"], reading["channel"]) == ("21.5", "Cel", "t")
    assert not reading["pending"] and not reading["simulated"]

    port.unplug()
    wait_for(lambda: node.devices()[board.id]["state"] == "absent", what="its absence")
    board.measure(220)
    port = board.plug(bus, socket="3", number=7)
    assert node.wait_at(port, state="connected")["id"] == board.id
    board.wait_safe()
    assert _stored(node, board) == _all(board)
    assert node.questions() == [] and list(node.devices()) == [board.id]


def test_after_kill_only_the_known_board_is_opened(bus, node, make_board):
    """A remembered board found at start is opened; whatever else is there is not touched."""
    board = make_board()
    first = board.plug(bus, socket="1", number=0)
    board.wait_safe()
    node.kill()
    other = bus.plug(socket="2", number=1, vendor="2341", model="0042", serial="7533", raw=False)
    before = modes(other)
    board.session = None
    node.start()
    node.wait_event("port.opened", node="/dev/ttyUSB0")
    board.measure(230)
    board.attach()
    assert node.wait_at(first, state="connected")["id"] == board.id
    device = node.wait_at(other, state="present-not-opened")
    assert device["problem"]["code"] == "present-not-opened"
    board.wait_safe()
    assert _stored(node, board) == _all(board)

    assert node.holds(first) and not node.holds(other)
    assert modes(other) == before and other.terminal.bytes_received == 0
    node.command_line("devices", "open", device["id"])
    node.wait_event("port.opened", node="/dev/ttyUSB1")
    assert node.holds(other) and modes(other) != before
    assert other.terminal.bytes_received == 0


@pytest.mark.parametrize("setting, opened", [("none", []), ("all", ["known", "unknown"])])
def test_open_at_start_is_obeyed(bus, make_node, make_board, setting, opened):
    """`none` opens not even a board it knows, `all` whatever is there; nothing is written."""
    node = make_node(f'open_at_start = "{setting}"\n').start()
    board = make_board()
    ports = {"known": board.plug(bus, socket="1", number=0)}
    board.wait_safe()
    node.stop()
    heard = board.bytes_received
    ports["unknown"] = bus.plug(socket="2", number=1)
    board.session = None
    node.start()
    for name, port in ports.items():
        state = "listening" if name in opened else "present-not-opened"
        node.wait_at(port, state=state)
        assert node.holds(port) == (name in opened)
    assert ports["unknown"].terminal.bytes_received == 0 and board.bytes_received == heard
    if setting == "none":
        node.post(f"/api/v1/devices/{board.id}/open")
        board.attach()
        node.wait_at(ports["known"], state="connected")


def test_always_open_outlives_the_restart(bus, node):
    """What a person said of one device goes before its kind, also while it is not opened yet."""
    port = bus.plug(vendor="2341", model="0042", serial="7533")
    question = node.wait_question(port, "what-is-this")
    node.answer(question, "text")
    device = node.wait_at(port, kind="text")
    node.stop()
    node.start()
    node.wait_at(port, state="present-not-opened")
    node.post(f"/api/v1/devices/{device['id']}/open", {"always": True})
    node.wait_event("port.opened")
    node.stop()
    node.start()
    node.wait_event("port.opened")
    assert node.holds(port) and port.terminal.bytes_received == 0


def test_a_name_stays_with_the_board(bus, node, make_board):
    """Over unplug, another socket, and kill -9."""
    board = make_board()
    port = board.plug(bus)
    board.wait_safe()
    node.command_line("devices", "name", board.id, "Serre 1")
    node.kill()
    port.unplug()
    node.start()
    device = node.devices()[board.id]
    assert (device["name"], device["kind"], device["state"]) == ("Serre 1", "companion", "absent")
    again = board.plug(bus, socket="4", number=3)
    assert node.wait_at(again, state="connected")["name"] == "Serre 1"
    taken, answer = node.request("PUT", f"/api/v1/devices/{board.id}/name", {"name": "a\u202eb"})
    assert taken == 400 and "name" in str(answer)


def test_two_live_boards_with_one_id_are_kept_apart(bus, make_node, make_board):
    """The newcomer is a question; not one of its samples is filed under the id it says."""
    node = make_node("commit_interval = 1\n").start()
    first, second = make_board(0x1122334455667788), make_board(0x1122334455667788, nonce=7)
    second.values = [990, 991, 992]
    second.next = 3
    port = first.plug(bus, socket="1", number=0)
    first.wait_safe()
    other = second.plug(bus, socket="2", number=1)
    second.wait_safe()
    question = node.wait_question(other, "same-identity")
    device = node.at(other)
    assert device["provisional"] and device["id"] != first.id
    first.measure(216)
    wait_for(lambda: first.durable == 2, 15, "the second reading of the first board")
    assert _stored(node, first) == _all(first)
    assert [r["value"] for r in node.readings(device=device["id"])] == ["99.0", "99.1", "99.2"]
    assert not any(r["simulated"] for r in node.readings())
    node.answer(question, "another")
    assert node.questions() == []
    assert node.at(port)["id"] == first.id and node.at(other)["id"] == device["id"]


def test_watchers_are_told_of_every_coming_and_going(bus, node, make_board):
    """The live stream shows a board connected, and absent as soon as it is pulled out."""
    board = make_board()
    port = board.plug(bus)
    board.wait_safe()
    with socket.socket(socket.AF_UNIX) as stream:
        stream.settimeout(10)
        stream.connect(str(node.socket))
        stream.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        _read_until(stream, b"\r\n\r\n")
        port.unplug()
        _read_until(stream, board.id.encode(), b'"state":"absent"')
        board.plug(bus, socket="2")
        _read_until(stream, board.id.encode(), b'"state":"connected"')
