#!/usr/bin/python3
"""Writes sync-trust.txt: the vectors of docs/sync-format.md, sections 5 to 7, by a second
implementation of it. Run it after a change of the document:
`docs/vectors/make_sync_trust.py > docs/vectors/sync-trust.txt`.
"""
import hashlib
import struct

from ed25519 import public, sign
from make_storage import bytes8, bytesv, varint, zigzag
from make_sync_records import h, intervals, line, name
from x25519 import BASE, x25519

SITE, NODE, OTHER = (bytes([n]) * 32 for n in (0x51, 0x0A, 0x0B))
SITE_ID, NODE_ID, OTHER_ID = public(SITE), public(NODE), public(OTHER)
STAMP = b"\x01\x01" + varint(5000000) + zigzag(1700000000000000) + bytes8(b"node")
STAMP_TEXT = "trusted 1 boot 5000000 wall 1700000000000000 by node: "


def keyed(data, key, size=32):
    return hashlib.blake2b(data, digest_size=size, key=key).digest()


def good(what, kind, body, text):
    line(what, "golden", f"journal-{kind}", STAMP + body, STAMP_TEXT + text)


def bad(what, kind, body, why):
    line(what, "reject", f"journal-{kind}", STAMP + body, why)


# Membership

def founded():
    label = "Serre d'été".encode()
    signature = sign(SITE, name("bivouac site 1") + SITE_ID + bytes8(label))
    body = SITE_ID + bytes8(label) + signature
    good("a site is founded", 19, body, f"site {SITE_ID.hex()} [{label.decode()}] {signature.hex()} holds")
    forged = SITE_ID + bytes8(b"Enfer") + signature
    good("a site under another name", 19, forged, f"site {SITE_ID.hex()} [Enfer] {signature.hex()} forged")
    bad("a site whose name is not UTF-8", 19, SITE_ID + bytes8(b"\xff") + signature, "text")
    bad("a site without a whole signature", 19, body[:-1], "truncated")
    bad("a site with bytes left over", 19, body + b"\x00", "leftover")


def grant(scopes, generation, label=b"hub"):
    return SITE_ID + NODE_ID + bytes8(label) + struct.pack("<H", scopes) + varint(generation)


def grants():
    text = f"grant {SITE_ID.hex()} {NODE_ID.hex()} [hub] %d generation %d"
    signature = sign(SITE, name("bivouac grant 1") + grant(127, 0))
    good("a grant by its origin", 20, grant(3, 2) + b"\x00", text % (3, 2) + " by its origin")
    good("a grant by the site key", 20, grant(127, 0) + b"\x01" + signature,
         text % (127, 0) + f" by the site {signature.hex()} holds")
    good("a grant of more than the site key signed", 20, grant(255, 0) + b"\x01" + signature,
         text % (255, 0) + f" by the site {signature.hex()} forged")
    good("a grant of bits of later", 20, grant(0xFF80, 2**32 - 1) + b"\x00",
         text % (0xFF80, 2**32 - 1) + " by its origin")
    good("a grant of nothing without a label", 20, grant(0, 0, b"") + b"\x00",
         f"grant {SITE_ID.hex()} {NODE_ID.hex()} [] 0 generation 0 by its origin")
    bad("a grant by somebody of later", 20, grant(3, 2) + b"\x02", "range")
    bad("a grant of a generation of 33 bits", 20, grant(3, 2**32) + b"\x00", "range")
    bad("a grant without by", 20, grant(3, 2), "truncated")
    bad("a grant with bytes left over", 20, grant(3, 2) + b"\x00\x00", "leftover")


def past(runs, kept):
    out = varint(len(runs))
    for incarnation, lanes in runs:
        out += struct.pack("<Q", incarnation) + b"".join(map(intervals, lanes))
    return out + varint(len(kept)) + b"".join(kept)


def revocation(seen, left=1, generation=3, reason=b"perdu"):
    return (SITE_ID + NODE_ID + struct.pack("<H", left) + varint(generation) + seen
            + bytesv(reason))


def revocations():
    text = f"revocation {SITE_ID.hex()} {NODE_ID.hex()} 1 generation 3 seen"
    nothing = past([], [])
    good("a revocation of everything", 21, revocation(nothing) + b"\x00",
         text + " kept [perdu] by its origin")
    signature = sign(SITE, name("bivouac revocation 1") + revocation(nothing))
    good("a revocation by the site key", 21, revocation(nothing) + b"\x01" + signature,
         text + f" kept [perdu] by the site {signature.hex()} holds")
    lanes = [[(1, 4)], [(1, 9), (12, 12)], [(1, 2**40 - 1)], [], [(3, 5)]]
    kept = sorted(h(bytes([n])) for n in range(3))
    full = past([(7, lanes), (2**63, [[]] * 5)], kept)
    good("a revocation that keeps what was seen", 21, revocation(full) + b"\x00",
         text + " 0000000000000007 (1-4) (1-9 12) (1-1099511627775) () (3-5)"
         + " 8000000000000000 () () () () () kept "
         + " ".join(one.hex() for one in kept) + " [perdu] by its origin")
    for what, seen, why in [
            ("incarnations out of order", past([(8, lanes), (7, lanes)], []), "order"),
            ("an incarnation twice", past([(7, lanes), (7, lanes)], []), "order"),
            ("incarnation 0", past([(0, lanes)], []), "range"),
            ("entries kept out of order", past([], kept[::-1]), "order"),
            ("an entry kept twice", past([], [kept[0], kept[0]]), "order"),
            ("2049 incarnations", varint(2049), "count"),
            ("1025 entries kept", b"\x00" + varint(1025), "count"),
            ("an entry of 36 bits and one seen", past([(7, [[(1, 2**36)], [], [], [], []])], []), "range")]:
        bad(f"a revocation with {what}", 21, revocation(seen) + b"\x00", why)
    bad("a revocation with a long reason", 21, revocation(nothing, reason=b"r" * 513) + b"\x00", "count")
    bad("a revocation by somebody of later", 21, revocation(nothing) + b"\x07", "range")


