internal import Model
internal import Protocol
internal import Sync

/// Compares what a board says of its numbering with what is known of it (PROTOCOL.md 4.3).
enum CursorJudge {
  /// What follows from a HELLO.
  enum Verdict: Equatable {
    /// The board is who it says; these cursors are to be opened, and these epochs closed.
    case same(open: [Cursor], close: [Cursor])
    /// Its numbering belongs to another board, or was put back.
    case copy
  }

  /// Judges the HELLO of a board under an identity, given every cursor known of that identity.
  static func judge(
    _ hello: Hello, as identity: DeviceIdentity, known: [Cursor]
  ) -> Verdict {
    var open: [Cursor] = []
    var listed: Set<UInt32> = []
    let newest = known.map(\.epoch).max() ?? 0
    for index in 0..<hello.epochCount {
      let entry = hello.epochs[index]
      listed.insert(entry.epoch)
      // An older epoch ran under a nonce that HELLO does not repeat: 0 says that it is not known.
      let nonce = index == 0 ? hello.nonce : 0
      if let cursor = known.first(where: { $0.epoch == entry.epoch }) {
        if index == 0, cursor.nonce != 0, cursor.nonce != nonce { return .copy }
        // A board that runs an epoch which it once no longer knew was put back: nothing it makes
        // there can be taken.
        if index == 0, cursor.isClosed { return .copy }
        guard entry.next >= cursor.next || cursor.isClosed else { return .copy }
        var current = cursor
        if index == 0 { current.nonce = nonce }
        current.ringCapacity = hello.ringCapacity
        if !cursor.isClosed { open.append(current) }
      } else {
        guard entry.epoch > newest else { return .copy }
        open.append(
          Cursor(
            identity: identity, epoch: entry.epoch, nonce: nonce,
            ringCapacity: hello.ringCapacity))
      }
    }
    let close = known.filter { !$0.isClosed && !listed.contains($0.epoch) }
    return .same(open: open, close: close)
  }
}
