internal import Model

/// Writes commit bodies in their one canonical form.
public enum CommitEncoder {
  /// The version that is written.
  public static let version: UInt8 = 1

  /// Encodes a body; the same content always gives the same bytes.
  ///
  /// A body that breaks the rules (sources out of order, spans that do not add up, a value of
  /// another form than its channel's) is our own mistake and stops the process: `ReadingBatch`
  /// makes none.
  public static func encode(_ body: CommitBody) -> [UInt8] {
    var writer = FieldWriter()
    // About a table's entry for each channel, and what most readings take.
    let channels = body.sources.reduce(0) { $0 + $1.channels.count }
    writer.reserve(64 + body.sources.count * 64 + channels * 16 + body.sampleCount * 3)
    writer.u8(version)
    precondition(body.arrivalUs >= 0, "arrival \(body.arrivalUs)")
    writer.varint(UInt64(body.arrivalUs))
    writer.varint(body.sources.count)
    for index in body.sources.indices {
      if index > 0 {
        precondition(
          body.sources[index - 1].precedes(body.sources[index]), "source \(index) out of order")
      }
      encode(body.sources[index], arrivalUs: body.arrivalUs, into: &writer)
    }
    return writer.bytes
  }

  private static func encode(
    _ source: CommitSource, arrivalUs: Int64, into writer: inout FieldWriter
  ) {
    writer.identity(source.identity)
    var base = arrivalUs
    switch source.clock {
    case .node:
      writer.u8(0)
    case .device(let epoch, let first, let spans):
      base = 0
      writer.u8(1)
      writer.varint(UInt64(epoch))
      writer.varint(UInt64(first))
      encode(spans, samples: source.samples.count, into: &writer)
    }
    writer.varint(source.channels.count)
    for channel in source.channels { writer.channel(channel) }
    writer.varint(source.samples.count)
    encodeGroups(source.samples, channels: source.channels, base: base, into: &writer)
  }

  private static func encode(
    _ spans: [SeqSpan], samples: Int, into writer: inout FieldWriter
  ) {
    writer.varint(spans.count)
    var sum = 0
    for span in spans {
      writer.u8(span.fate.rawValue)
      writer.varint(UInt64(span.count))
      if span.fate == .samples { sum += Int(span.count) }
    }
    precondition(sum == samples, "spans hold \(sum) of \(samples) samples")
  }

  private static func encodeGroups(
    _ samples: [CommitSample], channels: [CommitChannel], base: Int64,
    into writer: inout FieldWriter
  ) {
    var start = 0
    var last = base
    while start < samples.count {
      let width = scanWidth(samples, from: start)
      let rows = rowCount(samples, from: start, width: width)
      let head = samples[start]
      writer.varint(Int(head.channel))
      writer.varint(width)
      writer.varint(rows)
      writer.zigzag(head.time - last)
      last = samples[start + (rows - 1) * width].time
      if rows > 1 { writer.zigzag(samples[start + width].time - head.time) }
      for index in start..<(start + rows * width) {
        let sample = samples[index]
        precondition(
          sample.time >= 0 && sample.value.hasForm(channels[Int(sample.channel)].form),
          "sample \(index) does not fit its channel")
        switch sample.value {
        case .decimal(let mantissa):
          let above = index - width
          if above >= start, case .decimal(let before) = samples[above].value {
            writer.zigzag(mantissa &- before)
          } else {
            writer.zigzag(mantissa)
          }
        case .float(let bits): writer.fixed(bits)
        case .text(let text):
          precondition(text.utf8.count <= Value.textBytesMax, "text of \(text.utf8.count) bytes")
          writer.bytesV(text.utf8)
        }
      }
      start += rows * width
    }
  }

  /// As many decimals as have one time and stand one after the other in the channel table.
  private static func scanWidth(_ samples: [CommitSample], from start: Int) -> Int {
    guard case .decimal = samples[start].value else { return 1 }
    var width = 1
    while start + width < samples.count {
      let next = samples[start + width]
      guard case .decimal = next.value, next.time == samples[start].time,
        Int(next.channel) == Int(samples[start].channel) + width
      else { break }
      width += 1
    }
    return width
  }

  /// As many rows as repeat the first one's channels, each at one time, all at one distance.
  private static func rowCount(_ samples: [CommitSample], from start: Int, width: Int) -> Int {
    var rows = 1
    var period: Int64 = 0
    while true {
      let row = start + rows * width
      guard row + width <= samples.count else { return rows }
      let time = samples[row].time
      let distance = time - samples[row - width].time
      if rows == 1 { period = distance }
      guard distance == period else { return rows }
      for column in 0..<width {
        let sample = samples[row + column]
        guard sample.channel == samples[start + column].channel, sample.time == time else {
          return rows
        }
      }
      rows += 1
    }
  }
}
