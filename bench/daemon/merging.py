"""Two nodes that meet: what it takes until both know the same.

Real daemons, optimised, over loopback; the backlog is written beforehand by `bivouac-bench`.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness import BUILT, REPOSITORY, cpu_s, verdict

sys.path.insert(0, str(REPOSITORY / "bench" / "peers"))

import json_rows                                                    # noqa: E402
from daemon import Daemon, Simulation, wait_for                     # noqa: E402
from narrow_line import NarrowLine                                  # noqa: E402
from site_nodes import EVERYTHING, port                             # noqa: E402

BENCH = Path(os.environ.get("BIVOUAC_BENCH_BIN", REPOSITORY / ".build/release/bivouac-bench"))
READINGS = int(os.environ.get("BIVOUAC_BENCH_READINGS", 10_000_000))
SENSORS = "temperature-jitter"
ENTRIES = 100_000
#: The peer takes minutes for all of them: it is given the first of them, and the time is scaled,
#: which leaves out that its index grows.
PEER_ROWS = 500_000
GATEWAYS = 100
FLEET_S = 20
POLL_S = 0.01


def node(folder, name, wrapper=()):
    """A daemon that listens for others."""
    return Daemon(
        Path(folder) / name,
        f'commit_interval = 1\n[sync]\nlisten = ["127.0.0.1:0"]\nlabel = "{name}"\n',
        wrapper=wrapper).start()


def pair(founder, joiner, url=None):
    """Makes a node a member of a founder's site; it calls the founder from then on."""
    url = url or f"http://127.0.0.1:{port(founder)}"
    invited = founder.post("/api/v1/invitations", {"url": url, "scopes": EVERYTHING})
    joiner.post("/api/v1/pairing", {"key": invited["link"]})


