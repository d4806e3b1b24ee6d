"""PostgreSQL in a folder of its own, reached by a Unix socket only, as an unprivileged process."""

import subprocess
from pathlib import Path

import peers

CONFIGURATION = """
listen_addresses = ''
unix_socket_directories = '{folder}'
shared_buffers = 256MB
max_wal_size = 2GB
"""
TYPES = {"relay": "boolean", "counter": "bigint"}


def columns(kind):
    """The columns of a table, the widest ones first: no bytes are lost to alignment."""
    value = f"value {TYPES.get(kind, 'float8')} NOT NULL"
    time, series = "time bigint NOT NULL", "series integer NOT NULL"
    return [time, series, value] if kind == "relay" else [time, value, series]


def programs():
    """Where Debian puts the server's programs: the newest version's folder."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2]))
    assert found, "the package postgresql is not installed"
    return found[-1]


class Postgres:
    """A running server."""

    def __init__(self, folder):
        self.folder = folder
        peers.give(folder)
        self.programs = programs()
        self.run("initdb", "-D", folder / "data", "-U", "bench", "-A", "trust", "-N")
        with (folder / "data" / "postgresql.conf").open("a") as configuration:
            configuration.write(CONFIGURATION.format(folder=folder))
        self.run("pg_ctl", "-D", folder / "data", "-l", folder / "log", "-w", "start")

    def run(self, program, *arguments):
        """One of its programs, without a word unless it fails."""
        done = subprocess.run(
            [*peers.unprivileged(), str(self.programs / program), *map(str, arguments)],
            cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stdout[-500:]}")

    def sql(self, *statements, lines=None):
        """Statements, one after the other; the last one's answer."""
        command = [*peers.unprivileged(), str(self.programs / "psql"), "-h", str(self.folder),
                   "-U", "bench", "-d", "postgres", "-qAt", "-v", "ON_ERROR_STOP=1"]
        for statement in statements:
            command += ["-c", statement]
        done = subprocess.run(command, cwd=self.folder, stdin=lines or subprocess.DEVNULL,
                              capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"psql: {done.stderr[-500:]}")
        return done.stdout.split()[-1] if done.stdout else ""

    def write(self, name, kind, lines):
        """Everything a stream of rows holds, in the order of its times, into an indexed table."""
        self.sql(
            f'CREATE TABLE "{name}"({", ".join(columns(kind))})',
            f'CREATE INDEX "{name}-series" ON "{name}"(series, time)')
        self.sql(f'COPY "{name}"(time, value, series) FROM STDIN', lines=lines)
        self.sql(f'VACUUM (FREEZE, ANALYZE) "{name}"')

    def count(self, name):
        """Readings that it gives back."""
        return int(self.sql(f'SELECT count(*) FROM "{name}"'))

    def size(self, name):
        """Bytes of the table and its index: the server's own 40 MB and its log are left out."""
        return int(self.sql(f"SELECT pg_total_relation_size('\"{name}\"')"))

    def stop(self):
        """Ends the server."""
        self.run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop")
