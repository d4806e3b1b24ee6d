import Protocol
import TestSupport
import Testing

@testable import ProtocolSearch

@Suite("The clock fit") struct ClockFitTests {
  /// A board whose tick lasts `1000 * (1 + ppm / 10^6)` µs, and a line with delays.
  private struct Clock {
    var ppm: Double
    var bootUs: Int64 = 5_000_000_000
    var random = Prng(seed: 3)

    func trueUs(_ ticks: UInt64) -> Double {
      Double(bootUs) + Double(ticks) * 1000 * (1 + ppm / 1_000_000)
    }

    mutating func probe(_ ticks: UInt64, delayUs: Int, segment: UInt64 = 0) -> ClockProbe {
      let there = Int64(500 + random.below(delayUs))
      let back = Int64(500 + random.below(delayUs))
      let atUs = Int64(trueUs(ticks).rounded())
      return ClockProbe(
        sentUs: atUs - there, receivedUs: atUs + back, ticks: ticks, segment: segment)
    }
  }

  @Test("the truth lies within the bound, provisional or good", arguments: [-4_000, -50, 0, 3_000])
  func bound(ppm: Int) throws {
    var clock = Clock(ppm: Double(ppm))
    var fit = ClockFit()
    var ticks: UInt64 = 3_000
    for probe in 0..<200 {
      fit.add(clock.probe(ticks, delayUs: probe.isMultiple(of: 7) ? 60_000 : 3_000))
      let line = try #require(fit.line)
      for at in [0, ticks / 2, ticks, ticks + 60_000, ticks + 3_600_000] {
        let error = (Double(line.bootUs(atTicks: at)) - clock.trueUs(at)).magnitude
        #expect(
          error <= Double(line.boundUs(atTicks: at)) + 1, "probe \(probe), ticks \(at)")
      }
      ticks += probe < 4 ? 100 : 15_000
    }
    let line = try #require(fit.line)
    #expect(line.quality == .good)
    #expect((Double(line.ratePpb) - Double(ppm) * 1000).magnitude < 20_000)
  }

  @Test("a line is good only over 60 s, from four probes that agree") func goodness() {
    var clock = Clock(ppm: 100)
    var fit = ClockFit()
    for ticks in stride(from: 0 as UInt64, through: 59_000, by: 1_000) {
      fit.add(clock.probe(ticks, delayUs: 200))
    }
    // 32 probes are kept: they span 31 s.
    #expect(fit.line?.quality == .provisional)
    fit = ClockFit()
    for ticks in [0, 30_000, 59_999] as [UInt64] { fit.add(clock.probe(ticks, delayUs: 200)) }
    #expect(fit.line?.quality == .provisional)
    fit.add(clock.probe(60_000, delayUs: 200))
    #expect(fit.line?.quality == .good)
  }

  @Test("a probe that does not fit is left out, and a rate that cannot be is none") func outliers()
  {
    var clock = Clock(ppm: 0)
    var fit = ClockFit()
    for index in 0..<20 as Range<UInt64> {
      var probe = clock.probe(index * 10_000, delayUs: 200)
      if index == 10 {
        probe.sentUs += 40_000
        probe.receivedUs += 40_000
      }
      fit.add(probe)
    }
    #expect(fit.line?.quality == .good)
    #expect((fit.line?.ratePpb ?? .max).magnitude < 10_000)
    var wild = Clock(ppm: 6_000)
    var other = ClockFit()
    for index in 0..<20 as Range<UInt64> { other.add(wild.probe(index * 10_000, delayUs: 200)) }
    #expect(other.line?.quality == .provisional)
  }

  @Test("a probe that took long is left out, even when it fits within 5 ms") func slowProbes() {
    var fit = ClockFit()
    for index in 0..<20 as Range<Int64> {
      // Every third waited 8 ms on its way back: its middle is 4 ms late.
      let lateUs: Int64 = index.isMultiple(of: 3) ? 8_000 : 0
      let atUs = index * 10_000_000
      fit.add(
        ClockProbe(
          sentUs: atUs - 500, receivedUs: atUs + 500 + lateUs, ticks: UInt64(index) * 10_000,
          segment: 0))
    }
    #expect(fit.line?.quality == .good)
    #expect((fit.line?.boundUs ?? .max) <= 502)
  }

  @Test("a new segment starts anew, and what cannot be is ignored") func segments() {
    var clock = Clock(ppm: 0)
    var fit = ClockFit()
    for ticks in [0, 30_000, 60_000, 90_000] as [UInt64] {
      fit.add(clock.probe(ticks, delayUs: 200))
    }
    #expect(fit.line?.quality == .good)
    var isNew = false
    let backwards = clock.probe(80_000, delayUs: 200)
    isNew = fit.add(backwards)
    #expect(!isNew)
    var early = clock.probe(95_000, delayUs: 200)
    early.receivedUs = early.sentUs - 1
    isNew = fit.add(early)
    #expect(!isNew)
    isNew = fit.add(clock.probe(100_000, delayUs: 200, segment: 95_000))
    #expect(isNew)
    #expect(fit.line?.quality == .provisional)
    #expect(fit.line?.segment == 95_000)
    isNew = fit.add(clock.probe(110_000, delayUs: 200, segment: 0))
    #expect(!isNew)
  }

  @Test("the ends of the range do not overflow") func extremes() throws {
    var fit = ClockFit()
    let last: UInt64 = (1 << 48) - 1
    fit.add(ClockProbe(sentUs: 0, receivedUs: 10, ticks: 0, segment: 0))
    for ticks in [last / 3, last / 2, last - 60_000, last] {
      fit.add(
        ClockProbe(
          sentUs: Int64(ticks) * 1000, receivedUs: Int64(ticks) * 1000 + 10, ticks: ticks,
          segment: 0))
    }
    let line = try #require(fit.line)
    #expect(line.quality == .good)
    #expect((line.bootUs(atTicks: last) - Int64(last) * 1000).magnitude < 1_000)
    #expect(line.bootUs(atTicks: 0).magnitude < 1_000)
    // A board that lies about its ticks moves its own line, and nothing else.
    var liar = ClockFit()
    for (index, ticks) in ([0, last, last, last] as [UInt64]).enumerated() {
      liar.add(
        ClockProbe(
          sentUs: Int64(index), receivedUs: Int64(index) + 20_000_000, ticks: ticks, segment: 0))
    }
    #expect(liar.line?.quality == .provisional)
    #expect((liar.line?.boundUs(atTicks: 0) ?? 0) >= 0)
  }
}
