"""What is stored, taken out, looked at, copied and put back, by the command line."""

import csv
import io
import json
import shutil
import sqlite3
import subprocess

import pytest

from daemon import BINARY, Daemon, Simulation, wait_for


@pytest.fixture
def board(daemon):
    """A simulated board whose readings are being stored."""
    simulation = Simulation(daemon)
    wait_for(lambda: len(daemon.readings()) > 3, 30, "stored readings")
    yield simulation
    simulation.end()


@pytest.fixture
def recorded(daemon, board):
    """A daemon that goes on storing the readings of a board."""
    return daemon


@pytest.fixture
def finished(daemon, board):
    """A daemon that has stored all it will: nothing is dated anew either."""
    board.end()
    daemon.settle()
    return daemon


def local(daemon, *arguments, state=None):
    """A verb that works on the state folder itself."""
    return subprocess.run(
        [str(BINARY), *arguments, "--state", str(state or daemon.state)], text=True,
        capture_output=True, env=dict(daemon.environment, LC_ALL="en_XX.UTF-8"), timeout=60)


def test_every_export_holds_what_the_daemon_tells(finished, tmp_path):
    wanted = finished.readings()
    lines = finished.command_line("export", "--format", "jsonl").stdout
    assert [json.loads(line) for line in lines.splitlines()] == wanted
    file = tmp_path / "readings.csv"
    done = finished.command_line("export", "--format", "csv", str(file))
    assert f"{len(wanted)} readings are in" in done.stderr
    rows = list(csv.DictReader(io.StringIO(file.read_text())))
    assert [(r["device"], r["channel"], r["value"]) for r in rows] == [
        (r["device"], r["channel"], r["value"]) for r in wanted]
    table = tmp_path / "readings.db"
    finished.command_line("export", "--format", "sqlite", str(table))
    with sqlite3.connect(table) as database:
        found = database.execute(
            "SELECT device, channel, value, number, time_us FROM readings ORDER BY rowid")
        assert found.fetchall() == [
            (r["device"], r["channel"], r["value"], r.get("number"), r.get("timeUs"))
            for r in wanted]
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert not list(tmp_path.glob("*.part"))


def test_an_export_that_cannot_be_is_refused_and_leaves_nothing(recorded, tmp_path):
    def refused(*arguments):
        result = recorded.command_line("export", *arguments, check=False)
        assert result.stderr.startswith("Error:") or result.stderr
        return result.returncode
    assert refused() == 2
    assert refused("--format", "sqlite") == 2
    assert refused("--format", "csv", "--from", "yesterday") == 2
    assert refused("--format", "csv", "--device", "nobody", str(tmp_path / "x.csv")) == 5
    assert refused("--format", "csv", str(tmp_path / "no" / "x.csv")) == 1
    assert not list(tmp_path.glob("x.csv*"))


def test_a_backup_of_a_running_node_restores_on_an_empty_folder(recorded, tmp_path):
    before = recorded.readings()
    copy = tmp_path / "copy.db"
    done = local(recorded, "backup", str(copy))
    assert done.returncode == 0, done.stderr
    assert "node.key" in done.stdout
    assert copy.stat().st_mode & 0o777 == 0o600
    again = local(recorded, "backup", str(copy))
    assert again.returncode == 1 and "is there already" in again.stderr, again
    # Another folder, with the node's key and nothing else.
    fresh = tmp_path / "fresh"
    (fresh / "state").mkdir(parents=True)
    other = local(recorded, "restore", str(copy), state=fresh / "state")
    assert other.returncode == 1 and "node.key" in other.stderr, other
    shutil.copy(recorded.state / "node.key", fresh / "state" / "node.key")
    done = local(recorded, "restore", str(copy), state=fresh / "state")
    assert done.returncode == 0, done.stderr
    assert not list((fresh / "state").glob("*restoring*"))
    second = Daemon(fresh, "commit_interval = 1\n").start()
    try:
        kept = second.readings()
        assert len(kept) >= len(before)
        assert [r["value"] for r in kept[:len(before)]] == [r["value"] for r in before]
        busy = local(recorded, "restore", str(copy), "--replace", state=fresh / "state")
        assert busy.returncode == 1 and "already works with" in busy.stderr, busy
    finally:
        second.finish()
    occupied = local(recorded, "restore", str(copy), state=fresh / "state")
    assert occupied.returncode == 1 and "--replace" in occupied.stderr
    done = local(recorded, "restore", str(copy), "--replace", "--json", state=fresh / "state")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["keptAs"].endswith(".before-restore")


def test_what_is_no_copy_of_this_node_is_not_restored(daemon, tmp_path):
    wait_for(lambda: (daemon.state / "bivouac.db").exists(), 10)
    daemon.stop()
    before = (daemon.state / "bivouac.db").read_bytes()
    text = tmp_path / "text"
    text.write_text("this is no database" * 1000)
    foreign = tmp_path / "foreign.db"
    with sqlite3.connect(foreign) as database:
        database.execute("CREATE TABLE t(x)")
    stranger = Daemon(tmp_path / "stranger").start()
    stranger.stop()
    for file in [text, foreign, stranger.state / "bivouac.db", tmp_path / "nothing"]:
        refused = local(daemon, "restore", str(file), "--replace")
        assert refused.returncode == 1, file
    assert (daemon.state / "bivouac.db").read_bytes() == before
    assert not list(daemon.state.glob("*restoring*"))


def test_verify_is_content_with_what_was_written_and_names_what_was_altered(recorded):
    sound = local(recorded, "verify", "--json")
    assert sound.returncode == 0, sound.stderr
    found = json.loads(sound.stdout)
    assert found["damageCount"] == 0 and found["commits"] > 0
    recorded.stop()
    with sqlite3.connect(recorded.state / "bivouac.db") as database:
        (first,) = database.execute("SELECT min(id) FROM hot").fetchone()
        database.execute("UPDATE hot SET clock = clock || x'00' WHERE id = ?", (first,))
    altered = local(recorded, "verify")
    assert altered.returncode == 1
    assert "commit 1/1 altered" in altered.stdout and "1 damage" in altered.stdout
