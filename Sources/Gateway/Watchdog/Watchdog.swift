internal import CSystemd
internal import Reactor
internal import Storage

/// Feeds systemd's watchdog as `WatchdogRound` says, from READY until the daemon begins to stop.
@Loop final class Watchdog {
  private let stores: @Loop () -> [Store]
  private let intervalUs: Int64
  private var round = WatchdogRound()
  private var timer: LoopTimer?

  /// Nil when nobody watches: WATCHDOG_USEC is not set, or is meant for another process.
  ///
  /// `stores` are those that have to answer: one that hangs hangs for ever, whichever site it is
  /// of, and only a start anew helps.
  init?(stores: @escaping @Loop () -> [Store]) {
    var allowedUs: UInt64 = 0
    guard unsafe sd_watchdog_enabled(0, &allowedUs) > 0,
      let intervalUs = WatchdogRound.intervalUs(allowedUs: allowedUs)
    else { return nil }
    self.stores = stores
    self.intervalUs = intervalUs
    timer = LoopTimer { [weak self] in self?.turn() }
    timer?.arm(afterUs: 0)
  }

  /// Feeds no more: an end in order has a limit of its own.
  func stop() { timer = nil }

  private func turn() {
    timer?.arm(afterUs: intervalUs)
    perform(round.loopTurned())
  }

  private func perform(_ step: WatchdogRound.Step) {
    switch step {
    case .nothing: break
    case .feed: _ = unsafe sd_notify(0, "WATCHDOG=1")
    case .askStorage:
      Task { @Loop [weak self, asked = stores()] in
        for store in asked { await store.turn() }
        self?.answered()
      }
    }
  }

  private func answered() {
    guard timer != nil else { return }
    perform(round.storageAnswered())
  }
}
