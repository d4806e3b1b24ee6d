public import Model

/// What of one series is hidden, in µs of UTC as readings are dated now.
public struct HiddenSeries: Hashable, Sendable {
  /// Disjoint, ascending, none empty.
  public private(set) var spans: [Range<Int64>] = []

  /// Nothing.
  public init() {}

  /// Merges spans, in any order and overlapping as they like.
  public init(_ spans: [Range<Int64>]) {
    var sorted = spans
    Self.sort(&sorted)
    for span in sorted where !span.isEmpty {
      if let last = self.spans.last, span.lowerBound <= last.upperBound {
        let end = max(last.upperBound, span.upperBound)
        self.spans[self.spans.count - 1] = last.lowerBound..<end
      } else {
        self.spans.append(span)
      }
    }
  }

  /// By where they begin: a heap sort, in a seventh of the code that `sort` is in Embedded Swift.
  private static func sort(_ spans: inout [Range<Int64>]) {
    var end = spans.count
    var root = end / 2
    while end > 1 {
      if root > 0 {
        root -= 1
      } else {
        end -= 1
        spans.swapAt(0, end)
      }
      var parent = root
      while case var child = 2 * parent + 1, child < end {
        if child + 1 < end, spans[child].lowerBound < spans[child + 1].lowerBound { child += 1 }
        guard spans[parent].lowerBound < spans[child].lowerBound else { break }
        spans.swapAt(parent, child)
        parent = child
      }
    }
  }

  /// Whether nothing is hidden.
  public var isEmpty: Bool { spans.isEmpty }

  /// Whether a reading of this time is hidden.
  public func hides(_ utcUs: Int64) -> Bool {
    let place = spans.partition { $0.upperBound > utcUs }
    return place < spans.count && spans[place].lowerBound <= utcUs
  }

  /// Whether any time of a span is hidden: then summaries over it do not suffice.
  public func intersects(_ span: Range<Int64>) -> Bool {
    guard !span.isEmpty else { return false }
    let place = spans.partition { $0.upperBound > span.lowerBound }
    return place < spans.count && spans[place].lowerBound < span.upperBound
  }

  /// Whether every time of a span is hidden: then nothing of it need be read.
  public func covers(_ span: Range<Int64>) -> Bool {
    let place = spans.partition { $0.upperBound > span.lowerBound }
    return place < spans.count && spans[place].lowerBound <= span.lowerBound
      && spans[place].upperBound >= span.upperBound
  }
}

/// What the deletions that hold hide of every series.
///
/// A deletion hides the span of UTC that its author meant, and beside it whatever its own-clock
/// pieces cover wherever they are dated now: what was hidden stays hidden. So this value is made
/// again when a deletion or the timeline changes; asking it costs a look-up, then a bisection.
/// Late values are never hidden by it: they are withdrawn.
public struct HiddenSpans: Hashable, Sendable {
  /// Under the key of each device with a deletion what is hidden of all its channels, and under
  /// those of its series what is hidden of these.
  private var table = KeyTable<HiddenSeries>()

  /// Hides nothing.
  public init() {}

  private struct Gathered {
    /// Where that of its device is; nil for that of a device itself.
    var device: Int?
    var spans: [Range<Int64>] = []
  }

  /// Hides what the deletions say; only those that hold are to be given.
  public init(_ deletions: some Sequence<Deletion>, dated timeline: Timeline) {
    var gathered = KeyTable<Gathered>()
    for deletion in deletions {
      let identity = deletion.scope.device
      var place = gathered.place(identity.tableKey, orAdding: Gathered())
      if let channel = deletion.scope.channel {
        place = gathered.place(
          identity.tableKey(channel: channel.utf8Bytes), orAdding: Gathered(device: place))
      }
      gathered[place: place].spans += timeline.spans(of: deletion)
    }
    table = gathered.mapValues { one in
      guard let device = one.device else { return HiddenSeries(one.spans) }
      return HiddenSeries(one.spans + gathered.values[device].spans)
    }
  }

  /// Whether nothing at all is hidden.
  public var isEmpty: Bool { table.isEmpty }

  /// What is hidden of a series: fetched once, then asked for each reading.
  public func series(_ device: DeviceIdentity, _ channel: String) -> HiddenSeries {
    table.isEmpty ? HiddenSeries() : series(device, utf8: channel.utf8Bytes)
  }

  /// The same by a channel's key in UTF-8.
  public func series(_ device: DeviceIdentity, utf8 channel: [UInt8]) -> HiddenSeries {
    table[device.tableKey(channel: channel)] ?? table[device.tableKey] ?? HiddenSeries()
  }

  /// Whether a reading of a series at a time (µs of UTC) is hidden.
  public func hides(_ device: DeviceIdentity, _ channel: String, utcUs: Int64) -> Bool {
    !table.isEmpty && series(device, channel).hides(utcUs)
  }

  /// Whether anything of a series within a span (µs of UTC) is hidden.
  public func intersects(
    _ device: DeviceIdentity, _ channel: String, utc span: Range<Int64>
  ) -> Bool {
    !table.isEmpty && series(device, channel).intersects(span)
  }
}

extension DeviceIdentity {
  /// The device's own with the channel behind it; no device has such a number.
  fileprivate func tableKey(channel: [UInt8]) -> TableKey {
    var key = tableKey
    key.number |= 1 << 8 | UInt64(key.bytes.count) << 16
    key.bytes += channel
    return key
  }
}
