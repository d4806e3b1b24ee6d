import Model
import Testing

@testable import Gateway

@Suite("Write meter") struct WriteMeterTests {
  @Test("a day and the years of a card follow from what was written") func rate() {
    let view = WriteMeter.view(
      source: "device", written: 10_000_000, overUs: 3_600_000_000, deviceBytes: 16_000_000_000)
    #expect(view.bytesPerDay == 240_000_000 && view.overSeconds == 3_600)
    // 16 GB, 300 times over, at 0.24 GB a day.
    #expect(view.cardYears == 54)
  }

  @Test("nothing is said of a day in the first ten minutes, nor of a card without a size")
  func unknown() {
    #expect(
      WriteMeter.view(source: "device", written: 1, overUs: 599_000_000, deviceBytes: 1)
        .bytesPerDay == nil)
    let process = WriteMeter.view(
      source: "process", written: 1, overUs: 600_000_000, deviceBytes: nil)
    #expect(process.bytesPerDay == 144 && process.cardYears == nil)
    #expect(
      WriteMeter.view(source: "device", written: 0, overUs: 600_000_000, deviceBytes: 1)
        .cardYears == nil)
  }

  @Test("where there is a counter it is read, and it never runs backwards") func counter() {
    var meter = WriteMeter(folder: ".", nowUs: 0)
    let first = meter.view?.writtenBytes
    #expect(first == 0)
    meter.refresh(nowUs: 20_000_000)
    #expect((meter.view?.writtenBytes ?? -1) >= 0 && meter.view?.overSeconds == 20)
  }
}
