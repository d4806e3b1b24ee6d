"""One hub, several sites kept apart: a real hub of two sites, a gateway paired with each, and nothing of
the one within the reach of the other."""

import json
import os
import shutil
import sqlite3
import subprocess

import pytest

from access import PASSWORD
from daemon import BINARY, Daemon, wait_for
from signed_in import ask
from site_nodes import Nginx, played, readings

GATEWAY = 'commit_interval = 1\n[sync]\nlabel = "{}"\n'
HUB = ('role = "hub"\ncommit_interval = 1\n[sync]\nlisten = ["127.0.0.1:0"]\nlabel = "hub"\n'
       '[retention]\nballast = "1MB"\n')


class Hub(Daemon):
    """A hub of several sites."""

    def sites(self):
        """What it keeps, by its short name."""
        return {one["place"]: one for one in self.get("/api/v1/sites")["sites"]}

    def served(self, *places):
        """Waits until these are served."""
        wait_for(lambda: all(self.sites()[place]["state"] == "served" for place in places), 20,
                 f"{places} served")

    def port(self):
        """Where it listens for others."""
        return int(self.get("/api/v1/sync")["listening"][0].rsplit(":", 1)[1])

    def invite(self, place=""):
        """An invitation into one of its sites, as a person gets it on the command line."""
        where = ["--site", place] if place else []
        made = self.command_line("peers", "invite", *where, "--json")
        return json.loads(made.stdout)


@pytest.fixture
def start(tmp_path):
    """Starts daemons; a test that fails leaves none of them running."""
    made = []

    def begin(name, kind=Daemon, configuration=None):
        made.append(kind(tmp_path / name, configuration or GATEWAY.format(name)))
        return made[-1].start()

    yield begin
    for node in made:
        if node.process.poll() is None:
            node.kill()


@pytest.fixture
def hub(start):
    """A hub that has founded two sites."""
    running = start("hub", Hub, HUB)
    running.command_line("site", "create", "Ferme du Sud")
    running.command_line("site", "create", "North farm", "--site", "north")
    yield running
    running.finish()


@pytest.fixture
def gateway(start):
    """Starts gateways that are paired by what an invitation shows, and nothing else."""

    def begin(name, link):
        node = start(name)
        node.command_line("peers", "pair", link)
        return node

    return begin


def everything(state):
    """Every byte of a state folder's databases."""
    return b"".join(path.read_bytes() for path in sorted(state.glob("bivouac.db*")))


def test_two_gateways_of_two_sites_and_nothing_crosses(hub, gateway):
    south = gateway("south", hub.invite()["link"])
    made = hub.invite("north")
    assert made["url"] == f"http://127.0.0.1:{hub.port()}/site/north"
    north = gateway("north-gate", made["link"])
    of_south, of_north = played(south), played(north)
    south.command_line("devices", "name", of_south, "serre-du-sud")
    north.command_line("devices", "name", of_north, "north-barn")

    def known(place):
        return {one["id"]: one.get("name") for one in hub.get(f"/site/{place}/api/v1/devices")}

    def have_both():
        return (known("main") == {of_south: "serre-du-sud"}
                and known("north") == {of_north: "north-barn"})

    wait_for(have_both, 20, "each device at its own site")
    wait_for(lambda: readings_at(hub, "main", of_south) == readings(south, of_south)
             and readings_at(hub, "north", of_north) == readings(north, of_north), 20,
             "each reading at its own site")
    assert readings(south, of_south) and readings(north, of_north)
    # Not even bytes of the other: neither in what is shown nor in what is stored.
    assert hub.request("GET", f"/api/v1/devices/{of_north}")[0] == 404
    assert hub.request("GET", f"/site/north/api/v1/devices/{of_south}")[0] == 404
    hub.kill()
    assert of_north.encode() not in everything(hub.state)
    assert b"north-barn" not in everything(hub.state)
    assert b"serre-du-sud" not in everything(hub.state / "sites/north")
    assert b"north-barn" in everything(hub.state / "sites/north")

    # After kill -9 both are served again, and both gateways come back by themselves.
    was = hub.configuration.read_text().replace("127.0.0.1:0", f"127.0.0.1:{sync_port(made)}")
    hub.configuration.write_text(was)
    hub.start()
    hub.served("main", "north")
    assert have_both()
    for node, of_node, place, name in ((south, of_south, "main", "serre"),
                                       (north, of_north, "north", "barn")):
        node.command_line("devices", "name", of_node, name)
        wait_for(lambda: known(place)[of_node] == name, 40, "a name that came after the restart")
        node.finish()


