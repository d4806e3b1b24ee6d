#!/usr/bin/python3
"""Writes sync-records.txt: the vectors of docs/sync-format.md, sections 1 to 3, by a second
implementation of it. Run it after a change of the document:
`docs/vectors/make_sync_records.py > docs/vectors/sync-records.txt`.
"""
import hashlib
import struct

from ed25519 import public, sign
from make_ranges import header as range_header
from make_storage import BOARD, bytesv, varint

SEEDS = [bytes([n]) * 32 for n in (1, 2, 3)]
KEYS = [public(seed) for seed in SEEDS]
BOOT = bytes([0xCE]) * 16
ZEROS = bytes(32)


def h(data, size=32):
    return hashlib.blake2b(data, digest_size=size).digest()


def name(text):
    return text.encode() + b"\x00"


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def line(what, verdict, form, data, expected):
    print(f"{what} | {verdict} | {form} | {data.hex()} | {expected}")


# Records

def run(node, incarnation):
    return KEYS[node] + struct.pack("<Q", incarnation)


def entry(node, incarnation, lane, seq, kind, body, link):
    """A signed entry, its content's hash and its link."""
    content = h(name("bivouac journal 1") + run(node, incarnation) + bytes([lane])
                + struct.pack("<Q", seq) + BOOT + struct.pack("<H", kind) + body)
    own = h(name("bivouac link 1") + link + content)
    signature = sign(SEEDS[node], name("bivouac entry 1") + own)
    data = bytes([lane]) + varint(seq) + BOOT + varint(kind) + bytesv(body) + link + signature
    return data, content, own


def entry_line(what, node, incarnation, lane, seq, kind, body, link):
    data, content, own = entry(node, incarnation, lane, seq, kind, body, link)
    line(what, "golden", "entry", run(node, incarnation) + data,
         f"lane {lane} seq {seq} kind {kind} body {body.hex() or '-'} content {content.hex()} "
         f"link {own.hex()} holds")
    return own


def entries():
    link = entry_line("the first entry of a log", 0, 7, 1, 1, 1, b"\x01\x00", ZEROS)
    link = entry_line("the entry after it", 0, 7, 1, 2, 2, b"setting", link)
    entry_line("an entry of a kind of later", 0, 7, 1, 3, 65535, b"", link)
    entry_line("an entry of lane 0 with the greatest number", 1, 2**64 - 1, 0, 2**36 - 1, 16, b"x", link)
    entry_line("an entry of lane 4", 2, 1, 4, 1, 300, b"\x00" * 200, ZEROS)
    data, content, own = entry(0, 7, 1, 2, 2, b"setting", link)
    text = f"lane 1 seq 2 kind 2 body {b'setting'.hex()} content %s link %s forged"
    other = h(name("bivouac journal 1") + run(1, 7) + b"\x01" + struct.pack("<Q", 2) + BOOT
              + struct.pack("<H", 2) + b"setting")
    line("an entry under another node's name", "golden", "entry", run(1, 7) + data,
         text % (other.hex(), h(name("bivouac link 1") + link + other).hex()))
    spoilt = data[:-1] + bytes([data[-1] ^ 1])
    line("an entry whose signature fails", "golden", "entry", run(0, 7) + spoilt,
         text % (content.hex(), own.hex()))

    def bad(what, reason, body):
        line(what, "reject", "entry", run(0, 7) + body, reason)
    bad("an entry of lane 2", "range", b"\x02" + data[1:])
    bad("an entry of lane 3", "range", b"\x03" + data[1:])
    bad("an entry of lane 5", "range", b"\x05" + data[1:])
    bad("an entry with seq 0", "range", data[:1] + b"\x00" + data[2:])
    bad("an entry with a seq of 36 bits and one", "range", data[:1] + varint(1 << 36) + data[2:])
    bad("an entry of a kind above 65535", "range", data[:18] + varint(65536) + data[19:])
    bad("an entry cut short", "truncated", data[:-1])
    bad("an entry with bytes left over", "leftover", data + b"\x00")
    bad("a first entry with one before it", "canonical", data[:1] + b"\x01" + data[2:])
    bad("an entry whose seq is not in its shortest form", "varint", data[:1] + b"\x82\x00" + data[2:])
    bad("an entry of 64 KiB and one byte", "count",
        b"\x01\x02" + BOOT + b"\x02" + varint(65537))


