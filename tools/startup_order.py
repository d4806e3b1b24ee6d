#!/usr/bin/python3
"""Writes packaging/startup.order: the functions that the daemon runs when it starts and idles.

The linker lays these beside each other (Package.swift). Names that are gone are ignored, and what
is not listed costs memory, nothing else; run this again when the idle test comes near its limit.
Needs valgrind. Usage: tools/startup_order.py, after make build
"""

import http.client
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "Tests/EndToEnd"))
import daemon as daemon_of_tests  # noqa: E402

ORDER = REPOSITORY / "packaging/startup.order"
IDLE_S = 10


def play(program, trace, directory):
    """The life of an idle daemon under callgrind: it starts, shows its page, waits, ends."""
    daemon_of_tests.BINARY = program
    node = daemon_of_tests.Daemon(directory, "commit_interval = 1\n", wrapper=[
        "valgrind", "--quiet", "--tool=callgrind", "--demangle=no",
        f"--callgrind-out-file={trace}"])
    address = node.start().address
    for path in ("/", "/api/v1/status"):
        door = http.client.HTTPConnection(*address, timeout=60)
        door.request("GET", path)
        door.getresponse().read()
    time.sleep(IDLE_S)
    node.stop(seconds=60)


def executed(program, trace):
    """The names of the program's functions that ran."""
    names, objects, run, ours = {}, {}, set(), False
    for line in trace.read_text().splitlines():
        found = re.match(r"(c?)(ob|fn)=\((\d+)\)(?: (.*))?", line)
        if not found:
            continue
        called, kind, number, text = found.groups()
        table = objects if kind == "ob" else names
        if text:
            table[number] = text
        if kind == "ob" and not called:
            ours = table[number] == str(program)
        elif kind == "fn" and not called and ours:
            name = re.sub(r"'\d+$", "", table[number])  # '2: called by itself
            if not name.startswith(("0x", "(")):  # what has no name
                run.add(name)
    return run


def main():
    """Traces the program that was built last, and writes the file."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        program, trace = directory / "bivouac", directory / "trace"
        # Valgrind cannot read this toolchain's debugging information.
        subprocess.run(["strip", "-g", "-o", program, REPOSITORY / ".build/release/bivouac"],
                       check=True)
        play(program, trace, directory)
        order = sorted(executed(program, trace))
    ORDER.write_text("".join(f"{name}\n" for name in order))
    print(f"{ORDER.name}: {len(order)} functions")


if __name__ == "__main__":
    main()
