public import Model

/// Kind 10: what a person says of a time: "window opened", "calibrated".
public struct Annotation: Hashable, Sendable {
  /// What it is about. The number is on disk: never renumber.
  public enum Subject: Hashable, Sendable {
    /// 0: everything at a node.
    case node(NodeId)
    /// 1: a device or one of its series.
    case series(SeriesScope)
  }

  /// Its name.
  public var id: FactId
  /// What it is about.
  public var subject: Subject
  /// From when, in µs of UTC.
  public var fromUs: Int64
  /// Until when, itself excluded; `fromUs` for an instant, never before it.
  public var toUs: Int64
  /// The words; 1 to `Limits.annotationBytesMax` bytes of UTF-8.
  public var text: String

  /// Puts an annotation together.
  public init(id: FactId, subject: Subject, fromUs: Int64, toUs: Int64, text: String) {
    self.id = id
    self.subject = subject
    self.fromUs = fromUs
    self.toUs = toUs
    self.text = text
  }

  /// Whether it says something about a span of UTC.
  public func touches(_ span: Range<Int64>) -> Bool {
    fromUs == toUs ? span.contains(fromUs) : fromUs < span.upperBound && toUs > span.lowerBound
  }
}