def live(node, incarnation, first, bodies):
    hashes = [h(name("bivouac commit 1") + run(node, incarnation) + b"\x02"
                + struct.pack("<Q", first + i) + BOOT + body) for i, body in enumerate(bodies)]
    signature = sign(SEEDS[node], name("bivouac live 1") + run(node, incarnation)
                     + struct.pack("<QI", first, len(bodies)) + b"".join(hashes))
    data = varint(first) + varint(len(bodies)) + BOOT + b"".join(map(bytesv, bodies)) + signature
    return data, hashes


def lives():
    def good(what, node, incarnation, first, bodies):
        data, hashes = live(node, incarnation, first, bodies)
        line(what, "golden", "live", run(node, incarnation) + data,
             f"from {first} " + " ".join(one.hex() for one in hashes) + " holds")
    good("one commit", 0, 7, 1, [b"\x01\x00\x00"])
    good("three commits, one of them empty", 1, 9, 500, [b"\x01\x00\x00", b"", b"\x01\x05\x00"])
    good("the last commit that there can be", 0, 7, (1 << 40) - 1, [b"z"])
    data, hashes = live(0, 7, 1, [b"a", b"b"])
    line("commits of another run", "golden", "live", run(0, 8) + data,
         "from 1 " + " ".join(
             h(name("bivouac commit 1") + run(0, 8) + b"\x02" + struct.pack("<Q", 1 + i) + BOOT
               + body).hex() for i, body in enumerate([b"a", b"b"])) + " forged")

    def bad(what, reason, body):
        line(what, "reject", "live", run(0, 7) + body, reason)
    bad("commits from 0", "range", b"\x00" + data[1:])
    bad("no commit", "range", b"\x01\x00" + data[2:])
    bad("commits beyond 40 bits", "range", varint((1 << 40) - 1) + data[1:])
    bad("257 commits", "count", b"\x01" + varint(257) + data[2:])
    bad("commits cut short", "truncated", data[:-1])
    bad("commits with bytes left over", "leftover", data + b"\x00")


def signed_range(node, incarnation, before, header):
    signature = sign(SEEDS[node], name("bivouac range 1") + run(node, incarnation) + BOOT + before
                     + h(header))
    return BOOT + before + bytesv(header) + signature


def ranges():
    header = range_header(1, (5000, 0, 1), [BOARD], [], [(0, b"temp", 7200)])
    data = signed_range(0, 7, ZEROS, header)

    def good(what, prefix, before, data, word):
        line(what, "golden", "range", prefix + data, f"before {before.hex()} header {h(header).hex()} {word}")
    good("a first range", run(0, 7), ZEROS, data, "holds")
    good("a range after one", run(1, 3), h(b"x"), signed_range(1, 3, h(b"x"), header), "holds")
    good("a range of another run", run(0, 8), ZEROS, data, "forged")

    def bad(what, reason, body):
        line(what, "reject", "range", run(0, 7) + body, reason)
    bad("a range whose header is of version 2", "version", data[:49] + b"\x02" + data[50:])
    bad("a range cut short", "truncated", data[:-1])
    bad("a range with bytes left over", "leftover", data + b"\x00")
    summary, content = b"\x01\x02", b"\x00plain"
    line("a block with both", "golden", "parcel", varint(300) + b"\x03" + bytesv(summary) + bytesv(content),
         "300 summary 0102 content 00706c61696e")
    line("a summary", "golden", "parcel", b"\x00\x01" + bytesv(b""), "0 summary - content none")
    line("a content", "golden", "parcel", b"\x00\x02" + bytesv(content), "0 summary none content 00706c61696e")
    line("a block with neither", "reject", "parcel", b"\x00\x00", "range")
    line("a block with a flag of later", "reject", "parcel", b"\x00\x05\x00", "range")
    line("a block beyond 8191", "reject", "parcel", varint(8192) + b"\x01\x00", "count")
    line("a block with bytes left over", "reject", "parcel", b"\x00\x01\x00\x00", "leftover")


# What blocks are

def zigzag(number):
    return varint((number << 1 ^ number >> 63) & (1 << 64) - 1)


def described(clock, form, kind, exponent, unit, start, end, before):
    """A block: clock None or a device's epoch, form 0 decimal, 1 float64, 2 text."""
    out = bytes([form << 1 | (clock is not None)]) + (b"" if clock is None else varint(clock))
    out += bytes([kind, exponent & 255, len(unit)]) + unit
    return out + zigzag(start - before) + varint(end - start)


