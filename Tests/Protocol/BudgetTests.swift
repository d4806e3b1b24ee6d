import Protocol
import TestSupport
import Testing

@testable import ProtocolSearch

@Suite("What a reading costs on the wire") struct BudgetTests {
  private func encode(
    _ samples: [Sample], first: UInt32, count: Int, bodyBytesMax: Int
  ) -> (wireBytes: Int, written: Int) {
    var body = Body()
    let written = SamplesEncoder.encode(
      index: 0, first: first, end: first + UInt32(count),
      from: ListSource(first: first, samples: samples), bodyBytesMax: bodyBytesMax, into: &body)
    return (body.count + Limits.frameOverheadBytes, Int(written))
  }

  /// A temperature in tenths of a degree, walking by at most one step, once a second for a month.
  private var walk: [Sample] {
    var random = Prng(seed: 1)
    var value: Int64 = 215
    return (0..<500 as Range<UInt32>).map { index in
      value += Int64(random.below(3)) - 1
      return Sample(
        seq: 2_592_000 + index, ticks: 2_592_000_000 + UInt64(index) * 1000, channel: 0,
        value: .integer(value))
    }
  }

  @Test("at most 2.0 bytes at 50 a batch, 4.0 at 10 a batch of an AVR") func oneChannel() {
    let fifty = encode(walk, first: 2_592_000, count: 50, bodyBytesMax: 250)
    let ten = encode(walk, first: 2_592_000, count: 10, bodyBytesMax: 62)
    #expect(fifty.written == 50 && ten.written == 10)
    let each = Double(fifty.wireBytes) / 50
    let eachOfTen = Double(ten.wireBytes) / 10
    print("wire: \(each) bytes a reading at 50 a batch, \(eachOfTen) at 10 of an AVR")
    #expect(each <= 2.0)
    #expect(eachOfTen <= 4.0)
  }

  @Test("a scan of 27 channels is printed beside them") func scan() {
    for (bodyBytesMax, scans) in [(250, 1), (250, 8), (62, 1), (62, 8)] {
      var samples: [Sample] = []
      for row in 0..<scans {
        for channel in 0..<27 {
          let value = Int64((channel * 137) % 950) + Int64(row % 2)
          samples.append(
            Sample(
              seq: UInt32(500_000 + row * 27 + channel), ticks: 86_400_000 + UInt64(row) * 1000,
              channel: UInt8(channel), value: .integer(value)))
        }
      }
      var wireBytes = 0
      var done = 0
      while done < samples.count {
        let frame = encode(
          Array(samples[done...]), first: 500_000 + UInt32(done), count: samples.count - done,
          bodyBytesMax: bodyBytesMax)
        wireBytes += frame.wireBytes
        done += frame.written
      }
      let each = Double(wireBytes) / Double(samples.count)
      print("wire: \(scans) scans of 27 in bodies of \(bodyBytesMax): \(each) bytes a reading")
      #expect(each < 4.0)
    }
  }
}
