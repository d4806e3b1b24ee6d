"""TLS of our own, between real daemons: pinned keys, authorities, and who stands in between."""

import json
import os
import re
import socket
import ssl
import stat
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest

from access import PASSWORD
from certificates import Authority, Between, self_signed, shown_pin
from daemon import Daemon, Simulation, wait_for
from test_sites import peer_states, refused

TLS = '[sync]\nlisten = ["127.0.0.1:0"]\ntls = true\n'


def sync_port(node):
    listening = node.get("/api/v1/sync")["listening"][0]
    return int(listening.rpartition(":")[2])


def reason(node, label="hub"):
    peers = json.loads(node.command_line("sync", "--json").stdout)["peers"]
    return next((p.get("code") for p in peers if p["label"] == label or not p.get("node")), None)


@pytest.fixture
def make(tmp_path):
    made = []

    def start(name, configuration):
        node = Daemon(tmp_path / name, f'commit_interval = 1\n{configuration}'
                      f'[simulation]\nallow = true\n').start()
        made.append(node)
        return node
    yield start
    for node in made:
        node.finish()


@pytest.fixture
def hub(make):
    node = make("hub", TLS + 'label = "hub"\n')
    node.command_line("site", "create", "Green farm")
    return node


@pytest.fixture
def north(make):
    return make("north", '[sync]\nlabel = "north"\n')


def invite(node, *arguments):
    return json.loads(node.command_line("peers", "invite", *arguments, "--json").stdout)


def with_port(url, port):
    """The same address, and its pin, elsewhere on this machine."""
    return re.sub(r"(https://[^:/#]+:)[0-9]+", rf"\g<1>{port}", url)


def test_a_gateway_joins_and_exchanges_over_tls_by_the_pin_alone(hub, north):
    port = sync_port(hub)
    pin = shown_pin(port)
    assert hub.get("/api/v1/sync")["pin"] == pin and pin in hub.command_line("sync").stdout
    made = invite(hub)
    assert made["url"] == f"https://127.0.0.1:{port}#pin={pin}" and made["link"].endswith(pin)
    assert made["qr"]
    assert "Green farm" in north.command_line("peers", "pair", made["link"]).stdout
    wait_for(lambda: peer_states(north).get("hub") == "even", 20, "a gateway that is even")
    simulation = Simulation(north)
    device = wait_for(
        lambda: next((d["id"] for d in north.get("/api/v1/devices")
                      if any(c.get("last") for c in d["channels"])), None), 20, "a board")
    wait_for(lambda: hub.readings(device=device, last=1), 20, "a reading at the hub")
    simulation.end()
    # The key is for this daemon alone, and not in its log; the gateway keeps the pin, and shows it.
    file = hub.state / "tls.pem"
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    secret = file.read_text().splitlines()[1]
    assert not [line for line in hub.log if secret in line or "PRIVATE" in line]
    assert f"https://127.0.0.1:{port}#pin={pin} " in (north.state / "peers").read_text()
    assert f"#pin={pin}" in north.command_line("peers", "list").stdout
    # The same key after a restart: nobody has to pair again.
    hub.stop()
    hub.configuration.write_text(hub.configuration.read_text().replace(
        "127.0.0.1:0", f"127.0.0.1:{port}"))
    hub.start()
    assert shown_pin(port) == pin
    wait_for(lambda: peer_states(north).get("hub") == "even", 30, "even again")


def test_without_the_pin_a_self_signed_certificate_is_not_believed(hub, north):
    made = invite(hub, "--pin", "none")
    assert "#" not in made["url"] and "#" not in made["link"]
    said = refused(north, "peers", "pair", made["link"])
    assert "no authority" in said and "link" in said and "clock" in said
    said = refused(north, "peers", "pair", made["link"], language="fr")
    assert "aucune autorité" in said and "--pin" not in said.split("certificat")[0]
    # The pin that the hub shows, given beside the address, is as good as the link.
    pin = hub.get("/api/v1/sync")["pin"]
    north.command_line("peers", "pair", made["url"], made["key"], "--pin", pin)
    wait_for(lambda: peer_states(north).get("hub") == "even", 20, "a gateway that is even")


def test_a_wrong_pin_is_told_by_itself_and_nothing_was_said(hub, north, tmp_path):
    made = invite(hub)
    other = shown_pin_of(self_signed(tmp_path, "other"))
    wrong = made["link"].split("#")[0] + "#pin=" + other
    said = refused(north, "peers", "pair", wrong)
    assert "another key" in said and "--pin" in said and "in between" in said
    assert "une autre clé" in refused(north, "peers", "pair", wrong, language="fr")
    assert north.get("/api/v1/site").get("site") is None
    # The invitation was not used up, nor counted as tried.
    north.command_line("peers", "pair", made["link"])
    for bad in ["sha256//AAAA", "AAAA", other[:-1]]:
        assert "pins no key" in refused(
            north, "peers", "add", made["url"].split("#")[0], "--pin", bad)
    assert "n’est pas une empreinte" in refused(
        north, "peers", "add", "http://127.0.0.1:9", "--pin", other, language="fr")


