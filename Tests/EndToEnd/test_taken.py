"""A test that failed while the processors were taken away is run again; a wrong one never."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]

CASE = """
import os
import pathlib
import pytest
import taken

STAT = pathlib.Path(os.environ["BIVOUAC_TEST_STAT"])
RUNS = STAT.with_name("runs")


def attempt(stolen):
    '''Counts this run of the test, a second in which so many hundredths were taken.'''
    RUNS.write_text(RUNS.read_text() + "x" if RUNS.exists() else "x")
    fields = [int(field) for field in STAT.read_text().split()[1:]]
    fields[3] += 100 - stolen
    fields[7] += stolen
    STAT.write_text("cpu " + " ".join(map(str, fields)) + chr(10))
    return len(RUNS.read_text())


@pytest.fixture(scope="session")
def shared():
    return []


def test_it(shared):
    shared.append(attempt({stolen}))
    assert len(shared) == 1, "what an attempt left is seen by the next"
    {body}
"""


def run(folder, stolen, body, *arguments):
    """Runs one test on a machine of which so much is taken; (exit code, how often it ran, what was
    printed)."""
    (folder / "conftest.py").write_text((TESTS / "conftest.py").read_text())
    (folder / "taken.py").write_text((TESTS / "taken.py").read_text())
    (folder / "test_case.py").write_text(
        CASE.replace("{stolen}", str(stolen)).replace("{body}", body))
    (folder / "pytest.ini").write_text("[pytest]\n")
    stat = folder / "stat"
    stat.write_text("cpu 1 1 1 1 1 1 1 1 0 0\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments, str(folder)],
        env={**os.environ, "BIVOUAC_TEST_STAT": str(stat)}, capture_output=True, text=True,
        timeout=60, check=False)
    return done.returncode, len((folder / "runs").read_text()), done.stdout


LATE = 'assert shared[0] == 3, "too late"'


@pytest.mark.parametrize("arguments", [(), ("-n", "1")], ids=["alone", "beside"])
def test_what_missed_a_limit_while_processors_were_taken_is_run_again_and_named(
        tmp_path, arguments):
    code, times, said = run(tmp_path, 60, LATE, *arguments)
    assert (code, times) == (0, 3), said
    assert said.count("test_it: 60% taken") == 2 and "too late" in said


def test_what_fails_on_a_machine_of_its_own_fails(tmp_path):
    code, times, said = run(tmp_path, 19, LATE)
    assert (code, times) == (1, 1) and "taken:" not in said


def test_what_fails_each_time_fails(tmp_path):
    code, times, said = run(tmp_path, 60, 'assert False, "broken"')
    assert (code, times) == (1, 3) and said.count("60% taken") == 2


def test_what_is_skipped_fails_the_suite_and_stops_none_of_it(tmp_path):
    body = 'pass\n\n\n@pytest.mark.skip(reason="no board")\ndef test_more():\n    pass'
    code, times, said = run(tmp_path, 0, body)
    assert (code, times) == (1, 1) and "1 passed, 1 skipped" in said
    assert "skipped, and therefore failed" in said and "INTERNALERROR" not in said


def test_what_no_lack_of_time_explains_counts_at_once(tmp_path):
    body = 'with taken.never_excused():\n        assert False, "doubled"'
    code, times, said = run(tmp_path, 60, body)
    assert (code, times) == (1, 1) and "Wrong: doubled" in said
