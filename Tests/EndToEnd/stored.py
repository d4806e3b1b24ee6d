"""Reads what is on disk, by docs/storage-format.md alone: neither daemon nor SQLite sees it."""

import shutil
import sqlite3
import struct
import tempfile
from pathlib import Path

from daemon import wait_for

SAMPLES, GAP, TAIL = 0, 1, 2
COMPANION, PROVISIONAL, SIMULATED = 1, 5, 6


class _Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def zigzag(self):
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def bytes(self, count):
        self.at += count
        return self.data[self.at - count:self.at]


class Epoch:
    """What is stored of one epoch of one device, in the order of its commits."""

    def __init__(self):
        self.spans = []     # (type, first, count)
        self.samples = []   # (seq, ticks, key, value): value a number (mantissa) or a text

    def next(self):
        """The lowest seq of which nothing is known; fails unless all is in order and once."""
        expected = 0
        for kind, first, count in self.spans:
            assert first == expected, f"spans {self.spans}: {first} follows {expected}"
            if kind != TAIL:
                expected += count
        return expected

    def count(self, kind):
        """How many numbers the spans of one type take."""
        return sum(count for type_, _, count in self.spans if type_ == kind)


def _rows(state):
    """Every commit body, from a copy: the daemon may be dead, and must find its files untouched."""
    with tempfile.TemporaryDirectory() as folder:
        names = [path for path in Path(state).iterdir() if path.is_file()]
        main = [path for path in names if path.read_bytes()[:15] == b"SQLite format 3"]
        assert len(main) == 1, names
        for path in names:
            if path.name in (main[0].name, main[0].name + "-wal"):
                shutil.copy(path, folder)
        connection = sqlite3.connect(Path(folder) / main[0].name)
        try:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            return [row[0] for row in connection.execute("SELECT body FROM hot ORDER BY id")]
        finally:
            connection.close()


def read(state):
    """{(identity kind, identity in hexadecimal, epoch): Epoch}"""
    found = {}
    for body in _rows(state):
        reader = _Reader(body)
        assert reader.byte() == 1
        reader.varint()
        for _ in range(reader.varint()):
            _source(reader, found)
        assert reader.at == len(body)
    return found


def _source(reader, found):
    kind = reader.byte()
    identity = reader.bytes(reader.byte()).hex()
    assert reader.byte() == 1, "a companion's samples are on its own clock"
    epoch = found.setdefault((kind, identity, reader.varint()), Epoch())
    seq = reader.varint()
    numbers = []
    for _ in range(reader.varint()):
        span, count = reader.byte(), reader.varint()
        epoch.spans.append((span, seq, count))
        if span == SAMPLES:
            numbers.append(range(seq, seq + count))
        seq += count
    channels = []
    for _ in range(reader.varint()):
        key = reader.bytes(reader.byte()).decode()
        reader.bytes(reader.byte())
        reader.byte()
        channels.append((key, reader.byte()))
        reader.byte()
    seqs = (number for part in numbers for number in part)
    total = reader.varint()
    before = len(epoch.samples)
    ticks = 0
    while len(epoch.samples) - before < total:
        ticks = _group(reader, channels, ticks, seqs, epoch.samples)
    assert next(seqs, None) is None


def _group(reader, channels, ticks, seqs, samples):
    index, width, rows = reader.varint(), reader.varint(), reader.varint()
    ticks += reader.zigzag()
    period = reader.zigzag() if rows > 1 else 0
    values = [0] * width
    for row in range(rows):
        ticks += period if row else 0
        for column in range(width):
            key, kind = channels[index + column]
            if kind == 0:
                values[column] += reader.zigzag()
                value = values[column]
            elif kind == 1:
                value, = struct.unpack("<d", reader.bytes(8))
            else:
                value = reader.bytes(reader.varint()).decode()
            samples.append((next(seqs), ticks, key, value))
    return ticks


def wait_until_read(state, condition, seconds=20):
    """Reads until `condition(found)` holds."""
    return wait_for(lambda: (lambda found: condition(found) and found)(read(state)), seconds)
