public import Model

/// The verbs that look at a node's stored state, copy it and put it back.
struct Keeping {
  /// What the executable brings.
  let hooks: StateHooks
  let arguments: Arguments
  let settings: Settings
  let output: any Output

  private var options: NodeOptions {
    var options = NodeOptions()
    options.configuration = arguments["config"]
    options.state = arguments["state"]
    options.site = settings.site
    return options
  }

  func verify() throws(Failure) -> ExitCode {
    try arguments.expect(positionals: 0...0, form: "verify")
    let progress = ProgressLine(settings, output)
    let found = try Self.failure { () throws(ProblemView) in
      try hooks.verify(options) { progress.show(.verifying($0)) }
    }
    progress.clear()
    if settings.isJson {
      try output.write(json: found)
    } else {
      let lines =
        found.damages.map { "! " + $0 }
        + [Message.verified(found).text(settings.language)]
      for line in lines {
        let text = TextWidth.harmless(line)
        output.write(lines: TextWidth.wrap(text, to: CliLimits.columnsDefault, indent: "  "))
      }
    }
    return found.damageCount == 0 ? .success : .failure
  }

  func backup() throws(Failure) -> ExitCode {
    try arguments.expect(positionals: 1...1, form: "backup FILE")
    let progress = ProgressLine(settings, output)
    let file = arguments.positionals[0]
    let copy = try Self.failure { () throws(ProblemView) in
      try hooks.backup(options, file) { progress.show(.percent($0)) }
    }
    progress.clear()
    return try report(copy, .backedUp(copy))
  }

  func restore() throws(Failure) -> ExitCode {
    try arguments.expect(positionals: 1...1, form: "restore FILE")
    let progress = ProgressLine(settings, output)
    let file = arguments.positionals[0]
    let copy = try Self.failure { () throws(ProblemView) in
      try hooks.restore(options, file, arguments.has("replace")) { progress.show(.percent($0)) }
    }
    progress.clear()
    return try report(copy, .restored(copy))
  }

  private func report(_ copy: CopyView, _ message: Message) throws(Failure) -> ExitCode {
    if settings.isJson {
      try output.write(json: copy)
    } else {
      let text = TextWidth.harmless(message.text(settings.language))
      output.write(lines: TextWidth.wrap(text, to: CliLimits.columnsDefault))
    }
    return .success
  }

  static func failure<Value>(
    _ body: () throws(ProblemView) -> Value
  ) throws(Failure) -> Value {
    do throws(ProblemView) {
      return try body()
    } catch {
      throw Failure(.failure, .problem(error))
    }
  }
}

/// One line on a terminal that is written over and over; nothing elsewhere.
final class ProgressLine {
  private let settings: Settings
  private let output: any Output
  private var shown = ""

  init(_ settings: Settings, _ output: any Output) {
    self.settings = settings
    self.output = output
  }

  /// Shows a message in place of the one before.
  func show(_ message: Message) {
    let text = message.text(settings.language)
    guard output.isTerminal, !settings.isJson, text != shown else { return }
    output.write("\r" + TextWidth.pad(text, to: TextWidth.columns(shown)))
    shown = text
  }

  /// Takes the line away.
  func clear() {
    guard !shown.isEmpty else { return }
    output.write("\r" + TextWidth.pad("", to: TextWidth.columns(shown)) + "\r")
    shown = ""
  }
}

/// What the executable brings for the verbs that touch stored state or files of SQLite.
public struct StateHooks: Sendable {
  /// What each of them throws.
  public typealias Refusal = ProblemView
  /// Looks at everything stored, and tells how many commits were looked at.
  public typealias Verify =
    @Sendable (NodeOptions, (Int64) -> Void) throws(ProblemView) -> VerificationView
  /// Copies the database into a file, and tells which part is done.
  public typealias Backup =
    @Sendable (NodeOptions, String, (Double) -> Void) throws(ProblemView) -> CopyView
  /// Puts a copy back, over what is there if told so, and tells which part is done.
  public typealias Restore =
    @Sendable (NodeOptions, String, Bool, (Double) -> Void) throws(ProblemView) -> CopyView
  /// Begins an SQLite file of readings.
  public typealias Rows = @Sendable (String) throws(ProblemView) -> any ReadingsSink
  /// Simulates the site of a seed.
  public typealias Site = @Sendable (UInt64) -> SiteReport

  let verify: Verify
  let backup: Backup
  let restore: Restore
  let rows: Rows
  let site: Site

  /// Puts them together.
  public init(
    verify: @escaping Verify, backup: @escaping Backup, restore: @escaping Restore,
    site: @escaping Site, rows: @escaping Rows
  ) {
    self.verify = verify
    self.backup = backup
    self.restore = restore
    self.site = site
    self.rows = rows
  }
}
