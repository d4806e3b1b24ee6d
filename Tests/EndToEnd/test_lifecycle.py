"""Starting, stopping, and being killed."""

import os
import signal
import stat

from daemon import Daemon, Handover, wait_for
from link import Board


def _attached(daemon, board):
    Handover(daemon).give(board.slave)
    board.attach()


def _stored(daemon, count, **query):
    return wait_for(lambda: len(daemon.readings(**query)) >= count and daemon.readings(**query),
                    what=f"{count} stored readings")


def test_ends_in_order_on_either_signal(tmp_path):
    """SIGTERM and SIGINT commit what is pending and end within 2 s."""
    for number in (signal.SIGTERM, signal.SIGINT):
        daemon = Daemon(tmp_path / str(number), "commit_interval = 60\n").start()
        board = Board(ring=10_000)
        _attached(daemon, board)
        board.samples([200])
        _stored(daemon, 1)
        board.samples([201, 202, 203])
        wait_for(lambda: daemon.get("/api/v1/status")["storage"]["pendingReadings"] == 3)
        daemon.stop(number)
        daemon.start()
        assert [r["value"] for r in daemon.readings()] == ["20.0", "20.1", "20.2", "20.3"]
        daemon.finish()
        board.close()


def test_ends_in_order_with_streams_open(daemon):
    """A live stream and an open handover do not delay the end."""
    import socket
    streams = []
    for _ in range(20):
        stream = socket.socket(socket.AF_UNIX)
        stream.connect(str(daemon.socket))
        stream.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert stream.recv(1024).startswith(b"HTTP/1.1 200")
        streams.append(stream)
    doors = [Handover(daemon) for _ in range(3)]
    daemon.stop()
    assert all(stream.recv(65536) is not None for stream in streams)
    assert doors


def test_what_was_acknowledged_survives_kill(daemon):
    """kill -9 at any time: what the board was told is safe is there afterwards, once."""
    board = Board(ring=10_000)
    door = Handover(daemon)
    door.give(board.slave)
    board.attach()
    for batch in range(20):
        board.samples([batch * 10 + i for i in range(10)], ticks=1000 + batch * 100)
    wait_for(lambda: board.durable > 0, what="an acknowledgement")
    daemon.kill()
    safe = board.durable
    daemon.start()
    values = [reading["seq"] for reading in daemon.readings()]
    assert values[:safe] == list(range(safe))
    assert len(set(values)) == len(values)
    board.close()


def test_socket_is_private_and_a_second_daemon_is_refused(daemon, tmp_path):
    """The socket is 0660, the key 0600, and one database has one daemon."""
    assert stat.S_IMODE(os.stat(daemon.socket).st_mode) == 0o660
    assert stat.S_IMODE(os.stat(daemon.state / "node.key").st_mode) == 0o600
    second = Daemon(tmp_path, "")
    second.socket = tmp_path / "other.sock"
    second.start(ready=False)
    assert second.process.wait(timeout=10) == 1
    wait_for(lambda: any("storage.locked" in line for line in second.log), what="the reason")
    assert daemon.get("/api/v1/status")


def test_no_daemon_is_its_own_exit_code(tmp_path):
    """Without a daemon the command line says so, in both languages, with code 3."""
    nobody = Daemon(tmp_path)
    english = nobody.command_line("status", check=False)
    french = nobody.command_line("status", language="fr", check=False)
    assert english.returncode == french.returncode == 3
    assert "bivouac run" in english.stderr and "bivouac run" in french.stderr
    assert english.stderr != french.stderr


def test_a_broken_libcurl_is_told_in_words(daemon, tmp_path):
    """The daemon needs no libcurl; a command line whose libcurl cannot be loaded says why."""
    (tmp_path / "libcurl.so.4").write_text("this is not a library")
    daemon.environment["LD_LIBRARY_PATH"] = str(tmp_path)
    result = daemon.command_line("status", check=False)
    assert result.returncode == 1, result
    assert "libcurl cannot be loaded" in result.stderr and "libcurl.so.4" in result.stderr
    assert daemon.command_line("version").stdout.strip()
    del daemon.environment["LD_LIBRARY_PATH"]
    assert daemon.command_line("status").returncode == 0
