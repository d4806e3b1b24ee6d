import Protocol

extension FuzzCheck {
  /// SAMPLES: all or nothing comes out, in order; what is written again reads the same.
  public static let samples = FuzzCheck(
    name: "samples",
    problem: { bytes in
      let body = [MessageType.samples.rawValue] + bytes.prefix(Limits.bodyBytesMax - 1)
      return Broken.problem { () throws(Broken) in try judgeSamples(body) }
    },
    seeds: {
      Seeds.link(of: ["body"]).filter { $0.first == MessageType.samples.rawValue }
        .map { Array($0.dropFirst()) }
    })

  private static func judgeSamples(_ body: [UInt8]) throws(Broken) {
    let list = given(by: body)
    guard let header = decoded(body.span, SamplesDecoder.init) else {
      return try Broken.expect(list.isEmpty, "a refused body gave out \(list.count) samples")
    }
    try Broken.expect(list.count == Int(header.count), "the count is not what comes out")
    var ticks: UInt64 = 0
    var seq = header.first
    var isText = false
    for sample in list {
      try Broken.expect(sample.seq == seq, "seq \(sample.seq) instead of \(seq)")
      let isRight = sample.ticks >= ticks && sample.ticks < Limits.ticksEnd
      try Broken.expect(isRight, "ticks \(sample.ticks) after \(ticks)")
      try Broken.expect(Int(sample.channel) < Limits.channelsMax, "channel \(sample.channel)")
      if case .text(let offset, let count) = sample.value {
        isText = true
        let fits = count <= Limits.sampleTextBytesMax && offset + count <= body.count
        try Broken.expect(fits && offset >= 0, "a text outside of the body")
      }
      ticks = sample.ticks
      seq += 1
    }
    if !isText { try writeAgain(list, index: header.index) }
  }

  private static func writeAgain(_ list: [Sample], index: UInt8) throws(Broken) {
    var again = Body()
    let source = ListedSamples(list: list)
    let first = list[0].seq
    let written = SamplesEncoder.encode(
      index: index, first: first, end: first + UInt32(list.count), from: source,
      bodyBytesMax: Limits.bodyBytesMax, into: &again)
    let second = given(by: again.span.array)
    try Broken.expect(written > 0 && second.count == Int(written), "what is written is refused")
    for (left, right) in zip(list, second) {
      let same =
        left.seq == right.seq && left.ticks == right.ticks && left.channel == right.channel
        && bits(left.value) == bits(right.value)
      try Broken.expect(same, "sample \(left.seq) changes when it is written again")
    }
  }

  /// What comes out of a body until it is refused; nothing of a wrong one may.
  private static func given(by body: [UInt8]) -> [Sample] {
    guard decoded(body.span, SamplesDecoder.init) != nil else { return [] }
    var list: [Sample] = []
    do throws(Malformed) {
      try SamplesDecoder.forEach(in: body.span) { list.append($0) }
    } catch {
      return []
    }
    return list
  }

  /// A value with every bit of it, since a NaN equals nothing.
  private static func bits(_ value: Sample.Value) -> [UInt64] {
    switch value {
    case .integer(let number): return [0, UInt64(bitPattern: Int64(number))]
    case .float(let number): return [1, number.bitPattern]
    case .text(let offset, let count): return [2, UInt64(offset), UInt64(count)]
    }
  }
}

private struct ListedSamples: SampleSource {
  let list: [Sample]

  func sample(at seq: UInt32) -> Sample { list[Int(seq - list[0].seq)] }
}
