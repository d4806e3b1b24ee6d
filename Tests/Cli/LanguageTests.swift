import Testing

@testable import Cli

@Suite("Languages")
struct LanguageTests {
  @Test(
    "the language is that of the first variable that says something",
    arguments: [
      ([:], Language.english), (["LANG": "fr_FR.UTF-8"], .french), (["LANG": "fr"], .french),
      (["LANG": "fr_FR.UTF-8", "LC_ALL": "C"], .english),
      (["LANG": "en_GB.UTF-8", "LC_MESSAGES": "fr_CA"], .french),
      (["LC_ALL": "", "LANG": "fr_BE@euro"], .french), (["LANG": "fro_FR"], .english),
      (["LANG": "de_DE.UTF-8"], .english),
    ])
  func locale(variables: [String: String], expected: Language) {
    #expect(Language.ofEnvironment { variables[$0] } == expected)
  }

  @Test("--lang wins over the environment, even for a command line that is wrong")
  func option() {
    let output = MemoryOutput()
    let around = Surroundings.with(["LANG": "en_GB"])
    _ = Cli.prepare(["--lang", "fr", "nonsense"], around, output)
    #expect(output.notes.first?.hasPrefix("bivouac\u{A0}: «\u{A0}nonsense\u{A0}»") == true)
  }

  @Test("French is typeset where the catalogue speaks, and left alone where a name stands")
  func typography() {
    let name = "a : b ! 'c'"
    let sentence: French = "l'appareil « \(name) » : vu ? oui ; non !"
    #expect(
      sentence.text
        == "l’appareil «\u{A0}a : b ! 'c'\u{A0}»\u{A0}: vu\u{A0}? oui\u{A0}; non\u{A0}!")
  }

  @Test("plurals follow the language", arguments: [0, 1, 2])
  func plural(count: Int) {
    let english = ["0 readings", "1 reading", "2 readings"]
    let french = ["0 mesure", "1 mesure", "2 mesures"]
    #expect(Plural.english(count, "reading", "readings") == english[count])
    #expect(Plural.french(count, "mesure", "mesures") == french[count])
  }

  @Test(
    "every problem of the daemon has a French sentence",
    arguments: [
      "port.permission", "port.held", "port.missing", "port.failed", "port.vanished",
      "port.not-a-terminal", "port.too-many-files", "link.version", "descriptor.invalid",
      "identity.storage", "clone", "sequence-back", "storage.full", "storage.readonly",
      "storage.damaged", "storage.newer", "storage.locked", "storage.failed", "storage.no-key",
      "storage.occupied", "unknown-zone", "zone-unreadable", "storage.file-exists",
      "simulation.not-a-pty", "simulation.disabled", "not-found", "ambiguous", "unknown-command",
      "bad-argument", "bad-parameter", "name-taken", "device-is-live", "start.failed",
      "socket.failed", "udev.failed", "storage.unsaved", "present-not-opened",
      "config.unreadable", "config.syntax", "config.unknown-key", "config.wrong-type",
      "config.out-of-range", "config.not-a-choice", "config.bad-path", "config.bad-port",
      "config.too-many", "series.limit", "devices.limit",
      "absent", "busy", "unavailable", "internal",
      "site.exists", "site.none", "site.wrong-key", "site.no-right", "sync.no-address",
      "site.key-next", "site.two-successors", "bundle.malformed", "bundle.other-site",
      "peer.unknown", "peer.bad-url", "peer.bad-pin", "audit.unknown", "audit.not-restorable",
      "tls.unusable", "pairing.wrong-pin",
      "pairing.untrusted", "pairing.no-tls", "pairing.needs-tls",
      "pairing.wrong-key", "pairing.used", "pairing.expired", "pairing.wrong-site",
      "pairing.malformed", "pairing.reflected", "pairing.membership", "pairing.unreachable",
      "pairing.busy", "too-many",
      "hub.not-hub", "hub.bad-place", "hub.exists", "hub.unknown-site", "hub.starting",
      "hub.not-served", "hub.left-out", "hub.same-node",
    ])
  func problems(code: String) {
    #expect(Message.isTranslated(code))
  }

  @Test("a problem without a French sentence keeps the English one that came with it")
  func fallback() {
    let message = Message.problem("new.code", [:], detail: "something new")
    #expect(message.text(.french) == "something new")
    #expect(!Message.isTranslated("new.code"))
  }

  @Test("no help text of either language has a space that French would not break")
  func helpTypography() {
    for verb in Verb.all {
      let text = HelpPage.page(of: verb, .french).joined(separator: "\n")
      for wrong in [" :", " ;", " !", " ?", "« ", " »", "'"] {
        #expect(!text.contains(wrong), "\(verb.name): \(wrong)")
      }
    }
  }
}
