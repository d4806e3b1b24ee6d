import Glibc
import Model
import Reactor
import Testing
import Web

@testable import Cli

/// A daemon made of routes that give fixed answers, on a socket of its own.
@Loop final class FakeDaemon {
  nonisolated let path: String
  private let server: HTTPServer

  init(_ routes: (inout Router) -> Void) throws {
    path = try temporaryFolder() + "/s"
    var router = Router()
    routes(&router)
    server = HTTPServer(router)
    try server.start(try Listener(unix: path))
  }

  func stop() async { await server.stop() }
}

struct NotPossible: Error {}

/// A folder of the test's own, made by mkdtemp under TMPDIR.
func temporaryFolder() throws -> String {
  let base = System.environment("TMPDIR") ?? P_tmpdir
  var template = Array("\(base)/bivouac-cli-XXXXXX".utf8CString)
  guard unsafe mkdtemp(&template) != nil else { throw NotPossible() }
  return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// What one command line came to.
struct Result {
  var code: ExitCode
  var text: String
  var notes: [String]
}

/// Runs a command line against a socket, as the program would, but within the test's process.
@Loop func perform(
  _ words: [String], at path: String, output: MemoryOutput = MemoryOutput()
) async -> Result {
  let around = Surroundings.with(["BIVOUAC_SOCKET": path])
  switch Cli.prepare(words, around, output) {
  case .done(let code): return Result(code: code, text: output.text, notes: output.notes)
  case .local: return Result(code: .failure, text: "", notes: ["local"])
  case .remote(let verb, let arguments, var settings):
    settings.isInUtc = true
    let conversation = Conversation(arguments, settings, output)
    let code = await DaemonVerbs.perform(verb, conversation)
    return Result(code: code, text: output.text, notes: output.notes)
  }
}

/// Views for answers and for drawing.
enum Sample {
  static var greenhouse: DeviceView {
    var device = DeviceView(id: "sim-00000000000000a1", state: .connected, simulated: true)
    device.name = "greenhouse"
    device.kind = "companion"
    device.model = "Otomate V2"
    device.firmware = "1.0"
    device.node = "/dev/pts/4"
    device.path = "simulated-1"
    device.epoch = 3
    device.heardAgoMs = 3_400
    device.channels = [
      ChannelView(key: "in.temp", unit: "Cel", kind: "measurement", last: reading()),
      ChannelView(key: "note", unit: "", kind: "text"),
    ]
    device.commands = [
      CommandSpecView(name: "d1", op: 1, arguments: ["on"], takesLease: true),
      CommandSpecView(name: "text", op: 2, arguments: ["text:text"], takesLease: false),
    ]
    device.link = LinkView()
    device.link?.bytesIn = 12_345
    device.link?.roundTripUs = 2_450
    device.log = ["boot \u{1B}[31mok"]
    return device
  }

  static var blocked: DeviceView {
    var device = DeviceView(
      id: "usbp-1a86:7523:0001@pci-0000:00:14.0-usb-0:2:1.0", state: .cannotOpen, simulated: false)
    device.node = "/dev/ttyUSB0"
    device.provisional = true
    device.questions = ["q-1"]
    device.problem = ProblemView(
      code: "port.permission", parameters: ["node": "/dev/ttyUSB0", "group": "dialout"],
      detail: "/dev/ttyUSB0 may not be opened by this user: join the group dialout")
    return device
  }

  static func reading(
    _ value: Value = .decimal(215, exponent: -1), seq: UInt32 = 7, pending: Bool = true
  ) -> ReadingView {
    var reading = ReadingView(
      device: "sim-00000000000000a1", channel: "in.temp", unit: "Cel", value: value,
      arrivalUs: 996_000_000, quality: .provisional, pending: pending, simulated: true)
    reading.timeUs = 1_763_700_000_123_456
    reading.nodeUs = 996_000_000
    reading.epoch = 3
    reading.seq = seq
    reading.ticksMs = 5_000
    return reading
  }

  static func command(_ state: CommandView.State, reason: String? = nil) -> CommandView {
    var command = CommandView(
      id: "0123456789abcdef0123456789abcdef", device: "sim-00000000000000a1", name: "d1",
      arguments: ["1"], state: state, issuer: "local:1000", issuedUs: 880_000_000,
      lifeMs: 30_000, leaseMs: 60_000)
    command.reason = reason
    return command
  }

  static var status: StatusView {
    var storage = StorageView(
      state: "recording", commits: 12, readings: 34_567, pendingReadings: 5)
    storage.databaseBytes = 3_200_000
    storage.freeBytes = 41_000_000_000
    return StatusView(
      version: "1.2.3", node: String(repeating: "ab", count: 32), incarnation: nil,
      uptimeSeconds: 3_725,
      clock: ClockView(
        bootUs: 1_000_000_000, wallUs: 1_763_700_000_000_000, trusted: true, errorUs: 2_300),
      storage: storage,
      loop: LoopView(turns: 123_456, lagMaxUs: 3_210, busyMaxUs: 3_000, over50Ms: 0),
      devices: ["connected": 1, "cannot-open": 1], questions: [], notices: [])
  }
}
