import CCompanion
import Protocol

@testable import ProtocolSearch

/// The C library's board, in a world of Swift. It owns the board's memory, and nobody else sees it.
@safe final class DifferentialBoard {
  let world: DifferentialWorld
  private let board: UnsafeMutablePointer<bivouac_board>
  private let config: UnsafeMutablePointer<bivouac_config>
  private let ring: UnsafeMutableBufferPointer<bivouac_slot>

  init(
    world: DifferentialWorld, settings: DeviceSettings, slots: Int, ticks: UInt32, nonce: UInt32
  ) {
    self.world = world
    unsafe board = .allocate(capacity: 1)
    unsafe config = .allocate(capacity: 1)
    unsafe ring = .allocate(capacity: slots)
    unsafe ring.initialize(repeating: bivouac_slot())
    unsafe board.initialize(to: bivouac_board())
    var filled = unsafe bivouac_config()
    // The board lives no longer than this object, which holds the world.
    unsafe filled.context = Unmanaged.passUnretained(world).toOpaque()
    unsafe filled.ring = ring.baseAddress
    unsafe filled.ring_slots = UInt32(slots)
    unsafe filled.batch_ms = UInt16(settings.batchMs)
    unsafe filled.sampling_rate = settings.samplesPer1000s
    unsafe filled.descriptor_length = settings.descriptorBytes
    unsafe withUnsafeMutableBytes(of: &filled.hardware_hint) {
      unsafe $0.storeBytes(of: settings.hardwareHint, as: UInt64.self)
    }
    unsafe Self.connect(&filled)
    unsafe config.initialize(to: filled)
    unsafe bivouac_start(board, config, ticks, nonce)
    unsafe bivouac_set_maxima(
      board, settings.bodyBytesToHostMax, settings.bodyBytesToBoardMax, settings.windowBytes)
  }

  deinit {
    unsafe board.deallocate()
    unsafe config.deallocate()
    unsafe ring.deallocate()
  }

  var made: UInt32 { unsafe bivouac_made(board) }
  var lost: UInt32 { unsafe bivouac_lost(board) }
  var isAttached: Bool { unsafe bivouac_is_attached(board) }

  func poll(ticks: UInt32) { unsafe bivouac_poll(board, ticks) }

  func push(channel: UInt8, integer: Int64, ticks: UInt32) -> Bool {
    unsafe bivouac_push_integer(board, channel, integer, ticks)
  }

  func push(channel: UInt8, float: Double, ticks: UInt32) -> Bool {
    unsafe bivouac_push_float(board, channel, float, ticks)
  }

  /// Bytes without a zero.
  func log(level: UInt8, text: [UInt8]) -> Bool {
    let line = (text + [0]).map { CChar(bitPattern: $0) }
    return unsafe bivouac_log(board, level, line)
  }

  /// Bytes without a zero.
  func print(_ text: [UInt8]) -> Bool {
    let line = (text + [0]).map { CChar(bitPattern: $0) }
    return unsafe bivouac_text(board, line)
  }

  func finish(_ outcome: DeviceOutcome) {
    let status = bivouac_status(UInt32(outcome.status.rawValue))
    unsafe bivouac_finish(board, status, outcome.value)
  }

  func sleepEnded(ticks: UInt32) { unsafe bivouac_sleep_ended(board, ticks) }

  // MARK: Callbacks

  private static func connect(_ config: inout bivouac_config) {
    unsafe config.receive = { board in
      guard let byte = unsafe theWorld(of: board).heard.popFirst() else { return -1 }
      return Int16(byte)
    }
    unsafe config.transmit = { board, bytes, count in
      let bytes = unsafe Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
      return unsafe UInt16(theWorld(of: board).transmit(bytes))
    }
    unsafe config.descriptor = { board, offset in
      unsafe theWorld(of: board).descriptor[Int(offset)]
    }
    unsafe config.load = { board, slot, record in
      let bytes = unsafe theWorld(of: board).records[Int(slot)]
      for index in bytes.indices { unsafe record?[index] = bytes[index] }
      return true
    }
    unsafe config.store = { board, slot, record in
      let bytes = unsafe Array(UnsafeBufferPointer(start: record, count: 20))
      unsafe theWorld(of: board).store(bytes, slot: Int(slot))
    }
    unsafe config.on_command = { board, op, arguments, value in
      guard let arguments = unsafe arguments?.pointee else { return BIVOUAC_FAILED }
      let bytes = unsafe Array(
        UnsafeBufferPointer(start: arguments.bytes, count: Int(arguments.count)))
      let outcome = unsafe theWorld(of: board).command(op: op, arguments: bytes)
      unsafe value?.pointee = outcome.value
      return bivouac_status(UInt32(outcome.status.rawValue))
    }
    unsafe config.on_lease_lapsed = { board, op in
      unsafe theWorld(of: board).events.append("lapsed \(op)")
    }
    unsafe config.on_reset_to_boot = { board in
      unsafe theWorld(of: board).events.append("boot loader")
    }
  }
}

/// The world that a board's config points at.
private func theWorld(of board: UnsafeMutablePointer<bivouac_board>?) -> DifferentialWorld {
  guard let context = unsafe board?.pointee.config.pointee.context else {
    preconditionFailure("a board without its world")
  }
  return unsafe Unmanaged<DifferentialWorld>.fromOpaque(context).takeUnretainedValue()
}
