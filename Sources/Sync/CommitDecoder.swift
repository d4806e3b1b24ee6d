internal import Model

/// Reads commit bodies; everything is checked before anything is returned.
public enum CommitDecoder {
  /// Decodes a body of at most `Limits.commitBytesMax` bytes.
  ///
  /// It accepts groups that a canonical encoder would have chosen otherwise: what is kept and
  /// signed is the bytes themselves. Memory is bounded by the body: a sample takes at least a byte.
  public static func decode(_ bytes: [UInt8]) throws(DecodeError) -> CommitBody {
    try decode(bytes.span)
  }

  /// Decodes a body of at most `Limits.commitBytesMax` bytes, in place.
  public static func decode(_ bytes: Span<UInt8>) throws(DecodeError) -> CommitBody {
    guard bytes.count <= Limits.commitBytesMax else { throw DecodeError(.tooLong, at: 0) }
    var reader = FieldReader(bytes)
    guard try reader.u8() == CommitEncoder.version else { throw DecodeError(.version, at: 0) }
    let arrivalUs = try reader.time()
    let count = try reader.count(max: Limits.commitSourcesMax)
    var sources: [CommitSource] = []
    var samplesLeft = Limits.commitSamplesMax
    for _ in 0..<count {
      let start = reader.offset
      let source = try self.source(&reader, arrivalUs: arrivalUs, samplesMax: samplesLeft)
      if let last = sources.last, !last.precedes(source) { throw DecodeError(.order, at: start) }
      samplesLeft -= source.samples.count
      sources.append(source)
    }
    try reader.end()
    return CommitBody(arrivalUs: arrivalUs, sources: sources)
  }

  /// The arrival that a body states, without decoding the rest.
  public static func arrivalUs(_ bytes: Span<UInt8>) throws(DecodeError) -> Int64 {
    var reader = FieldReader(bytes)
    guard try reader.u8() == CommitEncoder.version else { throw DecodeError(.version, at: 0) }
    return try reader.time()
  }

  private static func source(
    _ reader: inout FieldReader, arrivalUs: Int64, samplesMax: Int
  ) throws(DecodeError) -> CommitSource {
    let identity = try reader.identity()
    let clockAt = reader.offset
    let clock: SourceClock
    var numbered: Int?
    switch try reader.u8() {
    case 0: clock = .node
    case 1:
      let epoch = try reader.varint32()
      let first = try reader.varint32()
      let (spans, samples) = try self.spans(&reader, first: first)
      clock = .device(epoch: epoch, first: first, spans: spans)
      numbered = samples
    default: throw DecodeError(.range, at: clockAt)
    }
    let channelCount = try reader.count(max: min(Limits.sourceChannelsMax, reader.remaining))
    var channels: [CommitChannel] = []
    channels.reserveCapacity(channelCount)
    for _ in 0..<channelCount { channels.append(try reader.channel()) }
    let countAt = reader.offset
    let count = try reader.count(max: min(samplesMax, reader.remaining))
    if let numbered, numbered != count { throw DecodeError(.spans, at: countAt) }
    if numbered == nil, count == 0 { throw DecodeError(.count, at: countAt) }
    let limits = GroupLimits(
      base: numbered == nil ? arrivalUs : 0,
      timeEnd: numbered == nil ? Int64.max : Limits.ticksMsEnd)
    let samples = try groups(&reader, count: count, channels: channels, limits: limits)
    return CommitSource(identity: identity, clock: clock, channels: channels, samples: samples)
  }

  private static func spans(
    _ reader: inout FieldReader, first: UInt32
  ) throws(DecodeError) -> ([SeqSpan], samples: Int) {
    let count = try reader.count(max: min(Limits.sourceSpansMax, reader.remaining))
    guard count > 0 else { throw reader.error(.spans) }
    var spans: [SeqSpan] = []
    spans.reserveCapacity(count)
    var next = UInt64(first)
    var samples = 0
    for _ in 0..<count {
      let start = reader.offset
      guard let fate = SeqSpan.Fate(rawValue: try reader.u8()) else {
        throw DecodeError(.range, at: start)
      }
      let length = try reader.varint32()
      next += UInt64(length)
      guard length > 0, next <= UInt64(Limits.seqEnd), spans.last?.fate != fate,
        spans.last?.fate != .unknownTail
      else { throw DecodeError(.spans, at: start) }
      if fate == .samples { samples += Int(length) }
      spans.append(SeqSpan(fate, count: length))
    }
    return (spans, samples)
  }

  private struct GroupLimits {
    let base: Int64
    let timeEnd: Int64
  }

  private static func groups(
    _ reader: inout FieldReader, count: Int, channels: [CommitChannel], limits: GroupLimits
  ) throws(DecodeError) -> [CommitSample] {
    var samples: [CommitSample] = []
    samples.reserveCapacity(count)
    var last = limits.base
    while samples.count < count {
      let start = reader.offset
      guard !channels.isEmpty else { throw DecodeError(.count, at: start) }
      let channel = try reader.count(max: channels.count - 1)
      let width = try reader.count(max: channels.count - channel)
      let rows = try reader.count(max: count - samples.count)
      guard width > 0, rows > 0, width * rows <= count - samples.count else {
        throw DecodeError(.count, at: start)
      }
      let (first, overflow) = last.addingReportingOverflow(try reader.zigzag())
      let period = rows > 1 ? try reader.zigzag() : 0
      let (distance, overflow2) = period.multipliedReportingOverflow(by: Int64(rows - 1))
      let (final, overflow3) = first.addingReportingOverflow(distance)
      guard !overflow, !overflow2, !overflow3, (0..<limits.timeEnd).contains(first),
        (0..<limits.timeEnd).contains(final)
      else { throw DecodeError(.range, at: start) }
      last = final
      let group = Group(
        channel: channel, width: width, rows: rows, first: first, period: period)
      try values(&reader, group, channels: channels, into: &samples)
    }
    return samples
  }

  private struct Group {
    let channel: Int
    let width: Int
    let rows: Int
    let first: Int64
    let period: Int64
  }

  private static func values(
    _ reader: inout FieldReader, _ group: Group, channels: [CommitChannel],
    into samples: inout [CommitSample]
  ) throws(DecodeError) {
    let start = reader.offset
    for column in 0..<group.width where group.width > 1 {
      guard case .decimal = channels[group.channel + column].form else {
        throw DecodeError(.count, at: start)
      }
    }
    for row in 0..<group.rows {
      let time = group.first + group.period * Int64(row)
      for column in 0..<group.width {
        let value: SampleValue
        switch channels[group.channel + column].form {
        case .decimal:
          let difference = try reader.zigzag()
          if row > 0, case .decimal(let above) = samples[samples.count - group.width].value {
            value = .decimal(above &+ difference)
          } else {
            value = .decimal(difference)
          }
        case .float: value = .float(bits: try reader.fixed(UInt64.self))
        case .text: value = .text(try reader.textV(max: Value.textBytesMax))
        }
        samples.append(
          CommitSample(channel: Int32(group.channel + column), time: time, value: value))
      }
    }
  }
}
