#!/usr/bin/python3
"""Writes codec.txt: the vectors of docs/storage-format.md, sections 7 to 9 and 11, by a second
implementation of them (columns.py), and reads each back by a third (columns_reader.py).

The Swift suite never runs this; it checks that what it encodes and decodes is what stands in
codec.txt. Run it after a change of the document: `docs/vectors/make_codec.py > codec.txt`.
"""
import random
import struct

import columns
import columns_reader
from columns import column, floats, number_of, pattern, varint
from columns_reader import Reader

MIN, MAX = -(1 << 63), (1 << 63) - 1
lines = []


def line(name, verdict, form, data, expected):
    lines.append(f"{name} | {verdict} | {form} | {data.hex()} | {expected}")


def numbers_text(numbers):
    return " ".join(map(str, numbers))


def patterns_text(patterns):
    return " ".join(format(p & columns.MASK, "016x") for p in patterns)


# Blocks.

def block(content):
    unit = content["unit"].encode()
    form = content["form"]
    device = content["epoch"] is not None
    out = bytes([1, {"decimal": 0, "float": 2, "text": 4}[form] | device])
    if device:
        out += varint(content["epoch"])
    out += bytes([content["kind"]]) + struct.pack("b", content["exponent"])
    out += bytes([len(unit)]) + unit + varint(len(content["times"]))
    out += varint(content["first"]) + varint(len(content["commits"]))
    out += column(content["commits"]) + column(content["seqs"]) + column(content["times"])
    values = content["values"]
    if form == "decimal":
        return out + column(values)
    if form == "float":
        return out + floats(values)
    return out + column([len(v) for v in values]) + b"".join(values)


def read_block(data):
    r = Reader(data)
    assert r.u8() == 1
    flags = r.u8()
    content = {"form": ["decimal", "float", "text"][flags >> 1]}
    content["epoch"] = r.varint() if flags & 1 else None
    content["kind"] = r.u8()
    content["exponent"] = struct.unpack("b", r.raw(1))[0]
    content["unit"] = r.raw(r.u8()).decode()
    count = r.varint()
    content["first"] = r.varint()
    content["commits"] = columns_reader.column(r, r.varint())
    content["seqs"] = columns_reader.column(r, count)
    content["times"] = columns_reader.column(r, count)
    if content["form"] == "decimal":
        content["values"] = columns_reader.column(r, count)
    elif content["form"] == "float":
        content["values"] = columns_reader.floats(r, count)
    else:
        content["values"] = [r.raw(n) for n in columns_reader.column(r, count)]
    assert r.at == len(data)
    return content


def block_text(content):
    clock = "node" if content["epoch"] is None else f"epoch {content['epoch']}"
    form = content["form"] + (str(content["exponent"]) if content["form"] == "decimal" else "")
    values = content["values"]
    if content["form"] == "float":
        values = patterns_text(values)
    elif content["form"] == "text":
        values = " ".join(v.hex() or "-" for v in values)
    else:
        values = numbers_text(values)
    return (f"{clock} {form} kind {content['kind']} unit {content['unit'] or '-'};"
            f" commits {content['first']}: {numbers_text(content['commits'])};"
            f" seqs {numbers_text(content['seqs'])}; times {numbers_text(content['times'])};"
            f" values {values}")


# Summaries.

