"""A line that misbehaves by a seed: between a board's pty and the pty that the daemon is given."""

import os
import pty
import random
import select
import struct
import threading
import time
import tty

from link import ACK, RESUME, unframe

DELAY_MAX = 0.3     # seconds a byte may be held back
REPLUG_MAX = 0.4    # seconds a plug may stay out
FAULTS = ("drop", "flip", "duplicate", "delay", "burst")


class Direction:
    """Bytes on their way to one end; each fault strikes once in `mean` bytes, on average."""

    def __init__(self, seed, faults):
        self.random = random.Random(seed)
        self.faults = dict(faults)
        self.count = 0              # bytes that came in
        self.struck = 0
        self.ready = bytearray()    # to be written now
        self.held = []              # (when, bytes), in order
        self.recent = b""
        self.next = self._next()

    def _next(self):
        if not self.faults:
            return None
        return min(
            (self.count + 1 + int(self.random.expovariate(1 / mean)), kind)
            for kind, mean in sorted(self.faults.items()))

    def heal(self):
        """No further fault; what is held back still comes."""
        self.faults, self.next = {}, None

    def feed(self, data):
        """Takes bytes of the sender."""
        while data:
            if self.next is None or self.count + len(data) <= self.next[0]:
                self.count += len(data)
                return self._pass(data)
            ahead = max(0, self.next[0] - self.count)
            self._pass(data[:ahead])
            used = self._strike(self.next[1], data[ahead:])
            self.count += ahead + used
            self.struck += 1
            data = data[ahead + used:]
            self.next = self._next()

    def _strike(self, kind, data):
        """Damages the bytes ahead, of which there is at least one; says how many it took."""
        if kind == "drop":
            return 1
        if kind == "flip":
            self._pass(bytes([data[0] ^ 1 << self.random.randrange(8)]))
            return 1
        if kind == "duplicate":
            self._pass(data[:1])
            self._pass(self.recent[-self.random.choice((1, 2, 30, 120, 400)):])
            return 1
        if kind == "delay":
            self.held.append((time.monotonic() + self.random.uniform(0, DELAY_MAX), data[:1]))
            return 1
        burst = data[:self.random.randrange(1, 300)]
        if self.random.random() < 0.5:
            self._pass(self.random.randbytes(len(burst)))
        return len(burst)

    def _pass(self, data):
        self.recent = (self.recent + data)[-400:]
        if self.held:
            self.held.append((self.held[-1][0], data))
        else:
            self.ready += data

    def due(self, now):
        """Moves what was held back long enough; when to look again, or None."""
        while self.held and self.held[0][0] <= now:
            self.ready += self.held.pop(0)[1]
        return self.held[0][0] if self.held else None

    def clear(self):
        """The wire was cut: what was on it is gone."""
        self.ready.clear()
        self.held.clear()


class Line:
    """A board's line. Events are (direction, bytes from the event before, action) in order.

    Actions: `unplug`, `reset` (the board), `kill` (the daemon). They happen at that very byte: what
    was sent after it is lost, and what comes before it is delivered first.
    """

    def __init__(self, board, seed, faults=(), events=(), kill=None):
        self.board, self.seed = board, seed
        self.up = Direction(f"{seed} up", faults)       # towards the host
        self.down = Direction(f"{seed} down", faults)   # towards the board
        self.events = list(events)
        self.happened = {"unplug": 0, "reset": 0, "kill": 0}
        self.told = {}          # epoch: what the host said is safe, as it left the host
        self.host = None        # (master, slave) of the plug that is in
        self.out_until = 0.0    # when the plug may go in again, once it is out
        self._kill = kill
        self._random = random.Random(f"{seed} events")
        self._segment = b""
        self._left = self.events[0][1] if self.events else None
        self._lock = threading.Lock()
        self._running = True
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    # What the test calls.

    def plug(self):
        """A new pty; a descriptor of the slave, the caller's to hand over and close."""
        master, slave = pty.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        with self._lock:
            self._unplug()
            self.host = (master, slave)
            if self._random.random() < 0.75:
                # Else the board believes for up to three seconds that it is still attached.
                self.board.sleep()
            return os.dup(slave)

    def pull(self):
        """Takes the plug out, after reading what the host had written."""
        with self._lock:
            if self.host:
                self._hear_last()
            self._unplug()

    def heal(self):
        """No further fault or event."""
        with self._lock:
            self.up.heal()
            self.down.heal()
            self.events, self._left = [], None

    def close(self):
        """Ends the line, not the board."""
        self._running = False
        self._thread.join()
        self._unplug()

    # The thread.

    def _run(self):
        while self._running:
            with self._lock:
                now = time.monotonic()
                looks = [self.up.due(now), self.down.due(now)]
                self._write()
                ends = [self.board.master] + ([self.host[0]] if self.host else [])
                busy = self.up.ready or self.down.ready
            pause = min([0.05] + [max(0, at - now) for at in looks if at is not None])
            try:
                ready = select.select(ends, [], [], 0.002 if busy else pause)[0]
            except OSError:     # the plug was pulled meanwhile
                continue
            with self._lock:
                if self.board.master in ready:
                    self._take("up", self._read(self.board.master))
                if self.host and self.host[0] in ready:
                    self._take("down", self._read(self.host[0]))

    @staticmethod
    def _read(descriptor):
        try:
            return os.read(descriptor, 4096)
        except OSError:
            return b""

    def _write(self):
        for direction, end in ((self.down, self.board.master),
                               (self.up, self.host[0] if self.host else None)):
            if end is None:
                direction.clear()
                continue
            try:
                while direction.ready:
                    del direction.ready[:os.write(end, direction.ready[:4096])]
            except OSError:
                continue

    def _take(self, name, data):
        if name == "down":
            self._hear(data)
        elif self.host is None:
            return
        direction = self.up if name == "up" else self.down
        while data:
            event = self.events[0] if self.events else None
            if event is None or event[0] != name or self._left > len(data):
                if event is not None and event[0] == name:
                    self._left -= len(data)
                return direction.feed(data)
            direction.feed(data[:self._left])
            data = data[self._left:]
            self.events.pop(0)
            self._left = self.events[0][1] if self.events else None
            self._write()
            self._act(event[2])
            if event[2] != "kill":
                return None
        return None

    def _act(self, action):
        self.happened[action] += 1
        if action == "kill":
            self._kill()
        elif action == "unplug":
            self._hear_last()
            self._unplug()
            self.out_until = time.monotonic() + self._random.uniform(0, REPLUG_MAX)
        else:
            self.board.reset()
            while self._read(self.board.master):
                continue
            self.up.clear()

    def _hear_last(self):
        while data := self._read(self.host[0]):
            self._hear(data)

    def _unplug(self):
        self.up.clear()
        self.down.clear()
        self._segment = b""
        if self.host:
            for end in self.host:
                os.close(end)
        self.host = None

    def _hear(self, data):
        """Reads along what the host promises, before any fault."""
        *segments, self._segment = (self._segment + data).split(b"\0")
        for segment in segments:
            body = unframe(segment)
            if body and body[0] == ACK:
                epoch, durable = struct.unpack_from("<II", body, 1)
                self.told[epoch] = max(durable, self.told.get(epoch, 0))
            elif body and body[0] == RESUME:
                for at in range(body[9]):
                    epoch, durable = struct.unpack_from("<II", body, 10 + 8 * at)
                    self.told[epoch] = max(durable, self.told.get(epoch, 0))
