"""One udev event, played by the real udevadm on a mocked device.

Run inside a mount namespace of its own, under umockdev-wrapper, by conftest.py: reads a device as
JSON from standard input and writes what udevadm made of it as JSON to standard output.
"""
import json
import os
import re
import subprocess
import sys

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import UMockdev  # noqa: E402

USB = "/devices/pci0000:00/usb1/1-3"
INTERFACE = USB + "/1-3:1.0"


def attributes(pairs):
    return "".join(f"A: {name}={value}\\n\n" for name, value in pairs.items())


def describe(device):
    """The device in umockdev's words: USB device, interface, and one port behind it."""
    tty = device["tty"]
    bridge = tty.startswith("ttyUSB")
    port = INTERFACE + (f"/{tty}" if bridge else "")
    usb = {"idVendor": device["vendor"], "idProduct": device["product"], "bcdDevice": "0100"}
    usb.update(device.get("strings", {}))
    product = "/".join(part.lstrip("0") for part in (device["vendor"], device["product"], "0100"))
    text = (
        f"P: {USB}\nN: bus/usb/001/003\nE: DEVTYPE=usb_device\nE: SUBSYSTEM=usb\n"
        f"E: PRODUCT={product}\n{attributes(usb)}\n"
        f"P: {INTERFACE}\nE: DEVTYPE=usb_interface\nE: SUBSYSTEM=usb\n"
        f"{attributes({'bInterfaceNumber': '00', 'bInterfaceClass': 'ff'})}\n"
    )
    if bridge:
        text += f"P: {port}\nE: SUBSYSTEM=usb-serial\nE: DRIVER={device['driver']}\n"
        text += f"L: driver=../../../../../../bus/usb-serial/drivers/{device['driver']}\n"
        # One digit, because the kernel's file is written over and not truncated.
        text += "A: latency_timer=9\n\n" if device["driver"] == "ftdi_sio" else "\n"
    up = port.count("/") - INTERFACE.count("/")
    text += (
        f"P: {port}/tty/{tty}\nN: {tty}\nE: DEVNAME=/dev/{tty}\nE: SUBSYSTEM=tty\n"
        f"E: MAJOR=188\nE: MINOR=0\nA: dev=188:0\\n\n"
        f"L: device=../../../{tty if up else '1-3:1.0'}\n"
    )
    return text, f"{port}/tty/{tty}", port


def event(path):
    """The outcome of an `add` event, by udevadm's own account."""
    run = subprocess.run(
        ["udevadm", "test", "--action=add", f"/sys{path}"], capture_output=True, text=True,
        check=True)
    properties = dict(re.findall(r"^([A-Z.][A-Z0-9_.]*)=(.*)$", run.stdout, re.M))
    permissions = dict(re.findall(r"(GROUP|MODE) (\d+)$", run.stderr, re.M))
    complaints = re.findall(r"^.*bivouac\.rules:\d+ .*(?:[Ii]nvalid|[Uu]nknown).*$", run.stderr, re.M)
    # What systemd goes by: `test` prints a removed tag still, the database says what holds.
    name = properties["DEVPATH"].rsplit("/", 1)[1]
    numbers = f"{properties.get('MAJOR')}:{properties.get('MINOR')}"
    entry = f"c{numbers}" if properties["SUBSYSTEM"] == "tty" else f"+usb:{name}"
    with open(f"/run/udev/data/{entry}", encoding="utf-8") as file:
        tags = re.findall(r"^Q:(.*)$", file.read(), re.M)
    return {"properties": properties, "tags": tags, "permissions": permissions,
            "complaints": complaints}


def main():
    device = json.load(sys.stdin)
    bed = UMockdev.Testbed.new()
    text, tty, port = describe(device)
    bed.add_from_string(text)
    outcome = {"usb": event(USB), "tty": event(tty)}
    latency = f"{bed.get_root_dir()}/sys{port}/latency_timer"
    if os.path.exists(latency):
        with open(latency, encoding="ascii") as file:
            outcome["latency_ms"] = int(file.read())
    json.dump(outcome, sys.stdout)


if __name__ == "__main__":
    main()
