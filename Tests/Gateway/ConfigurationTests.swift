import Glibc
import Testing
import Web

@testable import Devices
@testable import Gateway
@testable import Model
@testable import Reactor
@testable import Sync

@Suite("Configuration") struct ConfigurationTests {
  /// A folder of its own with a `conf.d`, removed with all that is in it.
  final class Folder {
    let path: String
    private var files: [String] = []

    init() throws {
      let base = System.environment("TMPDIR") ?? String(P_tmpdir)
      var template = Array("\(base)/bivouac-configuration-XXXXXX".utf8CString)
      let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
        unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) } != nil
      }
      try #require(made)
      path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
      try System.makeFolder(path + "/conf.d")
    }

    var file: String { path + "/bivouac.toml" }

    func write(_ name: String, _ text: String) throws {
      files.append(path + "/" + name)
      try System.writeFile(path + "/" + name, Array(text.utf8))
    }

    deinit {
      for file in files { _ = unsafe unlink(file) }
      _ = unsafe rmdir(path + "/conf.d")
      _ = unsafe rmdir(path)
    }
  }

  private func read(
    _ text: String, onto lastGood: Configuration = Configuration()
  ) throws -> ConfigurationReading {
    let folder = try Folder()
    try folder.write("bivouac.toml", text)
    return Configuration.read(file: folder.file, folder: folder.path + "/conf.d", onto: lastGood)
  }

  @Test("no file at all gives the defaults and no notice") func nothing() throws {
    let folder = try Folder()
    let (configuration, problems) = Configuration.load(file: folder.file)
    #expect(configuration == Configuration())
    #expect(problems.isEmpty)
    let missing = Configuration.read(file: "/nowhere/bivouac.toml", folder: "/nowhere/conf.d")
    #expect(missing.configuration == Configuration() && missing.notices.isEmpty)
  }

  @Test("how mail for alarms goes out is read, and what is no server is refused")
  func mail() throws {
    let reading = try read(
      """
      [alarms]
      mail_server = "smtp://mail.example.org:587"
      mail_from = "greenhouse@example.org"
      mail_user = "bivouac"
      mail_password_file = "/etc/bivouac/password"
      stand_in = 0
      """)
    let mail = reading.configuration.mail
    #expect(reading.notices.isEmpty && mail.server == "smtp://mail.example.org:587")
    #expect(mail.standInSeconds == 0 && Configuration.Mail().standInSeconds == 120)
    #expect(mail.user == "bivouac" && mail.passwordFile == "/etc/bivouac/password")
    for wrong in [
      "mail_server = \"mail.example.org\"", "mail_from = \"a b\"", "mail_port = 25",
      "stand_in = -1",
    ] {
      let refused = try read("[alarms]\n\(wrong)\n")
      #expect(refused.notices.count == 1 && refused.configuration.mail == .init(), "\(wrong)")
    }
  }

  @Test("how long readings are kept is read") func retention() throws {
    let reading = try read(
      """
      [retention]
      raw = "90d"
      minutes = "2y"
      quota = "80%"
      ballast = "none"
      keep_after_ack = "3d"
      """)
    #expect(reading.notices.isEmpty, "\(reading.notices.map(\.text))")
    let retention = reading.configuration.retention
    let dayUs: Int64 = 86_400_000_000
    #expect(retention.rule == RetentionRule(rawUs: 90 * dayUs, minutesUs: 730 * dayUs))
    #expect(retention.quota == .percent(80) && retention.ballastBytes == 0)
    #expect(retention.keepAfterAckUs == 3 * dayUs)
    #expect(Configuration.Retention().keepAfterAckUs == 7 * dayUs)
  }

  @Test(
    "what makes no sense of retention is left out, and said where it stands",
    arguments: [
      ("raw = \"90x\"", "config.bad-age"), ("raw = \"0d\"", "config.bad-age"),
      ("minutes = \"-2y\"", "config.bad-age"), ("raw = 90", "config.wrong-type"),
      ("quota = \"100%\"", "config.bad-size"), ("quota = \"1MB\"", "config.bad-size"),
      ("ballast = \"16\"", "config.bad-size"), ("rew = \"90d\"", "config.unknown-key"),
      ("keep_after_ack = \"-1d\"", "config.bad-age"),
      ("raw = \"2y\"\nminutes = \"90d\"", "config.retention-order"),
      ("minutes = \"90d\"", "config.retention-order"),
    ])
  func badRetention(text: String, code: String) throws {
    let reading = try read("[retention]\n" + text)
    #expect(reading.configuration.retention == Configuration.Retention())
    #expect(reading.notices.map(\.view.code) == [code])
    #expect(reading.notices.first.map { $0.line > 1 } == true)
  }

  @Test("what a node is there for, and where others reach it, is read") func sync() throws {
    let reading = try read(
      """
      role = "hub"
      [sync]
      listen = ["0.0.0.0:8421", "[::]:8421", "192.168.1.7:0"]
      url = "https://farm.example/bivouac"
      label = "Serre"
      readings = "own"
      """)
    #expect(reading.notices.isEmpty, "\(reading.notices.map(\.text))")
    #expect(reading.configuration.isHub)
    #expect(
      reading.configuration.sync.listen.map(\.description) == [
        "0.0.0.0:8421", "[::]:8421", "192.168.1.7:0",
      ])
    #expect(reading.configuration.sync.url == "https://farm.example/bivouac")
    #expect(reading.configuration.sync.label == "Serre")
    #expect(reading.configuration.sync.readings == .own && Configuration().sync.readings == .all)
    #expect(Configuration().sync.listen.isEmpty && !Configuration().isHub)
  }

  @Test(
    "an address for other nodes that is none is refused, and the others are kept",
    arguments: ["hub.example:8421", "0.0.0.0", "[::1:8421", "1.2.3.4:99999", "1.2.3.4:+1"])
  func badSyncAddress(text: String) throws {
    let reading = try read("[sync]\nlisten = [\"\(text)\", \"127.0.0.1:1\"]")
    #expect(reading.notices.map(\.cause) == [.badAddress])
    #expect(reading.configuration.sync.listen.map(\.description) == ["127.0.0.1:1"])
  }

  @Test("every key is read") func everyKey() throws {
    let reading = try read(
      """
      state_directory = "/srv/bivouac"
      socket = "/srv/bivouac/socket"
      commit_interval = 30
      open_at_start = "all"
      log_level = "debug"

      [simulation]
      allow = false

      [ports."usb-0403:6001:A1B2C3"]
      speed = 250000
      kind = "printer"
      open = "never"

      [ports."/dev/ttyS0"]
      open = "always"

      [ports."pci-0000:00:14.0-usb-0:2:1.0"]
      kind = "companion"
      open = "auto"
      """)
    #expect(reading.notices.isEmpty, "\(reading.notices.map(\.text))")
    let configuration = reading.configuration
    #expect(configuration.stateFolder == "/srv/bivouac")
    #expect(configuration.socketPath == "/srv/bivouac/socket")
    #expect(configuration.commitIntervalSeconds == 30)
    #expect(configuration.openAtStart == .all)
    #expect(configuration.logLevel == .debug)
    #expect(!configuration.simulationAllowed)
    let identity = try #require(DeviceIdentity(text: "usb-0403:6001:A1B2C3"))
    #expect(
      configuration.ports == [
        .init(
          selector: .identity(identity), speedBaud: 250_000, opensAtStart: false, kind: .printer),
        .init(selector: .node("/dev/ttyS0"), speedBaud: nil, opensAtStart: true, kind: nil),
        .init(
          selector: .socket("pci-0000:00:14.0-usb-0:2:1.0"), speedBaud: nil, opensAtStart: nil,
          kind: .companion),
      ])
  }

  @Test(
    "an unknown key is a warning that says what was meant",
    arguments: [
      ("commit_intervall = 5", "commit_interval"), ("commit-interval = 5", "commit_interval"),
      ("comit_interval = 5", "commit_interval"), ("Socket = \"/x\"", "socket"),
      ("[simulation]\nalow = true", "allow"), ("[ports.\"/dev/ttyS0\"]\nsped = 9600", "speed"),
    ]) func didYouMean(text: String, meant: String) throws
  {
    let reading = try read(text)
    try #require(reading.notices.count == 1)
    #expect(reading.notices[0].severity == .warning)
    #expect(reading.notices[0].cause == .unknownKey)
    #expect(reading.notices[0].remedy == "did you mean \(meant)?")
    #expect(reading.isUsable)
  }

  @Test("a key like no other lists the known ones") func unlikeAny() throws {
    let reading = try read("zzzzzz = 1")
    #expect(reading.notices.first?.remedy.hasPrefix("known here: state_directory, ") == true)
  }

  @Test(
    "a value of the wrong type or out of range keeps the last good one",
    arguments: [
      ("commit_interval = \"5\"", ConfigurationNotice.Cause.wrongType),
      ("commit_interval = 0", .outOfRange), ("commit_interval = 61", .outOfRange),
      ("commit_interval = 10.5", .wrongType), ("commit_interval = 99999999999999", .outOfRange),
      ("open_at_start = \"som\"", .notAChoice), ("open_at_start = true", .wrongType),
      ("log_level = \"loud\"", .notAChoice),
      ("socket = \"relative/socket\"", .badPath), ("simulation = true", .wrongType),
      ("[simulation]\nallow = \"yes\"", .wrongType), ("ports = [1]", .wrongType),
      ("[ports.\"COM3\"]\nspeed = 9600", .badPort), ("[ports]\n\"/dev/ttyS0\" = 9600", .wrongType),
      ("[ports.\"/dev/ttyS0\"]\nspeed = 0", .outOfRange),
      ("state_directory = 1979-05-27", .wrongType), ("role = \"server\"", .notAChoice),
      ("[sync]\nlisten = \"0.0.0.0:1\"", .wrongType), ("[sync]\nurl = \"hub\"", .badAddress),
      ("[sync]\nlabel = 3", .wrongType), ("[sync]\nreadings = \"none\"", .notAChoice),
    ]) func badValue(text: String, cause: ConfigurationNotice.Cause) throws
  {
    var lastGood = Configuration()
    lastGood.commitIntervalSeconds = 7
    lastGood.openAtStart = .all
    lastGood.socketPath = "/run/good"
    let reading = try read(text, onto: lastGood)
    try #require(reading.notices.count == 1, "\(reading.notices)")
    #expect(reading.notices[0].cause == cause)
    #expect(reading.notices[0].severity == .error)
    #expect(!reading.notices[0].remedy.isEmpty)
    #expect(!reading.isUsable)
    var kept = reading.configuration
    kept.ports = []
    #expect(kept == lastGood)
  }

  @Test("one bad value does not stop the others, and each names its line") func lines() throws {
    let reading = try read(
      "# comment\ncommit_interval = 99\nlog_level = \"debug\"\n\n[simulation]\nalow = 1\n")
    #expect(reading.configuration.logLevel == .debug)
    #expect(reading.notices.map(\.line) == [2, 6])
    #expect(reading.notices.map(\.key) == ["commit_interval", "simulation.alow"])
    let text = try #require(reading.notices.first?.text)
    #expect(
      text.hasSuffix(
        "bivouac.toml:2: commit_interval = 99 is out of range; give 1 to 60 seconds"))
  }

  @Test(
    "a text that is not TOML keeps all that was, with line and reason",
    arguments: [
      ("commit_interval = 5\nsocket = \"unfinished", 2), ("a = 1\na = 2", 2), ("= 3", 1),
      ("log_level = \"debug\"\n\u{0}", 2), ("x = [1,\n2,\n", 3),
    ]) func syntax(text: String, line: Int) throws
  {
    var lastGood = Configuration()
    lastGood.commitIntervalSeconds = 7
    let reading = try read(text, onto: lastGood)
    #expect(reading.configuration == lastGood)
    try #require(reading.notices.count == 1)
    #expect(reading.notices[0].cause == .syntax)
    #expect(abs(reading.notices[0].line - line) <= 1, "\(reading.notices[0].text)")
  }

  @Test("deep nesting and bytes that are not UTF-8 are refused, not crashed on") func hostile()
    throws
  {
    let deep = try read("a = " + String(repeating: "[", count: 100_000))
    #expect(deep.notices.map(\.cause) == [.syntax])
    #expect(throws: TomlFailure.self) { try TomlDocument.parse([0x61, 0x3D, 0x22, 0xFF, 0x22]) }
  }

  @Test("files of conf.d come after, by name, each over the one before") func folder() throws {
    let folder = try Folder()
    try folder.write("bivouac.toml", "commit_interval = 5\nlog_level = \"debug\"")
    try folder.write(
      "conf.d/20-b.toml", "commit_interval = 40\n[ports.\"/dev/ttyS0\"]\nspeed = 9600")
    try folder.write(
      "conf.d/10-a.toml", "commit_interval = 30\n[ports.\"/dev/ttyS0\"]\nopen = \"never\"")
    try folder.write("conf.d/.hidden.toml", "commit_interval = 50")
    try folder.write("conf.d/note.txt", "commit_interval = 50")
    try folder.write("conf.d/30-broken.toml", "commit_interval = ")
    let reading = Configuration.read(file: folder.file, folder: folder.path + "/conf.d")
    #expect(reading.configuration.commitIntervalSeconds == 40)
    #expect(reading.configuration.logLevel == .debug)
    #expect(
      reading.configuration.ports == [
        .init(selector: .node("/dev/ttyS0"), speedBaud: 9600, opensAtStart: false, kind: nil)
      ])
    #expect(reading.notices.map(\.cause) == [.syntax])
    #expect(reading.files.count == 4)
  }

  @Test("a file too long or a folder in its place is said, and nothing else changes")
  func unreadable() throws {
    let long = try read(String(repeating: "# comment\n", count: 30_000))
    #expect(long.notices.map(\.cause) == [.unreadable])
    let folder = try Folder()
    let reading = Configuration.read(file: folder.path + "/conf.d", folder: folder.path + "/none")
    #expect(reading.notices.map(\.cause) == [.unreadable])
  }

  @Test("too many ports and too many mistakes are bounded") func bounded() throws {
    let ports = (0..<300).map { "[ports.\"/dev/ttyS\($0)\"]\nspeed = 9600\n" }.joined()
    let reading = try read(ports)
    #expect(reading.configuration.ports.count == ConfigurationLimits.portsMax)
    #expect(reading.notices.count == 300 - ConfigurationLimits.portsMax)
    let mistakes = (0..<500).map { "zz\($0) = 1\n" }.joined()
    #expect(try read(mistakes).notices.count == ConfigurationLimits.noticesMax)
  }

  @Test("a check says which files it read and misses one that was named") func check() throws {
    let folder = try Folder()
    #expect(!ConfigurationCheck.run(file: folder.file).isUsable)
    try folder.write("bivouac.toml", "commit_intervall = 5")
    let outcome = ConfigurationCheck.run(file: folder.file)
    #expect(outcome.files == [folder.file])
    #expect(outcome.isUsable)
    #expect(outcome.problems.map(\.code) == ["config.unknown-key"])
  }
}

@Suite("Edit distance") struct EditDistanceTests {
  @Test(
    "insertions, deletions, replacements and swaps count one each",
    arguments: [
      ("", "", 0), ("abc", "", 3), ("abc", "abc", 0), ("abc", "abd", 1), ("abc", "ac", 1),
      ("ac", "abc", 1), ("abc", "acb", 1), ("kitten", "sitting", 3),
    ]) func distance(left: String, right: String, expected: Int)
  {
    #expect(EditDistance.between(Array(left.utf8), Array(right.utf8)) == expected)
    #expect(EditDistance.between(Array(right.utf8), Array(left.utf8)) == expected)
  }

  @Test("a word like no other has no nearest") func none() {
    #expect(EditDistance.nearest(to: "zebra", among: ["socket", "ports"]) == nil)
    #expect(EditDistance.nearest(to: "port", among: ["socket", "ports"]) == "ports")
  }
}
