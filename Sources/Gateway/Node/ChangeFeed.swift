internal import Api
internal import Model
internal import Reactor

/// Hands every change to whoever watches, at once and without a queue of its own: a watcher that is
/// slow loses events by its own policy, never ours.
@Loop final class ChangeFeed {
  private var sinks: [Int: @Loop (LiveEvent) -> Void] = [:]
  private var next = 1

  /// Whether anybody watches; when nobody does, events need not even be made.
  var isWatched: Bool { !sinks.isEmpty }

  /// Starts to call `sink`; the number ends it.
  func subscribe(_ sink: @escaping @Loop (LiveEvent) -> Void) -> Int {
    defer { next += 1 }
    sinks[next] = sink
    return next
  }

  /// Stops calling a sink; a number that is none changes nothing.
  func unsubscribe(_ subscription: Int) { sinks[subscription] = nil }

  /// Hands an event to everyone.
  func publish(_ event: LiveEvent) {
    for sink in sinks.values { sink(event) }
  }
}
