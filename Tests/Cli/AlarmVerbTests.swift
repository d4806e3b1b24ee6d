import Model
import Reactor
import Testing
import Web

@testable import Cli

@Suite("Verbs for alarms and their rules", .timeLimit(.minutes(1)))
struct AlarmVerbTests {
  /// Whoever waits for the loop must have started it.
  init() { EventLoop.shared.start() }

  /// What a daemon was asked.
  @Loop private final class Asked {
    var lines: [String] = []
  }

  private static func rule() -> AlarmRuleView {
    var content = AlarmRuleContent(
      name: "too warm", device: "board-1", channel: "temp", condition: "above")
    (content.limit, content.severity, content.enabled) = ("21.5", "alarm", true)
    return AlarmRuleView(
      id: "0102030405060708", rule: content, author: "user:ada", atUs: 5, trusted: true,
      conflict: false)
  }

  private static func recipient() -> RecipientView {
    var content = RecipientContent(name: "Ada", way: "mail", address: "ada@example.org")
    (content.language, content.severity, content.enabled) = ("fr", "alarm", true)
    return RecipientView(
      id: "0807060504030201", recipient: content, author: "user:ada", atUs: 5, trusted: true,
      conflict: false, waiting: 3, failures: 2, reason: "the answer was 503")
  }

  @Loop private func daemon(_ asked: Asked) throws -> FakeDaemon {
    try FakeDaemon { router in
      let rule = Self.rule()
      var alarm = AlarmView(
        id: "00112233445566778899aabbccddeeff", rule: rule.id, sinceUs: 1_763_700_000_000_000,
        trusted: false, recorded: true)
      (alarm.content, alarm.value, alarm.unit) = (rule.rule, "21.6", "Cel")
      let shown = alarm
      router.get("/api/v1/alarms", access: .open) { request in
        asked.lines.append(
          "alarms?" + request.query.items.map { "\($0.name)=\($0.value)" }.joined(separator: "&"))
        return .json(AlarmsPage(alarms: [shown], open: 1, unacknowledged: 1, unseen: 1))
      }
      router.post("/api/v1/alarms/{id}/acknowledge", access: .open) { request in
        asked.lines.append(
          "seen \(request.parameters["id"] ?? "") "
            + String(decoding: request.body, as: UTF8.self))
        return .json(shown)
      }
      router.get("/api/v1/rules", access: .open) { _ in
        .json(AlarmRulesList(rules: [rule], unreadable: 2))
      }
      router.post("/api/v1/rules", access: .open) { request in
        asked.lines.append("add " + String(decoding: request.body, as: UTF8.self))
        return .json(rule, status: 201)
      }
      router.put("/api/v1/rules/{id}", access: .open) { request in
        asked.lines.append(
          "put \(request.parameters["id"] ?? "") "
            + String(decoding: request.body, as: UTF8.self))
        return .json(rule)
      }
      router.get("/api/v1/silence", access: .open) { _ in
        .json(SilenceView(ms: 900_000, judged: false))
      }
      router.put("/api/v1/silence", access: .open) { request in
        asked.lines.append("silence " + String(decoding: request.body, as: UTF8.self))
        return .json(SilenceView(ms: 900_000, judged: true))
      }
      router.delete("/api/v1/rules/{id}", access: .open) { request in
        asked.lines.append("delete \(request.parameters["id"] ?? "")")
        return .noContent
      }
      let ada = Self.recipient()
      router.get("/api/v1/recipients", access: .open) { _ in
        .json(RecipientsList(recipients: [ada], unreadable: 2))
      }
      router.post("/api/v1/recipients", access: .open) { request in
        asked.lines.append("add " + String(decoding: request.body, as: UTF8.self))
        return .json(ada, status: 201)
      }
      router.put("/api/v1/recipients/{id}", access: .open) { request in
        asked.lines.append("put " + String(decoding: request.body, as: UTF8.self))
        return .json(ada)
      }
      router.delete("/api/v1/recipients/{id}", access: .open) { request in
        asked.lines.append("delete \(request.parameters["id"] ?? "")")
        return .noContent
      }
      router.post("/api/v1/recipients/{id}/test", access: .open) { request in
        asked.lines.append("test \(request.parameters["id"] ?? "")")
        return .noContent
      }
      router.get("/api/v1/devices", access: .open) { _ in .json([DeviceView]()) }
    }
  }

  @Test("alarms are listed in both languages, with a mark on an hour that nobody vouches for") @Loop
  func list() async throws {
    let asked = Asked()
    let daemon = try daemon(asked)
    let english = await perform(["alarms"], at: daemon.path)
    #expect(english.code == .success && asked.lines == ["alarms?state=open"])
    #expect(english.text.contains("00112233 ") && english.text.contains("21.6 Cel"))
    #expect(english.text.contains("?20") && english.text.contains("goes on"))
    let french = await perform(["--lang", "fr", "alarms", "all", "--limit", "3"], at: daemon.path)
    #expect(french.text.contains("dure") && french.text.contains("alarme"))
    #expect(asked.lines.last == "alarms?state=all&limit=3")
    let json = await perform(["alarms", "--json"], at: daemon.path)
    #expect(json.text.hasPrefix("{\"alarms\":[{"))
    await daemon.stop()
  }

