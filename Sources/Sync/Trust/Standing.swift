internal import Model

/// Where a node stands in its site, and what follows for each of its records.
public struct Standing: Hashable, Sendable {
  /// What a counting grant or succession gives.
  struct Given: Hashable, Sendable {
    var scopes: Scopes
    var generation: UInt32
  }

  /// What a counting revocation takes, and from what not.
  struct Cut: Hashable, Sendable {
    var scopesLeft: Scopes
    var generation: UInt32
    var past: SeenPast

    func takes(_ given: Given, unless isKept: (SeenPast) -> Bool) -> Bool {
      if SeededBug.revocationOffByOne.isOn, generation == given.generation { return false }
      return generation >= given.generation && !isKept(past)
    }
  }

  /// 1 for who has a grant by the site key; one more for each node in between.
  public let depth: Int
  /// What people call it: the label of the grant that comes first by its content's hash, of those
  /// with the highest generation; empty where it stands by a succession alone.
  public let label: String
  let given: [Given]
  let cuts: [Cut]

  /// What the node may do from now on: in a record that nobody who revoked had seen.
  public var scopes: Scopes { scopes { _ in false } }

  /// What the node may do in that record of its own, of any kind but 20 to 22.
  func scopes(in record: RecordId) -> Scopes { scopes { $0.contains(record) } }

  /// What the node may do in a membership entry that speaks in its name, by its content's hash.
  func scopes(inEntry hash: [UInt8]) -> Scopes { scopes { $0.keeps(hash) } }

  private func scopes(unless isKept: (SeenPast) -> Bool) -> Scopes {
    var scopes: Scopes = []
    for given in given {
      var left = given.scopes
      for cut in cuts where cut.takes(given, unless: isKept) {
        left.formIntersection(cut.scopesLeft)
      }
      scopes.formUnion(left)
    }
    return scopes
  }
}

extension SeenPast {
  /// Whether a membership entry with that content's hash still counts.
  func keeps(_ hash: [UInt8]) -> Bool {
    var (low, high) = (0, kept.count)
    while low < high {
      let middle = (low + high) / 2
      if kept[middle] == hash { return true }
      if kept[middle].lexicographicallyPrecedes(hash) { low = middle + 1 } else { high = middle }
    }
    return false
  }
}
