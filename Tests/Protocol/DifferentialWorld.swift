import Protocol

@testable import ProtocolSearch

/// What surrounds one of two boards that are given the same things; both are compared by it.
final class DifferentialWorld {
  /// Bytes that the board has yet to receive.
  var heard: ArraySlice<UInt8> = []
  /// Bytes that it sent since they were last taken.
  var said: [UInt8] = []
  /// Bytes that the line takes before it is full.
  var room = Int.max
  var records: [[UInt8]]
  /// Bytes that the memory still takes before it is worn out; nil: for ever.
  var writable: Int?
  /// What was asked of the application, in order.
  var events: [String] = []
  let descriptor: [UInt8]

  init(records: [[UInt8]], writable: Int?, descriptor: [UInt8]) {
    self.records = records
    self.writable = writable
    self.descriptor = descriptor
  }

  func transmit(_ bytes: [UInt8]) -> Int {
    let count = min(bytes.count, room)
    said += bytes.prefix(count)
    room -= count
    return count
  }

  func store(_ record: [UInt8], slot: Int) {
    events.append("store \(slot) \(record)")
    for index in record.indices {
      if let left = writable {
        guard left > 0 else { return }
        writable = left - 1
      }
      records[slot][index] = record[index]
    }
  }

  /// An outcome that depends on nothing but the order.
  func command(op: UInt8, arguments: [UInt8]) -> DeviceOutcome {
    events.append("command \(op) \(arguments)")
    let statuses: [CommandStatus] = [
      .done, .running, .failed, .unknownOp, .badArgument, .refused, .done, .running,
    ]
    let value = arguments.reduce(Int32(op)) { ($0 &* 31) &+ Int32($1) }
    return DeviceOutcome(statuses[Int(op) % statuses.count], value: value)
  }

  func takeSaid() -> [UInt8] {
    defer { said.removeAll(keepingCapacity: true) }
    return said
  }
}

/// The world as the Swift board sees it.
struct DifferentialPort: DevicePort {
  let world: DifferentialWorld

  func receive() -> UInt8? { world.heard.popFirst() }

  func transmit(_ bytes: Span<UInt8>) -> Int { world.transmit(bytes.array) }

  func descriptorByte(at offset: Int) -> UInt8 { world.descriptor[offset] }

  func loadRecord(slot: Int) -> InlineArray<20, UInt8>? {
    var record = InlineArray<20, UInt8>(repeating: 0)
    for index in 0..<20 { record[index] = world.records[slot][index] }
    return record
  }

  func storeRecord(_ record: InlineArray<20, UInt8>, slot: Int) {
    world.store(record.indices.map { record[$0] }, slot: slot)
  }

  func command(op: UInt8, arguments: Span<UInt8>) -> DeviceOutcome {
    world.command(op: op, arguments: arguments.array)
  }

  func leaseLapsed(op: UInt8) { world.events.append("lapsed \(op)") }

  func resetToBoot() { world.events.append("boot loader") }
}
