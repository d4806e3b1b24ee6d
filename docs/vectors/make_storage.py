#!/usr/bin/python3
"""Writes storage.txt: the vectors of docs/storage-format.md, by a second implementation of it.

The Swift suite never runs this; it checks that what it encodes and decodes is what stands in
storage.txt. Run it after a change of the document: `docs/vectors/make_storage.py > storage.txt`.
"""
import struct


def varint(n):
    assert 0 <= n < 1 << 64
    out = b""
    while n >= 0x80:
        out += bytes([n & 0x7F | 0x80])
        n >>= 7
    return out + bytes([n])


def signed(n):
    n &= (1 << 64) - 1
    return n - (1 << 64) if n >> 63 else n


def zigzag(n):
    n = signed(n)
    return varint(((n << 1) ^ (n >> 63)) & ((1 << 64) - 1))


def bytes8(b):
    assert len(b) < 256
    return bytes([len(b)]) + b


def bytesv(b):
    return varint(len(b)) + b


PREFIX = {1: "board-", 2: "usb-", 3: "usbp-", 4: "port-", 5: "new-", 6: "sim-"}
FATES = ["samples", "gap", "tail"]


def identity(i):
    return bytes([i[0]]) + bytes8(i[1])


def identity_text(i):
    return PREFIX[i[0]] + (i[1].hex() if i[0] in (1, 5, 6) else i[1].decode())


def groups(samples, channels, base):
    """samples: (channel, time, value); an int is a decimal, bytes of 8 a float, str a text."""
    out = b""
    i = 0
    last = base
    while i < len(samples):
        channel, time, value = samples[i]
        width = 1
        if isinstance(value, int):
            while (i + width < len(samples) and isinstance(samples[i + width][2], int)
                   and samples[i + width][1] == time
                   and samples[i + width][0] == channel + width):
                width += 1
        rows = [samples[i:i + width]]
        while True:
            row = samples[i + width * len(rows):i + width * (len(rows) + 1)]
            if len(row) < width or [s[0] for s in row] != [s[0] for s in rows[0]]:
                break
            if len({s[1] for s in row}) != 1:
                break
            if len(rows) > 1 and row[0][1] - rows[-1][0][1] != rows[1][0][1] - rows[0][0][1]:
                break
            rows.append(row)
        out += varint(channel) + varint(width) + varint(len(rows)) + zigzag(time - last)
        if len(rows) > 1:
            out += zigzag(rows[1][0][1] - rows[0][0][1])
        last = rows[-1][0][1]
        above = [0] * width
        for row in rows:
            for column, (_, _, v) in enumerate(row):
                if isinstance(v, int):
                    out += zigzag(v - above[column])
                    above[column] = v
                elif isinstance(v, bytes):
                    out += v
                else:
                    out += bytesv(v.encode())
        i += width * len(rows)
    return out


def source(s, arrival):
    out = identity(s["identity"])
    if "epoch" in s:
        out += b"\x01" + varint(s["epoch"]) + varint(s["first"]) + varint(len(s["spans"]))
        for fate, count in s["spans"]:
            out += bytes([fate]) + varint(count)
    else:
        out += b"\x00"
    out += varint(len(s["channels"]))
    for key, unit, kind, form, exponent in s["channels"]:
        out += bytes8(key) + bytes8(unit) + bytes([kind, form]) + struct.pack("b", exponent)
    out += varint(len(s["samples"]))
    return out + groups(s["samples"], s["channels"], 0 if "epoch" in s else arrival)


def commit(arrival, sources):
    out = b"\x01" + varint(arrival) + varint(len(sources))
    for s in sources:
        out += source(s, arrival)
    return out


def value_text(v):
    if isinstance(v, int):
        return str(v)
    if isinstance(v, bytes):
        return "f" + v[::-1].hex()
    return "t" + v.encode().hex()


def commit_text(arrival, sources):
    out = f"arrival {arrival}"
    for s in sources:
        out += "; " + identity_text(s["identity"])
        if "epoch" in s:
            spans = " ".join(f"{FATES[f]}:{c}" for f, c in s["spans"])
            out += f" epoch {s['epoch']} first {s['first']} {spans}"
        for key, unit, kind, form, exponent in s["channels"]:
            form = ["d%d" % exponent, "f", "t"][form]
            out += f" {key.decode()}/{unit.decode()}/{kind}/{form}"
        for c, t, v in s["samples"]:
            out += f" {c}@{t}={value_text(v)}"
    return out


