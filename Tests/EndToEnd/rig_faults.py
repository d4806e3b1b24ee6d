"""A daemon with boards on lines that misbehave, and the books that must balance at the end."""

import os
import random
import time

from daemon import Daemon, Handover, wait_for
from posix_board import PosixBoard
from proxy import DELAY_MAX, Line
import stored
from taken import never_excused

LATE_MAX = 0.15     # seconds from a byte's arrival to the board's deed, on a busy machine


class Rig:
    """`lines` are given as dictionaries: faults, events, rate, ring, narrow, board (its class)."""

    def __init__(self, directory, seed, lines, life_ms=(300, 3000)):
        self.directory, self.seed = directory, seed
        self.random = random.Random(f"{seed} rig")
        self.life_ms = life_ms
        self.daemon = Daemon(directory, "commit_interval = 1\n").start()
        self.killed = False
        self.kills = 0
        self.commands = {}      # number: (line, id, life in ms)
        self.doubtful = {}      # number: (line, began, life in ms): nobody knows if it was issued
        self.lines = []
        for number, given in enumerate(lines):
            board = given.get("board", PosixBoard)(
                directory / f"board{number}", given.get("rate", 2000), given.get("ring", 2000),
                seed * 100 + number, given.get("narrow", False))
            self.lines.append(Line(
                board, f"{seed}.{number}", given.get("faults", ()), given.get("events", ()),
                self.kill))
        self.turn()

    # What goes on.

    def kill(self):
        """kill -9, now; `turn` starts the daemon again."""
        if not self.killed:
            self.killed = True
            self.daemon.process.kill()

    def turn(self):
        """Plugs in what is out, and starts a daemon that was killed."""
        if self.killed:
            self.daemon.process.wait()
            for line in self.lines:
                line.pull()
            self.check_safe()
            self.kills += 1
            self.killed = False
            self.daemon.start()
        for line in self.lines:
            if line.host is None and time.monotonic() >= line.out_until:
                slave = line.plug()
                try:
                    door = Handover(self.daemon)
                    door.give(slave, line.seed)
                    door.close()
                except OSError:
                    line.pull()
                    if not self.killed:
                        raise
                finally:
                    os.close(slave)

    def command(self):
        """Issues one command to one board, whatever becomes of it."""
        line = self.random.choice(self.lines)
        if line.board.identity is None:
            return
        number = len(self.commands) + len(self.doubtful)
        life = self.random.randrange(*self.life_ms)
        began = time.clock_gettime(time.CLOCK_BOOTTIME)
        path = f"/api/v1/devices/sim-{line.board.identity}/commands"
        try:
            status, answer = self.daemon.request(
                "POST", path, {"name": "mark", "arguments": [str(number)], "lifeMs": life})
        except OSError:
            self.doubtful[number] = (line, began, life)
            return
        if status in (200, 201, 202):
            self.commands[number] = (line, answer["id"], life)
        else:
            # A board that is not known yet, or was not understood yet, or has enough to do.
            assert status in (404, 409, 429), (status, answer)

    def run(self, seconds, commands_every=0.15, until=None):
        """Lets it go on for a time, or until a condition holds."""
        end = time.monotonic() + seconds
        next_command = time.monotonic()
        while time.monotonic() < end and not (until and until()):
            self.turn()
            if commands_every and time.monotonic() >= next_command:
                self.command()
                next_command = time.monotonic() + commands_every
            time.sleep(0.01)

    # How it ends.

    def settle(self, seconds=20):
        """Heals every line, waits until all is on disk, ends all in order; what is stored."""
        for line in self.lines:
            line.heal()
        states = []

        def is_heard():
            self.turn()
            states[:] = [line.board.status() for line in self.lines]
            return all(line.told.get(state["epoch"], 0) for line, state in zip(self.lines, states))

        def is_drained():
            self.turn()
            return all(line.told.get(state["epoch"], 0) >= state["made"]
                       for line, state in zip(self.lines, states))

        try:
            wait_for(is_heard, seconds, "an acknowledgement")
            states[:] = [line.board.pause() for line in self.lines]
            wait_for(is_drained, seconds, "the last acknowledgement")
        except AssertionError as error:
            raise AssertionError(
                f"{error}; {states}; {[line.told for line in self.lines]}; "
                f"{[line.board.status() for line in self.lines]}; {self.daemon.devices()}; "
                f"{self.daemon.log[-20:]}") from error
        self.outcomes = self._await_outcomes(seconds)
        self.questions = self.daemon.get("/api/v1/questions")
        self.daemon.finish()
        for line in self.lines:
            line.close()
            line.board.stop()
        return stored.read(self.daemon.state)

    def _await_outcomes(self, seconds):
        """The last word on every command.

        A final RESULT that was lost is waited for a minute: such a command may still be `running`.
        """
        def settled():
            for number, (_, key, _) in self.commands.items():
                view = self.daemon.get(f"/api/v1/commands/{key}")
                outcomes[number] = view
                if view["state"] in ("queued", "claimed"):
                    return False
            return True

        outcomes = {}
        time.sleep(0.2)     # what the boards had under way
        wait_for(settled, seconds, "an outcome of every command")
        return outcomes

    def abandon(self):
        """After a failure: no process stays."""
        if self.daemon.process.poll() is None:
            self.daemon.kill()
        for line in self.lines:
            line.close()
            if line.board.process.poll() is None:
                line.board.process.kill()

    # The books.

    @never_excused()
    def check_safe(self):
        """Every sample that a board was told is safe is on disk, in order and once."""
        found = stored.read(self.daemon.state)
        for line in self.lines:
            for epoch, durable in line.told.items():
                if durable == 0:
                    continue
                books = found.get((stored.SIMULATED, line.board.identity, epoch))
                assert books, f"line {line.seed}: nothing of epoch {epoch}, told {durable}"
                safe = books.next()
                closed = books.count(stored.TAIL) > 0
                assert safe >= durable or closed, (
                    f"line {line.seed}, epoch {epoch}: told {durable}, on disk {safe}")

    @never_excused()
    def check(self, found):
        """made = stored + declared gaps + unknown tail; each sample once, in order, and right."""
        self.check_safe()
        known = {line.board.identity for line in self.lines}
        strangers = {key for key in found if key[0] != stored.SIMULATED or key[1] not in known}
        assert not strangers and not self.questions, (strangers, self.questions)
        totals = {"made": 0, "stored": 0, "gaps": 0, "tails": 0, "unheard": 0, "epochs": 0}
        for line in self.lines:
            for run in line.board.epochs:
                self._check_epoch(found, line, run, totals)
            epochs = [run["epoch"] for run in line.board.epochs]
            assert len(set(epochs)) == len(epochs), f"an epoch was given twice: {epochs}"
            strange = {key[2] for key in found if key[1] == line.board.identity} - set(epochs)
            assert not strange, f"line {line.seed}: epochs {strange} never ran"
        totals["kills"] = self.kills
        totals["struck"] = sum(line.up.struck + line.down.struck for line in self.lines)
        for action in ("unplug", "reset"):
            totals[action] = sum(line.happened[action] for line in self.lines)
        return totals

    def _check_epoch(self, found, line, run, totals):
        where = f"line {line.seed}, epoch {run}"
        made = run["made"]
        totals["made"] += made
        totals["epochs"] += 1
        books = found.get((stored.SIMULATED, line.board.identity, run["epoch"]))
        if books is None:
            # It ran, and nobody heard of it in time.
            assert line.told.get(run["epoch"], 0) == 0, where
            assert run is not line.board.epochs[-1], where
            totals["unheard"] += made
            return
        known, gaps, tail = (
            books.next(), books.count(stored.GAP), books.count(stored.TAIL))
        here = books.count(stored.SAMPLES)
        assert known <= made and len(books.samples) == here, where
        assert gaps <= run["lost"], f"{where}: {gaps} declared, more than the ring dropped"
        if run is line.board.epochs[-1]:
            assert known == made and tail == 0, f"{where}: {known} known, tail {tail}"
        else:
            # A ring that overflowed while nobody listened, and was then reset, could not say so.
            unsaid = run["lost"] - gaps
            assert tail in (0, line.board.ring), where
            assert tail or known == made, f"{where}: {known} known, and no tail"
            assert made - known <= tail + unsaid, f"{where}: {known} known, tail {tail}"
        totals["stored"] += here
        totals["gaps"] += gaps
        totals["tails"] += made - known
        self._check_values(books, line.board, run["epoch"], where)

    @staticmethod
    def _check_values(books, board, epoch, where):
        before_seq, before_ticks = -1, 0
        for seq, ticks, key, value in books.samples:
            assert seq > before_seq and ticks >= before_ticks, f"{where}: {seq} at {ticks}"
            assert (key, value) == board.expected(epoch, seq), f"{where}: {seq} is {key} {value}"
            before_seq, before_ticks = seq, ticks

    def check_commands(self, lossless=False):
        """At most once, never late, and no outcome that the board contradicts."""
        runs = {}
        for line in self.lines:
            for run in line.board.runs:
                runs.setdefault(run["number"], []).append((line, run))
        tally = {}
        for number, done in runs.items():
            assert len(done) == 1, f"command {number} ran {len(done)} times: {done}"
        for number, (line, began, life) in self.doubtful.items():
            for _, run in runs.get(number, []):
                assert run["us"] / 1e6 <= began + life / 1e3 + 1, f"command {number} ran late"
        late = LATE_MAX + (DELAY_MAX if any(line.up.struck for line in self.lines) else 0)
        resets = sum(line.happened["reset"] for line in self.lines)
        for number, (line, _, life) in self.commands.items():
            view, done = self.outcomes[number], runs.get(number, [])
            word = f"{view['state']} {view.get('reason', '')}"
            tally[word] = tally.get(word, 0) + 1
            what = f"command {number} ({life} ms): {view}, {done}"
            for by, run in done:
                assert by is line, what
                assert run["us"] <= view["issuedUs"] + life * 1000 + late * 1e6, f"late: {what}"
            if view["state"] == "acked":
                assert len(done) == 1 and view["value"] == number, what
            elif view["state"] == "running":
                assert len(done) == 1 and number % 5 == 1 and not lossless, what
            elif view["state"] == "refused":
                assert not done, what
            else:
                assert view["state"] == "unknown" and not lossless, what
                assert view["reason"] != "daemon-restarted" or self.kills, what
                assert view["reason"] != "board-restarted" or resets, what
        return tally