def description_body(header, blocks):
    out, before = h(header) + varint(len(blocks)), 0
    for block in blocks:
        out += described(*block, before)
        before = block[5]
    return out


def description(node, incarnation, header, blocks):
    body = description_body(header, blocks)
    return body + sign(SEEDS[node], name("bivouac description 1") + run(node, incarnation) + body)


def descriptions():
    header = b"a header"
    blocks = [(None, 0, 0, -1, b"Cel", 5_000_000, 12_200_000), (7, 1, 2, 0, b"", -3, 900_000),
              (2**32 - 1, 2, 0, 0, b"12345678", 0, 0)]

    def words(blocks):
        text = ""
        for clock, form, kind, exponent, unit, start, end in blocks:
            text += f"; {'node' if clock is None else clock} {form} kind {kind} exponent {exponent} "
            text += f"unit {unit.decode() or '-'} {start} to {end}"
        return text

    def good(what, prefix, data, blocks, word):
        line(what, "golden", "description", prefix + data, f"header {h(header).hex()}{words(blocks)} {word}")
    data = description(0, 7, header, blocks)
    good("what three blocks are", run(0, 7), data, blocks, "holds")
    good("what no blocks are", run(1, 3), description(1, 3, header, []), [], "holds")
    good("what blocks of another run are", run(0, 8), data, blocks, "forged")
    wide = [(None, 0, 0, 127, b"~ ", -2**63, 2**63 - 1), (0, 0, 255, -128, b"m", 2**63 - 1, 2**63 - 1)]
    body = h(header) + varint(2) + described(*wide[0], 0)
    # Differences go round at 64 bits.
    body += bytes([1, 0, 255, 128, 1]) + b"m" + varint(1) + varint(0)
    signed = body + sign(SEEDS[0], name("bivouac description 1") + run(0, 7) + body)
    good("blocks as long as time", run(0, 7), signed, wide, "holds")

    def bad(what, reason, blocks=None, body=None):
        out = body if body is not None else description_body(header, blocks)
        line(what, "reject", "description", run(0, 7) + out + bytes(64), reason)
    start = h(header) + b"\x01"
    bad("a form of later", "range", body=start + b"\x06\x00\x00\x00\x00\x00")
    bad("an exponent of float64", "canonical", [(None, 1, 0, 1, b"", 0, 0)])
    bad("an exponent of texts", "canonical", [(None, 2, 0, -1, b"", 0, 0)])
    bad("a unit of nine bytes", "range", [(None, 0, 0, 0, b"123456789", 0, 0)])
    bad("a unit that cannot be printed", "range", [(None, 0, 0, 0, b"\x7f", 0, 0)])
    bad("a block that ends before it begins", "range", body=start + b"\x00\x00\x00\x00\x00" + varint(2**64 - 1))
    bad("8193 blocks", "count", body=h(header) + varint(8193))
    bad("an epoch beyond 32 bits", "range", body=start + b"\x01" + varint(2**32))
    line("what blocks are, cut short", "reject", "description", run(0, 7) + data[:-1], "truncated")
    line("what blocks are, with bytes left over", "reject", "description", run(0, 7) + data + b"\x00", "leftover")


# Vectors

def intervals(spans):
    out, after = varint(len(spans)), 1
    for low, high in spans:
        out += varint(low - after) + varint(high - low)
        after = high + 2
    return out


def begun_bytes(begun):
    return varint(len(begun)) + b"".join(varint(first) + varint(blocks) for first, blocks in begun)


def log(node, incarnation, lane, seen, held=None, ancestors=0, begun=()):
    flags = (held is None) | (2 if ancestors else 0) | (4 if begun else 0)
    out = run(node, incarnation) + bytes([lane, flags])
    out += intervals(seen) + (b"" if held is None else intervals(held))
    out += varint(ancestors) if ancestors else b""
    return out + (begun_bytes(begun) if begun else b"")


def spans_text(spans):
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in spans) or "-"


def log_text(node, incarnation, lane, seen, held=None, ancestors=0, begun=()):
    text = f"{KEYS[node].hex()[:8]}/{incarnation:016x}/{lane} seen {spans_text(seen)}"
    text += f" held {spans_text(seen if held is None else held)}"
    text += f" above {ancestors}" if ancestors else ""
    return text + "".join(f" begun {first}:{blocks}" for first, blocks in begun)


ORDER = sorted(range(3), key=lambda node: KEYS[node])


def vector(logs):
    return b"\x01" + varint(len(logs)) + b"".join(log(*one) for one in logs)


