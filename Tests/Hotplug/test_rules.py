"""What the configuration says of ports, on ports that are plugged in or found at start."""

import fcntl
import signal
import struct
import subprocess

import pytest

from daemon import BINARY
from node import modes, wait_for

SILENCE_S = 10
TCGETS2 = 0x802C542A
SELECTORS = {
    "node": "/dev/ttyUSB0",
    "socket": "pci-0000:00:14.0-usb-0:1:1.0",
    "path": "port-1a86:7523@pci-0000:00:14.0-usb-0:1:1.0",
    "serial": "usb-0403:6001:FT1",
}


def _plug(bus, selector, **description):
    """A port that the selector of this name means."""
    if selector == "serial":
        description |= {"vendor": "0403", "model": "6001", "serial": "FT1"}
    return bus.plug(**description)


def _rule(name, *lines):
    return f'[ports."{name}"]\n' + "".join(line + "\n" for line in lines)


def _speed(port):
    """The speed of a port's terminal, in baud, as the kernel has it."""
    return struct.unpack_from("<II", fcntl.ioctl(port.terminal.master, TCGETS2, bytes(44)), 36)[1]


def _is_untouched(node, port, before):
    assert not node.holds(port)
    assert modes(port) == before and port.terminal.bytes_received == 0
    assert node.events("port.opened", node=f"/dev/{port.name}") == []


# What is left alone.

@pytest.mark.parametrize("when", ["at start", "plugged in"])
@pytest.mark.parametrize("selector", SELECTORS)
def test_an_ignored_port_is_not_touched(bus, make_node, selector, when):
    """Nothing opens it, also not a person; its neighbour, meant by no rule, opens."""
    rule = _rule(SELECTORS[selector], 'kind = "ignored"', 'open = "always"', "speed = 9600")
    node = make_node('open_at_start = "all"\n' + rule)
    if when == "plugged in":
        node.start()
    terminal = bus.terminal()
    before = modes(type("Line", (), {"terminal": terminal}))
    port = _plug(bus, selector, terminal=terminal)
    if when == "at start":
        node.start()
    neighbour = bus.plug(socket="2", number=1)
    node.wait_event("port.opened", node=f"/dev/{neighbour.name}")
    device = node.wait_at(port, state="present-not-opened")
    assert device["problem"]["code"] == "port.left-alone"
    for name in (device["id"], f"/dev/{port.name}"):
        status, answer = node.request(
            "POST", "/api/v1/devices/" + name.replace("/", "%2F") + "/open", {})
        assert (status, answer["code"]) == (409, "port.left-alone"), answer
        assert "[ports]" in answer["remedy"]
    shown = node.command_line("devices", "open", device["id"], check=False)
    assert shown.returncode == 1 and "ignored" in shown.stdout + shown.stderr
    port.announce_again()
    _is_untouched(node, port, before)
    assert node.questions() == []


def test_a_board_that_is_ignored_by_its_id_gets_no_word(bus, make_node, make_board):
    """Only its HELLO tells who it is: then it is closed, and not one byte was written."""
    board = make_board(identity=0x1122334455667788)
    node = make_node(_rule(board.id, 'kind = "ignored"')).start()
    port = bus.plug(terminal=board)
    node.wait_event("port.opened", node=f"/dev/{port.name}")
    board.hello()
    node.wait_event("port.left.alone", node=f"/dev/{port.name}")
    wait_for(lambda: not node.holds(port), what="the port closed")
    other = make_board(identity=0x99)
    other.plug(bus, socket="2", number=1)
    other.wait_safe()
    assert board.bytes_received == 0 and board.session is None
    assert node.readings(device=other.id) and not node.readings(device=board.id)


# When a port is opened.

@pytest.mark.parametrize("selector", SELECTORS)
def test_always_opens_what_is_found_at_start(bus, make_node, selector):
    """Even where nothing else is; and still not one byte is written to what says nothing."""
    port, other = _plug(bus, selector), bus.plug(socket="2", number=1)
    node = make_node('open_at_start = "none"\n' + _rule(SELECTORS[selector], 'open = "always"'))
    node.start()
    node.wait_at(port, state="listening")
    assert node.holds(port)
    assert node.wait_at(other, state="present-not-opened")
    assert not node.holds(other) and port.terminal.bytes_received == 0


def test_a_board_found_at_start_is_heard_where_always_is_said(bus, make_node, make_board):
    """Its first readings come in though it was never seen before."""
    board = make_board()
    bus.plug(terminal=board)
    node = make_node("commit_interval = 1\n" + _rule(SELECTORS["node"], 'open = "always"')).start()
    board.attach()
    board.wait_safe()
    assert [r["value"] for r in node.readings(device=board.id)] == ["21.5"]


