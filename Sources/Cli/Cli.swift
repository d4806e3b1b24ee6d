public import Model
internal import Reactor

/// The command line: a client of the same `/api/v1` as every other, over the unix socket.
public enum Cli {
  /// Does what the arguments say and returns the exit code: 0 done, 1 it did not work, 2 usage,
  /// 3 no daemon, 4 not permitted, 5 not found or ambiguous.
  ///
  /// - Parameters:
  ///   - arguments: Everything after the program's name.
  ///   - version: The program's version.
  ///   - run: Runs the daemon on the calling thread until it is told to end; says why when it could
  ///     not start, and tells meanwhile how the node is claimed. Called before any thread exists.
  ///   - configCheck: Reads the configuration as the daemon would.
  ///   - state: Looks at stored state, copies it and puts it back.
  public static func main(
    arguments: [String], version: String,
    run: @escaping (NodeOptions, @escaping TellClaim) -> ProblemView?,
    configCheck: @escaping (NodeOptions) -> ConfigurationReport, state: StateHooks
  ) -> Int32 {
    let surroundings = Surroundings.ofProcess(version: version)
    let output = StandardOutput()
    switch prepare(arguments, surroundings, output) {
    case .done(let code): return code.rawValue
    case .remote(let verb, let arguments, let settings):
      return converse(verb, arguments, settings, state)
    case .local(let invocation, let settings):
      let hooks = LocalVerbs.Hooks(run: run, configCheck: configCheck, state: state)
      return LocalVerbs.perform(invocation, settings, output, hooks).rawValue
    }
  }

  /// Talks with the daemon: the loop runs here, on the main thread, until the verb is done.
  private static func converse(
    _ verb: Verb.Name, _ arguments: Arguments, _ settings: Settings, _ state: StateHooks
  ) -> Int32 {
    Signals.blockBeforeThreads()
    let end = End()
    Task { @Loop in
      let conversation = Conversation(arguments, settings, StandardOutput())
      conversation.rows = state.rows
      let interrupts = Interrupts(conversation, end)
      end.reach(await DaemonVerbs.perform(verb, conversation))
      withExtendedLifetime(interrupts) {}
    }
    EventLoop.shared.run()
    return end.code
  }

  /// What is left to do once the command line is understood.
  enum Preparation {
    /// Nothing: it was wrong, or it asked for help only.
    case done(ExitCode)
    /// A verb that needs no daemon.
    case local(ArgumentParser.Invocation, Settings)
    /// A verb that talks with the daemon.
    case remote(Verb.Name, Arguments, Settings)
  }

  /// Understands the command line; answers what needs neither daemon nor file.
  static func prepare(
    _ arguments: [String], _ surroundings: Surroundings, _ output: any Output
  ) -> Preparation {
    var settings = Settings(arguments: arguments, surroundings, isTerminal: output.isTerminal)
    do {
      let invocation = try ArgumentParser.parse(arguments)
      try settings.take(invocation.arguments)
      guard let verb = invocation.verb else {
        if invocation.arguments.has("help") {
          output.write(lines: HelpPage.overview(settings.language))
          return .done(.success)
        }
        for line in HelpPage.overview(settings.language) { output.note(line) }
        return .done(.usage)
      }
      if invocation.arguments.has("help") {
        output.write(lines: HelpPage.page(of: .named(verb), settings.language))
        return .done(.success)
      }
      let first = invocation.arguments.positionals.first ?? ""
      if verb == .config, Conversation.configWords.contains(first) {
        return .remote(verb, invocation.arguments, settings)
      }
      switch verb {
      case .simulate where invocation.arguments.positionals.first == "site":
        return .local(invocation, settings)
      case .run, .decode, .verify, .backup, .restore, .config, .version, .help:
        return .local(invocation, settings)
      default: return .remote(verb, invocation.arguments, settings)
      }
    } catch {
      report(error, settings, output)
      return .done(error.code)
    }
  }

  /// Says on stderr what failed, why, and what to do next.
  static func report(_ failure: Failure, _ settings: Settings, _ output: any Output) {
    let language = settings.language
    let what = Message.errorPrefix.text(language) + failure.what.text(language)
    output.note(TextWidth.harmless(what))
    if let next = failure.next { output.note(TextWidth.harmless(next.text(language))) }
  }
}
