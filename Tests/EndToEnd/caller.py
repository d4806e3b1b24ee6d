"""A node that calls another one, written a second time: it has the key of a member, and says what the
test wants it to (docs/sync-format.md, sections 6 and 9)."""

import http.client
import os
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docs/vectors"))

from columns_reader import Reader
from ed25519 import public, sign
from make_storage import bytes8, bytesv
from make_sync_records import h, name
from make_sync_trust import channel_key, keyed
from x25519 import BASE, x25519

TELEMETRY = 1


class Over(Exception):
    """The other side has ended the session."""


class Refused(Exception):
    """The other side answered no, with this code."""


class Question:
    """What the other side wants proven: a nonce, and how many spans."""

    def __init__(self, data):
        reader = Reader(data)
        self.nonce = reader.raw(16)
        self.count = reader.varint()


class Caller:
    """One session of a member with the node behind a port; `version` is the highest it speaks."""

    def __init__(self, port, seed, site, version=2):
        self.port, self.counter = port, 0
        secret = os.urandom(32)
        first = (bytes([version, 1]) + site + public(seed) + x25519(secret, BASE)
                 + os.urandom(16))
        second = self._post("hello", first)
        self.version, self.session = second[0], second[81:97]
        agreed = x25519(secret, second[33:65])
        self.keys = [keyed(name("bivouac session 1") + bytes([side]) + h(first) + h(second),
                           agreed) for side in (0, 1)]
        proof = sign(seed, name("bivouac hello 3") + h(first) + h(second))
        fourth = self._post("session", self.sealed(1, self.session + proof, b"hello", 255))
        assert self._body(fourth) == b"\0", "the other side does not know this node"

    def _post(self, path, body):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            line.request("POST", f"/sync/1/{path}", body,
                         {"Content-Type": "application/octet-stream"})
            answer = line.getresponse()
            said = answer.read()
        finally:
            line.close()
        if answer.status == 410:
            raise Over
        assert answer.status == 200, (answer.status, said)
        return said

    def sealed(self, counter, body, label, channel):
        """A body under its seal."""
        mac = keyed(struct.pack("<Q", counter) + bytes8(label) + h(body),
                    channel_key(self.keys[0], channel), 16)
        return struct.pack("<Q", counter) + bytesv(body) + mac

    @staticmethod
    def _body(message):
        reader = Reader(message[8:])
        return reader.raw(reader.varint())

    def request(self, body):
        """A request of the telemetry, sealed; it may be sent more than once."""
        self.counter += 1
        return self.sealed(self.counter, body, b"request", TELEMETRY)

    def send(self, message):
        """What is in the seal of the answer, after the byte that says yes."""
        body = self._body(self._post(f"{self.session.hex()}/{TELEMETRY}", message))
        if body[0]:
            raise Refused(body[2:2 + body[1]].decode())
        return body[1:]

    def ask(self, body):
        return self.send(self.request(body))

    def claim(self):
        """Tells that it has all that the other side has."""
        answer = self.ask(b"\1" + os.urandom(16) + bytes(16))
        assert answer[0] == 1 and answer[1] == 1, "its vector, whole"
        reader = Reader(answer[2:])
        vector = bytesv(reader.raw(reader.varint()))
        assert self.ask(b"\2\1" + vector) == b"\0", "it understands its own vector"

    def offer(self):
        """What it is to prove; None for nothing."""
        answer = self.ask(b"\x09")
        return Question(answer[1:]) if answer[0] else None

    def proof(self, question, hashes=None, nonce=None):
        """A message that answers a question: with these hashes, or some that it makes up."""
        hashes = [os.urandom(32) for _ in range(question.count)] if hashes is None else hashes
        return self.request(
            b"\x0a" + (question.nonce if nonce is None else nonce) + bytes([len(hashes)])
            + b"".join(b"\0" if one is None else b"\1" + one for one in hashes))