def digest(data):
    return h(name("bivouac vector 1") + data, 16)


def vectors():
    a, b, c = ORDER

    def good(what, logs):
        data = vector(logs)
        text = "".join(f"; {log_text(*one)}" for one in logs)
        line(what, "golden", "vector", data, f"digest {digest(data).hex()}{text}")

    def bad(what, reason, data):
        line(what, "reject", "vector", data, reason)
    good("nothing", [])
    one = (a, 7, 1, [(1, 5)])
    good("one log", [one])
    many = [(a, 7, 0, [(3, 3)]), (a, 7, 1, [(1, 5), (9, 9), (11, 400)], [(2, 5)]),
            (a, 2**63, 2, [(1, (1 << 40) - 1)], []), (b, 1, 3, [(2, 2)]), (b, 256, 1, [(1, 1)], None, 40),
            (c, 1, 4, [(1, 2), (4, 5)], [(1, 1), (5, 5)])]
    good("logs of three nodes, with holes, ancestors and things gone", many)
    part = [(a, 7, 2, [], None, 0, [(1, 300)]), (b, 7, 2, [(5, 9)], [(6, 9)], 0, [(10, 1), (4_000, 8_192)])]
    good("ranges that came in part, one of a log of which nothing was seen", part)
    sums = [(a, 7, 2, [(300, 400)]), (a, 7, 3, [(1, 200)], None, 0, [(201, 3)]), (b, 7, 3, [], None, 0, [(1, 9)])]
    good("sums, and ranges of them that came in part", sums)
    bad("a range that began without a block", "canonical", vector([(a, 7, 2, [], None, 0, [(1, 0)])]))
    bad("five ranges that came in part", "count", vector([(a, 7, 2, [], None, 0, [(n, 1) for n in range(1, 6)])]))
    bad("ranges out of order", "order", vector([(a, 7, 2, [], None, 0, [(5, 1), (5, 2)])]))
    bad("ranges of lane 1", "range", vector([(a, 7, 1, [(1, 5)], None, 0, [(6, 1)])]))
    bad("a flag without its ranges", "count", vector([(a, 7, 2, [(1, 5)])]).replace(
        b"\x02\x01\x01\x00\x04", b"\x02\x05\x01\x00\x04\x00"))
    bad("logs out of order", "order", vector([many[1], many[0]]))
    bad("a log twice", "order", vector([one, one]))
    bad("a log of nothing", "canonical", vector([(a, 7, 1, [])]))
    bad("held beyond seen", "range", vector([(a, 7, 1, [(1, 5)], [(1, 6)])]))
    bad("held as seen, written twice", "canonical", vector([(a, 7, 1, [(1, 5)], [(1, 5)])]))
    bad("a lane of later", "range", vector([(a, 7, 5, [(1, 5)])]))
    bad("ancestors of lane 2", "range", vector([(a, 7, 2, [(1, 5)], None, 1)]))
    bad("ancestors without a first entry", "range", vector([(a, 7, 1, [(2, 5)], None, 1)]))
    bad("a number of 40 bits and one", "range", vector([(a, 7, 2, [(1, 1 << 40)])]))
    bad("a number of 36 bits and one in lane 1", "range", vector([(a, 7, 1, [(1, 1 << 36)])]))
    bad("a flag of later", "range", vector([one]).replace(b"\x01\x01\x01\x00\x04", b"\x01\x09\x01\x00\x04"))
    bad("a vector of version 2", "version", b"\x02" + vector([one])[1:])
    bad("incarnation 0", "range", vector([(a, 0, 1, [(1, 5)])]))
    bad("a vector cut short", "truncated", vector([one])[:-1])
    bad("a vector with bytes left over", "leftover", vector([one]) + b"\x00")
    bad("65537 logs", "count", b"\x01" + varint(65537))
    after = [many[1], (b, 1, 3, [(2, 8)])]
    before = [many[0], many[1], (b, 1, 3, [(2, 2)])]
    data = b"\x01" + digest(vector(before)) + digest(vector(after)) + varint(2)
    data += log(a, 7, 0, []) + log(b, 1, 3, [(2, 8)])
    line("a delta that removes a log and changes one", "golden", "delta", data,
         f"{digest(vector(before)).hex()} to {digest(vector(after)).hex()}; "
         f"{log_text(a, 7, 0, [])}; {log_text(b, 1, 3, [(2, 8)])}")
    line("a delta of version 2", "reject", "delta", b"\x02" + data[1:], "version")
    line("a delta cut short", "reject", "delta", data[:-1], "truncated")
    line("a delta out of order", "reject", "delta",
         data[:34] + log(b, 1, 3, [(2, 8)]) + log(a, 7, 0, []), "order")


