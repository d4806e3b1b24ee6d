import Protocol

/// Bytes of a reading on the line, against the design's budgets, and the speed of reading them,
/// against the checksum alone of the same bytes.
enum WireBench {
  /// What a budget of the design is exceeded by.
  struct Exceeded: Error { let what: String }

  /// Readings in tenths that wander, `width` channels at one time, one scan a second.
  private struct Wandering: SampleSource {
    let width: UInt32

    func sample(at seq: UInt32) -> Sample {
      let row = Int64(seq / width)
      let channel = seq % width
      let wander = (row &* 7 &+ Int64(channel) &* 13) % 11 - 5
      return Sample(
        seq: seq, ticks: UInt64(row) * 1000, channel: UInt8(channel),
        value: .integer(215 + wander))
    }
  }

  static func run() throws {
    try size("1 channel, 50 a batch, 250-byte bodies", width: 1, batch: 50, body: 250, budget: 2)
    try size("1 channel, 10 a batch, 62-byte bodies", width: 1, batch: 10, body: 62, budget: 4)
    try size("27 channels, a scan a batch, 62-byte bodies", width: 27, batch: 27, body: 62)
    speed()
  }

  private static func frames(
    width: UInt32, batch: UInt32, body bodyBytesMax: Int, readings: UInt32
  ) -> [UInt8] {
    var stream: [UInt8] = []
    let source = Wandering(width: width)
    var seq: UInt32 = 0
    while seq < readings {
      let end = min(seq - seq % batch + batch, readings)
      var body = Body()
      seq += SamplesEncoder.encode(
        index: 0, first: seq, end: end, from: source, bodyBytesMax: bodyBytesMax, into: &body)
      let frame = Frame(body: body.span)
      for index in frame.span.indices { stream.append(frame.span[index]) }
    }
    return stream
  }

  private static func size(
    _ what: String, width: UInt32, batch: UInt32, body: Int, budget: Double? = nil
  ) throws {
    let readings: UInt32 = 27_000
    let stream = frames(width: width, batch: batch, body: body, readings: readings)
    let each = Double(stream.count) / Double(readings)
    let limit = budget.map { ", at most \(fixed($0, 1))" } ?? ""
    print("  \(what): \(fixed(each, 2)) bytes a reading\(limit)")
    if let budget, each > budget { throw Exceeded(what: what) }
  }

  private static func speed() {
    let readings: UInt32 = 2_000_000
    let stream = frames(width: 1, batch: 50, body: 250, readings: readings)
    var sum: UInt32 = 0
    let reference = Measure.of { sum = Crc32c.checksum(stream.span) }
    var reader = FrameReader()
    var found = 0
    let reading = Measure.of {
      reader.push(stream.span, nowUs: 0) { _, body in
        // A malformed body would show in the count.
        found += (try? SamplesDecoder(body)).map { Int($0.count) } ?? 0
      }
    }
    precondition(found == Int(readings) && sum != 0, "\(found) of \(readings) came through")
    let rate = Double(readings) / reading.cpuS / 1e6
    let ratio = reading.cpuS / reference.cpuS
    print(
      "  reading frames and samples: \(fixed(rate, 1)) M readings/s of one core,"
        + " \(fixed(ratio, 1)) times the cost of the checksum alone")
  }
}
