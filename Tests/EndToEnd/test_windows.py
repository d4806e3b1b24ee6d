"""What readings come to by windows, points and series, against plain arithmetic on the same
readings, from the real daemon."""

import datetime
import json
import urllib.request
import zoneinfo

import pytest

from daemon import Daemon, Simulation, wait_for

#: One process of several has what they share.
pytestmark = pytest.mark.xdist_group("windows")


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    """A daemon whose board is gone, and what it stored of one channel."""
    daemon = Daemon(tmp_path_factory.mktemp("node"), "commit_interval = 1\n").start()
    yield recorded(daemon)
    daemon.finish()


def recorded(daemon):
    """The daemon, a query for its best channel, that channel's readings and its summary."""
    simulation = Simulation(daemon, "otomate-companion")
    wait_for(lambda: len(daemon.readings()) > 700, 60, "stored readings")
    simulation.end()
    daemon.settle()
    dated = [s for s in daemon.get("/api/v1/series")["series"] if s.get("from_us")]
    best = max(dated, key=lambda one: one["count"])
    query = f"device={best['device']}&channel={best['channel']}"
    page = daemon.get(f"/api/v1/readings?{query}&from={best['from_us']}&to={best['to_us'] + 1}")
    return daemon, query, page["readings"], best


def utc_of(daemon, query, readings, best):
    """The times of readings, in whole microseconds: points are the readings where they are few."""
    answer = daemon.get(f"/api/v1/readings?{query}&points=5000")
    return answer[0]["time_us"]