BOARD = (1, bytes.fromhex("0123456789abcdef"))
OTHER = (1, bytes.fromhex("fedcba9876543210"))
USB = (2, b"0403:6001:A50285BI")
SIM = (6, bytes(range(8)))
TEMP = (b"temp", b"Cel", 0, 0, -1)
HUM = (b"hum", b"%RH", 0, 0, 0)
NOTE = (b"note", b"", 4, 2, 0)
LUX = (b"lux", b"lx", 0, 1, 0)


def double(x):
    return struct.pack("<d", x)


def device(**more):
    s = dict(identity=BOARD, epoch=3, first=0, spans=[(0, 1)], channels=[TEMP],
             samples=[(0, 100, 215)])
    s.update(more)
    return s


def line(name, verdict, form, body, expected):
    print(f"{name} | {verdict} | {form} | {body.hex()} | {expected}")


def golden_commit(name, arrival, sources):
    line(name, "golden", "commit", commit(arrival, sources), commit_text(arrival, sources))


def commits():
    golden_commit("empty", 0, [])
    golden_commit("one sample", 1000000, [device()])
    scan = [(c, 1000 + 500 * r, 100 * r + c) for r in range(4) for c in (0, 1)]
    golden_commit("scans at a fixed period are one group", 123456789, [
        device(first=7, spans=[(0, 8)], channels=[TEMP, HUM], samples=scan)])
    golden_commit("jitter ends a group", 5, [
        device(spans=[(0, 4)], samples=[(0, 10, 1), (0, 20, 2), (0, 31, 3), (0, 42, 4)])])
    golden_commit("a shorter scan ends a group", 5, [
        device(spans=[(0, 5)], channels=[TEMP, HUM],
               samples=[(0, 10, 1), (1, 10, 9), (0, 20, 2), (1, 20, 8), (0, 30, 3)])])
    golden_commit("gap between samples, then an unknown tail", 5, [
        device(spans=[(0, 1), (1, 300), (0, 1), (2, 64)],
               samples=[(0, 10, -1), (0, 999, 1)])])
    golden_commit("only a gap", 5, [
        device(spans=[(1, 4294967295)], channels=[], samples=[])])
    golden_commit("differences wrap at 64 bits", 5, [
        device(spans=[(0, 3)],
               samples=[(0, 1, -(1 << 63)), (0, 2, (1 << 63) - 1), (0, 3, -(1 << 63))])])
    golden_commit("floats keep their bits", 5, [
        device(spans=[(0, 4)], channels=[LUX],
               samples=[(0, 1, double(-0.0)), (0, 2, double(1.5)), (0, 3, double(float("inf"))),
                        (0, 9, bytes.fromhex("010000000000f87f"))])])
    golden_commit("text", 5, [
        device(spans=[(0, 2)], channels=[NOTE],
               samples=[(0, 1, "porte ouverte \u00e9"), (0, 1, "")])])
    golden_commit("the node's clock counts from arrival, also backwards", 10000000, [
        dict(identity=USB, channels=[TEMP], samples=[(0, 9000000, 1), (0, 9500000, 2),
                                                     (0, 8000000, 3)])])
    golden_commit("sources in their order", 77, [
        dict(identity=BOARD, channels=[HUM], samples=[(0, 70, 5)]),
        device(), device(epoch=4), device(identity=OTHER), device(identity=SIM)])
    golden_commit("one key in two forms", 5, [
        device(spans=[(0, 2)], channels=[TEMP, (b"temp", b"Cel", 0, 0, -2)],
               samples=[(0, 1, 215), (1, 1, 2150)])])
    golden_commit("the largest times, epoch and seq", (1 << 63) - 1, [
        device(epoch=4294967295, first=4294967294, samples=[(0, (1 << 48) - 1, 0)])])


