import Protocol
import TestSupport
import Testing

@testable import ProtocolSearch

@Suite("Frames and text in one stream") struct FrameReaderTests {
  private func heard(_ stream: [UInt8]) -> Heard { Heard(stream) }

  @Test("CRC-32C has its check value, whole or in parts") func crc() {
    let digits = Array("123456789".utf8)
    #expect(Crc32c.checksum(digits.span) == 0xE306_9283)
    var crc = Crc32c()
    for digit in digits { crc.update(digit) }
    #expect(crc.value == 0xE306_9283)
  }

  @Test("the example of PROTOCOL.md is framed as it says") func example() {
    let expected: [UInt8] = [
      0x00, 0x03, 0x24, 0x07, 0x03, 0x01, 0x01, 0xFA, 0xBE, 0xF3, 0xD4, 0x88, 0x00,
    ]
    #expect(frameBytes([0x24, 0x07, 0x00, 0x01, 0x01]) == expected)
  }

  @Test("a body of every length comes back as it was", arguments: 1...250)
  func everyLength(count: Int) {
    var random = Prng(seed: UInt64(count))
    for zeros in [0, 2, 100] {
      var body = (0..<count).map { _ in
        random.below(100) < zeros ? 0 : UInt8(truncatingIfNeeded: random.next())
      }
      body[0] = 0x1F
      let frame = frameBytes(body)
      #expect(frame.count == count + Limits.frameOverheadBytes)
      #expect(heard(frame).frames == [body])
    }
  }

  @Test("the types of PROTOCOL.md are types, and no other byte is") func types() {
    for byte in 0...UInt8.max {
      let isType =
        (0x01...0x06).contains(byte) || (0x0E...0x1A).contains(byte)
        || (0x1C...0x1F).contains(byte)
      #expect(MessageType.isType(byte) == isType, "\(byte)")
    }
  }

  @Test("a stream cut anywhere gives the same frames and lines") func chunks() {
    let stream =
      Array("boot\n".utf8) + frameBytes([0x12, 1, 2, 3, 4]) + Array("é\n".utf8)
      + frameBytes([0x1F])
    let whole = heard(stream)
    for cut in stream.indices {
      var reader = FrameReader()
      var frames: [[UInt8]] = []
      var lines: [[UInt8]] = []
      for part in [Array(stream[..<cut]), Array(stream[cut...])] {
        reader.push(part.span, nowUs: 0) { output, bytes in
          if output == .frame { frames.append(bytes.array) } else { lines.append(bytes.array) }
        }
      }
      #expect(frames == whole.frames)
      #expect(lines == whole.lines)
      #expect(reader.counts == whole.counts)
    }
  }

  @Test("a line without end leaves 100 ms after its last byte, not before") func pause() {
    var reader = FrameReader()
    var lines = 0
    let emit = { (_: FrameReader.Output, _: Span<UInt8>) in lines += 1 }
    #expect(reader.tickUs == nil)
    let first = Array("prompt".utf8)
    let second = Array("> ".utf8)
    reader.push(first.span, nowUs: 1_000, emit: emit)
    reader.push(second.span, nowUs: 90_000, emit: emit)
    #expect(reader.tickUs == 190_000)
    reader.tick(nowUs: 189_999, emit: emit)
    #expect(lines == 0)
    reader.tick(nowUs: 190_000, emit: emit)
    #expect(lines == 1)
    #expect(reader.tickUs == nil)
  }

  @Test("foreign bytes of a line are shown as \\xHH, UTF-8 as it is") func escape() {
    let cases: [([UInt8], String)] = [
      (Array("21,5 °C\t€ 𝄞".utf8), "21,5 °C\t€ 𝄞"),
      ([0x61, 0x00, 0x1B, 0x7F], "a\\x00\\x1B\\x7F"),
      ([0xC3, 0x28], "\\xC3("), ([0xC0, 0x80], "\\xC0\\x80"),
      ([0xED, 0xA0, 0x80], "\\xED\\xA0\\x80"), ([0xF4, 0x90, 0x80, 0x80], "\\xF4\\x90\\x80\\x80"),
      ([0xC2, 0x85], "\\xC2\\x85"), ([0xE2, 0x82], "\\xE2\\x82"),
    ]
    for (bytes, expected) in cases {
      var shown: [UInt8] = []
      TextLine.escape(bytes.span) { shown.append($0) }
      #expect(String(decoding: shown, as: UTF8.self) == expected)
    }
  }

  @Test("a smaller reader drops what its board could not hold") func smaller() {
    var reader = FrameReader(bodyBytesMax: 40)
    var bodies: [Int] = []
    for count in [40, 41] {
      let frame = frameBytes([0x1F] + [UInt8](repeating: 7, count: count - 1))
      reader.push(frame.span, nowUs: 0) { _, body in bodies.append(body.count) }
    }
    #expect(bodies == [40])
    #expect(reader.counts.overruns == 1)
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
