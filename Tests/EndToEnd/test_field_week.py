"""A week in the field, as people type it: a gateway offline, a power cut, edits on both sides, a USB
stick imported twice, the link back, conflicts shown, an expired command not run.

Days pass on clocks that the test moves; with `-s`, or BIVOUAC_TRANSCRIPT=FILE, what was typed and
answered is printed."""

import os
import re

import pytest

from daemon import Simulation, wait_for
from moved_clock import MovedClock
from site_nodes import Site, readings

DAY_US = 86_400_000_000
BOARDS = 2


class Week:
    """Two gateways and a hub, each a machine with clocks of its own, and what was said."""

    def __init__(self, folder):
        self.folder, self.site, self.clocks, self.said = folder, Site(folder), {}, []
        for name in ("bureau", "serre", "verger"):
            self.clocks[name] = MovedClock(folder / f"clock-{name}")
            self.clocks[name].reboot(wall_ahead_us=0, synchronised=name == "bureau")
        self.bureau = self._add("bureau")
        self.serre, self.verger = self._add("serre", self.bureau), self._add("verger", self.bureau)
        self.nodes = {"bureau": self.bureau, "serre": self.serre, "verger": self.verger}

    def _add(self, name, founder=None):
        return self.site.add(name, founder, environment=self.clocks[name].environment)

    def tell(self, text):
        self.said.append(f"\n== {text}")

    def type(self, name, *words, language="en"):
        """What somebody types at a node, and what comes back."""
        where = ["--state", str(self.nodes[name].state)] if words[0] == "verify" else []
        done = self.nodes[name].command_line(*words, *where, language=language)
        shown = " ".join(f"'{word}'" if " " in word else word for word in words)
        text = (done.stdout + done.stderr).replace(str(self.folder), "")
        self.said += [f"{name}$ bivouac {shown}", *("  " + line for line in text.splitlines())]
        return done

    def night(self):
        """A day passes for all machines."""
        for clock in self.clocks.values():
            clock.pass_us(DAY_US)
        for node in self.nodes.values():
            node.get("/api/v1/status")

    def work(self, name, kind="esp32"):
        """Boards record for a while at a gateway, and are switched off."""
        node = self.nodes[name]
        before = sum(len(readings(node, device)) for device in node.devices())
        simulation = Simulation(node, kind, BOARDS)
        wait_for(lambda: len([d for d in node.devices().values() if d["state"] == "connected"])
                 >= BOARDS, 20, "boards that record")
        wait_for(lambda: sum(len(readings(node, d)) for d in node.devices()) > before, 20,
                 "readings")
        simulation.end()
        node.settle()

    def stored(self, name):
        node = self.nodes[name]
        return {device: readings(node, device) for device in node.devices()}


@pytest.fixture
def week(tmp_path):
    made = Week(tmp_path)
    yield made
    text = "\n".join(made.said)
    print(text)
    if os.environ.get("BIVOUAC_TRANSCRIPT"):
        with open(os.environ["BIVOUAC_TRANSCRIPT"], "w", encoding="utf-8") as file:
            file.write(text + "\n")
    made.site.end()


def monday(week):
    week.tell("Monday: three nodes of one site; boards record at both gateways")
    week.type("bureau", "peers", "list")
    week.work("serre")
    week.work("verger")
    wait_for(lambda: week.stored("bureau") == {**week.stored("serre"), **week.stored("verger")}
             and len(week.stored("bureau")) == 2 * BOARDS, 30, "everything at the office")
    return next(d["id"] for d in week.serre.get("/api/v1/devices") if d.get("gateway") is None)


def controller(week):
    """A controller of the greenhouse that records, and its id."""
    simulation = Simulation(week.serre, "otomate-companion")
    device = wait_for(
        lambda: next((d["id"] for d in week.serre.get("/api/v1/devices")
                      if d["commands"] and d["state"] == "connected"), None), 20, "a controller")
    wait_for(lambda: readings(week.serre, device), 20, "its readings")
    return simulation, device


def tuesday(week):
    week.tell("Tuesday: the link is gone; the greenhouse records, and its power is cut")
    week.serre.cable.cut()
    simulation, device = controller(week)
    acknowledged = readings(week.serre, device)
    week.serre.kill()
    simulation.end()
    week.serre.start()
    assert set(acknowledged) <= set(readings(week.serre, device))
    week.type("serre", "status")


def wednesday(week, device):
    week.tell("Wednesday: still offline; the same board is named at both ends")
    week.type("serre", "devices", "name", device, "Serre froide")
    week.type("bureau", "devices", "name", device, "Tunnel 2")
    week.work("serre")


def thursday(week):
    week.tell("Thursday: the stick: exported in the greenhouse, imported twice in the office")
    simulation, device = controller(week)
    stick = week.folder / "stick.bundle"
    week.type("serre", "sync", "export", "--for", "bureau", str(stick))
    week.type("bureau", "sync", "import", str(stick))
    stored = week.stored("bureau")
    assert stored[device]
    again = week.type("bureau", "sync", "import", str(stick), language="fr")
    assert week.stored("bureau") == stored
    assert re.search(r"\b0\b", again.stdout), again.stdout
    week.tell("An order for a valve of the greenhouse, good for an hour, that cannot be delivered")
    week.type("bureau", "send", "--life", "1h", "--lease", "60s", "--no-wait", device, "d2", "1")
    week.type("bureau", "commands")
    return simulation, device


def friday(week, simulation, device):
    week.tell("Friday: the link is back, the controller is still there")
    wait_for(lambda: week.serre.devices()[device]["state"] == "connected", 20, "the controller")
    week.serre.cable.mend()
    week.type("serre", "sync", "now")
    ended = wait_for(
        lambda: next((c for c in week.bureau.get("/api/v1/commands")
                      if c["state"] == "refused"), None), 30, "its end")
    assert ended["reason"] == "expired" and not ended.get("claimed")
    simulation.end()
    week.serre.settle()
    week.type("bureau", "commands")
    conflicts = wait_for(lambda: week.bureau.get("/api/v1/conflicts")["conflicts"], 20,
                         "the conflict")
    week.type("bureau", "config", "conflicts", language="fr")
    week.type("bureau", "config", "conflicts")
    week.type("bureau", "config", "decide", conflicts[0]["id"], "1")


def saturday(week):
    week.tell("Saturday: the same everywhere, once")
    week.site.even(seconds=30)
    wait_for(lambda: week.stored("bureau") == week.stored("serre") == week.stored("verger"), 30,
             "the same readings")
    for found in week.stored("bureau").values():
        assert len(found) == len(set(found)) > 0
    assert not week.bureau.get("/api/v1/conflicts")["conflicts"]
    for words in (["sync", "status"], ["devices"], ["verify"]):
        week.type("bureau", *words)


def test_a_week_in_the_field(week):
    device = monday(week)
    week.night()
    tuesday(week)
    week.night()
    wednesday(week, device)
    week.night()
    simulation, device = thursday(week)
    week.night()
    friday(week, simulation, device)
    week.night()
    saturday(week)
