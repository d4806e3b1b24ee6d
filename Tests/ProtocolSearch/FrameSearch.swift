import Protocol

/// A golden frame, as it stands on the wire.
struct GoldenFrame {
  var bytes: [UInt8]
  /// What a reader makes of it; nil when its body is no message.
  var body: [UInt8]?

  /// Every golden frame of `link.txt`, each once.
  static let all: [GoldenFrame] = {
    var frames: [GoldenFrame] = []
    for vector in Vector.all where vector.kind == .golden {
      let frame: GoldenFrame
      switch vector.sort {
      case "body": frame = GoldenFrame(bytes: frameBytes(vector.bytes), body: vector.bytes)
      case "wire":
        frame = GoldenFrame(bytes: vector.bytes, body: vector.values("b").first.flatMap(hexBytes))
      case "framing": frame = GoldenFrame(bytes: vector.bytes)
      default: continue
      }
      if !frames.contains(where: { $0.bytes == frame.bytes }) { frames.append(frame) }
    }
    return frames
  }()
}

/// Every small damage to every golden frame, none left out, before the decoder that ships.
enum FrameSearch {
  /// Runs every search; false when any damage passed or spoiled what came after it.
  static func run(_ frames: [GoldenFrame]) -> Bool {
    let bytes = frames.reduce(0) { $0 + $1.bytes.count }
    let longest = frames.map(\.bytes.count).max() ?? 0
    print("\(frames.count) golden frames, \(bytes) bytes, the longest \(longest)")
    let searches: [(String, ([GoldenFrame], inout FrameJudge) -> Void)] = [
      ("whole frames", whole), ("1-bit flips", oneBit), ("2-bit flips", twoBits),
      ("1-byte duplicates", duplicates), ("1-byte insertions", insertions),
      ("cuts and losses between any two bytes", losses), ("opened at any byte", openings),
      ("splices of any two frames", splices),
    ]
    var isGood = !frames.isEmpty && longest == Limits.frameBytesMax
    if !isGood { print("a frame of \(Limits.frameBytesMax) bytes is missing") }
    for (name, search) in searches {
      var judge = FrameJudge(next: [0x12, 0x07, 0, 0, 0])
      let seconds = Stopwatch.seconds { search(frames, &judge) }
      print(
        "\(name): \(judge.trials) streams, \(judge.undetected) undetected, \(judge.lost) lost,"
          + " \(seconds) s")
      if judge.trials == 0 || judge.undetected + judge.lost > 0 { isGood = false }
    }
    return isGood
  }

  private static func whole(_ frames: [GoldenFrame], _ judge: inout FrameJudge) {
    for frame in frames { judge.hear(frame.bytes.span, expected: frame.body) }
  }

  private static func oneBit(_ frames: [GoldenFrame], _ judge: inout FrameJudge) {
    for frame in frames {
      var damaged = frame.bytes
      for bit in 0..<damaged.count * 8 {
        damaged[bit / 8] ^= 1 << (bit % 8)
        judge.hear(damaged.span)
        damaged[bit / 8] ^= 1 << (bit % 8)
      }
    }
  }

  private static func twoBits(_ frames: [GoldenFrame], _ judge: inout FrameJudge) {
    for frame in frames {
      var damaged = frame.bytes
      for first in 0..<damaged.count * 8 {
        damaged[first / 8] ^= 1 << (first % 8)
        for second in 0..<first {
          damaged[second / 8] ^= 1 << (second % 8)
          judge.hear(damaged.span)
          damaged[second / 8] ^= 1 << (second % 8)
        }
        damaged[first / 8] ^= 1 << (first % 8)
      }
    }
  }

  private static func duplicates(_ frames: [GoldenFrame], _ judge: inout FrameJudge) {
    for frame in frames {
      for place in frame.bytes.indices {
        var damaged = frame.bytes
        damaged.insert(frame.bytes[place], at: place)
        // Two zeros in a row are an empty segment.
        judge.hear(damaged.span, expected: frame.bytes[place] == 0 ? frame.body : nil)
      }
    }
  }

  private static func insertions(_ frames: [GoldenFrame], _ judge: inout FrameJudge) {
    for frame in frames {
      let end = frame.bytes.count
      for place in 0...end {
        var damaged = frame.bytes
        damaged.insert(0, at: place)
        for byte in 0...UInt8.max {
          damaged[place] = byte
          // Outside the delimiters, or as one more delimiter beside one, it does no harm.
          let isHarmless =
            place == 0 || place == end || (byte == 0 && (place == 1 || place == end - 1))
          judge.hear(damaged.span, expected: isHarmless ? frame.body : nil)
        }
      }
    }
  }

  /// Whatever is lost between two places of a frame: a byte, a head, a tail, all of it.
  private static func losses(_ frames: [GoldenFrame], _ judge: inout FrameJudge) {
    for frame in frames {
      let end = frame.bytes.count
      for start in 0..<end {
        for resumed in start + 1...end {
          let damaged = Array(frame.bytes[..<start] + frame.bytes[resumed...])
          // One delimiter alone may go: its neighbour's does as well.
          let isHarmless = resumed - start == 1 && (start == 0 || resumed == end)
          judge.hear(damaged.span, expected: isHarmless ? frame.body : nil)
        }
      }
    }
  }

  /// What precedes the first zero after an open is never a frame.
  private static func openings(_ frames: [GoldenFrame], _ judge: inout FrameJudge) {
    for frame in frames {
      for start in 0...frame.bytes.count {
        let heard = Array(frame.bytes[start...])
        judge.reopen()
        judge.hear(heard.span, expected: start == 0 ? frame.body : nil)
      }
    }
  }

  /// The head of one frame run into the tail of another, both cut anywhere inside. So many are
  /// tried that 32 bits of check let one through for one set of vectors in a few hundred.
  private static func splices(_ frames: [GoldenFrame], _ judge: inout FrameJudge) {
    for first in frames {
      for second in frames {
        for cut in 1..<first.bytes.count {
          let head = first.bytes[..<cut]
          for rejoined in 1..<second.bytes.count {
            let spliced = Array(head + second.bytes[rejoined...])
            // A splice at the same place of what two frames share is one of the two.
            let isFirst = spliced == first.bytes
            let body = isFirst ? first.body : spliced == second.bytes ? second.body : nil
            judge.hear(spliced.span, expected: body)
          }
        }
      }
    }
  }
}
