import Reactor
import Testing

@testable import Devices

/// Writes down the calls, and fails those it is told to.
private struct RecordedCalls: LineCalls {
  var calls: [String] = []
  var failing: [String: Errno] = [:]
  var speedHasConstant = true
  var raw = true

  private mutating func note(_ call: String) throws(Errno) {
    calls.append(call)
    if let error = failing[call] { throw error }
  }

  mutating func open(_ devnode: String) throws(Errno) -> Int32 {
    try note("open")
    return 77
  }
  mutating func makeRaw(_ line: Int32, speedBaud: UInt32) throws(Errno) -> Bool {
    try note("raw")
    return speedHasConstant
  }
  mutating func setSpeed(_ line: Int32, speedBaud: UInt32) throws(Errno) { try note("speed") }
  mutating func claim(_ line: Int32) throws(Errno) { try note("claim") }
  mutating func isRaw(_ line: Int32) throws(Errno) -> Bool {
    try note("check")
    return raw
  }
  mutating func close(_ line: Int32) { calls.append("close") }
}

@Suite("Opening a line") struct LineOpeningTests {
  private func open(_ calls: inout RecordedCalls) throws(Errno) -> LineOpening.Opened {
    try LineOpening.open("/dev/x", speedBaud: 115_200, with: &calls)
  }

  @Test("raw mode is the very next call after open, then the line is claimed") func order() throws {
    var calls = RecordedCalls()
    let opened = try open(&calls)
    #expect(calls.calls == ["open", "raw", "claim", "check"])
    #expect(opened.isClaimed)
    #expect(opened.speedIsExact)
  }

  @Test("an odd speed needs a call more, which may fail") func oddSpeed() throws {
    var calls = RecordedCalls(failing: ["speed": .notTerminal], speedHasConstant: false)
    let opened = try open(&calls)
    #expect(calls.calls == ["open", "raw", "claim", "speed", "check"])
    #expect(!opened.speedIsExact)
  }

  @Test("a line that cannot be claimed is used all the same") func notClaimed() throws {
    var calls = RecordedCalls(failing: ["claim": .notTerminal])
    #expect(try !open(&calls).isClaimed)
  }

  @Test("a line that cannot be made raw is closed at once", arguments: ["raw", "check"])
  func notRaw(failing: String) {
    var calls = RecordedCalls(failing: [failing: .notTerminal])
    #expect(throws: Errno.notTerminal) { try open(&calls) }
    #expect(calls.calls.last == "close")
  }

  @Test("a line that only claims to be raw is closed at once") func halfRaw() {
    var calls = RecordedCalls(raw: false)
    #expect(throws: Errno.notTerminal) { try open(&calls) }
    #expect(calls.calls.last == "close")
  }

  @Test("a line that does not open is not closed") func notOpened() {
    var calls = RecordedCalls(failing: ["open": .busy])
    #expect(throws: Errno.busy) { try open(&calls) }
    #expect(calls.calls == ["open"])
  }
}