def bad_commits():
    good = commit(1000000, [device()])
    two = bytes([1, 5, 1]) + identity(BOARD) + b"\x01\x03\x00\x01\x00\x02" + b"\x01" + bytes8(
        b"temp") + bytes8(b"Cel") + b"\x00\x00\xff" + b"\x02"
    split = two + b"\x00\x01\x01\x14\x02" + b"\x00\x01\x01\x02\x04"
    line("groups cut otherwise are accepted", "accept", "commit", split, commit_text(
        5, [device(spans=[(0, 2)], samples=[(0, 10, 1), (0, 11, 2)])]))

    def bad(name, body, reason):
        line(name, "reject", "commit", body, reason)
    bad("nothing", b"", "truncated")
    bad("version 2", b"\x02" + good[1:], "version")
    bad("cut short", good[:-1], "truncated")
    bad("one byte too many", good + b"\x00", "leftover")
    bad("a varint longer than it needs to be", b"\x01\x80\x00\x00", "varint")
    bad("a varint of 65 bits", b"\x01" + b"\xff" * 9 + b"\x02\x00", "varint")
    bad("arrival beyond 63 bits", b"\x01" + varint(1 << 63) + b"\x00", "range")
    bad("sources out of order", commit(5, [device(epoch=4), device()]), "order")
    bad("a source twice", commit(5, [device(), device()]), "order")
    bad("spans that hold more than the samples", commit(5, [device(spans=[(0, 2)])]), "spans")
    bad("no span", commit(5, [device(spans=[], samples=[])]), "spans")
    bad("neighbouring spans of one type", commit(5, [
        device(spans=[(0, 1), (0, 1)], samples=[(0, 1, 1), (0, 2, 2)])]), "spans")
    bad("an unknown tail that is not last", commit(5, [device(spans=[(2, 1), (0, 1)])]), "spans")
    bad("a span of nothing", commit(5, [device(spans=[(0, 1), (1, 0)])]), "spans")
    bad("seqs beyond 32 bits", commit(5, [device(first=4294967295)]), "spans")
    bad("a span of type 3", commit(5, [device(spans=[(0, 1), (1, 1)])]).replace(
        b"\x00\x01\x01\x01", b"\x00\x01\x03\x01"), "range")
    bad("a channel that is not in the table", two + b"\x01\x01\x01\x14\x02", "count")
    bad("a scan wider than the table", two + b"\x00\x02\x01\x14\x02\x02", "count")
    bad("more rows than samples", two + b"\x00\x01\x03\x14\x02\x02\x02\x02", "count")
    bad("no rows", two + b"\x00\x01\x00\x14\x02", "count")
    bad("a tick below 0", two + b"\x00\x01\x02\x01\x02\x02\x02", "range")
    bad("a tick of 49 bits", commit(5, [device(samples=[(0, 1 << 48, 0)])]), "range")
    bad("a key of nothing", commit(5, [device(channels=[(b"", b"", 0, 0, 0)])]), "channel")
    bad("a key of 17 bytes", commit(5, [device(channels=[(b"k" * 17, b"", 0, 0, 0)])]), "channel")
    bad("a unit of 9 bytes", commit(5, [device(channels=[(b"k", b"u" * 9, 0, 0, 0)])]), "channel")
    bad("a value type of 3", commit(5, [device(channels=[(b"k", b"", 0, 1, 0)])]).replace(
        b"k\x00\x00\x01", b"k\x00\x00\x03"), "channel")
    bad("a float with an exponent", commit(5, [
        device(channels=[(b"k", b"", 0, 1, 1)], samples=[(0, 1, double(1.0))])]), "channel")
    bad("a kind of 5", commit(5, [device(channels=[(b"k", b"", 5, 0, 0)])]), "channel")
    bad("a text of 201 bytes", commit(5, [
        device(channels=[NOTE], samples=[(0, 1, "x" * 201)])]), "count")
    bad("a text that is not UTF-8", commit(5, [
        device(channels=[NOTE], samples=[(0, 1, "x")])])[:-1] + b"\xff", "text")
    bad("an identity of 7 bytes", commit(5, [device(identity=(1, bytes(7)))]), "identity")
    bad("an identity of kind 7", commit(5, [device(identity=(7, bytes(8)))]), "identity")
    bad("more samples than bytes", commit(5, [
        dict(identity=USB, channels=[TEMP], samples=[])])[:-1] + varint(1 << 20), "count")
    bad("a source on the node's clock without samples", commit(5, [
        dict(identity=USB, channels=[], samples=[])]), "count")


def cursors():
    def encode(entries):
        out = b"\x01" + varint(len(entries))
        for i, epoch, nonce, after, closed, ring in entries:
            out += identity(i) + struct.pack("<IIIBI", epoch, nonce, after, closed, ring)
        return out

    def text(entries):
        return "; ".join(
            f"{identity_text(i)} epoch {e} nonce {n} next {a} {'closed' if c else 'open'} ring {r}"
            for i, e, n, a, c, r in entries)
    none, some = [], [(BOARD, 3, 0xDEADBEEF, 42, 1, 512), (SIM, 1, 1, 4294967295, 0, 32)]
    line("no cursor", "golden", "cursors", encode(none), text(none))
    line("two cursors", "golden", "cursors", encode(some), text(some))
    line("a flag of 2", "reject", "cursors", encode([(BOARD, 3, 1, 42, 2, 512)]), "range")
    line("cursors cut short", "reject", "cursors", encode(some)[:-1], "truncated")
    line("cursors of version 0", "reject", "cursors", b"\x00\x00", "version")


