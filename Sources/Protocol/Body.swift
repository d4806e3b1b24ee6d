/// The body of one frame, of at most 250 bytes, held in place.
///
/// Appending beyond 250 bytes is a mistake of ours and stops the program: every encoder looks at
/// what fits first.
public struct Body: Sendable {
  private var bytes = InlineArray<250, UInt8>(repeating: 0)

  /// How many bytes it holds.
  public private(set) var count = 0

  /// An empty body.
  public init() {}

  /// A copy of some bytes; nil above 250.
  public init?(copying bytes: Span<UInt8>) {
    guard bytes.count <= Limits.bodyBytesMax else { return nil }
    append(bytes)
  }

  /// Its bytes, borrowed.
  public var span: Span<UInt8> {
    @_lifetime(borrow self)
    get { bytes.span.extracting(0..<count) }
  }

  /// One byte of it.
  public subscript(index: Int) -> UInt8 {
    get {
      precondition(index < count)
      return bytes[index]
    }
    set {
      precondition(index < count)
      bytes[index] = newValue
    }
  }

  /// Forgets its bytes.
  public mutating func removeAll() { count = 0 }

  /// Forgets its bytes from `count` on.
  public mutating func truncate(to count: Int) {
    precondition(count <= self.count)
    self.count = count
  }

  /// Appends one byte.
  public mutating func append(_ byte: UInt8) {
    bytes[count] = byte
    count += 1
  }

  /// Appends bytes.
  public mutating func append(_ bytes: Span<UInt8>) {
    for index in bytes.indices { append(bytes[index]) }
  }

  /// Appends a u16, little-endian.
  public mutating func append(u16 value: UInt16) {
    append(UInt8(truncatingIfNeeded: value))
    append(UInt8(truncatingIfNeeded: value &>> 8))
  }

  /// Appends a u32, little-endian.
  public mutating func append(u32 value: UInt32) {
    append(u16: UInt16(truncatingIfNeeded: value))
    append(u16: UInt16(truncatingIfNeeded: value &>> 16))
  }

  /// Appends the low 48 bits, little-endian.
  public mutating func append(u48 value: UInt64) {
    append(u32: UInt32(truncatingIfNeeded: value))
    append(u16: UInt16(truncatingIfNeeded: value &>> 32))
  }

  /// Appends a u64, little-endian.
  public mutating func append(u64 value: UInt64) {
    append(u32: UInt32(truncatingIfNeeded: value))
    append(u32: UInt32(truncatingIfNeeded: value &>> 32))
  }

  /// Appends an unsigned LEB128 in its shortest form.
  public mutating func append(varint value: UInt64) {
    var rest = value
    while rest > 0x7F {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest &>>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }

  /// Appends a signed number as the varint of its zigzag.
  public mutating func append(zigzag value: Int64) {
    append(varint: Varint.zigzag(value))
  }
}

extension Body: Equatable {
  /// Whether both hold the same bytes.
  public static func == (left: Self, right: Self) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count where left.bytes[index] != right.bytes[index] { return false }
    return true
  }
}
