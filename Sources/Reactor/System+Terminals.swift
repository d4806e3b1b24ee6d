internal import CLinux
internal import Glibc

/// Pseudo-terminals.
extension System {
  /// Opens a pseudo-terminal: the master (non-blocking) and the path of its other side.
  ///
  /// The other side is raw from the start and is not opened here.
  public static func openPseudoTerminal() throws(Errno) -> PseudoTerminal {
    let master = Descriptor(adopting: try check { clinux_pty_master() })
    let path = try terminalPath(ofMaster: master.raw)
    // A pty has one set of termios, and Linux lets the master change it: no window in which the
    // line discipline could echo what the other side has not yet silenced.
    _ = try check { clinux_tty_raw(master.raw) }
    return PseudoTerminal(master: master, path: path)
  }

  /// The path of the other side of a pseudo-terminal's master; `ENOTTY` for anything else.
  public static func terminalPath(ofMaster fd: Int32) throws(Errno) -> String {
    var name = [CChar](repeating: 0, count: 64)
    _ = try check { unsafe clinux_pty_name(fd, &name, 64) }
    return text(name)
  }

  /// Opens a terminal without becoming its session's, non-blocking, and makes it raw in the very
  /// next call: a fresh terminal echoes.
  public static func openRawTerminal(_ path: String) throws(Errno) -> Descriptor {
    let flags = O_RDWR | O_NONBLOCK | O_NOCTTY
    let terminal = try openFile(path, flags: flags)
    _ = try check { clinux_tty_raw(terminal.raw) }
    return terminal
  }

  /// Makes a terminal raw: no echo, no modem lines, no hang-up at close; the speed stays.
  public static func makeRaw(_ fd: Int32) throws(Errno) {
    _ = try check { clinux_tty_raw(fd) }
  }

  /// Whether a descriptor is the slave side of a Unix 98 pseudo-terminal (majors 136 to 143,
  /// the kernel's devices.txt).
  public static func isPseudoTerminalSlave(_ fd: Int32) -> Bool {
    var status = stat()
    guard unsafe fstat(fd, &status) == 0, status.st_mode & S_IFMT == S_IFCHR else { return false }
    let major = (status.st_rdev >> 8 & 0xFFF) | (status.st_rdev >> 32 & ~0xFFF)
    return (136...143).contains(major)
  }

  /// Whether a descriptor is a terminal.
  public static func isTerminal(_ fd: Int32) -> Bool { isatty(fd) == 1 }
}

/// A pseudo-terminal: its master, and the path by which its other side is opened.
public struct PseudoTerminal: ~Copyable, Sendable {
  /// The master's side.
  public let master: Descriptor
  /// The path of the other side.
  public let path: String

  /// Gives the master away.
  public consuming func releaseMaster() -> Descriptor { master }
}
