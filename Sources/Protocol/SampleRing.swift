/// A board's samples, oldest first, in a fixed number of places (PROTOCOL.md 4.1, point 6).
///
/// A full ring drops its oldest sample for each new one, and counts it.
struct SampleRing<let capacity: Int>: ~Copyable {
  fileprivate struct Slot {
    var ticks: UInt64 = 0
    var bits: UInt64 = 0
    var channel: UInt8 = 0
    var isFloat = false
  }

  private var slots = InlineArray<capacity, Slot>(repeating: Slot())
  /// The place of the oldest sample.
  private var head = 0
  private(set) var oldest: UInt32 = 0
  private(set) var next: UInt32 = 0
  private(set) var dropped: UInt32 = 0

  /// Mutating, as all that is called within a change: see `samples`.
  private mutating func place(of seq: UInt32) -> Int {
    let place = head + Int(seq - oldest)
    return place < capacity ? place : place - capacity
  }

  /// Its samples, for reading, where they are. A function of the ring that read one slot would be
  /// handed a copy of all of them: time and stack that a board does not have.
  var samples: Samples {
    @_lifetime(borrow self)
    get { Samples(slots: slots.span, head: head, oldest: oldest, next: next) }
  }

  /// The samples of a ring, borrowed.
  struct Samples: ~Escapable, SampleSource {
    fileprivate let slots: Span<Slot>
    fileprivate let head: Int
    fileprivate let oldest: UInt32
    fileprivate let next: UInt32

    @_lifetime(copy slots)
    fileprivate init(slots: Span<Slot>, head: Int, oldest: UInt32, next: UInt32) {
      self.slots = slots
      self.head = head
      self.oldest = oldest
      self.next = next
    }

    /// The sample with this seq, from `oldest` up to, not including, `next`.
    func sample(at seq: UInt32) -> Sample {
      precondition(seq >= oldest && seq < next)
      let place = head + Int(seq - oldest)
      let slot = slots[place < capacity ? place : place - capacity]
      return Sample(
        seq: seq, ticks: slot.ticks, channel: slot.channel,
        value: slot.isFloat
          ? .float(Double(bitPattern: slot.bits)) : .integer(Int64(bitPattern: slot.bits)))
    }
  }

  /// Numbers and keeps a sample; the caller sees to it that `next` is below the last number.
  mutating func append(channel: UInt8, bits: UInt64, isFloat: Bool, ticks: UInt64) {
    if Int(next - oldest) == capacity {
      free(below: oldest + 1)
      dropped &+= 1
    }
    slots[place(of: next)] = Slot(ticks: ticks, bits: bits, channel: channel, isFloat: isFloat)
    next += 1
  }

  /// Forgets every sample with a lower seq, which is at most `next`.
  mutating func free(below seq: UInt32) {
    guard seq > oldest else { return }
    precondition(seq <= next)
    head = place(of: seq)
    oldest = seq
  }
}
