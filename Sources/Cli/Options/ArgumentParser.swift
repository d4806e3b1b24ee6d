/// Takes a command line apart by the table of verbs; a value in, a value or a `Failure` out.
struct ArgumentParser {
  /// What the command line asks for.
  struct Invocation: Equatable, Sendable {
    /// The verb; nil when none was given.
    var verb: Verb.Name?
    var arguments = Arguments()
  }

  private var verb: Verb?
  private var arguments = Arguments()

  /// Parses everything after the program's name.
  ///
  /// Options of every verb may stand before it. After `--`, and for a minus followed by a digit,
  /// nothing is an option: `send greenhouse set -5` says minus five.
  static func parse(_ words: [String]) throws(Failure) -> Invocation {
    guard words.count <= CliLimits.argumentsMax else {
      throw .usage(.tooManyArguments(max: CliLimits.argumentsMax))
    }
    var parser = ArgumentParser()
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--" {
        for plain in rest { try parser.takePlain(plain) }
        break
      }
      if isOption(word) {
        try parser.takeOption(word, rest: &rest)
      } else {
        try parser.takePlain(word)
      }
    }
    return Invocation(verb: parser.verb?.name, arguments: parser.arguments)
  }

  private static func isOption(_ word: String) -> Bool {
    guard word.hasPrefix("-"), word != "-" else { return false }
    let second = word.dropFirst().first
    return !(second?.isNumber ?? false) && second != "."
  }

  private mutating func takePlain(_ word: String) throws(Failure) {
    guard verb == nil else { return arguments.positionals.append(word) }
    guard let name = Verb.Name(rawValue: word) else {
      let close = Suggestion.closest(to: word, among: Verb.Name.allCases.map(\.rawValue))
      throw Failure(.usage, .unknownVerb(word, suggestion: close), next: .seeHelp(verb: nil))
    }
    verb = Verb.named(name)
  }

  private mutating func takeOption(_ word: String, rest: inout ArraySlice<String>) throws(Failure) {
    var name = word
    var value: String?
    if let equals = word.firstIndex(of: "=") {
      name = String(word[..<equals])
      value = String(word[word.index(after: equals)...])
    }
    name = Self.short[name] ?? name
    let known = Verb.common + (verb?.options ?? [])
    guard name.hasPrefix("--"), let option = known.first(where: { "--" + $0.name == name }) else {
      throw unknownOption(name, among: known)
    }
    guard option.placeholder != nil || !option.choices.isEmpty else {
      guard value == nil else {
        throw .usage(.optionTakesNoValue("--" + option.name), verb: verb?.name.rawValue)
      }
      arguments.options[option.name] = ""
      return
    }
    if value == nil { value = rest.popFirst() }
    guard let value, !value.isEmpty else {
      throw .usage(.optionNeedsValue(option.usage), verb: verb?.name.rawValue)
    }
    guard option.choices.isEmpty || option.choices.contains(value) else {
      throw .usage(
        .optionNotAmong("--" + option.name, value, option.choices), verb: verb?.name.rawValue)
    }
    arguments.options[option.name] = value
  }

  private static let short = ["-h": "--help"]

  private func unknownOption(_ name: String, among known: [Option]) -> Failure {
    if verb == nil,
      let owner = Verb.all.first(where: { owner in
        owner.options.contains { "--" + $0.name == name }
      })
    {
      return .usage(.optionBeforeVerb(name, verb: owner.name.rawValue), verb: nil)
    }
    let close = Suggestion.closest(to: name, among: known.map { "--" + $0.name })
    return .usage(.unknownOption(name, suggestion: close), verb: verb?.name.rawValue)
  }
}
