internal import Api
internal import Reactor

/// Lets one change of people or tokens happen at a time, so that what one has looked at is still so
/// when it writes.
@Loop final class ChangeLock {
  /// Changes that wait; beyond, they are refused.
  static let waitingMax = 16

  private var isHeld = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  nonisolated init() {}

  func hold<Result>(
    _ work: @Loop () async throws(ServiceError) -> Result
  ) async throws(ServiceError) -> Result {
    if isHeld {
      guard waiting.count < Self.waitingMax else { throw AccessProblem.busy }
      await withCheckedContinuation { waiting.append($0) }
    }
    isHeld = true
    defer { release() }
    return try await work()
  }

  /// Hands over to who has waited longest, without letting anybody in between.
  private func release() {
    guard !waiting.isEmpty else { return isHeld = false }
    waiting.removeFirst().resume()
  }
}
