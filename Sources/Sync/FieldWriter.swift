internal import Model
internal import Protocol

/// Appends the fields of canonical bodies (docs/storage-format.md).
struct FieldWriter {
  private(set) var bytes: [UInt8] = []

  mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

  mutating func u8(_ value: UInt8) { bytes.append(value) }

  /// Little-endian, as every fixed integer of these bodies.
  mutating func fixed<Integer: FixedWidthInteger & UnsignedInteger>(_ value: Integer) {
    var rest = value
    for _ in 0..<(Integer.bitWidth / 8) {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest = Integer(truncatingIfNeeded: UInt64(rest) >> 8)
    }
  }

  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func varint(_ value: Int) { varint(UInt64(value)) }

  mutating func zigzag(_ value: Int64) {
    varint(Varint.zigzag(value))
  }

  mutating func raw(_ field: [UInt8]) { bytes.append(contentsOf: field) }

  mutating func bytes8(_ field: some Collection<UInt8>) {
    precondition(field.count <= 255, "a bytes8 of \(field.count)")
    bytes.append(UInt8(field.count))
    bytes.append(contentsOf: field)
  }

  mutating func bytesV(_ field: some Collection<UInt8>) {
    varint(field.count)
    bytes.append(contentsOf: field)
  }

  /// What begins every byte that is signed or hashed: its ASCII name and a zero byte.
  mutating func purpose(_ name: String) {
    bytes.append(contentsOf: name.utf8)
    bytes.append(0)
  }

  mutating func identity(_ identity: DeviceIdentity) {
    u8(identity.kind.rawValue)
    bytes8(identity.bytes)
  }
}
