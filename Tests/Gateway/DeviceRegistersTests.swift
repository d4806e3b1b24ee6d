import Model
import Sync
import Testing

@testable import Devices
@testable import Gateway

@Suite("Device registers") struct DeviceRegistersTests {
  private let identity: DeviceIdentity
  private let node: NodeId

  init() throws {
    identity = try #require(DeviceIdentity(kind: .companion, bytes: Array(1...8)))
    node = try #require(NodeId(Array(repeating: 7, count: 32)))
  }

  /// Everything that a device may have, set.
  private func full() -> RememberedDevice {
    var device = RememberedDevice(identity: identity, kind: .companion)
    device.name = "Serre 2 é"
    device.openPolicy = false
    device.speedBaud = 9600
    device.usb = DeviceIdentity(kind: .portPath, bytes: Array("1a86:7523@1-2".utf8))
    device.lastSocket = "pci-0000:00:14.0-usb-0:2:1.0"
    device.model = "esp32"
    device.descriptorHash = .max
    device.hardwareHint = 0x1234_5678_9ABC_DEF0
    device.repeats = true
    device.answered = true
    device.partOf = DeviceIdentity(kind: .companion, bytes: Array(2...9))
    return device
  }

  /// Applies writes as a commit would.
  private func apply(_ writes: [RegisterWrite], to fold: inout RegisterFold, seq: UInt64) {
    for (index, write) in writes.enumerated() {
      let record = RecordId(
        origin: node, incarnation: Incarnation(1), lane: .state, seq: seq + UInt64(index))
      let stamp = Stamp(trusted: true, bootUs: 0, wallUs: Int64(seq), author: "test")
      fold.apply(write, record: record, stamp: stamp)
    }
  }

  @Test("what was written is restored, whole or bare") func roundTrip() throws {
    for device in [full(), RememberedDevice(identity: identity)] {
      var fold = RegisterFold()
      apply(DeviceRegisters.writes(for: device, fold: fold), to: &fold, seq: 1)
      #expect(DeviceRegisters.restore(fold) == [device])
    }
  }

  @Test("only what differs is written") func differences() throws {
    var device = full()
    var fold = RegisterFold()
    apply(DeviceRegisters.writes(for: device, fold: fold), to: &fold, seq: 1)
    #expect(DeviceRegisters.writes(for: device, fold: fold).isEmpty)
    device.name = "other"
    let renamed = DeviceRegisters.writes(for: device, fold: fold)
    #expect(renamed.map(\.key) == [RegisterKey(.deviceName, identity)])
    #expect(renamed.first?.replaces.count == 1)
    device.name = ""
    let unnamed = DeviceRegisters.writes(for: device, fold: fold)
    #expect(unnamed.map(\.value) == [nil])
  }

  @Test("a change taken back leaves nothing behind") func back() throws {
    let device = full()
    var bare = device
    (bare.name, bare.openPolicy, bare.partOf) = ("", nil, nil)
    var fold = RegisterFold()
    for (seq, state) in [device, bare].enumerated() {
      let writes = DeviceRegisters.writes(for: state, fold: fold)
      apply(writes, to: &fold, seq: UInt64(seq) * 100 + 1)
    }
    #expect(DeviceRegisters.restore(fold) == [bare])
  }

  @Test("a forgotten device is gone, and forgetting it twice writes nothing") func forgotten()
    throws
  {
    var fold = RegisterFold()
    apply(DeviceRegisters.writes(for: full(), fold: fold), to: &fold, seq: 1)
    apply(DeviceRegisters.removals(of: identity, fold: fold), to: &fold, seq: 100)
    #expect(DeviceRegisters.restore(fold).isEmpty)
    #expect(DeviceRegisters.removals(of: identity, fold: fold).isEmpty)
  }

  @Test("a damaged register counts as not set, and one of no device as nothing") func damaged() {
    var fold = RegisterFold()
    let writes = [
      RegisterWrite(key: RegisterKey(.lastSeen, identity), value: [0xFF], replaces: []),
      RegisterWrite(key: RegisterKey(.deviceKind, identity), value: [0xFF, 0xFE], replaces: []),
      RegisterWrite(key: RegisterKey(.speed, identity), value: Array("fast".utf8), replaces: []),
      RegisterWrite(key: RegisterKey(.assignment, identity), value: [9], replaces: []),
      RegisterWrite(key: RegisterKey(.deviceName, [0xFF]), value: [0x41], replaces: []),
    ]
    apply(writes, to: &fold, seq: 1)
    #expect(DeviceRegisters.restore(fold) == [RememberedDevice(identity: identity)])
  }
}