def sync_port(invitation):
    return int(invitation["url"].split(":")[2].split("/")[0])


def readings_at(hub, place, device):
    """Every stored reading of a device at one site of the hub."""
    page = hub.get(f"/site/{place}/api/v1/readings?device={device}&limit=10000")
    return sorted((item["epoch"], item["seq"], item["channel"], item["value"])
                  for item in page["readings"])


def test_a_gateway_of_one_site_is_nobody_at_the_other(hub, gateway, start):
    south = gateway("south", hub.invite()["link"])
    wait_for(lambda: hub.get("/api/v1/sync")["peers"][0]["state"] == "called", 20, "a session")
    south.post("/api/v1/peers", {"url": f"http://127.0.0.1:{hub.port()}/site/north"})

    def codes():
        peers = south.get("/api/v1/sync")["peers"]
        return {peer["url"]: peer.get("code") for peer in peers if peer.get("url")}

    wrong = f"http://127.0.0.1:{hub.port()}/site/north"
    wait_for(lambda: codes().get(wrong), 20, "a refusal")
    assert codes()[wrong] in ("site", "membership")
    assert hub.get("/site/north/api/v1/sync")["peers"] == []
    # Nor does an invitation of the one open the other.
    key = hub.invite("north")["key"]
    other = start("other")
    said = other.command_line(
        "peers", "pair", f"http://127.0.0.1:{hub.port()}", key, check=False)
    assert said.returncode == 1 and "same key" in said.stderr
    for node in (south, other):
        node.finish()


def claim_at(hub, path, name):
    """Claims a site over TCP: the cookie and its secret."""
    code = hub.get(f"{path}/api/v1/status")["access"]["claimCode"]
    status, said, headers = ask(hub, "POST", f"{path}/api/v1/claim", {
        "code": code, "user": name, "password": PASSWORD})
    assert status == 200, (status, said)
    return {"Cookie": headers["Set-Cookie"].split(";")[0], "X_Bivouac_CSRF": said["csrf"]}


def status_of(hub, path, **headers):
    return ask(hub, "GET", f"{path}/api/v1/status", **headers)[0]


def test_sessions_tokens_and_people_of_one_site_are_worth_nothing_at_the_other(hub):
    south_code = hub.get("/api/v1/status")["access"]["claimCode"]
    assert ask(hub, "POST", "/site/north/api/v1/claim", {
        "code": south_code, "user": "eve", "password": PASSWORD})[0] == 403
    ada, bob = claim_at(hub, "", "ada"), claim_at(hub, "/site/north", "bob")
    assert ada["Cookie"].split("=")[0] != bob["Cookie"].split("=")[0]
    assert status_of(hub, "", **ada) == 200 and status_of(hub, "/site/north", **bob) == 200
    assert status_of(hub, "/site/north", **ada) == 401 and status_of(hub, "", **bob) == 401
    # The same secret under the other's name does not help, nor does the other's password.
    forged = dict(ada, Cookie=bob["Cookie"].split("=")[0] + "=" + ada["Cookie"].split("=")[1])
    assert status_of(hub, "/site/north", **forged) == 401
    assert ask(hub, "POST", "/site/north/api/v1/session", {
        "user": "ada", "password": PASSWORD})[0] == 401
    assert ask(hub, "PUT", "/site/north/api/v1/silence", {"ms": 0}, **ada)[0] == 401
    token = hub.post("/api/v1/tokens", {"name": "south", "permissions": ["read", "metrics"]})
    bearer = {"Authorization": "Bearer " + token["secret"]}
    assert status_of(hub, "", **bearer) == 200
    assert status_of(hub, "/site/main", **bearer) == 200
    for path in ("status", "devices", "users", "sites"):
        assert ask(hub, "GET", f"/site/north/api/v1/{path}", **bearer)[0] == 401, path
    assert ask(hub, "GET", "/site/north/metrics", **bearer)[0] == 401
    # Roles are of one site: who administers the one does not even see that there is the other.
    seen = ask(hub, "GET", "/api/v1/sites", **ada)[1]
    assert [one["place"] for one in seen["sites"]] == ["main"]
    assert "sites" not in ask(hub, "GET", "/api/v1/status", **ada)[1]
    assert ask(hub, "POST", "/api/v1/sites", {"place": "mine"}, **ada)[0] == 403
    # Somebody who has signed in at both is told of both.
    both = dict(ada, Cookie=ada["Cookie"] + "; " + bob["Cookie"])
    seen = ask(hub, "GET", "/api/v1/sites", **both)[1]
    assert [(one["place"], one["path"], one["name"]) for one in seen["sites"]] == [
        ("main", "/", "Ferme du Sud"), ("north", "/site/north/", "North farm")]


