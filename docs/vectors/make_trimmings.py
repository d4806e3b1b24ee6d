"""The vectors of docs/storage-format.md, section 5, kinds 12 and 13; make_storage.py writes them."""
from make_storage import BOARD, USB, bytes8, bytesv, identity, identity_text, varint, zigzag


def trimmings(cid, good, bad):
    """What a quota or a full disk took, and that a person saw it."""
    temp, note = identity(BOARD) + bytes8(b"temp"), identity(USB) + bytes8(b"note")
    minutes = temp + b"\x01\x02" + varint(86400) + varint(12) + varint(40000) + b"\x01" + zigzag(
        1600000000000000) + zigzag(1700000000000000)
    gone = note + b"\x02\x01" + varint(3) + b"\x01" + varint(90) + b"\x00"
    rest, none = varint(2) + varint(7) + varint(3) + varint(900), bytes(4)
    good("what went", 12, cid + varint(40960) + b"\x02" + minutes + gone + rest,
         f"trimming {cid.hex()} freed 40960 {identity_text(BOARD)}/temp minutes space 86400 12 40000 "
         f"1600000000000000..1700000000000000 {identity_text(USB)}/note gone quota 3 1 90 undated "
         "rest 2 7 3 900")
    good("nothing went", 12, cid + b"\x00\x00" + none, f"trimming {cid.hex()} freed 0 rest 0 0 0 0")
    good("one seen", 13, b"\x00" + cid + bytesv("vu, d\u00e9plac\u00e9".encode()),
         f"seen {cid.hex()} [vu, d\u00e9plac\u00e9]")
    good("all seen", 13, b"\x01\x00", "seen all []")
    one = cid + b"\x00\x01" + temp
    for name, kind, body, why in [
            ("129 entries of what went", 12, cid + b"\x00" + varint(129), "count"),
            ("raw that went to raw", 12, one + b"\x00\x01" + bytes(4) + none, "range"),
            ("what went for no reason", 12, one + b"\x01\x00" + bytes(4) + none, "range"),
            ("what went of no channel", 12, cid + b"\x00\x01" + identity(BOARD) + b"\x00\x01\x01", "channel"),
            ("what went backwards", 12, one + b"\x01\x01" + bytes(3) + b"\x01\x0a\x08" + none, "range"),
            ("a date of 2", 12, one + b"\x01\x01" + bytes(3) + b"\x02" + none, "range"),
            ("what went without its rest", 12, cid + b"\x00\x00" + bytes(3), "truncated"),
            ("seen by halves", 13, b"\x02\x00", "range"),
            ("a word of 513 bytes", 13, b"\x01" + bytesv(b"r" * 513), "count")]:
        bad(name, kind, body, why)
