"""The hardware database entries, compiled strictly and asked with systemd-hwdb."""
import pathlib
import re

import pytest

HWDB = pathlib.Path(__file__).resolve().parents[2] / "udev" / "60-bivouac.hwdb"


@pytest.mark.parametrize("modalias, kind, unique", [
    ("usb:v1A86p7523:USB Serial", "bridge", False),
    ("usb:v10C4pEA60:CP2102", "bridge", False),
    ("usb:v067Bp2303:", "bridge", False),
    ("usb:v0403p6001:FT232R USB UART", "bridge", True),
    ("usb:v2341p0042:", "bridge", True),
    ("usb:v2A03p0043:", "bridge", True),
    ("usb:v303Ap1001:USB JTAG/serial debug unit", "bridge", True),
    ("usb:v2341p8036:Arduino Leonardo", "board", True),
    ("usb:v16C0p0483:USB Serial", "board", True),
    ("usb:v2C99p000D:Original Prusa MK4", "printer", True),
])
def test_a_known_id_has_its_kind_and_the_trust_in_its_serial(udev, modalias, kind, unique):
    found = udev.query(modalias)
    assert found["BIVOUAC_KIND"] == kind
    assert found["BIVOUAC_NAME"]
    assert (found.get("BIVOUAC_SERIAL_UNIQUE") == "1") == unique


@pytest.mark.parametrize("modalias", [
    "usb:v12D1p1506:HUAWEI Mobile",  # a modem: ModemManager must have it
    "usb:v16C0p05DC:USBasp",  # shares a vendor id with Teensy
    "usb:v0403pCC4D:",  # FTDI's vendor id, another maker's product
])
def test_an_id_that_is_not_ours_is_not_claimed(udev, modalias):
    assert "BIVOUAC_KIND" not in udev.query(modalias)


def test_every_entry_uses_known_words(udev):
    text = HWDB.read_text(encoding="utf-8")
    assert set(re.findall(r"^ BIVOUAC_KIND=(.*)$", text, re.M)) == {"bridge", "board", "printer"}
    assert set(re.findall(r"^ (\w+)=", text, re.M)) == {
        "BIVOUAC_KIND", "BIVOUAC_NAME", "BIVOUAC_SERIAL_UNIQUE"}
    for modalias in re.findall(r"^(usb:\S+)\*$", text, re.M):
        assert udev.query(modalias + ":x"), modalias