def test_a_site_is_made_listed_and_refused_where_it_cannot_be(hub, start):
    listed = hub.command_line("site", "list").stdout
    assert "main" in listed and "North farm" in listed and "served" in listed
    assert "North farm" in hub.command_line("status").stdout
    assert "North farm" in hub.command_line("site", "--site", "north").stdout
    hub.environment["BIVOUAC_SITE"] = "north"
    assert "North farm" in hub.command_line("site").stdout
    del hub.environment["BIVOUAC_SITE"]

    def refused(code, *words, node=hub):
        said = node.command_line(*words, check=False)
        assert said.returncode == code and said.stdout == "", (words, said)
        return said.stderr

    assert "already" in refused(1, "site", "add", "north")
    assert "already" in refused(1, "site", "add", "main")
    assert "already" in refused(1, "site", "create", "Again", "--site", "north")
    assert "no site elsewhere" in refused(5, "status", "--site", "elsewhere")
    assert "short name" in refused(2, "site", "add", "Not A Name")
    assert "short name" in refused(2, "status", "--site", "../main")
    for path in ("/site/elsewhere/api/v1/status", "/site/%6eorth/api/v1/status", "/site//api/v1/status",
                 "/site/north/site/main/api/v1/status", "/site/../site/x/metrics"):
        assert hub.request("GET", path)[0] == 404, path
    assert hub.request("POST", "/site/elsewhere/sync/1/hello", {})[0] == 404
    plain = start("plain")
    assert "only a hub" in refused(1, "site", "add", "second", node=plain)
    assert "sites" not in plain.get("/api/v1/status")
    assert not (plain.state / "sites").exists()
    assert [one["place"] for one in plain.get("/api/v1/sites")["sites"]] == ["main"]
    plain.finish()


def test_there_is_a_number_of_sites_beyond_which_one_more_is_refused(start):
    hub = start("hub", Hub, HUB)
    most = hub.get("/api/v1/sites")["sitesMax"]
    assert most == 32
    for number in range(1, most):
        hub.post("/api/v1/sites", {"place": f"s{number}"})
    status, said = hub.request("POST", "/api/v1/sites", {"place": "one-more"})
    assert (status, said["code"]) == (409, "too-many") and not (hub.state / "sites/one-more").exists()
    (hub.state / "sites/zz-by-hand").mkdir()
    hub.stop()
    hub.start()
    hub.served(*(f"s{number}" for number in range(1, most)))
    assert "zz-by-hand" not in hub.sites()
    status = hub.get("/api/v1/status")
    assert [notice["code"] for notice in status["notices"]] == ["hub.left-out"]
    hub.stop()
    hub.assert_no_lag(status["loop"])


def spoil(state):
    """Makes a database that no daemon can open."""
    for path in state.glob("bivouac.db-*"):
        path.unlink()
    (state / "bivouac.db").write_bytes(os.urandom(8192))


@pytest.mark.parametrize("broken", ["north", "main"])
def test_a_broken_site_stops_no_other_and_says_so(hub, broken):
    whole, path = ("main", "") if broken == "north" else ("north", "/site/north")
    ada = claim_at(hub, path, "ada")
    hub.stop()
    spoil(hub.state / "sites/north" if broken == "north" else hub.state)
    hub.start(ready=False)
    wait_for(lambda: hub.log and answers(hub) and hub.sites()[whole]["state"] == "served", 20,
             "the whole one")
    wait_for(lambda: hub.sites()[broken]["state"] == "failed", 20, "the broken one seen as such")
    assert hub.sites()[broken]["problem"]["code"].startswith("storage.")
    said = hub.command_line("site", "list").stdout
    assert "not served" in said and "bivouac.db" in said
    refused = hub.command_line("status", "--site", broken, check=False)
    assert refused.returncode == 1 and f"site {broken} is not served" in refused.stderr
    assert "pas servi" in hub.command_line(
        "status", "--site", broken, language="fr", check=False).stderr
    # The whole one does all that it did; of the other strangers hear that, and not why.
    assert hub.get(f"/site/{whole}/api/v1/status")["storage"]["state"] == "recording"
    hub.access = None
    host = hub.get(f"/site/{whole}/api/v1/status")["http"]["addresses"][0].split("/")[0]
    assert over(host, f"{path}/api/v1/status", ada["Cookie"])[0] == 200
    status, text = over(host, f"/site/{broken}/api/v1/status", ada["Cookie"])
    assert status == 503 and "bivouac.db" not in text and "hub.not-served" in text
    assert any("site.not-served" in line for line in hub.log)
    hub.stop()


