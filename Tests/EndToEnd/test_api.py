"""What programs see: answers as the OpenAPI document describes them, and metrics as Prometheus
wants them, from the real daemon with simulated boards."""

import http.client
import json
import socket
import subprocess
import time
from collections import Counter

import jsonschema
import pytest

from daemon import REPOSITORY, Simulation, wait_for


@pytest.fixture
def boards(daemon):
    """Two simulated boards that send readings; what holds them plugged in."""
    simulation = Simulation(daemon, count=2)
    wait_for(lambda: [d for d in daemon.devices().values()
                      if any(c.get("last") for c in d["channels"])], 20, "readings of a board")
    yield simulation
    simulation.end()


class Door(http.client.HTTPConnection):
    """An HTTP connection over the daemon's socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(10)
        self.sock.connect(self.path)


def fetch(daemon, path, method="GET", body=None):
    """The status, the media type and the bytes of an answer."""
    door = Door(daemon.socket)
    head = {"Content-Type": "application/json"} if body is not None else {}
    door.request(method, path, body=None if body is None else json.dumps(body), headers=head)
    answer = door.getresponse()
    return answer.status, answer.headers.get_content_type(), answer.read()


def validator(document, pattern, status=200, method="get", mediatype="application/json"):
    """What checks an answer of one route against the document."""
    responses = document["paths"][pattern][method]["responses"]
    response = responses.get(str(status), responses["default"])
    schema = dict(response["content"][mediatype]["schema"], components=document["components"])
    return jsonschema.Draft202012Validator(schema)


def document_of(daemon):
    """The document as the daemon serves it."""
    return json.loads(fetch(daemon, "/api/v1/openapi.json")[2])


def test_answers_are_as_the_document_describes_them(daemon, boards):
    document = document_of(daemon)
    assert document["openapi"] == "3.1.0"
    device = next(d for d in daemon.devices().values() if d["channels"])
    wait_for(lambda: daemon.readings(device=device["id"], last=1), 20, "a stored reading")
    answers = {
        "/api/v1/status": "/api/v1/status",
        "/api/v1/devices": "/api/v1/devices",
        "/api/v1/devices/{id}": f"/api/v1/devices/{device['id']}",
        "/api/v1/questions": "/api/v1/questions",
        "/api/v1/commands": "/api/v1/commands",
        "/api/v1/readings": f"/api/v1/readings?device={device['id']}&last=3",
    }
    for pattern, path in answers.items():
        status, mediatype, body = fetch(daemon, path)
        assert (status, mediatype) == (200, "application/json"), path
        validator(document, pattern).validate(json.loads(body))
    with pytest.raises(jsonschema.ValidationError):
        validator(document, "/api/v1/devices").validate([{"id": "x"}])


def test_the_status_counts_what_the_devices_show(daemon, boards):
    """The counts are made apart from the list; live and gone, they tell the same."""
    def agreed(states):
        shown = Counter(device["state"] for device in daemon.devices().values())
        return set(shown) == states and daemon.get("/api/v1/status")["devices"] == shown

    wait_for(lambda: agreed({"connected"}), 20, "a count of what is connected")
    boards.end()
    wait_for(lambda: agreed({"absent"}), 20, "a count of what is absent")


def test_events_are_as_the_document_describes_them(daemon, boards):
    document = document_of(daemon)
    content = document["paths"]["/api/v1/events"]["get"]["responses"]["200"]["content"]
    schema = dict(content["text/event-stream"]["schema"]["contentSchema"],
                  components=document["components"])
    check = jsonschema.Draft202012Validator(schema)
    door = Door(daemon.socket)
    door.request("GET", "/api/v1/events")
    stream = door.getresponse()
    assert stream.headers.get_content_type() == "text/event-stream"
    seen, name, deadline = set(), "", time.monotonic() + 20
    while "reading" not in seen:
        assert time.monotonic() < deadline
        line = stream.readline().decode().rstrip("\n")
        if line.startswith("event: "):
            name = line[7:]
        if line.startswith("data: ") and name != "open":
            check.validate(json.loads(line[6:]))
            seen.add(name)
    door.close()


@pytest.mark.parametrize("path,status", [
    ("/api/v1/devices/nothing", 404), ("/api/v1/nothing", 404), ("/api/v1/status?x=1", 400),
    ("/api/v1/readings?from=yesterday", 400)])
def test_refusals_are_problems_as_the_document_describes_them(daemon, path, status):
    document = document_of(daemon)
    found, mediatype, body = fetch(daemon, path)
    assert (found, mediatype) == (status, "application/problem+json")
    problem = json.loads(body)
    assert problem["status"] == status and problem["detail"]
    validator(document, "/api/v1/status", "default", mediatype=mediatype).validate(problem)


def test_wrong_methods_and_types_are_refused_with_what_is_right(daemon):
    found, mediatype, body = fetch(daemon, "/api/v1/status", "DELETE")
    assert (found, mediatype) == (405, "application/problem+json")
    assert "GET" in json.loads(body)["remedy"]
    door = Door(daemon.socket)
    door.request("PUT", "/api/v1/devices/x/name", body="name=y",
                 headers={"Content-Type": "application/x-www-form-urlencoded"})
    answer = door.getresponse()
    assert answer.status == 415
    assert "application/json" in json.loads(answer.read())["remedy"]


def metrics(daemon):
    """The text of the metrics page."""
    status, mediatype, body = fetch(daemon, "/metrics")
    assert (status, mediatype) == (200, "text/plain")
    return body.decode()


def promtool(page):
    """What Prometheus' own checker says of a page."""
    program = REPOSITORY / "tools" / "promtool"
    # The first call of all fetches it, and says so.
    subprocess.run([program, "--version"], check=True, capture_output=True)
    return subprocess.run(
        [program, "check", "metrics"], input=page, capture_output=True, text=True)


def test_metrics_are_clean_and_vanish_with_their_device(daemon, boards):
    page = metrics(daemon)
    device = next(d for d in daemon.devices().values() if d["channels"])
    assert f'bivouac_reading{{device="{device["id"]}"' in page
    check = promtool(page)
    assert (check.returncode, check.stdout, check.stderr) == (0, "", "")
    boards.end()
    wait_for(lambda: all(d["state"] == "absent" for d in daemon.devices().values()), 20)
    assert device["id"] not in metrics(daemon)


def test_promtool_would_have_objected():
    """The check can fail: a counter without its suffix is an error for it."""
    check = promtool("# HELP things Things.\n# TYPE things counter\nthings 1\n")
    assert check.returncode != 0 and "_total" in check.stderr + check.stdout


def test_a_hostile_name_stays_inside_its_label(daemon, boards):
    name = 'a"} 1\\ # HELP'
    device = next(d for d in daemon.devices().values() if d["channels"])
    status, _, _ = fetch(
        daemon, f"/api/v1/devices/{device['id']}/name", "PUT", {"name": name})
    assert status == 200
    page = metrics(daemon)
    assert 'name="a\\"} 1\\\\ # HELP"' in page
    assert promtool(page).returncode == 0
