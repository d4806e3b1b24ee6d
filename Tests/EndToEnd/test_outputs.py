"""Signals that alarms switch: the shipped daemon, boards that a test plays, and no network at all."""

import struct
import time

import pytest

from daemon import Daemon, wait_for
from link import COMMAND, RESULT, Board, channel, frame, tlv, zigzag
from test_alarms import WarmBoard, add, one, over

SIGNAL = 2


def signal(name, op, flags=SIGNAL, high=1):
    """A command with one integer from 0 to `high`."""
    return tlv(0x11, tlv(1, name.encode()) + tlv(2, bytes([op])) + tlv(3, b"\0\0on")
               + tlv(4, zigzag(0) + zigzag(high)) + tlv(5, bytes([flags])))


DESCRIPTION = (tlv(1, b"siren") + channel("t", "Cel", -1) + signal("buzzer", 1)
               + signal("heater", 2, flags=0) + signal("dimmer", 3, high=100))


class SirenBoard(WarmBoard):
    """A board with a thermometer and a buzzer, which keeps what it was told."""

    def __init__(self, daemon, **fields):
        self.isOn = False
        self.told = []          # (op, value), in the order in which it was told
        self.status = 0
        self.deaf = False
        self._last = (0, 0)
        super().__init__(daemon, description=DESCRIPTION, **fields)

    def _answer(self, body):
        if body[0] != COMMAND:
            return super()._answer(body)
        if self.deaf:
            return None
        _, session, number = struct.unpack_from("<IIH", body, 1)
        if (session, number) != self._last:
            self._last = (session, number)
            self.told.append((body[19], body[20] // 2))
            if self.status == 0:
                self.isOn = body[20] == 2
        self.send(frame(struct.pack("<BIIHBi", RESULT, session, session, number, self.status, 0)))
        return None


@pytest.fixture
def board(daemon):
    """A board that is plugged in."""
    played = SirenBoard(daemon)
    yield played
    played.close()


def siren(daemon, device, **fields):
    """A recipient that is the board's buzzer; its id."""
    body = dict(name="Siren", way="output", device=device, command="buzzer")
    return daemon.post("/api/v1/recipients", {**body, **fields})["id"]


def shown(daemon, recipient):
    """How it stands with a recipient."""
    return next(v for v in daemon.get("/api/v1/recipients")["recipients"] if v["id"] == recipient)


def state(daemon, recipient, wanted, seconds=10):
    """Waits for a state of a recipient."""
    return wait_for(lambda: shown(daemon, recipient)["state"] == wanted and shown(daemon, recipient),
                    seconds, f"a recipient that is {wanted}")


def warm(daemon, board, **fields):
    """A rule that 22.0 breaks and 20.0 keeps."""
    board.say(200)
    return add(daemon, board.device, "above", channel="t", limit="21.5", **fields)


def acknowledge(daemon, episode):
    """Somebody has seen it."""
    daemon.post(f"/api/v1/alarms/{episode}/acknowledge", {"comment": "vu"})


def test_it_sounds_while_an_alarm_goes_on_that_nobody_has_seen(daemon, board):
    buzzer = siren(daemon, board.device)
    warm(daemon, board)
    assert shown(daemon, buzzer)["state"] == "off" and board.told == []
    board.say(220)
    wait_for(lambda: board.isOn, 10, "the buzzer")
    state(daemon, buzzer, "on")
    acknowledge(daemon, one(daemon)["id"])
    wait_for(lambda: not board.isOn, 10, "silence")
    state(daemon, buzzer, "off")
    # The next one is its own, and ends by itself.
    board.say(200)
    over(daemon)
    board.say(220)
    wait_for(lambda: board.isOn, 10, "the buzzer")
    board.say(200)
    over(daemon)
    wait_for(lambda: not board.isOn, 10, "silence")
    state(daemon, buzzer, "off")
    assert board.told == [(1, 1), (1, 0), (1, 1), (1, 0)]
    # Each is a command like any other: on record, by the alarms, claimed and acked.
    commands = daemon.get("/api/v1/commands")
    assert [(c["name"], c["state"], c["issuer"]) for c in commands] == [
        ("buzzer", "acked", "alarm:Siren")] * 4


def test_severity_rules_and_a_recipient_that_is_off_stand_against_it(daemon, board):
    rule = warm(daemon, board, severity="warning")
    other = add(daemon, board.device, "above", channel="t", limit="50")
    loud = siren(daemon, board.device, severity="alarm")
    elsewhere = siren(daemon, board.device, rules=[other])
    board.say(220)
    one(daemon)
    # What is on disk after the alarm comes after what the alarm caused.
    board.say(221)
    assert daemon.get("/api/v1/commands") == [] and board.told == []
    assert shown(daemon, loud)["state"] == "off"
    content = shown(daemon, elsewhere)["recipient"]
    assert content["rules"] == [other]
    daemon.request("PUT", f"/api/v1/recipients/{elsewhere}", {**content, "rules": [other, rule]})
    wait_for(lambda: board.isOn, 10, "the buzzer")
    daemon.request("PUT", f"/api/v1/recipients/{elsewhere}", {**content, "enabled": False})
    wait_for(lambda: not board.isOn, 10, "silence")
    daemon.request("PUT", f"/api/v1/recipients/{elsewhere}", {**content, "rules": []})
    wait_for(lambda: board.isOn, 10, "the buzzer")
    assert daemon.request("DELETE", f"/api/v1/recipients/{elsewhere}")[0] == 204
    wait_for(lambda: not board.isOn, 10, "silence")


def test_a_board_that_comes_back_is_told_what_holds_then(daemon, board):
    buzzer = siren(daemon, board.device)
    device = board.device
    warm(daemon, board)
    board.say(220)
    wait_for(lambda: board.isOn, 10, "the buzzer")
    state(daemon, buzzer, "on")
    board.close()
    state(daemon, buzzer, "absent")
    # It forgot all: a new epoch, and it is silent.
    back = SirenBoard(daemon, epoch=2, nonce=0xBEEF)
    wait_for(lambda: back.isOn, 10, "the buzzer after the plug")
    state(daemon, buzzer, "on")
    assert [c["state"] for c in daemon.get("/api/v1/commands")] == ["acked"] * 2
    # Seen while it is away: it is told so when it comes, though it still sounds.
    back.close()
    state(daemon, buzzer, "absent")
    acknowledge(daemon, one(daemon)["id"])
    again = SirenBoard(daemon, epoch=2, nonce=0xBEEF)
    wait_for(lambda: again.told == [(1, 0)], 10, "the end")
    state(daemon, buzzer, "off")
    # And one that was told so is left alone.
    again.close()
    state(daemon, buzzer, "absent")
    last = SirenBoard(daemon, epoch=3, nonce=0xF00D)
    state(daemon, buzzer, "off")
    assert last.device == device
    last.say(200)
    assert last.told == [] and len(daemon.get("/api/v1/commands")) == 3
    last.close()


@pytest.mark.parametrize("is_seen", [False, True])
def test_a_restart_after_a_kill_comes_to_the_right_state(daemon, board, is_seen):
    buzzer = siren(daemon, board.device)
    warm(daemon, board)
    board.say(220)
    wait_for(lambda: board.isOn, 10, "the buzzer")
    episode = one(daemon)["id"]
    state(daemon, buzzer, "on")
    if is_seen:
        # The board hears no command any more: that nobody wants it is on disk, and it sounds.
        board.deaf = True
        acknowledge(daemon, episode)
    daemon.kill()
    board.deaf = False
    board.told.clear()
    daemon.start()
    board.plug()
    if is_seen:
        wait_for(lambda: not board.isOn, 10, "silence")
        state(daemon, buzzer, "off")
        assert board.told == [(1, 0)]
    else:
        state(daemon, buzzer, "on")
        assert board.isOn and board.told == [(1, 1)]
    # What was under way at the kill is unknown, and was not written again.
    said = [c["state"] for c in daemon.get("/api/v1/commands")]
    assert said[0] == "acked" and set(said[1:]) <= {"acked", "unknown"}


def test_a_command_without_an_answer_is_not_repeated_and_a_refusal_is_asked_again(daemon, board):
    buzzer = siren(daemon, board.device)
    warm(daemon, board)
    board.status = 8
    board.say(220)
    view = wait_for(lambda: shown(daemon, buzzer)["failures"] and shown(daemon, buzzer), 10, "it")
    assert (view["state"], view["reason"]) == ("waiting", "refused")
    board.status = 0
    began = time.monotonic()
    wait_for(lambda: board.isOn, 10, "the buzzer")
    assert time.monotonic() - began > 2
    assert state(daemon, buzzer, "on")["failures"] == 0
    commands = daemon.get("/api/v1/commands")
    assert [c["state"] for c in commands] == ["acked", "refused"]


def test_only_what_the_board_calls_a_signal_is_taken(daemon, board):
    def refused(**fields):
        body = dict(name="x", way="output", device=board.device, command="buzzer")
        return daemon.request("POST", "/api/v1/recipients", {**body, **fields})

    for command in ["heater", "dimmer", "none"]:
        status, problem = refused(command=command)
        assert (status, problem["code"]) == (422, "output.not-a-signal")
        assert problem["parameters"]["known"] == "buzzer"
    assert refused(device="board-0000000000000000")[0] == 404
    assert refused(command=None)[1]["code"] == "bad-argument"
    assert refused(address="https://host/")[1]["code"] == "bad-argument"
    assert refused(rules=["0011223344556677"])[1]["code"] == "bad-argument"
    assert refused(rules=["zz"])[1]["code"] == "bad-argument"
    assert daemon.get("/api/v1/recipients")["recipients"] == []
    signals = {c["name"]: c["signal"] for c in daemon.get(f"/api/v1/devices/{board.device}")["commands"]}
    assert signals == {"buzzer": True, "heater": False, "dimmer": False}


def test_firmware_that_calls_it_a_signal_no_more_is_not_switched(daemon, board):
    """What a recipient names is looked at again before each switching."""
    buzzer = siren(daemon, board.device)
    warm(daemon, board)
    board.close()
    state(daemon, buzzer, "absent")
    other = (tlv(1, b"siren") + channel("t", "Cel", -1) + signal("buzzer", 1, flags=0))
    changed = SirenBoard.__new__(SirenBoard)
    changed.isOn, changed.told, changed.status, changed.deaf, changed._last = False, [], 0, False, (0, 0)
    changed.daemon = daemon
    Board.__init__(changed, epoch=2, nonce=0xBEEF, description=other)
    changed.plug()
    changed.say(220)
    view = wait_for(lambda: shown(daemon, buzzer)["failures"] and shown(daemon, buzzer), 10, "it")
    assert view["reason"] == "not-a-signal" and changed.told == []
    changed.close()


def test_a_test_sounds_for_a_moment_and_says_what_the_board_said(daemon, board):
    buzzer = siren(daemon, board.device)
    path = f"/api/v1/recipients/{buzzer}/test"
    assert daemon.request("POST", path, {}, 40)[0] == 204
    assert board.isOn
    wait_for(lambda: not board.isOn, 10, "silence")
    state(daemon, buzzer, "off")
    assert board.told == [(1, 1), (1, 0)]
    assert "took it" in daemon.command_line("recipients", "test", buzzer).stdout
    wait_for(lambda: not board.isOn, 10, "silence")
    state(daemon, buzzer, "off")
    listed = daemon.command_line("recipients").stdout
    assert "buzzer" in listed and board.device in listed
    board.status = 8
    status, said = daemon.request("POST", path, {}, 40)
    assert (status, said["code"], said["parameters"]["kind"]) == (502, "delivery.failed", "refused")
    board.close()
    state(daemon, buzzer, "absent")
    status, said = daemon.request("POST", path, {}, 40)
    assert (said["parameters"]["kind"], said["parameters"]["reason"]) == ("unreached", "absent")


def test_without_a_network_and_in_1970(tmp_path):
    """A namespace with nothing in it, not even a loopback that is up, and a clock nobody vouches for."""
    daemon = Daemon(tmp_path, "commit_interval = 1\n", wrapper=["unshare", "--net", "--"])
    daemon.start(listen=None)
    try:
        board = SirenBoard(daemon)
        siren(daemon, board.device)
        warm(daemon, board)
        board.say(220)
        wait_for(lambda: board.isOn, 10, "the buzzer")
        assert not daemon.get("/api/v1/status")["clock"]["trusted"]
        acknowledge(daemon, one(daemon)["id"])
        wait_for(lambda: not board.isOn, 10, "silence")
        board.close()
    finally:
        daemon.finish()
