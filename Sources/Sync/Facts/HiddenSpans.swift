public import Model

/// What of one series is hidden, in µs of UTC as readings are dated now.
public struct HiddenSeries: Hashable, Sendable {
  /// Disjoint, ascending, none empty.
  public private(set) var spans: [Range<Int64>]

  /// Merges spans, in any order and overlapping as they like.
  public init(_ spans: some Sequence<Range<Int64>>) {
    self.spans = []
    let sorted = spans.filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }
    for span in sorted {
      if let last = self.spans.last, span.lowerBound <= last.upperBound {
        let end = max(last.upperBound, span.upperBound)
        self.spans[self.spans.count - 1] = last.lowerBound..<end
      } else {
        self.spans.append(span)
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
  private struct Device: Hashable, Sendable {
    var whole: [Range<Int64>] = []
    var channels: [String: [Range<Int64>]] = [:]
  }

  private var wholes: [DeviceIdentity: HiddenSeries] = [:]
  private var named: [DeviceIdentity: [String: HiddenSeries]] = [:]

  /// Hides nothing.
  public init() {}

  /// Hides what the deletions say; only those that hold are to be given.
  public init(_ deletions: some Sequence<Deletion>, dated timeline: Timeline) {
    var devices: [DeviceIdentity: Device] = [:]
    for deletion in deletions {
      let identity = deletion.scope.device
      var spans = [deletion.utc]
      for piece in deletion.pieces {
        if let span = timeline.span(of: piece, identity) { spans.append(span) }
      }
      if let channel = deletion.scope.channel {
        devices[identity, default: Device()].channels[channel, default: []] += spans
      } else {
        devices[identity, default: Device()].whole += spans
      }
    }
    for (identity, device) in devices {
      wholes[identity] = HiddenSeries(device.whole)
      named[identity] = device.channels.mapValues { HiddenSeries($0 + device.whole) }
    }
  }

  /// Whether nothing at all is hidden.
  public var isEmpty: Bool { wholes.isEmpty }

  /// What is hidden of a series: fetched once, then asked for each reading.
  public func series(_ device: DeviceIdentity, _ channel: String) -> HiddenSeries {
    guard !wholes.isEmpty else { return HiddenSeries([]) }
    return named[device]?[channel] ?? wholes[device] ?? HiddenSeries([])
  }

  /// Whether a reading of a series at a time (µs of UTC) is hidden.
  public func hides(_ device: DeviceIdentity, _ channel: String, utcUs: Int64) -> Bool {
    !wholes.isEmpty && series(device, channel).hides(utcUs)
  }

  /// Whether anything of a series within a span (µs of UTC) is hidden.
  public func intersects(
    _ device: DeviceIdentity, _ channel: String, utc span: Range<Int64>
  ) -> Bool {
    !wholes.isEmpty && series(device, channel).intersects(span)
  }
}
