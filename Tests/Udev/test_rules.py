"""The rules, through udevadm test: what a plugged device ends up with."""
import grp

DIALOUT = str(grp.getgrnam("dialout").gr_gid)

# Shaped like ModemManager 1.20's: every tty is a candidate.
MODEM_MANAGER = 'SUBSYSTEM=="tty", ENV{ID_MM_CANDIDATE}="1"\n'

# Shaped like brltty 6's, where enabled: an id, then a tag and a unit for systemd.
BRLTTY = """SUBSYSTEM=="usb", KERNEL!="*:*", GOTO="begin"
GOTO="end"
LABEL="begin"
ENV{PRODUCT}=="1a86/7523/*", ENV{BRLTTY_BRAILLE_DRIVER}="bm", GOTO="run"
ENV{PRODUCT}=="403/6001/*", ENV{BRLTTY_BRAILLE_DRIVER}="at", GOTO="run"
GOTO="end"
LABEL="run"
TAG+="systemd", ENV{SYSTEMD_WANTS}+="brltty-device@.service"
LABEL="end"
"""


def test_no_rule_of_ours_is_refused(udev):
    outcome = udev.plug("1a86", "7523")
    assert outcome["tty"]["complaints"] == []
    assert outcome["usb"]["complaints"] == []


def test_without_our_files_nothing_of_this_happens(bare):
    bare.compile()
    outcome = bare.plug("0403", "6001", driver="ftdi_sio")
    assert "BIVOUAC_KIND" not in outcome["tty"]["properties"]
    assert "ID_MM_PORT_IGNORE" not in outcome["tty"]["properties"]
    assert "ID_MM_DEVICE_IGNORE" not in outcome["usb"]["properties"]
    assert outcome["latency_ms"] == 9


def test_modem_manager_is_told_to_leave_the_port_and_its_device(udev):
    udev.add_rules("80-mm-candidate.rules", MODEM_MANAGER)
    outcome = udev.plug("1a86", "7523")
    assert outcome["tty"]["properties"]["ID_MM_CANDIDATE"] == "1"
    assert outcome["tty"]["properties"]["ID_MM_PORT_IGNORE"] == "1"
    assert outcome["tty"]["properties"]["ID_MM_DEVICE_IGNORE"] == "1"
    assert outcome["usb"]["properties"]["ID_MM_DEVICE_IGNORE"] == "1"


def test_a_modem_stays_with_modem_manager(udev):
    outcome = udev.plug("12d1", "1506", driver="option1")
    assert "ID_MM_PORT_IGNORE" not in outcome["tty"]["properties"]
    assert "ID_MM_DEVICE_IGNORE" not in outcome["usb"]["properties"]


def test_the_group_dialout_may_open_the_port(udev):
    for vendor, product, tty in (("1a86", "7523", "ttyUSB0"), ("2341", "0042", "ttyACM0")):
        outcome = udev.plug(vendor, product, tty=tty, driver="ch341-uart")
        assert outcome["tty"]["permissions"] == {"GROUP": DIALOUT, "MODE": "0660"}, tty


def test_the_port_carries_what_the_hardware_database_knows(udev):
    properties = udev.plug("2341", "0042", tty="ttyACM0")["tty"]["properties"]
    assert properties["BIVOUAC_KIND"] == "bridge"
    assert properties["BIVOUAC_NAME"] == "Arduino Mega 2560"
    assert properties["BIVOUAC_SERIAL_UNIQUE"] == "1"


def test_an_ftdi_bridge_answers_within_a_millisecond(udev):
    outcome = udev.plug("0403", "6001", driver="ftdi_sio", manufacturer="FTDI")
    assert outcome["latency_ms"] == 1


def test_brltty_leaves_a_bare_bridge(udev):
    udev.add_rules("85-brltty.rules", BRLTTY)
    for vendor, product, maker in (("1a86", "7523", "QinHeng"), ("0403", "6001", "FTDI")):
        usb = udev.plug(vendor, product, manufacturer=maker)["usb"]
        assert "systemd" not in usb["tags"], vendor
        assert usb["properties"].get("SYSTEMD_WANTS", "") == "", vendor
        assert usb["properties"].get("BRLTTY_BRAILLE_DRIVER", "") == "", vendor


def test_brltty_would_have_taken_the_bridge(bare):
    bare.add_rules("85-brltty.rules", BRLTTY)
    bare.compile()
    usb = bare.plug("1a86", "7523")["usb"]
    assert "systemd" in usb["tags"]
    assert usb["properties"]["SYSTEMD_WANTS"] == "brltty-device@.service"


def test_a_braille_display_that_says_its_maker_stays_with_brltty(udev):
    udev.add_rules("85-brltty.rules", BRLTTY)
    usb = udev.plug("0403", "6001", driver="ftdi_sio", manufacturer="Tivomatic Oy")["usb"]
    assert usb["properties"]["BRLTTY_BRAILLE_DRIVER"] == "at"
    assert "systemd" in usb["tags"]


def test_an_administrator_can_keep_a_port_for_another_program(udev):
    udev.add_rules("59-mine.rules", 'ATTRS{serial}=="MINE", ENV{BIVOUAC_IGNORE}="1"\n')
    udev.add_rules("85-brltty.rules", BRLTTY)
    outcome = udev.plug("0403", "6001", driver="ftdi_sio", manufacturer="FTDI", serial="MINE")
    assert "ID_MM_PORT_IGNORE" not in outcome["tty"]["properties"]
    assert outcome["latency_ms"] == 9
    assert outcome["usb"]["properties"]["BRLTTY_BRAILLE_DRIVER"] == "at"
