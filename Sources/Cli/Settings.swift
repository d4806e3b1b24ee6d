internal import Model
internal import Reactor

/// What the process finds around it; a value of its own so that tests can make one up.
struct Surroundings: Sendable {
  var version: String
  var variable: @Sendable (String) -> String?
  var exists: @Sendable (String) -> Bool
  /// Where /etc/localtime leads.
  var localTime: @Sendable () -> String? = { nil }

  /// The real ones.
  static func ofProcess(version: String) -> Surroundings {
    Surroundings(
      version: version, variable: { System.environment($0) }, exists: { System.exists($0) },
      localTime: { System.linkTarget("/etc/localtime") })
  }
}

/// How this run of the program speaks, and with whom.
struct Settings: Sendable {
  var version: String
  var language: Language
  var style: Style
  /// Whether JSON is written.
  var isJson = false
  var socketPath: String
  /// The site that is meant where a hub keeps several; nil for its first one.
  var site: String?
  /// The name of the machine's time zone; nil when it cannot be told, or is UTC.
  var zone: String?
  /// Whether times are shown in UTC instead of the machine's zone: for tests.
  var isInUtc = false

  private let surroundings: Surroundings

  /// Looks at `--lang` before anything is parsed, so that even a wrong command line is refused in
  /// the right language.
  init(arguments: [String], _ surroundings: Surroundings, isTerminal: Bool) {
    self.surroundings = surroundings
    version = surroundings.version
    language = Self.wanted(arguments) ?? .ofEnvironment(surroundings.variable)
    // https://no-color.org: any value but the empty one means none.
    let noColor = surroundings.variable("NO_COLOR").map { !$0.isEmpty } ?? false
    let isDumb = surroundings.variable("TERM") == "dumb"
    style = Style(isColored: isTerminal && !noColor && !isDumb)
    socketPath = SocketPath.find(option: nil, state: nil, surroundings)
    zone = Self.machineZone(surroundings)
  }

  /// Takes the options of every verb.
  mutating func take(_ arguments: Arguments) throws(Failure) {
    isJson = arguments.has("json")
    if arguments.has("no-color") || isJson { style.isColored = false }
    socketPath = SocketPath.find(
      option: arguments["socket"], state: arguments["state"], surroundings)
    let named = surroundings.variable("BIVOUAC_SITE").flatMap { $0.isEmpty ? nil : $0 }
    site = arguments["site"] ?? named
    if let site, !SitePlace.isValid(site) { throw .usage(.badSiteName(site)) }
  }

  /// $TZ where it names a zone, else what /etc/localtime leads to.
  private static func machineZone(_ surroundings: Surroundings) -> String? {
    var name = surroundings.variable("TZ")
    if name?.hasPrefix(":") == true { name?.removeFirst() }
    if name == nil {
      name = surroundings.localTime()?.split(separator: "zoneinfo/").last.map(String.init)
    }
    // Without a slash it may be a rule of POSIX (CET-1CEST), which names no file.
    return name.flatMap {
      $0.contains("/") && ZoneName.isValid($0) && !ZoneName.isUtc($0) ? $0 : nil
    }
  }

  private static func wanted(_ arguments: [String]) -> Language? {
    for (index, word) in arguments.enumerated() {
      if word == "--" { return nil }
      if word.hasPrefix("--lang=") { return Language(rawValue: String(word.dropFirst(7))) }
      if word == "--lang", index + 1 < arguments.count {
        return Language(rawValue: arguments[index + 1])
      }
    }
    return nil
  }
}

/// Where the daemon's socket is.
enum SocketPath {
  /// The service's socket.
  static let system = "/run/bivouac/bivouac.sock"

  /// The state folder of a daemon that was told of none.
  static let usualState = "/var/lib/bivouac"

  /// What an option says; else the state folder that an option names; else $BIVOUAC_SOCKET; else
  /// the service's, unless only the usual state folder has one.
  static func find(option: String?, state: String?, _ surroundings: Surroundings) -> String {
    if let option { return option }
    if let state { return inState(state) }
    if let path = surroundings.variable("BIVOUAC_SOCKET"), !path.isEmpty { return path }
    let own = inState(usualState)
    return !surroundings.exists(system) && surroundings.exists(own) ? own : system
  }

  private static func inState(_ folder: String) -> String {
    (folder.hasSuffix("/") ? String(folder.dropLast()) : folder) + "/bivouac.sock"
  }
}
