internal import Api
internal import Model
internal import Reactor
internal import Storage
internal import Sync

extension Node {
  /// Once a boot has an anchor, the boots before it that never had one lie between two that have.
  func placeEarlierBoots() {
    guard !hasPlacedBoots else { return }
    hasPlacedBoots = true
    Task { @Loop in
      do {
        // The anchor that this follows is one of the two.
        try await recorder.flush()
        for placing in try await history.placings() {
          recorder.note(.anchor(placing.anchor), clockEpoch: placing.clockEpoch)
          log.write(
            .info, "clock.placed",
            ["boot": "\(placing.clockEpoch)", "bound_us": "\(placing.anchor.errorUs)"])
        }
      } catch {
        // The next start tries again; until then their wall clock dates them, uncertain.
        hasPlacedBoots = false
        log.write(.warning, "clock.not.placed", ["cause": "\(error)"])
      }
    }
  }
}
