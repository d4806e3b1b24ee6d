import Model
import Testing

@testable import Api

@Suite("Metrics page") struct MetricsTests {
  private func status() -> StatusView {
    StatusView(
      version: "1.2.3", node: "00", incarnation: nil, uptimeSeconds: 1,
      clock: ClockView(bootUs: 10_000_000, wallUs: 2, trusted: true, errorUs: 1_500),
      storage: StorageView(state: "recording", commits: 7, readings: 9, pendingReadings: 2),
      loop: LoopView(turns: 1, lagMaxUs: 2_000, busyMaxUs: 1_000, over50Ms: 0),
      devices: ["connected": 1], questions: [], notices: [])
  }

  private func device(_ state: DeviceView.State) -> DeviceView {
    var device = DeviceView(id: "board-1", state: state, simulated: false)
    device.name = "serre \"1\""
    var reading = ReadingView(
      device: "board-1", channel: "t", unit: "Cel", value: .decimal(215, exponent: -1),
      arrivalUs: 8_000_000, quality: .good, pending: false, simulated: false)
    let text = ReadingView(
      device: "board-1", channel: "door", unit: "", value: .text("open"), arrivalUs: 9_000_000,
      quality: .good, pending: false, simulated: false)
    reading.timeUs = 1
    device.channels = [
      ChannelView(key: "t", unit: "Cel", kind: "measurement", last: reading),
      ChannelView(key: "door", unit: "", kind: "text", last: text),
      ChannelView(key: "never", unit: "", kind: "measurement"),
    ]
    device.link = LinkView()
    device.link?.framesCorrupt = 3
    return device
  }

  private func lines(_ devices: [DeviceView]) -> [String] {
    String(decoding: MetricsPage(status: status(), devices: devices).bytes, as: UTF8.self)
      .split(separator: "\n").map(String.init)
  }

  @Test("values, their age and the counts of the line are there, in base units") func present() {
    let lines = lines([device(.connected)])
    let labels = "device=\"board-1\",name=\"serre \\\"1\\\"\""
    #expect(lines.contains("bivouac_reading{\(labels),channel=\"t\",unit=\"Cel\"} 21.5"))
    #expect(lines.contains("bivouac_reading_age_seconds{\(labels),channel=\"t\",unit=\"Cel\"} 2"))
    #expect(lines.contains("bivouac_reading_age_seconds{\(labels),channel=\"door\",unit=\"\"} 1"))
    #expect(lines.contains("bivouac_link_frames_total{\(labels),result=\"corrupt\"} 3"))
    #expect(lines.contains("bivouac_device_connected{\(labels)} 1"))
    #expect(lines.contains("bivouac_clock_error_seconds 0.0015"))
    #expect(!lines.contains { $0.contains("never") }, "a channel without a value has no series")
    #expect(!lines.contains { $0.hasPrefix("bivouac_reading{") && $0.contains("door") })
  }

  @Test("the series of a device vanish when it is gone") func vanish() {
    #expect(!lines([device(.absent)]).contains { $0.contains("board-1") })
    #expect(lines([device(.quiet)]).contains { $0.hasPrefix("bivouac_device_connected{") })
  }

  @Test("every family is announced once, and no sample stands outside its family") func families() {
    var seen: Set<String> = []
    var family = ""
    for line in lines([device(.connected), device(.connected)]) {
      if line.hasPrefix("# TYPE ") {
        family = String(line.split(separator: " ")[2])
        #expect(seen.insert(family).inserted, "\(family) twice")
      } else if !line.hasPrefix("#") {
        #expect(line.prefix { $0 != "{" && $0 != " " } == family)
      }
    }
    #expect(seen.count > 20)
  }
}
