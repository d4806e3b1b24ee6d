"""The vectors of docs/storage-format.md, section 5, kind 28."""
from make_storage import BOARD, bytesv, identity, identity_text, varint

SIZE_MAX = 8 << 20


def manifest(media=1, size=48213, digest=bytes(range(32)), taken=987654321, note=b"", device=BOARD):
    """A manifest's bytes behind the stamp."""
    return identity(device) + bytes([media]) + varint(size) + digest + varint(taken) + bytesv(note)


def snapshots(good, bad):
    """Manifests of pictures, and what is none."""
    def text(media, size, taken, note=""):
        return (f"snapshot {identity_text(BOARD)} {media} {size} {bytes(range(32)).hex()} {taken}"
                f" [{note}]")
    note = "volets ouverts \u00e0 14 h"
    good("a picture, JPEG", 28, manifest(), text("image/jpeg", 48213, 987654321))
    good("a picture, PNG, with a note", 28, manifest(2, 1, taken=0, note=note.encode()),
         text("image/png", 1, 0, note))
    good("the longest picture, with the longest note", 28,
         manifest(1, SIZE_MAX, taken=(1 << 63) - 1, note=b"n" * 200),
         text("image/jpeg", SIZE_MAX, (1 << 63) - 1, "n" * 200))
    for name, body, why in [
            ("a picture of no type", manifest(0), "range"),
            ("a picture of a third type", manifest(3), "range"),
            ("a picture of no bytes", manifest(size=0), "range"),
            ("a picture of 8 MiB and a byte", manifest(size=SIZE_MAX + 1), "range"),
            ("a picture taken before the boot", manifest(taken=1 << 63), "range"),
            ("a note of 201 bytes on a picture", manifest(note=b"n" * 201), "count"),
            ("a note on a picture that is not UTF-8", manifest(note=b"\xff"), "text"),
            ("a picture with half a hash", manifest()[:20], "truncated"),
            ("a picture and bytes left over", manifest() + b"\x00", "leftover")]:
        bad(name, 28, body, why)
