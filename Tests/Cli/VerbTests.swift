import Model
import Reactor
import Testing
import Web

@testable import Cli

@Suite("Verbs against a daemon", .timeLimit(.minutes(1)))
struct VerbTests {
  /// Whoever waits for the loop must have started it.
  init() { EventLoop.shared.start() }

  @Loop private func refusal(_ status: Int, _ code: String, _ parameters: [String: String])
    -> Response
  {
    Response.problem(
      Problem(
        code, title: "t", status: status, detail: "the English detail", remedy: "the remedy",
        parameters: parameters))
  }

  @Test("no daemon is exit code 3, and says how to start one") @Loop
  func noDaemon() async throws {
    let path = try temporaryFolder() + "/none"
    let result = await perform(["status"], at: path)
    #expect(result.code == .noDaemon)
    #expect(result.text.isEmpty)
    #expect(result.notes.count == 2)
    #expect(result.notes[0].contains(path))
    #expect(result.notes[1].contains("bivouac run"))
  }

  @Test(
    "what the daemon refuses has its exit code and its language",
    arguments: [
      (404, "not-found", ExitCode.notFound), (409, "ambiguous", .notFound),
      (403, "simulation.disabled", .notPermitted), (400, "bad-parameter", .usage),
      (422, "unknown-command", .notFound), (507, "storage.full", .failure), (500, "x", .failure),
    ]) @Loop
  func refused(status: Int, code: String, expected: ExitCode) async throws {
    let answer = refusal(status, code, ["device": "pump"])
    let daemon = try FakeDaemon { router in
      router.get("/api/v1/devices/{id}", access: .open) { _ in answer }
    }
    let result = await perform(["devices", "show", "pump"], at: daemon.path)
    #expect(result.code == expected)
    #expect(result.notes.first == "bivouac: the English detail")
    let french = await perform(["--lang", "fr", "devices", "show", "pump"], at: daemon.path)
    #expect(french.code == expected)
    if code == "not-found" {
      #expect(french.notes.first == "bivouac\u{A0}: rien ne s’appelle «\u{A0}pump\u{A0}»")
    }
    await daemon.stop()
  }

  @Test("JSON is the daemon's own, in one line, whatever the language") @Loop
  func json() async throws {
    let daemon = try FakeDaemon { router in
      router.get("/api/v1/status", access: .open) { _ in .json(Sample.status) }
    }
    let result = await perform(["status", "--json", "--lang", "fr"], at: daemon.path)
    #expect(result.code == .success)
    #expect(result.text == String(decoding: try JSON.encode(Sample.status), as: UTF8.self) + "\n")
    await daemon.stop()
  }

  @Test("a name with a slash or a space stays one part of the path") @Loop
  func encoded() async throws {
    let asked = Asked()
    let daemon = try FakeDaemon { router in
      router.put("/api/v1/devices/{id}/name", access: .open) { request in
        asked.words.append(request.parameters["id"] ?? "")
        asked.words.append(String(decoding: request.body, as: UTF8.self))
        return .json(Sample.greenhouse)
      }
    }
    _ = await perform(["devices", "name", "a/b c", "serre"], at: daemon.path)
    _ = await perform(["devices", "name", "x", "--remove"], at: daemon.path)
    #expect(asked.words == ["a/b c", #"{"name":"serre"}"#, "x", #"{"name":null}"#])
    await daemon.stop()
  }

