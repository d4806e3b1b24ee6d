internal import CUdev
internal import Glibc
internal import Reactor

/// The system calls of opening a line, so that their order can be observed.
protocol LineCalls {
  /// open(2), non-blocking and not as controlling terminal.
  mutating func open(_ devnode: String) throws(Errno) -> Int32
  /// One tcsetattr(3); returns whether the speed was set by it.
  mutating func makeRaw(_ line: Int32, speedBaud: UInt32) throws(Errno) -> Bool
  /// TCSETS2, for a speed without a constant.
  mutating func setSpeed(_ line: Int32, speedBaud: UInt32) throws(Errno)
  /// TIOCEXCL.
  mutating func claim(_ line: Int32) throws(Errno)
  /// Whether the line is really raw: tcsetattr is content with half of what it is asked.
  mutating func isRaw(_ line: Int32) throws(Errno) -> Bool
  /// close(2).
  mutating func close(_ line: Int32)
}

/// How a line is opened, in the order that does least harm.
enum LineOpening {
  /// An open line.
  struct Opened {
    /// The descriptor; the receiver owns it.
    var line: Int32
    /// Whether the line has exactly the speed asked for.
    var speedIsExact: Bool
    /// Whether further openers are kept out.
    var isClaimed: Bool
  }

  /// Opens, and in the very next call makes raw: a fresh line echoes, and a board would take its
  /// own reports for commands. Neither a missing exclusiveness nor an odd speed is a reason to
  /// give up a line; a line that cannot be made raw is.
  static func open(
    _ devnode: String, speedBaud: UInt32, with calls: inout some LineCalls
  ) throws(Errno) -> Opened {
    let line = try calls.open(devnode)
    do throws(Errno) {
      let speedIsSet = try calls.makeRaw(line, speedBaud: speedBaud)
      let isClaimed = succeeds { () throws(Errno) in try calls.claim(line) }
      let speedIsExact =
        speedIsSet
        || succeeds { () throws(Errno) in try calls.setSpeed(line, speedBaud: speedBaud) }
      guard try calls.isRaw(line) else { throw .notTerminal }
      return Opened(line: line, speedIsExact: speedIsExact, isClaimed: isClaimed)
    } catch {
      calls.close(line)
      throw error
    }
  }

  private static func succeeds(_ call: () throws(Errno) -> Void) -> Bool {
    do {
      try call()
      return true
    } catch {
      return false
    }
  }
}

/// The calls themselves.
struct SystemLineCalls: LineCalls {
  func open(_ devnode: String) throws(Errno) -> Int32 {
    try System.openFile(devnode, flags: O_RDWR | O_NONBLOCK | O_NOCTTY).release()
  }

  func makeRaw(_ line: Int32, speedBaud: UInt32) throws(Errno) -> Bool {
    try Self.check { cserial_raw(line, speedBaud) } == 0
  }

  func setSpeed(_ line: Int32, speedBaud: UInt32) throws(Errno) {
    _ = try Self.check { cserial_speed(line, speedBaud) }
  }

  func claim(_ line: Int32) throws(Errno) {
    _ = try Self.check { cserial_claim(line) }
  }

  func isRaw(_ line: Int32) throws(Errno) -> Bool {
    try Self.check { cserial_is_raw(line) } == 1
  }

  func close(_ line: Int32) { Descriptor(adopting: line).close() }

  /// Never inlined: nothing may run between the call and the reading of errno.
  @inline(never)
  private static func check(_ body: () -> Int32) throws(Errno) -> Int32 {
    let result = body()
    guard result >= 0 else { throw Errno(code: errno) }
    return result
  }
}
