/// The least (or greatest) number of the last so many µs, in bounded memory.
///
/// A queue of candidates, each beyond the one before it: what is not more extreme than a newer one
/// can never be the extreme again. When it is full its two oldest become one, which keeps the more
/// extreme number and the newer time: then a change may count for up to that much longer, never
/// shorter.
///
/// Where two readings are as far apart as the window is long, or further, the value is taken to
/// have moved evenly between them: else one reading an hour would never rise within a minute, or
/// each time at once.
struct ExtremeWindow: Hashable, Sendable {
  private struct Candidate: Hashable, Sendable {
    var number: Double
    var atUs: Int64
  }

  private let lengthUs: Int64
  private let keepsLeast: Bool
  private var candidates: [Candidate] = []
  private var newest: Candidate?

  init(lengthUs: Int64, keepsLeast: Bool) {
    self.lengthUs = lengthUs
    self.keepsLeast = keepsLeast
  }

  /// The extreme; nil when nothing came within the window.
  var extreme: Double? { candidates.first?.number }

  /// When its extreme leaves it; nil while the newest number is the extreme.
  var nextDropUs: Int64? {
    candidates.count > 1 ? candidates[0].atUs + lengthUs : nil
  }

  /// Takes a number, which is not before the one that it took last.
  mutating func add(_ number: Double, atUs: Int64) {
    if let newest, atUs - newest.atUs >= lengthUs {
      let part = Double(lengthUs) / Double(atUs - newest.atUs)
      append(number - (number - newest.number) * part, atUs: atUs)
    }
    append(number, atUs: atUs)
    newest = Candidate(number: number, atUs: atUs)
  }

  private mutating func append(_ number: Double, atUs: Int64) {
    while let last = candidates.last,
      keepsLeast ? last.number >= number : last.number <= number
    {
      candidates.removeLast()
    }
    candidates.append(Candidate(number: number, atUs: atUs))
    if candidates.count > Limits.alarmWindowMax {
      candidates[1].number = candidates[0].number
      candidates.removeFirst()
    }
  }

  /// Forgets what is older than the window, the newest number excepted: a value holds until
  /// another one comes.
  mutating func drop(beforeUs nowUs: Int64) {
    let count = candidates.prefix(max(0, candidates.count - 1)).prefix {
      $0.atUs <= nowUs - lengthUs
    }.count
    candidates.removeFirst(count)
  }
}
