import Protocol

extension Span<UInt8> {
  /// A copy that outlives the span.
  var array: [UInt8] { indices.map { self[$0] } }
}

extension Body {
  var array: [UInt8] { span.array }

  init(_ write: (inout Body) -> Void) {
    self.init()
    write(&self)
  }
}

/// The wire bytes of a body.
func frameBytes(_ body: [UInt8]) -> [UInt8] { Frame(body: body.span).span.array }

/// Everything that one reader made of a stream.
struct Heard: Equatable {
  var frames: [[UInt8]]
  var lines: [[UInt8]]
  var counts: FrameReader.Counts

  /// Hears a stream on a fresh port, and then 100 ms of silence.
  init(_ stream: [UInt8]) {
    var reader = FrameReader()
    var frames: [[UInt8]] = []
    var lines: [[UInt8]] = []
    let emit = { (output: FrameReader.Output, bytes: Span<UInt8>) in
      switch output {
      case .frame: frames.append(bytes.array)
      case .text: lines.append(bytes.array)
      }
    }
    reader.push(stream.span, nowUs: 0, emit: emit)
    reader.tick(nowUs: 100_000, emit: emit)
    self.frames = frames
    self.lines = lines
    counts = reader.counts
  }
}

/// Samples in a list, the first with seq `first`.
struct ListSource: SampleSource {
  var first: UInt32
  var samples: [Sample]

  func sample(at seq: UInt32) -> Sample { samples[Int(seq - first)] }
}