@pytest.mark.parametrize("when", ["at start", "plugged in"])
@pytest.mark.parametrize("selector", SELECTORS)
def test_never_leaves_the_opening_to_a_person(bus, make_node, selector, when):
    """Not at start, not when plugged in; on request it is opened, until it is unplugged."""
    node = make_node('open_at_start = "all"\n' + _rule(SELECTORS[selector], 'open = "never"'))
    terminal = bus.terminal()
    before = modes(type("Line", (), {"terminal": terminal}))
    if when == "plugged in":
        node.start()
    port = _plug(bus, selector, terminal=terminal)
    if when == "at start":
        node.start()
    neighbour = bus.plug(socket="2", number=1)
    node.wait_event("port.opened", node=f"/dev/{neighbour.name}")
    device = node.wait_at(port, state="present-not-opened")
    if when == "plugged in":
        assert device["problem"]["code"] == "port.left-alone"
        assert "devices open /dev/ttyUSB0" in device["problem"]["detail"]
    _is_untouched(node, port, before)
    node.command_line("devices", "open", device["id"])
    node.wait_at(port, state="listening")
    assert node.holds(port)
    port.unplug()
    node.wait_event("port.vanished", count=1)
    again = _plug(bus, selector, terminal=terminal)
    node.wait_at(again, state="present-not-opened")
    assert not node.holds(again) and terminal.bytes_received == 0


# The speed.

@pytest.mark.parametrize("baud", [1200, 9600, 921_600])
def test_a_port_is_opened_with_the_speed_that_is_written(bus, make_node, baud):
    """Its neighbour has the usual one."""
    node = make_node(_rule(SELECTORS["node"], f"speed = {baud}")).start()
    port, other = bus.plug(), bus.plug(socket="2", number=1)
    for opened in (port, other):
        node.wait_event("port.opened", node=f"/dev/{opened.name}")
    assert (_speed(port), _speed(other)) == (baud, 115_200)
    assert node.events("port.opened", node="/dev/ttyUSB0", speed=str(baud))
    assert "problem" not in node.at(port)


def test_a_speed_that_the_driver_refuses_is_said(bus, make_node, make_board):
    """umockdev knows no TCSETS2, as many a driver: open, and said in both languages."""
    node = make_node("commit_interval = 1\n" + _rule(SELECTORS["node"], "speed = 250000")).start()
    board = make_board()
    port = board.plug(bus)
    board.wait_safe()
    device = node.at(port)
    assert device["problem"]["code"] == "port.speed", device
    assert device["problem"]["parameters"] == {"node": "/dev/ttyUSB0", "speed": "250000"}
    assert node.events("port.speed", node="/dev/ttyUSB0", speed="250000")
    for language in ("en", "fr"):
        shown = node.command_line("devices", "show", device["id"], language=language).stdout
        assert "250000 baud" in shown and "[ports]" in shown, shown


@pytest.mark.parametrize(("said", "baud"), [
    (["node"], 9600), (["node", "socket"], 19_200), (["node", "socket", "path"], 57_600)])
def test_identity_counts_more_than_socket_and_socket_more_than_node(bus, make_node, said, baud):
    """Each value for itself: `always` of the node holds. A later file adds to an earlier one."""
    node = make_node(_rule(SELECTORS["node"], "speed = 9600"))
    (node.directory / "conf.d").mkdir()
    (node.directory / "conf.d" / "10-site.toml").write_text(
        _rule(SELECTORS["node"], 'open = "always"')
        + (_rule(SELECTORS["socket"], "speed = 19200") if "socket" in said else "")
        + (_rule(SELECTORS["path"], "speed = 57600") if "path" in said else ""))
    port = bus.plug()
    node.start()
    node.wait_at(port, state="listening")
    assert node.holds(port) and _speed(port) == baud


# The kind.

def test_what_a_rule_says_a_port_is_need_not_be_asked(bus, make_node):
    """No question about it, while its silent neighbour is asked about; and it is remembered."""
    kinds = ["printer", "text", "companion"]
    text = "".join(_rule(f"/dev/ttyUSB{number}", f'kind = "{kind}"')
                   for number, kind in enumerate(kinds))
    node = make_node(text).start()
    ports = [bus.plug(socket=str(number + 1), number=number) for number in range(3)]
    neighbour = bus.plug(socket="9", number=9)
    node.wait_question(neighbour, "what-is-this", SILENCE_S + 5)
    for port, kind in zip(ports, kinds):
        assert node.wait_at(port, kind=kind)["state"] == "listening"
    assert [q["id"] for q in node.questions()] == node.at(neighbour)["questions"]
    # Once known they need no rule: a companion is what is opened at start.
    node.stop()
    node.configuration.write_text("")
    node.start()
    for port, kind in zip(ports, kinds):
        assert node.wait_at(port)["kind"] == kind
        assert node.holds(port) == (kind == "companion")
    assert not any(port.terminal.bytes_received for port in [*ports, neighbour])


