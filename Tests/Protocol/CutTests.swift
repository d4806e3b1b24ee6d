import Protocol
import Testing

/// What happens at one byte of the conversation.
private enum Cut: CaseIterable { case boardReset, hostCrash, unplug }

@Suite("Cut at every byte") struct CutTests {
  /// Runs until `count` bytes went over the line in one direction, cuts there, and sees what comes
  /// of it. The board needs no two seconds of quiet to be interesting: the first cut is made in the
  /// first session, with commands and samples on their way.
  private func run(_ cut: Cut, afterToHost: Int?, afterToBoard: Int?) -> [String] {
    let simulation = Simulation(seed: UInt64(afterToHost ?? afterToBoard ?? 0), stepMs: 1)
    simulation.scanMs = 40
    // The quiet time, in large steps.
    simulation.run(ms: 1_990)
    for step in 0..<3_000 {
      simulation.step()
      if step == 60 { simulation.order() }
      if let count = afterToHost, simulation.toHost.carried >= count { break }
      if let count = afterToBoard, simulation.toBoard.carried >= count { break }
    }
    switch cut {
    case .boardReset: simulation.resetBoard()
    case .hostCrash: simulation.crashHost()
    case .unplug: simulation.unplug()
    }
    simulation.stepMs = 20
    simulation.run(ms: 6_000)
    simulation.order()
    simulation.drain()
    return simulation.verdict()
  }

  @Test("a cut after any byte that the board sent loses nothing silently") func toHost() {
    for cut in Cut.allCases {
      for count in stride(from: 1, to: isSoak ? 1_500 : 300, by: isSoak ? 1 : 5) {
        let wrong = run(cut, afterToHost: count, afterToBoard: nil)
        #expect(wrong == [], "\(cut) after \(count) bytes to the host")
      }
    }
  }

  @Test("a cut after any byte that the host sent runs nothing twice") func toBoard() {
    for cut in Cut.allCases {
      for count in stride(from: 1, to: isSoak ? 400 : 160, by: isSoak ? 1 : 3) {
        let wrong = run(cut, afterToHost: nil, afterToBoard: count)
        #expect(wrong == [], "\(cut) after \(count) bytes to the board")
      }
    }
  }
}
