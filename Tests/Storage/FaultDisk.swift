import Simulation

@testable import Storage

extension FaultDisk {
  /// The power goes now, if it has not gone yet, and comes back. Every connection of before must be
  /// closed.
  func powerCycle() {
    cut()
    restore()
  }

  /// How to open a store on it.
  func options(run: UInt64 = 1) -> StoreOptions {
    var options = Fixture.options("node.db", run: run)
    options.vfs = name
    return options
  }
}
