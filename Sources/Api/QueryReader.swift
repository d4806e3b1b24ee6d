internal import Web

/// Reads the query strictly: each parameter once, known, and in its range; a refusal names it.
///
/// A misspelt bound that is silently ignored would answer another question than was asked.
struct QueryReader {
  private var items: [(name: String, value: String)]

  init(_ query: Query) { items = query.items.map { ($0.name, $0.value) } }

  /// The value of a parameter that may come once; nil when it was not given.
  mutating func text(_ name: String, bytesMax: Int = ApiLimits.textBytesMax) throws(ServiceError)
    -> String?
  {
    let values = try texts(name, countMax: 1, bytesMax: bytesMax)
    return values.first
  }

  /// The values of a parameter that may come several times.
  mutating func texts(
    _ name: String, countMax: Int, bytesMax: Int = ApiLimits.textBytesMax
  ) throws(ServiceError) -> [String] {
    let values = items.filter { $0.name == name }.map(\.value)
    items.removeAll { $0.name == name }
    guard values.count <= countMax else {
      throw .badParameter(
        name, "it is given more than \(countMax == 1 ? "once" : "\(countMax) times")")
    }
    for value in values where value.isEmpty || value.utf8.count > bytesMax {
      throw .badParameter(
        name, value.isEmpty ? "it is empty" : "it is longer than \(bytesMax) bytes")
    }
    return values
  }

  /// A whole number within a range; nil when it was not given.
  mutating func number<Number: FixedWidthInteger>(
    _ name: String, in range: ClosedRange<Number>
  ) throws(ServiceError) -> Number? {
    guard let text = try text(name) else { return nil }
    guard let value = Number(text), range.contains(value) else {
      throw .badParameter(
        name, "\"\(text)\" is no whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// One of a few words; nil when it was not given.
  mutating func word<Word: RawRepresentable<String>>(
    _ name: String, _ type: Word.Type, known: [String]
  ) throws(ServiceError) -> Word? {
    guard let text = try text(name) else { return nil }
    guard let word = Word(rawValue: text) else {
      throw .badParameter(name, "\"\(text)\" is none of \(known.joined(separator: ", "))")
    }
    return word
  }

  /// Refuses what nobody asked for: a parameter of that name does nothing here.
  func finish() throws(ServiceError) {
    if let item = items.first { throw .badParameter(item.name, "there is no such parameter here") }
  }
}

extension ServiceError {
  /// A parameter of the query or a member of the body that cannot be used.
  static func badParameter(_ name: String, _ reason: String) -> ServiceError {
    ServiceError(
      status: 400, code: "bad-parameter", parameters: ["parameter": name, "reason": reason],
      detail: "the parameter \"\(name)\" cannot be used: \(reason)",
      remedy: "correct it, or leave it out")
  }
}
