"""Reads columns of docs/storage-format.md, section 7, from the document alone.

It trusts its bytes: what must be refused is for the decoders of the project.
"""
from columns import code_words, extra_bits, number_of, quotient, signed


class Reader:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def u8(self):
        self.at += 1
        return self.data[self.at - 1]

    def raw(self, count):
        assert self.at + count <= len(self.data)
        self.at += count
        return self.data[self.at - count:self.at]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.u8()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def zigzag(self):
        value = self.varint()
        return value >> 1 ^ -(value & 1)


def packed(reader, count):
    residues = []
    while len(residues) < count:
        m = min(64, count - len(residues))
        head = reader.u8()
        width = head & 0x7F
        reference = reader.zigzag()
        word = int.from_bytes(reader.raw((m * width + 7) // 8), "little")
        group = [reference + (word >> i * width & (1 << width) - 1) for i in range(m)]
        if head & 0x80:
            for position in reader.raw(reader.u8()):
                group[position] += reader.zigzag() << width
        residues += group
    return residues


def coded(reader, count):
    used = reader.u8()
    nibbles = int.from_bytes(reader.raw((used + 1) // 2), "little")
    lengths = {s: nibbles >> 4 * s & 15 for s in range(used) if nibbles >> 4 * s & 15}
    symbols = {(lengths[s], word): s for s, word in code_words(lengths).items()}
    groups = (count + 63) // 64
    means = []
    for _ in range(groups):
        means.append(reader.zigzag() + (means[-1] if means else 0))
    lanes = [reader.varint() for _ in range(4)]
    residues = []
    for lane in lanes:
        word = int.from_bytes(reader.raw(lane), "little")
        end = min(len(residues) + -(-groups // 4) * 64, count)
        while len(residues) < end:
            length = 1
            while (length, word & (1 << length) - 1) not in symbols:
                length += 1
            symbol = symbols[length, word & (1 << length) - 1]
            word >>= length
            distance = symbol
            if symbol >= 32:
                extra = extra_bits(symbol)
                distance = 1 << extra | word & (1 << extra) - 1
                word >>= extra
            residues.append(means[len(residues) // 64] + (distance >> 1 ^ -(distance & 1)))
    return residues


def column(reader, count):
    if count == 0:
        return []
    mode = reader.u8()
    residues_of = coded if mode & 8 else packed
    model = mode & 7
    numbers = [reader.zigzag()]
    if model == 0:
        step = reader.zigzag() if count > 1 else 0
        numbers = [numbers[0] + i * step for i in range(count)]
    elif model == 1:
        divisor = reader.varint()
        numbers = [numbers[0] + divisor * r for r in residues_of(reader, count)]
    elif model == 2:
        base, divisor = reader.zigzag(), reader.varint()
        for residue in residues_of(reader, count - 1):
            numbers.append(numbers[-1] + base + divisor * residue)
    elif model == 3:
        step, base, divisor = reader.zigzag(), reader.zigzag(), reader.varint()
        numbers.append(numbers[0] + step)
        for residue in residues_of(reader, count - 2):
            step += base + divisor * residue
            numbers.append(numbers[-1] + step)
    else:
        whole, fraction, divisor = reader.zigzag(), reader.varint(), reader.varint()
        numbers = [numbers[0] + i * whole + (i * fraction >> 16) + divisor * r
                   for i, r in enumerate(residues_of(reader, count))]
    return [signed(n) for n in numbers]


def floats(reader, count):
    if count == 0:
        return []
    mode = reader.u8()
    if mode == 0:
        return column(reader, count)
    digits, exceptions = reader.u8(), reader.varint()
    places, patterns = column(reader, exceptions), column(reader, exceptions)
    out = [quotient(whole, digits, mode) for whole in column(reader, count)]
    for place, bits in zip(places, patterns):
        out[place] = bits
    return out


__all__ = ["Reader", "column", "floats", "number_of"]
