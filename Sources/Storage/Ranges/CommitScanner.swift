internal import Model
internal import Sync

/// Takes what a scan of commits finds, without a commit being decoded as a whole.
protocol CommitVisitor {
  /// A source with `samples` samples begins, of a shape that `shapes` has at that index; indices
  /// are valid until `forget`. Says for each channel whether its samples are wanted.
  mutating func begin(
    shape: Int, of shapes: borrowing SourceShapes, firstSeq: UInt32, spans: [SeqSpan],
    samples: Int, wanted: inout [Bool]
  )
  /// A group of that many neighbouring channels follows.
  mutating func group(channel: Int, width: Int, rows: Int)
  /// So many bytes of a group of which nothing was wanted.
  mutating func skipped(channel: Int, bytes: Int)
  /// The number, a mantissa or a bit pattern, of the source's sample with that index.
  mutating func number(channel: Int, sample: Int, time: Int64, value: Int64)
  /// The text, in UTF-8, of the source's sample with that index.
  mutating func text(channel: Int, sample: Int, time: Int64, value: [UInt8])
  /// Indices of shapes begin anew.
  mutating func forget()
}

/// Goes along the bytes of a commit body and hands over only what is wanted.
///
/// For bodies that this node wrote and whose check holds: it keeps to the bytes and the table
/// whatever they say, and throws what it cannot follow, but leaves the finer rules to
/// `CommitDecoder`.
enum CommitScanner {
  /// Scans a body; the result is the arrival that it states, in µs.
  static func scan(
    _ bytes: Span<UInt8>, shapes: inout SourceShapes, visitor: inout some CommitVisitor
  ) throws(DecodeError) -> Int64 {
    guard bytes.count <= Sync.Limits.commitBytesMax else { throw DecodeError(.tooLong, at: 0) }
    var reader = ScanReader(bytes)
    guard try reader.u8() == CommitEncoder.version else { throw DecodeError(.version, at: 0) }
    let arrivalUs = Int64(bitPattern: try reader.varint())
    let sources = try reader.count(max: Sync.Limits.commitSourcesMax)
    var scan = SourceScan()
    for _ in 0..<sources {
      try scan.run(&reader, arrivalUs: arrivalUs, shapes: &shapes, visitor: &visitor)
    }
    guard reader.offset == bytes.count else { throw reader.error(.leftover) }
    return arrivalUs
  }
}

/// The scan of one source; its buffers are used again for the next.
private struct SourceScan {
  private var wanted: [Bool] = []
  private var above: [Int64] = []
  private var spans: [SeqSpan] = []
  private var time: Int64 = 0
  private var sample = 0

  @_lifetime(reader: copy reader)
  mutating func run(
    _ reader: inout ScanReader, arrivalUs: Int64, shapes: inout SourceShapes,
    visitor: inout some CommitVisitor
  ) throws(DecodeError) {
    let start = reader.offset
    _ = try reader.u8()
    try reader.skip(Int(try reader.u8()))
    let isNumbered = try reader.u8() == 1
    if isNumbered { _ = try reader.varint() }
    let head = start..<reader.offset
    var firstSeq: UInt32 = 0
    spans.removeAll(keepingCapacity: true)
    if isNumbered {
      firstSeq = UInt32(truncatingIfNeeded: try reader.varint())
      try reader.spans(into: &spans)
    }
    let shape = try Self.shape(&reader, head, &shapes, &visitor)
    let codes = shapes.codes(shape)
    let samples = try reader.count(max: Sync.Limits.commitSamplesMax)
    wanted.removeAll(keepingCapacity: true)
    wanted.append(contentsOf: repeatElement(false, count: codes.count))
    visitor.begin(
      shape: shape, of: shapes, firstSeq: firstSeq, spans: spans, samples: samples,
      wanted: &wanted)
    guard wanted.count == codes.count else { throw reader.error(.count) }
    (time, sample) = (isNumbered ? 0 : arrivalUs, 0)
    while sample < samples {
      floats(&reader, samples, codes, &visitor)
      if sample < samples { try group(&reader, samples, codes, &visitor) }
    }
  }

