import Model
import Testing
import Web

@testable import Api

@Suite("Status in JSON") struct StatusJSONTests {
  private static let problem = ProblemView(
    code: "disk.full", parameters: ["path": "/a\"b", "bytes": "0"], detail: "no room\nat all")
  private static let question = QuestionView(
    id: "q1", kind: "what-is-this", device: "usb:1a86:7523", parameters: ["port": "é", "a": ""],
    answers: ["printer", "ignore"], text: "What is \"this\"?")

  private static var least: StatusView {
    StatusView(
      version: "1", node: "00", incarnation: nil, uptimeSeconds: 0,
      clock: ClockView(bootUs: 1, wallUs: -2, trusted: false, errorUs: nil),
      storage: StorageView(state: "recording", commits: 0, readings: 0, pendingReadings: 0),
      loop: LoopView(turns: 0, lagMaxUs: 0, busyMaxUs: 0, over50Ms: 0), devices: [:],
      questions: [], notices: [])
  }

  private static var most: StatusView {
    var status = least
    status.incarnation = "0011223344556677"
    status.uptimeSeconds = .max
    status.clock = ClockView(bootUs: .max, wallUs: .min, trusted: true, errorUs: 1234)
    status.storage = StorageView(
      state: "waiting", commits: .max, readings: 10, pendingReadings: 12_345)
    status.storage.databaseBytes = 4096
    status.storage.freeBytes = 0
    status.storage.problem = problem
    status.storage.inspection = InspectionView(
      state: "done", commits: 7, damages: 2, structureChecked: true)
    var compaction = CompactionView(state: "idle")
    (compaction.ranges, compaction.blocks, compaction.bytesAfter) = (3, .max, 17)
    compaction.problem = problem
    status.storage.compaction = compaction
    var wear = WearView(source: "device", writtenBytes: .max, overSeconds: 0)
    (wear.bytesPerDay, wear.cardYears) = (5, 7)
    status.storage.wear = wear
    status.storage.ballast = BallastView(state: "held", bytes: 16_000_000, releases: 2)
    var trimming = TrimmingTallyView(state: "running")
    (trimming.runs, trimming.byAge, trimming.bySpace, trimming.unseen) = (1, .max, 4, 1)
    trimming.problem = problem
    status.storage.trimming = trimming
    status.loop = LoopView(turns: 1 << 63, lagMaxUs: 9, busyMaxUs: 8, over50Ms: 10)
    status.http = HttpView(addresses: ["127.0.0.1:8420", "[::1]:8420"], connections: 3, streams: 1)
    status.access = AccessView(claimed: false, sessions: 3, loginFailures: .max)
    status.alarms = AlarmTallyView(rules: 3, open: 1, unacknowledged: 2, unseen: 1)
    status.sync = SyncTallyView(
      role: "hub", site: "Ferme", peers: 3, reached: 2, conflicts: 1, strange: 0)
    var north = HubSiteView(place: "north", state: "failed")
    (north.name, north.node, north.problem) = ("Ferme \"N\"", "00", problem)
    status.sites = [HubSiteView(place: SitePlace.main, state: "served"), north]
    status.access?.claimCode = "AAAAA-\"BBB"
    status.devices = ["connected": 2, "absent": 10, "é": 1, "absen": 0]
    status.questions = [question, question]
    status.notices = [problem, ProblemView(code: "", detail: "")]
    return status
  }

  private func written(_ write: (inout JSONWriter) -> Void) -> String {
    String(decoding: Response.json(write).bytes, as: UTF8.self)
  }

  @Test("a status is written as the encoder writes it", arguments: [least, most])
  func status(_ status: StatusView) throws {
    let expected = String(decoding: try JSON.encode(status), as: UTF8.self)
    #expect(written { status.write(to: &$0) } == expected)
    #expect(try JSON.decode(StatusView.self, from: Array(expected.utf8)) == status)
  }

  @Test("questions are written as the encoder writes them", arguments: [[], [question, question]])
  func questions(_ questions: [QuestionView]) throws {
    let expected = String(decoding: try JSON.encode(questions), as: UTF8.self)
    #expect(written { questions.write(to: &$0) } == expected)
  }
}
