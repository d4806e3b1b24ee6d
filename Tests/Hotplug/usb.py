"""A USB bus made of umockdev and pseudo-terminals: ports are plugged and unplugged as udev sees it.

Only what runs under umockdev-wrapper, with UMOCKDEV_DIR set to `Bus.root`, sees it. The device node
is a link to our own pseudo-terminal, so that the same board can be unplugged and come back, and so
that every byte written to it is counted on our side.
"""

import grp
import os
import pty
import select
import threading
import tty

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import UMockdev  # noqa: E402 (the version must be named first)

CONTROLLER = "/devices/pci0000:00/0000:00:14.0"


def _lines(path, environment, attributes=()):
    lines = [f"P: {path}"]
    lines += [f"E: {key}={value}" for key, value in environment.items()]
    lines += [f"A: {key}={value}\\n" for key, value in attributes]
    return "\n".join(lines) + "\n\n"


class Bus:
    """One emulated bus; ports live on it until they are unplugged."""

    def __init__(self):
        self.testbed = UMockdev.Testbed.new()
        self.root = self.testbed.get_root_dir()
        os.makedirs(f"{self.root}/dev", exist_ok=True)
        self.devices_made = 0
        self.ports = []
        self.terminals = []

    def environment(self):
        """What a child needs besides LD_PRELOAD to see this bus."""
        return {"UMOCKDEV_DIR": self.root}

    def plug(self, **description):
        """Plugs a port in, as `Port` describes it."""
        port = Port(self, **description)
        self.ports.append(port)
        return port

    def platform_port(self, name):
        """A port of the machine itself, with no USB above it; never unplugged."""
        port = PlatformPort(self, name)
        self.terminals.append(port.terminal)
        return port

    def virtual_console(self, number):
        """A text console: a tty with nothing but the kernel behind it."""
        self.testbed.add_from_string(_lines(
            f"/devices/virtual/tty/tty{number}",
            {"SUBSYSTEM": "tty", "DEVNAME": f"/dev/tty{number}", "MAJOR": 4, "MINOR": number}))

    def terminal(self, **description):
        """A terminal that a test holds before it is plugged in; closed with the bus."""
        self.terminals.append(Terminal(**description))
        return self.terminals[-1]

    def clear(self):
        """Unplugs whatever is left, and takes the bus down."""
        for port in list(self.ports):
            port.unplug()
        for terminal in self.terminals:
            terminal.close()
        # Here and now: once taken down it takes the environment of the next bus with it, and a
        # failed test would keep it until then.
        self.testbed = None


class Terminal:
    """A pseudo-terminal whose master stays ours; counts and keeps what the other side writes."""

    def __init__(self, raw=True):
        self.master, slave = pty.openpty()
        if raw:
            tty.setraw(slave)
        self.path = os.ttyname(slave)
        os.close(slave)
        self.received = b""
        self._running = True
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def bytes_received(self):
        """How many bytes the other side has written."""
        return len(self.received)

    def send(self, data):
        """Says something."""
        os.write(self.master, data)

    def close(self):
        """Hangs up."""
        self._running = False
        self._thread.join()
        os.close(self.master)

    def _run(self):
        poll = select.poll()
        poll.register(self.master, select.POLLIN)
        pause = threading.Event()
        while self._running:
            events = poll.poll(50)
            if not events:
                continue
            if not events[0][1] & select.POLLIN:
                pause.wait(0.01)  # nobody has it open: hung up all the time
                continue
            try:
                self.received += os.read(self.master, 4096)
            except OSError:
                pause.wait(0.01)


class Port:
    """One USB serial port: the device, its interface and its tty, with one uevent for the tty."""

    def __init__(self, bus, socket="1", number=0, vendor="1a86", model="7523", serial="",
                 terminal=None, initialised=True, name="ttyUSB", raw=True,
                 locked=False):
        self.bus, self.name = bus, f"{name}{number}"
        self.own = terminal is None
        self.terminal = Terminal(raw) if self.own else terminal
        self.node = f"{bus.root}/dev/{self.name}"
        if locked:
            if os.stat(self.terminal.path).st_gid == 0:
                os.chown(self.terminal.path, -1, grp.getgrnam("dialout").gr_gid)
            os.chmod(self.terminal.path, 0o060)  # its group may, its owner may not
        os.symlink(self.terminal.path, self.node)
        # The number that stat tells of the node, by umockdev's own way of writing it down.
        self.number = f"{bus.root}/dev/.node/{self.name}"
        device = os.stat(self.terminal.path).st_rdev
        os.makedirs(os.path.dirname(self.number), exist_ok=True)
        os.symlink(f"{os.major(device)}:{os.minor(device)}", self.number)
        bus.devices_made += 1
        self.device = f"{CONTROLLER}/usb1/1-{socket}"
        self.interface = f"{self.device}/1-{socket}:1.0"
        self.tty = f"{self.interface}/{self.name}/tty/{self.name}"
        self.plugged = True
        path = f"pci-0000:00:14.0-usb-0:{socket}:1.0"
        attributes = [("idVendor", vendor), ("idProduct", model), ("devnum", bus.devices_made)]
        if serial:
            attributes.append(("serial", serial))
        # No `N:` line and no `dev` attribute: making a node, or its link by number, a second time
        # aborts the test bed. The node is the link made above.
        environment = {"SUBSYSTEM": "tty", "DEVNAME": f"/dev/{self.name}", "MAJOR": 188,
                       "MINOR": number}
        if initialised:
            environment |= {"ID_BUS": "usb", "ID_VENDOR_ID": vendor, "ID_MODEL_ID": model,
                            "ID_PATH": path, "ID_USB_INTERFACE_NUM": "00"}
            if serial:
                environment["ID_SERIAL_SHORT"] = serial
        bus.testbed.add_from_string(
            _lines(self.device, {"SUBSYSTEM": "usb", "DEVTYPE": "usb_device"}, attributes)
            + _lines(self.interface, {"SUBSYSTEM": "usb", "DEVTYPE": "usb_interface"},
                     [("bInterfaceNumber", "00")])
            + _lines(self.tty, environment))

    @property
    def syspath(self):
        """The key under which the daemon knows it."""
        return f"/sys{self.tty}"

    def announce_again(self):
        """A second "add" for what is there already, as udev sends at times."""
        self.bus.testbed.uevent(self.syspath, "add")

    def unplug(self):
        """Removes it; its own terminal hangs up, one that was given stays."""
        if not self.plugged:
            return
        self.plugged = False
        self.bus.ports.remove(self)
        os.unlink(self.node)
        os.unlink(self.number)
        self.bus.testbed.uevent(self.syspath, "remove")
        # The order of the kernel: what is below goes first.
        for path in (self.tty, self.interface, self.device):
            self.bus.testbed.remove_device(f"/sys{path}")
        if self.own:
            self.terminal.close()


class PlatformPort:
    """A serial port that is no USB device: of the board itself, or a gadget's own end."""

    def __init__(self, bus, name):
        self.name = name
        self.terminal = Terminal()
        os.symlink(self.terminal.path, f"{bus.root}/dev/{name}")
        bus.testbed.add_from_string(_lines(
            f"/devices/platform/serial8250/tty/{name}",
            {"SUBSYSTEM": "tty", "DEVNAME": f"/dev/{name}", "MAJOR": 4, "MINOR": 64}))
