import CCompanion
import Protocol

@testable import ProtocolSearch

/// The C library's board, driven like `PlayedBoard`: the same calls, the same port.
@safe final class CBoard {
  private let config: UnsafeMutablePointer<bivouac_config>
  private let board: UnsafeMutablePointer<bivouac_board>
  private let ring: UnsafeMutablePointer<bivouac_slot>
  let slots: Int
  var port = PlayedPort()

  init(settings: DeviceSettings, slots: Int) {
    self.slots = slots
    unsafe config = .allocate(capacity: 1)
    unsafe config.initialize(to: bivouac_config())
    unsafe board = .allocate(capacity: 1)
    unsafe board.initialize(to: bivouac_board())
    unsafe ring = .allocate(capacity: slots)
    unsafe ring.initialize(repeating: bivouac_slot(), count: slots)
    unsafe config.pointee.context = Unmanaged.passUnretained(self).toOpaque()
    unsafe config.pointee.ring = ring
    unsafe config.pointee.ring_slots = bivouac_index(slots)
    unsafe config.pointee.sampling_rate = settings.samplesPer1000s
    unsafe config.pointee.batch_ms = UInt16(settings.batchMs)
    unsafe config.pointee.descriptor_length = UInt16(port.descriptor.count)
    unsafe withUnsafeMutableBytes(of: &config.pointee.hardware_hint) { bytes in
      for index in 0..<8 {
        unsafe bytes[index] = UInt8(truncatingIfNeeded: settings.hardwareHint >> (8 * index))
      }
    }
    setCallbacks()
  }

  deinit {
    unsafe ring.deallocate()
    unsafe board.deallocate()
    unsafe config.deallocate()
  }

  private static func of(_ board: UnsafeMutablePointer<bivouac_board>?) -> CBoard {
    guard let context = unsafe board?.pointee.config?.pointee.context else {
      preconditionFailure("a callback without context")
    }
    return unsafe Unmanaged<CBoard>.fromOpaque(context).takeUnretainedValue()
  }

  private func setCallbacks() {
    unsafe config.pointee.descriptor = { board, offset in
      unsafe CBoard.of(board).port.descriptorByte(at: Int(offset))
    }
    unsafe config.pointee.receive = { board in
      unsafe CBoard.of(board).port.receive().map(Int16.init) ?? -1
    }
    unsafe config.pointee.transmit = { board, bytes, count in
      let span = unsafe UnsafeBufferPointer(start: bytes, count: Int(count)).span
      return unsafe bivouac_size(CBoard.of(board).port.transmit(span))
    }
    unsafe config.pointee.load = { board, slot, record in
      guard let stored = unsafe CBoard.of(board).port.loadRecord(slot: Int(slot)),
        let record = unsafe record
      else { return false }
      for index in 0..<20 { unsafe record[index] = stored[index] }
      return true
    }
    unsafe config.pointee.store = { board, slot, record in
      guard let record = unsafe record else { return }
      var copy = InlineArray<20, UInt8>(repeating: 0)
      for index in 0..<20 { unsafe copy[index] = record[index] }
      unsafe CBoard.of(board).port.storeRecord(copy, slot: Int(slot))
    }
    unsafe config.pointee.on_command = { board, op, arguments, value in
      guard let arguments = unsafe arguments, let value = unsafe value else {
        return BIVOUAC_FAILED
      }
      let bytes = unsafe UnsafeBufferPointer(
        start: arguments.pointee.bytes, count: Int(arguments.pointee.count))
      let outcome = unsafe CBoard.of(board).port.command(op: op, arguments: bytes.span)
      unsafe value.pointee = outcome.value
      return bivouac_status(rawValue: UInt32(outcome.status.rawValue))
    }
    unsafe config.pointee.on_lease_lapsed = { board, op in
      unsafe CBoard.of(board).port.leaseLapsed(op: op)
    }
    unsafe config.pointee.on_reset_to_boot = { board in
      unsafe CBoard.of(board).port.resetToBoot()
    }
  }

  func start(settings: DeviceSettings, ticks: UInt32, nonce: UInt32) {
    port.reset()
    unsafe bivouac_start(board, config, ticks, nonce)
    unsafe bivouac_set_maxima(
      board, settings.bodyBytesToHostMax, settings.bodyBytesToBoardMax, settings.windowBytes)
  }

  func poll(ticks: UInt32) { unsafe bivouac_poll(board, ticks) }

  func push(channel: UInt8, integer: Int64, ticks: UInt32) -> Bool {
    unsafe bivouac_push_integer(board, channel, integer, ticks)
  }

  func push(channel: UInt8, float: Double, ticks: UInt32) -> Bool {
    unsafe bivouac_push_float(board, channel, float, ticks)
  }

  func log(level: UInt8, text: [UInt8]) -> Bool {
    unsafe (text + [0]).withUnsafeBufferPointer { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) {
        unsafe bivouac_log(board, level, $0.baseAddress)
      }
    }
  }

  func finish(_ outcome: DeviceOutcome) {
    unsafe bivouac_finish(
      board, bivouac_status(rawValue: UInt32(outcome.status.rawValue)), outcome.value)
  }

  func sleepEnded(ticks: UInt32) { unsafe bivouac_sleep_ended(board, ticks) }

  /// Slots of the ring in use: a wide sample takes two.
  var slotsUsed: Int { unsafe Int(board.pointee.used) }

  /// Good, corrupt, malformed, unknown, ignored, logs dropped; samples made and dropped.
  var counts: [UInt32] {
    func count(_ counter: bivouac_counter) -> UInt32 {
      unsafe withUnsafeBytes(of: board.pointee.counts) { bytes in
        unsafe bytes.bindMemory(to: bivouac_count.self)[Int(counter.rawValue)]
      }
    }
    // The C library counts a good frame once, by what came of it.
    let good =
      count(BIVOUAC_ACTED) + count(BIVOUAC_IGNORED) + count(BIVOUAC_MALFORMED)
      + count(BIVOUAC_UNKNOWN)
    return unsafe [
      good, count(BIVOUAC_CORRUPT), count(BIVOUAC_MALFORMED), count(BIVOUAC_UNKNOWN),
      count(BIVOUAC_IGNORED), count(BIVOUAC_LOGS_LOST), bivouac_made(board), bivouac_lost(board),
    ]
  }
}
