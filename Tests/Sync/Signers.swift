import Model
import Testing

@testable import Sync

/// Nodes with known keys, and what they sign.
enum Signers {
  static func key(_ number: UInt8) throws -> NodeKey {
    try #require(NodeKey(seed: [UInt8](repeating: number, count: 32)))
  }

  static func run(_ number: UInt8, _ incarnation: UInt64) throws -> RunId {
    RunId(origin: try key(number).id, incarnation: Incarnation(incarnation))
  }

  static func clockEpoch() throws -> ClockEpoch {
    try #require(ClockEpoch([UInt8](repeating: 0xCE, count: 16)))
  }

  /// The first entries of lane 1 of a run, each of some kind and text.
  static func entries(
    _ number: UInt8, _ incarnation: UInt64, _ texts: [String]
  ) throws -> [SignedEntry] {
    let (key, clockEpoch) = (try key(number), try clockEpoch())
    let run = RunId(origin: key.id, incarnation: Incarnation(incarnation))
    var link = EntryChain.start
    return texts.enumerated().map { index, text in
      let entry = SignedEntry(
        lane: .state, seq: UInt64(index + 1), clockEpoch: clockEpoch, kind: 2,
        body: Array(text.utf8), previousLink: link, incarnation: run.incarnation, key: key)
      link = entry.link(of: run)
      return entry
    }
  }
}
