"""Bytes a reading at rest: the store that ships, indexed SQLite rows, InfluxDB, PostgreSQL."""

import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from influx import Influx
from peers import BENCH, readings
from postgres import Postgres

ROOM_BYTES = 4 << 30


def asked(*words):
    """What the program of the measurements says, in words by lines."""
    done = subprocess.run([str(BENCH), *words], stdout=subprocess.PIPE, text=True, check=True)
    return [line.split() for line in done.stdout.splitlines()]


def fill(names, influx, postgres):
    """Gives both servers the readings of the first board of every set; how many each holds."""
    held = {}
    for name in names:
        with readings(name, "influx") as source:
            influx.write(name, source.stdout)
        with readings(name, "copy") as source:
            postgres.write(name, name.split("-")[0], source.stdout)
        held[name] = influx.count(name)
        assert held[name] == postgres.count(name), f"{name}: {held[name]} in InfluxDB only"
    return held


def measure(sets, folders):
    """Bytes a reading of every set: ours, and those of each peer."""
    influx = postgres = None
    try:
        influx, postgres = Influx(folders["influx"]), Postgres(folders["postgres"])
        with ThreadPoolExecutor(1) as pool:
            filling = pool.submit(fill, [name for name, _ in sets], influx, postgres)
            ours = {}
            for name, _ in sets:
                ours[name] = map(float, asked("at-rest", name, str(folders["ours"]))[0])
            held = filling.result()
        return {name: (*ours[name], influx.size(name) / count, postgres.size(name) / count)
                for name, count in held.items()}
    finally:
        for server in (influx, postgres):
            if server:
                server.stop()


def main():
    """One line a set."""
    sets = asked("sets")
    # In memory where there is room: sizes are measured here, no times.
    memory = Path("/dev/shm")
    base = memory if memory.is_dir() and shutil.disk_usage(memory).free > ROOM_BYTES else None
    with tempfile.TemporaryDirectory(dir=base) as directory:
        Path(directory).chmod(0o711)
        folders = {name: Path(directory, name) for name in ("influx", "postgres", "ours")}
        for folder in folders.values():
            folder.mkdir()
        figures = measure(sets, folders)
    for name, limit in sets:
        store, free, rows, influx, postgres = figures[name]
        print(f"  {name}: {store:.3f} bytes a reading, limit {limit}:"
              f" {'ok' if store <= float(limit) else 'MISSED'}; free pages {free:.3f}; rows"
              f" {rows:.1f}, InfluxDB {influx:.2f}, PostgreSQL {postgres:.1f}")


if __name__ == "__main__":
    main()
