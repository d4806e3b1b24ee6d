"""systemd's side of sd_notify: the socket that a service speaks to, and what it said."""

import socket
import threading
import time


class Notifications:
    """Every datagram that arrived, with the time it came."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.lock = threading.Lock()
        self.heard = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            text = self.socket.recv(4096).decode()
            with self.lock:
                self.heard.append((time.monotonic(), text))

    def all(self):
        """(time, text) of each, oldest first."""
        with self.lock:
            return list(self.heard)

    def fed(self):
        """How often the watchdog was fed."""
        return sum(text == "WATCHDOG=1" for _, text in self.all())

    def clear(self):
        """Forgets what was heard."""
        with self.lock:
            self.heard.clear()
