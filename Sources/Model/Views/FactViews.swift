/// That a fact no longer holds, and who said so.
public struct WithdrawalView: Codable, Sendable, Equatable {
  /// Who, such as `local:1000`.
  public var author: String
  /// When, by the wall clock of the node: microseconds since 1970.
  public var atUs: Int64
  /// Why; empty when nothing was said.
  public var reason: String
  /// Whether that clock was trusted; nil where nobody asks.
  public var trusted: Bool?

  /// Puts a withdrawal together.
  public init(author: String, atUs: Int64, reason: String) {
    self.author = author
    self.atUs = atUs
    self.reason = reason
  }
}

/// Readings that are hidden, or were, as the API shows it.
public struct DeletionView: Codable, Sendable, Equatable {
  /// Its id: 32 hexadecimal digits.
  public var id: String
  /// The device's identity in text form.
  public var device: String
  /// The channel's key; nil for every channel.
  public var channel: String?
  /// The span, its end not included, in microseconds since 1970 UTC.
  public var fromUs: Int64, toUs: Int64
  /// Why; empty when nothing was said.
  public var reason: String
  /// Who, such as `local:1000`.
  public var author: String
  /// When it was written, by the wall clock of the node.
  public var atUs: Int64
  /// Whether that clock was trusted.
  public var trusted: Bool
  /// That it was undone; nil while it holds.
  public var undone: WithdrawalView?

  /// Puts a deletion together that holds.
  public init(
    id: String, device: String, channel: String?, fromUs: Int64, toUs: Int64, reason: String,
    author: String, atUs: Int64, trusted: Bool
  ) {
    self.id = id
    self.device = device
    self.channel = channel
    self.fromUs = fromUs
    self.toUs = toUs
    self.reason = reason
    self.author = author
    self.atUs = atUs
    self.trusted = trusted
  }
}

/// An entry of late values, without the values: `/api/v1/readings` gives those.
public struct LateValuesView: Codable, Sendable, Equatable {
  /// Its id: 32 hexadecimal digits.
  public var id: String
  /// The device's identity in text form.
  public var device: String
  /// The channel's key.
  public var channel: String
  /// Their SenML unit; empty when they have none.
  public var unit: String
  /// How many values.
  public var count: Int
  /// The first and the last time, in microseconds since 1970 UTC.
  public var firstUs: Int64, lastUs: Int64
  /// The times are at most so far off, in microseconds.
  public var boundUs: Int64
  /// Where they come from; empty when nothing was said.
  public var note: String
  /// Who, such as `local:1000`.
  public var author: String
  /// When it was written, by the wall clock of the node.
  public var atUs: Int64
  /// Whether that clock was trusted.
  public var trusted: Bool
  /// That they were taken back; nil while they hold.
  public var withdrawn: WithdrawalView?

  /// Puts an entry together that holds.
  public init(
    id: String, device: String, channel: String, unit: String, count: Int,
    times: ClosedRange<Int64>, boundUs: Int64, note: String, author: String, atUs: Int64,
    trusted: Bool
  ) {
    self.id = id
    self.device = device
    self.channel = channel
    self.unit = unit
    self.count = count
    firstUs = times.lowerBound
    lastUs = times.upperBound
    self.boundUs = boundUs
    self.note = note
    self.author = author
    self.atUs = atUs
    self.trusted = trusted
  }
}

/// What a person said of a time, as the API shows it.
public struct AnnotationView: Codable, Sendable, Equatable {
  /// Its id: 32 hexadecimal digits.
  public var id: String
  /// The device's identity in text form; nil for the whole node.
  public var device: String?
  /// The channel's key; nil for every channel.
  public var channel: String?
  /// The span, its end not included, in microseconds since 1970 UTC; equal for an instant.
  public var fromUs: Int64, toUs: Int64
  /// The words.
  public var text: String
  /// Who, such as `local:1000`.
  public var author: String
  /// When it was written, by the wall clock of the node.
  public var atUs: Int64
  /// Whether that clock was trusted.
  public var trusted: Bool
  /// That it was taken away; nil while it holds.
  public var removed: WithdrawalView?

  /// Puts an annotation together that holds.
  public init(
    id: String, device: String?, channel: String?, fromUs: Int64, toUs: Int64, text: String,
    author: String, atUs: Int64, trusted: Bool
  ) {
    self.id = id
    self.device = device
    self.channel = channel
    self.fromUs = fromUs
    self.toUs = toUs
    self.text = text
    self.author = author
    self.atUs = atUs
    self.trusted = trusted
  }
}

/// Deletions, newest first.
public struct DeletionsPage: Codable, Sendable, Equatable {
  /// The deletions.
  public var deletions: [DeletionView]
  /// What to pass as `cursor` for the next page; nil at the end.
  public var next: String?

  /// Puts a page together.
  public init(deletions: [DeletionView], next: String? = nil) {
    self.deletions = deletions
    self.next = next
  }
}

/// Entries of late values, newest first.
public struct LateValuesPage: Codable, Sendable, Equatable {
  /// The entries.
  public var lateValues: [LateValuesView]
  /// What to pass as `cursor` for the next page; nil at the end.
  public var next: String?

  /// Puts a page together.
  public init(lateValues: [LateValuesView], next: String? = nil) {
    self.lateValues = lateValues
    self.next = next
  }
}

/// Annotations, newest first.
public struct AnnotationsPage: Codable, Sendable, Equatable {
  /// The annotations.
  public var annotations: [AnnotationView]
  /// What to pass as `cursor` for the next page; nil at the end.
  public var next: String?

  /// Puts a page together.
  public init(annotations: [AnnotationView], next: String? = nil) {
    self.annotations = annotations
    self.next = next
  }
}
