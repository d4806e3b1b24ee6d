import Glibc
import Model
import Reactor
import Testing
import Web

@testable import Cli

@Suite("Import", .timeLimit(.minutes(1)))
struct ImportTests {
  /// Whoever waits for the loop must have started it.
  init() { EventLoop.shared.start() }

  private func csv(_ text: String, device: String? = "d", channel: String? = "c") -> ImportContent?
  {
    ImportReader(device: device, channel: channel).csv(Array(text.utf8))
  }

  @Test(
    "what spreadsheets make of a file is read as the same",
    arguments: [
      "time,value\n2026-11-21T04:18:00Z,6.85\n",
      "\u{FEFF}time;value\r\n2026-11-21T04:18:00Z;6,85\r\n",
      "time\tvalue\r2026-11-21T04:18:00Z\t6,85",
      "value,time\n6.85,\"2026-11-21T04:18:00Z\"\n\n\n",
      "Horodatage;Valeur\n2026-11-21T04:18:00Z; 6,85 \n",
    ])
  func dialects(text: String) {
    #expect(
      csv(text)
        == ImportContent(rows: [
          ImportRow(
            device: "d", channel: "c", unit: nil,
            value: LateValue(timeUs: 1_795_234_680_000_000, value: "6.85"))
        ]))
  }

  @Test(
    "dates are ISO's or French, and nothing that is relative or no date",
    arguments: [
      ("2026-11-21T04:18:00Z", true), ("2026-11-21 04:18", true), ("2026-11-21", true),
      ("21/11/2026", true), ("21/11/2026 04:18", true), ("21/11/2026 4:18:30", true),
      ("1/2/2026", true), ("31/04/2026", false), ("2026/11/21", false), ("10m", false),
      ("now", false), ("@5", false), ("21/11/26", false), ("", false), ("21/11/2026 x", false),
      ("2026-13-01", false), ("45000", false),
    ])
  func dates(text: String, isDate: Bool) {
    #expect((ImportReader.time(text) != nil) == isDate)
  }

  @Test("a French date is the day and then the month") func frenchDate() {
    #expect(ImportReader.time("2/3/2026 4:05") == ImportReader.time("2026-03-02T04:05"))
  }

  @Test("every bad line is told by its number and its reason, lines in quotes counted")
  func faults() {
    let content = csv(
      """
      time,device,channel,value
      2026-11-21,d,c,"a
      b"
      yesterday,d,c,1
      2026-11-21,d,c
      2026-11-21,d,c,
      2026-11-21,d,c,z
      2026-11-21,d,c,"3
      """)
    #expect(content?.rows.map(\.value.value) == ["a\nb", "z"])
    #expect(content?.faults.map(\.line) == [4, 5, 6, 8])
    #expect(
      content?.faults.map(\.fault) == [
        .time("yesterday"), .fieldCount(3, wanted: 4), .value(""), .quote,
      ])
    #expect(csv("time,value\n2026-11-21,1", device: nil)?.faults.first?.fault == .noSeries)
    #expect(csv("a,b\n1,2") == nil)
    #expect(csv("") == nil)
    let bytes = Array("time,value\n2026-11-21,".utf8) + [0xE9, 0x0A]
    #expect(ImportReader(device: "d", channel: "c").csv(bytes)?.faults.first?.fault == .notUtf8)
  }

  @Test("a word among the numbers of a channel is told by its line; a channel of words is none")
  func words() {
    let content = ImportReader().csv(
      Array(
        "time,device,channel,value\n2026-11-21,d,t,12.5\n2026-11-21,d,t,abc\n2026-11-21,d,w,abc\n"
          .utf8))
    #expect(content?.rows.map(\.value.value) == ["12.5", "abc"])
    #expect(content?.rows.map(\.channel) == ["t", "w"])
    #expect(content?.faults.map(\.line) == [3])
    #expect(content?.faults.map(\.fault) == [.notANumber("abc")])
  }

  @Test("numbers with a decimal comma become ones with a point, and words stay")
  func commas() {
    let expected = [
      ("6,85", "6.85"), ("-1,5", "-1.5"), ("1\u{A0}234,5", "1234.5"), ("1,2,3", "1,2,3"),
      ("oui, un peu", "oui, un peu"), ("12", "12"), ("1.5", "1.5"),
    ]
    for (text, value) in expected { #expect(ImportReader.pointed(text) == value) }
  }

  @Test("our own exports come back") func exports() throws {
    var reading = ReadingView(
      device: "board-0101010101010101", channel: "t", unit: "Cel", value: .text("a;\"b\",\nc"),
      arrivalUs: 1, quality: .good, pending: false, simulated: false)
    reading.timeUs = 1_795_234_680_123_456
    let reader = ImportReader()
    let fromCsv = reader.csv(Array((ReadingView.csvHeading + "\n" + reading.csv + "\n").utf8))
    let fromLines = reader.jsonl(try JSON.encode(reading) + [0x0A])
    let row = ImportRow(
      device: "board-0101010101010101", channel: "t", unit: "Cel",
      value: LateValue(timeUs: 1_795_234_680_123_456, value: "a;\"b\",\nc"))
    #expect(fromCsv == ImportContent(rows: [row]))
    #expect(fromLines == ImportContent(rows: [row]))
    #expect(reader.jsonl(Array("{}\n\nx\n".utf8)).faults.map(\.line) == [1, 3])
  }

  @Test("all of a file is added or none, unless the rest is wanted") @Loop
  func whole() async throws {
    let asked = Asked()
    let daemon = try FakeDaemon { router in
      router.post("/api/v1/late-values", access: .open) { request in
        let text = String(decoding: request.body, as: UTF8.self)
        asked.words.append(text)
        guard !text.contains("\"gone\"") else {
          return Response.problem(Problem("not-found", title: "t", status: 404, detail: "no"))
        }
        return .json(
          LateValuesView(
            id: "ab\(asked.words.count)", device: "d", channel: "c", unit: "", count: 1,
            times: 1...2, boundUs: 0, note: "", author: "local:0", atUs: 3, trusted: true),
          status: 201)
      }
      router.post("/api/v1/late-values/{id}/withdraw", access: .open) { request in
        asked.words.append("withdraw \(request.parameters["id"] ?? "")")
        return .json([String: String]())
      }
    }
    let folder = try temporaryFolder()
    func file(_ name: String, _ text: String) throws -> String {
      try System.writeFile(folder + "/" + name, Array(text.utf8))
      return folder + "/" + name
    }
    let bad = try file("bad.csv", "time;value\n2026-11-21;6,8\nx;1\n")
    let words = ["import", "--format", "csv", "--device", "d", "--channel", "c", "--note", "lab"]
    let refused = await perform(words + [bad], at: daemon.path)
    #expect(refused.code == .failure && asked.words.isEmpty)
    #expect(refused.notes.first?.contains("3:") == true)
    let partial = await perform(words + ["--partial", bad], at: daemon.path)
    #expect(partial.code == .failure && asked.words.count == 1)
    #expect(asked.words[0].contains(#""value":"6.8""#) && asked.words[0].contains(#""note":"lab""#))
    asked.words = []
    let two = try file(
      "two.csv", "time,device,value\n2026-11-21,here,1\n2026-11-21,gone,2\n")
    let half = await perform(["import", "--format", "csv", "--channel", "c", two], at: daemon.path)
    #expect(half.code == .notFound)
    #expect(asked.words.count == 3 && asked.words.last == "withdraw ab1")
    asked.words = []
    let many = "time,value\n" + String(repeating: "2026-11-21,1\n", count: 2_049)
    let long = await perform(words + [try file("many.csv", many)], at: daemon.path)
    #expect(long.code == .success && asked.words.count == 2)
    #expect(await perform(words, at: daemon.path).code == .usage)
    #expect(await perform(words + [folder + "/none"], at: daemon.path).code == .failure)
    await daemon.stop()
  }
}
