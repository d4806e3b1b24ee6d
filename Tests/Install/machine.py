"""A Debian of its own: systemd as process 1 over this machine's files, in namespaces (root).

What it writes lies in memory, over the root file system of the host, and outlasts its reboots."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.append(str(REPOSITORY / "Tests/EndToEnd"))

from daemon import BINARY, Daemon, wait_for  # noqa: E402

HOLD = r"""
mount --make-rprivate / && mount -t tmpfs -o mode=755 layer "$1" &&
mkdir "$1/upper" "$1/work" "$1/root" && echo held && exec sleep infinity
"""

# $1 is the folder of the layer, $2 the repository, $3 the program's folder. Of the host's own
# services none is started: their wishes (*.wants) are hidden.
BOOT = r"""
set -e
root=$1/root
mount --make-rprivate /
mount -t overlay layer -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$root"
for folder in "$2" "$3"; do
  mkdir -p "$root$folder" && mount --bind "$folder" "$root$folder"
  mount -o remount,bind,ro "$root$folder"
done
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs cgroup "$root/sys/fs/cgroup"
mount -t cgroup2 cgroup "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 run "$root/run"
mount -t tmpfs -o mode=755 dev "$root/dev"
for node in "null 1 3" "zero 1 5" "full 1 7" "random 1 8" "urandom 1 9" "tty 5 0"; do
  set -- "$1" $node && mknod -m 666 "$root/dev/$2" c "$3" "$4"
done
mknod -m 600 "$root/dev/console" c 1 3
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
for folder in "$root"/etc/systemd/system/*.wants "$root"/lib/systemd/system/multi-user.target.wants
do
  [ -e "$root/rig-prepared" ] || rm -rf "$folder"
done
touch "$root/rig-prepared"
: >"$root/etc/fstab"
echo rig >"$root/etc/hostname"
rm -f "$root/etc/machine-id" && echo 0123456789abcdef0123456789abcdef >"$root/etc/machine-id"
mkdir -p "$root/rig-old"
cd "$root" && pivot_root . rig-old && umount -l rig-old
exec env -i container=rig PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin \
  /lib/systemd/systemd --unit=multi-user.target --show-status=no
"""


def _unified():
    """Where control groups of version 2 are mounted."""
    for line in Path("/proc/mounts").read_text().splitlines():
        fields = line.split()
        if fields[2] == "cgroup2":
            return Path(fields[1])
    raise AssertionError("no cgroup2 is mounted: systemd cannot be run")


class Machine:
    """A machine that boots, reboots and is thrown away."""

    def __init__(self):
        assert os.geteuid() == 0, "root is needed: sudo make test-install"
        assert BINARY.exists(), f"{BINARY} is missing: make build"
        self.layer = tempfile.mkdtemp(prefix="bivouac-machine-")
        self.group = _unified() / f"bivouac-machine-{os.getpid()}"
        self.group.mkdir()
        self.holder = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", HOLD, "sh", self.layer], stdout=subprocess.PIPE,
            text=True)
        assert self.holder.stdout.readline() == "held\n"
        self.process = None
        self.init = None

    def boot(self):
        """Starts systemd and waits until its start is over."""
        enter = 'echo $$ > "$0/cgroup.procs" && exec "$@"'
        spaces = ["--pid", "--mount", "--cgroup", "--ipc", "--uts", "--net", "--fork"]
        self.process = subprocess.Popen(
            ["sh", "-c", enter, str(self.group), "nsenter", f"--target={self.holder.pid}",
             "--mount", "unshare", *spaces, "--kill-child", "sh", "-c", BOOT, "sh", self.layer,
             str(REPOSITORY), str(BINARY.parent.resolve())],
            stdin=subprocess.DEVNULL)
        self.init = wait_for(self._find_init, 20, "systemd")
        wait_for(lambda: self.run("systemctl", "is-system-running", check=False).stdout.strip()
                 in ("running", "degraded"), 60, "the end of the boot")
        return self

    def _find_init(self):
        assert self.process.poll() is None, "the machine did not start"
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                text = status.read_text()
            except OSError:
                continue
            if text.startswith("Name:\tsystemd\n") and f"PPid:\t{self.process.pid}\n" in text:
                return int(status.parent.name)
        return None

    def run(self, *command, check=True, **options):
        """A program inside, as root."""
        result = subprocess.run(
            ["nsenter", f"--target={self.init}", "--all", "--wd=/", *map(str, command)],
            capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL, **options)
        if check:
            assert result.returncode == 0, (command, result.stdout, result.stderr)
        return result

    def text(self, *command):
        """What a program inside prints."""
        return self.run(*command).stdout.strip()

    def path(self, inside):
        """The same file, seen from here."""
        return Path(f"/proc/{self.init}/root{inside}")

    def unit(self, name):
        """A property of the service."""
        return self.text("systemctl", "show", "--value", "--property", name, "bivouac.service")

    def shut_down(self):
        """Ends it in order, as `systemctl halt` does."""
        os.kill(self.init, signal.SIGRTMIN + 3)
        self.process.wait(timeout=30)

    def discard(self):
        """Ends it at once, and removes what it left."""
        if self.process and self.process.poll() is None:
            os.kill(self.init, signal.SIGKILL)
            self.process.wait(timeout=30)
        self.holder.kill()
        self.holder.wait()
        os.rmdir(self.layer)
        wait_for(self._group_is_gone, 10, "the end of every process inside")

    def _group_is_gone(self):
        folders = [Path(path) for path, _, _ in os.walk(self.group, topdown=False)]
        try:
            for folder in folders:
                folder.rmdir()
        except OSError:
            return False
        return True


class InstalledDaemon(Daemon):
    """The daemon that systemd runs inside, seen from here."""

    def __init__(self, machine, directory):
        super().__init__(directory)
        self.machine = machine

    @property
    def socket(self):
        """Its socket; another one after each start."""
        return self.machine.path("/run/bivouac/bivouac.sock")

    @socket.setter
    def socket(self, value):
        pass

    def connect(self):
        """A connection made by a process inside: the daemon asks the kernel who speaks to it."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            program = (
                "import socket, sys; inside = socket.socket(socket.AF_UNIX); "
                "inside.connect('/run/bivouac/bivouac.sock'); "
                "socket.send_fds(socket.socket(fileno=int(sys.argv[1])), [b'x'], "
                "[inside.fileno()])")
            self.machine.run(
                "/usr/bin/python3", "-c", program, theirs.fileno(), pass_fds=[theirs.fileno()])
            _, (descriptor,), _, _ = socket.recv_fds(ours, 1, 1)
        return socket.socket(fileno=descriptor)

    def until_it_answers(self):
        """Waits until systemd has it active and it answers."""
        def answers():
            try:
                return self.machine.unit("ActiveState") == "active" and self.get("/api/v1/status")
            except OSError:
                return None
        return wait_for(answers, 30, "an answer of the installed daemon")


def pause(seconds):
    """Lets time pass in which something must not happen."""
    time.sleep(seconds)
