/// Finds the word a person most likely meant.
enum EditDistance {
  /// The nearest of the known words, when one is near enough to be meant: at most a third of its
  /// letters differ. Case, and `-` for `_`, do not count.
  static func nearest(to word: String, among known: [String]) -> String? {
    let wanted = normal(word)
    guard wanted.count <= 64 else { return nil }
    let ranked = known.map { (name: $0, distance: between(wanted, normal($0))) }
      .filter { $0.distance <= max(1, $0.name.utf8.count / 3) }
    return ranked.min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
  }

  /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
  static func between(_ left: [UInt8], _ right: [UInt8]) -> Int {
    guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
    var before: [Int] = []
    var row = Array(0...right.count)
    for i in 1...left.count {
      var next = [i] + [Int](repeating: 0, count: right.count)
      for j in 1...right.count {
        let change = left[i - 1] == right[j - 1] ? 0 : 1
        next[j] = min(row[j] + 1, next[j - 1] + 1, row[j - 1] + change)
        if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
          next[j] = min(next[j], before[j - 2] + 1)
        }
      }
      before = row
      row = next
    }
    return row[right.count]
  }

  private static func normal(_ word: String) -> [UInt8] {
    word.lowercased().utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
  }
}
