/// What verbs ask of their arguments; each throws the `Failure` that says what was wanted.
extension Arguments {
  /// Refuses too few and too many words.
  func expect(positionals range: ClosedRange<Int>, form: String) throws(Failure) {
    let verb = form.split(separator: " ").first.map(String.init)
    if positionals.count < range.lowerBound { throw .usage(.missingArgument(form), verb: verb) }
    if positionals.count > range.upperBound {
      throw .usage(.unexpectedArgument(positionals[range.upperBound]), verb: verb)
    }
  }

  /// A whole number from 1 on; nil when the option was not given.
  func count(_ name: String, max: Int) throws(Failure) -> Int? {
    guard let text = self[name] else { return nil }
    guard let value = Int(text), (1...max).contains(value) else {
      throw .usage(.notACount("--" + name, text, max: max))
    }
    return value
  }

  /// A length of time in ms, at most 49 days; nil when the option was not given.
  func milliseconds(_ name: String) throws(Failure) -> UInt32? {
    guard let text = self[name] else { return nil }
    guard let value = Spans.milliseconds(text), let exact = UInt32(exactly: value), exact > 0
    else {
      throw .usage(.notADuration("--" + name, text))
    }
    return exact
  }
}
