"""An emulated bus with the shipped daemon on it, as a process of its own: the browser must not run
under umockdev. Reads one order a line and answers each with one line of JSON.

Run as: umockdev-wrapper /usr/bin/python3 bus_scene.py DIRECTORY HTTP_PORT
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "Hotplug"), str(HERE.parent / "EndToEnd")]


def main(directory, http_port):
    """Until the input ends."""
    from node import Node, PluggedBoard
    from usb import Bus
    bus = Bus()
    # Known before the daemon starts: found, and left alone.
    ports = {"early": bus.plug(socket="1", number=1)}
    web = HERE.parents[1] / "web"
    settings = f'[http]\nlisten = ["127.0.0.1:{http_port}"]\nweb = "{web}"\n'
    node = Node(Path(directory), bus, settings).start(listen=None)
    boards = []
    print(json.dumps({"socket": str(node.socket)}), flush=True)
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "plug":
            ports[rest[0]] = bus.plug(socket=rest[1], number=int(rest[1]))
        elif word == "unplug":
            ports.pop(rest[0]).unplug()
        elif word == "board":
            boards.append(PluggedBoard())
            ports[rest[0]] = boards[-1].plug(bus, socket=rest[1], number=int(rest[1]))
        holds = {name: node.holds(port) for name, port in ports.items()}
        print(json.dumps({"holds": holds}), flush=True)
    for port in list(ports.values()):
        port.unplug()
    for board in boards:
        board.close()
    node.finish()
    bus.clear()


if __name__ == "__main__":
    main(*sys.argv[1:])
