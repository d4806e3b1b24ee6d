import Testing

@testable import Gateway

@Suite("Watchdog round") struct WatchdogRoundTests {
  @Test("it is fed once for each turn of the loop that storage answered") func feeds() {
    var round = WatchdogRound()
    for _ in 0..<100 {
      #expect(round.loopTurned() == .askStorage)
      #expect(round.storageAnswered() == .feed)
    }
  }

  @Test("storage that hangs is asked once and never fed for, however often the loop turns")
  func storageHangs() {
    var round = WatchdogRound()
    #expect(round.loopTurned() == .askStorage)
    for _ in 0..<1000 { #expect(round.loopTurned() == .nothing) }
    #expect(round.isAsked)
  }

  @Test("an answer that comes late feeds at once, and the next turn asks again") func recovers() {
    var round = WatchdogRound()
    _ = round.loopTurned()
    _ = round.loopTurned()
    #expect(round.storageAnswered() == .feed)
    #expect(round.loopTurned() == .askStorage)
  }

  @Test("answers without a turn of the loop feed nothing") func loopHangs() {
    var round = WatchdogRound()
    #expect(round.storageAnswered() == .nothing)
    _ = round.loopTurned()
    #expect(round.storageAnswered() == .feed)
    for _ in 0..<1000 { #expect(round.storageAnswered() == .nothing) }
  }

  @Test("the interval is half of what systemd allows, and none where it watches nothing")
  func interval() {
    #expect(WatchdogRound.intervalUs(allowedUs: 60_000_000) == 30_000_000)
    #expect(WatchdogRound.intervalUs(allowedUs: 0) == nil)
    #expect(WatchdogRound.intervalUs(allowedUs: 1) == WatchdogRound.intervalMinUs)
    #expect(WatchdogRound.intervalUs(allowedUs: .max) == .max)
  }
}
