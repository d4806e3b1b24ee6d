internal import Sync

/// Ages and sizes as people write them: `90d`, `2y`, `forever`; `100MB`, `none`, `80%`.
enum RetentionText {
  /// Why a text is no age or no size.
  enum Refusal: Error, Equatable {
    /// It is not written as one.
    case malformed
    /// It is nothing at all, or below nothing.
    case notPositive
    /// It is below or above what makes sense.
    case outOfRange(low: String, high: String)

    /// The same in words.
    var why: String {
      switch self {
      case .malformed: "it has no number with a unit"
      case .notPositive: "it is not above 0"
      case .outOfRange(let low, let high): "it is not within \(low) and \(high)"
      }
    }
  }

  /// How many % of a disk the database may take.
  static let percent: ClosedRange<Int64> = 1...95
  private static let forever = "forever", none = "none"

  /// What each unit of an age is, in µs, the longest first; a year is 365 days.
  private static let ages: [(unit: String, us: Int64)] = [
    ("y", 31_536_000_000_000), ("w", 604_800_000_000), ("d", 86_400_000_000),
    ("h", 3_600_000_000), ("min", 60_000_000),
  ]
  /// The ages that can be said, in µs.
  static let ageUs: ClosedRange<Int64> = 60_000_000...31_536_000_000_000_000

  private static let sizes: [(unit: String, bytes: Int64)] = [
    ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000),
    ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
  ]

  /// An age.
  static func age(_ text: String) throws(Refusal) -> RetentionSetting.Part {
    guard text != forever else { return .unlimited }
    let us = try product(text, ages.map { ($0.unit, $0.us) })
    guard ageUs.contains(us) else { throw .outOfRange(low: "1min", high: "1000y") }
    return .limited(us)
  }

  /// A size within bounds.
  static func size(
    _ text: String, in range: ClosedRange<Int64>
  ) throws(Refusal) -> RetentionSetting.Part {
    guard text != none else { return .unlimited }
    let bytes = try product(text, sizes.map { ($0.unit, $0.bytes) })
    guard range.contains(bytes) else {
      throw .outOfRange(
        low: Self.text(bytes: range.lowerBound), high: Self.text(bytes: range.upperBound))
    }
    return .limited(bytes)
  }

  /// A share of the disk in %; nil when the text is no such share.
  static func share(_ text: String) throws(Refusal) -> Int64? {
    guard text.hasSuffix("%") else { return nil }
    let share = try product(text, [("%", 1)])
    guard percent.contains(share) else {
      throw .outOfRange(low: "\(percent.lowerBound)%", high: "\(percent.upperBound)%")
    }
    return share
  }

  private static func product(
    _ text: String, _ units: [(unit: String, factor: Int64)]
  ) throws(Refusal) -> Int64 {
    let isNegative = text.hasPrefix("-")
    let digits = text.dropFirst(isNegative ? 1 : 0).prefix { $0.isASCII && $0.isNumber }
    let word = text.dropFirst(digits.count + (isNegative ? 1 : 0)).lowercased()
    guard let number = Int64(digits),
      let unit = units.first(where: { $0.unit.lowercased() == word.drop { $0 == " " } })
    else { throw .malformed }
    guard number > 0, !isNegative else { throw .notPositive }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit.factor)
    return overflow ? .max : product
  }

  /// An age as it would be written.
  static func text(ageUs: Int64?) -> String {
    guard let ageUs else { return forever }
    let unit = ages.first { ageUs % $0.us == 0 } ?? ("min", 60_000_000)
    return "\(ageUs / unit.us)\(unit.unit)"
  }

  /// A size as it would be written.
  static func text(bytes: Int64?) -> String {
    guard let bytes else { return none }
    guard let unit = sizes.first(where: { bytes % $0.bytes == 0 }) else { return "\(bytes)B" }
    return "\(bytes / unit.bytes)\(unit.unit)"
  }

  /// A part of a setting as it would be written; nil where it follows the default.
  static func text(age part: RetentionSetting.Part) -> String? {
    switch part {
    case .inherited: nil
    case .unlimited: forever
    case .limited(let us): text(ageUs: us)
    }
  }

  /// The same of a size.
  static func text(size part: RetentionSetting.Part) -> String? {
    switch part {
    case .inherited: nil
    case .unlimited: none
    case .limited(let bytes): text(bytes: bytes)
    }
  }
}

extension RetentionSetting.Part {
  /// What it limits to; nil where it does not.
  var limit: Int64? {
    if case .limited(let limit) = self { limit } else { nil }
  }
}

extension RetentionRule {
  /// Whether minutes would go while readings are still whole.
  var isUpsideDown: Bool {
    guard let minutesUs else { return false }
    return rawUs.map { $0 > minutesUs } ?? true
  }
}