def facts(cid, origin, good, bad):
    """Deletions, late values, annotations, and what takes each of them back."""
    series, whole = identity(BOARD) + bytes8(b"temp"), identity(BOARD) + b"\x00"
    late, why = "d\u00e9riv\u00e9".encode(), bytesv("capteur \u00e0 terre".encode())
    pieces = (b"\x02" + b"\x00" + bytes(16) + varint(5) + varint(90)
              + b"\x01" + varint(3) + varint(0) + varint(1 << 40))
    span = zigzag(-5) + zigzag(1700000000000000)
    good("a deletion of a series", 6, cid + series + span + pieces + why,
         f"deletion {cid.hex()} {identity_text(BOARD)}/temp -5 1700000000000000 "
         f"node:{bytes(16).hex()}:5-90 device:3:0-{1 << 40} [capteur \u00e0 terre]")
    good("a deletion of a device", 6, cid + whole + zigzag(0) + zigzag(1) + b"\x00" + b"\x00",
         f"deletion {cid.hex()} {identity_text(BOARD)} 0 1 []")
    good("a deletion undone", 7, cid + bytesv(late), f"undone {cid.hex()} [d\u00e9riv\u00e9]")
    table = bytes8(b"temp") + bytes8(b"Cel") + b"\x00\x00\xff"
    times = zigzag(1000) + zigzag(215) + zigzag(0) + zigzag(-3) + zigzag(500) + zigzag(216)
    good("late values", 8, cid + identity(BOARD) + table + varint(7) + b"\x03" + times + bytesv(b"lab"),
         f"late {cid.hex()} {identity_text(BOARD)} temp/Cel/0/d-1 7 1000=215 1000=-3 1500=216 [lab]")
    good("a late text", 8, cid + identity(USB) + bytes8(b"note") + b"\x00\x04\x02\x00" + b"\x00\x01"
         + zigzag(-1) + bytesv(b"ok") + b"\x00",
         f"late {cid.hex()} {identity_text(USB)} note//4/t 0 -1=t6f6b []")
    far = zigzag(-(1 << 63)) + double(1.5) + zigzag(-1) + double(-0.0)
    good("late floats at both ends of time", 8, cid + identity(BOARD) + bytes8(b"lux")
         + b"\x00\x00\x01\x00" + b"\x00\x02" + far + b"\x00",
         f"late {cid.hex()} {identity_text(BOARD)} lux//0/f 0 {-(1 << 63)}=f3ff8000000000000 "
         f"{(1 << 63) - 1}=f8000000000000000 []")
    good("late values withdrawn", 9, cid + b"\x00", f"withdrawn {cid.hex()} []")
    good("an annotation of a series", 10, cid + b"\x01" + series + zigzag(5) + zigzag(5)
         + bytesv(late), f"annotation {cid.hex()} {identity_text(BOARD)}/temp 5 5 d\u00e9riv\u00e9")
    good("an annotation of a node", 10, cid + b"\x00" + origin + zigzag(-9) + zigzag(5) + bytesv(b"x"),
         f"annotation {cid.hex()} node {origin.hex()} -9 5 x")
    good("an annotation removed", 11, cid + b"\x00", f"removed {cid.hex()} []")
    bad("an empty span", 6, cid + whole + zigzag(4) + zigzag(4) + b"\x00\x00", "range")
    bad("an empty piece", 6, cid + whole + span + b"\x01\x01\x03\x05\x05" + b"\x00", "range")
    bad("a piece on clock 2", 6, cid + whole + span + b"\x01\x02\x03\x05\x06" + b"\x00", "range")
    bad("513 pieces", 6, cid + whole + span + varint(513), "count")
    bad("a scope with a key of 17 bytes", 6, cid + identity(BOARD) + bytes8(b"k" * 17) + span, "channel")
    bad("a reason of 513 bytes", 7, cid + bytesv(b"r" * 513), "count")
    bad("no late value", 8, cid + identity(BOARD) + table + b"\x00\x00\x00", "count")
    bad("late values out of order", 8, cid + identity(BOARD) + table + b"\x00\x02" + zigzag(5)
        + zigzag(1) + zigzag(-1) + zigzag(1) + b"\x00", "order")
    bad("2049 late values", 8, cid + identity(BOARD) + table + b"\x00" + varint(2049), "count")
    bad("an annotation without words", 10, cid + b"\x00" + origin + zigzag(5) + zigzag(5) + b"\x00", "text")
    bad("an annotation that ends before it begins", 10, cid + b"\x00" + origin + zigzag(5) + zigzag(4)
        + bytesv(b"x"), "range")
    bad("an annotation of subject 2", 10, cid + b"\x02" + origin, "range")
    bad("a note that is not UTF-8", 9, cid + b"\x01\xff", "text")


