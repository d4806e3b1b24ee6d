"""Real boards on lines that misbehave, by seeds: nothing is lost unsaid, doubled or changed.

The boards are the C library (posix_board.c); between each and the daemon stands a proxy
(proxy.py). What is stored is read from the file (stored.py) and compared with what the boards
made. With BIVOUAC_SOAK=1 there are ten times the seeds, and over a million samples.
"""

import os
import random

import pytest

from proxy import FAULTS
from rig_faults import Rig

SOAK = os.environ.get("BIVOUAC_SOAK") == "1"
TIMES = 10 if SOAK else 1


def _ending(rig, capsys, lossless=False):
    found = rig.settle()
    totals = rig.check(found)
    totals["commands"] = rig.check_commands(lossless)
    with capsys.disabled():
        print(f"\n  seed {rig.seed}: {totals}")
    return totals


@pytest.fixture
def build(tmp_path):
    """Makes rigs of which no process outlives the test."""
    rigs = []

    def make(*arguments, **more):
        print(f"seed {arguments[0]}")
        rigs.append(Rig(tmp_path / f"rig{len(rigs)}", *arguments, **more))
        return rigs[-1]

    yield make
    for rig in rigs:
        print("\n".join(rig.daemon.log[-400:]))
        rig.abandon()


def _shape(choice):
    """A board's size, as seeds choose it."""
    return {"rate": choice.choice((500, 2000, 3000)), "ring": choice.choice((150, 600, 4000)),
            "narrow": choice.random() < 0.3}


def test_a_good_line_loses_nothing(build, capsys):
    """Without faults: no gap, no tail, no command unknown."""
    rig = build(1, [{"rate": 3000, "ring": 8000}, {"rate": 1000, "ring": 4000, "narrow": True}])
    rig.run(3)
    totals = _ending(rig, capsys, lossless=True)
    assert totals["stored"] == totals["made"] > 5000
    assert totals["commands"].get("acked ", 0) > 5


@pytest.mark.parametrize("seed", range(10, 10 + 2 * TIMES))
@pytest.mark.parametrize("kind", FAULTS)
def test_each_kind_of_fault_alone(build, capsys, kind, seed):
    """Once in 300, 1000 and 4000 bytes: all comes through."""
    choice = random.Random(f"{kind} {seed}")
    lines = [{"faults": {kind: mean}, **_shape(choice)} for mean in (300, 1000, 4000)]
    rig = build(seed, lines)
    rig.run(2.5)
    totals = _ending(rig, capsys)
    assert totals["struck"] > 10 and totals["tails"] == 0


@pytest.mark.parametrize("seed", range(100, 100 + 4 * TIMES))
@pytest.mark.parametrize("action", ["unplug", "reset"])
def test_unplugged_or_reset_at_a_byte(build, capsys, action, seed):
    """Again and again, in either direction, at any byte."""
    choice = random.Random(f"{action} {seed}")
    lines = []
    for _ in range(3):
        events = [_event(choice, action) for _ in range(6)]
        lines.append({"events": events, **_shape(choice)})
    rig = build(seed, lines)
    rig.run(15, until=lambda: not any(line.events for line in rig.lines))
    totals = _ending(rig, capsys)
    assert totals[action] >= 9


def _event(choice, action):
    """Few bytes: amid HELLO, PROVISION, RESUME. Many: amid samples and acknowledgements."""
    if choice.random() < 0.5:
        return "up", choice.randrange(1, choice.choice((200, 8000))), action
    return "down", choice.randrange(1, choice.choice((60, 150))), action


@pytest.mark.parametrize("seed", range(200, 200 + 12 * TIMES))
def test_killed_at_a_byte(build, capsys, seed):
    """kill -9 at four bytes of each seed, one after the other on one database."""
    choice = random.Random(f"kill {seed}")
    lines = []
    for _ in range(2):
        events = [_event(choice, "kill") for _ in range(2)]
        lines.append({"events": events, **_shape(choice)})
    lines.append(_shape(choice))
    rig = build(seed, lines)
    rig.run(15, until=lambda: not any(line.events for line in rig.lines) and not rig.killed)
    totals = _ending(rig, capsys)
    assert totals["kills"] >= 2 and totals["tails"] == 0


@pytest.mark.parametrize("seed", range(250, 250 + 4 * TIMES))
def test_killed_while_resuming(build, capsys, seed):
    """Out and in again while readings wait for a commit; kill -9 at the bytes of RESUME."""
    choice = random.Random(f"resume {seed}")
    events = []
    for _ in range(3):
        events += [("up", choice.randrange(500, 3000), "unplug"),
                   ("down", choice.randrange(26, 40), "kill")]
    rig = build(seed, [{"rate": 1000, "ring": 8000, "events": events}])
    rig.run(15, commands_every=0,
            until=lambda: not any(line.events for line in rig.lines) and not rig.killed)
    assert _ending(rig, capsys)["kills"] == 3


@pytest.mark.parametrize("seed", range(300, 300 + 4 * TIMES))
def test_everything_at_once(build, capsys, seed):
    """All kinds of faults, plugs, resets and kills."""
    choice = random.Random(f"mixed {seed}")
    lines = []
    for _ in range(3):
        events = [_event(choice, choice.choice(("unplug", "reset", "reset", "kill")))
                  for _ in range(5)]
        faults = {kind: choice.choice((1000, 3000, 10000)) for kind in FAULTS}
        lines.append({"events": events, "faults": faults, **_shape(choice)})
    rig = build(seed, lines)
    rig.run(20, until=lambda: not any(line.events for line in rig.lines) and not rig.killed)
    _ending(rig, capsys)


def test_very_many_samples(build, capsys):
    """Fast boards on bad lines: 200,000 samples, with BIVOUAC_SOAK=1 over a million."""
    faults = {kind: 20_000 for kind in FAULTS}
    rig = build(400, [{"rate": 8000, "ring": 20_000, "faults": faults} for _ in range(4)])
    rig.run(35 if SOAK else 8, commands_every=0.5)
    totals = _ending(rig, capsys)
    assert totals["made"] >= (1_000_000 if SOAK else 200_000)
