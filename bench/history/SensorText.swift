import Glibc

/// The readings of a set as text, for the databases that are programs of their own.
nonisolated enum SensorText {
  /// No set or format has that name, or nobody reads what is written.
  struct Unknown: Error { let what: String }

  enum Format: String {
    /// InfluxDB's line protocol, times in milliseconds.
    case influx
    /// Rows of PostgreSQL's COPY: time in milliseconds, value, series.
    case copy
  }

  /// 2024-01-01 00:00 UTC in milliseconds: where the boards' clocks begin.
  static let beginMs: Int64 = 1_704_067_200_000

  private static let chunkBytes = 1 << 16

  /// Writes the readings of one board of a set to the standard output, second after second.
  static func write(_ set: SensorSet, as name: String) throws {
    guard let format = Format(rawValue: name) else { throw Unknown(what: name) }
    var clock = SensorClock(set, board: 0)
    var sensors = (0..<AtRest.channels).map { Sensor(set.kind, channel: $0) }
    var out: [UInt8] = []
    for _ in 0..<AtRest.seconds {
      let timeMs = clock.next()
      for channel in sensors.indices {
        let value = sensors[channel].next()
        line(set.kind, channel: channel, timeMs: beginMs + timeMs, value, format, into: &out)
      }
      if out.count >= chunkBytes { try flush(&out) }
    }
    try flush(&out)
  }

  private static func line(
    _ kind: SensorKind, channel: Int, timeMs: Int64, _ value: Int64, _ format: Format,
    into out: inout [UInt8]
  ) {
    switch format {
    case .influx:
      out += "reading,channel=c\(channel) value=".utf8
      number(kind, value, format, into: &out)
      out += " \(timeMs)\n".utf8
    case .copy:
      out += "\(timeMs)\t".utf8
      number(kind, value, format, into: &out)
      out += "\t\(channel)\n".utf8
    }
  }

  /// As the type that suits the kind best in either: a truth value, an integer, a float.
  private static func number(
    _ kind: SensorKind, _ value: Int64, _ format: Format, into out: inout [UInt8]
  ) {
    switch kind {
    case .relay: out += (value == 1 ? "t" : "f").utf8
    case .counter: out += (format == .influx ? "\(value)i" : "\(value)").utf8
    case .float64: out += "\(Double(bitPattern: UInt64(bitPattern: value)))".utf8
    case .temperature, .ph, .ds18b20: decimal(value, -Int(kind.exponent ?? 0), into: &out)
    }
  }

  private static func decimal(_ mantissa: Int64, _ decimals: Int, into out: inout [UInt8]) {
    var digits = Array("\(mantissa.magnitude)".utf8)
    while digits.count <= decimals { digits.insert(UInt8(ascii: "0"), at: 0) }
    if mantissa < 0 { out.append(UInt8(ascii: "-")) }
    out += digits.dropLast(decimals)
    out.append(UInt8(ascii: "."))
    out += digits.suffix(decimals)
  }

  private static func flush(_ out: inout [UInt8]) throws {
    var written = 0
    while written < out.count {
      let count = unsafe out[written...].withUnsafeBytes {
        unsafe Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count)
      }
      guard count > 0 else { throw Unknown(what: "errno \(errno)") }
      written += count
    }
    out.removeAll(keepingCapacity: true)
  }
}
