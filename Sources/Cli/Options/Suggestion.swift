/// "Did you mean": the known word nearest to what was typed.
enum Suggestion {
  /// The closest word, when it is close enough to be a slip of the fingers.
  static func closest(to typed: String, among known: [String]) -> String? {
    let limit = max(1, typed.count / 3)
    let ranked = known.map { (word: $0, distance: distance(typed, $0)) }
      .filter { $0.distance <= limit }
    return ranked.min { $0.distance < $1.distance }?.word
  }

  /// Levenshtein's distance, a swap of neighbours counted once.
  static func distance(_ left: String, _ right: String) -> Int {
    let left = Array(left)
    let right = Array(right)
    var before: [Int] = []
    var previous = Array(0...right.count)
    for row in left.indices {
      var current = [row + 1]
      for column in right.indices {
        var best = min(
          previous[column] + (left[row] == right[column] ? 0 : 1), previous[column + 1] + 1,
          current[column] + 1)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          best = min(best, before[column - 1] + 1)
        }
        current.append(best)
      }
      before = previous
      previous = current
    }
    return previous[right.count]
  }
}
