import Protocol
import Testing

/// One reader that hears one damaged frame after another.
private final class Damage {
  private var reader = FrameReader()
  private(set) var trials = 0
  private(set) var undetected = 0
  /// Trials from which the frame came out unharmed: the damage lay outside it.
  private(set) var unharmed = 0

  /// Hears a damaged stream and what closes it; anything but `allowed` bodies is undetected damage.
  func hear(_ stream: [UInt8], allowed: [[UInt8]]) {
    trials += 1
    var wrong = 0
    var right = 0
    let closed: [UInt8] = [0]
    for bytes in [stream, closed] {
      reader.push(bytes.span, nowUs: 0) { output, body in
        guard output == .frame else { return }
        if allowed.contains(where: { Self.areEqual($0, body) }) { right += 1 } else { wrong += 1 }
      }
    }
    undetected += wrong
    if right > 0 { unharmed += 1 }
  }

  private static func areEqual(_ array: [UInt8], _ span: Span<UInt8>) -> Bool {
    guard array.count == span.count else { return false }
    for index in array.indices where array[index] != span[index] { return false }
    return true
  }
}

@Suite("Damaged frames") struct FrameFaultTests {
  /// Every golden body that makes a frame of at most `bytesMax`.
  private static func bodies(bytesMax: Int) -> [[UInt8]] {
    Vector.all(of: "body").filter { $0.kind == .golden }.map(\.bytes)
      .filter { $0.count + Limits.frameOverheadBytes <= bytesMax }
  }

  @Test("every flipped bit of every golden frame is seen") func oneBit() {
    let damage = Damage()
    for body in Self.bodies(bytesMax: Limits.frameBytesMax) {
      let frame = frameBytes(body)
      for bit in 0..<frame.count * 8 {
        var damaged = frame
        damaged[bit / 8] ^= 1 << (bit % 8)
        damage.hear(damaged, allowed: [])
      }
    }
    print("1-bit flips: \(damage.trials) frames, \(damage.undetected) undetected")
    #expect(damage.undetected == 0)
    #expect(damage.trials > 20_000)
  }

  /// Every golden frame up to 28 bytes, one HELLO and one full SAMPLES of an AVR; in a soak all.
  private static var bodiesForPairs: [[UInt8]] {
    if isSoak { return bodies(bytesMax: Limits.frameBytesMax) }
    let long = Vector.all(of: "body").filter {
      $0.name == "hello-fresh" || $0.name == "samples-fifty-in-62"
    }
    return bodies(bytesMax: 28) + long.map(\.bytes)
  }

  @Test("every pair of flipped bits is seen") func twoBits() {
    let damage = Damage()
    for body in Self.bodiesForPairs {
      let frame = frameBytes(body)
      for first in 0..<frame.count * 8 {
        for second in 0..<first {
          var damaged = frame
          damaged[first / 8] ^= 1 << (first % 8)
          damaged[second / 8] ^= 1 << (second % 8)
          damage.hear(damaged, allowed: [])
        }
      }
    }
    print("2-bit flips: \(damage.trials) frames, \(damage.undetected) undetected")
    #expect(damage.undetected == 0)
    #expect(damage.trials > 500_000)
  }

  @Test("every dropped, doubled or inserted byte is seen") func bytes() {
    let drops = Damage()
    let duplicates = Damage()
    let insertions = Damage()
    for body in Self.bodies(bytesMax: 60) {
      let frame = frameBytes(body)
      for place in frame.indices {
        var damaged = frame
        damaged.remove(at: place)
        // Without a delimiter the frame is whole, if one stood before it.
        let isDelimiter = frame[place] == 0
        drops.hear(damaged, allowed: isDelimiter ? [body] : [])
        damaged = frame
        damaged.insert(frame[place], at: place)
        duplicates.hear(damaged, allowed: isDelimiter ? [body] : [])
        for byte in 0...UInt8.max {
          damaged = frame
          damaged.insert(byte, at: place)
          // Before the first delimiter, or as one more delimiter beside one, it does no harm.
          let isHarmless = place == 0 || (byte == 0 && (place == 1 || isDelimiter))
          insertions.hear(damaged, allowed: isHarmless ? [body] : [])
        }
      }
    }
    print(
      "1-byte drops: \(drops.trials), \(drops.undetected) undetected; duplicates:"
        + " \(duplicates.trials), \(duplicates.undetected); insertions: \(insertions.trials),"
        + " \(insertions.undetected)")
    #expect(drops.undetected == 0)
    #expect(duplicates.undetected == 0)
    #expect(insertions.undetected == 0)
    #expect(insertions.trials > 290_000)
  }

  @Test("truncations and splices leave only what 32 bits of check let through")
  func splices() {
    var random = Prng(seed: 5)
    let damage = Damage()
    let bodies = Self.bodies(bytesMax: Limits.frameBytesMax)
    for _ in 0..<60_000 {
      let left = bodies[random.below(bodies.count)]
      let right = bodies[random.below(bodies.count)]
      let first = frameBytes(left)
      let second = frameBytes(right)
      let cut = 1 + random.below(first.count - 2)
      let rejoin = 1 + random.below(second.count - 2)
      let spliced = Array(first[..<cut] + second[rejoin...])
      // A splice of two frames at the same place of what they share is one of the two.
      damage.hear(spliced, allowed: [left, right])
      damage.hear(Array(first[..<cut]), allowed: [])
    }
    print(
      "truncations and splices: \(damage.trials) streams, \(damage.undetected) undetected"
        + " (2.3e-10 of them expected)")
    #expect(damage.undetected == 0)
  }

  @Test("a stream of noise yields no frame") func noise() {
    var random = Prng(seed: 6)
    var reader = FrameReader()
    var frames = 0
    for _ in 0..<200 {
      let noise = (0..<4_096).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      reader.push(noise.span, nowUs: 0) { output, _ in if output == .frame { frames += 1 } }
    }
    print("noise: 819200 bytes, \(reader.counts.corrupt) corrupt, \(frames) frames")
    #expect(frames == 0)
  }
}
