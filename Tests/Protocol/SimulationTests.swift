import Protocol
import Testing

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
    arguments: 0..<12 as Range<UInt64>)
  func badLine(seed: UInt64) {
    let simulation = Simulation(seed: seed)
    var random = Prng(seed: seed &+ 1_000)
    simulation.run(ms: 5_000)
    for _ in 0..<60 {
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
  }
}
