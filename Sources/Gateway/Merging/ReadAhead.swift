internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// What somebody will ask for next, read and signed while it stores what it has got: a newcomer
/// asks for all of the state in a row.
///
/// There is one for all sessions of a door, so that it holds `SyncDoor.servedBytesMax` bytes
/// however many ask: who comes while it is another's goes without.
@Loop final class ReadAhead {
  /// How long it is kept for who began it, in µs.
  static let keptUs: Int64 = 2_000_000

  private struct Begun {
    let session: SessionId
    let parts: [LogPart]
    let bytesMax: Int
    let fromUs: Int64
    let batch: Task<ServedBatch?, Never>
  }

  private var begun: Begun?

  /// What was read ahead for a session; nil where that is not what is asked for now.
  func take(
    _ session: SessionId, _ parts: [LogPart], bytesMax: Int
  ) async -> ServedBatch? {
    guard let begun, begun.session == session else { return nil }
    self.begun = nil
    guard begun.parts == parts, begun.bytesMax <= bytesMax,
      Clock.bootUs() - begun.fromUs < Self.keptUs
    else { return nil }
    return await begun.batch.value
  }

  /// Begins to read what did not fit into the batch before, unless that is nothing.
  func begin(
    _ session: SessionId, _ parts: [LogPart], bytesMax: Int,
    read: @escaping @Sendable () async throws(DatabaseError) -> ServedBatch
  ) {
    let nowUs = Clock.bootUs()
    if let begun, nowUs - begun.fromUs < Self.keptUs, begun.session != session { return }
    begun = nil
    guard !parts.isEmpty else { return }
    begun = Begun(
      session: session, parts: parts, bytesMax: bytesMax, fromUs: nowUs,
      batch: Task {
        // Who asks for it finds out what is wrong.
        do throws(DatabaseError) {
          return try await read()
        } catch {
          return nil
        }
      })
  }
}
