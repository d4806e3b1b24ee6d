/// Something that the program can be told to do, as the help and the parser know it.
struct Verb: Equatable, Sendable {
  /// The verbs there are.
  enum Name: String, CaseIterable, Sendable {
    case run, status, devices, questions, answer, watch, query, series, annotate
    case add, delete, undelete, retention, clock
    case alarms, rules, recipients, snapshots
    case user, token, audit
    case site, peers, sync
    case send, commands, simulate, decode, export, `import`, verify, backup, restore, config,
      version, help
  }

  let name: Name
  /// One line.
  let summary: Message
  /// What may follow the verb, one form a line.
  let forms: [String]
  /// Paragraphs of the help page.
  let details: [Message]
  let options: [Option]
  /// Command lines to copy, without the program's name.
  let examples: [String]

  init(
    _ name: Name, _ summary: Message, forms: [String] = [""], details: [Message] = [],
    options: [Option] = [], examples: [String] = []
  ) {
    self.name = name
    self.summary = summary
    self.forms = forms
    self.details = details
    self.options = options
    self.examples = examples
  }

  /// The verb of a name.
  static func named(_ name: Name) -> Verb {
    guard let verb = all.first(where: { $0.name == name }) else {
      preconditionFailure("the verb \(name) has no entry")
    }
    return verb
  }

  /// Options that every verb takes.
  static let common: [Option] = [
    Option("json", .optionJson), Option("socket", value: "PATH", .optionSocket),
    Option("state", value: "DIR", .optionState), Option("site", value: "NAME", .optionSite),
    Option("lang", choices: ["en", "fr"], .optionLang),
    Option("no-color", .optionNoColor), Option("help", .optionHelp),
  ]
}