  /// Goes over groups of one float each, which is how a board's scan of floats is written: most of
  /// their time went into fields of one byte.
  @_lifetime(reader: copy reader)
  private mutating func floats(
    _ reader: inout ScanReader, _ samples: Int, _ codes: [UInt8],
    _ visitor: inout some CommitVisitor
  ) {
    while sample < samples, let lone = reader.loneFloat(), lone.channel < codes.count,
      codes[lone.channel] == 1
    {
      reader.skipLoneFloat()
      time &+= lone.step
      visitor.group(channel: lone.channel, width: 1, rows: 1)
      if wanted[lone.channel] {
        visitor.number(channel: lone.channel, sample: sample, time: time, value: lone.bits)
      } else {
        visitor.skipped(channel: lone.channel, bytes: 8)
      }
      sample &+= 1
    }
  }

  /// The shape of the source whose table comes next.
  @_lifetime(reader: copy reader)
  private static func shape(
    _ reader: inout ScanReader, _ head: Range<Int>, _ shapes: inout SourceShapes,
    _ visitor: inout some CommitVisitor
  ) throws(DecodeError) -> Int {
    let start = reader.offset
    if shapes.isGuess(reader.bytes, head: head),
      let (found, end) = shapes.takeGuess(reader.bytes, tableAt: start)
    {
      try reader.skip(end - start)
      return found
    }
    let channels = try reader.count(max: Sync.Limits.sourceChannelsMax)
    for _ in 0..<channels {
      try reader.skip(Int(try reader.u8()))
      try reader.skip(Int(try reader.u8()) + 3)
    }
    var name: [UInt8] = []
    name.reserveCapacity(head.count + reader.offset - start)
    for index in head { name.append(reader.bytes[index]) }
    for index in start..<reader.offset { name.append(reader.bytes[index]) }
    if let found = shapes.find(name) { return found }
    if try shapes.add(name, table: head.count) { visitor.forget() }
    return shapes.all.count - 1
  }

  @_lifetime(reader: copy reader)
  private mutating func group(
    _ reader: inout ScanReader, _ samples: Int, _ codes: [UInt8],
    _ visitor: inout some CommitVisitor
  ) throws(DecodeError) {
    let channel = try reader.count(max: max(codes.count - 1, 0))
    let width = try reader.count(max: codes.count - channel)
    let rows = try reader.count(max: samples - sample)
    guard width > 0, rows > 0, width * rows <= samples - sample else {
      throw reader.error(.count)
    }
    var isWanted = false
    for column in channel..<(channel + width) where wanted[column] { isWanted = true }
    visitor.group(channel: channel, width: width, rows: rows)
    time &+= ScanReader.unzigzag(try reader.varint())
    let period = rows > 1 ? ScanReader.unzigzag(try reader.varint()) : 0
    let first = time
    time &+= period &* Int64(rows - 1)
    defer { sample += width * rows }
    let start = reader.offset
    switch (codes[channel], isWanted) {
    case (0, true):
      try decimals(&reader, channel..<(channel + width), rows, first, period, &visitor)
      return
    case (0, false): try reader.skipVarints(width * rows)
    case (1, false): try reader.skip(8 * rows)
    case (1, true):
      for row in 0..<rows {
        let bits = Int64(bitPattern: try reader.fixed64())
        visitor.number(
          channel: channel, sample: sample + row, time: first &+ period &* Int64(row), value: bits)
      }
    case (_, false): for _ in 0..<rows { try reader.skip(try reader.count(max: 0xFFFF)) }
    case (_, true):
      for row in 0..<rows {
        let text = try reader.raw(try reader.count(max: 0xFFFF))
        visitor.text(
          channel: channel, sample: sample + row, time: first &+ period &* Int64(row), value: text)
      }
    }
    if !isWanted { visitor.skipped(channel: channel, bytes: reader.offset - start) }
  }

  @_lifetime(reader: copy reader)
  private mutating func decimals(
    _ reader: inout ScanReader, _ channels: Range<Int>, _ rows: Int, _ first: Int64,
    _ period: Int64, _ visitor: inout some CommitVisitor
  ) throws(DecodeError) {
    let width = channels.count
    var above: [Int64] = []
    swap(&above, &self.above)
    defer { self.above = above }
    if above.count < width { above = [Int64](repeating: 0, count: width) }
    for column in 0..<width { above[column] = 0 }
    var rowTime = first
    var index = sample
    for _ in 0..<rows {
      for column in 0..<width {
        let difference = try reader.varint()
        if wanted[channels.lowerBound &+ column] {
          let value = above[column] &+ ScanReader.unzigzag(difference)
          above[column] = value
          visitor.number(
            channel: channels.lowerBound &+ column, sample: index, time: rowTime, value: value)
        }
        index &+= 1
      }
      rowTime &+= period
    }
  }
}
