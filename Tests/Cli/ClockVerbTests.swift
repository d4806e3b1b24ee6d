import Model
import Reactor
import Testing
import Web

@testable import Cli

@Suite("The verb for the node's boots", .timeLimit(.minutes(1))) struct ClockVerbTests {
  /// Whoever waits for the loop must have started it.
  init() { EventLoop.shared.start() }

  /// What a daemon was asked.
  @Loop private final class Asked {
    var lines: [String] = []
  }

  private static let beganUs: Int64 = 1_763_700_000_000_000

  private static func clocks() -> [ClockEpochView] {
    var old = ClockEpochView(
      epoch: "3f9a01c2" + String(repeating: "0", count: 24), number: 1, isPresent: false,
      lastUs: 7_200_000_000)
    old.claimedUs = 10_000_000
    var present = ClockEpochView(
      epoch: String(repeating: "ab", count: 16), number: 2, isPresent: true, lastUs: 5)
    (present.basis, present.anchors) = (.override, 0)
    (present.fromUs, present.toUs, present.boundUs) = (beganUs, beganUs + 5, 60_000_000)
    present.override = ClockOverrideView(
      bootUs: 0, utcUs: beganUs, boundUs: 60_000_000, note: "lamp", author: "local:1000", atUs: 1,
      trusted: false)
    return [old, present]
  }

  @Loop private func daemon(_ asked: Asked) throws -> FakeDaemon {
    try FakeDaemon { router in
      router.get("/api/v1/clocks", access: .open) { _ in .json(ClocksList(clocks: Self.clocks())) }
      router.put("/api/v1/clocks/{epoch}", access: .open) { request in
        asked.lines.append(
          "\(request.parameters["epoch"] ?? "") " + String(decoding: request.body, as: UTF8.self))
        return .json(Self.clocks()[1])
      }
      router.delete("/api/v1/clocks/{epoch}", access: .open) { request in
        asked.lines.append("reset \(request.parameters["epoch"] ?? "")")
        return .json(Self.clocks()[0])
      }
    }
  }

  @Test("what is typed is what is asked") @Loop func asked() async throws {
    let asked = Asked()
    let daemon = try daemon(asked)
    let lines = [
      ["clock", "set", "3f9a", "@1763700000"],
      [
        "clock", "set", "3f9a", "@1763700000", "--uptime", "2h", "--within", "5m", "--note", "lamp",
      ],
      ["clock", "set", "3f9a", "@1763700000", "--shown", "@70", "--anyway"],
      ["clock", "reset", "3f9a"],
    ]
    for line in lines { #expect(await perform(line, at: daemon.path).code == .success, "\(line)") }
    #expect(
      asked.lines == [
        #"3f9a {"utcUs":1763700000000000}"#,
        #"3f9a {"bootUs":7200000000,"boundUs":300000000,"note":"lamp","utcUs":1763700000000000}"#,
        #"3f9a {"anyway":true,"bootUs":60000000,"utcUs":1763700000000000}"#, "reset 3f9a",
      ])
    let now = await perform(["clock", "set", "present", "@9", "--now"], at: daemon.path)
    #expect(now.code == .success)
    #expect(asked.lines.last?.contains(#"present {"bootUs":"#) == true)
    await daemon.stop()
  }

  @Test("the list says what dates a boot, how well, and who said so") @Loop func list() async throws
  {
    let daemon = try daemon(Asked())
    let english = await perform(["clock"], at: daemon.path).text
    #expect(english.contains("3f9a01c2"))
    #expect(english.contains("?1970-01-01 00:00:10"))
    #expect(english.contains("nothing"))
    #expect(english.contains("2025-11-21 04:40:00"))
    #expect(english.contains("± 1 min"))
    #expect(english.contains("lamp (loc"))
    let french = await perform(["clock", "list", "--lang", "fr"], at: daemon.path).text
    #expect(french.contains("une personne") && french.contains("en cours"))
    let json = await perform(["clock", "--json"], at: daemon.path).text
    #expect(json.hasPrefix(#"{"clocks":[{"#))
    await daemon.stop()
  }

  @Test(
    "what cannot be meant is refused before the daemon is asked",
    arguments: [
      ["clock", "sett", "x", "@1"], ["clock", "set", "3f9a"], ["clock", "set"],
      ["clock", "set", "3f9a", "noon"], ["clock", "reset"], ["clock", "list", "x"],
      ["clock", "set", "3f9a", "@1", "--now"], ["clock", "--now"],
      ["clock", "set", "3f9a", "@1", "--uptime", "2h", "--shown", "@5"],
      ["clock", "set", "3f9a", "@1", "--uptime", "soon"],
      ["clock", "set", "3f9a", "@1", "--shown", "@1"],
    ]) @Loop
  func refused(words: [String]) async throws {
    let asked = Asked()
    let daemon = try daemon(asked)
    #expect(await perform(words, at: daemon.path).code == .usage)
    #expect(asked.lines.isEmpty)
    await daemon.stop()
  }
}
