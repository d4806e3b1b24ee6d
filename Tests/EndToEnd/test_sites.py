"""Sites, pairing and bundles on the command line, between two real daemons."""

import json
import socket
import subprocess

import pytest

from daemon import BINARY, Daemon, wait_for
from site_nodes import played, port, readings


@pytest.fixture
def nodes(tmp_path):
    """A hub that has founded a site, and a gateway that belongs to none."""
    made = [Daemon(tmp_path / name, f'commit_interval = 1\n[sync]\nlisten = ["127.0.0.1:0"]\n'
                   f'label = "{name}"\n').start() for name in ("hub", "north")]
    made[0].site_key = made[0].command_line("site", "create", "Green farm").stdout.strip()
    yield made
    for node in made:
        node.finish()


def invite(node, *arguments):
    """What an invitation says, as a program reads it."""
    url = f"http://127.0.0.1:{port(node)}"
    made = node.command_line("peers", "invite", "--url", url, *arguments, "--json")
    return json.loads(made.stdout)


def refused(node, *arguments, language="en", typed=None):
    """What stderr says of something that does not work; nothing is on stdout."""
    result = subprocess.run(
        [str(BINARY), *arguments, "--lang", language, "--socket", str(node.socket)],
        env=node.environment, capture_output=True, text=True, timeout=60, input=typed or "")
    assert result.returncode not in (0, 2) and result.stdout == "", (arguments, result)
    return result.stderr


def peer_states(node):
    peers = json.loads(node.command_line("sync", "--json").stdout)["peers"]
    return {p["label"]: p["state"] for p in peers}


def test_a_site_is_founded_once_and_its_key_is_shown_once(nodes):
    hub, north = nodes
    assert len(hub.site_key.replace("-", "")) == 56
    shown = hub.command_line("site").stdout
    assert "Green farm" in shown and "hub" in shown and hub.site_key not in shown
    assert not (hub.state / "site.key").exists()
    assert "Green farm already" in refused(hub, "site", "create", "Another")
    assert "n’est d’aucun site" in refused(north, "peers", "invite", language="fr")
    assert "belongs to no site" in north.command_line("site").stdout


@pytest.mark.parametrize("way", ["link", "words", "stdin"])
def test_a_node_joins_by_link_by_address_and_key_or_by_a_key_on_stdin(nodes, way):
    hub, north = nodes
    made = invite(hub)
    assert made["qr"] and made["link"].startswith("bivouac:1:")
    if way == "link":
        said = north.command_line("peers", "pair", made["link"]).stdout
    elif way == "words":
        said = north.command_line("peers", "pair", made["url"], made["key"].lower()).stdout
    else:
        said = subprocess.run(
            [str(BINARY), "peers", "pair", made["url"], "--socket", str(north.socket)],
            env=north.environment, capture_output=True, text=True, timeout=60,
            input=made["key"] + "\n", check=True).stdout
    assert "Green farm" in said and "hub" in said
    wait_for(lambda: peer_states(north).get("hub") == "even", 20, "a gateway that is even")
    wait_for(lambda: peer_states(hub).get("north") == "called", 20, "a hub that is called")
    labels = {m["label"] for m in json.loads(hub.command_line("peers", "--json").stdout)["members"]}
    assert labels == {"hub", "north"}


def test_a_wrong_a_used_and_a_withdrawn_key_are_told_apart(nodes, tmp_path):
    hub, north = nodes
    made = invite(hub)
    # A key of another invitation of another node: whole in itself, and not this one's.
    other = Daemon(tmp_path / "other", '[sync]\nlisten = ["127.0.0.1:0"]\n').start()
    other.command_line("site", "create", "Elsewhere")
    foreign = invite(other)
    assert "do not hold the same key" in refused(
        north, "peers", "pair", made["url"], foreign["key"])
    slip = made["key"][:-1] + ("0" if made["key"][-1] != "0" else "1")
    assert "pas la même clé" in refused(
        north, "peers", "pair", made["url"], slip, language="fr")
    north.command_line("peers", "pair", made["link"])
    assert "as often as it may" in refused(other, "peers", "pair", made["url"], made["key"])
    # A member of one site joins no other.
    second = invite(hub)
    assert "another site" in refused(other, "peers", "pair", second["link"])
    other.finish()


