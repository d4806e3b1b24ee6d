import Model
import Reactor
import Synchronization
import Testing
import Web

@testable import Cli

@Suite("Verbs for what people hide, say and add", .timeLimit(.minutes(1)))
struct FactVerbTests {
  /// Whoever waits for the loop must have started it.
  init() { EventLoop.shared.start() }

  /// What a daemon was asked.
  @Loop private final class Asked {
    var lines: [String] = []
  }

  @Loop private func daemon(_ asked: Asked) throws -> FakeDaemon {
    try FakeDaemon { router in
      let deletion = DeletionView(
        id: "00112233445566778899aabbccddeeff", device: "board-1", channel: "temp",
        fromUs: 1_763_700_000_000_000, toUs: 1_763_703_600_000_000, reason: "sun",
        author: "local:1000", atUs: 3, trusted: true)
      let late = LateValuesView(
        id: "a0112233445566778899aabbccddeeff", device: "board-1", channel: "ph", unit: "pH",
        count: 1, times: 1...1, boundUs: 0, note: "lab", author: "local:1000", atUs: 3,
        trusted: true)
      let annotation = AnnotationView(
        id: "b0112233445566778899aabbccddeeff", device: nil, channel: nil, fromUs: 1, toUs: 1,
        text: "x", author: "local:1000", atUs: 3, trusted: true)
      for path in ["deletions", "late-values", "annotations"] {
        router.post("/api/v1/\(path)", access: .open) { request in
          asked.lines.append("\(path) " + String(decoding: request.body, as: UTF8.self))
          switch path {
          case "deletions": return .json(DeletionsPage(deletions: [deletion]), status: 201)
          case "annotations": return .json(annotation, status: 201)
          default: return .json(late, status: 201)
          }
        }
        router.post("/api/v1/\(path)/{id}/{how}", access: .open) { request in
          let (id, how) = (request.parameters["id"] ?? "", request.parameters["how"] ?? "")
          asked.lines.append(
            "\(path) \(id) \(how) " + String(decoding: request.body, as: UTF8.self))
          return .json(deletion)
        }
        router.get("/api/v1/\(path)", access: .open) { request in
          asked.lines.append(
            "\(path)?" + request.query.items.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
          )
          switch path {
          case "deletions": return .json(DeletionsPage(deletions: [deletion], next: "n"))
          case "annotations": return .json(AnnotationsPage(annotations: []))
          default: return .json(LateValuesPage(lateValues: [late]))
          }
        }
      }
      router.get("/api/v1/devices", access: .open) { _ in .json([DeviceView]()) }
    }
  }

  @Test("what is typed is what is asked") @Loop func asked() async throws {
    let asked = Asked()
    let daemon = try daemon(asked)
    let lines = [
      ["delete", "board-1", "temp", "--from", "@1", "--to", "@2", "--reason", "sun"],
      ["undelete", "00112233"],
      ["annotate", "opened", "--at", "@5"],
      ["annotate", "board-1", "temp", "opened", "--from", "@5", "--to", "@6"],
      ["annotate", "--remove", "b011", "--reason", "wrong"],
      ["add", "board-1", "ph", "6.8", "--at", "@5", "--note", "lab", "--within", "2s"],
      ["--lang", "fr", "add", "board-1", "ph", "6,8", "--at", "@5"],
      ["add", "--remove", "a011"],
      ["add", "--list", "board-1", "--all", "--from", "@1"],
    ]
    for line in lines { #expect(await perform(line, at: daemon.path).code == .success, "\(line)") }
    #expect(
      asked.lines == [
        #"deletions {"channel":"temp","device":"board-1","fromUs":1000000,"reason":"sun","#
          + #""toUs":2000000}"#,
        "deletions 00112233 undo {}",
        #"annotations {"fromUs":5000000,"text":"opened"}"#,
        #"annotations {"channel":"temp","device":"board-1","fromUs":5000000,"text":"opened","#
          + #""toUs":6000000}"#,
        #"annotations b011 remove {"reason":"wrong"}"#,
        #"late-values {"boundUs":2000000,"channel":"ph","device":"board-1","note":"lab","#
          + #""values":[{"timeUs":5000000,"value":"6.8"}]}"#,
        #"late-values {"channel":"ph","device":"board-1","#
          + #""values":[{"timeUs":5000000,"value":"6.8"}]}"#,
        "late-values a011 withdraw {}",
        "late-values?device=board-1&from=1000000&all=yes&limit=50",
      ])
    await daemon.stop()
  }

  @Test("a deletion is asked about at a terminal, and only a yes hides") @Loop
  func confirmation() async throws {
    let asked = Asked()
    let daemon = try daemon(asked)
    let words = ["delete", "board-1", "--from", "@1", "--to", "@2"]
    for (answer, isDone) in [("n", false), ("", false), ("yes", true), ("O", true)] {
      let output = MemoryOutput()
      (output.isTerminal, output.answer) = (true, answer)
      let result = await perform(words, at: daemon.path, output: output)
      #expect(result.code == (isDone ? .success : .failure), "\(answer)")
      #expect(output.questions.count == 1)
      #expect(output.questions.first?.contains("1970-01-01 00:00:01") == true)
    }
    #expect(asked.lines.count == 2)
    let output = MemoryOutput()
    output.isTerminal = true
    #expect(await perform(words + ["--yes"], at: daemon.path, output: output).code == .success)
    #expect(output.questions.isEmpty)
    await daemon.stop()
  }

  @Test("lists show who, when and why, and that there is more") @Loop func lists() async throws {
    let daemon = try daemon(Asked())
    let deletions = await perform(["delete", "--list"], at: daemon.path)
    #expect(deletions.text.contains("00112233"))
    #expect(deletions.text.contains("2025-11-21 04:40:00"))
    #expect(deletions.text.contains("sun"))
    #expect(deletions.notes.count == 1)
    let none = await perform(["annotate", "--list", "--lang", "fr"], at: daemon.path)
    #expect(none.text == "Rien n’a été dit.\n")
    let late = await perform(["add", "--list", "--json"], at: daemon.path)
    #expect(late.text.hasPrefix(#"{"lateValues":[{"#))
    await daemon.stop()
  }

  @Test(
    "what cannot be meant is refused before the daemon is asked",
    arguments: [
      ["delete", "board-1"], ["delete", "board-1", "--from", "@1"], ["delete"],
      ["delete", "board-1", "--from", "soon", "--to", "@1"], ["undelete"],
      ["annotate"], ["annotate", "a", "b", "c", "d"],
      ["annotate", "x", "--at", "@1", "--from", "@1"], ["add", "board-1", "ph"],
      ["add", "--remove", "x", "y"], ["delete", "--list", "a", "b", "c"],
    ]) @Loop
  func refused(words: [String]) async throws {
    let asked = Asked()
    let daemon = try daemon(asked)
    #expect(await perform(words, at: daemon.path).code == .usage)
    #expect(asked.lines.isEmpty)
    await daemon.stop()
  }
}
