/// The fields before the columns of a content.
struct BlockHead {
  static let version: UInt8 = 1
  /// Bit 0 of the flags: the clock is the device's.
  private static let deviceFlag: UInt8 = 1
  /// Bits 1 and 2: the form.
  private static let formShift: UInt8 = 1

  var description: BlockDescription
  var count: Int
  var firstCommit: Int64
  var commitCount: Int

  func write(to bytes: inout [UInt8]) {
    var exponent: Int8 = 0
    let form: UInt8
    switch description.form {
    case .decimal(let of): (form, exponent) = (0, of)
    case .float: form = 1
    case .text: form = 2
    }
    bytes.append(Self.version)
    let unit = description.unit
    precondition(unit.count <= Limits.unitBytesMax, "a unit of \(unit.count) bytes")
    switch description.clock {
    case .node:
      bytes.append(form << Self.formShift)
    case .device(let epoch):
      bytes.append(form << Self.formShift | Self.deviceFlag)
      bytes.appendVarint(UInt64(epoch))
    }
    bytes.append(description.kind)
    bytes.append(UInt8(bitPattern: exponent))
    bytes.append(UInt8(unit.count))
    bytes.append(contentsOf: unit)
    bytes.appendVarint(count)
    bytes.appendVarint(UInt64(firstCommit))
    bytes.appendVarint(commitCount)
  }

  @_lifetime(source: copy source)
  static func read(_ source: inout ByteSource) throws(CodecError) -> Self {
    guard try source.u8() == version else { throw CodecError(.version, at: 0) }
    let flagsAt = source.offset
    let flags = try source.u8()
    guard flags <= 0b101 else { throw CodecError(.mode, at: flagsAt) }
    var clock = BlockDescription.Clock.node
    if flags & deviceFlag != 0 {
      clock = .device(epoch: UInt32(try source.count(max: Int(UInt32.max))))
    }
    let kind = try source.u8()
    let exponentAt = source.offset
    let exponent = Int8(bitPattern: try source.u8())
    let form: BlockDescription.Form
    switch flags >> formShift {
    case 0: form = .decimal(exponent: exponent)
    case 1: form = .float
    default: form = .text
    }
    if flags >> formShift != 0, exponent != 0 { throw CodecError(.range, at: exponentAt) }
    let unit = try unit(&source)
    let count = try source.count(min: 1, max: Limits.readingsMax)
    let firstCommit = Int64(try source.count(max: Int(UInt32.max)))
    let commitCount = try source.count(min: 1, max: Limits.commitsMax)
    return Self(
      description: BlockDescription(clock: clock, form: form, kind: kind, unit: unit),
      count: count, firstCommit: firstCommit, commitCount: commitCount)
  }

  @_lifetime(source: copy source)
  private static func unit(_ source: inout ByteSource) throws(CodecError) -> [UInt8] {
    let start = source.offset
    let size = Int(try source.u8())
    guard size <= Limits.unitBytesMax else { throw CodecError(.count, at: start) }
    let unit = try source.raw(size)
    for byte in unit where byte < 0x20 || byte > 0x7E { throw CodecError(.range, at: start) }
    return unit
  }
}
