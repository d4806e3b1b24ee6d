#!/usr/bin/python3
"""Writes sync-proofs.txt: the vectors of requests 6, 9 and 10 of docs/sync-format.md, section 9, by a second
implementation of it. Run it after a change of the document:
`docs/vectors/make_sync_proofs.py > docs/vectors/sync-proofs.txt`.
"""
import hashlib

from make_ranges import header as range_header
from make_storage import BOARD, bytesv, varint
from make_sync_records import BOOT, KEYS, line, name, run

NONCE = bytes(range(0x20, 0x30))


def keyed(data, key):
    return hashlib.blake2b(data, digest_size=32, key=key).digest()


def span(node, incarnation, lane, first, last):
    return run(node, incarnation) + bytes([lane]) + varint(first) + varint(last)


def request(spans, count=None):
    return (b"\x06" + NONCE + varint(len(spans) if count is None else count)
            + b"".join(span(*one) for one in spans))


def requests():
    def good(what, spans):
        text = "".join(f"; {KEYS[node].hex()[:8]}/{incarnation:016x}/{lane} {first}-{last}"
                       for node, incarnation, lane, first, last in spans)
        line(what, "golden", "request", request(spans), NONCE.hex() + text)

    def bad(what, data, rule):
        line(what, "reject", "request", data, rule)
    one = (0, 7, 2, 1, 360)
    good("one span", [one])
    good("two spans, of two nodes", [one, (1, 2, 2, 300, 300)])
    good("a span of 4,096 commits", [(0, 7, 2, 1, 4096)])
    good("eight spans", [(0, 7, 2, n, n) for n in range(1, 9)])
    bad("no span", request([]), "count")
    bad("nine spans", request([(0, 7, 2, n, n) for n in range(1, 10)]), "count")
    bad("a span of 4,097 commits", request([(0, 7, 2, 1, 4097)]), "range")
    bad("a span that ends before it begins", request([(0, 7, 2, 9, 8)]), "range")
    bad("a span from 0", request([(0, 7, 2, 0, 8)]), "range")
    bad("a lane of none", request([(0, 7, 5, 1, 8)]), "range")
    bad("a run of none", request([(0, 0, 2, 1, 8)]), "range")
    bad("fewer spans than it says", request([one], 2), "truncated")
    bad("a byte more", request([one]) + b"\x00", "leftover")


def offers():
    """A keeper that calls: requests 9 and 10, and the answer to 9."""
    def given(hashes, count=None):
        return (b"\x0a" + NONCE + varint(len(hashes) if count is None else count)
                + b"".join(b"\0" if one is None else b"\1" + one for one in hashes))

    def asked(spans):
        return b"\0\1" + request(spans)[1:]
    one, other = bytes([1] * 32), bytes([2] * 32)
    line("an offer", "golden", "request", b"\x09", "offer")
    line("an offer and a byte more", "reject", "request", b"\x09\0", "leftover")
    for what, hashes in (("a proof of one span", [one]), ("of two, of which one is not there",
                                                         [None, other]),
                         ("of eight", [one] * 8)):
        text = "; ".join("-" if one is None else one.hex() for one in hashes)
        line(what, "golden", "request", given(hashes), f"{NONCE.hex()}: {text}")
    line("of none", "reject", "request", given([]), "count")
    line("of nine", "reject", "request", given([one] * 9), "count")
    line("of fewer than it says", "reject", "request", given([one], 2), "truncated")
    line("a hash that is there twice", "reject", "request", b"\x0a" + NONCE + b"\1\2" + one,
         "range")
    line("nothing to be proven", "golden", "question", b"\0\0", "nothing")
    line("something to be proven", "golden", "question", asked([(0, 7, 2, 1, 360)]),
         f"{NONCE.hex()}; {KEYS[0].hex()[:8]}/{7:016x}/2 1-360")
    line("a question without spans", "reject", "question", asked([]), "count")
    line("a question of nine spans", "reject", "question",
         asked([(0, 7, 2, n, n) for n in range(1, 10)]), "count")


def proofs():
    """The nonce, a run, a boot, a header, how many contents, the contents; the hash."""
    def proof(what, node, header, contents):
        whole = (name("bivouac proof 1") + run(node, 7) + BOOT + bytesv(header)
                 + b"".join(keyed(content, NONCE) for content in contents))
        data = (NONCE + run(node, 7) + BOOT + bytesv(header) + varint(len(contents))
                + b"".join(map(bytesv, contents)))
        line(what, "golden", "proof", data, keyed(whole, NONCE).hex())
    header = range_header(1, (5000, 0, 1), [BOARD], [], [(0, b"temp", 7200)])
    proof("a range of one block", 0, header, [b"content"])
    proof("the same of another node", 1, header, [b"content"])
    proof("two blocks", 0, header, [b"one", b"two"])
    proof("the same in another order", 0, header, [b"two", b"one"])
    proof("a range without readings", 0, header, [])


if __name__ == "__main__":
    print("# name | golden or reject | form | hex | content, or the rule that is broken")
    print("# Written by make_sync_proofs.py. Forms: request (what stands in the seal), question (the")
    print("# answer to request 9), proof (nonce, run, boot, header bytesV, varint number of contents,")
    print("# each bytesV; expected: the hash).")
    requests()
    offers()
    proofs()
