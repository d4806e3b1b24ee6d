"""What the peers share: a user who may do nothing else, and the readings themselves."""

import os
import pwd
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BENCH = REPOSITORY / ".build" / "release" / "bivouac-bench"
NOBODY = "nobody"


def unprivileged():
    """What to put before a command: PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return []
    user = pwd.getpwnam(NOBODY)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def give(folder):
    """Makes a folder that user's."""
    if os.getuid() == 0:
        user = pwd.getpwnam(NOBODY)
        os.chown(folder, user.pw_uid, user.pw_gid)


def readings(name, text):
    """A process that writes the readings of a set, as `influx` or `copy` wants them."""
    return subprocess.Popen([str(BENCH), "readings", name, text], stdout=subprocess.PIPE)
