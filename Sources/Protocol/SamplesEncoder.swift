/// SAMPLES (06), written as the reference encoder does (PROTOCOL.md appendix A).
public enum SamplesEncoder {
  /// Writes samples from `first` up to, not including, `end`, as many as the body holds.
  ///
  /// - Parameters:
  ///   - index: of the epoch, 0 to 3.
  ///   - first: the seq of the first sample; below `end`.
  ///   - end: the first seq that may not be sent.
  ///   - source: gives the samples, integers and floats, ticks never decreasing.
  ///   - bodyBytesMax: of the body, at least 58.
  ///   - body: an empty body.
  /// - Returns: how many samples were written, at least 1.
  public static func encode<Source: SampleSource & ~Copyable & ~Escapable>(
    index: UInt8, first: UInt32, end: UInt32, from source: borrowing Source, bodyBytesMax: Int,
    into body: inout Body
  ) -> UInt32 {
    precondition(first < end && bodyBytesMax <= Limits.bodyBytesMax)
    var ticks = source.sample(at: first).ticks
    body.append(MessageType.samples.rawValue)
    body.append(index)
    body.append(varint: UInt64(first))
    body.append(varint: ticks)
    var seq = first
    while seq < end {
      let sample = source.sample(at: seq)
      let written: UInt32
      switch sample.value {
      case .integer:
        written = group(
          first: sample, end: end, from: source, bodyBytesMax: bodyBytesMax, ticks: &ticks,
          into: &body)
      case .float(let value):
        written = float(
          value, of: sample, bodyBytesMax: bodyBytesMax, ticks: &ticks, into: &body)
      case .text: preconditionFailure("a source gives no text")
      }
      guard written > 0 else { break }
      seq += written
    }
    return seq - first
  }

  private static func float(
    _ value: Double, of sample: Sample, bodyBytesMax: Int, ticks: inout UInt64,
    into body: inout Body
  ) -> UInt32 {
    let wait = sample.ticks - ticks
    guard body.count + 10 + Varint.size(wait) <= bodyBytesMax else { return 0 }
    body.append(0xFF)
    body.append(sample.channel)
    body.append(varint: wait)
    body.append(u64: value.bitPattern)
    ticks = sample.ticks
    return 1
  }

  /// The value of an integer sample on this channel with these ticks; nil when it is another.
  private static func integer(_ sample: Sample, channel: UInt8, ticks: UInt64) -> Int64? {
    guard case .integer(let value) = sample.value, sample.channel == channel,
      sample.ticks == ticks
    else { return nil }
    return value
  }

  private static func group<Source: SampleSource & ~Copyable & ~Escapable>(
    first: Sample, end: UInt32, from source: borrowing Source, bodyBytesMax: Int,
    ticks: inout UInt64, into body: inout Body
  ) -> UInt32 {
    let available = end - first.seq
    var run: UInt32 = 0
    let widthMax = min(available, UInt32(Limits.channelsMax) - UInt32(first.channel))
    while run < widthMax,
      integer(
        source.sample(at: first.seq + run), channel: first.channel + UInt8(run),
        ticks: first.ticks) != nil
    { run += 1 }

    let period = self.period(after: run, first: first, end: end, from: source)
    let wait = first.ticks - ticks
    let headerBytes = 3 + Varint.size(wait) + Varint.size(period)
    guard case .integer(let firstValue) = first.value,
      body.count + headerBytes + Varint.size(zigzag: firstValue) <= bodyBytesMax
    else { return 0 }

    let start = body.count
    body.append(first.channel)
    body.append(0)
    body.append(1)
    body.append(varint: wait)
    body.append(varint: period)
    var width: UInt32 = 0
    while width < run,
      case .integer(let value) = source.sample(at: first.seq + width).value,
      body.count + Varint.size(zigzag: value) <= bodyBytesMax
    {
      body.append(zigzag: value)
      width += 1
    }
    body[start + 1] = UInt8(width)

    var rows: UInt32 = 1
    if width == run && period > 0 {
      while rows < UInt32(Limits.rowsMax), (rows + 1) * width <= available,
        row(
          at: first.seq + rows * width, width: width, channel: first.channel,
          ticks: first.ticks + UInt64(rows) * period, from: source, bodyBytesMax: bodyBytesMax,
          into: &body)
      { rows += 1 }
    }
    body[start + 2] = UInt8(rows)
    if rows == 1 { shortenPeriod(period, at: start + 3 + Varint.size(wait), in: &body) }
    ticks = first.ticks + (rows > 1 ? UInt64(rows - 1) * period : 0)
    return rows * width
  }

  /// The ticks from the first row to the sample after it, when that can begin a second row; else 0.
  private static func period<Source: SampleSource & ~Copyable & ~Escapable>(
    after run: UInt32, first: Sample, end: UInt32, from source: borrowing Source
  ) -> UInt64 {
    guard run < end - first.seq else { return 0 }
    let next = source.sample(at: first.seq + run)
    guard case .integer = next.value, next.channel == first.channel else { return 0 }
    return next.ticks - first.ticks
  }

  /// Writes one further row whole, or nothing.
  private static func row<Source: SampleSource & ~Copyable & ~Escapable>(
    at seq: UInt32, width: UInt32, channel: UInt8, ticks: UInt64, from source: borrowing Source,
    bodyBytesMax: Int, into body: inout Body
  ) -> Bool {
    let start = body.count
    for column in 0..<width {
      guard
        let value = integer(
          source.sample(at: seq + column), channel: channel + UInt8(column), ticks: ticks),
        case .integer(let above) = source.sample(at: seq + column - width).value
      else {
        body.truncate(to: start)
        return false
      }
      let (difference, overflow) = value.subtractingReportingOverflow(above)
      let bytes = Varint.size(zigzag: difference)
      guard !overflow, difference >= -0x8000_0000, difference <= 0x7FFF_FFFF,
        body.count + bytes <= bodyBytesMax
      else {
        body.truncate(to: start)
        return false
      }
      body.append(zigzag: difference)
    }
    return true
  }

  /// A period that turned out to have no second row is written as 0, and the values move up.
  private static func shortenPeriod(_ period: UInt64, at offset: Int, in body: inout Body) {
    let surplus = Varint.size(period) - 1
    body[offset] = 0
    guard surplus > 0 else { return }
    for index in offset + 1..<body.count - surplus { body[index] = body[index + surplus] }
    body.truncate(to: body.count - surplus)
  }
}
