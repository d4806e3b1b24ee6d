"""Alarms of the shipped daemon: rules over boards that a test plays, judged on the boot clock through
restarts, kills and a wall clock that leaps, and what people and programs see of them."""

import json
import time

import jsonschema
import pytest

from daemon import Daemon, Handover, wait_for
from link import Board
from moved_clock import MovedClock
from test_api import document_of, validator

FIFTY_YEARS_US = 50 * 365 * 86_400_000_000


class WarmBoard(Board):
    """A board that says a temperature when it is told to."""

    def __init__(self, daemon, **fields):
        super().__init__(**fields)
        self.daemon = daemon
        self.plug()

    def plug(self):
        """Plugs it in, also into a daemon that was started anew."""
        self.session = None
        self.door = Handover(self.daemon)
        self.door.give(self.slave, "warm")
        self.attach()

    def say(self, tenths):
        """One reading, which is on disk when this returns."""
        self.samples([tenths], ticks=int(time.monotonic() * 1000))
        wait_for(lambda: self.durable >= self.next, 10, "the reading on disk")

    def close(self):
        """Unplugs it, once."""
        if self._running:
            super().close()

    @property
    def device(self):
        """Its id, once it is known."""
        return wait_for(lambda: next(iter(self.daemon.devices()), None), 10, "the device")


@pytest.fixture
def board(daemon):
    """A board that is plugged in."""
    played = WarmBoard(daemon)
    yield played
    played.close()


def add(daemon, device, condition, **fields):
    """A rule; its id."""
    body = dict(name=f"{condition} of it", device=device, condition=condition, **fields)
    return daemon.post("/api/v1/rules", body)["id"]


def alarms(daemon, state="all"):
    """The alarms, newest first."""
    return daemon.get(f"/api/v1/alarms?state={state}")["alarms"]


def one(daemon, state="open", seconds=10):
    """The alarm of a state, when there is one and it is on disk."""
    return wait_for(lambda: next((a for a in alarms(daemon, state) if a["recorded"]), None),
                    seconds, f"an alarm that is {state}")


def over(daemon, seconds=10):
    """Waits until no alarm goes on."""
    wait_for(lambda: not alarms(daemon, "open"), seconds, "the end of the alarm")


def test_a_limit_begins_an_alarm_and_its_hysteresis_ends_it_and_a_person_has_seen_it(daemon, board):
    rule = add(daemon, board.device, "above", channel="t", limit="21.5", hysteresis="0.5",
               severity="alarm", commentRequired=True)
    board.say(215)
    assert alarms(daemon) == []
    before = time.time_ns() // 1000
    board.say(216)
    found = one(daemon)
    assert (found["rule"], found["value"], found["unit"]) == (rule, "21.6", "Cel")
    assert found["content"]["severity"] == "alarm" and found["content"]["limit"] == "21.5"
    assert before - 2_000_000 <= found["sinceUs"] <= time.time_ns() // 1000
    board.say(211)
    assert [a["id"] for a in alarms(daemon, "open")] == [found["id"]]
    board.say(210)
    over(daemon)
    ended = one(daemon, "unacknowledged")
    assert (ended["id"], ended["cleared"], ended["clearedValue"]) == (found["id"], "normal", "21.0")
    tally = daemon.get("/api/v1/status")["alarms"]
    assert tally == {"rules": 1, "open": 0, "unacknowledged": 1, "unseen": 0}
    path = f"/api/v1/alarms/{found['id']}/acknowledge"
    status, problem = daemon.request("POST", path, {})
    assert (status, problem["code"]) == (400, "alarm.comment")
    seen = daemon.post(path, {"comment": "filtre nettoyé"})
    assert seen["acknowledged"]["reason"] == "filtre nettoyé"
    assert daemon.request("POST", path, {"comment": "x"})[1]["code"] == "alarm.acknowledged"
    assert alarms(daemon, "unacknowledged") == []


def test_answers_are_as_the_document_describes_them(daemon, board):
    rule = add(daemon, board.device, "above", channel="t", limit="1")
    board.say(999)
    one(daemon)
    document = document_of(daemon)
    validator(document, "/api/v1/rules").validate(daemon.get("/api/v1/rules"))
    page = daemon.get("/api/v1/alarms?limit=1")
    validator(document, "/api/v1/alarms").validate(page)
    with pytest.raises(jsonschema.ValidationError):
        validator(document, "/api/v1/alarms").validate(dict(page, open="x"))
    assert daemon.request("GET", "/api/v1/alarms?state=some")[0] == 400
    assert daemon.request("GET", "/api/v1/alarms?cursor=ff")[0] == 400
    assert daemon.request("PUT", "/api/v1/rules/0000000000000000", {
        "name": "x", "device": board.device, "condition": "gone", "durationMs": 5})[0] == 404
    assert daemon.request("POST", "/api/v1/rules", {
        "name": "x", "device": board.device, "condition": "gone", "channel": "t",
        "durationMs": 5})[1]["code"] == "bad-argument"
    assert daemon.request("DELETE", f"/api/v1/rules/{rule}")[0] == 204
    assert daemon.get("/api/v1/rules") == {"rules": [], "unreadable": 0}
    over(daemon)
    assert alarms(daemon)[0]["cleared"] == "rule-removed"


