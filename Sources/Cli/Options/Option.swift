/// One option of the command line.
struct Option: Equatable, Sendable {
  /// Its name without the dashes.
  let name: String
  /// The word that stands for its value in the help; nil for one that takes none.
  let placeholder: String?
  let summary: Message
  /// The only values understood, where there are few.
  let choices: [String]

  init(_ name: String, value placeholder: String? = nil, choices: [String] = [], _ summary: Message)
  {
    self.name = name
    self.placeholder = placeholder
    self.choices = choices
    self.summary = summary
  }

  /// `--last N`, as the help shows it.
  var usage: String {
    let value = choices.isEmpty ? placeholder : choices.joined(separator: "|")
    return "--" + name + (value.map { " " + $0 } ?? "")
  }
}

/// A command line taken apart: every option is one that the verb has.
struct Arguments: Equatable, Sendable {
  /// What stands without dashes, in order, the verb left out.
  var positionals: [String] = []
  /// Options with their last value; the empty text for those without one.
  var options: [String: String] = [:]

  /// Whether an option was given.
  func has(_ name: String) -> Bool { options[name] != nil }

  /// The value of an option.
  subscript(name: String) -> String? { options[name] }
}