def test_windows_are_what_plain_arithmetic_gives(series):
    daemon, query, readings, best = series
    times = utc_of(daemon, query, readings, best)
    numbers = [r["number"] for r in readings]
    assert len(times) == len(numbers) == best["count"] > 5
    answer = daemon.get(f"/api/v1/readings?{query}&window=5s&agg=avg,min,max,sum,count,first,last")
    expected = {}
    for time, number in zip(times, numbers):
        expected.setdefault(time // 5_000_000 * 5_000_000, []).append(number)
    found = {b["from_us"]: b for b in answer["buckets"]}
    assert sorted(found) == sorted(expected)
    for start, values in expected.items():
        bucket = found[start]
        assert bucket["to_us"] == start + 5_000_000
        assert bucket["count"] == len(values)
        assert (bucket["min"], bucket["max"]) == (min(values), max(values))
        assert (bucket["first"], bucket["last"]) == (values[0], values[-1])
        assert bucket["sum"] == pytest.approx(sum(values), rel=1e-12)
        assert bucket["avg"] == pytest.approx(sum(values) / len(values), rel=1e-12)


def test_pages_of_windows_are_the_whole(series):
    daemon, query, _, _ = series
    whole = daemon.get(f"/api/v1/readings?{query}&window=3s")
    assert "next" not in whole and len(whole["buckets"]) > 3
    pages, cursor = [], ""
    while True:
        page = daemon.get(f"/api/v1/readings?{query}&window=3s&limit=2{cursor}")
        assert len(page["buckets"]) <= 2
        pages += page["buckets"]
        if not page.get("next"):
            break
        cursor = f"&cursor={page['next']}"
    assert pages == whole["buckets"]


def test_days_of_a_zone_and_filters_use_its_clocks(series):
    daemon, query, readings, best = series
    zone = zoneinfo.ZoneInfo("Pacific/Auckland")
    answer = daemon.get(f"/api/v1/readings?{query}&window=1d&agg=count&zone=Pacific/Auckland")
    first = datetime.datetime.fromtimestamp(best["from_us"] / 1e6, zone)
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    assert answer["buckets"][0]["from_us"] == midnight.timestamp() * 1e6
    assert sum(b["count"] for b in answer["buckets"]) == best["count"]
    today, other = first.isoweekday(), first.isoweekday() % 7 + 1
    if first.date() == datetime.datetime.fromtimestamp(best["to_us"] / 1e6, zone).date():
        only = daemon.get(f"/api/v1/readings?{query}&window=all&agg=count&zone=Pacific/Auckland"
                          f"&weekdays={today}&daytime=00:00-24:00")
        assert only["buckets"][0]["count"] == best["count"]
        none = daemon.get(f"/api/v1/readings?{query}&window=all&zone=Pacific/Auckland"
                          f"&weekdays={other}")
        assert none["buckets"] == []


def test_points_keep_the_extremes(series):
    daemon, query, readings, best = series
    (few,) = daemon.get(f"/api/v1/readings?{query}&points=4")
    numbers = [r["number"] for r in readings]
    assert len(few["time_us"]) <= 5
    assert min(few["min"]) == min(numbers) and max(few["max"]) == max(numbers)
    assert sum(few["count"]) == len(numbers)
    (all_of_them,) = daemon.get(f"/api/v1/readings?{query}&points=5000")
    assert all_of_them["avg"] == numbers


@pytest.mark.parametrize("query, code", [
    ("window=1d&zone=Europe/Pariss", "unknown-zone"), ("window=1d&zone=Europe", "unknown-zone"),
    ("window=1d&zone=..%2F..%2Fetc%2Fpasswd", "bad-parameter"), ("window=9", "bad-parameter"),
    ("points=0", "bad-parameter"),
])
def test_what_cannot_be_answered_is_refused_by_name(daemon, query, code):
    status, problem = daemon.request("GET", f"/api/v1/readings?device=x&channel=y&{query}")
    assert status in (400, 404), problem
    assert problem["code"] in (code, "not-found")


def test_a_channel_that_is_not_there_is_told_with_those_that_are(series):
    daemon, query, _, best = series
    device = best["device"]
    for asked in ("", "&window=1h", "&points=10", "&last=3"):
        status, problem = daemon.request(
            "GET", f"/api/v1/readings?device={device}&channel=nowhere{asked}")
        assert (status, problem["code"]) == (404, "unknown-channel"), asked
        assert best["channel"] in problem["parameters"]["known"]
    status, page = daemon.request("GET", f"/api/v1/readings?{query}&from=1&to=2")
    assert (status, page["readings"]) == (200, []), "one that is there, but not then"
    wrong = daemon.command_line("query", device, "nowhere", language="fr", check=False)
    assert wrong.returncode == 5 and best["channel"] in wrong.stderr


def test_weekdays_have_names_and_points_are_told_as_csv(series):
    daemon, query, readings, best = series
    window = f"/api/v1/readings?{query}&window=1h&agg=count"
    by_number = daemon.get(f"{window}&weekdays=6-2")["buckets"]
    assert daemon.get(f"{window}&weekdays=sat-tue")["buckets"] == by_number
    words = ["query", best["device"], best["channel"], "--window", "1h", "--zone", "UTC", "--json"]
    english = daemon.command_line(*words, "--weekdays", "sat-tue").stdout
    assert daemon.command_line(*words, "--weekdays", "sam-mar", language="fr").stdout == english
    assert daemon.request("GET", f"{window}&weekdays=sam-mar")[0] == 400
    (points,) = daemon.get(f"/api/v1/readings?{query}&points=3")
    host, port = daemon.address
    question = urllib.request.Request(
        f"http://{host}:{port}/api/v1/readings?{query}&points=3&format=csv",
        headers=daemon.access.headers)
    with urllib.request.urlopen(question) as answer:
        assert answer.headers["Content-Type"].startswith("text/csv")
        lines = answer.read().decode().splitlines()
    assert lines[0] == "channel,time,count,avg,min,max,bound_us"
    assert [int(line.split(",")[2]) for line in lines[1:]] == points["count"]


def test_a_misspelt_zone_is_answered_with_the_nearest(series):
    daemon, query, _, _ = series
    status, problem = daemon.request(
        "GET", f"/api/v1/readings?{query}&window=1d&zone=Europe/Pariss")
    assert status == 400 and problem["parameters"]["nearest"] == "Europe/Paris"
    status, problem = daemon.request("GET", f"/api/v1/readings?{query}&window=1d&zone=Europe")
    assert status == 400 and problem["code"] == "unknown-zone"


def test_the_command_line_gives_the_same_in_every_form(series):
    daemon, query, readings, best = series
    device, channel = best["device"], best["channel"]
    words = ["query", device, channel, "--window", "5s", "--zone", "Europe/Paris"]
    buckets = daemon.get(f"/api/v1/readings?{query}&window=5s&zone=Europe/Paris")["buckets"]
    lines = daemon.command_line(*words, "--jsonl").stdout.splitlines()
    assert [json.loads(line) for line in lines] == buckets
    rows = daemon.command_line(*words, "--csv").stdout.splitlines()
    assert len(rows) == len(buckets) + 1
    table = daemon.command_line(*words, language="fr").stdout
    assert "MOYENNE" in table and len(table.splitlines()) == len(buckets) + 1
    listed = json.loads(daemon.command_line("series", "--json").stdout)["series"]
    assert best in listed
    wrong = daemon.command_line(*words[:-1], "Europe/Parys", language="fr", check=False)
    assert wrong.returncode != 0 and "Europe/Paris" in wrong.stderr
    assert daemon.command_line(
        "query", device, channel, "--agg", "avg", check=False).returncode == 2
