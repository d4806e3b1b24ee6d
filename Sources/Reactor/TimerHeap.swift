/// Deadlines in order: a binary heap that knows where each timer stands, so that cancelling and
/// re-arming are O(log n) too. A pure value: time is a parameter.
///
/// Timers of one deadline come in the order they were armed.
struct TimerHeap {
  struct Entry: Equatable {
    let deadlineUs: Int64
    /// Counts armings; it makes the order total and tells one arming of a timer from the next.
    let arming: UInt64
    let timer: Int

    static func precedes(_ left: Entry, _ right: Entry) -> Bool {
      (left.deadlineUs, left.arming) < (right.deadlineUs, right.arming)
    }
  }

  private var entries: [Entry] = []
  /// The place of each timer in `entries`, -1 when it is not armed.
  private var places: [Int] = []
  private var armings: UInt64 = 0

  var first: Entry? { entries.first }
  var count: Int { entries.count }

  func isArmed(_ timer: Int) -> Bool { timer < places.count && places[timer] >= 0 }

  /// Arms a timer, anew if it is armed; returns the number of this arming.
  @discardableResult
  mutating func arm(_ timer: Int, deadlineUs: Int64) -> UInt64 {
    while places.count <= timer { places.append(-1) }
    armings += 1
    let entry = Entry(deadlineUs: deadlineUs, arming: armings, timer: timer)
    if places[timer] < 0 {
      entries.append(entry)
      places[timer] = entries.count - 1
    } else {
      entries[places[timer]] = entry
    }
    settle(places[timer])
    return armings
  }

  /// Takes a timer out; nothing happens when it is not armed.
  mutating func cancel(_ timer: Int) {
    guard isArmed(timer) else { return }
    let place = places[timer]
    places[timer] = -1
    let last = entries.removeLast()
    guard place < entries.count else { return }
    entries[place] = last
    places[last.timer] = place
    settle(place)
  }

  /// Takes out the earliest entry whose deadline has come.
  mutating func popDue(nowUs: Int64) -> Entry? {
    guard let first = entries.first, first.deadlineUs <= nowUs else { return nil }
    cancel(first.timer)
    return first
  }

  /// Moves the entry at a place up or down to where it belongs.
  private mutating func settle(_ start: Int) {
    var place = start
    while place > 0 {
      let parent = (place - 1) / 2
      guard Entry.precedes(entries[place], entries[parent]) else { break }
      exchange(place, parent)
      place = parent
    }
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < entries.count {
        if Entry.precedes(entries[child], entries[least]) { least = child }
      }
      if least == place { return }
      exchange(place, least)
      place = least
    }
  }

  private mutating func exchange(_ left: Int, _ right: Int) {
    entries.swapAt(left, right)
    places[entries[left].timer] = left
    places[entries[right].timer] = right
  }
}
