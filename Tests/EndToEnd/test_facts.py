"""What people hide, add and say: through the command line and HTTP, over a restart of the daemon,
with simulated boards as the devices."""

import json
import subprocess

import pytest

from daemon import BINARY, Simulation, wait_for


@pytest.fixture
def board(daemon):
    """A simulated board that has stored readings: the id of its device, and one of its channels."""
    simulation = Simulation(daemon)
    found = wait_for(lambda: [d for d in daemon.devices().values() if d["channels"]], 20, "a board")
    device = found[0]["id"]
    wait_for(lambda: len(daemon.readings(device=device)) > 4, 30, "stored readings")
    simulation.end()
    daemon.settle()
    yield device, daemon.readings(device=device)[0]["channel"]


def bivouac(daemon, *words, code=0):
    """A verb's answer as JSON."""
    done = subprocess.run(
        [str(BINARY), *words, "--json", "--socket", str(daemon.socket)],
        capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout) if code == 0 else done.stderr


def stored(daemon, device, **more):
    """Every stored reading of a device, page by page."""
    return daemon.readings(device=device, **more)


def test_what_is_deleted_stays_hidden_until_it_is_undone(daemon, board):
    device, channel = board
    before = wait_for(lambda: stored(daemon, device), 10)
    others = [r for r in before if r["channel"] != channel]
    # A simulated board has no time in UTC where this machine's clock is not synchronised: the
    # span is as wide as any.
    page = bivouac(daemon, "delete", device, channel, "--from", "7d", "--to", "@4000000000",
                   "--reason", "capteur au soleil")
    deletion = page["deletions"][0]
    assert deletion["author"].startswith("local:")
    assert deletion["reason"] == "capteur au soleil"
    assert stored(daemon, device) == others
    assert daemon.readings(device=device, channel=channel, last=5) == []

    daemon.kill()
    daemon.start()
    assert stored(daemon, device) == others
    listed = bivouac(daemon, "delete", "--list", device)["deletions"]
    assert [d["id"] for d in listed] == [deletion["id"]]

    undone = bivouac(daemon, "undelete", deletion["id"][:8], "--reason", "erreur")
    assert undone["undone"]["reason"] == "erreur"
    assert stored(daemon, device) == before
    assert bivouac(daemon, "delete", "--list")["deletions"] == []
    assert len(bivouac(daemon, "delete", "--list", "--all")["deletions"]) == 1
    assert "already" in bivouac(daemon, "undelete", deletion["id"], code=1)
    assert "00000000" in bivouac(daemon, "undelete", "00000000", code=5)


def test_late_values_come_with_their_time_author_and_note(daemon, board):
    device, _ = board
    before = stored(daemon, device)
    added = bivouac(daemon, "add", device, "nitrate", "12.50", "--unit", "mg/l", "--at",
                    "2026-01-05T09:30Z", "--note", "laboratoire, échantillon 14", "--within", "60s")
    daemon.kill()
    daemon.start()
    late = [r for r in stored(daemon, device) if r.get("late")]
    assert len(late) == 1 and len(stored(daemon, device)) == len(before) + 1
    assert late[0]["value"] == "12.50" and late[0]["unit"] == "mg/l"
    assert late[0]["timeUs"] == 1_767_605_400_000_000 and late[0]["boundUs"] == 60_000_000
    assert late[0]["note"] == "laboratoire, échantillon 14"
    assert late[0]["author"].startswith("local:")
    found = daemon.readings(device=device, channel="nitrate", last=1)
    assert [r["value"] for r in found] == ["12.50"]
    bivouac(daemon, "add", "--remove", added["id"])
    assert stored(daemon, device) == before
    assert "values" in bivouac(daemon, "add", device, "nitrate", "x" * 201, code=2)


def test_annotations_are_kept_found_by_their_time_and_taken_away(daemon, board):
    device, channel = board
    bivouac(daemon, "annotate", "coupure de courant", "--at", "2026-01-05T09:30Z")
    opened = bivouac(daemon, "annotate", device, channel, "fenêtre ouverte",
                     "--from", "2026-02-01", "--to", "2026-02-03")
    daemon.kill()
    daemon.start()
    texts = [a["text"] for a in bivouac(daemon, "annotate", "--list", device)["annotations"]]
    assert texts == ["fenêtre ouverte", "coupure de courant"]
    within = bivouac(daemon, "annotate", "--list", "--from", "2026-02-02", "--to", "2026-02-09")
    assert [a["id"] for a in within["annotations"]] == [opened["id"]]
    bivouac(daemon, "annotate", "--remove", opened["id"][:6])
    assert len(bivouac(daemon, "annotate", "--list")["annotations"]) == 1
