import Protocol
import TestSupport
import Testing

@testable import ProtocolSearch

@Suite("Board and host on one line") struct SimulationTests {
  @Test("a new board is given an id, read, attached and emptied") func fresh() {
    let simulation = Simulation(seed: 1)
    simulation.run(ms: 10_000)
    #expect(simulation.host.session.isAttached)
    #expect(simulation.board.session.epoch == 1)
    #expect(simulation.host.samplesStored > 5_000)
    simulation.drain()
    #expect(simulation.verdict() == [])
    #expect(simulation.host.session.counts.repeated == 0)
    #expect(simulation.host.session.counts.againRequests == 0)
  }

  @Test(
    "nothing is lost silently, stored twice or run twice on a bad line",
    arguments: 0..<(isSoak ? 400 : 16) as Range<UInt64>)
  func badLine(seed: UInt64) {
    // Every other board is as small as an AVR; ticks begin anywhere.
    let simulation = Simulation(
      seed: seed, settings: seed.isMultiple(of: 2) ? PlayedBoard.avr : nil,
      ticks: UInt32.max &- UInt32(seed) &* 5_000)
    var random = Prng(seed: seed &+ 1_000)
    simulation.run(ms: 5_000)
    // 16 seeds make a million. A board that is reset often makes fewer in the same time: then it
    // goes on.
    let samplesMin: UInt64 = 62_500
    var rounds = 0
    while rounds < 64 || (simulation.samplesMade <= samplesMin && rounds < 128) {
      rounds += 1
      simulation.faults = LineFaults(
        drop: random.below(60), flip: random.below(60), duplicate: random.below(60),
        hold: random.below(30))
      simulation.run(ms: 500 + random.below(1_500))
      switch random.below(10) {
      case 0: simulation.resetBoard()
      case 1: simulation.crashHost()
      case 2: simulation.unplug()
      case 3...7: simulation.order()
      default: break
      }
    }
    simulation.drain()
    #expect(simulation.verdict() == [], "seed \(seed)")
    let host = simulation.host
    print(
      "seed \(seed): \(simulation.samplesMade) samples made, \(host.samplesStored) stored,"
        + " \(simulation.resets) resets, \(simulation.crashes) crashes,"
        + " \(host.orders.count) orders")
    #expect(simulation.samplesMade > samplesMin, "seed \(seed)")
  }

  @Test("a board that looks at its line every 66 ms never has more than 48 bytes waiting")
  func slowBoard() {
    let simulation = Simulation(seed: 3, stepMs: 1, settings: PlayedBoard.avr)
    simulation.pollMs = 66
    simulation.scanMs = 1_000
    for _ in 0..<40 {
      simulation.run(ms: 1_000)
      simulation.order()
    }
    simulation.drain()
    #expect(simulation.verdict() == [])
    #expect(simulation.unreadMax > 26 && simulation.unreadMax <= 48)
    #expect(simulation.host.orders.allSatisfy { $0.status == .done })
  }
}