def summarize(content, seconds=900):
    """[(quarter, count, numbers, min, max, sum)], or None; of minutes with 60 seconds."""
    if content["form"] == "text":
        return None
    is_float = content["form"] == "float"
    ticks = seconds * (1_000_000 if content["epoch"] is None else 1_000)
    quarters = {}
    for time, value in zip(content["times"], content["values"]):
        of = quarters.setdefault(time // ticks, [0, 0, 0, 0, 0])
        of[0] += 1
        number = number_of(value) if is_float else value
        if number != number:
            continue
        of[1] += 1
        known = (lambda p: number_of(p)) if is_float else (lambda p: p)
        if of[1] == 1 or number < known(of[2]):
            of[2] = value
        if of[1] == 1 or number > known(of[3]):
            of[3] = value
        total = known(of[4]) + number
        if is_float:
            of[4] = 0x7FF8 << 48 if total != total else pattern(total)
        elif not MIN <= total <= MAX:
            return None
        else:
            of[4] = total
    return [(q, *quarters[q]) for q in sorted(quarters)]


def summary(quarters, is_float, version=1):
    if not quarters:
        return b""
    fields = [list(f) for f in zip(*quarters)]
    out = bytes([version, is_float]) + varint(len(quarters)) + column(fields[0]) + column(fields[1])
    if is_float:
        out += column(fields[2])
    return out + b"".join((floats if is_float else column)(f) for f in fields[3:])


def read_summary(data, version=1):
    if not data:
        return []
    r = Reader(data)
    assert r.u8() == version
    is_float = r.u8() == 1
    n = r.varint()
    fields = [columns_reader.column(r, n), columns_reader.column(r, n)]
    fields.append(columns_reader.column(r, n) if is_float else fields[1])
    for _ in range(3):
        fields.append((columns_reader.floats if is_float else columns_reader.column)(r, n))
    assert r.at == len(data)
    return list(zip(*fields))


def quarters_text(quarters):
    return "; ".join(numbers_text(q) for q in quarters) or "none"


# Vectors.

def golden_column(name, numbers):
    data = column(numbers)
    reader = Reader(data)
    assert columns_reader.column(reader, len(numbers)) == numbers, name
    assert reader.at == len(data), name
    line(name, "golden", f"column-{len(numbers)}", data, numbers_text(numbers))


def golden_floats(name, patterns):
    data = floats(patterns)
    reader = Reader(data)
    assert columns_reader.floats(reader, len(patterns)) == patterns, name
    line(name, "golden", f"floats-{len(patterns)}", data, patterns_text(patterns))


def golden_block(name, **content):
    base = {"epoch": None, "form": "decimal", "exponent": 0, "kind": 0, "unit": "", "first": 0}
    content = {**base, **content}
    content.setdefault("commits", [len(content["times"])])
    content.setdefault("seqs", list(range(len(content["times"]))))
    data = block(content)
    back = read_block(data)
    assert all(back[field] == content[field] for field in back), name
    line(name, "golden", "block", data, block_text(content))
    quarters = summarize(content)
    data = summary(quarters, content["form"] == "float")
    assert read_summary(data) == (quarters or []), name
    line(f"summary of: {name}", "golden", "summary", data, quarters_text(quarters or []))
    minutes = summarize(content, 60)
    data = summary(minutes, content["form"] == "float", 2)
    assert read_summary(data, 2) == (minutes or []), name
    line(f"minutes of: {name}", "golden", "minutes", data, quarters_text(minutes or []))
    return data


def sums(steps):
    return [sum(steps[:i]) for i in range(1, len(steps) + 1)]


def make_columns():
    rng = random.Random(4)
    golden_column("no numbers", [])
    golden_column("one number", [-7])
    golden_column("two numbers", [MIN, MAX])
    golden_column("an even step", list(range(1000, 0, -5)))
    golden_column("a step that passes 64 bits", [columns.signed(i << 61) for i in range(20)])
    golden_column("plain, of three", [5, 9, 5])
    golden_column("plain, of a unit of 625", [625 * rng.randrange(300, 310) for _ in range(70)])
    golden_column("plain, with exceptions above", [90 if i % 31 == 30 else i % 2 for i in range(65)])
    golden_column("plain, with exceptions below", [-9999 if i in (7, 8) else i % 3 for i in range(64)])
    golden_column("plain, the ends of 64 bits", [MIN, MAX, 0, MIN, -1, 1, MAX])
    golden_column("plain, all of 64 bits", [rng.randrange(MIN, MAX) for _ in range(66)])
    golden_column("a divisor of 2^63", [0, MIN, 0, MIN, MIN])
    golden_column("delta: a counter that restarts",
                  [(i * 40 + rng.randrange(9)) % 2000 for i in range(90)])
    golden_column("delta of delta: a step that grows", [i * i * 3 for i in range(80)])
    golden_column("delta of delta: nearly", [i * i * 50 + i % 2 for i in range(80)])
    golden_column("grid: a clock that jitters",
                  [70_000 + i * 1000 + rng.randrange(-3, 4) for i in range(100)])
    golden_column("grid: a period with a fraction",
                  [(i * 1000_37) // 100 + rng.randrange(4) for i in range(100)])
    golden_column("grid: a pause and its usual step",
                  [i * 1000 + rng.randrange(4) + (500_000 if i > 50 else 0) for i in range(100)])
    golden_column("coded: noise", [int(rng.gauss(2150, 2)) for _ in range(200)])
    golden_column("coded: noise with far ones, in four lanes",
                  [int(rng.gauss(0, 1.5)) * (10 ** rng.randrange(2, 19) if i % 40 == 7 else 1)
                   for i in range(300)])
    def mostly(usual, count=200):
        return [usual + d for d in rng.choices([0, 1, -1, 3], [75, 10, 10, 5], k=count)]

    golden_column("coded: a step that varies", sums(mostly(90)))
    golden_column("coded: a change of step that varies", sums(sums(mostly(0))))
    golden_column("coded: a clock that jitters", [i * 1000 + d for i, d in enumerate(mostly(70_000))])
    # As often as Fibonacci's numbers: the rarest would have codes of 14 bits.
    often = [610, 377, 233, 144, 89, 55, 34, 21, 13, 8, 5, 3, 2, 1, 1]
    skewed = [(s + 1) // 2 * (-1) ** s for s, n in enumerate(often) for _ in range(n)]
    rng.shuffle(skewed)
    for i in range(0, len(skewed), 64):  # A group that begins with 0 has a mean of 0 here.
        j = next(j for j in range(i, len(skewed)) if skewed[j] == 0)
        skewed[i], skewed[j] = skewed[j], skewed[i]
    unbounded = []
    huffman, columns.huffman = columns.huffman, lambda counts: (
        unbounded.append(max(huffman(counts).values())) or huffman(counts))
    golden_column("coded: lengths that have to be bounded", skewed)
    columns.huffman = huffman
    assert max(unbounded) > 11
    # 22 groups, of which the fourth is not weighed: what stands in it does not choose the model.
    golden_column("a long column, weighed where it changes",
                  [i // 200 % 2 for i in range(1400)])
    golden_column("a long column, weighed where it does not change",
                  [int(230 <= i < 250) for i in range(1400)])
    golden_column("a long column, of a unit of 96",
                  [96 * rng.randrange(40, 48) for _ in range(140)])
    golden_column("a long column, the divisor of 2^63", [MIN * (i % 3 == 0) for i in range(130)])
    golden_column("a long column, packed",
                  [i * 1_000_000 + rng.randrange(-9000, 9000) for i in range(130)])


def make_floats():
    rng = random.Random(5)
    tenths = [pattern(rng.randrange(200, 230) / 10) for _ in range(40)]
    golden_floats("tenths", tenths)
    odd = list(tenths)
    odd[0], odd[20] = pattern(-0.0), columns.signed(0x7FF8_0000_0000_00AB)
    odd[39] = pattern(float("-inf"))
    golden_floats("tenths with three oddities", odd)
    golden_floats("hundredths of single precision",
                  [pattern(columns.single(rng.randrange(2000, 2300) / 100)) for _ in range(40)])
    golden_floats("any bits", [rng.randrange(MIN, MAX) for _ in range(40)])
    golden_floats("single precision, no decimals",
                  [pattern(columns.single(rng.random())) for _ in range(40)])
    golden_floats("beyond 2^51", [pattern(2.0 ** 51 + i * i) for i in range(20)])
    many = [pattern(rng.randrange(2000, 2300) / 100) for _ in range(200)]
    many[70] = pattern(float("nan"))
    golden_floats("many hundredths, one that is not a number", many)
    golden_floats("many of single precision",
                  [pattern(columns.single(20 + rng.random())) for _ in range(140)])
    golden_floats("many of any bits", [rng.randrange(MIN, MAX) for _ in range(140)])
    odd = [pattern(rng.randrange(200, 230) / 10) for _ in range(300)]
    for i in set(range(300)) - {j * 300 // 127 for j in range(127)}:
        odd[i] = pattern(rng.random())
    golden_floats("many tenths where they are looked at, and none elsewhere", odd)


def make_blocks():
    rng = random.Random(6)
    scans = [5_000_000 + 1000 * i for i in range(200)]
    golden_block("a thermometer on its board's clock", epoch=3, exponent=-1, unit="Cel",
                 first=2, commits=[10, 0, 11] + [9] * 19 + [8], seqs=[100 + 2 * i for i in range(200)],
                 times=scans, values=[215 + i // 50 + rng.randrange(-1, 2) for i in range(200)])
    golden_block("one reading", times=[0], values=[MIN], kind=1)
    golden_block("times that stand and go back, before zero too",
                 times=[0, 0, -1, 900_000_000, 5, 899_999_999], values=[1, 5, -7, 2, 3, 4])
    golden_block("floats with what is not a number", form="float", unit="V",
                 times=[i * 100_000_000 for i in range(20)],
                 values=[pattern(v) for v in
                         [float("nan")] * 9 + [0.0, -0.0, float("inf"), float("-inf")] + [0.1] * 7])
    golden_block("texts", form="text", kind=4, times=[1, 2, 3],
                 values=[b"", "\u00e9t\u00e9".encode(), b"x" * 200])
    golden_block("a sum that passes 64 bits", times=[1, 2], values=[MAX, 1])


def rejected(name, form, data, reason):
    line(name, "reject", form, bytes(data), reason)


def make_rejects():
    rejected("a model that does not exist", "column-3", [5, 0, 1], "mode")
    rejected("a high bit of the mode", "column-3", [0x10, 0, 1], "mode")
    rejected("linear cannot be coded", "column-3", [8, 0, 1], "mode")
    rejected("a divisor of zero", "column-3", [1, 0, 0, 0, 0], "range")
    rejected("a divisor above 2^63", "column-3", [1, 0] + [0x81] + [0x80] * 8 + [1, 0, 0], "range")
    rejected("a width of 65", "column-3", [1, 0, 1, 65, 0] + [0] * 25, "mode")
    rejected("exceptions beside a width of 64", "column-1", [1, 0, 1, 0xC0, 0] + [0] * 11, "mode")
    rejected("no exception", "column-3", [1, 0, 1, 0x80, 0, 0], "count")
    rejected("more exceptions than numbers", "column-1", [1, 0, 1, 0x80, 0, 2, 0, 1, 2, 2], "count")
    rejected("positions that do not ascend", "column-3", [1, 0, 1, 0x80, 0, 2, 1, 1, 2, 2], "order")
    rejected("a position behind the group", "column-3", [1, 0, 1, 0x80, 0, 1, 3, 2], "order")
    rejected("an exception of zero", "column-3", [1, 0, 1, 0x80, 0, 1, 1, 0], "range")
    rejected("bits behind the last number", "column-3", [1, 0, 1, 1, 0, 0x0A], "padding")
    rejected("a varint longer than need be", "column-2", [0, 0x80, 0, 0], "varint")
    rejected("bytes left over", "column-2", [0, 0, 0, 0], "leftover")
    rejected("a fraction of 65536", "column-3", [4, 0, 0, 0x80, 0x80, 4, 1, 0, 0], "count")
    rejected("a code of no symbol", "column-3", [9, 0, 1, 0, 0, 0, 0, 0, 0], "count")
    rejected("a code of 92 symbols", "column-3", [9, 0, 1, 92] + [0x11] * 60, "count")
    rejected("a length of 12 bits", "column-3", [9, 0, 1, 1, 12, 0, 1, 0, 0, 0, 0], "range")
    rejected("a code that is not complete", "column-3", [9, 0, 1, 2, 0x21, 0, 1, 0, 0, 0, 0], "range")
    rejected("a code with too many", "column-3", [9, 0, 1, 3, 0x11, 1, 0, 1, 0, 0, 0, 0], "range")
    rejected("a last symbol that does not occur", "column-3", [9, 0, 1, 2, 0x01, 0, 1, 0, 0, 0, 0], "range")
    rejected("half a byte of lengths too many", "column-3", [9, 0, 1, 1, 0x11, 0, 1, 0, 0, 0, 0], "padding")
    rejected("the bit that means nothing", "column-3", [9, 0, 1, 1, 1, 0, 1, 0, 0, 0, 4], "range")
    rejected("a lane that is too short", "column-9", [9, 0, 1, 1, 1, 0, 1, 0, 0, 0, 0], "truncated")
    rejected("a lane that is too long", "column-3", [9, 0, 1, 1, 1, 0, 2, 0, 0, 0, 0, 0], "leftover")
    rejected("bits behind a lane", "column-3", [9, 0, 1, 1, 1, 0, 1, 0, 0, 0, 8], "padding")
    rejected("coded residues of none", "column-1", [10, 0, 0, 1, 1, 1, 0, 0, 0, 0], "mode")
    rejected("a mode of floats that does not exist", "floats-1", [3, 0, 0, 0, 0], "mode")
    rejected("sixteen digits", "floats-1", [1, 16, 0, 0, 0], "count")
    rejected("too many exceptions of floats", "floats-8", [1, 0, 2, 0, 0, 2], "count")
    rejected("an exception of floats behind the last", "floats-8", [1, 0, 1, 0, 16, 0, 0, 0, 0, 0], "order")
    make_block_rejects()


def make_block_rejects():
    good = block({"epoch": None, "form": "decimal", "exponent": -1, "kind": 0, "unit": "V",
                  "first": 0, "commits": [1], "seqs": [0], "times": [9], "values": [2]})
    assert good.hex() == "010000ff0156" + "010001" + "0002" + "0000" + "0012" + "0004"
    for at, byte, name, reason in [
            (0, 2, "another version", "version"), (1, 8, "a flag that does not exist", "mode"),
            (1, 6, "a form that does not exist", "mode"),
            (1, 2, "an exponent of floats", "range"), (4, 9, "a unit of nine bytes", "count"),
            (5, 7, "a unit that is not printable", "range"), (6, 0, "no readings", "count"),
            (8, 0, "no commits", "count"), (10, 4, "commits with a reading too many", "count"),
            (10, 1, "a commit of less than nothing", "count")]:
        rejected(name, "block", good[:at] + bytes([byte]) + good[at + 1:], reason)
    rejected("a byte behind a block", "block", good + b"\0", "leftover")
    rejected("65,537 readings", "block", good[:6] + varint(65_537) + good[7:], "count")
    text = block({"epoch": None, "form": "text", "exponent": 0, "kind": 4, "unit": "", "first": 0,
                  "commits": [1], "seqs": [0], "times": [9], "values": [b"ab"]})
    rejected("a text of 201 bytes", "block", text[:-3] + columns.zigzag(201) + b"x" * 201, "range")
    rejected("a text of less than nothing", "block", text[:-3] + b"\1", "range")
    rejected("a text that ends too early", "block", text[:-1], "truncated")
    good = summary([(1, 2, 2, 3, 4, 7), (2, 1, 1, 0, 0, 0)], False)
    rejected("another version of a summary", "summary", b"\2" + good[1:], "version")
    rejected("a flag of summaries that does not exist", "summary", b"\1\2" + good[2:], "mode")
    rejected("no quarters", "summary", b"\1\0\0", "count")
    again = summary([(1, 2, 2, 3, 4, 7), (1, 1, 1, 0, 0, 0)], False)
    rejected("a quarter twice", "summary", again, "order")
    rejected("a quarter of no readings", "summary", summary([(1, 0, 0, 0, 0, 0)], False), "range")
    rejected("more numbers than readings", "summary", summary([(1, 1, 2, 0, 0, 0)], True), "range")
    rejected("a byte behind a summary", "summary", good + b"\0", "leftover")
    rejected("quarters as minutes", "minutes", good, "version")
    minutes = summary([(1, 2, 2, 3, 4, 7), (1, 1, 1, 0, 0, 0)], False, 2)
    rejected("a minute twice", "minutes", minutes, "order")


def make_accepts():
    """What an encoder never makes, and a decoder takes: what is kept is the bytes."""
    line("a model with more bytes than need be", "accept", "column-3",
         bytes([1, 0, 1, 2, 0, 0x24]), "0 1 2")
    line("a code of few numbers", "accept", "column-3",
         bytes([9, 0, 1, 1, 1, 8, 1, 0, 0, 0, 0]), "4 4 4")
    line("a delta of one number", "accept", "column-1", bytes([2, 8, 0, 1]), "4")


print("# name | golden, accept or reject | form | hex | content, or the rule that is broken")
print("# Written by make_codec.py. Forms: column-COUNT, floats-COUNT (bit patterns), block, summary, minutes")
print("# (quarter, readings, numbers, least, greatest, sum; floats as signed bit patterns).")
for make in [make_columns, make_floats, make_blocks, make_accepts, make_rejects]:
    make()
print("\n".join(lines))
