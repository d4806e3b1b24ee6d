"""The vectors of docs/storage-format.md, section 5, kinds 24 to 27 and registers 14 and 15."""
import hashlib
import struct

from make_storage import BOARD, bytes8, bytesv, identity, varint, zigzag


def rule(condition, channel=b"temp", name="trop chaud \u00e9".encode(), tail=None):
    """A rule's bytes."""
    if tail is None:
        tail = varint(60000) + varint(0) + b"\x03\x03"
    return b"\x01" + bytes8(name) + identity(BOARD) + bytes8(channel) + condition + tail


def alarms(cid, good, bad):
    """Rules, whom they are told to, and episodes from their beginning to their end."""
    key, limit = bytes(range(16, 24)), zigzag(215) + zigzag(5) + b"\xff"
    rules = [
        ("above", rule(b"\x01" + limit)), ("below", rule(b"\x02" + limit)),
        ("that rises", rule(b"\x03" + limit + varint(3600000))),
        ("that falls", rule(b"\x04" + limit + varint(1))),
        ("silent", rule(b"\x05" + varint(600000), b"")),
        ("frozen", rule(b"\x06" + varint(1))), ("gone", rule(b"\x07" + varint(0), b"")),
    ]
    for name, body in rules:
        good(f"a rule of a value {name}", 2, b"\x0e" + bytesv(key) + b"\x00" + bytesv(body) + b"\x00",
             f"register 14 {key.hex()} = {body.hex()} replaces")
    told = (b"\x01" + bytes8(b"Ada") + b"\x02" + bytesv(b"ada@example.org") + b"\x02\x01\x03")
    good("a recipient", 2, b"\x0f" + bytesv(key) + b"\x00" + bytesv(told) + b"\x00",
         f"register 15 {key.hex()} = {told.hex()} replaces")
    above = rules[0][1]
    head = cid + key + bytesv(above)
    text = f"raised {cid.hex()} by {key.hex()} {above.hex()} since"
    good("an alarm of a decimal", 24, head + varint(7) + b"\x01" + zigzag(216) + b"\xff" + bytes8(b"Cel"),
         f"{text} 7 d-1 216 [Cel]")
    bits = struct.pack("<d", -1.5)
    good("an alarm of a float", 24, head + varint(0) + b"\x02" + bits + b"\x00",
         f"{text} 0 f{bits[::-1].hex()} []")
    good("an alarm of a text", 24, head + varint((1 << 63) - 1) + b"\x03" + bytesv(b"ok") + b"\x00",
         f"{text} {(1 << 63) - 1} t6f6b []")
    good("an alarm of nothing, by a rule of a later version", 24,
         cid + key + bytesv(b"\x02") + varint(1) + b"\x00",
         f"raised {cid.hex()} by {key.hex()} 02 since 1")
    silence = b"\x02" + bytes(range(32)) + varint(900000) + b"\x02"
    unheard = hashlib.blake2b(b"bivouac silent node" + bytes(range(32)), digest_size=32).digest()[:8]
    good("an alarm of a node that is not heard", 24,
         cid + unheard + bytesv(silence) + varint(5) + b"\x00",
         f"raised {cid.hex()} by {unheard.hex()} {silence.hex()} since 5")
    for number, word in [(1, "normal"), (2, "ruleChanged"), (3, "ruleRemoved")]:
        good(f"an alarm is over for the reason {number}", 25, cid + bytes([number]) + b"\x00",
             f"cleared {cid.hex()} {word}")
    seen = "vu, r\u00e9par\u00e9".encode()
    good("an alarm was seen", 26, cid + bytesv(seen), f"acknowledged {cid.hex()} [{seen.decode()}]")
    good("somebody was told", 27, cid + key + b"\x01\x01\x00",
         f"delivered {cid.hex()} to {key.hex()} raised delivered []")
    good("somebody could not be told", 27, cid + key + b"\x02\x02" + bytes8(b"smtp.refused"),
         f"delivered {cid.hex()} to {key.hex()} cleared givenUp [smtp.refused]")
    value = cid + b"\x01"
    for name, kind, body, why in [
            ("an alarm by a rule of no bytes", 24, cid + key + b"\x00\x00\x00", "count"),
            ("an alarm by a rule of 513 bytes", 24, cid + key + bytesv(b"r" * 513) + b"\x00\x00", "count"),
            ("an alarm since before the boot", 24, head + varint(1 << 63) + b"\x00", "range"),
            ("an alarm of a value of form 4", 24, head + b"\x00\x04", "range"),
            ("an alarm without what was said", 24, head + b"\x00", "truncated"),
            ("an alarm of a rule of 7 bytes", 24, cid + key[:7], "truncated"),
            ("an alarm over for no reason", 25, cid + b"\x00\x00", "range"),
            ("an alarm over for the reason 4", 25, cid + b"\x04\x00", "range"),
            ("a unit of 9 bytes in an alarm", 25, value + b"\x02" + bytes(8) + bytes8(b"u" * 9), "channel"),
            ("a text of 201 bytes in an alarm", 25, value + b"\x03" + bytesv(b"x" * 201) + b"\x00", "count"),
            ("a comment of 513 bytes", 26, cid + bytesv(b"r" * 513), "count"),
            ("a comment that is not UTF-8", 26, cid + b"\x01\xff", "text"),
            ("told at moment 4", 27, cid + key + b"\x04\x01\x00", "range"),
            ("told with outcome 3", 27, cid + key + b"\x01\x03\x00", "range"),
            ("told and bytes left over", 27, cid + key + b"\x01\x01\x00\x00", "leftover")]:
        bad(name, kind, body, why)