# Batches

def frame(kind, content):
    data = bytes([kind]) + bytesv(content)
    return data + struct.pack("<I", crc32c(data))


def batches():
    first = entry(0, 7, 1, 1, 1, b"\x01\x00", ZEROS)
    second = entry(0, 7, 1, 2, 2, b"setting", first[2])
    header = range_header(1, (5000, 0, 1), [BOARD], [], [(0, b"temp", 7200)])
    frames = [(1, run(0, 7)), (2, first[0]), (2, second[0]), (3, live(0, 7, 1, [b"a", b"b"])[0]),
              (4, signed_range(0, 7, ZEROS, header)), (5, b"\x00\x01\x00"), (6, b""), (1, run(1, 2)),
              (3, live(1, 2, 1, [b"c"])[0])]
    words = "run entry entry live range block endOfRange run live"
    body = b"\x01" + b"".join(frame(*one) for one in frames)
    whole = body + frame(7, varint(len(frames)))
    line("a batch of everything", "golden", "batch", whole, f"{words} end")
    line("a sealed batch", "golden", "batch", whole + frame(8, bytes(24)), f"{words} end seal")
    line("bytes behind a seal", "reject", "batch", whole + frame(8, bytes(24)) + b"\x08", "leftover")
    line("a batch of nothing", "golden", "batch", b"\x01" + frame(7, b"\x00"), "end")
    line("a batch cut in its last frame", "golden", "batch", whole[:-1], f"{words} waits")
    line("a batch cut before its end", "golden", "batch", body, words)
    line("a frame of later", "golden", "batch", b"\x01" + frame(1, run(0, 7)) + frame(64, b"x")
         + frame(2, first[0]) + frame(7, b"\x03"), "run skipped64 entry end")
    line("an entry before any run", "golden", "batch", b"\x01" + frame(2, first[0]), "malformed2")
    line("a block without a range", "golden", "batch",
         b"\x01" + frame(1, run(0, 7)) + frame(5, b"\x00\x01\x00"), "run malformed5")
    line("a block after a range that cannot be read", "golden", "batch",
         b"\x01" + frame(1, run(0, 7)) + frame(4, b"\x00") + frame(5, b"\x00\x01\x00") + frame(2, first[0]),
         "run malformed4 malformed5 entry")
    hashed = hashlib.blake2b(b"header", digest_size=32).digest()
    line("a block of a range that is continued", "golden", "batch",
         b"\x01" + frame(1, run(0, 7)) + frame(9, b"\x05" + hashed) + frame(5, b"\x00\x02\x01\x01")
         + frame(6, b""), "run continuation5 block endOfRange")
    line("what blocks are in front of a range, and without one", "golden", "batch",
         b"\x01" + frame(1, run(0, 7)) + frame(10, description(0, 7, header, []))
         + frame(4, signed_range(0, 7, ZEROS, header)) + frame(5, b"\x00\x01\x00") + frame(6, b"")
         + frame(10, description(0, 7, header, [])) + frame(5, b"\x00\x01\x00"),
         "run description range block endOfRange description malformed5")
    line("a range that is continued from no commit", "golden", "batch",
         b"\x01" + frame(1, run(0, 7)) + frame(9, b"\x00" + hashed), "run malformed9")
    line("a frame that was altered", "reject", "batch",
         b"\x01" + frame(1, run(0, 7)) + frame(2, first[0])[:-1] + b"\x00", "altered")
    line("a batch of version 2", "reject", "batch", b"\x02" + whole[1:], "version")
    line("a batch with a frame missing", "reject", "batch", body + frame(7, b"\x08"), "count")
    line("bytes behind the end", "reject", "batch", whole + b"\x00", "leftover")
    line("a frame beyond the limit", "reject", "batch", b"\x01\x02" + varint((1 << 20) + (64 << 10) + 1), "tooLong")


if __name__ == "__main__":
    print("# name | golden or reject | form | hex | content, or the rule that is broken")
    print("# Written by make_sync_records.py. Forms: entry, live, range and description (a run, then the record),")
    print("# parcel (a block of a range), vector, delta, batch.")
    entries()
    lives()
    ranges()
    descriptions()
    vectors()
    batches()
