"""What `make install` puts where, and what systemd says of the unit before it is started."""

import os
import re
import stat
import subprocess

from daemon import BINARY, REPOSITORY

EXPOSURE_MAX = 2.0

FILES = {
    "bin/bivouac": 0o755,
    "lib/systemd/system/bivouac.service": 0o644,
    "lib/sysusers.d/bivouac.conf": 0o644,
    "lib/udev/rules.d/60-bivouac.rules": 0o644,
    "lib/udev/rules.d/91-bivouac.rules": 0o644,
    "share/man/man1/bivouac.1": 0o644,
    "share/bash-completion/completions/bivouac": 0o644,
}


def _make(target, destination, *settings, check=True):
    result = subprocess.run(
        ["make", "--no-print-directory", target, f"DESTDIR={destination}", f"BIN={BINARY}",
         *settings],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    if check:
        assert result.returncode == 0, (result.stdout, result.stderr)
    return result


def _files(folder):
    return {path.relative_to(folder).as_posix(): stat.S_IMODE(path.stat().st_mode)
            for path in folder.rglob("*") if path.is_file()}


def _without_pages(files):
    return {name: mode for name, mode in files.items() if "share/bivouac/web/" not in name}


def _expected(prefix, hwdb):
    expected = {f"{prefix}/{name}": mode for name, mode in FILES.items()}
    if (REPOSITORY / "build/bivouac.so").exists():
        expected[f"{prefix}/lib/bivouac/bivouac.so"] = 0o644
    return expected | {f"{hwdb}/60-bivouac.hwdb": 0o644, "etc/bivouac/bivouac.toml": 0o644}


def test_every_file_has_its_place_and_mode(tmp_path):
    """Below DESTDIR, for both prefixes; a second time changes nothing; the pages are all there."""
    for prefix, hwdb in (("usr/local", "etc/udev/hwdb.d"), ("usr", "usr/lib/udev/hwdb.d")):
        folder = tmp_path / prefix.replace("/", "-")
        settings = [f"PREFIX=/{prefix}"]
        said = _make("install", folder, *settings).stdout
        assert f"/{prefix}/bin/bivouac" in said
        files = _files(folder)
        assert _without_pages(files) == _expected(prefix, hwdb)
        source = REPOSITORY / "web"
        pages = {name: 0o644 for name in _files(source) if name != "README.md"}
        installed = folder / prefix / "share/bivouac/web"
        assert pages and _files(installed) == pages
        _make("install", folder, *settings)
        assert _files(folder) == files


def test_a_configuration_that_is_there_is_left_alone(tmp_path):
    """Also by uninstall, which takes everything else away."""
    _make("install", tmp_path)
    configuration = tmp_path / "etc/bivouac/bivouac.toml"
    configuration.write_text("commit_interval = 5\n")
    assert "left as it is" in _make("install", tmp_path).stdout
    assert configuration.read_text() == "commit_interval = 5\n"
    said = _make("uninstall", tmp_path).stdout
    assert "/var/lib/bivouac" in said
    assert _files(tmp_path) == {"etc/bivouac/bivouac.toml": 0o644}
    _make("uninstall", tmp_path)


def test_says_what_to_do_when_nothing_was_built(tmp_path):
    """Nothing is installed then, and nothing is built by root."""
    result = _make("install", tmp_path / "root", f"BIN={tmp_path}/absent", check=False)
    assert result.returncode != 0 and "make build" in result.stderr
    assert not (tmp_path / "root").exists()


def test_the_example_configuration_is_what_the_daemon_does_without(tmp_path):
    """It is accepted as it is, and so it is with every line of it switched on."""
    for name, text in _examples().items():
        file = tmp_path / f"{name}.toml"
        file.write_text(text)
        result = subprocess.run(
            [BINARY, "config", "check", "--config", file], capture_output=True, text=True,
            env=dict(os.environ, LC_ALL="C.UTF-8"), timeout=30, stdin=subprocess.DEVNULL)
        assert result.returncode == 0, (name, result.stdout, result.stderr)


def _examples():
    text = (REPOSITORY / "packaging/bivouac.toml").read_text()
    setting = r"^# (\[.*|[a-z_]+ = .*)$"
    assert len(re.findall(setting, text, re.M)) >= 8
    return {"given": text, "switched-on": re.sub(setting, r"\1", text, flags=re.M)}


def test_systemd_accepts_the_unit_and_calls_it_little_exposed(tmp_path):
    """systemd-analyze verify says nothing, and the exposure is at most 2.0 of 10."""
    _make("install", tmp_path)
    installed = tmp_path / "usr/local/lib/systemd/system/bivouac.service"
    text = installed.read_text()
    assert "ExecStart=/usr/local/bin/bivouac run --web /usr/local/share/bivouac/web\n" in text and "@PREFIX@" not in text
    unit = tmp_path / "bivouac.service"
    unit.write_text(text.replace("/usr/local/bin", str(tmp_path / "usr/local/bin")))
    # A system's own units may have faults that are not ours: only what is said of this one counts.
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True)
    of_ours = [line for line in said.stderr.splitlines() if "bivouac" in line]
    assert not of_ours, said.stderr
    broken = tmp_path / "broken" / "bivouac.service"
    broken.parent.mkdir()
    broken.write_text(unit.read_text().replace("WatchdogSec=60", "WatchdogSeconds=60"))
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", broken], capture_output=True, text=True)
    assert "WatchdogSeconds" in said.stderr, "a fault is not seen"
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", unit],
        capture_output=True, text=True)
    exposure = float(re.search(r"exposure level for \S+: ([0-9.]+)", said.stdout)[1])
    print(f"systemd-analyze security: {exposure}")
    assert exposure <= EXPOSURE_MAX, said.stdout
