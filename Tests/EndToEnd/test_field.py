"""Zero at the edges: two gateways and a hub in network namespaces, ten boards at 10 Hz, packets that
vanish silently and kill -9. What a board was told is safe is on the hub exactly once, and all nodes
agree. With BIVOUAC_SOAK=1 there are 200 faults."""

import os

import pytest

from daemon import wait_for
from field import NAMES, Field
from site_nodes import readings
from taken import never_excused

FAULTS = 200 if os.environ.get("BIVOUAC_SOAK") == "1" else 20


@pytest.fixture
def field(tmp_path):
    seed = int(os.environ.get("BIVOUAC_SEED", "1"))
    print(f"seed {seed}")
    made = Field(tmp_path, seed)
    yield made
    for name, node in made.nodes.items():
        print(name, *node.log[-60:], sep="\n")
    made.abandon()


def test_everything_acknowledged_is_on_the_hub_exactly_once(field, capsys):
    kinds = [field.fault() for _ in range(FAULTS)]
    made = field.settle()
    hub = field.nodes["hub"]

    def missing():
        return {device: count for device, (_, count) in made.items()
                if len(readings(hub, device)) != count}

    try:
        wait_for(lambda: not missing(), 60, "every reading at the hub")
    except AssertionError as error:
        here = {device: (len(readings(hub, device)), count) for device, count in missing().items()}
        raise AssertionError(
            f"{here}; {[node.get('/api/v1/sync') for node in field.nodes.values()]}") from error
    with never_excused():
        for device, (epoch, count) in made.items():
            stored = [(e, seq) for e, seq, _, _ in readings(hub, device)]
            assert stored == [(epoch, seq) for seq in range(count)]

    def states():
        return [sorted((d["id"], d.get("name")) for d in node.get("/api/v1/devices"))
                for node in field.nodes.values()]

    wait_for(lambda: len({str(state) for state in states()}) == 1, 30, "equal states")
    assert [node.get("/api/v1/sync")["conflicts"] for node in field.nodes.values()] == [0, 0, 0]
    with capsys.disabled():
        print(f"\n  seed {field.seed}: {len(kinds)} faults, {field.kills} kills, {field.names} names,"
              f" {sum(count for _, count in made.values())} readings of {len(made)} boards on"
              f" {len(NAMES)} nodes")
