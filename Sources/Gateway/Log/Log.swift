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

  /// The longest line, in bytes; what is beyond is cut off.
  static let lineBytesMax = 2048

  /// The least urgent level that is written.
  public var threshold: Level
  private let hasPriorities: Bool

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
    let line = Self.line(hasPriorities ? level : nil, event, fields)
    // One write, so that lines of other threads cannot stand within it; a full pipe loses the line.
    _ = unsafe line.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  /// The bytes of a line, newline included.
  static func line(
    _ level: Level?, _ event: String, _ fields: KeyValuePairs<String, String>
  ) -> [UInt8] {
    var line: [UInt8] = []
    if let level { line += Array("<\(level.rawValue)>".utf8) }
    line += Array("event=\(event)".utf8)
    for (key, value) in fields {
      line += Array(" \(key)=".utf8)
      line += quoted(value)
    }
    if line.count >= lineBytesMax { line.removeLast(line.count - lineBytesMax + 1) }
    return line + [0x0A]
  }

  private static func quoted(_ value: String) -> [UInt8] {
    let plain = value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3D && $0 != 0x7F }
    if plain, !value.isEmpty { return Array(value.utf8) }
    var out: [UInt8] = [0x22]
    for byte in value.utf8 {
      switch byte {
      case 0x22, 0x5C: out += [0x5C, byte]
      case 0x0A: out += Array("\\n".utf8)
      case 0..<0x20, 0x7F: out += Array("\\x".utf8) + hexadecimal(byte)
      default: out.append(byte)
      }
    }
    return out + [0x22]
  }

  private static func hexadecimal(_ byte: UInt8) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
  }
}
