"""Columns of docs/storage-format.md, section 7: a second implementation, made to be compared.

It tries everything that the document lets an encoder try, one after the other, and is slow.
"""
import functools
import math
import struct

MASK = (1 << 64) - 1


def signed(n):
    n &= MASK
    return n - (1 << 64) if n >> 63 else n


def varint(n):
    assert 0 <= n <= MASK
    out = b""
    while n >= 0x80:
        out += bytes([n & 0x7F | 0x80])
        n >>= 7
    return out + bytes([n])


def to_zigzag(n):
    n = signed(n)
    return (n << 1 ^ n >> 63) & MASK


def zigzag(n):
    return varint(to_zigzag(n))


def bits_to_bytes(pairs):
    """pairs: (value, how many of its low bits); the lowest bit first."""
    word = place = 0
    for value, count in pairs:
        word |= (value & ((1 << count) - 1)) << place
        place += count
    return word.to_bytes((place + 7) // 8, "little")


def groups(residues):
    return [residues[i:i + 64] for i in range(0, len(residues), 64)]


# Packed residues.

def packed_group(residues, reference, width):
    distances = [signed(r - reference) for r in residues]
    out = zigzag(reference) + bits_to_bytes((d & MASK, width) for d in distances)
    high = [d >> width for d in distances] if width < 64 else [0] * len(distances)
    exceptions = [i for i, h in enumerate(high) if h]
    if not exceptions:
        return bytes([width]) + out
    return (bytes([width | 0x80]) + out + bytes([len(exceptions)] + exceptions)
            + b"".join(zigzag(high[i]) for i in exceptions))


def best_group(residues):
    best = None
    for reference in sorted(residues)[:3]:
        distances = [signed(r - reference) for r in residues]
        top = max(d.bit_length() for d in distances if d >= 0)
        widths = ([64] if min(distances) < 0 else []) + list(range(top, -1, -1))
        for width in widths:
            group = packed_group(residues, reference, width)
            if best is None or len(group) < len(best):
                best = group
    return best


def packed(residues):
    return b"".join(best_group(g) for g in groups(residues))


# Coded residues.

def huffman(counts):
    """counts: {symbol: count}; gives {symbol: length}."""
    if len(counts) == 1:
        return {s: 1 for s in counts}
    leaves = sorted((count, symbol) for symbol, count in counts.items())
    joined = []
    while len(leaves) + len(joined) > 1:
        two = []
        for _ in range(2):
            from_leaves = leaves and (not joined or leaves[0][0] <= joined[0][0])
            two.append((leaves if from_leaves else joined).pop(0))
        joined.append((two[0][0] + two[1][0], two))
    lengths = {}

    def walk(tree, depth):
        if isinstance(tree[1], list):
            for part in tree[1]:
                walk(part, depth + 1)
        else:
            lengths[tree[1]] = depth

    walk(joined[0], 0)
    return lengths


def code_lengths(counts):
    while True:
        lengths = huffman(counts)
        if max(lengths.values()) <= 11:
            return lengths
        counts = {s: (c + 1) // 2 for s, c in counts.items()}


def code_words(lengths):
    """{symbol: its code, with the bit that is read first lowest}."""
    words = {}
    code = 0
    for length in range(1, 12):
        code <<= 1
        for symbol in sorted(s for s, n in lengths.items() if n == length):
            words[symbol] = int(format(code, f"0{length}b")[::-1], 2)
            code += 1
    return words


def symbol_of(distance):
    return distance if distance < 32 else 26 + distance.bit_length()


def extra_bits(symbol):
    return 0 if symbol < 32 else symbol - 27


def mean(group):
    total = signed(sum(r - group[0] for r in group))
    quotient = abs(total) // len(group)
    return signed(group[0] + (quotient if total >= 0 else -quotient))


def coded(residues):
    parts = groups(residues)
    means = [mean(g) for g in parts]
    distances = [[to_zigzag(r - m) for r in g] for g, m in zip(parts, means)]
    counts = {}
    for distance in sum(distances, []):
        counts[symbol_of(distance)] = counts.get(symbol_of(distance), 0) + 1
    lengths = code_lengths(counts)
    words = code_words(lengths)
    used = max(lengths) + 1
    out = bytes([used]) + bits_to_bytes((lengths.get(s, 0), 4) for s in range(used))
    out += b"".join(zigzag(m - b) for m, b in zip(means, [0] + means))
    per_lane = -(-len(parts) // 4)
    lanes = []
    for lane in range(4):
        pairs = []
        for distance in sum(distances[lane * per_lane:(lane + 1) * per_lane], []):
            symbol = symbol_of(distance)
            pairs += [(words[symbol], lengths[symbol]), (distance, extra_bits(symbol))]
        lanes.append(bits_to_bytes(pairs))
    return out + b"".join(varint(len(lane)) for lane in lanes) + b"".join(lanes)


# Models.

def divided(bare):
    base = bare[0]
    differences = [signed(b - base) for b in bare]
    divisor = functools.reduce(math.gcd, differences, 0) or 1
    return base, divisor, [1 if divisor == 1 << 63 and d else
                           (d // divisor if divisor < 1 << 63 else 0) for d in differences]


def grid(numbers, whole, fraction):
    return [signed(n - numbers[0] - i * whole - (i * fraction >> 16))
            for i, n in enumerate(numbers)]


def bare_models(numbers):
    """(mode, head with the base but no divisor, bare residues) in the order in which they are tried."""
    first = zigzag(numbers[0])
    yield 1, first, numbers
    steps = [signed(b - a) for a, b in zip(numbers, numbers[1:])]
    yield 2, first + zigzag(steps[0]), steps
    bends = [signed(b - a) for a, b in zip(steps, steps[1:])]
    yield 3, first + zigzag(steps[0]) + zigzag(bends[0]), bends
    way = signed(numbers[-1] - numbers[0])
    whole = way // len(steps)
    looked = min(len(steps), 127)
    sample = sorted(steps[j * len(steps) // looked] for j in range(looked))
    for period in [(whole, (way - whole * len(steps)) * 65536 // len(steps)),
                   (sample[looked // 2], 0)]:
        yield 4, first + zigzag(period[0]) + varint(period[1]), grid(numbers, *period)


def weighed_groups(bare):
    """The groups of 64 in which a model is weighed: at most 16 of them."""
    parts = groups(bare)
    return [parts[j * len(parts) // 16] for j in range(16)] if len(parts) > 16 else parts


def weight(bare):
    _, _, sample = divided([bare[0]] + sum(weighed_groups(bare), []))
    return sum(to_zigzag(r - middle(g)).bit_length() for g in groups(sample[1:]) for r in g)


def middle(group):
    return sorted([group[0], group[len(group) // 2], group[-1]])[1]


def lightest(numbers):
    best = least = None
    for model in bare_models(numbers):
        bits = weight(model[2])
        if best is None or bits < least - least // 64:
            best, least = model, bits
    return best


def is_linear(numbers):
    return len({signed(b - a) for a, b in zip(numbers, numbers[1:])}) <= 1


def column(numbers):
    if not numbers:
        return b""
    if is_linear(numbers):
        step = [signed(b - a) for a, b in zip(numbers, numbers[1:])][:1]
        return b"\0" + zigzag(numbers[0]) + b"".join(map(zigzag, step))
    tried = bare_models(numbers) if len(numbers) < 130 else [lightest(numbers)]
    best = None
    for mode, head, bare in tried:
        _, divisor, residues = divided(bare)
        head += varint(divisor)
        small = bytes([mode]) + head + packed(residues)
        if best is None or len(small) < len(best):
            best = small
    if len(numbers) < 130:
        return best
    small = bytes([mode | 8]) + head + coded(residues)
    return small if len(small) <= len(best) - len(best) // 16 else best


# Columns of float64.

def pattern(number):
    return struct.unpack("<q", struct.pack("<d", number))[0]


def number_of(bits):
    return struct.unpack("<d", struct.pack("<q", bits))[0]


def single(number):
    return struct.unpack("<f", struct.pack("<f", number))[0]


def quotient(whole, digits, mode):
    number = whole / 10.0 ** digits
    return pattern(single(number) if mode == 2 else number)


def whole_of(bits, digits, mode):
    scaled = number_of(bits) * 10.0 ** digits
    if not -2.0 ** 51 < scaled < 2.0 ** 51:
        return None
    whole = round(scaled)
    return whole if quotient(whole, digits, mode) == bits else None


def floats(patterns):
    if not patterns:
        return b""
    raw = b"\0" + column(patterns)
    n = len(patterns)
    looked = patterns if n < 130 else [patterns[j * n // 127] for j in range(127)]
    for mode in [1, 2]:
        tried = [([whole_of(p, digits, mode) for p in looked].count(None), digits)
                 for digits in range(16)]
        count, digits = min(tried)
        if count > len(looked) // 8:
            continue
        wholes = [whole_of(p, digits, mode) for p in patterns]
        places = [i for i, w in enumerate(wholes) if w is None]
        if len(places) > n // 8:
            return raw
        for i in places:
            wholes[i] = wholes[i - 1] if i else 0
        scaled = (bytes([mode, digits]) + varint(len(places)) + column(places)
                  + column([patterns[i] for i in places]) + column(wholes))
        if n < 130:
            return scaled if len(scaled) < len(raw) else raw
        more = 64 * len(places) * min(n, 1024) // n
        lighter = weight(lightest(wholes)[2]) + more < weight(lightest(patterns)[2])
        return scaled if lighter else raw
    return raw
