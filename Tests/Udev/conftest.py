"""Plays udev events in a mount namespace whose /etc/udev holds what a test chose."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
UDEV = HERE.parents[1] / "udev"

# Runs the program after $1, where /etc/udev is the folder $1, and where /run and /dev are new:
# udevadm writes its database and its links there, and nothing of that may stay.
INSIDE = """
prepared=$1 && shift
mount -t tmpfs none /run && mkdir /run/udev /run/dev
for node in null zero full random urandom tty; do
  touch "/run/dev/$node" && mount --bind "/dev/$node" "/run/dev/$node"
done
mkdir /run/dev/pts && mount -t devpts -o newinstance,ptmxmode=0666 none /run/dev/pts
ln -s pts/ptmx /run/dev/ptmx
mount --rbind /run/dev /dev
mount -t tmpfs none /etc/udev && cp -r "$prepared"/. /etc/udev/ && exec "$@"
"""


def namespace(prepared, *program):
    """The command that runs a program where /etc/udev is `prepared`."""
    unshare = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    return [*unshare, "sh", "-c", INSIDE, "sh", str(prepared), *program]


class Udev:
    """udev with a chosen set of our files, over those of the system."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "rules.d").mkdir()
        (folder / "hwdb.d").mkdir()

    def add(self, *paths):
        for path in paths:
            shutil.copy(path, self.folder / f"{path.suffix[1:]}.d")

    def add_rules(self, name, text):
        (self.folder / "rules.d" / name).write_text(text, encoding="utf-8")

    def compile(self):
        """Compiles the system's hardware database and ours into one file."""
        update = 'systemd-hwdb update --strict && cp /etc/udev/hwdb.bin "$1"'
        subprocess.run(
            namespace(self.folder, "sh", "-c", update, "sh", str(self.folder)), check=True)

    def query(self, modalias):
        answer = subprocess.run(
            namespace(self.folder, "systemd-hwdb", "query", modalias),
            capture_output=True, text=True, check=True).stdout
        return dict(line.split("=", 1) for line in answer.splitlines())

    def plug(self, vendor, product, tty="ttyUSB0", driver="ch341-uart", **strings):
        device = {
            "vendor": vendor, "product": product, "tty": tty, "driver": driver,
            "strings": strings}
        run = subprocess.run(
            namespace(
                self.folder, "umockdev-wrapper", "/usr/bin/python3", str(HERE / "testbed.py")),
            input=json.dumps(device), capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory):
    """The hardware database with our entries, compiled once."""
    udev = Udev(tmp_path_factory.mktemp("compiled"))
    udev.add(*UDEV.glob("*.hwdb"))
    udev.compile()
    return udev.folder / "hwdb.bin"


@pytest.fixture
def bare(tmp_path):
    """udev without any file of ours: what the tests must be able to tell apart."""
    return Udev(tmp_path)


@pytest.fixture
def udev(bare, compiled):
    """udev with everything in udev/."""
    bare.add(*UDEV.glob("*.rules"))
    shutil.copy(compiled, bare.folder)
    return bare
