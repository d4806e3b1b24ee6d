internal import Protocol
internal import Reactor

/// The hardware of a played board: the master of a pseudo-terminal as its UART, and a memory for
/// its identity that lasts as long as the program.
struct BoardPort: DevicePort {
  private let raw: Int32
  private var received = [UInt8](repeating: 0, count: Limits.readBytesMax)
  private var receivedCount = 0
  private var taken = 0
  private var records: [InlineArray<20, UInt8>?] = [nil, nil]
  private let descriptor: [UInt8]
  var device: any PlayedDevice
  private(set) var events: [BoardEvent] = []
  private(set) var isResetWanted = false

  init(raw: Int32, device: any PlayedDevice) {
    self.raw = raw
    self.device = device
    descriptor = device.descriptor
  }

  var descriptorBytes: UInt16 { UInt16(descriptor.count) }

  /// Whether bytes were read from the line that the session has not taken.
  var hasBytes: Bool { taken < receivedCount }

  mutating func takeEvents() -> [BoardEvent] {
    defer { events = [] }
    return events
  }

  /// What a reset does to a UART; the identity stays.
  mutating func reset() {
    (receivedCount, taken) = (0, 0)
    isResetWanted = false
  }

  mutating func receive() -> UInt8? {
    if taken == receivedCount {
      (receivedCount, taken) = (0, 0)
      do throws(Errno) {
        if case .count(let count) = try System.read(raw, into: &received) { receivedCount = count }
      } catch {
        // A line that is gone says nothing; its registration tells.
        return nil
      }
    }
    guard taken < receivedCount else { return nil }
    defer { taken += 1 }
    return received[taken]
  }

  mutating func transmit(_ bytes: Span<UInt8>) -> Int {
    do throws(Errno) {
      guard case .count(let count) = try System.write(raw, from: bytes) else { return 0 }
      return count
    } catch {
      return 0
    }
  }

  func descriptorByte(at offset: Int) -> UInt8 { descriptor[offset] }

  mutating func loadRecord(slot: Int) -> InlineArray<20, UInt8>? { records[slot] }

  mutating func storeRecord(_ record: InlineArray<20, UInt8>, slot: Int) {
    records[slot] = record
  }

  mutating func command(op: UInt8, arguments: Span<UInt8>) -> DeviceOutcome {
    let (outcome, said) = device.command(op: op, arguments: arguments)
    if let said { events.append(said) }
    return outcome
  }

  mutating func leaseLapsed(op: UInt8) {
    events.append(.leaseLapsed(name: device.leaseLapsed(op: op)))
  }

  mutating func resetToBoot() {
    events.append(.resetToBoot)
    isResetWanted = true
  }
}
