"""The vectors of docs/storage-format.md, section 10; make_storage.py writes them with the others."""
import hashlib

from make_storage import BOARD, FATES, OTHER, SIM, USB, bytes8, bytesv, identity, identity_text
from make_storage import line, varint, zigzag


def linear(first, step, count):
    """A column of numbers at one distance, the only kind that these vectors need."""
    return b"\x00" + zigzag(first) + (zigzag(step) if count > 1 else b"")


def header(first, arrivals, devices, losses, blocks):
    """arrivals: (first, step, count); losses: (device, epoch, first, count, fate, commit);
    blocks: (device, key, count); the hashes are those of the key and of its double."""
    out = b"\x01" + varint(first) + varint(arrivals[2]) + bytesv(linear(*arrivals))
    out += varint(len(devices)) + b"".join(map(identity, devices))
    out += varint(len(losses))
    for place, epoch, seq, count, fate, commit_index in losses:
        out += varint(place) + varint(epoch) + varint(seq) + varint(count)
        out += bytes([fate]) + varint(commit_index)
    out += varint(len(blocks))
    for place, key, count in blocks:
        out += varint(place) + bytes8(key) + varint(count) + hash32(key) + hash32(key + key)
    return out


def hash32(b):
    return hashlib.blake2b(b, digest_size=32).digest()


def header_text(first, arrivals, devices, losses, blocks):
    start, step, count = arrivals
    out = f"from {first} arrivals " + " ".join(str(start + step * i) for i in range(count))
    for place, epoch, seq, n, fate, commit_index in losses:
        out += f"; {identity_text(devices[place])} epoch {epoch} {FATES[fate]} {seq}:{n}"
        out += f" in {commit_index}"
    for place, key, n in blocks:
        out += f"; {identity_text(devices[place])}/{key.decode()} {n}"
        out += f" {hash32(key).hex()} {hash32(key + key).hex()}"
    return out


def ranges():
    def good(name, *content):
        line(name, "golden", "range", header(*content), header_text(*content))

    def bad(name, reason, body):
        line(name, "reject", "range", body, reason)
    one = (1, (5000, 0, 1), [BOARD], [], [(0, b"temp", 7200)])
    good("a range of one commit", *one)
    good("a range of nothing but openings", 9, (0, 10000, 3), [], [], [])
    good("gaps, a tail, and a series in two blocks", 4097, (60000, 10000, 4096), [BOARD, OTHER, SIM],
         [(0, 3, 7, 2, 1, 0), (0, 3, 20, 1, 1, 1), (0, 4, 0, 64, 2, 4095), (1, 0, 5, 5, 1, 17)],
         [(0, b"hum", 1), (0, b"temp", 7200), (0, b"temp", 31), (2, b"x", 65536)])
    good("the last seqs that a range can have", (1 << 40) - 3, (-1, 1, 2), [], [], [])
    bad("a header of version 2", "version", b"\x02" + header(*one)[1:])
    bad("a header cut short", "truncated", header(*one)[:-1])
    bad("a header with bytes left over", "leftover", header(*one) + b"\x00")
    bad("a range from seq 0", "range", header(0, *one[1:]))
    bad("a range of no commit", "range", b"\x01\x01\x00\x00\x00\x00\x00")
    bad("a range of 4097 commits", "count", header(1, (0, 1, 4097), [], [], []))
    bad("a range beyond 40 bits", "range", header((1 << 40) - 2, (0, 1, 2), [], [], []))
    bad("arrivals of one number too few", "column", b"\x01\x01\x02\x02\x00\x00\x00\x00\x00")
    bad("arrivals packed otherwise", "column", b"\x01\x01\x01\x03\x00\x02\x00\x00\x00\x00")
    bad("devices out of order", "order",
        header(1, one[1], [OTHER, BOARD], [], [(0, b"a", 1), (1, b"a", 1)]))
    bad("a device of which nothing is told", "canonical",
        header(1, one[1], [BOARD, OTHER], [], one[4]))
    bad("a block of a device that is not there", "count", header(1, one[1], [BOARD], [], [(1, b"a", 1)]))
    bad("blocks out of order", "order",
        header(1, one[1], [BOARD], [], [(0, b"b", 1), (0, b"a", 1)]))
    bad("a block of no reading", "channel", header(1, one[1], [BOARD], [], [(0, b"a", 0)]))
    bad("a block of too many readings", "count", header(1, one[1], [BOARD], [], [(0, b"a", 65537)]))
    bad("a block of a key with a space", "channel", header(1, one[1], [BOARD], [], [(0, b"a b", 1)]))
    loss = (0, 3, 7, 2, 1, 0)
    bad("a loss twice", "order", header(1, one[1], [BOARD], [loss, loss], []))
    bad("a loss of samples that are there", "range", header(1, one[1], [BOARD], [(0, 3, 7, 2, 0, 0)], []))
    bad("a loss of nothing", "range", header(1, one[1], [BOARD], [(0, 3, 7, 0, 1, 0)], []))
    bad("a loss beyond the last seq", "range",
        header(1, one[1], [BOARD], [(0, 3, 4294967295, 1, 1, 0)], []))
    bad("a loss in a commit that is not there", "count", header(1, one[1], [BOARD], [(0, 3, 7, 2, 1, 1)], []))

    clock = b"\x01" + bytesv(linear(1700000000000, 0, 3)) + bytesv(linear(1, 0, 3))
    line("a trusted clock", "golden", "clock-3", clock, "1700000000000 1 1700000000000 1 1700000000000 1")
    slow = b"\x01" + bytesv(linear(-5, 2, 2)) + bytesv(linear(1, -1, 2))
    line("a clock before 1970 that loses trust", "golden", "clock-2", slow, "-5 1 -3 0")
    line("a trust of 2", "reject", "clock-3",
         b"\x01" + bytesv(linear(0, 0, 3)) + bytesv(linear(2, 0, 3)), "range")
    line("a clock of version 0", "reject", "clock-3", b"\x00" + clock[1:], "version")
    line("a clock of too many commits", "reject", "clock-4", clock[:-1], "truncated")
    for device, key in ((BOARD, b"temp"), (USB, b"t"), (SIM, b"sixteen-bytes-16")):
        name = bytes([len(device[1]), device[0]]) + device[1] + bytes8(key)
        line(f"the series of {identity_text(device)} {key.decode()}", "golden", "series", name,
             hashlib.blake2b(name, digest_size=16).hexdigest())