def shown_pin_of(file):
    """The pin of a file's certificate."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)

        def serve():
            near, _ = listener.accept()
            try:
                context.wrap_socket(near, server_side=True).close()
            except OSError:
                pass
        threading.Thread(target=serve, daemon=True).start()
        return shown_pin(listener.getsockname()[1])


def test_a_man_in_the_middle_is_refused_and_reads_nothing(hub, north, tmp_path):
    made = invite(hub)
    between = Between(self_signed(tmp_path, "mallory"), sync_port(hub))
    try:
        # He does carry what nobody checks: so it is the pin that stops him.
        unverified = ssl._create_unverified_context()  # pylint: disable=protected-access
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"https://127.0.0.1:{between.own_port}/sync/1/hello",
                                   context=unverified, timeout=10)
        assert b"/sync/1/hello" in between.seen
        between.seen = b""
        link = with_port(made["link"], between.own_port)
        assert "another key" in refused(north, "peers", "pair", link)
        assert between.came >= 2 and between.seen == b""
        # Nor later, where he takes the place of a hub that is known.
        north.command_line("peers", "pair", made["link"])
        url = with_port(made["url"], between.own_port)
        north.command_line("peers", "add", url)
        wait_for(lambda: reason(north, "") == "wrong-pin", 20, "a reason")
        assert between.seen == b""
        said = " ".join(north.command_line("sync").stdout.split())
        assert "another key than the pinned one" in said
        said = " ".join(north.command_line("sync", language="fr").stdout.split())
        assert "une autre clé que celle de l’empreinte" in said
    finally:
        between.close()


def test_a_hub_with_a_new_certificate_is_met_again_by_its_new_pin(hub, north):
    made = invite(hub)
    north.command_line("peers", "pair", made["link"])
    wait_for(lambda: peer_states(north).get("hub") == "even", 20, "a gateway that is even")
    port = sync_port(hub)
    hub.stop()
    (hub.state / "tls.pem").unlink()
    hub.configuration.write_text(hub.configuration.read_text().replace(
        "127.0.0.1:0", f"127.0.0.1:{port}"))
    hub.start()
    wait_for(lambda: reason(north) == "wrong-pin", 30, "a key that is not the pinned one")
    pin = hub.get("/api/v1/sync")["pin"]
    assert pin != made["url"].split("#pin=")[1]
    north.command_line("peers", "add", f"https://127.0.0.1:{port}", "--pin", pin)
    wait_for(lambda: peer_states(north).get("hub") == "even", 30, "even again")
    lines = (north.state / "peers").read_text().splitlines()
    assert len(lines) == 1 and pin in lines[0]


def test_plain_http_and_tls_that_meet_say_so(hub, north, make):
    made = invite(hub)
    port = sync_port(hub)
    said = refused(north, "peers", "pair", f"http://127.0.0.1:{port}", made["key"])
    assert "speaks TLS" in said and "https://" in said
    assert "parle TLS" in refused(
        north, "peers", "pair", f"http://127.0.0.1:{port}", made["key"], language="fr")
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10)
    assert answer.value.code == 400 and b"https://" in answer.value.read()
    plain = make("plain", '[sync]\nlisten = ["127.0.0.1:0"]\n')
    plain.command_line("site", "create", "Elsewhere")
    assert not (plain.state / "tls.pem").exists() and "pin" not in plain.get("/api/v1/sync")
    there = invite(plain)
    url = there["url"].replace("http://", "https://")
    said = refused(north, "peers", "pair", url, there["key"])
    assert "does not speak TLS" in said and "http://" in said
    assert "ne parle pas TLS" in refused(
        north, "peers", "pair", url, there["key"], language="fr")


def test_a_certificate_of_an_authority_needs_no_pin(make, tmp_path):
    authority = Authority(tmp_path)
    key, certificate = authority.sign()
    hub = make("hub", f'[tls]\ncertificate = "{certificate}"\nkey = "{key}"\n'
               + TLS + 'label = "hub"\n')
    hub.command_line("site", "create", "Green farm")
    assert "pin" not in hub.get("/api/v1/sync") and not (hub.state / "tls.pem").exists()
    made = invite(hub)
    assert made["url"] == f"https://127.0.0.1:{sync_port(hub)}"
    knows = make("knows", f'[tls]\nauthorities = "{authority.file}"\n[sync]\nlabel = "knows"\n')
    knows.command_line("peers", "pair", made["link"])
    wait_for(lambda: peer_states(knows).get("hub") == "even", 20, "a gateway that is even")
    doubts = make("doubts", '[sync]\nlabel = "doubts"\n')
    assert "no authority" in refused(doubts, "peers", "pair", invite(hub)["link"])


@pytest.mark.parametrize("broken", ["missing", "foreign", "nonsense"])
def test_a_certificate_that_cannot_be_used_is_told_and_nobody_is_let_in_without(
        make, tmp_path, broken):
    authority = Authority(tmp_path)
    key, certificate = authority.sign()
    if broken == "missing":
        certificate = tmp_path / "gone.crt"
    elif broken == "foreign":
        key = tmp_path / "ca.key"
    else:
        certificate.write_text("no certificate\n")
    hub = make("hub", f'[tls]\ncertificate = "{certificate}"\nkey = "{key}"\n' + TLS)
    problems = {n["code"]: n for n in hub.get("/api/v1/status")["notices"]}
    assert str(tmp_path) in problems["tls.unusable"]["detail"], problems
    assert hub.get("/api/v1/sync")["listening"] == []
    said = " ".join(hub.command_line("status", language="fr").stdout.split())
    assert "ne donne pas de certificat" in said


def test_a_silent_or_slow_client_holds_nothing_up_and_is_let_go(hub, north):
    """Handshakes that do not go on: others are answered, the loop turns, and these are closed."""
    port = sync_port(hub)
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
    half = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
    for connection in half:
        connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00")     # a client hello that ends there
    began = time.monotonic()
    assert shown_pin(port) == hub.get("/api/v1/sync")["pin"]
    north.command_line("peers", "pair", invite(hub)["link"])
    wait_for(lambda: peer_states(north).get("hub") == "even", 20, "a gateway that is even")
    for connection in half:
        connection.settimeout(45)
        try:
            while connection.recv(4096):
                pass
        except ConnectionResetError:
            pass
    took = time.monotonic() - began
    assert 20 < took < 45, took     # after the 30 s that a request may take, swept every 5 s
    for connection in silent + half:
        connection.close()


def test_the_page_is_served_by_tls_with_a_cookie_that_stays_there(make):
    node = make("hub", '[http]\nhttps = ["127.0.0.1:0"]\n')
    addresses = node.get("/api/v1/status")["http"]["addresses"]
    url = next(a for a in addresses if a.startswith("https://"))
    assert any(not a.startswith("https://") for a in addresses)
    context = ssl.create_default_context(cadata=ssl.get_server_certificate(
        ("127.0.0.1", int(url.rpartition(":")[2]))))
    context.check_hostname = False

    def ask(path, body=None, **headers):
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(url + path, data, headers)
        return urllib.request.urlopen(request, context=context, timeout=10)

    assert b"<!doctype html" in ask("/").read().lower()
    with pytest.raises(urllib.error.HTTPError) as refusal:
        ask("/api/v1/devices")
    assert refusal.value.code == 401
    node.access.user("admin")
    answer = ask("/api/v1/session", {"user": "admin", "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]
    assert "; Secure" in cookie and "HttpOnly" in cookie, cookie
    assert ask("/api/v1/devices", Cookie=cookie.split(";")[0]).status == 200
    # Another page's, and another name's, are refused as they are on loopback.
    for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"},
                    {"Origin": "https://127.0.0.1:1"}):
        with pytest.raises(urllib.error.HTTPError) as refusal:
            ask("/api/v1/session", {"user": "admin", "password": PASSWORD}, **headers)
        assert refusal.value.code == 403, headers
    assert ask("/api/v1/session", {"user": "admin", "password": PASSWORD}, Origin=url).status < 300
    # Other nodes come in there too.
    node.command_line("site", "create", "Green farm")
    made = invite(node)
    assert made["url"].startswith(url + "#pin=sha256//")
    north = make("north", '[sync]\nlabel = "north"\n')
    north.command_line("peers", "pair", made["link"])
    wait_for(lambda: "even" in peer_states(north).values(), 20, "a gateway that is even")


def test_what_is_old_in_tls_is_not_spoken(hub):
    port = sync_port(hub)
    for version, works in (("-tls1_1", False), ("-tls1_2", True), ("-tls1_3", True)):
        result = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", version, "-cipher",
             "ALL:@SECLEVEL=0"], input=b"", capture_output=True, timeout=20, check=False)
        assert (b"BEGIN CERTIFICATE" in result.stdout) == works, (version, result)
