"""What every suite in Python shares: a test that cannot run is a failure, not a skip."""


def pytest_terminal_summary(terminalreporter):
    skipped = terminalreporter.getreports("skipped")
    if skipped:
        terminalreporter.section("skipped, and therefore failed")
        for report in skipped:
            terminalreporter.line(f"{report.nodeid}: {report.longrepr}")


def pytest_sessionfinish(session):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    # A process of several that share a suite has none: the one that hands out the tests tells.
    if reporter and reporter.getreports("skipped") and session.exitstatus == 0:
        session.exitstatus = 1
