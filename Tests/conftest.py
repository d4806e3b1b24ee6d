"""What every suite in Python shares: a test that cannot run is a failure, not a skip, and a test
that failed while the machine's processors were taken away is run again (taken.py)."""

import time

import pytest
from _pytest.runner import runtestprotocol

import taken

_watch = taken.Watch()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    """Runs a test; once more, from nothing, when it failed for want of processors."""
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    told = []
    for attempt in range(1, taken.ATTEMPTS_MAX + 1):
        began = time.monotonic()
        item.is_wrong = False
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
        failed = [report for report in reports if report.failed]
        share = _watch.worst(began)
        is_excused = (
            failed and not item.is_wrong and share >= taken.SHARE_MIN
            and attempt < taken.ATTEMPTS_MAX and time.monotonic() - began < taken.SECONDS_MAX)
        if not is_excused:
            break
        told.append(f"{share:.0%} taken: {_why(failed[0])}")
        _begin_anew(item)
    # What failed is listed, else the call; a test that was skipped has neither, and nothing to tell.
    listed = failed or [report for report in reports if report.when == "call"] or reports
    listed[0].user_properties.extend(("taken", text) for text in told)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def _why(report):
    """What failed, in a line."""
    crash = getattr(report.longrepr, "reprcrash", None)
    said = crash.message if crash else str(report.longrepr)
    return f"{report.when}: {said.strip().splitlines()[0]}"


def _begin_anew(item):
    """Ends what tests share, so that the next attempt finds nothing of the last one."""
    try:
        item.session._setupstate.teardown_exact(None)
    except (Exception, pytest.fail.Exception) as error:
        print(f"while ending what a test shared that is run again: {error!r}")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    if call.excinfo is not None and isinstance(call.excinfo.value, taken.Wrong):
        item.is_wrong = True
    yield


def pytest_terminal_summary(terminalreporter):
    skipped = terminalreporter.getreports("skipped")
    if skipped:
        terminalreporter.section("skipped, and therefore failed")
        for report in skipped:
            terminalreporter.line(f"{report.nodeid}: {report.longrepr}")
    again = [
        (report.nodeid, text)
        for outcome in ("passed", "failed", "error")
        for report in terminalreporter.getreports(outcome)
        for name, text in getattr(report, "user_properties", ()) if name == "taken"]
    if again:
        terminalreporter.section("run again, for the processors were taken away")
        for nodeid, text in again:
            terminalreporter.line(f"{nodeid}: {text}")


def pytest_sessionfinish(session):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    # A process of several that share a suite has none: the one that hands out the tests tells.
    if reporter and reporter.getreports("skipped") and session.exitstatus == 0:
        session.exitstatus = 1
