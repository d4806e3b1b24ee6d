/// Why a verb ended without doing what was asked: what, why, and what to do next.
struct Failure: Error, Equatable {
  var code: ExitCode
  /// What happened and why.
  var what: Message
  /// What to do next.
  var next: Message?
  /// Whether the daemon understood and said no: trying again would not help.
  var isRefusal = false

  init(_ code: ExitCode, _ what: Message, next: Message? = nil) {
    self.code = code
    self.what = what
    self.next = next
  }

  /// The command line cannot be understood; `verb` has a help page.
  static func usage(_ what: Message, verb: String? = nil) -> Failure {
    Failure(.usage, what, next: .seeHelp(verb: verb))
  }
}
