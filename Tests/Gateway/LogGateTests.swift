import Testing

@testable import Gateway

@Suite("Log gate") struct LogGateTests {
  @Test("so many lines pass in a minute, and the rest are counted") func floods() {
    var gate = LogGate()
    for _ in 0..<LogGate.linesPerMinute {
      let first = gate.pass(nowUs: 0)
      #expect(first.isOpen && first.held == 0)
    }
    for count in 1...100 as ClosedRange<UInt64> {
      let held = gate.pass(nowUs: 59_999_999)
      #expect(!held.isOpen && held.held == count)
    }
    let next = gate.pass(nowUs: 60_000_000)
    #expect(next.isOpen && next.held == 100)
    #expect(gate.pass(nowUs: 60_000_001).held == 0)
  }
}
