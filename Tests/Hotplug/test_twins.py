"""Devices that USB cannot tell apart: asked about, never guessed."""

from node import wait_for

SETTLED_S = 15


def _text(bus, node, line=b"ready\r\n", **description):
    """A device of kind text, in a socket."""
    port = bus.plug(**description)
    node.wait_event("port.opened", node=f"/dev/{port.name}")
    port.terminal.send(line)
    return port


def test_twins_without_a_serial_are_their_sockets(bus, node):
    """Two CH340: two devices; one that moves is a question, and is not guessed."""
    first = _text(bus, node, socket="1", number=0)
    second = _text(bus, node, socket="2", number=1)
    ids = [node.wait_at(port, SETTLED_S, kind="text")["id"] for port in (first, second)]
    assert ids[0] != ids[1] and all(identity.startswith("port-1a86:7523@") for identity in ids)
    assert node.questions() == []
    node.command_line("devices", "name", ids[0], "scales")

    # The other way round in the same sockets, behind other nodes: still the sockets.
    first.unplug()
    second.unplug()
    second = _text(bus, node, socket="2", number=4)
    assert node.wait_at(second, SETTLED_S, kind="text")["id"] == ids[1]
    moved = _text(bus, node, socket="5", number=5)
    question = node.wait_question(moved, "moved", SETTLED_S)
    assert question["parameters"]["identity"] == ids[0]
    assert node.at(moved)["provisional"] and node.at(moved)["id"] not in ids
    node.answer(question, "same")
    device = node.at(moved)
    assert (device["id"], device["name"], device["provisional"]) == (ids[0], "scales", False)
    assert node.questions() == []


def test_serials_are_trusted_as_far_as_they_deserve(bus, node):
    """Equal ones of an honest vendor: a question. Of another: the socket too. Known bad: asked."""
    equal = [_text(bus, node, socket=f"1.{i}", number=i, vendor="0403", model="6001",
                   serial="FT9") for i in range(2)]
    cheap = [_text(bus, node, socket=f"2.{i}", number=2 + i, vendor="10c4", model="ea60",
                   serial="17") for i in range(2)]
    bad = _text(bus, node, socket="3", number=4, vendor="10c4", model="ea60", serial="0001")
    question = wait_for(
        lambda: next((q for port in equal for q in node.questions(port)
                      if q["kind"] == "same-identity"), None), SETTLED_S, "a question of the twins")
    assert question["parameters"]["identity"] == "usb-0403:6001:FT9"
    for port in cheap:
        node.wait_at(port, kind="text")
    node.wait_question(bad, "same-identity")
    devices = [node.at(port) for port in equal + cheap + [bad]]
    assert len({device["id"] for device in devices}) == 5
    assert [device["provisional"] for device in devices] == [
        "usb-0403:6001:FT9" != device["id"] for device in devices[:2]] + [False, False, True]
    assert sum(device["provisional"] for device in devices[:2]) == 1
    assert all(device["id"].startswith("usb-at-") or "@" in device["id"]
               for device in devices[2:4])
    assert len(node.questions()) == 2
    assert all(port.terminal.bytes_received == 0 for port in equal + cheap + [bad])


def test_boards_are_told_apart_by_their_own_ids(bus, node, make_board):
    """Ten CH340 without serial, exchanged between their sockets: each keeps its readings."""
    boards = [make_board() for _ in range(10)]
    ports = [board.plug(bus, socket=str(i), number=i) for i, board in enumerate(boards)]
    for board in boards:
        board.wait_safe()
    for port in ports:
        port.unplug()
    node.wait_event("port.vanished", count=10)
    for i, board in enumerate(reversed(boards)):
        board.measure(300 + i)
        board.plug(bus, socket=str(i), number=i)
    for i, board in enumerate(reversed(boards)):
        board.wait_safe()
        values = [reading["value"] for reading in node.readings(device=board.id)]
        assert values == ["21.5", f"{(300 + i) / 10:.1f}"]
    assert node.questions() == [] and len(node.devices()) == 10
