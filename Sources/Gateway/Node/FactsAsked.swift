internal import Api
internal import Model
internal import Storage
internal import Sync

/// Picks from the facts of one kind the page that was asked for, newest first.
struct FactsAsked {
  private let wanted: FactsRequest
  private let devices: Set<DeviceIdentity>?
  private let cursor: FactId?

  /// Reads a request; `devices` are the identities of the device it names, nil when it names none.
  init(_ wanted: FactsRequest, devices: [DeviceIdentity]?) throws(ServiceError) {
    self.wanted = wanted
    self.devices = devices.map { Set($0) }
    guard let text = wanted.cursor else {
      cursor = nil
      return
    }
    guard let id = FactId(text: text) else { throw Self.refusal(text) }
    cursor = id
  }

  /// The page, and what to pass as cursor for the next one.
  func page<Fact>(
    _ fold: FactFold<Fact>,
    _ facets: (Fact) -> (FactId, Annotation.Subject, Range<Int64>)
  ) throws(ServiceError) -> (
    found: [(stated: Noted<Fact>, withdrawn: Noted<Withdrawal>?)], next: String?
  ) {
    var found: [(stated: Noted<Fact>, withdrawn: Noted<Withdrawal>?)] = []
    var last: FactId?
    var isPast = cursor == nil
    for entry in fold.all.reversed() {
      let (id, subject, utc) = facets(entry.stated.fact)
      guard isPast else {
        isPast = id == cursor
        continue
      }
      guard wanted.all || entry.withdrawn == nil, isWanted(subject), isWanted(utc) else {
        continue
      }
      guard found.count < wanted.limit else { return (found, last?.description) }
      found.append(entry)
      last = id
    }
    guard isPast else { throw Self.refusal(wanted.cursor ?? "") }
    return (found, nil)
  }

  private func isWanted(_ subject: Annotation.Subject) -> Bool {
    // What is said of a whole node concerns each of its devices.
    guard case .series(let scope) = subject else { return true }
    guard devices?.contains(scope.device) ?? true else { return false }
    return wanted.channel == nil || scope.channel == nil || scope.channel == wanted.channel
  }

  private func isWanted(_ utc: Range<Int64>) -> Bool {
    utc.upperBound > wanted.fromUs ?? .min && utc.lowerBound < wanted.toUs ?? .max
  }

  private static func refusal(_ text: String) -> ServiceError {
    ServiceError(
      status: 400, code: "bad-argument", parameters: ["argument": "cursor"],
      detail: "\(text) is not a cursor", remedy: "pass the `next` of the page before")
  }
}

/// Checks the words that people give.
enum FactText {
  /// A text of at most so many bytes and without control characters, line ends excepted.
  static func checked(
    _ text: String?, _ argument: String, _ bytesMax: Int
  ) throws(ServiceError) -> String {
    guard let text else { return "" }
    guard text.utf8.count <= bytesMax else {
      throw refusal(argument, "it is longer than \(bytesMax) bytes")
    }
    let isPlain = text.unicodeScalars.allSatisfy { scalar in
      scalar == "\n" || scalar == "\t" || scalar.properties.generalCategory != .control
    }
    guard isPlain else { throw refusal(argument, "it has control characters") }
    return text
  }

  static func withdrawal(
    of target: FactId, _ reason: String
  ) throws(ServiceError) -> Withdrawal {
    Withdrawal(
      target: target, reason: try checked(reason, "reason", Sync.Limits.reasonBytesMax))
  }

  static func refusal(_ argument: String, _ why: String) -> ServiceError {
    ServiceError(
      status: 422, code: "bad-value", parameters: ["argument": argument, "reason": why],
      detail: "\(argument) cannot be taken: \(why)", remedy: "correct it, and try again")
  }

  static func notFound(_ id: String) -> ServiceError {
    ServiceError(
      status: 404, code: "no-such-id", parameters: ["id": id],
      detail: "nothing of this kind has the id \(id)", remedy: "list them to see their ids")
  }
}

extension FactId {
  /// The least digits of an id that name a fact.
  private static let digitsMin = 4

  /// The fact that an id, or the beginning of one, names; it must still hold.
  static func find<Fact>(
    _ text: String, in fold: FactFold<Fact>
  ) throws(ServiceError) -> (stated: Noted<Fact>, withdrawn: Noted<Withdrawal>?)
  where Fact: NamedFact {
    let found = fold.all.filter { $0.stated.fact.id.description.hasPrefix(text) }
    guard text.utf8.count >= digitsMin, let first = found.first else {
      throw FactText.notFound(text)
    }
    guard found.count == 1 else {
      throw ServiceError(
        status: 409, code: "ambiguous-id", parameters: ["id": text],
        detail: "\(found.count) ids begin with \(text)", remedy: "give more of its digits")
    }
    if let withdrawn = first.withdrawn {
      throw ServiceError(
        status: 409, code: "taken-back",
        parameters: ["id": text, "author": withdrawn.stamp.author],
        detail: "\(withdrawn.stamp.author) has taken \(text) back already",
        remedy: "nothing is left to do")
    }
    return first
  }
}

/// What has a fact's id.
protocol NamedFact {
  var id: FactId { get }
}

extension Deletion: NamedFact {}
extension LateEntry: NamedFact {}
extension Annotation: NamedFact {}
