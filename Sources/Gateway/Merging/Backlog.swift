internal import Model
internal import Sync

/// How many records wait between this node and another.
struct Backlog: Hashable {
  /// Records that the other lacks and this node can give.
  let toSend: UInt64
  /// Records that this node lacks and the other can give.
  let toCome: UInt64

  /// Compares what this node has with what the other is known to have of each channel; nil while
  /// one of them is not known: half of a number is none. Of readings that are to come those of
  /// `origins` alone count, where there are any.
  init?(
    _ mine: HaveVector, readingsOf origins: Set<NodeId>? = nil,
    known: (ExchangeChannel) -> HaveVector?
  ) {
    var toSend: UInt64 = 0
    var toCome: UInt64 = 0
    for channel in ExchangeChannel.allCases {
      guard let theirs = known(channel) else { return nil }
      let part = mine.part(of: channel)
      toSend += theirs.missingCount(from: part, of: nil)
      toCome += part.missingCount(from: theirs, of: channel == .telemetry ? origins : nil)
    }
    self.toSend = toSend
    self.toCome = toCome
  }
}

extension HaveVector {
  /// How many records another has, and can give, that this one lacks: what lane 3 names are none.
  /// With `origins` of these nodes alone.
  fileprivate func missingCount(from other: HaveVector, of origins: Set<NodeId>?) -> UInt64 {
    wanted(from: other).reduce(0) { sum, part in
      let isAsked = origins?.contains(part.key.run.origin) ?? true
      return isAsked && part.key.lane != .rollups ? sum + part.value.count : sum
    }
  }
}
