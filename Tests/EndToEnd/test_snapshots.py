"""Pictures of devices: kept before they are acknowledged, listed on every node, given only as they were."""

import hashlib
import http.client
import json
import os
import socket
import stat

import pytest

from access import PASSWORD
from daemon import Daemon, wait_for
from signed_in import claim, sign_in
from site_nodes import Site, played
from small_disk import SmallDisk

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"
MIB = 1 << 20


class LocalDoor(http.client.HTTPConnection):
    """HTTP over a daemon's unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


def ask(door, method, path, body=None, kind=None, **fields):
    """One request: (status, what was said, headers)."""
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    if kind:
        headers["Content-Type"] = kind
    try:
        door.request(method, path, body, headers)
    except (BrokenPipeError, ConnectionResetError):
        pass    # refused before all of it was sent: the answer is there
    answer = door.getresponse()
    content = answer.read()
    door.close()
    is_json = (answer.headers["Content-Type"] or "").endswith("json")
    return answer.status, json.loads(content) if is_json else content, answer.headers


def add(node, device, picture, kind="image/png", note=None):
    """Adds a picture over the unix socket: (status, what was said)."""
    query = f"?note={note}" if note else ""
    status, said, _ = ask(
        LocalDoor(node.socket), "POST", f"/api/v1/devices/{device}/snapshots{query}", picture, kind)
    return status, said


def fetch(node, digest):
    """The bytes of a picture: (status, them or the problem, headers)."""
    return ask(LocalDoor(node.socket), "GET", f"/api/v1/snapshots/{digest}")


def picture(number, size=1000):
    """A PNG file, as far as anybody here looks."""
    return (PNG + number.to_bytes(8, "big")).ljust(size, b"p")


def hashed(content):
    return hashlib.blake2b(content, digest_size=32).hexdigest()


def listed(node, device=None):
    path = f"/api/v1/devices/{device}/snapshots" if device else "/api/v1/snapshots"
    return node.get(path)["snapshots"]


def places(node):
    return {one["hash"]: one["content"] for one in listed(node)}


@pytest.fixture
def node(tmp_path):
    """A gateway whose pictures may take 10 MB."""
    node = Daemon(tmp_path / "node", 'commit_interval = 1\n[snapshots]\nquota = "10MB"\n').start()
    yield node
    node.finish()


def test_what_was_acknowledged_outlives_the_process(node):
    device = played(node)
    content = picture(1)
    status, said = add(node, device, content, note="vents")
    assert status == 201, said
    node.kill()
    digest = hashed(content)
    assert (said["hash"], said["content"], said["size"]) == (digest, "here", 1000)
    blobs = node.state / "blobs"
    assert stat.S_IMODE(os.stat(blobs).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(blobs / digest).st_mode) == 0o600
    # What nobody names, and what was half written.
    (blobs / hashed(b"nobody's")).write_bytes(b"nobody's")
    (blobs / (digest + ".1.new")).write_bytes(b"half")
    node.start()
    status, bytes_, headers = fetch(node, digest)
    assert (status, bytes_, headers["Content-Type"]) == (200, content, "image/png")
    assert headers["X-Content-Type-Options"] == "nosniff"
    [shown] = listed(node, device)
    assert (shown["note"], shown["author"]) == ("vents", said["author"])
    assert abs(shown["takenUs"] - said["takenUs"]) < 1_000_000
    assert sorted(os.listdir(blobs)) == [digest]


def test_what_is_no_picture_of_a_known_device_is_refused(node):
    device = played(node)
    refusals = {
        (415, "snapshot.type"): (device, b"GIF89a...", "image/png"),
        (415, "unsupported-media-type"): (device, b"<svg/>", "image/svg+xml"),
        (404, "not-found"): ("nowhere", picture(1), "image/png"),
        (413, "body-too-large"): (device, picture(1, 8 * MIB + 1), "image/png"),
        (422, "bad-value"): (f"{device}", picture(1), "image/png"),
    }
    for (status, code), (to, content, kind) in refusals.items():
        note = "n" * 201 if code == "bad-value" else None
        got, said = add(node, to, content, kind, note)
        assert (got, said["code"]) == (status, code), said
    # A JPEG that is called a PNG is none.
    assert add(node, device, JPEG, "image/png")[0] == 415
    assert listed(node) == [] and not (node.state / "blobs").exists()
    assert add(node, device, JPEG, "image/jpeg")[0] == 201
    assert fetch(node, hashed(picture(9)))[1]["code"] == "not-found"


def test_a_viewer_looks_and_adds_nothing(node):
    device = played(node)
    digest = add(node, device, picture(1))[1]["hash"]
    ada = claim(node)
    status, said, _ = ask(
        http.client.HTTPConnection(*node.address, timeout=20), "POST", "/api/v1/users",
        json.dumps({"name": "vera", "role": "viewer", "password": PASSWORD}), "application/json",
        **ada)
    assert status == 201, said
    vera = sign_in(node, "vera")

    def door():
        return http.client.HTTPConnection(*node.address, timeout=20)

    path = f"/api/v1/devices/{device}/snapshots"
    status, said, _ = ask(door(), "POST", path, picture(2), "image/png", **vera)
    assert (status, said["code"]) == (403, "forbidden"), said
    assert ask(door(), "GET", f"/api/v1/snapshots/{digest}", **vera)[1] == picture(1)
    assert ask(door(), "GET", f"/api/v1/snapshots/{digest}")[0] == 401
    # A cookie alone, as a page elsewhere might have a browser send it.
    status, said, _ = ask(
        door(), "POST", path, picture(2), "image/png", Cookie=ada["Cookie"])
    assert status == 403, said
    assert ask(door(), "POST", path, picture(2), "image/png", **ada)[0] == 201


def test_beyond_the_quota_the_oldest_bytes_go_and_their_manifests_stay(node):
    device = played(node)
    pictures = [picture(number, 3 * MIB) for number in range(4)]
    for one in pictures[:3]:
        assert add(node, device, one)[0] == 201
    digests = [hashed(one) for one in pictures]
    assert set(places(node).values()) == {"here"}
    assert add(node, device, pictures[3])[0] == 201
    # Four of 3 MiB are 12.6 MB.
    wanted = dict(zip(digests, ["gone", "here", "here", "here"]))
    assert places(node) == wanted
    status, said, _ = fetch(node, digests[0])
    assert (status, said["code"]) == (404, "snapshot.gone")
    node.stop()
    node.start()
    assert places(node) == wanted
    assert [one["hash"] for one in listed(node)] == digests[::-1]
    # One that comes again is here again, and the oldest of the others goes.
    assert add(node, device, pictures[0])[0] == 201
    assert places(node) == dict(zip(digests, ["here", "gone", "here", "here"]))


def test_bytes_that_the_disk_altered_are_never_given(node):
    device = played(node)
    digest = add(node, device, picture(1))[1]["hash"]
    file = node.state / "blobs" / digest
    content = bytearray(file.read_bytes())
    content[500] ^= 1
    file.write_bytes(content)
    status, said, _ = fetch(node, digest)
    assert (status, said["code"]) == (500, "snapshot.damaged")
    assert places(node) == {digest: "damaged"}
    assert add(node, device, picture(1))[0] == 201
    assert fetch(node, digest)[1] == picture(1)


def test_on_a_full_disk_pictures_go_before_anything_else(tmp_path):
    disk = SmallDisk(tmp_path, "24m", '[retention]\nballast = "100kB"\n')
    try:
        node = disk.daemon.start()
        device = played(node)
        before = node.readings(device=device)
        pictures = [picture(number, 2 * MIB) for number in range(3)]
        for one in pictures:
            assert add(node, device, one)[0] == 201
        disk.fill()
        # Some go at once; the newest is the last to.
        wait_for(lambda: places(node)[hashed(pictures[0])] == "gone", 30, "room made by pictures")
        assert before == node.readings(device=device)
        assert node.get("/api/v1/retention")["went"] == []
        # What is left gives way to the next one, as long as there is any.
        disk.fill()
        status, said = add(node, device, picture(9, 8 * MIB))
        assert (status, said["code"]) == (507, "snapshot.no-room"), said
        assert hashed(picture(9, 8 * MIB)) not in places(node)
        disk.empty()
        assert add(node, device, picture(9, MIB))[0] == 201
        node.finish()
    finally:
        disk.end()


@pytest.fixture
def pair(tmp_path):
    """A hub and a gateway of its site."""
    site = Site(tmp_path)
    hub = site.add("hub", role="hub")
    north = site.add("north", founder=hub)
    yield hub, north
    site.end()


def test_a_hub_lists_what_its_gateways_have(pair):
    hub, north = pair
    device = played(north)
    digest = add(north, device, picture(7), note="roof")[1]["hash"]
    [shown] = wait_for(lambda: listed(hub) or None, 20, "the manifest at the hub")
    own = listed(north)[0]
    assert "gateway" not in own and own["content"] == "here"
    assert (shown["gateway"], shown["content"], shown["note"]) == ("north", "elsewhere", "roof")
    for key in ("hash", "device", "size", "mediaType", "takenUs"):
        assert shown[key] == own[key], key
    status, said, _ = fetch(hub, digest)
    assert (status, said["code"], said["parameters"]["gateway"]) == (
        404, "snapshot.elsewhere", "north")
    wait_for(lambda: hub.devices().get(device), 20, "the device at the hub")
    status, said = add(hub, device, picture(8))
    assert (status, said["code"]) == (409, "snapshot.device-elsewhere"), said
    # After a start it is folded from the disk.
    hub.stop()
    hub.start()
    assert [one["gateway"] for one in listed(hub, device)] == ["north"]


def test_the_command_line_lists_adds_and_fetches(node, tmp_path):
    device = played(node)
    source, target = tmp_path / "roof.jpg", tmp_path / "fetched.jpg"
    source.write_bytes(JPEG + b"roof")
    added = node.command_line("snapshots", "add", device, str(source), "--note", "vents open")
    digest = hashed(source.read_bytes())
    assert digest in added.stdout
    shown = node.command_line("snapshots", device).stdout
    assert digest[:12] in shown and "vents open" in shown and "here" in shown
    assert "ici" in node.command_line("snapshots", language="fr").stdout
    node.command_line("snapshots", "get", digest[:8], str(target))
    assert target.read_bytes() == source.read_bytes()
    again = node.command_line("snapshots", "get", digest[:8], str(target), check=False)
    assert again.returncode == 1
    node.command_line("snapshots", "get", digest, str(target), "--force")
    unknown = node.command_line("snapshots", "get", "ffffffff", str(tmp_path / "x"), check=False)
    assert unknown.returncode == 5
    text = tmp_path / "roof.txt"
    text.write_text("no picture")
    assert node.command_line("snapshots", "add", device, str(text), check=False).returncode == 2