def successions():
    signature = sign(OTHER, name("bivouac succession 1") + SITE_ID + OTHER_ID + NODE_ID)
    body = SITE_ID + OTHER_ID + signature
    text = f"succession {SITE_ID.hex()} {OTHER_ID.hex()} {signature.hex()}"
    good("a succession", 22, body, f"{text} to {NODE_ID.hex()} holds")
    bad("a succession cut short", 22, body[:-1], "truncated")
    bad("a succession with bytes left over", 22, body + b"\x00", "leftover")


# Hello

def sealed(counter, body, label, key):
    mac = keyed(struct.pack("<Q", counter) + bytes8(label) + h(body), key, 16)
    return struct.pack("<Q", counter) + bytesv(body) + mac


def channel_key(key, channel):
    return keyed(name("bivouac channel 1") + bytes([channel]), key)


def hello():
    """The messages of one hello, with the secrets that the test plays it with, and what follows."""
    secrets = [bytes([n]) * 32 for n in (0x21, 0x22)]
    halves = [x25519(secret, BASE) for secret in secrets]
    nonces = [bytes([n]) * 16 for n in (0x31, 0x32)]
    session = bytes([0x41]) * 16
    first = b"\x02\x01" + SITE_ID + NODE_ID + halves[0] + nonces[0]
    unsigned = b"\x02" + OTHER_ID + halves[1] + nonces[1] + session
    second = unsigned + sign(OTHER, name("bivouac hello 2") + h(first) + unsigned)
    agreed = x25519(secrets[0], halves[1])
    assert agreed == x25519(secrets[1], halves[0])
    keys = [keyed(name("bivouac session 1") + bytes([side]) + h(first) + h(second), agreed)
            for side in (0, 1)]
    proof = sign(NODE, name("bivouac hello 3") + h(first) + h(second))
    third = sealed(1, session + proof, b"hello", channel_key(keys[0], 255))
    fourth = sealed(1, b"\x00", b"hello", channel_key(keys[1], 255))
    no = sealed(1, b"\x01" + bytes8(b"membership"), b"hello", channel_key(keys[1], 255))
    for number, message in enumerate([first, second, third, fourth], 1):
        line(f"message {number} of a hello", "golden", f"hello-{number}", message, "-")
    line("message 4 that says no", "golden", "hello-no", no, "membership")
    for channel in (0, 1, 2):
        for counter in (1, 2):
            for side, label in ((0, b"request"), (1, b"answer")):
                body = bytes([channel, counter, side])
                line(f"{label.decode()} {counter} of channel {channel}", "golden",
                     f"sealed-{label.decode()}-{channel}",
                     sealed(counter, body, label, channel_key(keys[side], channel)), body.hex())
    mac = keyed(struct.pack("<Q", 2) + bytes8(b"batch") + h(b"frames"), channel_key(keys[1], 2), 16)
    line("the seal of a batch of answer 2 of channel 2", "golden", "sealed-batch",
         struct.pack("<Q", 2) + mac, b"frames".hex())


# Pairing

def crc16(data):
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def key_text(key):
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    number = int.from_bytes(key, "big") << 12 | crc16(key) & 0x3FF
    text = "".join(digits[number >> 5 * place & 31] for place in reversed(range(28)))
    return "-".join(text[place:place + 4] for place in range(0, 28, 4))


def pairing():
    key = bytes(range(0x60, 0x70))
    line("the key of an invitation", "golden", "pairing-key", key, key_text(key))
    for what, other in (("zeros", bytes(16)), ("ones", b"\xff" * 16)):
        line(f"a key of {what}", "golden", "pairing-key", other, key_text(other))

    def proof(role, *messages):
        return keyed(name("bivouac pairing 1") + bytes([role]) + b"".join(map(h, messages)), key)
    first = (b"\x01" + h(name("bivouac invitation 1") + key)[:8] + NODE_ID + bytes8(b"Serre")
             + zigzag(1700000000000000) + bytes([0x71]) * 16)
    unproven = (b"\x01" + SITE_ID + OTHER_ID + zigzag(1700000001000000) + bytes([0x72]) * 16
                + bytesv(b"batch"))
    second = unproven + proof(1, first, unproven)
    third = h(second)[:16] + proof(0, first, second)
    yes, no = b"\x00" + bytesv(b"grant"), b"\x01" + bytes8(b"membership")
    for number, message in enumerate([first, second, third], 1):
        line(f"message {number} of a pairing", "golden", f"pairing-{number}", message, "-")
    for form, body in (("4", yes), ("no", no)):
        line(f"message 4 of a pairing, {form}", "golden", f"pairing-{form}",
             body + proof(2, first, second, third, body), "-")


if __name__ == "__main__":
    print("# name | golden or reject | form | hex | content, or the rule that is broken")
    print("# Written by make_sync_trust.py. Forms: journal-KIND (as in storage.txt), pairing-key,")
    print("# pairing-MESSAGE, hello-MESSAGE,")
    print("# sealed-NAME-CHANNEL (of the session that this hello leads to, in their order).")
    founded()
    grants()
    revocations()
    successions()
    pairing()
    hello()
