internal import Devices
internal import Model

/// Reads the entries of one file onto a configuration; what cannot be used leaves the value that
/// was there and becomes a notice.
struct ConfigurationReader {
  /// Every key of the top table. The names are what operators write: never rename.
  private enum Key: String, CaseIterable {
    case stateDirectory = "state_directory"
    case socket
    case commitInterval = "commit_interval"
    case openAtStart = "open_at_start"
    case role
    case logLevel = "log_level"
    case ports
    case simulation
    case http
    case sync
    case tls
    case retention
    case snapshots
    case alarms
  }

  private enum SimulationKey: String, CaseIterable {
    case allow
  }

  private enum PortKey: String, CaseIterable {
    case speed
    case open
    case kind
  }

  /// What a node is there for.
  private enum Role: String, CaseIterable {
    case gateway
    case hub
  }

  /// The `open` policy of one port.
  private enum OpenPolicy: String, CaseIterable {
    case always
    case never
    case auto
  }

  let file: String
  private(set) var notices: [ConfigurationNotice] = []

  init(file: String) { self.file = file }

  mutating func read(_ entries: [TomlEntry], onto configuration: inout Configuration) {
    for entry in entries {
      guard let key = known(entry, as: Key.self, in: "") else { continue }
      read(key, entry, onto: &configuration)
    }
  }

  private mutating func read(
    _ key: Key, _ entry: TomlEntry, onto configuration: inout Configuration
  ) {
    switch key {
    case .stateDirectory:
      if let path = path(entry) { configuration.stateFolder = path }
    case .socket:
      if let path = path(entry, bytesMax: ConfigurationLimits.socketPathBytesMax) {
        configuration.socketPath = path
      }
    case .commitInterval:
      if let seconds = integer(entry, ConfigurationLimits.commitIntervalSeconds, unit: "seconds") {
        configuration.commitIntervalSeconds = Int(seconds)
      }
    case .openAtStart:
      if let choice = choice(entry, among: DeviceRegistry.OpenAtStart.self) {
        configuration.openAtStart = choice
      }
    case .role:
      if let role = choice(entry, among: Role.self) { configuration.isHub = role == .hub }
    case .logLevel:
      let names = Log.Level.allCases.map { "\($0)" }
      if let name = choice(entry, among: names), let level = Log.Level(name: name) {
        configuration.logLevel = level
      }
    case .simulation:
      for child in table(entry) {
        guard let key = known(child, as: SimulationKey.self, in: "simulation.") else { continue }
        switch key {
        case .allow:
          if let allow = boolean(child, in: "simulation.") {
            configuration.simulationAllowed = allow
          }
        }
      }
    case .retention: readRetention(table(entry), onto: &configuration.retention)
    case .snapshots:
      for child in table(entry) { readSnapshots(child, onto: &configuration.snapshots) }
    case .alarms: readAlarms(table(entry), onto: &configuration.mail)
    case .http:
      for child in table(entry) { readHttp(child, onto: &configuration.http) }
    case .sync:
      for child in table(entry) { readSync(child, onto: &configuration.sync) }
    case .tls:
      for child in table(entry) { readTls(child, onto: &configuration.tls) }
    case .ports:
      for child in table(entry) { readPort(child, onto: &configuration) }
    }
  }

  private mutating func readPort(_ entry: TomlEntry, onto configuration: inout Configuration) {
    guard let selector = Self.selector(entry.key) else {
      return error(
        .badPort, entry, in: "ports.", "\"\(entry.key)\" names no port",
        "name it by the identity that `bivouac devices` shows, by /dev/..., or by its ID_PATH",
        ["port": entry.key])
    }
    let index = configuration.ports.firstIndex { $0.selector == selector }
    guard index != nil || configuration.ports.count < ConfigurationLimits.portsMax else {
      return error(
        .tooMany, entry, in: "ports.",
        "more than \(ConfigurationLimits.portsMax) ports are described", "remove some",
        ["max": "\(ConfigurationLimits.portsMax)"])
    }
    // A later file adds to what an earlier one said of the port.
    var port = index.map { configuration.ports[$0] } ?? Configuration.Port(selector: selector)
    let prefix = "ports.\(entry.key)."
    for child in table(entry, in: "ports.") {
      guard let key = known(child, as: PortKey.self, in: prefix) else { continue }
      switch key {
      case .speed:
        if let baud = integer(child, ConfigurationLimits.speedBaud, unit: "baud", in: prefix) {
          port.speedBaud = UInt32(baud)
        }
      case .open:
        if let policy = choice(child, among: OpenPolicy.self, in: prefix) {
          port.opensAtStart = policy == .auto ? nil : policy == .always
        }
      case .kind:
        if let kind = choice(child, among: DeviceKind.self, in: prefix) { port.kind = kind }
      }
    }
    if let index { configuration.ports[index] = port } else { configuration.ports.append(port) }
  }

