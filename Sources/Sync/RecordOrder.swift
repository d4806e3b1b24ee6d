internal import Model

extension RecordId {
  /// The order of records where their times say nothing: by origin, incarnation, lane, seq.
  func precedes(_ other: RecordId) -> Bool {
    if origin != other.origin { return origin.bytes.precedes(other.origin.bytes) }
    if incarnation != other.incarnation {
      return incarnation.number < other.incarnation.number
    }
    if lane != other.lane { return lane.rawValue < other.lane.rawValue }
    return seq < other.seq
  }
}
