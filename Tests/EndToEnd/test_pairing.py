"""What goes wrong when two nodes are paired: each has its own words, in both languages, and leaves
the node as it was."""

import socket

import pytest

from daemon import Daemon, wait_for
from moved_clock import MovedClock
from test_sites import invite, peer_states, refused

MINUTE_US, DAY_US = 60_000_000, 86_400_000_000
LISTEN = 'commit_interval = 1\n[sync]\nlisten = ["127.0.0.1:0"]\n'


@pytest.fixture
def make(tmp_path):
    """Daemons, the hub's and the gateway's clocks in the test's hands."""
    made = []

    def start(name, site=None):
        clock = MovedClock(tmp_path / name / "clock")
        node = Daemon(tmp_path / name, LISTEN + f'label = "{name}"\n',
                      environment=clock.environment).start()
        node.clock = clock
        made.append(node)
        if site:
            node.command_line("site", "create", site)
        return node
    yield start
    for node in made:
        node.finish()


def both(node, *arguments):
    """What is said in English and in French, on one line each."""
    return [" ".join(refused(node, *arguments, language=language).split())
            for language in ("en", "fr")]


def belongs(node):
    return node.get("/api/v1/site").get("site") is not None


def test_every_way_of_failing_has_words_of_its_own(make):
    hub, north, other = make("hub", "Green farm"), make("north"), make("other", "Elsewhere")
    said = {}
    made = invite(hub)
    with socket.create_server(("127.0.0.1", 0)) as unused:
        free = unused.getsockname()[1]
    said["unreachable"] = both(north, "peers", "pair", f"http://127.0.0.1:{free}", made["key"])
    said["wrong"] = both(north, "peers", "pair", made["url"], invite(other)["key"])
    # The link is the hub's, and somebody else answers at its address with the same key: it cannot
    # prove that it holds it. A member of another site is told before it gives itself away.
    said["wrong site"] = both(other, "peers", "pair", invite(hub)["link"])
    foreign = made["link"].split(":")
    foreign[2] = invite(other)["link"].split(":")[2]
    said["another site than the link's"] = both(north, "peers", "pair", ":".join(foreign))
    said["itself"] = both(hub, "peers", "pair", invite(hub)["link"])
    short = invite(hub, "--minutes", "1")
    hub.clock.pass_us(2 * MINUTE_US)
    said["expired"] = both(north, "peers", "pair", short["link"])
    assert not belongs(north)
    # What took a quarter of an hour longer is still good: only its own minutes count.
    third = make("third")
    third.command_line("peers", "pair", made["link"])
    said["used"] = both(north, "peers", "pair", made["link"])
    assert not belongs(north)
    expected = {
        "unreachable": ("does not answer", "ne répond pas"),
        "wrong": ("do not hold the same key", "pas la même clé"),
        "wrong site": ("another site", "autre site"),
        "another site than the link's": ("another site", "autre site"),
        "itself": ("called itself", "s’est appelé lui-même"),
        "expired": ("time is over", "le temps de cette invitation est passé"),
        "used": ("as often as it may", "autant qu’elle le peut"),
    }
    assert said.keys() == expected.keys()
    for what, (english, french) in expected.items():
        assert english in said[what][0] and french in said[what][1], (what, said[what])
        # Nobody is told what is true of another case only.
        for others in expected.values():
            if others != expected[what]:
                assert others[0] not in said[what][0], (what, others)
    # A site where somebody may invite is needed, and said.
    assert "belongs to no site" in refused(north, "peers", "invite")


@pytest.mark.parametrize("days", [-400, 2, 18_000])
def test_a_clock_that_is_far_off_is_told_and_the_pairing_holds(make, days):
    hub, north, right = make("hub", "Green farm"), make("north"), make("right")
    north.clock.set(0, days * DAY_US)
    made = invite(hub, "--uses", "2")
    done = north.command_line("peers", "pair", made["link"])
    assert "Green farm" in done.stdout
    assert "more than a day apart" in done.stderr and "bivouac help clock" in done.stderr
    wait_for(lambda: peer_states(north).get("hub") == "even", 20, "a gateway that is even")
    done = right.command_line("peers", "pair", made["link"], language="fr")
    assert "plus d’un jour" not in done.stderr


def test_a_clock_that_is_far_off_is_told_in_french_and_over_the_api(make):
    hub, north = make("hub", "Green farm"), make("north")
    north.clock.set(0, -3 * DAY_US)
    made = invite(hub, "--uses", "2")
    paired = north.post("/api/v1/pairing", {"key": made["link"]})
    assert paired["isClockApart"] is True
    done = north.command_line("peers", "pair", made["link"], language="fr")
    assert "plus d’un jour" in done.stderr
