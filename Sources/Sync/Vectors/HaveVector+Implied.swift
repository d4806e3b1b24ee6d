internal import Model

extension HaveVector {
  /// This vector without the runs that are complete here and that a run in it says enough of:
  /// each daemon start begins a run, and a node would name them all for ever.
  ///
  /// `parent` is what the first entry of a run says of the run before it, where that entry is here.
  public func leavingOutImplied(
    _ parent: (RunId) -> IncarnationBegun.Parent?
  ) -> HaveVector {
    let runs = Set(logs.keys.map(\.run))
    var parents: [RunId: RunId] = [:]
    // Where two runs name one parent (a cloned disk), the lowest vouches for it.
    var vouchers: [RunId: RunId] = [:]
    for run in runs.sorted() {
      guard self[LogId(run, .state)].seen.contains(1), let named = parent(run) else { continue }
      let above = RunId(origin: run.origin, incarnation: named.incarnation)
      guard above != run, vouchers[above] == nil, isComplete(above, named.heads) else { continue }
      parents[run] = above
      vouchers[above] = run
    }
    var result = self
    for run in runs where vouchers[run] == nil {
      var ancestors = 0
      var above = parents[run]
      while let left = above {
        ancestors += 1
        for lane in Lane.allCases { result[LogId(left, lane)] = HaveLog() }
        above = parents[left]
      }
      if ancestors > 0 { result[LogId(run, .state)].ancestors = ancestors }
    }
    return result
  }

  /// This vector with the runs that it left out, as far as their children's first entries are
  /// known here; what is put back nowhere is as if it was not had there.
  public func puttingBackImplied(
    _ parent: (RunId) -> IncarnationBegun.Parent?
  ) -> HaveVector {
    var result = self
    // Over all logs: no vector makes this go on for longer than the runs that it may name.
    var room = Limits.vectorLogsMax
    for (log, state) in logs where state.ancestors > 0 {
      result[log].ancestors = 0
      var run = log.run
      for _ in 0..<min(state.ancestors, room) {
        room -= 1
        guard let named = parent(run) else { break }
        let above = RunId(origin: run.origin, incarnation: named.incarnation)
        for lane in Lane.allCases {
          let head = named.heads[Int(lane.rawValue)]
          guard lane != .rollups, head > 0, head < lane.seqEnd else { continue }
          let place = LogId(above, lane)
          let all = Intervals(1...head)
          let had = result[place]
          result[place] = HaveLog(
            seen: had.seen.union(all), held: had.held.union(all), ancestors: had.ancestors,
            begun: had.begun)
        }
        run = above
      }
    }
    return result
  }

  /// Whether exactly what a run's child says of it was seen and can be served: a run that came
  /// further than its child knew stands in the vector itself.
  private func isComplete(_ run: RunId, _ heads: [UInt64]) -> Bool {
    Lane.allCases.allSatisfy { lane in
      let state = self[LogId(run, lane)]
      guard lane != .rollups else { return state.seen.isEmpty }
      let head = heads[Int(lane.rawValue)]
      return state.seen.isAll(upTo: head) && state.held == state.seen && state.begun.isEmpty
    }
  }
}