def test_who_does_not_answer_is_named_with_what_to_look_at(nodes):
    hub, north = nodes
    with socket.create_server(("127.0.0.1", 0)) as unused:
        free = unused.getsockname()[1]
    made = invite(hub)
    said = refused(north, "peers", "pair", f"http://127.0.0.1:{free}", made["key"])
    assert f"127.0.0.1:{free}" in said and "does not answer" in said and "listen" in said
    wrong = north.command_line("peers", "pair", "hub.example", made["key"], check=False)
    assert wrong.returncode == 2 and "http://" in wrong.stderr


def test_the_site_key_gives_a_node_its_rights_again(nodes):
    hub, north = nodes
    north.command_line("peers", "pair", invite(hub)["link"])
    typed = refused(north, "site", "recover", typed="AAAA-AAAA\n")
    assert "not the key" in typed
    done = subprocess.run(
        [str(BINARY), "site", "recover", "--socket", str(north.socket)], env=north.environment,
        capture_output=True, text=True, timeout=60, input=hub.site_key + "\n", check=False)
    assert done.returncode == 0, done
    members = json.loads(north.command_line("site", "--json").stdout)["members"]
    assert "grant" in next(m for m in members if m["isSelf"])["scopes"]


def test_a_revoked_node_is_shut_out_and_seen_so(nodes):
    hub, north = nodes
    north.command_line("peers", "pair", invite(hub)["link"])
    wait_for(lambda: peer_states(north).get("hub") == "even", 20, "a gateway that is even")
    said = hub.command_line("peers", "revoke", "north", "--reason", "stolen").stdout
    assert "has no rights" in said
    members = json.loads(hub.command_line("site", "--json").stdout)["members"]
    shown = {m["label"]: m["scopes"] for m in members}
    assert shown.get("north", []) == [] and shown["hub"]
    north.command_line("sync", "now")
    wait_for(lambda: peer_states(north).get("hub") == "unreachable", 20, "a node that is shut out")
    assert "knows" not in refused(hub, "peers", "revoke", "nobody")


def test_records_travel_as_a_file_and_twice_is_once(nodes, tmp_path):
    hub, north = nodes
    north.command_line("peers", "pair", invite(hub)["link"])
    wait_for(lambda: peer_states(north).get("hub") == "even", 20, "a gateway that is even")
    north.command_line("peers", "remove", "hub")
    device = played(north)
    bundle = tmp_path / "north.bundle"
    north.command_line("sync", "export", str(bundle))
    assert bundle.read_bytes().startswith(b"bivouac bundle 1\n")
    assert "already" in refused(north, "sync", "export", str(bundle))
    cut = tmp_path / "cut.bundle"
    cut.write_bytes(bundle.read_bytes()[:-200])
    first = json.loads(hub.command_line("sync", "import", str(cut), "--json").stdout)
    assert first["ending"] == "cut" and first["kept"] > 0
    rest = json.loads(hub.command_line("sync", "import", str(bundle), "--json").stdout)
    assert rest["ending"] == "whole" and rest["dropped"] == 0
    assert readings(hub, device) == readings(north, device)
    checked = subprocess.run(
        [str(BINARY), "verify", "--state", str(hub.state), "--json"], capture_output=True,
        text=True, timeout=60, check=True)
    found = json.loads(checked.stdout)
    assert 0 < found["othersCommits"] <= found["commits"], found
    assert 0 < found["othersEntries"] < found["entries"], found
    # The receipt that lies beside it is the hub's word, and no proof.
    receipt = tmp_path / "north.bundle.receipt"
    told = json.loads(north.command_line("sync", "import", str(receipt), "--json").stdout)
    assert told["acknowledged"] > 0 and "receipt" not in told
    said = north.command_line("sync", "import", str(receipt), language="fr").stdout
    assert "ne l\u2019a pas prouvé" in " ".join(said.split())
    receipt.write_bytes(receipt.read_bytes()[:-1] + b"!")
    assert "signature fails" in refused(north, "sync", "import", str(receipt))
    again = json.loads(hub.command_line("sync", "import", str(bundle), "--json").stdout)
    assert again["kept"] == 0 and again["known"] >= first["kept"] + rest["kept"]
    assert readings(hub, device) == readings(north, device)


def test_a_bundle_of_another_site_and_what_is_none_are_refused(nodes, tmp_path):
    hub, north = nodes
    north.command_line("site", "create", "Elsewhere")
    bundle = tmp_path / "elsewhere.bundle"
    north.command_line("sync", "export", str(bundle))
    assert "another site" in refused(hub, "sync", "import", str(bundle))
    bundle.write_text("id,time,value\n")
    assert "pas un d’enregistrements" in refused(
        hub, "sync", "import", str(bundle), language="fr")