def test_a_copied_folder_is_no_second_site(hub):
    hub.stop()
    shutil.copytree(hub.state / "sites/north", hub.state / "sites/south")
    hub.start()
    hub.served("north")
    found = wait_for(lambda: hub.sites()["south"].get("problem"), 20, "a refusal")
    assert found["code"] == "hub.same-node" and found["parameters"]["other"] == "north"


def answers(hub):
    try:
        return hub.request("GET", "/api/v1/sites")[0] == 200
    except OSError:
        return False


def over(host, path, cookie):
    """One GET over TCP: status and text."""
    said = subprocess.run(
        ["curl", "-s", "-w", "\n%{http_code}", "-H", f"Cookie: {cookie}", f"http://{host}{path}"],
        capture_output=True, text=True, check=True).stdout
    text, _, status = said.rpartition("\n")
    return int(status), text


def test_each_site_has_its_metrics_and_its_page_also_behind_a_proxy(hub, start, tmp_path):
    bob = claim_at(hub, "/site/north", "bob")
    token = hub.post("/site/north/api/v1/tokens", {"name": "m", "permissions": ["metrics"]})
    lines = metrics(hub, "/site/north", token["secret"])
    assert lines and all('{site="north"' in line for line in lines)
    plain = start("plain")
    secret = plain.post("/api/v1/tokens", {"name": "m", "permissions": ["metrics"]})["secret"]
    assert not [line for line in metrics(plain, "", secret) if "site=" in line]
    plain.finish()
    host = hub.get("/api/v1/status")["http"]["addresses"][0]
    with Nginx(tmp_path, int(host.rsplit(":", 1)[1])) as proxy:
        bare = f"127.0.0.1:{proxy.port}/bivouac/site/north"
        moved = subprocess.run(
            ["curl", "-s", "-L", "-o", "/dev/null", "-w", "%{http_code} %{url_effective}",
             "-H", f"Host: {host}", f"http://{bare}"], capture_output=True, text=True, check=True)
        assert moved.stdout == f"200 http://{bare}/"
        text = subprocess.run(
            ["curl", "-s", "-H", f"Host: {host}", "-H", f"Cookie: {bob['Cookie']}",
             f"http://{bare}/api/v1/site"], capture_output=True, text=True, check=True).stdout
        assert json.loads(text)["name"] == "North farm"


def metrics(node, path, secret):
    """The samples of a metrics page."""
    host = node.get("/api/v1/status")["http"]["addresses"][0]
    text = subprocess.run(
        ["curl", "-sf", "-H", f"Authorization: Bearer {secret}", f"http://{host}{path}/metrics"],
        capture_output=True, text=True, check=True).stdout
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_a_gateway_pairs_with_a_site_through_a_proxy(hub, gateway, tmp_path):
    with Nginx(tmp_path, hub.port()) as proxy:
        url = f"{proxy.url}/bivouac"
        made = json.loads(hub.command_line(
            "peers", "invite", "--site", "north", "--url", url, "--json").stdout)
        assert made["url"] == f"{url}/site/north"
        node = gateway("north-gate", made["link"])
        wait_for(lambda: [p["state"] for p in node.get("/api/v1/sync")["peers"]] == ["even"], 20,
                 "a gateway that is even")
        node.finish()


def test_stored_state_of_one_site_is_verified_and_copied_alone(hub, tmp_path):
    hub.stop()
    for words in (["verify"], ["backup", str(tmp_path / "copy.db")]):
        done = subprocess.run(
            [str(BINARY), *words, "--state", str(hub.state), "--config", str(hub.configuration),
             "--site", "north"], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done
    copy = sqlite3.connect(tmp_path / "copy.db")
    theirs = sqlite3.connect(hub.state / "sites/north/bivouac.db")
    count = "SELECT count(*) FROM journal"
    assert copy.execute(count).fetchone() == theirs.execute(count).fetchone()
    refused = subprocess.run(
        [str(BINARY), "run", "--site", "north", "--state", str(hub.state)], capture_output=True,
        text=True, timeout=60, check=False)
    assert refused.returncode == 2 and "--site" in refused.stderr
