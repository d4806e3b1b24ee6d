"""From the pty to the disk: the daemon beside a C program that does the same reads and rows.

Both work at the same time on lines of their own, so that whatever else the machine does, and how
often its processors fall asleep, weighs on both alike.
"""

import subprocess
import tempfile

import harness
from harness import BOARDS, BUILT, Lines, cpu_s, verdict

WARM_S, SECONDS = 8, 20


def peer(directory, mode, lines):
    """The C program on lines of its own."""
    return subprocess.Popen(
        [str(BUILT / "peer"), mode, f"{directory}/peer.db", *map(str, lines.slaves)],
        pass_fds=lines.slaves, stdout=subprocess.DEVNULL)


def both(directory, rate, readings):
    """CPU, readings and frames of the daemon and of the C program, and the bytes of a frame."""
    from daemon import Daemon, Handover
    node = Daemon(directory, "commit_interval = 1\n").start()
    boards, raw = Lines(), Lines()
    other = None
    try:
        door = Handover(node)
        for at, slave in enumerate(boards.slaves):
            door.give(slave, f"bench{at}")
        boards.play("boards", rate, readings)
        for _ in range(WARM_S):
            _, frames, sent = boards.told()
        other = peer(directory, "store" if readings > 1 else "read", raw)
        raw.play("raw", rate, readings, min(250, max(1, round(sent / frames) - 8)))
        for _ in range(2):
            raw.told()
        sides = ((node.process.pid, boards), (other.pid, raw))
        before = [(cpu_s(process), boards_or_raw.told()) for process, boards_or_raw in sides]
        for _ in range(SECONDS):
            told = [lines.told() for _, lines in sides]
        after = [(cpu_s(process), said) for (process, _), said in zip(sides, told)]
        return [(now - then, *(end - begin for begin, end in zip(began, ended)))
                for (then, began), (now, ended) in zip(before, after)]
    finally:
        if other:
            other.kill()
            other.wait()
        boards.close()
        raw.close()
        node.stop(seconds=10)


def run():
    """Both loads of the design."""
    harness.build()
    for rate, readings in ((100, 10), (200, 1)):
        with tempfile.TemporaryDirectory(dir=BUILT) as directory:
            (ours, made, frames, sent), (theirs, peer_made, peer_frames, _) = both(
                directory, rate, readings)
        print(f"  {BOARDS} boards x {rate} frames/s x {readings}: {frames} frames of"
              f" {BOARDS * rate * SECONDS} asked, {sent / frames:.1f} bytes each")
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
