"""Not one byte goes to what is not known: whatever it says or does not say."""

import random

from node import wait_for

SILENCE_S = 10
OTOMATE = [b"Version : 113\r\n"] * 3 + [
    b"Initializing SD card...", b"Card failed, or not present\r\n",
    b"Could not create parameters folder \r\n"]
MARLIN = [b"start\r\n", b"echo:Marlin 2.1.2.4\r\n", b"echo: Last Updated: 2024-06-07\r\n",
          b"echo:SD init fail\r\n"]
SEED = 20


def test_nothing_is_written_to_what_is_not_classified(bus, node):
    """Silence, an Otomate, a printer, noise, and a lying half of a frame: 0 bytes, all the time."""
    noise = random.Random(SEED)
    said = {
        "silent": [], "otomate": OTOMATE, "printer": MARLIN,
        "noise": [noise.randbytes(200) for _ in range(20)],
        "broken": [b"\0\x3b\x01\x01 not a hello at all\0" * 5],
    }
    ports = {name: bus.plug(socket=str(index), number=index, model=f"75{index}3")
             for index, name in enumerate(said, 1)}
    for name, port in ports.items():
        node.wait_event("port.opened", node=f"/dev/{port.name}")
        for piece in said[name]:
            port.terminal.send(piece)
    question = node.wait_question(ports["silent"], "what-is-this", SILENCE_S + 5)
    assert question["answers"] == ["companion", "text", "printer", "ignored"]
    for name in ("otomate", "printer"):
        device = node.wait_at(ports[name], 5, kind="text")
        assert device["log"][0] == said[name][0].decode().strip()
        assert node.questions(ports[name]) == []
    for name, port in ports.items():
        assert node.at(port)["link"]["bytesIn"] == sum(map(len, said[name])), name
        assert node.at(port)["link"]["bytesOut"] == 0, name
        port.unplug()
    node.wait_event("port.vanished", count=len(ports))
    assert {name: port.terminal.bytes_received for name, port in ports.items()} == dict.fromkeys(
        said, 0), f"seed {SEED}"


def test_a_question_is_open_until_answered_and_its_answer_is_remembered(bus, make_node):
    """Over replug and restart; `ignored` closes a port for good, `companion` opens it."""
    node = make_node().start()
    names = ["unanswered", "ignored", "companion"]
    ports = {name: bus.plug(socket=str(index), number=index) for index, name in enumerate(names)}
    questions = {name: node.wait_question(port, "what-is-this", SILENCE_S + 5)
                 for name, port in ports.items()}
    devices = {name: node.at(port)["id"] for name, port in ports.items()}
    assert len(set(devices.values())) == 3
    node.answer(questions["ignored"], "ignored")
    node.command_line("devices", "answer", questions["companion"]["id"], "companion")
    assert not node.holds(ports["ignored"])
    assert node.at(ports["companion"])["kind"] == "companion"

    node.kill()
    node.start()
    node.wait_event("port.opened", node="/dev/ttyUSB2")
    for name, port in ports.items():
        assert node.holds(port) == (name == "companion")
        port.unplug()
    node.wait_event("port.vanished", count=3)
    again = {name: bus.plug(socket=str(index), number=index + 3)
             for index, name in enumerate(names)}
    # A newcomer's question comes no sooner than theirs would.
    newcomer = bus.plug(socket="9", number=9)
    node.wait_question(newcomer, "what-is-this", SILENCE_S + 5)
    # The one that nobody answered is the same as ever, and those that were answered are none.
    assert node.questions(again["unanswered"]) == [questions["unanswered"]]
    # The log is read beside: what the page of questions shows may be a moment ahead of it.
    node.wait_event("question.raised", count=2)
    assert len(node.questions()) == len(node.events("question.raised")) == 2
    assert not node.holds(again["ignored"]) and node.holds(again["unanswered"])
    assert {name: node.at(port)["id"] for name, port in again.items()} == devices
    node.answer(questions["unanswered"], "printer")
    assert node.at(again["unanswered"])["kind"] == "printer"
    for port in [*ports.values(), *again.values(), newcomer]:
        assert port.terminal.bytes_received == 0


def test_a_board_that_was_silent_is_welcomed_when_it_speaks(bus, node, make_board):
    """The question goes away by itself: the first HELLO answers it."""
    board = make_board()
    port = bus.plug(terminal=board)
    node.wait_question(port, "what-is-this", SILENCE_S + 5)
    assert board.bytes_received == 0
    board.attach()
    board.wait_safe()
    assert node.questions() == []
    assert node.wait_at(port, state="connected")["id"] == board.id
    wait_for(lambda: list(node.devices()) == [board.id], what="the silent port forgotten")
