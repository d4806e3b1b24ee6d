import Api
import Model
import Reactor
import Testing
import Web

@Suite("Windows, points and series over HTTP")
struct WindowTests {
  let node = FakeNode()

  /// Whoever waits for the loop must have started it.
  init() { EventLoop.shared.start() }

  @Loop private func ask(_ path: String, _ query: Query) async -> Response {
    var router = Router()
    Api(node: node).addRoutes(to: &router)
    return await router.respond(
      to: Request(
        .get, "/api/v1" + path, query: query, peer: .local(processId: 1, userId: 0, groupId: 0)))
  }

  @Test("a query for windows passes every parameter on")
  @Loop func windows() async throws {
    let answer = await ask(
      "/readings",
      [
        "device": "greenhouse", "channel": "t", "from": "-5", "to": "6", "window": "15m",
        "agg": "avg,twa", "zone": "Europe/Paris", "weekdays": "1-5,7", "daytime": "22:00-06:00",
        "precision": "quick", "limit": "8", "cursor": "-3",
      ])
    #expect(answer.status == 200)
    var expected = WindowsRequest(
      device: "greenhouse", channel: "t", length: BucketLength(15, .minutes))
    (expected.fromUs, expected.toUs) = (-5, 6)
    expected.functions = [.avg, .twa]
    expected.zone = "Europe/Paris"
    expected.weekdays = [1, 2, 3, 4, 5, 7]
    expected.daytime = CalendarFilter.Daytime(start: 79_200, end: 21_600)
    expected.isQuick = true
    (expected.limit, expected.cursor) = (8, -3)
    #expect(node.wantedWindows == expected)
    let text = String(decoding: answer.bytes, as: UTF8.self)
    #expect(text.contains(#""from_us":0,"to_us":3600000000"#))
    #expect(try JSON.decode(BucketsPage.self, from: answer.bytes).buckets.first?.avg == 21.5)
  }

