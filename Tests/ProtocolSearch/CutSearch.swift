import Protocol

/// A board reset, a host crash, an unplugged line: after every byte of a conversation, in either
/// direction, none left out.
enum CutSearch {
  /// What happens at one byte of the conversation.
  private enum Cut: CaseIterable { case boardReset, hostCrash, unplug }

  /// From the first word far into the samples and the commands.
  private static let bytesToHost = 1_500
  private static let bytesToBoard = 400

  /// Runs every cut; false when after any of them the books were wrong.
  static func run() -> Bool {
    var trials = 0
    var wrong: [String] = []
    let seconds = Stopwatch.seconds {
      for cut in Cut.allCases {
        for count in 1...bytesToHost {
          trials += 1
          wrong += run(cut, afterToHost: count, afterToBoard: nil)
            .map { "\(cut) after \(count) bytes to the host: \($0)" }
        }
        for count in 1...bytesToBoard {
          trials += 1
          wrong += run(cut, afterToHost: nil, afterToBoard: count)
            .map { "\(cut) after \(count) bytes to the board: \($0)" }
        }
      }
    }
    for line in wrong.prefix(20) { print(line) }
    print("conversations cut after every byte: \(trials), \(wrong.count) violations, \(seconds) s")
    return wrong.isEmpty
  }

  /// Runs until `count` bytes went over the line in one direction, cuts there, and sees what comes
  /// of it. The board needs no two seconds of quiet to be interesting: the first cut is made in the
  /// first session, with commands and samples on their way.
  private static func run(_ cut: Cut, afterToHost: Int?, afterToBoard: Int?) -> [String] {
    let simulation = Simulation(seed: UInt64(afterToHost ?? afterToBoard ?? 0), stepMs: 1)
    simulation.scanMs = 40
    // The quiet time, in large steps.
    simulation.run(ms: 1_990)
    var isReached = false
    for step in 0..<3_000 where !isReached {
      simulation.step()
      if step == 60 { simulation.order() }
      if let count = afterToHost, simulation.toHost.carried >= count { isReached = true }
      if let count = afterToBoard, simulation.toBoard.carried >= count { isReached = true }
    }
    guard isReached else { return ["so many bytes were never said"] }
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
}