def test_a_delay_ends_by_itself_and_a_board_that_says_nothing_or_is_gone_is_noticed(daemon, board):
    add(daemon, board.device, "above", channel="t", limit="30", delayMs=1500)
    began = time.monotonic()
    board.say(301)
    delayed = one(daemon)
    assert 1.3 <= time.monotonic() - began < 6
    assert delayed["content"]["condition"] == "above"
    board.say(10)
    over(daemon)
    silent = add(daemon, board.device, "silent", durationMs=1000)
    assert one(daemon)["rule"] == silent
    board.say(11)
    over(daemon)
    assert daemon.request("DELETE", f"/api/v1/rules/{silent}")[0] == 204
    gone = add(daemon, board.device, "gone", durationMs=300)
    time.sleep(0.5)  # nothing is to be seen in this time
    assert alarms(daemon, "open") == []
    board.close()
    assert one(daemon)["rule"] == gone
    other = WarmBoard(daemon, epoch=2, nonce=0xBEEF)
    over(daemon)
    other.close()


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_an_open_alarm_goes_on_over_the_end_of_the_daemon_and_ends_once(daemon, board, end):
    rule = add(daemon, board.device, "above", channel="t", limit="30")
    board.say(400)
    before = one(daemon)
    for _ in range(2):
        daemon.stop() if end == "stop" else daemon.kill()
        daemon.start()
        assert [a["id"] for a in alarms(daemon)] == [before["id"]]
        board.plug()
        board.say(401)
        time.sleep(0.3)  # it must not begin anew
        assert [(a["id"], a["open"]) for a in alarms(daemon)] == [(before["id"], True)]
    board.say(10)
    over(daemon)
    board.say(400)
    assert one(daemon)["id"] != before["id"]
    assert len(alarms(daemon)) == 2
    # Changed while it goes on, it ends; what was said remains on record.
    status, _ = daemon.request("PUT", f"/api/v1/rules/{rule}", {
        "name": "other", "device": board.device, "channel": "t", "condition": "above",
        "limit": "90"})
    assert status == 200
    over(daemon)
    assert [a["cleared"] for a in alarms(daemon)] == ["rule-changed", "normal"]
    assert json.dumps(alarms(daemon)[0]["content"]).count('"30"') == 1


def test_a_wall_clock_that_leaps_fifty_years_changes_nothing_of_what_is_an_alarm(tmp_path):
    clock = MovedClock(tmp_path)
    daemon = Daemon(tmp_path, "commit_interval = 1\n", clock.environment).start()
    board = WarmBoard(daemon)
    add(daemon, board.device, "above", channel="t", limit="30", delayMs=2000)
    silent = add(daemon, board.device, "silent", durationMs=3_600_000)
    for leap in (FIFTY_YEARS_US, -FIFTY_YEARS_US // 2):
        began = time.monotonic()
        board.say(400)
        clock.set(0, leap, leap > 0)
        found = one(daemon)
        assert 1.8 <= time.monotonic() - began < 8, "neither early nor late"
        assert found["content"]["condition"] == "above"
        assert abs(found["sinceUs"] - clock.wall_us) < 20_000_000, "as the clock says it now"
        board.say(10)
        over(daemon)
    assert [a["rule"] for a in alarms(daemon)].count(silent) == 0, "no hour has gone by"
    assert len(alarms(daemon)) == 2
    daemon.kill()
    daemon.start()
    assert len(alarms(daemon)) == 2 and not alarms(daemon, "open")
    board.close()
    daemon.stop()


def test_the_command_line_writes_rules_and_shows_what_came_of_them_in_both_languages(daemon, board):
    run = daemon.command_line
    made = run("rules", "add", "chaud", board.device, "t", "--above", "30", "--severity",
               "alarm", "--ask-comment")
    rule = daemon.get("/api/v1/rules")["rules"][0]
    assert rule["id"] in made.stdout and rule["author"].startswith("local:")
    assert "aucune alarme" in run("alarms", language="fr").stdout.lower()
    board.say(301)
    found = one(daemon)
    listed = run("alarms", language="fr").stdout
    assert "30.1 Cel" in listed and "chaud" in listed and "dure" in listed
    refused = run("alarms", "acknowledge", found["id"][:8], check=False)
    assert refused.returncode != 0 and refused.stderr
    run("alarms", "acknowledge", found["id"][:8], "--note", "vu")
    assert "goes on, seen" in run("alarms").stdout
    run("rules", "disable", rule["id"])
    over(daemon)
    assert "off" in run("rules").stdout
    run("rules", "enable", rule["id"])
    run("rules", "remove", rule["id"])
    assert run("rules", "remove", rule["id"], check=False).returncode == 5
