"""The configuration: works when empty, says what is odd, and never stops the recording."""

import subprocess

from daemon import BINARY, Daemon, Handover, wait_for
from link import Board


def _notices(daemon):
    return daemon.get("/api/v1/status").get("notices", [])


def _records(daemon):
    board = Board()
    Handover(daemon).give(board.slave)
    board.attach()
    board.samples([215])
    wait_for(lambda: board.durable == 1, what="a reading on the disk")
    board.close()


def _check(path, language="en"):
    return subprocess.run(
        [str(BINARY), "config", "check", "--config", str(path)], capture_output=True, text=True,
        timeout=30, env={"LC_ALL": f"{language}_XX.UTF-8", "NO_COLOR": "1"})


def test_an_unknown_key_is_a_warning_with_what_was_meant(tmp_path):
    """The rest of the file counts; the status shows the warning, in both languages."""
    daemon = Daemon(tmp_path, "commit_intervall = 5\n[simulation]\nallow = true\n").start()
    notice, = _notices(daemon)
    assert notice["code"] == "config.unknown-key"
    assert "did you mean commit_interval?" in notice["detail"]
    assert str(daemon.configuration) + ":1" in notice["detail"]
    english = daemon.command_line("status")
    french = daemon.command_line("status", language="fr")
    assert "commit_interval" in english.stdout + english.stderr
    assert "commit_interval" in french.stdout + french.stderr
    assert any("config.unknown-key" in line for line in daemon.log)
    _records(daemon)
    daemon.finish()


def test_a_broken_file_does_not_stop_the_recording(tmp_path):
    """A file that is not TOML is left out as a whole, and said."""
    daemon = Daemon(tmp_path, "commit_interval = = 5\n").start()
    notice, = _notices(daemon)
    assert notice["code"] == "config.syntax"
    _records(daemon)
    daemon.finish()


def test_a_wrong_value_leaves_the_usual_one(tmp_path):
    """Out of range and wrong type: each said, and the node records."""
    daemon = Daemon(tmp_path, 'commit_interval = 3600\nopen_at_start = "sometimes"\n').start()
    assert sorted(n["code"] for n in _notices(daemon)) == [
        "config.not-a-choice", "config.out-of-range"]
    _records(daemon)
    daemon.finish()


def test_without_a_file_and_with_an_empty_one_nothing_is_said(tmp_path):
    """Every key has a value of its own."""
    for name, text in (("empty", ""), ("missing", None)):
        daemon = Daemon(tmp_path / name)
        if text is None:
            daemon.configuration.unlink()
        daemon.start()
        assert _notices(daemon) == []
        _records(daemon)
        daemon.finish()


def test_config_check_has_an_exit_code_for_programs(tmp_path):
    """0 when everything is used, also with warnings; 1 when something is not."""
    good, odd, bad = (tmp_path / f"{name}.toml" for name in ("good", "odd", "bad"))
    good.write_text('commit_interval = 5\n[ports."/dev/ttyUSB0"]\nspeed = 9600\nopen = "never"\n')
    odd.write_text("commit_intervall = 5\n")
    bad.write_text("commit_interval = 3600\n")
    assert _check(good).returncode == 0
    odd_result = _check(odd)
    assert odd_result.returncode == 0 and "commit_interval" in odd_result.stdout + odd_result.stderr
    for language in ("en", "fr"):
        result = _check(bad, language)
        assert result.returncode == 1
        assert "3600" in result.stdout + result.stderr and ":1" in result.stdout + result.stderr
    assert _check(tmp_path / "missing.toml").returncode == 1


def test_simulation_may_be_forbidden(tmp_path):
    """The door for simulated boards is closed where the configuration says so."""
    daemon = Daemon(tmp_path, "[simulation]\nallow = false\n").start()
    board = Board()
    answer = Handover(daemon).give(board.slave)
    assert answer["problem"]["code"] == "simulation.disabled", answer
    daemon.finish()
    board.close()
