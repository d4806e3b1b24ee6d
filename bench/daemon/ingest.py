"""From the pty to the disk: the daemon beside a C program that does the same reads and rows."""

import subprocess
import tempfile

import harness
from harness import BUILT, Lines, verdict

WARM_S, SECONDS = 8, 15


def daemon(directory, rate, readings):
    """CPU of the daemon with boards on every line, and what the boards sent."""
    from daemon import Daemon, Handover
    node = Daemon(directory, "commit_interval = 1\n").start()
    lines = Lines()
    try:
        door = Handover(node)
        for at, slave in enumerate(lines.slaves):
            door.give(slave, f"bench{at}")
        lines.play("boards", rate, readings)
        return lines.measure(node.process.pid, WARM_S, SECONDS)
    finally:
        lines.close()
        node.stop(seconds=10)


def peer(directory, mode, rate, readings, body):
    """CPU of the C peer with frames of the same size on every line."""
    lines = Lines()
    process = subprocess.Popen(
        [str(BUILT / "peer"), mode, f"{directory}/peer.db", *map(str, lines.slaves)],
        pass_fds=lines.slaves, stdout=subprocess.DEVNULL)
    try:
        lines.play("raw", rate, readings, body)
        return lines.measure(process.pid, 2, SECONDS)
    finally:
        process.kill()
        process.wait()
        lines.close()


def run():
    """Both loads of the design."""
    harness.build()
    for rate, readings in ((100, 10), (200, 1)):
        with tempfile.TemporaryDirectory(dir=BUILT) as directory:
            ours, (made, frames, sent) = daemon(directory, rate, readings)
            body = min(250, max(1, round(sent / frames) - 8))
            mode = "store" if readings > 1 else "read"
            theirs, (peer_made, peer_frames, _) = peer(directory, mode, rate, readings, body)
        expected = harness.BOARDS * rate * SECONDS
        print(f"  32 boards x {rate} frames/s x {readings}: {frames} frames of {expected} asked,"
              f" {sent / frames:.1f} bytes each")
        if readings > 1:
            each, reference = 1e6 * ours / made, 1e6 * theirs / peer_made
            verdict("CPU a reading", f"{each:.3f} µs", f"C {reference:.3f} µs, ratio"
                    f" {each / reference:.2f}", "0.4 µs and 2.0",
                    each <= 0.4 and each <= 2 * reference)
        else:
            each, reference = 1e6 * ours / frames, 1e6 * theirs / peer_frames
            verdict("CPU a frame", f"{each:.2f} µs", f"C read() {reference:.2f} µs, above"
                    f" {each - reference:.2f} µs", "4 µs above", each - reference <= 4)


if __name__ == "__main__":
    run()
