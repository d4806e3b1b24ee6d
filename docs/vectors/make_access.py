"""The vectors of docs/storage-format.md, section 5, kind 14 and the registers of people and tokens; make_storage.py writes them."""
import hashlib
import struct

from make_storage import bytes8, bytesv, line


def access(good, bad):
    """A revocation, and what stands in the registers 12 and 13."""
    generation, token = struct.pack("<Q", 0x1122334455667788), bytes(range(8))
    name = "ren\u00e9e".encode()
    good("a person revoked", 14, b"\x0c" + bytesv(name) + generation + bytesv(b"left"),
         f"revoked user {name.hex()} 1122334455667788 [left]")
    good("a token revoked", 14, b"\x0d" + bytesv(token) + bytes(8) + b"\x00",
         f"revoked token {token.hex()} 0000000000000000 []")
    bad("a revocation of a name of a device", 14, b"\x01" + bytesv(name) + generation + b"\x00", "range")
    bad("a token of a generation", 14, b"\x0d" + bytesv(token) + generation + b"\x00", "range")
    bad("a revocation of a key of 65 bytes", 14, b"\x0c" + bytesv(b"k" * 65) + generation + b"\x00", "count")
    bad("a revocation with a reason of 513 bytes", 14, b"\x0c" + bytesv(name) + generation
        + bytesv(b"r" * 513), "count")

    password = b"$argon2id$v=19$m=32768,t=3,p=1$c2FsdA$aGFzaA"
    user = b"\x01\x03" + generation + bytes8(password)
    line("an administrator", "golden", "user", user, f"admin 1122334455667788 {password.decode()}")
    line("a viewer", "golden", "user", b"\x01\x01" + bytes(8) + bytes8(b"x"), "viewer 0000000000000000 x")
    for what, body, why in [
            ("a person of version 2", b"\x02" + user[1:], "version"),
            ("a role of 4", b"\x01\x04" + user[2:], "range"),
            ("a role of 0", b"\x01\x00" + user[2:], "range"),
            ("a person without a password", user[:10] + b"\x00", "text"),
            ("a password that is no ASCII", user[:10] + bytes8(b"\xc3\xa9"), "text"),
            ("a person with bytes left over", user + b"\x00", "leftover")]:
        line(what, "reject", "user", body, why)

    secret = hashlib.blake2b(bytes(range(20)), digest_size=32).digest()
    program = b"\x01" + bytes8(b"Grafana") + b"\x03" + secret
    line("a token", "golden", "token", program, f"Grafana metrics, read {secret.hex()}")
    for what, body, why in [
            ("a token of version 0", b"\x00" + program[1:], "version"),
            ("a token without a name", b"\x01\x00\x03" + secret, "text"),
            ("a token with a name of two lines", b"\x01" + bytes8(b"a\nb") + b"\x03" + secret, "text"),
            ("a token that may do nothing", b"\x01" + bytes8(b"a") + b"\x00" + secret, "range"),
            ("a token that may do what is not known", b"\x01" + bytes8(b"a") + b"\x10" + secret, "range"),
            ("a token with bytes left over", program + b"\x00", "leftover")]:
        line(what, "reject", "token", body, why)