  @Test("an alarm is acknowledged with what is said of it") @Loop
  func acknowledge() async throws {
    let asked = Asked()
    let daemon = try daemon(asked)
    let done = await perform(
      ["alarms", "acknowledge", "0011", "--note", "vu"], at: daemon.path)
    #expect(done.code == .success && asked.lines == ["seen 0011 {\"comment\":\"vu\"}"])
    let wrong = await perform(["alarms", "acknowlege", "0011"], at: "/nowhere")
    #expect(wrong.code == .usage)
    await daemon.stop()
  }

  @Test("a rule is added, switched off and removed, and its list says what it means") @Loop
  func rules() async throws {
    let asked = Asked()
    let daemon = try daemon(asked)
    let added = await perform(
      [
        "rules", "add", "too warm", "greenhouse", "temp", "--above", "21.5", "--hysteresis", "0.5",
        "--delay", "1m", "--severity", "alarm", "--ask-comment",
      ], at: daemon.path)
    #expect(added.code == .success && added.text.contains("0102030405060708"))
    #expect(
      asked.lines == [
        "add {\"channel\":\"temp\",\"commentRequired\":true,\"condition\":\"above\","
          + "\"delayMs\":60000,\"device\":\"greenhouse\",\"hysteresis\":\"0.5\",\"limit\":\"21.5\","
          + "\"name\":\"too warm\",\"severity\":\"alarm\"}"
      ])
    _ = await perform(["rules", "add", "x", "pump", "--gone", "5m"], at: daemon.path)
    #expect(
      asked.lines.last
        == "add {\"condition\":\"gone\",\"device\":\"pump\",\"durationMs\":300000,\"name\":\"x\"}")
    _ = await perform(["rules", "disable", "0102030405060708"], at: daemon.path)
    #expect(asked.lines.last?.contains("\"enabled\":false") == true)
    _ = await perform(["rules", "remove", "0102030405060708"], at: daemon.path)
    #expect(asked.lines.last == "delete 0102030405060708")
    let list = await perform(["--lang", "fr", "rules"], at: daemon.path)
    #expect(list.text.contains("> 21.5") && list.text.contains(": 2."))
    let set = await perform(["--lang", "fr", "rules", "silence", "20min"], at: daemon.path)
    #expect(asked.lines.last == "silence {\"ms\":1200000}" && set.text.contains("depuis 15 min"))
    _ = await perform(["rules", "silence", "off"], at: daemon.path)
    #expect(asked.lines.last == "silence {\"ms\":0}")
    let shown = await perform(["rules", "silence"], at: daemon.path)
    #expect(shown.text.contains("not heard for 15 min."))
    #expect(await perform(["rules", "silence", "soon"], at: daemon.path).code == .usage)
    await daemon.stop()
  }

  @Test("a recipient is added by its address, tested, switched off and removed") @Loop
  func recipients() async throws {
    let asked = Asked()
    let daemon = try daemon(asked)
    let id = "0807060504030201"
    let added = await perform(
      ["recipients", "add", "Ada", "ada@example.org", "--severity", "alarm", "--tongue", "fr"],
      at: daemon.path)
    #expect(added.code == .success && added.text.contains(id))
    #expect(
      asked.lines == [
        "add {\"address\":\"ada@example.org\",\"language\":\"fr\",\"name\":\"Ada\","
          + "\"severity\":\"alarm\",\"way\":\"mail\"}"
      ])
    _ = await perform(
      ["recipients", "add", "pager", "https://pager/", "--no-end"], at: daemon.path)
    #expect(
      asked.lines.last
        == "add {\"address\":\"https://pager/\",\"end\":false,\"language\":\"en\","
        + "\"name\":\"pager\",\"way\":\"webhook\"}")
    #expect(await perform(["recipients", "test", id], at: daemon.path).code == .success)
    #expect(asked.lines.last == "test \(id)")
    _ = await perform(["recipients", "disable", id], at: daemon.path)
    #expect(asked.lines.last?.contains("\"enabled\":false") == true)
    _ = await perform(["recipients", "remove", id], at: daemon.path)
    #expect(asked.lines.last == "delete \(id)")
    let list = await perform(["--lang", "fr", "recipients"], at: daemon.path)
    #expect(list.text.contains("ada@example.org") && list.text.contains("the answer was 503"))
    #expect(list.text.contains("ATTEND") && list.text.contains(": 2."))
    #expect(await perform(["recipients", "tets", id], at: "/nowhere").code == .usage)
    await daemon.stop()
  }

  @Test("a signal is a device and a command, for some rules if wanted, in no language") @Loop
  func outputs() async throws {
    let asked = Asked()
    let daemon = try daemon(asked)
    let added = await perform(
      ["recipients", "add", "Siren", "greenhouse", "buzzer", "--rules", "aa,bb"], at: daemon.path)
    #expect(added.code == .success)
    #expect(
      asked.lines == [
        "add {\"command\":\"buzzer\",\"device\":\"greenhouse\",\"name\":\"Siren\","
          + "\"rules\":[\"aa\",\"bb\"],\"way\":\"output\"}"
      ])
    let many = await perform(["recipients", "add", "a", "b", "c", "d"], at: "/nowhere")
    #expect(many.code == .usage)
    await daemon.stop()
  }

  @Test("a rule without a condition, or with two, is refused before the daemon is asked") @Loop
  func refused() async throws {
    for options in [[], ["--above", "1", "--below", "2"]] as [[String]] {
      let wrong = await perform(["rules", "add", "x", "pump", "t"] + options, at: "/nowhere")
      #expect(wrong.code == .usage)
    }
    #expect(await perform(["rules", "add", "x", "pump"], at: "/nowhere").code == .usage)
  }
}