  @Test("without more, windows are of UTC and tell mean, least, most and count")
  @Loop func windowsDefault() async {
    _ = await ask("/readings", ["device": "d", "channel": "t", "window": "1d", "zone": "UTC"])
    #expect(
      node.wantedWindows
        == WindowsRequest(device: "d", channel: "t", length: BucketLength(1, .days)))
    _ = await ask("/readings", ["device": "d", "channel": "t", "window": "all"])
    #expect(node.wantedWindows == WindowsRequest(device: "d", channel: "t", length: nil))
  }

  @Test(
    "a parameter of windows or points that cannot be used is refused by its name",
    arguments: [
      (["window": "1h"], "device"), (["device": "d", "window": "1h"], "channel"),
      (["device": "d", "channel": "a", "channel": "b", "window": "1h"], "channel"),
      (["device": "d", "channel": "a", "window": "1"], "window"),
      (["device": "d", "channel": "a", "window": "0s"], "window"),
      (["device": "d", "channel": "a", "window": "101y"], "window"),
      (["device": "d", "channel": "a", "window": "25h", "zone": "Europe/Paris"], "window"),
      (["device": "d", "channel": "a", "window": "1h", "zone": "../etc/passwd"], "zone"),
      (["device": "d", "channel": "a", "window": "1h", "agg": "avg,median"], "agg"),
      (["device": "d", "channel": "a", "window": "1h", "agg": "avg,"], "agg"),
      (["device": "d", "channel": "a", "window": "1h", "weekdays": "0-3"], "weekdays"),
      (["device": "d", "channel": "a", "window": "1h", "daytime": "9-19"], "daytime"),
      (["device": "d", "channel": "a", "window": "1h", "precision": "rough"], "precision"),
      (["device": "d", "channel": "a", "window": "1h", "limit": "10001"], "limit"),
      (["device": "d", "channel": "a", "window": "1h", "cursor": "x"], "cursor"),
      (["device": "d", "channel": "a", "window": "1h", "from": "5", "to": "5"], "to"),
      (["device": "d", "channel": "a", "window": "1h", "last": "5"], "last"),
      (["device": "d", "channel": "a", "window": "1h", "points": "5"], "points"),
      (["device": "d", "channel": "a", "points": "0"], "points"),
      (["device": "d", "channel": "a", "points": "10001"], "points"),
      (["device": "d", "points": "5"], "channel"), (["channel": "a", "points": "5"], "device"),
      (["device": "d", "channel": "a", "channel": "a", "points": "5"], "channel"),
      (["device": "d", "channel": "a", "points": "5", "format": "jsonl"], "format"),
      (["device": "d", "channel": "a", "points": "5", "zone": "Europe/Paris"], "zone"),
      (["format": "xml"], "format"), (["agg": "avg"], "agg"), (["zone": "UTC"], "zone"),
    ] as [(Query, String)])
  @Loop func refused(query: Query, parameter: String) async throws {
    let answer = await ask("/readings", query)
    #expect(answer.status == 400)
    let found = try JSON.decode(ApiProblem.self, from: answer.bytes)
    #expect(found.code == "bad-parameter")
    #expect(found.parameters["parameter"] == parameter)
    #expect(node.wanted == nil && node.wantedWindows == nil && node.wantedPoints == nil)
  }

  @Test("points of several channels are columns, one series for each")
  @Loop func points() async throws {
    let answer = await ask(
      "/readings", ["device": "d", "channel": "a", "channel": "b", "points": "7", "to": "9"])
    var expected = PointsRequest(device: "d", channels: ["a", "b"], points: 7)
    expected.toUs = 9
    #expect(node.wantedPoints == expected)
    let series = try JSON.decode([PointsView].self, from: answer.bytes)
    #expect(series.map(\.channel) == ["a", "b"])
    #expect(series.first?.boundsUs == [7, nil])
    #expect(String(decoding: answer.bytes, as: UTF8.self).contains(#""bounds_us":[7,null]"#))
    let csv = await ask(
      "/readings", ["device": "d", "channel": "a", "points": "7", "format": "csv"])
    #expect(
      String(decoding: csv.bytes, as: UTF8.self) == """
        channel,time,count,avg,min,max,bound_us
        a,1970-01-01T00:00:00.000000Z,1,1.5,1.5,1.5,7
        a,1970-01-01T00:00:01.000000Z,2,2.0,1.5,2.5,

        """)
  }

  @Test("series are asked for with a device and a span, and an unknown parameter is refused")
  @Loop func series() async throws {
    let answer = await ask("/series", ["device": "greenhouse", "from": "3", "to": "8"])
    #expect(node.asked == ["series greenhouse 3 8 1000 -"])
    #expect(try JSON.decode(SeriesList.self, from: answer.bytes).next == "01-02")
    let next = await ask("/series", ["limit": "7", "cursor": "01-02"])
    #expect(node.asked.last == "series - 0 0 7 01-02")
    #expect(try JSON.decode(SeriesList.self, from: next.bytes).next == nil)
    for limit in ["0", "10001", "x"] {
      #expect(await ask("/series", ["limit": limit]).status == 400)
    }
    #expect(try JSON.decode(SeriesList.self, from: answer.bytes).series.first?.count == 3)
    #expect(await ask("/series", ["channel": "t"]).status == 400)
    #expect(await ask("/series", ["from": "8", "to": "8"]).status == 400)
  }

  @Test(
    "CSV and JSON lines hold the page, and the head leads to the next one",
    arguments: ["csv", "jsonl"])
  @Loop func formats(format: String) async throws {
    let reading = ReadingView(
      device: "board-0101010101010101", channel: "t", unit: "", value: .text("a;\"b\"\n"),
      arrivalUs: 1, quality: .good, pending: false, simulated: false)
    node.page = ReadingsPage(readings: [reading], next: "0-7.1")
    let answer = await ask("/readings", ["device": "d", "format": format, "cursor": "0-1.0"])
    #expect(
      answer.headers["Link"]
        == "</api/v1/readings?device=d&format=\(format)&cursor=0-7.1>; rel=\"next\"")
    let text = String(decoding: answer.bytes, as: UTF8.self)
    if format == "csv" {
      #expect(answer.headers["Content-Type"]?.hasPrefix("text/csv") == true)
      #expect(text == ReadingView.csvHeading + "\n" + reading.csv + "\n")
    } else {
      #expect(try JSON.decode(ReadingView.self, from: Array(answer.bytes.dropLast())) == reading)
    }
    node.page.next = nil
    #expect(await ask("/readings", ["format": format]).headers["Link"] == nil)
    let windows = await ask(
      "/readings", ["device": "d", "channel": "t", "window": "1h", "format": format])
    #expect(String(decoding: windows.bytes, as: UTF8.self).contains("21.5"))
    #expect(windows.headers["Link"]?.contains("cursor=3600000000") == true)
  }
}