def journal():
    stamp = b"\x01\x01" + varint(1234567) + zigzag(1700000000000000) + bytes8(b"node")
    head = "trusted 1 boot 1234567 wall 1700000000000000 by node: "
    origin = bytes(range(32))
    cid = bytes(range(16))

    def good(name, kind, fields, text):
        line(name, "golden", f"journal-{kind}", stamp + fields, head + text)

    def bad(name, kind, body, reason):
        line(name, "reject", f"journal-{kind}", body, reason)
    good("the first incarnation", 1, b"\x00", "incarnation")
    good("an incarnation with a parent", 1,
         b"\x01" + struct.pack("<Q", 0x1122334455667788) + b"".join(map(varint, [1, 2, 300, 0, 0])),
         "incarnation after 1122334455667788 heads 1 2 300 0 0")
    name, given = identity(BOARD), "Serre \u00e9".encode()
    good("a name is given", 2, b"\x01" + bytesv(name) + b"\x00" + bytesv(given) + b"\x00",
         f"register 1 {name.hex()} = {given.hex()} replaces")
    good("a name is taken away", 2, b"\x01" + bytesv(name) + b"\x01\x00\x01" + origin
         + struct.pack("<Q", 9) + b"\x01" + varint(700),
         f"register 1 {name.hex()} removed replaces {origin.hex()}/0000000000000009/1/700")
    epoch, value = bytes(range(16)), varint(60000000) + zigzag(1772352000000000) + varint(60000000)
    good("an administrator says when a boot was", 2,
         b"\x0b" + bytesv(epoch) + b"\x00" + bytesv(value + bytesv(b"lamp")) + b"\x00",
         f"register 11 {epoch.hex()} = {(value + bytesv(b'lamp')).hex()} replaces")
    good("a descriptor", 3, identity(BOARD) + struct.pack("<Q", 0xCBF29CE484222325) + bytesv(b"\x01\x01x"),
         f"descriptor {identity_text(BOARD)} cbf29ce484222325 010178")
    good("an anchor", 4, varint(5000000) + zigzag(-1) + varint(250) + b"\x01",
         "anchor 5000000 -1 250 1")
    good("a clock fit", 5, identity(BOARD) + varint(3) + varint(0) + varint(60000) + varint(99000000)
         + zigzag(-12345) + varint(1500) + b"\x01",
         f"fit {identity_text(BOARD)} 3 0 60000 99000000 -12345 1500 1")
    good("a command issued", 16, cid + origin + identity(BOARD) + b"\x07" + bytes8(b"relay")
         + bytes8(b"\x02\x00") + varint(30000) + varint(0),
         f"issued {cid.hex()} {origin.hex()} {identity_text(BOARD)} 7 relay 0200 30000 0")
    good("a command claimed", 17, cid + struct.pack("<IIH", 3, 0xCAFEBABE, 1),
         f"claimed {cid.hex()} 3 3405691582 1")
    good("a command refused", 18, cid + b"\x03" + bytes8(b"expired") + zigzag(-7),
         f"outcome {cid.hex()} 3 expired -7")
    def refuse(name, kind, body, why):
        bad(name, kind, stamp + body, why)
    facts(cid, origin, good, refuse)
    from make_trimmings import trimmings
    trimmings(cid, good, refuse)
    from make_alarms import alarms
    alarms(cid, good, refuse)
    from make_snapshots import snapshots
    snapshots(good, refuse)
    from make_access import access
    access(good, refuse)
    bad("an outcome of 6", 18, stamp + cid + b"\x06" + bytes8(b"") + zigzag(0), "range")
    bad("a removal with a value", 2, stamp + b"\x01" + bytesv(b"k") + b"\x01" + bytesv(b"v") + b"\x00",
        "range")
    bad("a stamp of version 2", 1, b"\x02" + stamp[1:] + b"\x00", "version")
    bad("a stamp with an unknown flag", 1, b"\x01\x02" + stamp[2:] + b"\x00", "range")
    bad("an entry with bytes left over", 1, stamp + b"\x00\x00", "leftover")
    bad("an author that is not UTF-8", 1, b"\x01\x00\x00\x00\x01\xff\x00", "text")


if __name__ == "__main__":
    print("# name | golden, accept or reject | form | hex | content, or the rule that is broken")
    print("# Written by make_storage.py. Forms: commit, cursors, journal-KIND,")
    print("# user, token (registers' values), range (a header), clock-COMMITS (a range's clock), series (what is hashed).")
    commits()
    bad_commits()
    cursors()
    journal()
    from make_ranges import ranges
    ranges()
