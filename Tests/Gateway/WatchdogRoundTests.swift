import Testing

@testable import Gateway

@Suite("Watchdog round") struct WatchdogRoundTests {
  private enum Event {
    case loopTurned
    case storageAnswered
  }

  /// What a new round asks for, event by event.
  private func steps(_ events: [Event]) -> [WatchdogRound.Step] {
    var round = WatchdogRound()
    return events.map { event in
      switch event {
      case .loopTurned: round.loopTurned()
      case .storageAnswered: round.storageAnswered()
      }
    }
  }

  @Test("it is fed once for each turn of the loop that storage answered") func feeds() {
    for count in [1, 2, 100] {
      let events = [[Event]](repeating: [.loopTurned, .storageAnswered], count: count)
      let expected = [[WatchdogRound.Step]](repeating: [.askStorage, .feed], count: count)
      #expect(steps(events.flatMap(\.self)) == expected.flatMap(\.self))
    }
  }

  @Test("storage that hangs is asked once and never fed for, however often the loop turns")
  func storageHangs() {
    let all = steps([Event](repeating: .loopTurned, count: 1000))
    #expect(all.first == .askStorage)
    #expect(all.dropFirst().allSatisfy { $0 == .nothing })
  }

  @Test("an answer that comes late feeds at once, and the next turn asks again") func recovers() {
    let all = steps([.loopTurned, .loopTurned, .storageAnswered, .loopTurned])
    #expect(all == [.askStorage, .nothing, .feed, .askStorage])
  }

  @Test("answers without a turn of the loop feed nothing") func loopHangs() {
    let again = [Event](repeating: .storageAnswered, count: 9)
    let all = steps([.storageAnswered, .loopTurned] + again)
    #expect(all.prefix(3) == [.nothing, .askStorage, .feed])
    #expect(all.dropFirst(3).allSatisfy { $0 == .nothing })
  }

  @Test("the interval is half of what systemd allows, and none where it watches nothing")
  func interval() {
    #expect(WatchdogRound.intervalUs(allowedUs: 60_000_000) == 30_000_000)
    #expect(WatchdogRound.intervalUs(allowedUs: 0) == nil)
    #expect(WatchdogRound.intervalUs(allowedUs: 1) == WatchdogRound.intervalMinUs)
    #expect(WatchdogRound.intervalUs(allowedUs: .max) == .max)
  }
}
