public import Model

/// What this node knows of one device's numbering in one epoch.
public struct Cursor: Hashable, Sendable {
  /// The device.
  public var identity: DeviceIdentity
  /// One run of the board between boots.
  public var epoch: UInt32
  /// The random number of that boot: same epoch and another nonce is a clone.
  public var nonce: UInt32
  /// Every seq below it is stored here or declared lost.
  public var next: UInt32
  /// Whether nothing more is expected: the board no longer lists the epoch.
  public var isClosed: Bool
  /// Samples the board's ring holds: the most that an unknown tail can be.
  public var ringCapacity: UInt32

  /// Puts a cursor together.
  public init(
    identity: DeviceIdentity, epoch: UInt32, nonce: UInt32, next: UInt32 = 0,
    isClosed: Bool = false, ringCapacity: UInt32
  ) {
    self.identity = identity
    self.epoch = epoch
    self.nonce = nonce
    self.next = next
    self.isClosed = isClosed
    self.ringCapacity = ringCapacity
  }
}

/// The cursors column of a commit (docs/storage-format.md section 3).
public enum CursorColumn {
  /// The version that is written.
  public static let version: UInt8 = 1

  /// Encodes cursors in the order given.
  public static func encode(_ cursors: [Cursor]) -> [UInt8] {
    var writer = FieldWriter()
    writer.u8(version)
    writer.varint(cursors.count)
    for cursor in cursors {
      writer.identity(cursor.identity)
      writer.fixed(cursor.epoch)
      writer.fixed(cursor.nonce)
      writer.fixed(cursor.next)
      writer.u8(cursor.isClosed ? 1 : 0)
      writer.fixed(cursor.ringCapacity)
    }
    return writer.bytes
  }

  /// Decodes a column; at most `Limits.cursorEntriesMax` entries.
  public static func decode(_ bytes: [UInt8]) throws(DecodeError) -> [Cursor] {
    var reader = FieldReader(bytes.span)
    guard try reader.u8() == version else { throw DecodeError(.version, at: 0) }
    let count = try reader.count(max: min(Limits.cursorEntriesMax, reader.remaining))
    var cursors: [Cursor] = []
    cursors.reserveCapacity(count)
    for _ in 0..<count {
      let identity = try reader.identity()
      let epoch = try reader.fixed(UInt32.self)
      let nonce = try reader.fixed(UInt32.self)
      let next = try reader.fixed(UInt32.self)
      let flagsAt = reader.offset
      let flags = try reader.u8()
      guard flags <= 1 else { throw DecodeError(.range, at: flagsAt) }
      cursors.append(
        Cursor(
          identity: identity, epoch: epoch, nonce: nonce, next: next, isClosed: flags == 1,
          ringCapacity: try reader.fixed(UInt32.self)))
    }
    try reader.end()
    return cursors
  }
}

/// The fold of every cursors column so far: the newest cursor of each (device, epoch).
///
/// Of each device at most `Limits.epochsPerDeviceMax` epochs are remembered; beyond, the oldest
/// closed one is forgotten, or else the oldest.
public struct CursorFold: Hashable, Sendable {
  private var byDevice: [DeviceIdentity: [Cursor]] = [:]

  /// Begins with nothing known.
  public init() {}

  /// The devices known.
  public var deviceCount: Int { byDevice.count }

  /// Every cursor, by device, then epoch.
  public var all: [Cursor] {
    byDevice.keys.sorted().flatMap { byDevice[$0] ?? [] }
  }

  /// The cursors of a device, lowest epoch first.
  public func cursors(of identity: DeviceIdentity) -> [Cursor] { byDevice[identity] ?? [] }

  /// The cursor of one epoch of a device.
  public func cursor(of identity: DeviceIdentity, epoch: UInt32) -> Cursor? {
    byDevice[identity]?.first { $0.epoch == epoch }
  }

  /// Takes a newer cursor in the place of the older one of its (device, epoch).
  public mutating func apply(_ cursor: Cursor) {
    var epochs = byDevice[cursor.identity] ?? []
    if let index = epochs.firstIndex(where: { $0.epoch >= cursor.epoch }) {
      if epochs[index].epoch == cursor.epoch {
        epochs[index] = cursor
      } else {
        epochs.insert(cursor, at: index)
      }
    } else {
      epochs.append(cursor)
    }
    if epochs.count > Limits.epochsPerDeviceMax {
      epochs.remove(at: epochs.dropLast().firstIndex { $0.isClosed } ?? 0)
    }
    byDevice[cursor.identity] = epochs
  }

  /// Takes a whole column.
  public mutating func apply(_ cursors: [Cursor]) {
    for cursor in cursors { apply(cursor) }
  }
}
