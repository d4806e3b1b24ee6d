import CPeer
import Protocol

/// Whole frames of 64-byte bodies, COBS and CRC-32C: FrameReader against the C peer, same bytes.
enum DecodeBench {
  private static let frameCount = 200_000
  private static let rounds = 5
  private static let ratioMax = 2.0

  static func run() {
    var stream: [UInt8] = []
    var random: UInt32 = 1
    for _ in 0..<frameCount {
      var body = [UInt8(0x01)]
      for _ in 1..<64 {
        random = random &* 1_664_525 &+ 1_013_904_223
        body.append(UInt8(truncatingIfNeeded: random >> 24))
      }
      let frame = Frame(body: body.span)
      for index in frame.span.indices { stream.append(frame.span[index]) }
    }
    var ours = Double.infinity
    var peer = Double.infinity
    var allocations: UInt = 0
    // The best of a few rounds, in turns: a neighbour on the machine disturbs single ones.
    for _ in 0..<rounds {
      var reader = FrameReader()
      var found = 0
      let one = Measure.of {
        let before = peer_allocations()
        reader.push(stream.span, nowUs: 0) { _, body in found += body[0] != 0 ? 1 : 0 }
        allocations = max(allocations, peer_allocations() - before)
      }
      var good = 0
      let other = Measure.of {
        good = unsafe stream.withUnsafeBufferPointer { bytes in
          guard let start = bytes.baseAddress else { return 0 }
          return unsafe peer_decode(start, bytes.count)
        }
      }
      precondition(found == frameCount && good == frameCount, "\(found), \(good) came through")
      ours = min(ours, one.cpuS)
      peer = min(peer, other.cpuS)
    }
    let ratio = ours / peer
    let nanoseconds = 1e9 / Double(frameCount)
    print(
      "  a frame of 64 bytes: \(fixed(ours * nanoseconds, 0)) ns, C -O2"
        + " \(fixed(peer * nanoseconds, 0)) ns, ratio \(fixed(ratio, 2)), limit"
        + " \(fixed(ratioMax, 1)): \(ratio <= ratioMax ? "ok" : "MISSED")")
    print(
      "  allocations in \(frameCount) frames: \(allocations), limit 0:"
        + " \(allocations == 0 ? "ok" : "MISSED")")
  }
}
