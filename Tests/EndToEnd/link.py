"""The link protocol written once more, from PROTOCOL.md alone, for boards that misbehave."""

import os
import pty
import select
import struct
import threading
import time
import tty

HELLO, PROVISION, DESCRIPTOR_READ, DESCRIPTOR, RESUME, SAMPLES = 1, 2, 3, 4, 5, 6
ACK, GAP, COMMAND, RESULT, TIME, TIME_REPLY, LOG = 14, 15, 16, 17, 18, 19, 20


def _table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


TABLE = _table()


def crc32c(data):
    """CRC-32C (Castagnoli)."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def frame(body):
    """A whole frame, delimiters included."""
    encoded = b"".join(bytes([len(block) + 1]) + block for block in body.split(b"\0"))
    check = crc32c(encoded)
    return b"\0" + encoded + bytes(0x80 | (check >> 7 * i & 0x7F) for i in range(5)) + b"\0"


def unframe(segment):
    """The body of a segment without its delimiters, or None."""
    if len(segment) < 7:
        return None
    encoded, check = segment[:-5], segment[-5:]
    if sum((byte & 0x7F) << 7 * i for i, byte in enumerate(check)) != crc32c(encoded):
        return None
    body, at = [], 0
    while at < len(encoded):
        code = encoded[at]
        body.append(encoded[at + 1:at + code])
        at += code
    return b"\0".join(body)


def varint(value):
    """Unsigned LEB128."""
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def zigzag(value):
    """A signed varint."""
    return varint(value << 1 if value >= 0 else (-value << 1) - 1)


def tlv(tag, content):
    """Tag, length, value."""
    return bytes([tag, len(content)]) + content


def fnv(data):
    """FNV-1a, 64 bits."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def channel(key, unit="", exponent=0):
    """A channel of a descriptor."""
    return tlv(0x10, tlv(1, key.encode()) + tlv(2, unit.encode())
               + tlv(4, struct.pack("b", exponent)))


def command(name, op):
    """A command of a descriptor, with one integer."""
    argument = tlv(3, b"\0\0n")
    return tlv(0x11, tlv(1, name.encode()) + tlv(2, bytes([op])) + argument)


DESCRIPTION = tlv(1, b"hostile") + channel("t", "Cel", -1) + command("led", 1)


class Board:
    """A board on a pty that answers as told to, and keeps whatever the host sent."""

    def __init__(self, identity=0x1122334455667788, epoch=1, nonce=0xC0FFEE,
                 description=DESCRIPTION, ring=64):
        self.identity, self.epoch, self.nonce = identity, epoch, nonce
        self.description, self.ring = description, ring
        self.oldest = self.next = 0
        self.durable = 0
        self.session = None
        self.received = []
        self.bytes_received = 0
        self.answers = True
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self._lock = threading.Lock()
        self._running = True
        self._buffer = b""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def send(self, data):
        """Raw bytes to the host."""
        with self._lock:
            view = memoryview(data)
            while view:
                view = view[os.write(self.master, view[:512]):]

    def hello(self, **changes):
        """Says HELLO; fields may be changed to lie."""
        fields = dict(version=1, flags=0, identity=self.identity, nonce=self.nonce, hint=0,
                      hash=fnv(self.description), length=len(self.description), to_host=250,
                      to_board=250, window=512, ring=self.ring, rate=1000,
                      epochs=[(self.epoch, self.oldest, self.next)])
        fields.update(changes)
        if fields["identity"] == 0:
            fields["epochs"] = [(0, 0, 0)]
        body = struct.pack(
            "<BBBQIQQHBBHIIB", HELLO, fields["version"], fields["flags"], fields["identity"],
            fields["nonce"], fields["hint"], fields["hash"], fields["length"], fields["to_host"],
            fields["to_board"], fields["window"], fields["ring"], fields["rate"],
            len(fields["epochs"]))
        for entry in fields["epochs"]:
            body += struct.pack("<III", *entry)
        self.send(frame(body))

    def samples(self, values, ticks=1000, first=None):
        """Sends samples of channel 0, ten ticks apart."""
        first = self.next if first is None else first
        body = bytes([SAMPLES, 0]) + varint(first) + varint(ticks)
        body += bytes([0, 1, len(values)]) + varint(0) + varint(10 if len(values) > 1 else 0)
        before = 0
        for value in values:
            body += zigzag(value - before)
            before = value
        self.send(frame(body))
        self.next = max(self.next, first + len(values))

    def attach(self, seconds=10):
        """Says HELLO until the host resumes."""
        deadline = time.monotonic() + seconds
        while self.session is None:
            assert time.monotonic() < deadline, "the host did not resume"
            self.hello()
            wait = time.monotonic() + 0.5
            while self.session is None and time.monotonic() < wait:
                time.sleep(0.01)

    def close(self):
        """Unplugs."""
        self._running = False
        self._thread.join()
        os.close(self.master)
        try:
            os.close(self.slave)
        except OSError:
            pass

    def _run(self):
        while self._running:
            if not select.select([self.master], [], [], 0.05)[0]:
                continue
            try:
                data = os.read(self.master, 4096)
            except OSError:
                time.sleep(0.01)
                continue
            self.bytes_received += len(data)
            self._buffer += data
            *segments, self._buffer = self._buffer.split(b"\0")
            for segment in segments:
                body = unframe(segment)
                if body:
                    self.received.append(body)
                    if self.answers:
                        self._answer(body)

    def _answer(self, body):
        kind = body[0]
        if kind == PROVISION and self.identity == 0:
            self.identity = struct.unpack_from("<Q", body, 5)[0]
            self.epoch = 1
            self.hello()
        elif kind == DESCRIPTOR_READ:
            offset, length = struct.unpack_from("<HB", body, 1)
            chunk = self.description[offset:offset + length]
            self.send(frame(bytes([DESCRIPTOR]) + struct.pack("<H", offset) + chunk))
        elif kind == RESUME:
            session, = struct.unpack_from("<I", body, 1)
            self.send(frame(struct.pack("<BIIHBi", RESULT, session, 0, 0, 0, 0)))
            # Only now may samples follow: a host that waits for the RESULT passes them over.
            self.session = session
        elif kind == ACK:
            epoch, self.durable = struct.unpack_from("<II", body, 1)
        elif kind == COMMAND:
            _, session, number = struct.unpack_from("<IIH", body, 1)
            self.send(frame(struct.pack("<BIIHBi", RESULT, session, session, number, 0, 7)))
        elif kind == TIME:
            ticks = struct.pack("<Q", int(time.monotonic() * 1000))[:6]
            self.send(frame(bytes([TIME_REPLY]) + body[1:5] + ticks + bytes(6)))