  @Test("a query follows its pages to the end, and no further than its limit") @Loop
  func pages() async throws {
    let asked = Asked()
    let daemon = try FakeDaemon { router in
      router.get("/api/v1/readings", access: .open) { request in
        asked.words.append(request.query.encoded)
        let cursor = request.query["cursor"].flatMap { Int($0) } ?? 0
        return .json(
          ReadingsPage(
            readings: [Sample.reading(seq: UInt32(cursor))],
            next: cursor < 2 ? "\(cursor + 1)" : nil))
      }
    }
    let csv = await perform(["query", "pump", "t", "--csv", "--last", "3"], at: daemon.path)
    #expect(csv.text.split(whereSeparator: \.isNewline).count == 4)
    #expect(
      asked.words == [
        "device=pump&channel=t&last=3&limit=5000",
        "device=pump&channel=t&last=3&limit=5000&cursor=1",
        "device=pump&channel=t&last=3&limit=5000&cursor=2",
      ])
    let two = await perform(["query", "--json", "--limit", "2"], at: daemon.path)
    #expect(two.text.split(whereSeparator: \.isNewline).count == 2)
    await daemon.stop()
  }

  @Test("a query says how many readings retention has let go") @Loop
  func gone() async throws {
    let daemon = try FakeDaemon { router in
      router.get("/api/v1/readings", access: .open) { request in
        let cursor = request.query["cursor"].flatMap { Int($0) } ?? 0
        var page = ReadingsPage(
          readings: [Sample.reading(seq: UInt32(cursor))], next: cursor < 1 ? "1" : nil)
        if request.query["device"] != "whole" {
          page.add(
            TrimmedReadingsView(
              device: "d", channel: "t", left: .minutes, fromUs: 1, toUs: 2, count: 600))
        }
        return .json(page)
      }
    }
    let questions = [
      ["query", "d", "--json"], ["query", "d", "--csv"], ["export", "--format", "csv"],
    ]
    for words in questions {
      let asked = await perform(words, at: daemon.path)
      #expect(
        asked.code == .success && asked.notes.first?.hasPrefix("1200 readings") == true,
        "\(asked.notes)")
    }
    let whole = await perform(["query", "whole", "--json"], at: daemon.path)
    #expect(whole.notes.isEmpty, "\(whole.notes)")
    await daemon.stop()
  }

  @Test("an export follows its pages, and a file has its name only when it is whole") @Loop
  func export() async throws {
    let daemon = try FakeDaemon { router in
      router.get("/api/v1/readings", access: .open) { request in
        let cursor = request.query["cursor"].flatMap { Int($0) } ?? 0
        if request.query["device"] == "gone", cursor == 1 { return Response(status: 503) }
        return .json(
          ReadingsPage(
            readings: [Sample.reading(seq: UInt32(cursor))],
            next: cursor < 2 ? "\(cursor + 1)" : nil))
      }
    }
    let file = try temporaryFolder() + "/out.csv"
    let csv = await perform(["export", "--format", "csv", file], at: daemon.path)
    #expect(csv.code == .success)
    let written = String(decoding: try System.readFile(file, bytesMax: 4_096), as: UTF8.self)
    #expect(written.split(separator: "\n").count == 4)
    #expect(written.hasPrefix(ReadingView.csvHeading + "\n"))
    let broken = await perform(
      ["export", "--format", "jsonl", "--device", "gone", file + "2"], at: daemon.path)
    #expect(broken.code == .failure)
    #expect(!System.exists(file + "2") && !System.exists(file + "2.part"))
    let lines = await perform(["export", "--format", "jsonl"], at: daemon.path)
    #expect(lines.text.split(separator: "\n").count == 3)
    #expect(await perform(["export"], at: daemon.path).code == .usage)
    #expect(await perform(["export", "--format", "sqlite"], at: daemon.path).code == .usage)
    await daemon.stop()
  }

  @Test(
    "the machine's time zone is the one of windows, where it has a name",
    arguments: [
      (["TZ": "Europe/Paris"], nil, "Europe/Paris"), (["TZ": ":Asia/Tokyo"], nil, "Asia/Tokyo"),
      (["TZ": "CET-1CEST"], "../usr/share/zoneinfo/Europe/Paris", nil),
      ([:], "/usr/share/zoneinfo/America/Argentina/Salta", "America/Argentina/Salta"),
      ([:], "/usr/share/zoneinfo/Etc/UTC", nil), ([:], nil, nil), (["TZ": "../x"], nil, nil),
    ] as [([String: String], String?, String?)])
  func zone(variables: [String: String], link: String?, expected: String?) {
    var around = Surroundings.with(variables)
    around.localTime = { link }
    #expect(Settings(arguments: [], around, isTerminal: false).zone == expected)
  }

  @Test("windows ask for every page and draw what was asked for; options that clash are usage")
  @Loop func windows() async throws {
    let asked = Asked()
    let daemon = try FakeDaemon { router in
      router.get("/api/v1/readings", access: .open) { request in
        asked.words.append(request.query.encoded)
        var page = BucketsPage(device: "d", channel: "t", unit: "Cel", window: "1h", zone: "UTC")
        var bucket = BucketView(fromUs: 0, toUs: 1, basis: .raw, approximate: true)
        (bucket.avg, bucket.count) = (21.5, 12_345)
        bucket.boundUs = request.query["cursor"] == nil ? 7_200_000_000 : 999_999
        page.buckets = [bucket]
        page.next = request.query["cursor"] == nil ? "7" : nil
        return .json(page)
      }
    }
    let words = ["query", "d", "t", "--window", "1h", "--agg", "avg,count", "--from", "@1"]
    let table = await perform(words + ["--lang", "fr"], at: daemon.path)
    #expect(table.text.contains("21,5") && table.text.contains("environ, ± 2 h"))
    #expect(table.text.split(separator: "±").count == 2, "below a second is no word")
    #expect(
      asked.words == [
        "device=d&channel=t&from=1000000&window=1h&agg=avg%2Ccount&limit=1000",
        "device=d&channel=t&from=1000000&window=1h&agg=avg%2Ccount&limit=1000&cursor=7",
      ])
    let csv = await perform(words + ["--csv"], at: daemon.path)
    #expect(csv.text.split(separator: "\n").count == 3)
    for clash in [
      ["query", "d", "t", "--window", "1h", "--points", "5"], ["query", "d", "--window", "1h"],
      ["query", "d", "t", "--zone", "Europe/Paris"], words + ["--last", "3"],
      words + ["--csv", "--jsonl"], words + ["--format", "csv", "--json"],
    ] {
      #expect(await perform(clash, at: daemon.path).code == .usage, "\(clash)")
    }
    await daemon.stop()
  }

  @Test("an unknown word after retention is answered with the nearest one") @Loop
  func retentionWord() async throws {
    let wrong = await perform(["retention", "shwo", "pump"], at: "/nowhere")
    #expect(wrong.code == .usage)
    #expect(wrong.notes.joined().contains("show"))
    let french = await perform(["--lang", "fr", "retention", "acknowlege"], at: "/nowhere")
    #expect(french.notes.joined().contains("acknowledge"))
  }

  @Test("times of a query are microseconds on the wire, and a wrong one never gets there") @Loop
  func times() async throws {
    let asked = Asked()
    let daemon = try FakeDaemon { router in
      router.get("/api/v1/readings", access: .open) { request in
        asked.words.append(request.query["from"] ?? "-")
        return .json(ReadingsPage(readings: []))
      }
      router.get("/api/v1/devices", access: .open) { _ in .json([DeviceView]()) }
    }
    let good = await perform(["query", "--from", "1970-01-01T00:00:01Z"], at: daemon.path)
    #expect(good.code == .success)
    #expect(good.text.contains("No stored reading matches"))
    let bad = await perform(["query", "--from", "yesterday"], at: daemon.path)
    #expect(bad.code == .usage)
    #expect(asked.words == ["1000000"])
    await daemon.stop()
  }

  @Test(
    "a command is followed to its end, and only success is exit code 0",
    arguments: [CommandView.State.acked, .refused, .unknown]) @Loop
  func send(end: CommandView.State) async throws {
    let asked = Asked()
    let daemon = try FakeDaemon { router in
      router.post("/api/v1/devices/{id}/commands", access: .open) { request in
        asked.words.append(String(decoding: request.body, as: UTF8.self))
        return .json(Sample.command(.queued), status: 202)
      }
      router.get("/api/v1/commands/{id}", access: .open) { _ in
        asked.count += 1
        return .json(Sample.command(asked.count < 2 ? .claimed : end))
      }
    }
    let words = ["send", "greenhouse", "d1", "1", "--lease", "60s", "--life", "1m"]
    let result = await perform(words, at: daemon.path)
    #expect(result.code == (end == .acked ? .success : .failure))
    #expect(
      asked.words == [#"{"arguments":["1"],"leaseMs":60000,"lifeMs":60000,"name":"d1"}"#])
    let lines = result.text.split(whereSeparator: \.isNewline)
    #expect(lines.count == 3)
    #expect(lines.first == "d1 1: queued")
    #expect(lines.dropFirst().first == "d1 1: claimed")
    await daemon.stop()
  }

  @Test("on a terminal the life of a command is one line") @Loop
  func sendOnTerminal() async throws {
    let daemon = try FakeDaemon { router in
      router.post("/api/v1/devices/{id}/commands", access: .open) { _ in
        .json(Sample.command(.queued))
      }
      router.get("/api/v1/commands/{id}", access: .open) { _ in .json(Sample.command(.acked)) }
    }
    let output = MemoryOutput()
    output.isTerminal = true
    let result = await perform(["send", "g", "d1", "--no-color"], at: daemon.path, output: output)
    #expect(
      result.text
        == "\r\u{1B}[Kd1 1: queued\r\u{1B}[Kd1 1: queued → done\n")
    await daemon.stop()
  }

  @Loop private func feed(_ events: [LiveEvent]) throws -> FakeDaemon {
    try FakeDaemon { router in
      router.get("/api/v1/devices", access: .open) { _ in .json([Sample.greenhouse]) }
      router.get("/api/v1/events", access: .open) { _ in
        .events { writer in
          writer.write(ServerSentEvent(id: "r-0", event: "open", data: "{}"))
          for (index, event) in events.enumerated() {
            do {
              let data = String(decoding: try JSON.encode(event), as: UTF8.self)
              writer.write(ServerSentEvent(id: "r-\(index)", event: "reading", data: data))
            } catch {
              Issue.record(error)
            }
          }
        }
      }
    }
  }

  private func event(_ seq: UInt32, pending: Bool) -> LiveEvent {
    var event = LiveEvent()
    event.reading = Sample.reading(
      .decimal(Int64(seq) * 5, exponent: -1), seq: seq, pending: pending)
    return event
  }

  @Test("watch shows a reading once, when it comes in") @Loop
  func watch() async throws {
    let daemon = try feed([
      event(1, pending: true), event(1, pending: false), event(2, pending: false),
    ])
    let result = await perform(["watch", "--count", "2"], at: daemon.path)
    #expect(result.code == .success)
    let lines = result.text.split(whereSeparator: \.isNewline)
    #expect(
      lines == [
        "~04:40:00.123 greenhouse       in.temp                 0.5 Cel  pending sim",
        "~04:40:00.123 greenhouse       in.temp                 1.0 Cel  sim",
      ])
    await daemon.stop()
  }

  @Test("watch --json writes every event, and ends when its reader is gone") @Loop
  func watchJson() async throws {
    let daemon = try feed([
      event(1, pending: true), event(1, pending: false), event(2, pending: false),
    ])
    let output = MemoryOutput()
    output.writesMax = 2
    let result = await perform(["watch", "--json"], at: daemon.path, output: output)
    #expect(result.code == .success)
    #expect(result.text.split(whereSeparator: \.isNewline).count == 2)
    await daemon.stop()
  }

  @Test("a simulation is refused before a board is played") @Loop
  func simulate() async throws {
    let answer = refusal(403, "simulation.disabled", [:])
    let daemon = try FakeDaemon { router in
      router.add(.get, "/api/v1/simulated", access: .open, mediaTypes: []) { _ in answer }
    }
    let result = await perform(["simulate", "esp32"], at: daemon.path)
    #expect(result.code == .notPermitted)
    let unknown = await perform(["simulate", "toaster"], at: daemon.path)
    #expect(unknown.code == .usage)
    await daemon.stop()
  }
}

/// What a fake daemon was asked.
@Loop final class Asked {
  var words: [String] = []
  var count = 0

  nonisolated init() {}
}
