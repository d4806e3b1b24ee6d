"""A site in network namespaces of its own: two gateways and a hub, boards on both gateways, and
faults by a seed: packets that vanish without a word, either way or both, and kill -9."""

import itertools
import os
import random
import subprocess
import time

from daemon import Daemon, Handover, wait_for
from posix_board import PosixBoard
from proxy import Line
from site_nodes import EVERYTHING

UNSHARE = ["unshare", "-mn"] if os.geteuid() == 0 else ["unshare", "-rmn"]
NAMES = ("hub", "north", "south")
PORT = 8421
FAULT_MAX = 1.5     # seconds that a fault lasts


def run(*words):
    subprocess.run(words, check=True, capture_output=True)


class Wires:
    """A namespace for each node, and a wire between every two. They lie in one that ends with its
    holder, so that nothing of them stays, and nobody has to be root."""

    def __init__(self):
        self.silent = set()     # (from, to): what is sent there vanishes
        script = "mount -t tmpfs none /run && mkdir /run/netns && >/run/field && exec sleep 3600"
        self.holder = subprocess.Popen([*UNSHARE, "sh", "-c", script], stdin=subprocess.DEVNULL)
        its_root = os.path.join("/proc", str(self.holder.pid), "root")
        wait_for(lambda: os.path.exists(os.path.join(its_root, "run", "field")),
                 what="the namespace")
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        self.enter = ["nsenter", f"--target={self.holder.pid}", *user, "--mount", "--net"]
        for name in NAMES:
            run(*self.enter, "ip", "netns", "add", name)
            run(*self.inside(name), "ip", "link", "set", "lo", "up")
        for number, (near, far) in enumerate(itertools.combinations(NAMES, 2)):
            ends = {near: f"v{number}a", far: f"v{number}b"}
            run(*self.enter, "ip", "link", "add", ends[near], "netns", near, "type", "veth",
                "peer", "name", ends[far], "netns", far)
            for host, name in enumerate((near, far), 1):
                run(*self.inside(name), "ip", "address", "add", f"10.77.{number}.{host}/24",
                    "dev", ends[name])
                run(*self.inside(name), "ip", "link", "set", ends[name], "up")

    def inside(self, name):
        return (*self.enter, "ip", "netns", "exec", name)

    @staticmethod
    def address(of, seen_from):
        """Where a node is, for another one."""
        pairs = list(itertools.combinations(NAMES, 2))
        number = next(at for at, pair in enumerate(pairs) if {of, seen_from} == set(pair))
        return f"10.77.{number}.{pairs[number].index(of) + 1}"

    def silence(self, sender, receiver):
        """From now on what one sends to the other is lost, and nobody is told."""
        if (sender, receiver) not in self.silent:
            self.silent.add((sender, receiver))
            run(*self.inside(sender), "ip", "route", "add", "blackhole",
                f"{self.address(receiver, sender)}/32")

    def heal(self):
        for sender, receiver in self.silent:
            run(*self.inside(sender), "ip", "route", "del", "blackhole",
                f"{self.address(receiver, sender)}/32")
        self.silent = set()

    def end(self):
        self.holder.kill()
        self.holder.wait()


class Field:
    """Three nodes of one site and their boards."""

    def __init__(self, folder, seed, boards=10, rate=10):
        self.random = random.Random(f"{seed} field")
        self.seed, self.kills, self.faults, self.names = seed, 0, 0, 0
        self.wires = Wires()
        self.nodes = {}
        self.lines = []
        try:
            self._build(folder, boards, rate)
        except BaseException:
            self.abandon()
            raise

    def _build(self, folder, boards, rate):
        for name in NAMES:
            self.nodes[name] = Daemon(
                folder / name,
                f'commit_interval = 1\n[sync]\nlisten = ["0.0.0.0:{PORT}"]\nlabel = "{name}"\n',
                wrapper=self.wires.inside(name)).start()
        self.nodes["hub"].post("/api/v1/site", {"name": "Terrain"})
        for name in NAMES[1:]:
            invited = self.nodes["hub"].post("/api/v1/invitations", {
                "url": self.url("hub", name), "scopes": EVERYTHING})
            self.nodes[name].post("/api/v1/pairing", {"key": invited["link"]})
        # Gateways reach each other too: records take whatever way there is.
        self.nodes["south"].post("/api/v1/peers", {"url": self.url("north", "south")})
        for number in range(boards):
            board = PosixBoard(folder / f"board{number}", rate, 4000, self.seed * 100 + number)
            line = Line(board, f"{self.seed}.{number}")
            line.home = NAMES[1 + number % 2]
            self.lines.append(line)
        self.plug()

    def url(self, of, seen_from):
        return f"http://{self.wires.address(of, seen_from)}:{PORT}"

    def plug(self):
        """Plugs in what is out."""
        for line in self.lines:
            if line.host is not None:
                continue
            slave = line.plug()
            door = Handover(self.nodes[line.home])
            door.give(slave, line.seed)
            door.close()
            os.close(slave)

    def fault(self):
        """One fault: what it was."""
        self.faults += 1
        kind = self.random.choice(("silent", "oneway", "kill", "silent", "oneway", "alone"))
        near, far = self.random.sample(NAMES, 2)
        lasts = self.random.uniform(0.05, FAULT_MAX)
        if kind == "kill":
            self.kill(near)
            return kind
        if kind in ("silent", "oneway"):
            self.wires.silence(near, far)
        if kind == "silent":
            self.wires.silence(far, near)
        if kind == "alone":
            for other in set(NAMES) - {near}:
                self.wires.silence(near, other)
                self.wires.silence(other, near)
        if self.random.random() < 0.3:
            self.rename()
        time.sleep(lasts)       # the fault itself
        self.wires.heal()
        return kind

    def kill(self, name):
        """kill -9, and a start."""
        self.kills += 1
        node = self.nodes[name]
        node.kill()
        for line in self.lines:
            if line.home == name:
                line.pull()
        node.start()
        self.plug()

    def rename(self):
        """Somebody gives a device another name, on any node that knows it."""
        node = self.nodes[self.random.choice(NAMES)]
        devices = node.get("/api/v1/devices")
        if devices:
            self.names += 1
            device = self.random.choice(devices)["id"]
            node.request("PUT", f"/api/v1/devices/{device}/name", {"name": f"Bac {self.names}"})

    def settle(self, seconds=60):
        """Heals all, lets the boards rest, and waits until what they were told is everything."""
        self.wires.heal()
        states = [line.board.pause() for line in self.lines]
        wait_for(
            lambda: all(line.told.get(state["epoch"], 0) >= state["made"]
                        for line, state in zip(self.lines, states)),
            seconds, "the last acknowledgement")
        for node in self.nodes.values():
            node.post("/api/v1/sync/now")
        return {f"sim-{line.board.identity}": (state["epoch"], state["made"])
                for line, state in zip(self.lines, states)}

    def abandon(self):
        """No process stays, and no namespace."""
        for node in self.nodes.values():
            if node.process is not None and node.process.poll() is None:
                node.kill()
        for line in self.lines:
            line.close()
            if line.board.process.poll() is None:
                line.board.process.kill()
        self.wires.end()
