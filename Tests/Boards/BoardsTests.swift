import Protocol
import Reactor
import Testing

@testable import Boards

@Suite("Devices that a program plays") struct PlayedDeviceTests {
  @Test("both descriptors are valid, and state every channel that is measured")
  func descriptors() throws {
    var devices: [(any PlayedDevice, channels: Int, commands: Int)] = []
    devices.append((Esp32Device(seed: 1), 1, 2))
    devices.append((OtomateDevice(seed: 1, secondsOfDay: 30_000), 27, 9))
    for (device, channels, commands) in devices {
      let summary = try DescriptorReader.summary(device.descriptor.span)
      #expect(summary.channelCount == channels)
      #expect(summary.commandCount == commands)
      var measured: [UInt8] = []
      var copy = device
      copy.scan(elapsedMs: 1000) { channel, _ in measured.append(channel) }
      #expect(measured == (0..<UInt8(channels)).map { $0 })
    }
  }

  @Test(
    "every value stays within its stated limits through two days",
    arguments: 1...4 as ClosedRange<UInt64>)
  func withinLimits(seed: UInt64) throws {
    var devices: [any PlayedDevice] = [Esp32Device(seed: seed)]
    devices.append(OtomateDevice(seed: seed, secondsOfDay: 30_000))
    for var device in devices {
      var limits: [DescriptorLimits?] = []
      try DescriptorReader.forEachChannel(device.descriptor.span) { channel throws(Malformed) in
        limits.append(channel.limits)
      }
      var outside: [String] = []
      for _ in 0..<5_760 {
        device.scan(elapsedMs: 30_000) { channel, value in
          guard let limit = limits[Int(channel)] else { return }
          if value < limit.low || value > limit.high { outside.append("\(channel): \(value)") }
        }
      }
      #expect(outside == [], "seed \(seed)")
    }
  }

  @Test("a roll-up moves in its time, and ends with its position") func rollUp() {
    var device = OtomateDevice(seed: 1, secondsOfDay: 0)
    let begun = device.command(op: 12, arguments: [UInt8(50 << 1)].span)
    #expect(begun.outcome.status == .running)
    #expect(begun.said == .command(name: "r2", argument: "50"))
    var seconds = 0
    var outcome: DeviceOutcome?
    while outcome == nil && seconds < 100 {
      device.scan(elapsedMs: 1000) { _, _ in }
      outcome = device.takeFinished()
      seconds += 1
    }
    #expect(outcome == DeviceOutcome(.done, value: 50))
    #expect(seconds == 25)
  }

  private func status(
    of op: UInt8, _ arguments: [UInt8], on device: some PlayedDevice
  ) -> CommandStatus {
    var device = device
    return device.command(op: op, arguments: arguments.span).outcome.status
  }

  @Test("arguments out of range, of the wrong kind or left over are refused") func arguments() {
    let otomate = OtomateDevice(seed: 1, secondsOfDay: 0)
    #expect(status(of: 1, [4], on: otomate) == .badArgument)
    #expect(status(of: 11, [], on: otomate) == .badArgument)
    #expect(status(of: 1, [2, 2], on: otomate) == .badArgument)
    #expect(status(of: 99, [2], on: otomate) == .unknownOp)
    var esp32 = Esp32Device(seed: 1)
    #expect(status(of: 2, [3, 0x61], on: esp32) == .badArgument)
    #expect(status(of: 2, [1, 0xFF], on: esp32) == .badArgument)
    #expect(status(of: 2, [2, 0x61, 0x62], on: esp32) == .done)
    let text: [UInt8] = [2, 0x61, 0x62]
    _ = esp32.command(op: 2, arguments: text.span)
    #expect(esp32.display == "ab")
  }

  @Test("a lapsed lease turns its relay off") func lease() {
    var device = OtomateDevice(seed: 1, secondsOfDay: 0)
    func relay() -> Int64 {
      var value: Int64 = -1
      device.scan(elapsedMs: 1000) { if $0 == 22 { value = $1 } }
      return value
    }
    _ = device.command(op: 3, arguments: [2].span)
    #expect(relay() == 1)
    #expect(device.leaseLapsed(op: 3) == "d3")
    #expect(relay() == 0)
  }
}
