/// Writes descriptors (PROTOCOL.md section 3) into a place of 4096 bytes.
///
/// It does not judge what it is given beyond the lengths of the format: look at the result with
/// `DescriptorReader.summary`. What does not fit is not written, and `isFull` says so.
public struct DescriptorBuilder: Sendable {
  private var buffer = InlineArray<4096, UInt8>(repeating: 0)

  /// Bytes written.
  public private(set) var count = 0
  /// Whether something did not fit.
  public private(set) var isFull = false

  /// An empty descriptor.
  public init() {}

  /// Its bytes, borrowed.
  public var span: Span<UInt8> {
    @_lifetime(borrow self)
    get { buffer.span.extracting(0..<count) }
  }

  /// States the model, 1 to 32 bytes.
  public mutating func model(_ text: Span<UInt8>) { tlv(0x01) { $0.put(text) } }

  /// States the firmware's version, 1 to 16 bytes.
  public mutating func firmware(_ text: Span<UInt8>) { tlv(0x02) { $0.put(text) } }

  /// Adds a channel.
  ///
  /// - Parameters:
  ///   - key: 1 to 16 bytes of `A-Z a-z 0-9 _ . -`.
  ///   - unit: a SenML unit, or empty.
  ///   - kind: 0 measurement, 1 state, 2 counter, 3 event, 4 text.
  ///   - exponent: a value is `n * 10^exponent`.
  ///   - limits: the smallest and largest `n`, if any.
  ///   - periodMs: between samples; 0 when it has none.
  ///   - label: what a person calls it, or empty.
  public mutating func channel(
    key: Span<UInt8>, unit: Span<UInt8>, kind: UInt8 = 0, exponent: Int8 = 0,
    limits: DescriptorLimits? = nil, periodMs: UInt64 = 0, label: Span<UInt8>
  ) {
    tlv(0x10) { builder in
      builder.tlv(0x01) { $0.put(key) }
      if !unit.isEmpty { builder.tlv(0x02) { $0.put(unit) } }
      if kind != 0 { builder.tlv(0x03) { $0.put(kind) } }
      if exponent != 0 { builder.tlv(0x04) { $0.put(UInt8(bitPattern: exponent)) } }
      if let limits { builder.tlv(0x05) { $0.put(limits) } }
      if periodMs != 0 { builder.tlv(0x07) { $0.put(varint: periodMs) } }
      if !label.isEmpty { builder.tlv(0x08) { $0.put(label) } }
    }
  }

  /// Adds a command of one argument, or none.
  ///
  /// - Parameters:
  ///   - name: 1 to 16 bytes of `A-Z a-z 0-9 _ . -`.
  ///   - op: its number.
  ///   - argument: the name of its argument; empty when it takes none.
  ///   - isText: whether the argument is text.
  ///   - limits: of the integer, or of the length of the text.
  ///   - takesLease: whether what it tells is held by a lease.
  ///   - isSignal: whether it does nothing but light or sound (PROTOCOL.md section 3).
  public mutating func command(
    name: Span<UInt8>, op: UInt8, argument: Span<UInt8>, isText: Bool = false,
    limits: DescriptorLimits? = nil, takesLease: Bool = false, isSignal: Bool = false
  ) {
    tlv(0x11) { builder in
      builder.tlv(0x01) { $0.put(name) }
      builder.tlv(0x02) { $0.put(op) }
      if !argument.isEmpty {
        builder.tlv(0x03) {
          $0.put(isText ? 1 : 0)
          $0.put(0)
          $0.put(argument)
        }
        if let limits { builder.tlv(0x04) { $0.put(limits) } }
      }
      let flags: UInt8 = (takesLease ? 1 : 0) | (isSignal ? 2 : 0)
      if flags != 0 { builder.tlv(0x05) { $0.put(flags) } }
    }
  }

  // MARK: Bytes

  /// Writes a TLV whole, or nothing.
  private mutating func tlv(_ tag: UInt8, _ value: (inout Self) -> Void) {
    let start = count
    put(tag)
    put(0)
    value(&self)
    let bytes = count - start - 2
    if isFull || bytes > 0xFF {
      isFull = true
      count = start
    } else {
      buffer[start + 1] = UInt8(bytes)
    }
  }

  private mutating func put(_ byte: UInt8) {
    guard count < Limits.descriptorBytesMax else {
      isFull = true
      return
    }
    buffer[count] = byte
    count += 1
  }

  private mutating func put(_ bytes: Span<UInt8>) {
    for index in bytes.indices { put(bytes[index]) }
  }

  private mutating func put(varint value: UInt64) {
    var rest = value
    while rest > 0x7F {
      put(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest &>>= 7
    }
    put(UInt8(truncatingIfNeeded: rest))
  }

  private mutating func put(_ limits: DescriptorLimits) {
    put(varint: Varint.zigzag(limits.low))
    put(varint: Varint.zigzag(limits.high))
  }
}