def until(condition, seconds, what, every=POLL_S):
    """Seconds until a condition holds, looked at every 10 ms."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"{what}: not within {seconds} s"
        time.sleep(every)
    return time.monotonic() - began


def link(daemon):
    """How records travel between a node and the only other one."""
    return daemon.get("/api/v1/sync")["peers"][0]


def is_even(daemon):
    """Whether both sides of the only link have what the other has."""
    one = link(daemon)
    return (one["state"] == "even" and one.get("backlogRecords") == 0
            and one.get("missingRecords") == 0)


def written(process):
    """Bytes that a process gave to the disk, in its life."""
    text = Path(f"/proc/{process.pid}/io").read_text()
    return int(re.search(r"^write_bytes: (\d+)", text, re.M)[1])


def filled(folder, what, *words):
    """Two nodes of one site that know each other and are not connected; the second has what
    `bivouac-bench` wrote."""
    hub, north = node(folder, "hub"), node(folder, "north")
    hub.post("/api/v1/site", {"name": "Ferme"})
    pair(hub, north)
    until(lambda: is_even(north), 20, "the first exchange")
    north.request("DELETE", "/api/v1/peers/hub")
    north.stop(seconds=10)
    said = subprocess.run([str(BENCH), what, str(north.state), *words], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.split()
    return hub, north.start(), [int(number) for number in said]


def stored(daemon):
    """Readings that a node can show."""
    return sum(one["count"] for one in daemon.get("/api/v1/series")["series"])


def alarm(hub, north):
    """The first alarm of a node whose backlog fills a narrow line."""
    line = NarrowLine(port(hub), bytes_per_s=256_000 / 8, delay_s=0.150)
    board = Simulation(north)
    try:
        device = wait_for(lambda: next((one for one in north.get("/api/v1/devices") if any(
            c.get("last") for c in one["channels"])), None), 20, "a board")
        channel = next(c["key"] for c in device["channels"] if c.get("last"))
        north.post("/api/v1/peers", {"url": line.url})
        until(lambda: line.up > 150_000, 60, "the backlog on its way")
        north.post("/api/v1/rules", {
            "name": "cold", "device": device["id"], "condition": "above", "channel": channel,
            "limit": "-1000000"})
        raised = "/api/v1/alarms?state=open"
        until(lambda: north.get(raised)["alarms"], 20, "the alarm")
        took = until(lambda: hub.get(raised)["alarms"], 60, "the alarm at the hub")
        left = link(north).get("backlogRecords")
        verdict("first alarm behind the backlog, 256 kbit/s, 300 ms", f"{took:.2f} s",
                f"{left} records behind it", "1.6 s", took <= 1.6)
    finally:
        board.end()
        north.request("DELETE", "/api/v1/peers/hub")
        line.close()


def backlog(folder):
    """Millions of readings from one daemon to another, and the same in the way of most."""
    hub, north, (readings, _) = filled(folder, "backlog", SENSORS, str(READINGS))
    try:
        alarm(hub, north)
        north.settle()
        readings, already = stored(north), stored(hub)
        nodes = (hub.process, north.process)
        before = [(cpu_s(one.pid), written(one)) for one in nodes]
        began = time.monotonic()
        north.post("/api/v1/peers", {"url": f"http://127.0.0.1:{port(hub)}"})
        until(lambda: is_even(north), 300, "the backlog at the hub")
        took = time.monotonic() - began
        (hub_cpu, hub_disk), (north_cpu, _) = [
            (cpu_s(one.pid) - cpu, written(one) - disk) for one, (cpu, disk) in zip(nodes, before)]
        sent = link(north)["sentBytes"]
        assert stored(hub) == readings, f"{stored(hub)} of {readings} readings at the hub"
        readings -= already
        idle(hub, north)
        lag = max(one.get("/api/v1/status")["loop"]["lagMaxUs"] for one in (hub, north))
    finally:
        hub.stop(seconds=10)
        north.stop(seconds=10)
    source = subprocess.Popen(
        [str(BENCH), "readings", SENSORS, "copy"], stdout=subprocess.PIPE, text=True)
    rows = json_rows.rows_of(source.stdout, PEER_ROWS)
    source.kill()
    source.wait()
    peer_s, peer_bytes = json_rows.send(folder, rows)
    peer_s *= readings / len(rows)
    verdict(f"{readings / 1e6:.1f} M readings", f"{took:.2f} s", f"CPU of the hub {hub_cpu:.2f} s,"
            f" of the gateway {north_cpu:.2f} s; hub wrote {hub_disk / readings:.2f} bytes a"
            f" reading; longest turn of a loop {lag / 1000:.0f} ms", "1.5 s", took <= 1.5)
    verdict("bytes a reading on the wire", f"{sent / readings:.3f}",
            f"JSON, gzipped {peer_bytes / len(rows):.2f}", "1.1", sent <= 1.1 * readings)
    verdict("faster than JSON rows", f"{peer_s / took:.0f} times", f"{peer_s:.1f} s for as many, of"
            f" {len(rows)} measured", "50 times", peer_s >= 50 * took)


class Tap:
    """The requests and answers that go over a line, by their heads."""

    LENGTH = re.compile(rb"content-length: (\d+)", re.I)

    def __init__(self, line):
        self.line, self.requests, self.bodies = line, [], []
        line.tap = self.take

    def take(self, direction, data):
        """Looks at a packet; heads are short, and never torn on a line that nobody throttles."""
        if direction == "up" and (path := re.match(rb"POST (\S+)", data)):
            self.requests.append(path[1].decode())
        self.bodies += [int(length) for length in self.LENGTH.findall(data)]


def idle(hub, north):
    """Two nodes that know the same ask each other once more."""
    north.request("DELETE", "/api/v1/peers/hub")
    line = NarrowLine(port(hub))
    try:
        north.post("/api/v1/peers", {"url": line.url})
        until(lambda: is_even(north), 20, "an even link")
        time.sleep(1.0)     # telemetry has been compared too, and nothing is under way
        tap, before = Tap(line), line.carried
        north.post("/api/v1/sync/now")
        until(lambda: len(tap.bodies) >= 4, 10, "both channels")
        time.sleep(1.0)     # whatever else would be asked
        for channel, name in ((0, "state"), (1, "telemetry")):
            count = sum(one.endswith(f"/{channel}") for one in tap.requests)
            verdict(f"idle exchange, {name}", f"{count} round trips", "of two channels", "1",
                    count == 1)
        body = sum(tap.bodies) / max(1, len(tap.requests))
        verdict("idle exchange", f"{body:.0f} bytes of body a channel", "with heads"
                f" {(line.carried - before) / max(1, len(tap.requests)):.0f}", "128", body <= 128)
    finally:
        line.close()


def newcomer(folder):
    """State that somebody new has to learn whole, on one core."""
    hub = node(folder, "hub")
    hub.post("/api/v1/site", {"name": "Ferme"})
    hub.stop(seconds=10)
    subprocess.run([str(BENCH), "entries", str(hub.state), str(ENTRIES)], check=True,
                   stdout=subprocess.DEVNULL)
    hub.start()
    north = node(folder, "north", wrapper=("taskset", "-c", "0"))
    try:
        nodes = (hub.process, north.process)
        before = [(cpu_s(one.pid), written(one)) for one in nodes]
        began = time.monotonic()
        pair(hub, north)
        # Seldom: its one core answers this as well.
        until(lambda: is_even(north), 300, "all of the state", every=0.1)
        took = time.monotonic() - began
        (hub_cpu, _), (north_cpu, disk) = [
            (cpu_s(one.pid) - cpu, written(one) - disk)
            for one, (cpu, disk) in zip(nodes, before)]
        got = link(north)["receivedBytes"]
        lag = max(one.get("/api/v1/status")["loop"]["lagMaxUs"] for one in (hub, north))
        least = float(subprocess.run([str(BENCH), "verify", str(ENTRIES)], check=True, text=True,
                                     stdout=subprocess.PIPE).stdout)
        verdict(f"{ENTRIES} state records to a newcomer on one core", f"{took:.1f} s",
                f"{took / least:.2f} times what their signatures alone take ({least:.1f} s);"
                f" its CPU {north_cpu:.1f} s, {1e6 * north_cpu / ENTRIES:.0f} µs each, of the"
                f" other {hub_cpu:.1f} s; {got / ENTRIES:.0f} bytes each on the wire,"
                f" {disk / ENTRIES:.0f} to the disk; longest turn of a loop {lag / 1000:.0f} ms",
                "15 s", took <= 15)
    finally:
        hub.stop(seconds=10)
        north.stop(seconds=10)


def cuts(folder):
    """A thousand cuts at any byte."""
    subprocess.run([str(BENCH), "cuts", folder], check=True)


def fleet(folder):
    """Many gateways that send what they read to one hub, as they read it."""
    hub = node(folder, "hub")
    site = hub.post("/api/v1/site", {"name": "Ferme"})["site"]
    hub.stop(seconds=10)
    subprocess.run([str(BENCH), "grants", str(hub.state), site["site"], str(GATEWAYS)], check=True)
    hub.start()
    try:
        sender = subprocess.Popen(
            [str(BENCH), "fleet", str(GATEWAYS), site["site"], site["node"],
             f"http://127.0.0.1:{port(hub)}", str(FLEET_S)], stdout=subprocess.PIPE, text=True)
        assert sender.stdout.readline() == "begin\n"
        began, cpu, disk = time.monotonic(), cpu_s(hub.process.pid), written(hub.process)
        assert sender.stdout.readline() == "end\n"
        took = time.monotonic() - began
        cpu, disk = cpu_s(hub.process.pid) - cpu, written(hub.process) - disk
        said = sender.stdout.readline().split()
        sender.wait()
        commits, (p50, p99, worst), failures = int(said[0]), map(float, said[1:4]), int(said[5])
        loop = hub.get("/api/v1/status")["loop"]
        lag, busy = loop["lagMaxUs"], loop["busyMaxUs"]
        assert stored(hub) == int(said[7]), f"{stored(hub)} readings at the hub, {said[7]} sent"
        verdict(f"{GATEWAYS} gateways, 100 readings/s each, live", f"{cpu / took:.2f} cores of the"
                " hub", f"{commits} commits in {took:.0f} s, {failures} sessions lost; the hub wrote"
                f" {disk / took / 1e6:.1f} MB/s; longest turn of its loop {lag / 1000:.0f} ms,"
                f" {busy / 1000:.0f} of processor time in one at most;"
                f" {int(said[4]) / int(said[7]):.2f} bytes a reading on the wire, live",
                "1 core", cpu <= took)
        verdict("from a commit to the hub's disk, p99", f"{p99 / 1000:.2f} s",
                f"p50 {p50 / 1000:.2f} s, longest {worst / 1000:.2f} s, oldest that waits"
                f" {float(said[6]) / 1000:.2f} s", "2 s", p99 <= 2000 and float(said[6]) <= 4000)
    finally:
        hub.stop(seconds=10)


PARTS = {"backlog": backlog, "newcomer": newcomer, "cuts": cuts, "fleet": fleet}


def main():
    """All parts, or those that are named."""
    BUILT.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or PARTS:
        with tempfile.TemporaryDirectory(dir=BUILT) as folder:
            PARTS[name](folder)


if __name__ == "__main__":
    main()
