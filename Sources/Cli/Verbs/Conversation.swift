internal import Model
internal import Reactor
internal import Web

/// One verb talking with the daemon: everything it needs, and what several verbs share.
@Loop final class Conversation {
  let arguments: Arguments
  let settings: Settings
  let output: any Output
  let daemon: Daemon
  /// Begins an SQLite file of readings; the executable brings it.
  var rows: StateHooks.Rows?
  /// Called when the person presses Ctrl-C; true when the verb ends by itself.
  var onInterrupt: (@Loop () -> Bool)?

  init(_ arguments: Arguments, _ settings: Settings, _ output: any Output) {
    self.arguments = arguments
    self.settings = settings
    self.output = output
    daemon = Daemon(socketPath: settings.socketPath, site: settings.site)
  }

  /// The page that a view is drawn on now.
  var page: Page {
    Page(
      language: settings.language, style: settings.style, columns: output.columns,
      bootUs: Clock.bootUs(), wallUs: Clock.wallUs(), isInUtc: settings.isInUtc)
  }

  func say(_ message: Message) -> String { message.text(settings.language) }

  /// Writes a message as wrapped lines.
  @discardableResult func write(_ message: Message) -> Bool {
    output.write(lines: page.wrap(message))
  }

  /// Writes the bytes of the daemon's JSON as they are, in one line.
  @discardableResult func write(json bytes: [UInt8]) -> Bool {
    output.write(String(decoding: bytes, as: UTF8.self) + "\n")
  }

  /// The names that people gave, by the devices' ids.
  func names() async throws(Failure) -> [String: String] {
    var names: [String: String] = [:]
    for device in try await daemon.get([DeviceView].self, "/devices") {
      names[device.id] = device.name
    }
    return names
  }

  /// A path with a part that a person typed.
  nonisolated static func target(_ parts: String...) -> String {
    parts.map { "/" + PercentCoding.encode($0) }.joined()
  }
}

/// The verbs that talk with the daemon.
@Loop enum DaemonVerbs {
  static func perform(_ verb: Verb.Name, _ conversation: Conversation) async -> ExitCode {
    do {
      switch verb {
      case .status: return try await conversation.status()
      case .devices: return try await conversation.devices()
      case .questions: return try await conversation.questions()
      case .answer: return try await conversation.answer()
      case .watch: return try await Watch(conversation).run()
      case .query: return try await conversation.query()
      case .annotate: return try await conversation.annotate()
      case .add: return try await conversation.add()
      case .delete: return try await conversation.delete()
      case .undelete: return try await conversation.undelete()
      case .retention: return try await conversation.retention()
      case .clock: return try await conversation.clock()
      case .alarms: return try await conversation.alarms()
      case .rules: return try await conversation.rules()
      case .recipients: return try await conversation.recipients()
      case .snapshots: return try await conversation.snapshots()
      case .user: return try await conversation.user()
      case .token: return try await conversation.token()
      case .audit: return try await conversation.audit()
      case .site: return try await conversation.site()
      case .peers: return try await conversation.peers()
      case .sync: return try await conversation.sync()
      case .series: return try await conversation.series()
      case .send: return try await conversation.send()
      case .commands: return try await conversation.commands()
      case .simulate: return try await Simulation(conversation).run()
      case .import: return try await conversation.importFile()
      case .export: return try await conversation.export()
      case .config: return try await conversation.config()
      case .run, .decode, .verify, .backup, .restore, .version, .help: return .failure
      }
    } catch {
      Cli.report(error, conversation.settings, conversation.output)
      return error.code
    }
  }
}
