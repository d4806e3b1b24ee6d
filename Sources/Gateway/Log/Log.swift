internal import Glibc

/// One line on standard error for each event, `key=value`, in English, for people and programs.
///
/// Where standard error is not a terminal every line begins with the priority that the journal
/// understands (sd-daemon(3)): `<4>event=port.failed node=...`. Values are quoted when they need
/// it, and control characters are escaped: what a device says cannot forge a line.
public struct Log: Sendable {
  /// How much a line matters: RFC 5424 severities.
  public enum Level: Int, Sendable, Comparable, CaseIterable {
    /// Something is lost or cannot go on.
    case error = 3
    /// Something a person should look at.
    case warning = 4
    /// A change of state worth knowing.
    case notice = 5
    /// Ordinary events.
    case info = 6
    /// For whoever searches a fault.
    case debug = 7

    /// The more urgent is the smaller.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// The level of a configuration's `log_level`; nil for a word that is none.
    public init?(name: String) {
      guard let level = Self.allCases.first(where: { "\($0)" == name }) else { return nil }
      self = level
    }
  }

  /// The longest line, in bytes; fields that are beyond are left out. Below PIPE_BUF, so that a
  /// pipe that takes anything takes a whole line.
  static let lineBytesMax = 2048
  /// The longest value, in bytes; what is beyond is cut off.
  static let valueBytesMax = 512

  /// The least urgent level that is written.
  public var threshold: Level
  private let hasPriorities: Bool
  /// Which of several sites of one daemon the lines are of; nil for its first one, and where there
  /// is no other.
  public var site: String?

  /// Writes to standard error what is at least as urgent as `threshold`.
  public init(threshold: Level = .info) {
    self.threshold = threshold
    hasPriorities = isatty(STDERR_FILENO) == 0
  }

  /// Writes one line: the event's name and what belongs to it, in the order given.
  public func write(
    _ level: Level, _ event: String, _ fields: KeyValuePairs<String, String> = [:]
  ) {
    guard level <= threshold else { return }
    let line = Self.line(hasPriorities ? level : nil, event, fields, site: site)
    // Nobody who is slow to read the log may hold the loop up: a full pipe loses the line.
    var pipe = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    guard unsafe poll(&pipe, 1, 0) == 1, pipe.revents & Int16(POLLOUT) != 0 else { return }
    // One write, so that lines of other threads cannot stand within it.
    _ = unsafe line.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  /// The bytes of a line, newline included. What does not fit leaves a sign that it is missing.
  static func line(
    _ level: Level?, _ event: String, _ fields: KeyValuePairs<String, String>, site: String? = nil
  ) -> [UInt8] {
    var line: [UInt8] = []
    if let level { line += Array("<\(level.rawValue)>".utf8) }
    line += Array("event=\(event)".utf8)
    if let site { line += Array(" site=".utf8) + quoted(site) }
    for (key, value) in fields {
      let field = Array(" \(key)=".utf8) + quoted(value)
      guard line.count + field.count < lineBytesMax - cutMark.count else {
        line += cutMark
        break
      }
      line += field
    }
    return line + [0x0A]
  }

  private static let cutMark = Array(" cut=true".utf8)

  /// A value as one word, or in quotes with everything escaped that could end them or the line.
  private static func quoted(_ value: String) -> [UInt8] {
    let plain = value.utf8.allSatisfy { byte in
      byte > 0x20 && byte < 0x7F && byte != 0x22 && byte != 0x3D && byte != 0x5C
    }
    if plain, !value.isEmpty, value.utf8.count <= valueBytesMax { return Array(value.utf8) }
    var out: [UInt8] = [0x22]
    for scalar in value.unicodeScalars {
      let escaped = escaped(scalar)
      guard out.count + escaped.count <= valueBytesMax else {
        out += Array("...".utf8)
        break
      }
      out += escaped
    }
    return out + [0x22]
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> [UInt8] {
    switch scalar.value {
    case 0x22, 0x5C: return [0x5C, UInt8(scalar.value)]
    case 0x0A: return Array("\\n".utf8)
    // The second block of controls too: a terminal may obey them.
    case 0..<0x20, 0x7F..<0xA0: return Array("\\x".utf8) + hexadecimal(UInt8(scalar.value))
    // Line and paragraph separators, and the marks that turn the direction of writing.
    case 0x2028...0x202E, 0x2066...0x2069:
      return Array("\\u".utf8) + hexadecimal(UInt8(scalar.value >> 8))
        + hexadecimal(UInt8(scalar.value & 0xFF))
    default: return Array(String(scalar).utf8)
    }
  }

  private static func hexadecimal(_ byte: UInt8) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
  }
}
