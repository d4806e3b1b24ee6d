"""A TCP line as it is in the field: so many bytes a second, so long on the way, cut at any byte."""

import queue
import socket
import threading
import time

#: What goes over the line at a time: connections that send at once take turns.
PACKET = 1_400
#: Packets that are on their way over a line that delays them; the sender waits beyond.
WAY = 4_096


class NarrowLine:
    """A line to a port; both directions count what they carry, and can be measured and cut."""

    def __init__(self, port, bytes_per_s=None, delay_s=0.0):
        self.port, self.bytes_per_s, self.delay_s = port, bytes_per_s, delay_s
        #: Bytes towards the port, and back.
        self.up = self.down = 0
        self.connections = 0
        #: Called with each packet that is taken, `up` or `down` and its bytes.
        self.tap = lambda direction, data: None
        self.connected = True
        self._turns = {"up": threading.Lock(), "down": threading.Lock()}
        self._free_at = {"up": 0.0, "down": 0.0}
        self._cut_after = {"up": None, "down": None}
        self._ends, self._lock = set(), threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def carried(self):
        """Bytes in both directions."""
        return self.up + self.down

    def cut(self):
        """Ends every connection where it is, and takes no other until `mend`."""
        with self._lock:
            self.connected = False
            for end in self._ends:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass    # its other end has gone already
            self._ends.clear()

    def cut_after(self, count, direction):
        """Cuts when so many bytes more went in a direction (`up` or `down`)."""
        self._cut_after[direction] = getattr(self, direction) + count

    def mend(self):
        self.connected = True

    def close(self):
        self.cut()
        self._listener.close()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = None
            with self._lock:
                try:
                    far = self.connected and socket.create_connection(
                        ("127.0.0.1", self.port), timeout=5)
                except OSError:
                    pass    # nobody listens: the caller sees its own connection end
                if not far:
                    near.close()
                    continue
                for end in (near, far):
                    end.settimeout(None)
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    if self.bytes_per_s:
                        # What a machine may send ahead of a slow line.
                        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8_192)
                self._ends |= {near, far}
                self.connections += 1
            for way in ((near, far, "up"), (far, near, "down")):
                self._carry(*way)

    def _carry(self, source, target, direction):
        way = queue.Queue(WAY)
        threading.Thread(target=self._take, args=(source, way, direction), daemon=True).start()
        threading.Thread(target=self._give, args=(target, way), daemon=True).start()

    def _take(self, source, way, direction):
        """Reads what one side sends, as fast as the line carries it."""
        try:
            while data := source.recv(PACKET if self.bytes_per_s else 65_536):
                limit = self._cut_after[direction]
                if limit is not None:
                    data = data[:max(0, limit - getattr(self, direction))]
                self.tap(direction, data)
                at = self._pace(len(data), direction)
                way.put((at + self.delay_s, data))
                if limit is not None and getattr(self, direction) >= limit:
                    self._cut_after[direction] = None
                    time.sleep(self.delay_s)    # what came before arrives
                    self.cut()
        except OSError:
            pass    # cut
        way.put((time.monotonic() + self.delay_s, b""))

    def _pace(self, count, direction):
        """Waits for the line's turn; when the last byte has left."""
        now = time.monotonic()
        with self._turns[direction]:
            setattr(self, direction, getattr(self, direction) + count)
            if not self.bytes_per_s:
                return now
            free = max(self._free_at[direction], now) + count / self.bytes_per_s
            self._free_at[direction] = free
        # Each connection has one packet here at most: they take turns.
        time.sleep(free - now)
        return free

    @staticmethod
    def _give(target, way):
        """Delivers, in order and in time; an end of file too."""
        try:
            while True:
                at, data = way.get()
                time.sleep(max(0.0, at - time.monotonic()))
                if not data:
                    return target.shutdown(socket.SHUT_WR)
                target.sendall(data)
        except OSError:
            return None     # cut