def test_who_says_hello_is_a_companion_whatever_is_written(bus, make_node, make_board):
    """A wrong kind costs no reading."""
    node = make_node("commit_interval = 1\n" + _rule(SELECTORS["node"], 'kind = "printer"')).start()
    board = make_board()
    port = board.plug(bus)
    board.wait_safe()
    assert node.at(port)["kind"] == "companion" and node.readings(device=board.id)


# What is wrong with a rule.

@pytest.mark.parametrize(("text", "code", "place", "said"), [
    ('[ports."greenhouse"]\nspeed = 9600\n', "config.bad-port", 2, "/dev/..."),
    ('[ports."/dev/ttyUSB0"]\nspeed = 5\n', "config.out-of-range", 3, "50 to 4000000"),
    ('[ports."/dev/ttyUSB0"]\nspeed = "9600"\n', "config.wrong-type", 3, "speed = 115200"),
    ('[ports."/dev/ttyUSB0"]\nopen = "sometimes"\n', "config.not-a-choice", 3, "always"),
    ('[ports."/dev/ttyUSB0"]\nkind = "printr"\n', "config.not-a-choice", 3, "printer"),
    ('[ports."/dev/ttyUSB0"]\nspede = 9600\n', "config.unknown-key", 3, "did you mean speed"),
    ('ports = "none"\n', "config.wrong-type", 2, "[ports]"),
    ('[ports."/dev/ttyUSB0"\nspeed = 9600\n', "config.syntax", 2, "correct the line"),
])
def test_a_bad_rule_is_said_with_its_line_and_what_to_do(bus, make_node, text, code, place, said):
    """In log, status and `config check`; the other rules count, and the daemon runs."""
    node = make_node("commit_interval = 1\n" + text)
    (node.directory / "conf.d").mkdir()
    (node.directory / "conf.d" / "50.toml").write_text(_rule("/dev/ttyUSB1", "speed = 19200"))
    node.start()
    notice, = node.get("/api/v1/status")["notices"]
    assert notice["code"] == code and said in notice["detail"], notice
    assert notice["parameters"]["place"] == f"{node.configuration}:{place}"
    assert node.wait_event("configuration", code=code)
    for language in ("en", "fr"):
        checked = subprocess.run(
            [str(BINARY), "config", "check", "--config", str(node.configuration)],
            capture_output=True, text=True, timeout=30,
            env=dict(node.environment, LC_ALL=f"{language}_XX.UTF-8", NO_COLOR="1"))
        assert checked.returncode == (0 if code == "config.unknown-key" else 1)
        assert f"{node.configuration}:{place}" in checked.stdout + checked.stderr
    port, other = bus.plug(), bus.plug(socket="2", number=1)
    for opened in (port, other):
        node.wait_event("port.opened", node=f"/dev/{opened.name}")
    assert (_speed(port), _speed(other)) == (115_200, 19_200)


# When it is read.

def test_rules_are_read_at_start_and_sighup_changes_nothing(bus, make_node, make_board):
    """A board that is recorded goes on through a SIGHUP; the next start leaves it alone."""
    node = make_node("commit_interval = 1\n").start()
    board = make_board()
    port = board.plug(bus)
    board.wait_safe()
    node.configuration.write_text("commit_interval = 1\n" + _rule(board.id, 'open = "never"'))
    session = board.session
    node.process.send_signal(signal.SIGHUP)
    board.measure(100)
    wait_for(lambda: board.durable == 2, 15, "a reading after SIGHUP")
    assert node.process.poll() is None and board.session == session and node.holds(port)

    node.stop()
    written = board.bytes_received
    node.start()
    assert node.wait_at(port, state="present-not-opened")["id"] == board.id
    assert not node.holds(port) and board.bytes_received == written
    port.unplug()
    node.wait_event("port.vanished", count=1)
    again = bus.plug(terminal=board)
    node.wait_at(again, state="present-not-opened")
    assert not node.holds(again) and board.bytes_received == written
    board.session = None
    node.command_line("devices", "open", board.id)
    board.attach()
    board.measure(101)
    wait_for(lambda: board.durable == 3, 15, "a reading after a person's word")
