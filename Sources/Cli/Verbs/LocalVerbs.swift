internal import Glibc
internal import Model
internal import Reactor

/// The verbs that need no daemon.
enum LocalVerbs {
  /// What the executable brings: the daemon itself.
  struct Hooks {
    let run: (NodeOptions, @escaping TellClaim) -> ProblemView?
    let configCheck: (NodeOptions) -> ConfigurationReport
    let state: StateHooks
  }

  static func perform(
    _ invocation: ArgumentParser.Invocation, _ settings: Settings, _ output: any Output,
    _ hooks: Hooks
  ) -> ExitCode {
    let keeping = Keeping(
      hooks: hooks.state, arguments: invocation.arguments, settings: settings, output: output)
    do {
      switch invocation.verb {
      case .run: return try run(invocation.arguments, settings, hooks)
      case .config: return try config(invocation.arguments, settings, output, hooks)
      case .version: return try version(invocation.arguments, settings, output)
      case .help: return try help(invocation.arguments, settings, output)
      case .decode:
        var decode = Decode(settings, output)
        return try decode.run(invocation.arguments)
      case .simulate:
        return try simulateSite(invocation.arguments, settings, output, hooks.state)
      case .verify: return try keeping.verify()
      case .backup: return try keeping.backup()
      case .restore: return try keeping.restore()
      default: return .failure
      }
    } catch {
      Cli.report(error, settings, output)
      return error.code
    }
  }

  private static func options(_ arguments: Arguments) -> NodeOptions {
    var options = NodeOptions()
    options.configuration = arguments["config"]
    options.state = arguments["state"]
    options.socket = arguments["socket"]
    options.listen = arguments["listen"]
    options.web = arguments["web"]
    options.isHub = arguments["role"].map { $0 == "hub" }
    return options
  }

  private static func run(
    _ arguments: Arguments, _ settings: Settings, _ hooks: Hooks
  ) throws(Failure) -> ExitCode {
    try arguments.expect(positionals: 0...0, form: "run")
    if arguments.has("site") { throw .usage(.siteNotForRun, verb: "run") }
    let language = settings.language
    let problem = hooks.run(options(arguments)) { code, addresses in
      tellClaim(code, addresses, language)
    }
    guard let problem else { return .success }
    throw Failure(.failure, .problem(problem))
  }

  /// Only where a person reads: a journal, which others read too, must not have it.
  private static func tellClaim(_ code: String, _ addresses: [String], _ language: Language) {
    let output = StandardOutput()
    let address = Message.pageAddress(addresses) ?? "http://localhost:8420"
    let text = "\n  " + Message.claim(code, at: address).text(language) + "\n"
    if output.isTerminal {
      output.write(text + "\n")
    } else if System.isTerminal(STDERR_FILENO) {
      output.note(text)
    }
  }

  private static func config(
    _ arguments: Arguments, _ settings: Settings, _ output: any Output, _ hooks: Hooks
  ) throws(Failure) -> ExitCode {
    try arguments.expect(positionals: 1...1, form: "config check | conflicts | decide")
    guard arguments.positionals[0] == "check" else {
      throw .usage(.unexpectedArgument(arguments.positionals[0]), verb: "config")
    }
    let report = hooks.configCheck(options(arguments))
    if settings.isJson {
      try output.write(json: ConfigurationJson(report))
    } else {
      output.write(lines: lines(report, settings.language))
    }
    return report.isUsable ? .success : .failure
  }

  private static func lines(_ report: ConfigurationReport, _ language: Language) -> [String] {
    var lines = report.files.map { TextWidth.harmless($0) }
    if report.files.isEmpty { lines.append(Message.noConfiguration.text(language)) }
    for problem in report.problems {
      let text = TextWidth.harmless(Message.problem(problem).text(language))
      lines += TextWidth.wrap("! " + text, to: CliLimits.columnsDefault, indent: "  ")
    }
    let verdict: Message =
      if !report.isUsable {
        .configurationUnusable
      } else if report.problems.isEmpty {
        .configurationGood
      } else {
        .configurationWarned
      }
    return lines + [verdict.text(language)]
  }

  /// The stable form of a report.
  private struct ConfigurationJson: Encodable {
    let files: [String]
    let problems: [ProblemView]
    let usable: Bool

    init(_ report: ConfigurationReport) {
      files = report.files
      problems = report.problems
      usable = report.isUsable
    }
  }

  private static func version(
    _ arguments: Arguments, _ settings: Settings, _ output: any Output
  ) throws(Failure) -> ExitCode {
    try arguments.expect(positionals: 0...0, form: "version")
    if settings.isJson {
      try output.write(json: ["version": settings.version])
    } else {
      output.write(lines: ["bivouac " + settings.version])
    }
    return .success
  }

  private static func help(
    _ arguments: Arguments, _ settings: Settings, _ output: any Output
  ) throws(Failure) -> ExitCode {
    try arguments.expect(positionals: 0...1, form: "help [VERB]")
    guard let word = arguments.positionals.first else {
      output.write(lines: HelpPage.overview(settings.language))
      return .success
    }
    guard let name = Verb.Name(rawValue: word) else {
      let close = Suggestion.closest(to: word, among: Verb.Name.allCases.map(\.rawValue))
      throw Failure(.usage, .unknownVerb(word, suggestion: close), next: .seeHelp(verb: nil))
    }
    output.write(lines: HelpPage.page(of: .named(name), settings.language))
    return .success
  }
}
