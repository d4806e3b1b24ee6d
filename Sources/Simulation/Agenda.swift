/// What happens next: events by their virtual time, and of one time in the order they were noted.
struct Agenda<Happening> {
  private struct Item {
    let atUs: Int64
    let order: UInt64
    let happening: Happening

    func precedes(_ other: Item) -> Bool {
      atUs != other.atUs ? atUs < other.atUs : order < other.order
    }
  }

  private var heap: [Item] = []
  private var noted: UInt64 = 0

  var isEmpty: Bool { heap.isEmpty }

  mutating func note(_ happening: Happening, atUs: Int64) {
    noted += 1
    heap.append(Item(atUs: atUs, order: noted, happening: happening))
    var at = heap.count - 1
    while at > 0, heap[at].precedes(heap[(at - 1) / 2]) {
      heap.swapAt(at, (at - 1) / 2)
      at = (at - 1) / 2
    }
  }

  mutating func next() -> (atUs: Int64, happening: Happening)? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if !heap.isEmpty {
      heap[0] = last
      sink()
    }
    return (first.atUs, first.happening)
  }

  private mutating func sink() {
    var at = 0
    while true {
      var least = at
      for child in [2 * at + 1, 2 * at + 2]
      where child < heap.count && heap[child].precedes(heap[least]) {
        least = child
      }
      guard least != at else { return }
      heap.swapAt(at, least)
      at = least
    }
  }
}