  static func selector(_ text: String) -> Configuration.PortSelector? {
    if text.hasPrefix("/dev/"), text.utf8.count > 5 { return .node(text) }
    // A hub on a board without PCI has an ID_PATH that looks like no identity either.
    let isPath = ["pci-", "platform-", "acpi-"].contains { text.hasPrefix($0) }
    if isPath, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) { return .socket(text) }
    return DeviceIdentity(text: text).map { .identity($0) }
  }

  // MARK: Values

  mutating func known<Key: RawRepresentable<String> & CaseIterable>(
    _ entry: TomlEntry, as keys: Key.Type, in prefix: String
  ) -> Key? {
    if let key = Key(rawValue: entry.key) { return key }
    let names = Key.allCases.map(\.rawValue)
    let meant = EditDistance.nearest(to: entry.key, among: names)
    let remedy =
      meant.map { "did you mean \($0)?" } ?? "known here: \(names.joined(separator: ", "))"
    note(
      .warning, .unknownKey, entry, in: prefix, "\(prefix)\(entry.key) is not known", remedy,
      ["meant": meant ?? "", "known": names.joined(separator: ", ")])
    return nil
  }

  mutating func table(_ entry: TomlEntry, in prefix: String = "") -> [TomlEntry] {
    if case .table(let entries) = entry.node.value { return entries }
    wrongType(entry, in: prefix, expected: "a table", example: "[\(prefix)\(entry.key)]")
    return []
  }

  mutating func boolean(_ entry: TomlEntry, in prefix: String) -> Bool? {
    if case .boolean(let truth) = entry.node.value { return truth }
    wrongType(entry, in: prefix, expected: "true or false", example: "\(entry.key) = true")
    return nil
  }

  mutating func integer(
    _ entry: TomlEntry, _ range: ClosedRange<Int64>, unit: String, in prefix: String = ""
  ) -> Int64? {
    guard case .integer(let number) = entry.node.value else {
      wrongType(
        entry, in: prefix, expected: "a whole number of \(unit)",
        example: "\(entry.key) = \(range.contains(10) ? 10 : 115_200)")
      return nil
    }
    guard range.contains(number) else {
      error(
        .outOfRange, entry, in: prefix, "\(prefix)\(entry.key) = \(number) is out of range",
        "give \(range.lowerBound) to \(range.upperBound) \(unit)",
        ["value": "\(number)", "low": "\(range.lowerBound)", "high": "\(range.upperBound)"])
      return nil
    }
    return number
  }

  mutating func string(_ entry: TomlEntry, in prefix: String, example: String) -> String? {
    if case .string(let text) = entry.node.value { return text }
    wrongType(entry, in: prefix, expected: "a text", example: "\(entry.key) = \"\(example)\"")
    return nil
  }

  mutating func path(_ entry: TomlEntry, bytesMax: Int = 4095) -> String? {
    guard let text = string(entry, in: "", example: "/path") else { return nil }
    guard text.hasPrefix("/"), text.utf8.count <= bytesMax, !text.utf8.contains(0) else {
      let length = text.utf8.count > bytesMax
      error(
        .badPath, entry, in: "",
        length ? "\(entry.key) is longer than \(bytesMax) bytes" : "\(entry.key) is not absolute",
        length ? "give a shorter path" : "give a path that begins with /",
        ["max": length ? "\(bytesMax)" : ""])
      return nil
    }
    return text
  }

  private mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ entry: TomlEntry, among choices: Choice.Type, in prefix: String = ""
  ) -> Choice? {
    choice(entry, among: Choice.allCases.map(\.rawValue), in: prefix)
      .flatMap { Choice(rawValue: $0) }
  }

  mutating func choice(
    _ entry: TomlEntry, among names: [String], in prefix: String = ""
  ) -> String? {
    guard let text = string(entry, in: prefix, example: names[0]) else { return nil }
    if names.contains(text) { return text }
    let meant = EditDistance.nearest(to: text, among: names)
    let choices = "give one of \(names.joined(separator: ", "))"
    error(
      .notAChoice, entry, in: prefix, "\(prefix)\(entry.key) cannot be \"\(text)\"",
      meant.map { "did you mean \($0)? \(choices)" } ?? choices,
      ["value": text, "meant": meant ?? "", "choices": names.joined(separator: ", ")])
    return nil
  }

  // MARK: Notices

  mutating func wrongType(
    _ entry: TomlEntry, in prefix: String, expected: String, example: String
  ) {
    error(
      .wrongType, entry, in: prefix,
      "\(prefix)\(entry.key) is \(entry.node.kindName), not \(expected)", "write \(example)",
      ["example": example])
  }

  mutating func error(
    _ cause: ConfigurationNotice.Cause, _ entry: TomlEntry, in prefix: String, _ why: String,
    _ remedy: String, _ parameters: [String: String]
  ) {
    note(.error, cause, entry, in: prefix, why, remedy, parameters)
  }

  private mutating func note(
    _ severity: ConfigurationNotice.Severity, _ cause: ConfigurationNotice.Cause,
    _ entry: TomlEntry, in prefix: String, _ why: String, _ remedy: String,
    _ parameters: [String: String]
  ) {
    guard notices.count < ConfigurationLimits.noticesMax else { return }
    notices.append(
      ConfigurationNotice(
        severity: severity, cause: cause, file: file, line: entry.line, key: prefix + entry.key,
        why: why, remedy: remedy, parameters: parameters))
  }
}
