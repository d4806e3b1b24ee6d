internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// Takes batches of other nodes apart, verifies what is in them and has it stored: on a thread of
/// its own, since signatures take their time and the loop has none.
actor Carriage {
  /// What became of one batch. What it counts is on the disk.
  struct Outcome: Sendable {
    /// What the store made of it, part by part.
    var reports: [ReceiveReport] = []
    /// Records without an identity: malformed, or their signature fails.
    var droppedCount = 0
    /// Devices of which the newest commits in it hold readings.
    var devices: Set<DeviceIdentity> = []
    /// Why the store took no more; nil where it took all.
    var failure: DatabaseError?

    /// Records that are new here.
    var keptCount: Int { reports.reduce(0) { $0 + $1.entriesKept + $1.commitsKept } }
    /// Logs of which something was refused for want of room in their intervals.
    var refusedCount: Int { reports.reduce(0) { $0 + $1.refused.count } }
  }

  private let executor = ThreadExecutor(name: "merging")

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// Ends the thread; nothing may be asked afterwards.
  nonisolated func end() { executor.shutDown() }

  /// Stores what came whole of a batch, cut or not.
  func receive(
    _ bytes: [UInt8], from carrier: NodeId, rules: ReceiveRules, into store: Store
  ) async -> Outcome {
    var outcome = Outcome()
    var batch = CarriedBatch()
    var items = BatchItems(bytes)
    while let item = items.next() {
      batch.take(item)
      if case .live(let live) = item { outcome.devices.formUnion(Self.devices(in: live)) }
      guard batch.isFull else { continue }
      guard await put(batch, from: carrier, rules, into: store, &outcome) else { return outcome }
      batch.removeAll()
    }
    guard await put(batch, from: carrier, rules, into: store, &outcome) else { return outcome }
    outcome.droppedCount =
      outcome.reports.reduce(batch.malformedCount + batch.forgedCount) { $0 + $1.forgedCount }
    return outcome
  }

  /// The devices of the newest commit of a live range; nothing rests on it but what is shown.
  private static func devices(in live: SignedLive) -> [DeviceIdentity] {
    guard let newest = live.bodies.last else { return [] }
    do throws(DecodeError) {
      return try CommitDecoder.decode(newest).sources.map(\.identity)
    } catch {
      return []
    }
  }

  private func put(
    _ batch: CarriedBatch, from carrier: NodeId, _ rules: ReceiveRules, into store: Store,
    _ outcome: inout Outcome
  ) async -> Bool {
    guard !batch.isEmpty else { return true }
    do throws(DatabaseError) {
      outcome.reports.append(try await store.receive(batch, from: carrier, rules: rules))
      return true
    } catch {
      outcome.failure = error
      return false
    }
  }
}
