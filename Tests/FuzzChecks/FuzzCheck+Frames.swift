import Protocol

extension FuzzCheck {
  /// The frame reader: any bytes, cut in any way. The first byte chooses how they are cut.
  public static let frames = FuzzCheck(
    name: "frames",
    problem: { bytes in
      guard let cut = bytes.first else { return nil }
      let stream = Array(bytes.dropFirst())
      return Broken.problem { () throws(Broken) in
        let whole = Reading(stream) { stream.count - $0 }
        try whole.judge(stream)
        let parts = Reading(stream) { at in 1 + (at &* 31 &+ Int(cut)) % (1 + Int(cut)) }
        try Broken.expect(parts == whole, "what is heard depends on how the stream is cut")
        try traceFrames(stream, expected: whole.frames)
      }
    },
    seeds: { Seeds.link(of: ["wire", "framing"]).map { [7] + $0 } })

  /// Hears the stream byte by byte: each frame must be written again as it had just been heard.
  private static func traceFrames(_ stream: [UInt8], expected: [[UInt8]]) throws(Broken) {
    var reader = FrameReader()
    var seen = 0
    for end in stream.indices {
      var body: [UInt8]?
      reader.push([stream[end]].span, nowUs: 0) { output, bytes in
        if output == .frame { body = bytes.array }
      }
      guard let body else { continue }
      seen += 1
      let wire = Frame(body: body.span).span.array
      let isThere = stream[...end].suffix(wire.count).elementsEqual(wire)
      try Broken.expect(isThere, "frame \(seen) is not what stood on the wire")
    }
    try Broken.expect(seen == expected.count, "\(seen) frames, \(expected.count) in one piece")
  }
}

/// Everything that one reader made of a stream.
private struct Reading: Equatable {
  var frames: [[UInt8]] = []
  var lines: [[UInt8]] = []
  var counts = FrameReader.Counts()

  /// Hears a stream in pieces, and then a pause; `take` says how long the piece at an offset is.
  init(_ stream: [UInt8], take: (Int) -> Int) {
    var reader = FrameReader()
    var frames: [[UInt8]] = []
    var lines: [[UInt8]] = []
    let emit = { (output: FrameReader.Output, bytes: Span<UInt8>) in
      switch output {
      case .frame: frames.append(bytes.array)
      case .text: lines.append(bytes.array)
      }
    }
    var at = 0
    while at < stream.count {
      let end = min(at + max(take(at), 1), stream.count)
      reader.push(stream.span.extracting(at..<end), nowUs: 0, emit: emit)
      at = end
    }
    reader.tick(nowUs: Limits.textPauseUs, emit: emit)
    self.frames = frames
    self.lines = lines
    counts = reader.counts
  }

  func judge(_ stream: [UInt8]) throws(Broken) {
    try Broken.expect(counts.bytes == UInt64(stream.count), "not every byte is counted")
    try Broken.expect(Int(counts.framesGood) == frames.count, "frames are miscounted")
    try Broken.expect(Int(counts.textLines) == lines.count, "lines are miscounted")
    var bytes = 0
    for frame in frames {
      let fits = (1...Limits.bodyBytesMax).contains(frame.count)
      try Broken.expect(fits && MessageType.isType(frame[0]), "a frame that is none")
      bytes += frame.count + Limits.frameOverheadBytes - 2
    }
    for line in lines {
      let fits = (1...Limits.textLineBytesMax).contains(line.count)
      try Broken.expect(fits, "a line of \(line.count) bytes")
      let holdsEnd = line.contains { [0, 0x0A, 0x0D].contains($0) }
      try Broken.expect(!holdsEnd, "a line that holds an end")
      bytes += line.count
    }
    try Broken.expect(bytes <= stream.count, "more comes out than went in")
  }
}
